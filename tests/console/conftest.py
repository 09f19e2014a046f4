"""A console with its database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.console.stage import Stage, Visitor, staged


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as it:
        yield it


@pytest_asyncio.fixture
async def marie(stage: Stage) -> Visitor:
    """Signed in."""
    return await stage.a_visitor("Marie Tremblay")
