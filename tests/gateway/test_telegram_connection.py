"""How the channel listens: what waits is read, what fails comes again, and a bad connection stops nothing else."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial

import pytest

from bot.domain.messages import Incoming
from bot.gateway.channels.telegram import State, TelegramChannel
from bot.wiring import Wiring
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_people import until
from tests.gateway.conftest import Wire, running
from tests.gateway.telegram_kit import Board, kept


def listen_to_everything(caplog: pytest.LogCaptureFixture) -> None:
    """All loggers but those that aren't Telegram's: the driver's, and the emulator's own access log."""
    for name in ("aiosqlite", "aiohttp.access"):
        caplog.set_level(logging.CRITICAL, logger=name)
    caplog.set_level(logging.DEBUG)


# Nothing lost, nothing twice.


async def test_repeated_update_is_one_message(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    update_id = await person.writes("Bonjour")
    await until(lambda: not telegram.unread, "the update read")
    await person.writes("Bonjour", update_id=update_id)
    await person.writes("Merci")
    await until(lambda: not telegram.unread, "the updates read")
    assert [text for text, _ in await kept(wiring, person.id)] == ["Bonjour", "Merci"]


async def test_update_is_confirmed_only_once_it_is_in_the_store(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = telegram.person()
    is_back = asyncio.Event()
    receive = board.receive

    async def away(incoming: Incoming) -> bool:
        if not is_back.is_set():
            raise OSError("disk full, and these words: Bonjour")
        return await receive(incoming)

    async def no_answer() -> list[str]:
        if not is_back.is_set():
            raise OSError
        return []

    monkeypatch.setattr(board, "receive", away)
    monkeypatch.setattr(wiring.services.conversations, "with_pending", no_answer)
    await person.writes("Bonjour")
    await person.waits_for("hello")
    await asyncio.sleep(0.2)
    assert len(telegram.unread) == 1
    is_back.set()
    await until(lambda: not telegram.unread, "the update read")
    assert await kept(wiring, person.id) == [("Bonjour", None)]


async def test_update_that_always_fails_does_not_stop_the_others(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    receive = board.receive

    async def stumbles(incoming: Incoming) -> bool:
        if incoming.text == "piège":
            raise ValueError(incoming.text)
        return await receive(incoming)

    monkeypatch.setattr(board, "receive", stumbles)
    person = telegram.person()
    await person.writes("piège")
    await person.writes("suite")
    await until(lambda: [incoming.text for incoming in board.received] == ["suite"], "the next message")
    assert "left unanswered" in caplog.text
    assert "piège" not in caplog.text


async def test_updates_that_waited_while_we_were_down_are_read(wire: Wire, telegram: TelegramEmulator) -> None:
    person = telegram.person()
    await person.writes("Vous êtes là?")
    async with wire() as wiring, running(wiring, board := Board(wiring)):
        await until(lambda: board.received, "the message")
    assert telegram.unread == []


async def test_restart_between_batches_doubles_nothing(wire: Wire, telegram: TelegramEmulator) -> None:
    person = telegram.person()
    async with wire() as wiring:
        for number in range(4):
            await person.writes(f"message {number}")
            async with running(wiring, board := Board(wiring)):
                await until(partial(getattr, board, "received"), "the message")
        assert [text for text, _ in await kept(wiring, person.id)] == [f"message {number}" for number in range(4)]


# The connection.


async def test_unreachable_telegram_is_tried_again(
    wire: Wire, telegram: TelegramEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.drops("getMe", times=2)
    telegram.fails("deleteWebhook", 502)
    async with wire() as wiring, running(wiring, Board(wiring)) as channel:
        await telegram.waits_for("getUpdates")
        assert channel.state is State.LISTENING
        telegram.fails("getUpdates", 500, times=2)
        telegram.drops("getUpdates")
        person = telegram.person()
        await person.writes("Bonjour")
        await person.waits_for("hello")
    assert "telegram not reached" in caplog.text


async def test_flood_answer_to_the_poll_is_obeyed(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    telegram.fails("getUpdates", retry_after=1)
    person = telegram.person()
    await person.writes("un")  # ends the poll under way; the next is refused
    await until(lambda: not telegram.has_failures, "the refusal")
    refused = time.monotonic()
    await person.writes("deux")
    await until(lambda: not telegram.unread, "the updates read", 3)
    assert time.monotonic() - refused > 0.9


async def test_bad_token_is_given_up_and_said_once(
    wire: Wire, telegram: TelegramEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    listen_to_everything(caplog)
    async with wire(telegram_bot_token="666:wrong") as wiring, running(wiring, Board(wiring)) as channel:
        await until(lambda: channel.state is State.REFUSED, "the token refused")
    assert caplog.text.count("telegram refused TELEGRAM_BOT_TOKEN") == 1
    assert "666:wrong" not in caplog.text


async def test_nothing_listens_where_telegram_should_be(wire: Wire) -> None:
    async with wire(telegram_api_url="http://127.0.0.1:9") as wiring, running(wiring, Board(wiring)) as channel:
        await asyncio.sleep(0.1)
        assert channel.state is State.CONNECTING


async def test_stops_fast_in_a_long_poll(wiring: Wiring, board: Board, telegram: TelegramEmulator) -> None:
    channel = TelegramChannel(wiring, board)
    await channel.start()
    await telegram.waits_for("getUpdates")
    began = time.monotonic()
    await channel.stop()
    assert time.monotonic() - began < 2


async def test_words_names_and_token_stay_out_of_logs(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    listen_to_everything(caplog)
    person = telegram.person("Guadalupe")
    await person.writes("mon numéro est 514 555-0000")
    await person.waits_for("hello")
    await person.sends("voice")
    await person.waits_for("utter_text_only [fr]")
    for secret in ("514 555-0000", "Guadalupe", telegram.token):
        assert secret not in caplog.text
