"""What a courier carries: in order within a conversation, by one courier at a time, put off when it must wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.conversations import Conversation
from bot.domain.messages import Author, Channel, Reply
from bot.services.handoffs import NoTeam
from bot.services.outbox import BATCH, CLAIM, Delivery
from bot.wiring import Wiring
from tests.conftest import Wire
from tests.factories import a_person, says
from tests.fakes import FakeClock

A_MOMENT = timedelta(seconds=1)


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    return await a_person(wiring, channel=Channel.TELEGRAM)


async def tell(wiring: Wiring, conversation: Conversation, *texts: str) -> None:
    await wiring.services.conversations.tell(conversation.id, [Reply(text) for text in texts])


def texts(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.message.text for delivery in deliveries]


async def state(wiring: Wiring, delivery: Delivery) -> str | None:
    async with wiring.house.work() as unit:
        return await unit.outbox.state_of(delivery.conversation.id, delivery.message.seq)


async def test_what_is_said_on_a_channel_that_is_called_waits_for_the_courier(
    wiring: Wiring, person: Conversation
) -> None:
    await says(wiring, person)
    await tell(wiring, person, "Bonjour!")
    [delivery] = await wiring.services.outbox.claim()
    assert delivery.conversation == await wiring.services.conversations.get(person.id)
    assert (delivery.message.text, delivery.message.author, delivery.attempts) == ("Bonjour!", Author.SYSTEM, 0)


async def test_the_widget_fetches_by_itself(wiring: Wiring) -> None:
    await tell(wiring, await a_person(wiring, channel=Channel.WIDGET), "Bonjour!")
    assert await wiring.services.outbox.claim() == []


async def test_a_message_that_was_not_kept_is_not_sent(wiring: Wiring, person: Conversation) -> None:
    async def work() -> None:
        async with wiring.house.work() as unit:
            await wiring.house.say(unit, person, Author.SYSTEM, Reply("Bonjour!"), "fr")
            raise NoTeam

    with pytest.raises(NoTeam):
        await work()
    assert await wiring.services.outbox.claim() == []


async def test_a_conversation_is_delivered_in_order(wiring: Wiring, person: Conversation) -> None:
    outbox = wiring.services.outbox
    await tell(wiring, person, "un", "deux", "trois")
    delivered = []
    for _ in range(3):
        [delivery] = await outbox.claim()
        assert await outbox.claim() == []
        await outbox.mark_delivered(delivery)
        assert await state(wiring, delivery) == "delivered"
        delivered += texts([delivery])
    assert delivered == ["un", "deux", "trois"]
    assert await outbox.claim() == []


async def test_one_conversation_does_not_wait_for_another(wiring: Wiring, person: Conversation) -> None:
    other = await a_person(wiring, channel=Channel.TELEGRAM)
    await tell(wiring, person, "un", "deux")
    await tell(wiring, other, "uno")
    assert sorted(texts(await wiring.services.outbox.claim())) == ["un", "uno"]


async def test_a_courier_takes_a_handful_at_a_time(wiring: Wiring) -> None:
    for n in range(BATCH + 2):
        await tell(wiring, await a_person(wiring, channel=Channel.TELEGRAM), f"{n:02}")
    assert len(await wiring.services.outbox.claim()) == BATCH
    assert len(await wiring.services.outbox.claim(limit=1)) == 1
    assert len(await wiring.services.outbox.claim()) == 1


async def test_two_couriers_never_carry_the_same(wire: Wire) -> None:
    async with wire() as first, wire() as second:
        for n in range(30):
            await tell(first, await a_person(first, channel=Channel.TELEGRAM), f"{n}")
        claimed: list[str] = []
        for _ in range(6):
            both = await asyncio.gather(*(each.services.outbox.claim(limit=5) for each in (first, second) * 2))
            claimed += [text for deliveries in both for text in texts(deliveries)]
        assert sorted(claimed, key=int) == [f"{n}" for n in range(30)]


async def test_what_a_dead_courier_had_is_given_again(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    await tell(wiring, person, "un", "deux")
    await wiring.services.outbox.claim()
    clock.move(CLAIM)
    assert await wiring.services.outbox.claim() == []
    clock.move(A_MOMENT)
    [again] = await wiring.services.outbox.claim()
    assert (again.message.text, again.attempts) == ("un", 1)


async def test_what_is_put_off_waits_and_so_does_what_follows(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    outbox = wiring.services.outbox
    await tell(wiring, person, "un", "deux")
    [delivery] = await outbox.claim()
    await outbox.put_off(delivery, timedelta(minutes=5), "retry after " + "x" * 500)
    clock.move(timedelta(minutes=5) - A_MOMENT)
    assert await outbox.claim() == []
    clock.move(A_MOMENT)
    [again] = await outbox.claim()
    assert (again.message.text, again.attempts) == ("un", 1)


async def test_what_can_never_be_delivered_is_given_up_and_the_next_goes_on(
    wiring: Wiring, person: Conversation
) -> None:
    outbox = wiring.services.outbox
    await tell(wiring, person, "un", "deux")
    [delivery] = await outbox.claim()
    await outbox.give_up(delivery, "too long")
    assert await state(wiring, delivery) == "failed"
    assert texts(await outbox.claim()) == ["deux"]


async def test_for_who_blocked_us_nothing_is_due_until_they_write_again(wiring: Wiring, person: Conversation) -> None:
    outbox = wiring.services.outbox
    await tell(wiring, person, "un", "deux")
    [delivery] = await outbox.claim()
    await outbox.mark_unreachable(person.id, "blocked")
    assert await state(wiring, delivery) == "failed"
    assert not (await wiring.services.conversations.get(person.id)).is_reachable
    await tell(wiring, person, "trois")
    assert await outbox.claim() == []
    await wiring.services.conversations.open(Channel.TELEGRAM, person.address, None, None)
    assert texts(await outbox.claim()) == ["trois"]
