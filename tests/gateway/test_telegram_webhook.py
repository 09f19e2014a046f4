"""Telegram's webhook: only Telegram's updates, each kept before it is answered 200."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.domain.messages import Incoming
from bot.gateway.channels.telegram import WEBHOOK_PATH, TelegramChannel
from bot.gateway.channels.telegram_intake import MAX_UPDATE_BYTES, SECRET_HEADER, webhook_secret
from bot.wiring import Wiring
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_people import until
from tests.gateway.conftest import Wire, running
from tests.gateway.telegram_kit import Board

PUBLIC_URL = "https://passerelle.example"


@asynccontextmanager
async def at(channel: TelegramChannel) -> AsyncIterator[str]:
    """The channel's route, served; its local address."""
    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, channel.webhook_handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def wiring(wire: Wire) -> AsyncIterator[Wiring]:
    async with wire(public_url=PUBLIC_URL) as wiring:
        yield wiring


@pytest.fixture
async def url(wiring: Wiring, board: Board, telegram: TelegramEmulator) -> AsyncIterator[str]:
    async with running(wiring, board) as channel, at(channel) as url:
        telegram.routes(PUBLIC_URL, url)
        await until(lambda: telegram.webhook.url, "the webhook set")
        yield url + WEBHOOK_PATH


def update(person_id: int, text: str = "Bonjour", update_id: int = 7) -> dict[str, Any]:
    chat = {"id": person_id, "type": "private", "first_name": "Ana"}
    user = {"id": person_id, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": 1, "date": 1_790_000_000, "chat": chat, "from": user, "text": text}
    return {"update_id": update_id, "message": message}


async def post(url: str, secret: str | None, **body: Any) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers, **body) as answer:
        return answer.status


async def test_updates_come_by_the_webhook_with_its_secret(
    url: str, wiring: Wiring, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    await person.writes("Bonjour")
    await person.waits_for("hello")
    await until(lambda: board.received and not telegram.unread, "the message")
    assert telegram.webhook.url == PUBLIC_URL + WEBHOOK_PATH
    assert telegram.webhook.secret == webhook_secret(wiring.settings)
    assert telegram.webhook_answers == [200]
    assert telegram.called("getUpdates") == []


@pytest.mark.parametrize("secret", [None, "", "wrong", "é"])
async def test_forged_update_is_refused(url: str, board: Board, secret: str | None) -> None:
    assert await post(url, secret, json=update(1)) == 401
    assert board.received == []


async def test_secret_may_be_a_setting(wire: Wire, telegram: TelegramEmulator) -> None:
    async with (
        wire(public_url=PUBLIC_URL, telegram_webhook_secret="s3cret") as wiring,
        running(wiring, board := Board(wiring)) as channel,
        at(channel) as url,
    ):
        await until(lambda: telegram.webhook.secret == "s3cret", "the webhook set")
        assert await post(url + WEBHOOK_PATH, "s3cret", json=update(telegram.person().id)) == 200
        assert len(board.received) == 1


async def test_repeated_update_is_one_message(
    url: str, wiring: Wiring, board: Board, telegram: TelegramEmulator
) -> None:
    secret, person = webhook_secret(wiring.settings), telegram.person()
    posts = [post(url, secret, json=update(person.id)) for _ in range(5)]
    assert await asyncio.gather(*posts) == [200] * 5
    assert len(board.received) == 1
    assert len(board.greeted) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"message": 1}'])
async def test_body_that_is_no_update_is_refused(url: str, wiring: Wiring, body: bytes) -> None:
    assert await post(url, webhook_secret(wiring.settings), data=body) == 400


async def test_body_over_the_limit_is_refused(url: str, wiring: Wiring) -> None:
    assert await post(url, webhook_secret(wiring.settings), data=b"x" * (MAX_UPDATE_BYTES + 1)) == 413


async def test_update_that_could_not_be_kept_comes_again(
    url: str, board: Board, telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, failures = board.receive, [OSError(), OSError()]

    async def stumbles(incoming: Incoming) -> bool:
        if failures:
            raise failures.pop()
        return await receive(incoming)

    monkeypatch.setattr(board, "receive", stumbles)
    await telegram.person().writes("Bonjour")
    await until(lambda: board.received and not telegram.unread, "the message")
    assert telegram.webhook_answers == [500, 500, 200]


async def test_polling_channel_has_no_webhook(wire: Wire, telegram: TelegramEmulator) -> None:
    async with wire() as wiring, running(wiring, Board(wiring)) as channel, at(channel) as url:
        await telegram.waits_for("getUpdates")
        assert await post(url + WEBHOOK_PATH, webhook_secret(wiring.settings), json=update(1)) == 503
