"""The content page in a real browser: accessible and whole in every look and size, and usable from the keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ViewportSize, expect
from test_console import DESK, TELEPHONE, Open, screen, stage  # noqa: F401

from bot.console import content
from tests.console.stage import Stage
from tests.knowledge.content_kit import TOPICS, a_fact

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a long word and enough facts to scroll."""
    many = {f"fact_{n}": a_fact(TOPICS[1].facts["fee"].checked, "amount", "motinterminable" * 9) for n in range(20)}
    known = (*TOPICS, replace(TOPICS[0], id="ask_long", title="Un titre " * 6, facts={**TOPICS[0].facts, **many}))
    monkeypatch.setattr(content, "steps", lambda: {step.id: step for step in known})


@pytest.mark.parametrize(
    "look",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced"],
)
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["1366", "320"])
async def test_axe_finds_nothing_and_nothing_overflows(
    stage: Stage,  # noqa: F811
    screen: Open,  # noqa: F811
    look: dict[str, str],
    size: ViewportSize,
) -> None:
    page = (await screen(viewport=size, **look)).page
    await page.get_by_role("link", name="Contenu", exact=True).click()
    await expect(page.get_by_role("heading", name="Contenu des réponses")).to_be_visible()

    results = await Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_bars_are_drawn_with_a_pattern_for_each_state(stage: Stage, screen: Open) -> None:  # noqa: F811
    page = (await screen()).page
    await page.goto(f"{stage.address}/content")

    fills = {
        state: await page.locator(f"#ages tbody .bar.{state}").first.evaluate("bar => getComputedStyle(bar).fill")
        for state in ("current", "due", "withdrawn", "memory")
    }

    assert fills["due"] == 'url("#hatch-due")' and fills["withdrawn"] == 'url("#hatch-withdrawn")'
    assert fills["memory"] == "none" and fills["current"].startswith("rgb")
    chart = await page.locator("#ages .bars").first.bounding_box()
    assert chart is not None and chart["width"] > 300


async def test_an_owner_is_chosen_with_the_keyboard_and_without_script(stage: Stage, screen: Open) -> None:  # noqa: F811
    page = (await screen(java_script_enabled=False)).page
    await page.goto(f"{stage.address}/content")

    await page.get_by_role("link", name="Santé\u00a0: 1").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Santé\u00a0: 1")).to_have_attribute("aria-current", "true")
    await expect(page.get_by_role("heading", name="Retirés des réponses\u00a0: 0")).to_be_visible()

    async with page.expect_download() as download:
        await page.get_by_role("link", name="Faits (CSV)").click()
    assert (await download.value).suggested_filename == "passerelle-facts-health.csv"


async def test_a_table_wider_than_the_screen_scrolls_with_the_keyboard(stage: Stage, screen: Open) -> None:  # noqa: F811
    page = (await screen(viewport=ViewportSize(width=320, height=4000))).page
    await page.goto(f"{stage.address}/content")
    table = page.get_by_role("region", name="Faits retirés")

    last = table.get_by_role("columnheader", name="Source")
    await expect(last).not_to_be_in_viewport()

    await table.focus()
    for _ in range(60):
        await page.keyboard.press("ArrowRight")

    await expect(table).to_be_focused()
    await expect(last).to_be_in_viewport()
