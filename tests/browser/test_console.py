"""The console in a real browser: what moves by itself, what is typed, keyboard, accessibility, and bad days."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route, ViewportSize, expect

from bot.domain.messages import Author, Choice, File, Link, Reply
from bot.services.handoffs import MAX_REPLY_CHARS
from tests.console.stage import PASSWORD, Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

DESK = ViewportSize(width=1366, height=768)
TELEPHONE = ViewportSize(width=320, height=640)


@dataclass
class Screen:
    """A browser window of one member of staff. `complaints` is what the browser's console said."""

    stage: Stage
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    async def sign_in(self, email: str) -> Page:
        await self.page.goto(f"{self.stage.address}/")
        await self.page.get_by_label("Courriel").fill(email)
        await self.page.get_by_label("Mot de passe").fill(PASSWORD)
        await self.page.get_by_role("button", name="Se connecter").click()
        await expect(self.page.get_by_role("heading", name="Conversations", exact=True)).to_be_visible()
        return self.page

    async def open(self, conversation_id: str) -> Page:
        await self.page.goto(f"{self.stage.address}/conversations/{conversation_id}")
        return self.page


Open = Callable[..., Awaitable[Screen]]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, stage: Stage) -> AsyncIterator[Open]:
    """Opens a window; given a name, of someone who is signed in. At the end none of them may have complained."""
    screens: list[Screen] = []

    async def opened(name: str | None = "Marie Tremblay", **options: object) -> Screen:
        context = await browser.new_context(**{"viewport": DESK, **options})  # type: ignore[arg-type]
        one = Screen(stage, context, await context.new_page())
        screens.append(one)

        def heard(message: ConsoleMessage) -> None:
            # The browser says an answer of 4xx, a refused sentence for us, in its own words.
            if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
                one.complaints.append(message.text)

        one.page.on("console", heard)
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        if name:
            await one.sign_in(await stage.a_member_of_staff(name))
        return one

    yield opened
    for one in screens:
        await one.context.close()
        assert one.complaints == []


async def take(page: Page) -> None:
    """The page is loaded anew; the one before may show the reply box already, live, and is about to go."""
    async with page.expect_navigation():
        await page.get_by_role("button", name="Prendre").click()


async def test_a_person_appears_by_itself_is_taken_answered_and_given_back(stage: Stage, screen: Open) -> None:
    page = (await screen()).page
    await expect(page).to_have_title("Passerelle – Conversations")
    await expect(page.get_by_text("Personne n’attend.")).to_be_visible()

    conversation_id = await stage.someone_waits("es", says="¿Cómo saco el NAS?")

    await expect(page.get_by_text("¿Cómo saco el NAS?")).to_be_visible()
    await expect(page).to_have_title("(1) Passerelle – Conversations")
    await expect(page.locator("#announcer")).to_have_text(
        "Nouvelle personne en attente\u00a0: espagnol, Accueil Montréal."
    )

    await page.get_by_role("link", name=f"Personne {conversation_id[:6].upper()}").click()
    await expect(page.get_by_text("Écrivez en espagnol; rien n’est traduit.")).to_be_hidden()
    await take(page)
    await expect(page.get_by_text("Vous répondez. L’assistant se tait.")).to_be_visible()
    box = page.get_by_label("Votre réponse")
    await expect(box).to_be_focused()
    await expect(page.get_by_text("Écrivez en espagnol; rien n’est traduit.")).to_be_visible()

    await box.fill("Buenos días.\n¿En qué ciudad vive?")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator(".message.staff .text")).to_have_text("Buenos días.\n¿En qué ciudad vive?")
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()
    await stage.says(conversation_id, "En Laval")
    await expect(page.locator(".message.person .text").last).to_have_text("En Laval")

    await page.get_by_role("button", name="Terminer et rendre à l’assistant").click()
    await expect(page.get_by_text("C’est terminé\u00a0: l’assistant a repris la conversation.")).to_be_visible()
    assert await stage.texts(conversation_id, Author.STAFF) == ["Buenos días.\n¿En qué ciudad vive?"]
    assert await stage.wiring.services.handoffs.current(conversation_id) is None


async def test_two_click_take_and_one_is_told_who_was_first(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits()
    marie, luc = await screen("Marie Tremblay"), await screen("Luc Gagnon")
    pages = [await one.open(conversation_id) for one in (marie, luc)]
    both = asyncio.Barrier(2)

    async def when_both_have_clicked(route: Route) -> None:
        await both.wait()
        await route.continue_()

    for page in pages:
        await page.route("**/take", when_both_have_clicked)
    await asyncio.gather(*(page.get_by_role("button", name="Prendre").click() for page in pages))
    for page in pages:
        await expect(page.locator("#state")).not_to_have_attribute("data-speaks", "waiting")

    holder = await stage.wiring.services.handoffs.current(conversation_id)
    assert holder is not None
    first, second = pages if holder.staff_name == "Marie Tremblay" else pages[::-1]
    await expect(first.get_by_text("Vous répondez. L’assistant se tait.")).to_be_visible()
    await expect(second.get_by_role("alert").filter(has_text=re.compile("a pris cette"))).to_have_text(
        f"{holder.staff_name} a pris cette conversation avant vous."
    )
    await expect(second.get_by_label("Votre réponse")).to_be_hidden()
    await expect(second.get_by_text(f"{holder.staff_name} répond. L’assistant se tait.")).to_be_visible()


async def test_what_is_being_typed_survives_everything(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits()
    one = await screen()
    page = await one.open(conversation_id)
    await take(page)
    box = page.get_by_label("Votre réponse")
    await box.press_sequentially("Je vous écr")

    await stage.says(conversation_id, "Êtes-vous là?")
    await expect(page.locator(".message.person .text").last).to_have_text("Êtes-vous là?")
    await expect(box).to_be_focused()
    await box.press_sequentially("is")
    await stage.wiring.services.handoffs.leave(conversation_id)
    await expect(page.get_by_text("L’assistant répond. Personne n’attend l’équipe ici.")).to_be_visible()
    await expect(box).to_have_value("Je vous écris")
    await expect(box).to_be_focused()

    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#reply-error")).to_have_text(
        "Plus personne n’attend ici\u00a0: l’assistant a repris la conversation."
    )
    await expect(box).to_have_value("Je vous écris")
    await box.fill("")


async def test_a_refused_reply_is_explained_and_kept(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits()
    page = await (await screen()).open(conversation_id)
    await take(page)
    box, error = page.get_by_label("Votre réponse"), page.locator("#reply-error")

    await page.get_by_role("button", name="Envoyer").click()
    await expect(error).to_have_text("Écrivez votre réponse avant de l’envoyer.")
    await box.fill("a" * (MAX_REPLY_CHARS + 1))
    await page.keyboard.press("Control+Enter")
    await expect(error).to_have_text("Votre réponse dépasse 4000 caractères. Raccourcissez-la.")
    await expect(box).to_have_value("a" * (MAX_REPLY_CHARS + 1))

    await box.fill("court")
    await page.keyboard.press("Control+Enter")
    await expect(error).to_be_hidden()
    await expect(page.locator(".message.staff .text")).to_have_text("court")


async def test_a_double_click_sends_once(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits()
    page = await (await screen()).open(conversation_id)
    await take(page)
    await page.get_by_label("Votre réponse").fill("une fois")

    await page.get_by_role("button", name="Envoyer").dblclick()

    await expect(page.locator(".message.staff")).to_have_count(1)
    assert await stage.texts(conversation_id, Author.STAFF) == ["une fois"]


async def test_an_answer_lost_on_the_way_is_not_sent_twice(stage: Stage, screen: Open) -> None:
    """The reply reached the server, its answer did not reach the browser; sending again sends nothing more."""
    conversation_id = await stage.someone_waits()
    page = await (await screen()).open(conversation_id)
    await take(page)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/reply", lose_the_answer, times=1)
    box = page.get_by_label("Votre réponse")
    await box.fill("une fois")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#reply-error")).to_contain_text("Votre texte est gardé.")
    await expect(box).to_have_value("une fois")

    await page.keyboard.press("Control+Enter")

    await expect(box).to_have_value("")
    await expect(page.locator(".message.staff")).to_have_count(1)
    assert await stage.texts(conversation_id, Author.STAFF) == ["une fois"]


async def test_a_lost_connection_says_so_and_returns_the_whole_state(stage: Stage, screen: Open) -> None:
    first = await stage.someone_waits(says="premier")
    one = await screen()
    page, other = one.page, await one.context.new_page()
    await other.goto(f"{stage.address}/conversations/{first}")
    await expect(page.get_by_text("premier")).to_be_visible()

    await stage.stop()
    for each in (page, other):
        await expect(each.locator("#connection")).to_have_text("Connexion perdue, nouvel essai…")
    await stage.someone_waits(says="pendant la panne")
    await stage.says(first, "un mot")
    await stage.says(first, "un autre")
    await stage.start_again()

    await expect(page.get_by_text("pendant la panne")).to_be_visible(timeout=20_000)
    await expect(page.locator("#connection")).to_be_empty()
    await expect(page).to_have_title("(2) Passerelle – Conversations")
    await expect(other.locator(".message .text")).to_have_text(["premier", "un mot", "un autre"], timeout=20_000)


async def test_a_session_that_ended_clears_the_screen_and_keeps_the_text(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits(says="phrase secrète")
    one = await screen()
    page = await one.open(conversation_id)
    await take(page)
    await page.get_by_label("Votre réponse").fill("mon texte")
    other = await one.context.new_page()
    await other.goto(f"{stage.address}/")
    await other.get_by_role("button", name="Se déconnecter partout").click()

    await expect(page.locator("#connection")).to_contain_text("Votre session est terminée.", timeout=20_000)
    await expect(page.get_by_text("phrase secrète")).to_have_count(0)
    await expect(page.get_by_label("Votre réponse")).to_have_value("mon texte")

    await other.get_by_label("Courriel").fill("marie@organisme.test")
    await other.get_by_label("Mot de passe").fill(PASSWORD)
    await other.get_by_role("button", name="Se connecter").click()
    await expect(other.get_by_role("heading", name="Conversations", exact=True)).to_be_visible()
    await page.get_by_label("Votre réponse").press("Control+Enter")

    await expect(page.locator(".message.staff .text")).to_have_text("mon texte")
    await expect(page.get_by_text("phrase secrète")).to_be_visible()


async def test_focus_stays_where_it_was_when_the_list_changes(stage: Stage, screen: Open) -> None:
    first = await stage.someone_waits(says="premier")
    page = (await screen()).page
    link = page.get_by_role("link", name=f"Personne {first[:6].upper()}")
    await link.focus()

    await stage.someone_waits(says="urgent", is_urgent=True)
    await expect(page.locator("#waiting .row").first).to_contain_text("urgent")
    await expect(link).to_be_focused()
    await stage.wiring.services.handoffs.leave(first)
    await expect(link).to_have_count(0)
    await expect(page.locator("#heading")).to_be_focused()


async def test_the_transcript_follows_only_whoever_is_at_its_end(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits()
    for n in range(30):
        await stage.says(conversation_id, f"message {n}")
    page = await (await screen()).open(conversation_id)
    log = page.get_by_role("log", name="Messages de la conversation")
    await expect(page.get_by_text("message 29")).to_be_in_viewport()
    await stage.says(conversation_id, "suivi")
    await expect(page.get_by_text("suivi")).to_be_in_viewport()

    await log.evaluate("log => { log.scrollTop = 100; }")
    await stage.says(conversation_id, "pas suivi")

    await expect(page.get_by_text("pas suivi")).to_have_count(1)
    assert await log.evaluate("log => log.scrollTop") == 100


async def test_everything_can_be_done_with_the_keyboard(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits(says="Hola")
    await stage.a_member_of_staff("Marie Tremblay")
    page = (await screen(None)).page
    await page.goto(f"{stage.address}/")

    async def tab_to(selector: str) -> None:
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"Tab never reached {selector}")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to("#email")
    await page.keyboard.type("marie@organisme.test")
    await tab_to("#password")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Hola")).to_be_visible()
    await tab_to("#waiting a")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Prendre")).to_be_visible()
    await tab_to("#take")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.get_by_label("Votre réponse")).to_be_focused()
    await page.keyboard.type("Buenos días")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".message.staff .text")).to_have_text("Buenos días")
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("log")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Terminer et rendre à l’assistant")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("l’assistant a repris la conversation")).to_be_visible()
    assert await stage.texts(conversation_id, Author.STAFF) == ["Buenos días"]


HOSTILE = ["<script>document.title='volé'</script>", '"><img src=x onerror="document.title=1">', "a" * 300, "\u202eabc"]


async def test_hostile_text_is_shown_as_text(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits(says=HOSTILE[0])
    one = await screen()
    await expect(one.page.get_by_text(HOSTILE[0])).to_be_visible()
    page = await one.open(conversation_id)
    for text in HOSTILE[1:]:
        await stage.says(conversation_id, text)

    await expect(page.locator(".message .text")).to_have_text(HOSTILE)
    assert await page.locator("#log img, #log script").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["1366", "320"])
async def test_axe_finds_nothing_and_nothing_overflows(
    stage: Stage, screen: Open, look: str, size: ViewportSize
) -> None:
    mine = await stage.someone_waits("es", is_urgent=True)
    await stage.is_told(
        mine,
        Reply(
            "**Cuándo:** primera semana.\nPapeles: contrato.",
            (Choice("Hablar con alguien", "/x"),),
            (Link("RAMQ", "https://www.ramq.gouv.qc.ca/"),),
            (File("cita.ics", "/f", "text/calendar"),),
        ),
    )
    waiting = await stage.someone_waits("en", says="a word " * 60)
    one = await screen(None, color_scheme=look, viewport=size)

    async def check() -> None:
        results = await Axe().run(one.page)
        assert results.violations_count == 0, results.generate_report()
        assert await one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await one.page.goto(f"{stage.address}/")
    await check()
    await one.sign_in(await stage.a_member_of_staff("Marie Tremblay"))
    await check()
    await one.open(waiting)
    await check()
    page = await one.open(mine)
    await take(page)
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator("#reply-error")).to_be_visible()
    await check()
    await one.open("unknown")
    await check()


@pytest.mark.parametrize(
    ("language", "sign_in", "title", "take"),
    [
        ("fr", "Se connecter", "(1) Passerelle – Conversations", "Prendre"),
        ("en", "Sign in", "(1) Passerelle – Conversations", "Take"),
        ("es", "Iniciar sesión", "(1) Passerelle – Conversaciones", "Tomar"),
    ],
)
async def test_three_languages(stage: Stage, screen: Open, language: str, sign_in: str, title: str, take: str) -> None:
    conversation_id = await stage.someone_waits()
    email = await stage.a_member_of_staff("Marie Tremblay")
    one = await screen(None)
    page = one.page
    await page.goto(f"{stage.address}/")
    await page.get_by_role("link", name={"fr": "Français", "en": "English", "es": "Español"}[language]).click()
    await page.locator("#email").fill(email)
    await page.locator("#password").fill(PASSWORD)
    await page.get_by_role("button", name=sign_in).click()

    await expect(page).to_have_title(title)
    await one.open(conversation_id)
    await expect(page.get_by_role("button", name=take)).to_be_visible()


async def test_it_works_without_script(stage: Stage, screen: Open) -> None:
    conversation_id = await stage.someone_waits(says="Hola")
    one = await screen(java_script_enabled=False)
    page = one.page
    await page.get_by_role("link", name=f"Personne {conversation_id[:6].upper()}").click()
    await take(page)
    await page.get_by_label("Votre réponse").fill("Buenos días")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator(".message.staff .text")).to_have_text("Buenos días")
    await page.get_by_role("button", name="Terminer et rendre à l’assistant").click()
    await expect(page.get_by_text("l’assistant a repris la conversation")).to_be_visible()
    await page.get_by_role("button", name="Se déconnecter partout").click()
    await expect(page.get_by_role("heading", name="Connexion de l’équipe")).to_be_visible()
    assert await stage.texts(conversation_id, Author.STAFF) == ["Buenos días"]
