"""One house for the whole folder, with a Bot API emulator as its Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.conftest import browser
from tests.e2e.house import House
from tests.emulators.telegram import TelegramEmulator

__all__ = ["browser"]

# A Monday morning in Montréal: the teams are there, the week is plain.
NOW = "2026-11-23T10:00:00-05:00"
TOKEN = "123456:end-to-end"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.slow)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator(TOKEN) as emulator:
        yield emulator


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(telegram: TelegramEmulator, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    var: Path = tmp_path_factory.mktemp("house")
    running = House(var, {"PASSERELLE_NOW": NOW, "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url})
    await running.start()
    yield running
    await running.stop()
