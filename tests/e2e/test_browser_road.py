"""In Chromium, over the real program: a person in the widget, staff in the console, each seeing the other live."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 20_000


class Watched:
    """A page whose console errors and violations are kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    async def is_accessible(self) -> None:
        found = await Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()


@pytest_asyncio.fixture(loop_scope="session")
async def widget(house: House, browser: Browser) -> AsyncIterator[Watched]:
    context = await browser.new_context(locale="fr-CA", timezone_id="Africa/Dakar")
    watched = Watched(await context.new_page())
    await watched.page.goto(f"{house.url}/?lang=fr")
    yield watched
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def staff(house: House, browser: Browser) -> AsyncIterator[Watched]:
    context = await browser.new_context(locale="fr-CA")
    watched = Watched(await context.new_page())
    yield watched
    await context.close()


async def test_person_and_staff_meet(house: House, widget: Watched, staff: Watched) -> None:
    page, console = widget.page, staff.page
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Je suis Passerelle", timeout=SECONDS)
    box = page.locator("passerelle-chat textarea")

    await box.fill("comment avoir la carte soleil?")
    await box.press("Enter")
    await expect(log).to_contain_text("donne accès sans frais aux soins", timeout=SECONDS)
    await widget.is_accessible()

    await page.reload()
    await expect(log).to_contain_text("comment avoir la carte soleil?", timeout=SECONDS)
    await expect(log).to_contain_text("donne accès sans frais aux soins")

    await box.fill("je veux parler à une personne s'il vous plaît")
    await box.press("Enter")
    await expect(log).to_contain_text("J’avertis", timeout=SECONDS)

    email, password = house.sign_in()
    await console.goto(f"{house.url}/staff/")
    await staff.is_accessible()
    await console.locator("input[type=email]").fill(email)
    await console.locator("input[type=password]").fill(password)
    await console.keyboard.press("Enter")
    line = console.locator("a[href*='/staff/conversations/']").last
    await expect(line).to_be_visible(timeout=SECONDS)
    await staff.is_accessible()

    await line.click()
    await console.get_by_role("button", name=re.compile("Prendre")).first.click()
    await expect(log).to_contain_text("vous répond", timeout=SECONDS)
    await console.locator("textarea").fill("Bonjour, je suis là.")
    await console.keyboard.press("Control+Enter")
    await expect(log).to_contain_text("Bonjour, je suis là.", timeout=SECONDS)
    await box.fill("merci beaucoup")
    await box.press("Enter")
    await expect(console.get_by_role("log")).to_contain_text("merci beaucoup", timeout=SECONDS)
    await staff.is_accessible()
    await widget.is_accessible()

    await console.get_by_role("button", name=re.compile("Terminer")).click()
    await expect(log).to_contain_text("je reprends", timeout=SECONDS)
    assert widget.errors == []
    assert staff.errors == []
