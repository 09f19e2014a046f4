"""The courier alone, with a channel that does as a test tells it; with Telegram in test_telegram_delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.conversations import Conversation
from bot.domain.messages import Channel
from bot.gateway import courier as courier_module
from bot.gateway.courier import PARALLEL, Courier, Later, Refused, Unreachable
from bot.services import outbox as outbox_module
from bot.services.outbox import Delivery
from bot.wiring import Wiring
from tests.emulators.telegram_people import until
from tests.gateway.telegram_kit import a_conversation, says


@dataclass
class Carrier:
    """Keeps what was delivered; raises what `problems` holds first; waits while `is_open` is not set."""

    delivered: list[tuple[str, str]] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    problems: list[Exception] = field(default_factory=list)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    together: int = 0
    most_together: int = 0

    def __post_init__(self) -> None:
        self.is_open.set()

    async def deliver(self, delivery: Delivery) -> None:
        self.begun.append(delivery.message.text)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            await self.is_open.wait()
            if self.problems:
                raise self.problems.pop(0)
            await asyncio.sleep(0)
            self.delivered.append((delivery.conversation.address, delivery.message.text))
        finally:
            self.together -= 1

    def texts(self, chat: int) -> list[str]:
        return [text for address, text in self.delivered if address == str(chat)]


@asynccontextmanager
async def carrying(wiring: Wiring, carrier: Carrier) -> AsyncIterator[Courier]:
    courier = Courier(wiring, {Channel.TELEGRAM: carrier})
    running = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        carrier.is_open.set()
        await courier.stop()
        await running


async def states(wiring: Wiring, conversation: Conversation) -> list[str | None]:
    last = (await wiring.services.conversations.get(conversation.id)).last_seq
    async with wiring.house.work() as unit:
        return [await unit.outbox.state_of(conversation.id, seq) for seq in range(1, last + 1)]


async def settled(wiring: Wiring, conversation: Conversation, expected: list[str]) -> None:
    for _ in range(1000):
        if await states(wiring, conversation) == expected:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"expected {expected}, got {await states(wiring, conversation)}")


async def test_messages_of_one_person_arrive_in_order_once_each(wiring: Wiring) -> None:
    carrier = Carrier()
    people = [await a_conversation(wiring, chat) for chat in range(1, 6)]
    words = [f"phrase {number}" for number in range(6)]
    for person in people:
        await says(wiring, person, *words)
    async with carrying(wiring, carrier):
        await until(lambda: len(carrier.delivered) == 30, "everything delivered")
        await settled(wiring, people[4], ["delivered"] * 6)
    for chat in range(1, 6):
        assert carrier.texts(chat) == words


async def test_what_is_said_while_it_runs_goes_at_once(wiring: Wiring) -> None:
    carrier = Carrier()
    person = await a_conversation(wiring, 1)
    async with carrying(wiring, carrier):
        await asyncio.sleep(0.05)
        await says(wiring, person, "Bonjour")
        await until(lambda: carrier.delivered, "the message", 0.5)


async def test_people_are_served_together_up_to_a_bound(wiring: Wiring) -> None:
    carrier = Carrier()
    carrier.is_open.clear()
    for chat in range(PARALLEL + 4):
        await says(wiring, await a_conversation(wiring, chat), "Bonjour")
    async with carrying(wiring, carrier):
        await until(lambda: carrier.together == PARALLEL, "all places taken")
        await asyncio.sleep(0.05)
        carrier.is_open.set()
        await until(lambda: len(carrier.delivered) == PARALLEL + 4, "everything delivered")
    assert carrier.most_together == PARALLEL


async def test_one_slow_person_holds_nobody_else(wiring: Wiring) -> None:
    carrier = Carrier()
    slow, quick = await a_conversation(wiring, 1), await a_conversation(wiring, 2)
    async with carrying(wiring, carrier):
        gate = carrier.is_open
        gate.clear()
        await says(wiring, slow, "lent", "lent encore")
        await until(lambda: carrier.begun == ["lent"], "the slow one begun")
        carrier.is_open = asyncio.Event()
        carrier.is_open.set()
        await says(wiring, quick, "vite")
        await until(lambda: carrier.texts(2) == ["vite"], "the quick one")
        assert carrier.texts(1) == []
        gate.set()


async def test_later_keeps_the_order_and_comes_again(wiring: Wiring) -> None:
    carrier = Carrier(problems=[Later(0.1, "flood"), Later(0.1, "flood")])
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un", "deux")
    async with carrying(wiring, carrier):
        await settled(wiring, person, ["delivered", "delivered"])
    assert carrier.begun == ["un", "un", "un", "deux"]
    assert carrier.texts(1) == ["un", "deux"]


async def test_refused_message_is_given_up_and_the_next_goes(wiring: Wiring, caplog: pytest.LogCaptureFixture) -> None:
    carrier = Carrier(problems=[Refused()])
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "mauvais message", "bon message")
    async with carrying(wiring, carrier):
        await settled(wiring, person, ["failed", "delivered"])
    assert f"conversation={person.id} seq=1" in caplog.text
    assert "mauvais message" not in caplog.text


async def test_unreachable_person_gets_nothing_until_they_are_back(wiring: Wiring) -> None:
    carrier = Carrier(problems=[Unreachable()])
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un", "deux")
    async with carrying(wiring, carrier):
        await settled(wiring, person, ["failed", "failed"])
        assert not (await wiring.services.conversations.get(person.id)).is_reachable
        await says(wiring, person, "trois")
        await asyncio.sleep(0.05)
        assert carrier.delivered == []
        await a_conversation(wiring, 1)
        await wiring.bell.ring(person.id)
        await settled(wiring, person, ["failed", "failed", "delivered"])


async def test_crash_of_the_channel_puts_the_message_off(wiring: Wiring, caplog: pytest.LogCaptureFixture) -> None:
    carrier = Carrier(problems=[ValueError("mots de la personne")])
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "Bonjour")
    async with carrying(wiring, carrier):
        await until(lambda: carrier.delivered, "the message")
    assert "mots de la personne" not in caplog.text


async def test_channel_that_is_absent_loses_nothing(wiring: Wiring) -> None:
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "Bonjour")
    courier = Courier(wiring, {})
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0.05)
    await courier.stop()
    await running
    assert await states(wiring, person) == ["due"]


# Never twice.


async def test_stop_ends_the_sending_under_way_and_marks_it(wiring: Wiring) -> None:
    carrier = Carrier()
    person = await a_conversation(wiring, 1)
    async with carrying(wiring, carrier) as courier:
        carrier.is_open.clear()
        await says(wiring, person, "un", "deux")
        await until(lambda: carrier.begun, "the sending begun")
        stopping = asyncio.create_task(courier.stop())
        await asyncio.sleep(0.02)
        assert not stopping.done()
        carrier.is_open.set()
        await stopping
    assert await states(wiring, person) == ["delivered", "due"]
    async with carrying(wiring, carrier):
        await settled(wiring, person, ["delivered", "delivered"])
    assert carrier.texts(1) == ["un", "deux"]


async def test_cancelling_finishes_the_sending_too(wiring: Wiring) -> None:
    carrier = Carrier()
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un")
    carrier.is_open.clear()
    running = asyncio.create_task(Courier(wiring, {Channel.TELEGRAM: carrier}).run())
    await until(lambda: carrier.begun, "the sending begun")
    running.cancel()
    await asyncio.sleep(0.02)
    carrier.is_open.set()
    with suppress(asyncio.CancelledError):
        await running
    assert await states(wiring, person) == ["delivered"]


async def test_claim_that_runs_out_during_the_sending_doubles_nothing(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "CLAIM", timedelta(milliseconds=10))
    carrier = Carrier()
    carrier.is_open.clear()
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un")
    async with carrying(wiring, carrier):
        await until(lambda: carrier.begun, "the sending begun")
        for _ in range(5):
            await asyncio.sleep(0.02)
            await wiring.bell.ring("anything")
        carrier.is_open.set()
        await settled(wiring, person, ["delivered"])
    assert carrier.begun == ["un"]


async def test_sending_ends_before_its_claim(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outbox_module.CLAIM.total_seconds() > courier_module.SENDING
    monkeypatch.setattr(courier_module, "SENDING", 0.05)
    carrier = Carrier()
    carrier.is_open.clear()
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un")
    async with carrying(wiring, carrier):
        await until(lambda: len(carrier.begun) >= 2, "a second try")


async def test_two_couriers_share_the_work_without_doubling(wiring: Wiring) -> None:
    carrier = Carrier()
    people = [await a_conversation(wiring, chat) for chat in range(10)]
    for person in people:
        await says(wiring, person, "un", "deux", "trois")
    async with carrying(wiring, carrier), carrying(wiring, carrier):
        await until(lambda: len(carrier.delivered) >= 30, "everything delivered")
        for person in people:
            await settled(wiring, person, ["delivered"] * 3)
    assert len(carrier.delivered) == 30
    for chat in range(10):
        assert carrier.texts(chat) == ["un", "deux", "trois"]


async def test_mark_that_fails_is_written_again_without_sending_again(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "MARK_AGAIN", 0.01)
    carrier, problems = Carrier(), [OSError(), OSError()]
    mark: Callable[[Delivery], object] = wiring.services.outbox.mark_delivered

    async def stumbles(delivery: Delivery) -> None:
        if problems:
            raise problems.pop()
        await mark(delivery)  # type: ignore[misc]

    monkeypatch.setattr(wiring.services.outbox, "mark_delivered", stumbles)
    person = await a_conversation(wiring, 1)
    await says(wiring, person, "un")
    async with carrying(wiring, carrier):
        await settled(wiring, person, ["delivered"])
    assert carrier.begun == ["un"]


async def test_store_that_is_away_for_a_moment_is_outlived(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "LOOK_EVERY", 0.02)
    carrier, problems = Carrier(), [OSError(), OSError()]
    claim = wiring.services.outbox.claim

    async def stumbles(limit: int) -> object:
        if problems:
            raise problems.pop()
        return await claim(limit)

    monkeypatch.setattr(wiring.services.outbox, "claim", stumbles)
    await says(wiring, await a_conversation(wiring, 1), "un")
    async with carrying(wiring, carrier):
        await until(lambda: carrier.texts(1) == ["un"], "the message")
