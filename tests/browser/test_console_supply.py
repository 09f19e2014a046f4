"""Supply and the promise board in a real browser: an agent added, a meeting moved, an outcome noted; readable at both
widths."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.console.stage import PASSWORD, Stage, staged
from tests.factories import a_wish, an_agent, montreal, with_agents

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two people have a meeting, on the 4th and on the 8th; it is the 7th."""
    async with staged(tmp_path) as it:
        await with_agents(it.wiring.house, an_agent(), an_agent("agent-2"))
        for starts in ("2026-12-04 09:00", "2026-12-08 09:00"):
            person = await it.a_person("es")
            await it.wiring.services.meetings.book(person, a_wish(language="es"), "agent-1", montreal(starts))
        it.wiring.clock._shift += montreal("2026-12-07 10:00") - it.wiring.clock.now()
        yield it


async def check(page: Page) -> None:
    results = await Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 320])
async def test_hours_change_a_meeting_moves_and_one_is_noted(
    stage: Stage, browser: Browser, look: str, width: int
) -> None:
    context = await browser.new_context(viewport=ViewportSize(width=width, height=768), color_scheme=look)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{stage.address}/supply/agents")
    await page.get_by_label("Courriel").fill(await stage.a_member_of_staff("Marie Tremblay"))
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Se connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Agentes et agents")
    await check(page)

    await page.get_by_role("link", name="Agente agent-1").click()
    await page.get_by_label("mardi").fill("8:00-33:00")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("alert")).to_contain_text("Un jour a 24 heures")
    await check(page)
    await page.get_by_label("mardi").fill("")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Rendez-vous à revoir\u00a0: 1")
    await check(page)
    await page.get_by_role("button", name="Déplacer et avertir").click()
    await expect(page.get_by_role("status")).to_contain_text("Le rendez-vous est déplacé")

    await page.get_by_role("link", name="Jours fermés").click()
    await page.get_by_role("link", name="Ajouter un jour fermé").click()
    await check(page)
    await page.get_by_label("Jour").fill("2026-12-28")
    await page.get_by_label("Motif").fill("Entre les fêtes")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("status")).to_contain_text("28 décembre 2026")
    await check(page)

    await page.get_by_role("link", name="Objectif 5 jours").click()
    await check(page)
    await page.get_by_role("button", name="A eu lieu").click()
    await expect(page.get_by_role("status")).to_contain_text("la rencontre a eu lieu")
    await context.close()
