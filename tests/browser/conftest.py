"""A real Chromium for the tests of this folder, one for the whole session. Without one they fail; none is skipped."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

sys.path.insert(0, str(Path(__file__).parent))

# A busy machine may be slow; what is expected is the same.
expect.set_options(timeout=20_000)

DEBIAN_CHROMIUM = Path("/usr/bin/chromium")


def chromium_path() -> str | None:
    """Chromium from the setting, else the machine's; None lets Playwright look for its own."""
    return os.environ.get("PASSERELLE_CHROMIUM") or (str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        await chromium.close()
