"""The directory in a real browser: exported, changed, checked, refused, confirmed; readable at both widths."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.console.stage import PASSWORD, Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW = '"nouveau","\'=Nouvel, «\u00a0organisme\u00a0»",Laval,13,,450 555-0123,accueil,toutes,fr,confirmed,2026-11-30'


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as it:
        yield it


async def check(page: Page) -> None:
    results = await Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def send(page: Page, file: Path) -> None:
    await page.get_by_text("Importer (CSV)").click()
    await page.get_by_label("Fichier CSV").set_input_files(file)
    await page.get_by_role("button", name="Vérifier le fichier").click()


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 320])
async def test_the_directory_is_taken_away_and_brought_back(
    stage: Stage, browser: Browser, tmp_path: Path, look: str, width: int
) -> None:
    context = await browser.new_context(viewport=ViewportSize(width=width, height=768), color_scheme=look)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{stage.address}/organisations")
    await page.get_by_label("Courriel").fill(await stage.a_member_of_staff("Marie Tremblay"))
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Se connecter").click()
    await page.get_by_label("Région").select_option("13")
    await page.get_by_role("button", name="Afficher").click()
    await expect(page.locator(".entry")).to_have_count(3)
    await page.get_by_text("Importer (CSV)").click()
    await check(page)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Exporter (CSV)").click()
    file = tmp_path / "organismes.csv"
    await (await downloading.value).save_as(file)
    text = file.read_text(encoding="utf-8-sig")

    file.write_text(text.replace("819 763-2263", "rien"), encoding="utf-8")
    await page.goto(f"{stage.address}/organisations")
    await send(page, file)
    await expect(page.locator("#problems li")).to_have_count(1)
    await expect(page.locator("#problems .at")).to_contain_text("colonne phone")
    await check(page)

    file.write_text(f"{text.rstrip()}\n{NEW}\n", encoding="utf-8")
    await page.get_by_role("link", name="Revenir à la liste").click()
    await send(page, file)
    await expect(page.get_by_text("Ajoutés\u00a0: 1")).to_be_visible()
    await expect(page.get_by_text("Modifiés\u00a0: 0")).to_be_visible()
    await check(page)
    await page.get_by_role("button", name="Importer ces changements").click()
    await expect(page.get_by_role("status")).to_contain_text("Ajoutés\u00a0: 1; modifiés\u00a0: 0; retirés\u00a0: 0.")
    await expect(page.get_by_role("heading", name="=Nouvel, «\u00a0organisme\u00a0»")).to_be_visible()
    await check(page)
    await context.close()
