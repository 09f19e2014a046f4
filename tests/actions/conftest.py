"""The action endpoint on a real database, called over HTTP as Rasa calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.wiring import Wiring
from tests.actions.rasa_side import ActionServer, serving


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough here: the services are tested on both."""
    return sqlite_url


@pytest.fixture
async def server(wiring: Wiring) -> AsyncIterator[ActionServer]:
    async with serving(wiring) as server:
        yield server
