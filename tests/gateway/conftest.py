"""Telegram's emulator, a wiring on a real SQLite file, and the two ends of the channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.domain.messages import Channel
from bot.gateway.channels import telegram_limits
from bot.gateway.channels.telegram import ReadFile, TelegramChannel
from bot.gateway.courier import Courier
from bot.wiring import Wiring, wired
from tests.emulators.telegram import TelegramEmulator
from tests.gateway.telegram_kit import Board, settings_for, small_catalogue

Wire = Callable[..., AbstractAsyncContextManager[Wiring]]


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        yield emulator


@pytest.fixture
def wire(tmp_path: Path, telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Opens everything, with other settings where a test wants them; called twice, it opens the same store again."""
    catalogue = small_catalogue(tmp_path / "locales")
    monkeypatch.setattr("bot.wiring.default_catalogue", lambda: catalogue)
    monkeypatch.setattr(telegram_limits, "FIRST_WAIT", 0.02)

    def wire(**values: object) -> AbstractAsyncContextManager[Wiring]:
        known = {"telegram_bot_token": telegram.token, "telegram_api_url": telegram.url, **values}
        return wired(settings_for(tmp_path, **known))

    return wire


@pytest.fixture
async def wiring(wire: Wire) -> AsyncIterator[Wiring]:
    async with wire() as wiring:
        yield wiring


@pytest.fixture
def board(wiring: Wiring) -> Board:
    return Board(wiring)


@asynccontextmanager
async def running(wiring: Wiring, board: Board, read_file: ReadFile | None = None) -> AsyncIterator[TelegramChannel]:
    """The channel listening and a courier carrying, until the end of the block."""
    channel = TelegramChannel(wiring, board, read_file)
    courier = Courier(wiring, {Channel.TELEGRAM: channel})
    await channel.start()
    carrying = asyncio.create_task(courier.run())
    try:
        yield channel
    finally:
        await courier.stop()
        await channel.stop()
        carrying.cancel()
        with suppress(asyncio.CancelledError):
            await carrying


@pytest.fixture
async def channel(wiring: Wiring, board: Board, telegram: TelegramEmulator) -> AsyncIterator[TelegramChannel]:
    async with running(wiring, board) as channel:
        await telegram.waits_for("getUpdates")
        yield channel
