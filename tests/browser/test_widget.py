"""The web widget in a real Chromium, against a scripted gateway and under a strict content policy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from scripted_gateway import GATEWAY, AnotherSite, Frame, ScriptedGateway, render

pytestmark = pytest.mark.asyncio(loop_scope="session")

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# 7:1, which axe only looks at when told to.
AXE = {
    "runOnly": {"type": "tag", "values": [*WCAG, "wcag2aaa"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}},
    "resultTypes": ["violations"],
}
PHONE = ViewportSize(width=320, height=640)
DESK = ViewportSize(width=1366, height=768)
TIMES = [{"title": "3 déc., 10 h 30", "payload": "/take{}"}, {"title": "Autres heures", "payload": "/more{}"}]
# Each text colour and what may lie under it.
PAIRS = [
    *[(text, under) for text in ("text", "text-soft", "danger", "primary") for under in ("page", "surface", "sunken")],
    *[(f"on-{name}", name) for name in ("primary", "person", "assistant", "staff")],
    *[(name, f"{name}-surface") for name in ("danger", "warning", "success", "info")],
    *[("on-primary", "primary-hover"), ("primary", "assistant")],
]


class Visit:
    """A page, what its console complained of and what it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        # Chromium itself reports a refused handshake as an error.
        self.is_cut_on_purpose = False
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    @property
    def field(self) -> Locator:
        return self.page.locator("passerelle-chat textarea")

    @property
    def messages(self) -> Locator:
        return self.page.locator("passerelle-chat .message")

    @property
    def texts(self) -> Locator:
        return self.page.locator("passerelle-chat .message .text")

    async def write(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")


@pytest_asyncio.fixture(loop_scope="session")
async def gateway() -> AsyncIterator[ScriptedGateway]:
    async with ScriptedGateway() as gateway:
        yield gateway


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport=DESK, locale="fr-CA", timezone_id="America/Bogota")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(context: BrowserContext) -> AsyncIterator[Visit]:
    visit = Visit(await context.new_page())
    yield visit
    if not visit.is_cut_on_purpose:
        assert visit.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def home(visit: Visit, gateway: ScriptedGateway) -> Visit:
    """Our own page, the conversation open in it."""
    await visit.page.goto(gateway.url)
    await expect(visit.field).to_be_visible()
    return visit


# Sending and receiving.


async def test_a_message_is_sent_and_answered(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("Bonjour")

    await expect(home.texts).to_have_text(["Bonjour", "Reçu : Bonjour"])
    await expect(home.page.get_by_text("Envoyé")).to_be_visible()
    assert gateway.hellos == [
        {"type": "hello", "token": None, "after": 0, "language": "fr", "timezone": "America/Bogota"}
    ]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", gateway.sent[0]["id"])


async def test_each_message_names_its_author(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(2)
    await gateway.send({"type": "state", "handled_by": "staff", "organisation": "Accueil Laval"})
    await gateway.say("Je vous lis.", **{"from": "staff"})
    await gateway.say("Message reçu.", **{"from": "system"})

    authors = home.page.locator("passerelle-chat .by span")
    await expect(authors).to_have_text(
        ["Vous", "Passerelle, assistant automatique", "Une personne de l’équipe (Accueil Laval)", "Avis"]
    )


async def test_shift_enter_breaks_the_line_and_enter_sends(home: Visit, gateway: ScriptedGateway) -> None:
    await home.field.press_sequentially("un")
    await home.field.press("Shift+Enter")
    await home.field.press_sequentially("deux")
    assert gateway.sent == []

    await home.field.press("Enter")

    await gateway.until(lambda: bool(gateway.sent))
    assert gateway.sent[0]["text"] == "un\ndeux"
    await expect(home.field).to_have_value("")


async def test_bold_line_breaks_and_telephone_numbers_are_the_only_markup(
    home: Visit, gateway: ScriptedGateway
) -> None:
    gateway.answer = lambda _: [{"text": "**Danger : 911.**\nSOS : 1 800 363-9010, 3 911,50 $ _non_"}]

    await home.write("aide")

    answer = home.texts.nth(1)
    await expect(answer.locator("strong")).to_have_text("Danger : 911.")
    calls = await answer.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert calls == ["tel:911", "tel:+18003639010"]
    assert "\nSOS" in await answer.inner_text()


async def test_typing_shows_until_the_turn_ends(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(2)
    await gateway.send({"type": "typing"})
    await expect(home.page.get_by_text("Passerelle écrit…")).to_be_visible()

    await gateway.send({"type": "turn_end", "id": "another"})

    await expect(home.page.get_by_text("Passerelle écrit…")).to_be_hidden()


async def test_a_refused_message_comes_back_to_its_author(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.errors = [{"code": "too_fast", "text": "Un instant, s’il vous plaît."}]

    await home.write("Bonjour")

    await expect(home.texts).to_have_text(["Un instant, s’il vous plaît."])
    await expect(home.field).to_have_value("Bonjour")
    await home.field.press("Enter")
    await expect(home.texts).to_have_text(["Un instant, s’il vous plaît.", "Bonjour", "Reçu : Bonjour"])


async def test_a_text_too_long_is_not_sent(home: Visit, gateway: ScriptedGateway) -> None:
    counter = home.page.locator("passerelle-chat .count")
    await home.field.fill("a" * 1900)
    await expect(counter).to_have_text("Il reste moins de 150 caractères.")

    await home.write("a" * 2001)

    await expect(counter).to_contain_text("2000 caractères au plus")
    await expect(home.field).to_have_attribute("aria-invalid", "true")
    assert gateway.sent == []


async def test_the_banner_says_who_answers(home: Visit, gateway: ScriptedGateway) -> None:
    banner = home.page.locator("passerelle-chat .banner")
    await gateway.until(lambda: bool(gateway.hellos))

    states: list[tuple[Frame, str]] = [
        ({"handled_by": "waiting", "organisation": "Accueil Laval"}, "Demande envoyée à Accueil Laval."),
        ({"handled_by": "staff", "organisation": "Accueil Laval"}, "Une personne vous répond (Accueil Laval)."),
        ({"handled_by": "staff", "organisation": None}, "Une personne de l’équipe vous répond."),
    ]
    for state, words in states:
        await gateway.send({"type": "state", **state})
        await expect(banner).to_contain_text(words)
    await gateway.send({"type": "state", "handled_by": "assistant", "organisation": None})
    await expect(banner).to_have_text("")


# Nothing lost, nothing doubled.


async def test_a_reload_brings_the_whole_conversation_back(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    await home.write("deux")
    await expect(home.messages).to_have_count(4)

    await home.page.reload()

    await expect(home.texts).to_have_text(["un", "Reçu : un", "deux", "Reçu : deux"])
    assert gateway.hellos[-1]["token"] == next(iter(gateway.conversations))
    assert gateway.hellos[-1]["after"] == 0


async def test_after_a_cut_what_was_missed_comes_once(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    await gateway.drop()
    await gateway.say("Dit pendant la coupure.")

    await expect(home.texts).to_have_text(["un", "Reçu : un", "Dit pendant la coupure."])

    assert gateway.hellos[-1]["after"] == 2
    assert len(gateway.hellos) == 2


async def test_a_message_heard_twice_is_shown_once(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    conversation = next(iter(gateway.conversations.values()))

    for message in [*conversation.messages, *conversation.messages]:
        await gateway.send(message)
    await gateway.say("Fin.")

    await expect(home.texts).to_have_text(["un", "Reçu : un", "Fin."])


async def test_what_is_written_while_cut_is_sent_in_order(home: Visit, gateway: ScriptedGateway) -> None:
    home.is_cut_on_purpose = True
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    gateway.is_down = True
    await gateway.drop()
    await expect(home.page.get_by_text("Connexion en cours…")).to_be_visible()
    for text in ("deux", "trois", "quatre"):
        await home.write(text)
    await expect(home.page.get_by_text("Envoi…")).to_have_count(3)

    gateway.is_down = False

    await expect(home.messages).to_have_count(8)
    await expect(home.page.get_by_text("Connexion en cours…")).to_have_count(0)
    assert [frame["text"] for frame in gateway.sent] == ["un", "deux", "trois", "quatre"]


async def test_what_was_never_sent_survives_a_reload(home: Visit, gateway: ScriptedGateway) -> None:
    home.is_cut_on_purpose = True
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    gateway.is_down = True
    await gateway.drop()
    await home.write("deux")
    await home.page.reload()
    await expect(home.texts).to_have_text(["deux"])

    gateway.is_down = False

    await expect(home.texts).to_have_text(["un", "Reçu : un", "deux", "Reçu : deux"])


@pytest.mark.parametrize("silence", ["cut", "open"])
async def test_a_swallowed_acknowledgement_is_sent_again_once_with_the_same_id(
    visit: Visit, gateway: ScriptedGateway, silence: str
) -> None:
    """Whether the connection falls, or stays open and says nothing (the clock is moved, not waited for)."""
    await visit.page.clock.install()
    await visit.page.goto(gateway.url)
    await gateway.until(lambda: bool(gateway.hellos))
    gateway.acks_to_swallow = 1

    await visit.write("Bonjour")
    await gateway.until(lambda: len(gateway.sent) == 1)
    if silence == "cut":
        await gateway.drop()
    else:
        await visit.page.clock.run_for(11_000)
    await visit.page.clock.run_for(1_000)
    await gateway.until(lambda: len(gateway.sent) == 2)

    await expect(visit.page.get_by_text("Envoyé")).to_be_visible()
    await visit.page.clock.run_for(30_000)
    await expect(visit.texts).to_have_text(["Bonjour"])
    assert gateway.sent[0] == gateway.sent[1]
    assert len(gateway.sent) == 2


async def test_a_new_conversation_on_the_server_clears_the_old_one(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    gateway.conversations.clear()

    await gateway.drop()
    await expect(home.messages).to_have_count(0)
    await home.write("deux")

    await expect(home.texts).to_have_text(["deux", "Reçu : deux"])


async def test_two_windows_show_the_same_conversation(
    home: Visit, context: BrowserContext, gateway: ScriptedGateway
) -> None:
    await home.write("un")
    await expect(home.messages).to_have_count(2)
    other = Visit(await context.new_page())
    await other.page.goto(gateway.url)
    await expect(other.texts).to_have_text(["un", "Reçu : un"])

    await gateway.say("Pour les deux.")

    await expect(home.messages).to_have_count(3)
    await expect(other.messages).to_have_count(3)


async def test_it_works_where_storage_is_refused(visit: Visit, gateway: ScriptedGateway) -> None:
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })"
    await visit.page.add_init_script(refuse)
    await visit.page.goto(gateway.url)
    await visit.write("un")
    await expect(visit.messages).to_have_count(2)

    await gateway.drop()
    await visit.write("deux")

    await expect(visit.texts).to_have_text(["un", "Reçu : un", "deux", "Reçu : deux"])


# Choices, links, files.


async def test_a_choice_is_sent_and_then_closed(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.answer = lambda frame: [{"text": "Quelle heure?", "choices": TIMES}] if "text" in frame else []
    await home.write("rendez-vous")

    await home.page.get_by_role("button", name="3 déc., 10 h 30").click()

    await gateway.until(lambda: len(gateway.sent) == 2)
    assert {key: gateway.sent[1][key] for key in ("type", "payload", "title")} == {"type": "choose", **TIMES[0]}
    await expect(home.texts.last).to_have_text("3 déc., 10 h 30")
    closed = home.page.locator("passerelle-chat .choices button")
    await expect(closed.first).to_have_attribute("aria-pressed", "true")
    await expect(closed.last).to_have_attribute("aria-disabled", "true")
    await closed.last.click(force=True)
    assert len(gateway.sent) == 2


async def test_only_the_last_choices_are_open_also_after_a_reload(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.answer = lambda _: [{"text": "Quelle heure?", "choices": TIMES}]
    await home.write("un")
    await home.write("deux")
    await expect(home.messages).to_have_count(4)

    await home.page.reload()

    await expect(home.messages).to_have_count(4)
    closed = home.page.locator("passerelle-chat .choices [aria-disabled]")
    await expect(home.page.locator("passerelle-chat .choices button")).to_have_count(4)
    await expect(closed).to_have_count(2)


async def test_a_refused_choice_can_be_made_again(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.answer = lambda frame: [{"text": "Quelle heure?", "choices": TIMES}] if "text" in frame else []
    await home.write("rendez-vous")
    choice = home.page.get_by_role("button", name="Autres heures")
    await expect(choice).to_be_visible()
    gateway.errors = [{"code": "too_fast", "text": "Un instant."}]

    await choice.click()
    await expect(home.page.get_by_text("Un instant.")).to_be_visible()
    await choice.click()

    await gateway.until(lambda: len(gateway.sent) == 3)
    await expect(home.field).to_have_value("")


async def test_links_open_apart_and_files_are_downloaded(home: Visit, gateway: ScriptedGateway) -> None:
    reply: Frame = {
        "text": "C’est réservé.",
        "links": [
            {"title": "RAMQ", "url": "https://www.ramq.gouv.qc.ca/"},
            {"title": "piège", "url": "javascript:alert(1)"},
            {"title": "cassé", "url": "http://["},
        ],
        "files": [{"name": "rendez-vous.ics", "url": "/files/rendez-vous.ics", "mime": "text/calendar"}],
    }
    gateway.answer = lambda _: [reply]
    await home.write("rendez-vous")

    links = home.page.locator("passerelle-chat .links a")
    await expect(links).to_have_count(2)
    await expect(links.first).to_have_attribute("rel", "noopener noreferrer")
    await expect(home.page.locator("passerelle-chat .links li")).to_contain_text(["RAMQ", "piège", "cassé", "rendez"])
    async with home.page.expect_download() as download:
        await links.last.click()
    assert (await download.value).suggested_filename == "rendez-vous.ics"


# Hostile text.

HOSTILE = [
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 1">',
    "\u202egnp.exe \u2066مرحبا\u2069 \u0000 \u200f!",
    "**" * 2000 + "<b>" + "x" * 6000,
    "{count} {organisation} %s \\u0000 __proto__ constructor",
    "مرحبا، أحتاج إلى مساعدة",
]


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "img", "bidi", "10000", "braces", "arabic"])
async def test_hostile_text_is_shown_as_text(home: Visit, gateway: ScriptedGateway, text: str) -> None:
    gateway.answer = lambda _: [
        {"text": text, "choices": [{"title": text, "payload": text}], "links": [{"title": text, "url": "https://q.ca"}]}
    ]
    await home.write(text[:1900])
    await expect(home.messages).to_have_count(2)

    assert await home.texts.nth(0).evaluate("element => element.textContent") == text[:1900].strip()
    shown = await home.texts.nth(1).evaluate("element => element.textContent")
    assert shown.replace("*", "") == text.replace("*", "")
    elements = await home.page.locator("passerelle-chat .log").evaluate(
        "log => [...new Set([...log.querySelectorAll('*')].map(element => element.localName))].sort()"
    )
    assert set(elements) <= {"a", "button", "div", "li", "p", "span", "strong", "time", "ul"}
    assert await home.page.evaluate("window.hacked") is None
    wide = "element => element.scrollWidth <= element.clientWidth"
    assert await home.page.locator("passerelle-chat .log").evaluate(wide)


async def test_arabic_reads_from_right_to_left_in_its_own_bubble(home: Visit, gateway: ScriptedGateway) -> None:
    await home.write(HOSTILE[-1])
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(4)

    directions = await home.texts.evaluate_all("texts => texts.map(text => getComputedStyle(text).direction)")
    assert directions[0] == "rtl"
    assert "ltr" in directions


# Three languages.


@pytest.mark.parametrize(
    ("language", "send", "danger"),
    [("fr", "Envoyer", "Danger? 911"), ("en", "Send", "Danger? 911"), ("es", "Enviar", "¿Peligro? 911")],
)
async def test_the_page_and_the_widget_speak_the_language_asked(
    visit: Visit, gateway: ScriptedGateway, language: str, send: str, danger: str
) -> None:
    await visit.page.goto(f"{gateway.url}/?lang={language}")

    await expect(visit.page.get_by_role("button", name=send)).to_be_visible()
    await expect(visit.page.get_by_role("link", name=danger)).to_have_attribute("href", "tel:911")
    await expect(visit.page.locator("html")).to_have_attribute("lang", language)
    await gateway.until(lambda: bool(gateway.hellos))
    assert gateway.hellos[0]["language"] == language


async def test_choosing_a_language_changes_the_words_at_once_and_tells_the_server(
    home: Visit, gateway: ScriptedGateway
) -> None:
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(2)

    await home.page.get_by_role("button", name="Español").click()

    await expect(home.page.get_by_role("button", name="Enviar")).to_be_visible()
    await expect(home.page.get_by_placeholder("Escriba aquí…")).to_be_visible()
    await expect(home.page.locator("passerelle-chat .by span").first).to_have_text("Usted")
    await gateway.until(lambda: len(gateway.sent) == 2)
    assert gateway.sent[1]["payload"] == '/set_language{"language":"es"}'
    assert gateway.sent[1]["title"] == "Español"
    assert home.page.url.endswith("?lang=es")


async def test_the_words_follow_the_language_of_the_answers(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.answer = lambda _: [{"text": "¡Hola!", "language": "es"}]

    await home.write("hola, buenos días")

    await expect(home.page.get_by_role("button", name="Enviar")).to_be_visible()
    await expect(home.messages.nth(1).locator("[lang]")).to_have_attribute("lang", "es")


async def test_a_language_link_of_the_page_changes_a_conversation_already_begun(
    home: Visit, gateway: ScriptedGateway
) -> None:
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(2)

    await home.page.get_by_role("navigation").get_by_role("link", name="English").click()

    await expect(home.page.get_by_role("button", name="Send")).to_be_visible()
    await gateway.until(lambda: len(gateway.sent) == 2)
    assert gateway.sent[1]["payload"] == '/set_language{"language":"en"}'


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_the_words_have_the_same_names_and_holes_in_each_language(language: str) -> None:
    words: dict[str, str] = json.loads(render("widget_words.json", language))
    french: dict[str, str] = json.loads(render("widget_words.json", "fr"))

    holes = {name: sorted(re.findall(r"\{\w+\}", text)) for name, text in words.items()}
    assert holes == {name: sorted(re.findall(r"\{\w+\}", text)) for name, text in french.items()}
    assert all(len(words[button]) <= 20 for button in ("open", "send", "unread", "close"))


# On another site.


@pytest_asyncio.fixture(loop_scope="session")
async def site(visit: Visit, gateway: ScriptedGateway) -> AsyncIterator[Visit]:
    """Another origin that embeds the widget with one script tag; its panel is closed."""
    async with AnotherSite(gateway.url) as site:
        await visit.page.goto(site.url)
        await expect(visit.page.get_by_role("button", name="Poser une question")).to_be_visible()
        yield visit


async def test_one_script_tag_is_enough_on_another_site(site: Visit, gateway: ScriptedGateway) -> None:
    assert gateway.received == []
    await site.page.get_by_role("button", name="Poser une question").click()

    await site.write("Bonjour")

    await expect(site.texts).to_have_text(["Bonjour", "Reçu : Bonjour"])
    ours = gateway.url.removeprefix("http://")
    assert {url.split("/")[2] for url in site.requests if url.split("/")[2] != site.page.url.split("/")[2]} == {ours}


async def test_the_site_cannot_restyle_or_resize_the_widget(visit: Visit, gateway: ScriptedGateway) -> None:
    async with AnotherSite(gateway.url) as friend:
        friend.csp = friend.csp + "; style-src 'unsafe-inline'"
        rules = "html{font-size:50%} button,textarea,p{font-size:9px!important;display:none!important;color:red}"
        friend.page = friend.page.replace("</head>", f"<style>{rules}</style></head>")
        await visit.page.goto(friend.url)

        launcher = visit.page.get_by_role("button", name="Poser une question")

        await expect(launcher).to_be_visible()
        assert await launcher.evaluate("element => getComputedStyle(element).fontSize") == "16px"


async def test_focus_goes_in_escape_closes_and_focus_returns(site: Visit) -> None:
    launcher = site.page.get_by_role("button", name="Poser une question")
    await site.page.keyboard.press("Tab")
    await site.page.keyboard.press("Tab")
    await expect(launcher).to_be_focused()

    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("dialog", name="Conversation avec Passerelle")).to_be_visible()
    await expect(site.field).to_be_focused()
    await site.page.keyboard.press("Escape")

    await expect(site.page.get_by_role("dialog")).to_be_hidden()
    await expect(launcher).to_be_focused()


async def test_on_a_small_screen_the_panel_is_modal(site: Visit) -> None:
    await site.page.set_viewport_size(PHONE)
    await site.page.get_by_role("button", name="Poser une question").click()

    assert await site.page.locator("passerelle-chat dialog").evaluate("dialog => dialog.matches(':modal')")
    await site.page.keyboard.press("Escape")
    await expect(site.page.get_by_role("button", name="Poser une question")).to_be_focused()


async def test_the_launcher_says_that_an_answer_has_come(site: Visit, gateway: ScriptedGateway) -> None:
    await site.page.get_by_role("button", name="Poser une question").click()
    await site.write("Bonjour")
    await expect(site.messages).to_have_count(2)
    await site.page.get_by_role("button", name="Fermer").click()
    await expect(site.page.get_by_role("button", name="Poser une question")).to_be_visible()
    await site.page.reload()
    await gateway.until(lambda: len(gateway.hellos) == 2)

    await gateway.say("L’équipe a répondu.")

    unread = site.page.get_by_role("button", name="Lire la réponse")
    await unread.click()
    await expect(site.texts.last).to_be_visible()
    await site.page.keyboard.press("Escape")
    await expect(site.page.get_by_role("button", name="Poser une question")).to_be_visible()


async def test_our_page_does_not_take_the_focus(home: Visit, gateway: ScriptedGateway) -> None:
    await gateway.until(lambda: bool(gateway.hellos))

    assert await home.page.evaluate("document.activeElement === document.body")


async def test_a_conversation_can_be_held_with_the_keyboard_alone(home: Visit, gateway: ScriptedGateway) -> None:
    gateway.answer = lambda frame: [{"text": "Quelle heure?", "choices": TIMES}] if "text" in frame else []
    keyboard = home.page.keyboard
    for _ in range(20):
        await keyboard.press("Tab")
        if await home.field.evaluate("field => field.getRootNode().activeElement === field"):
            break
    await keyboard.type("rendez-vous")
    await keyboard.press("Enter")
    await expect(home.page.get_by_role("button", name="Autres heures")).to_be_visible()

    await keyboard.press("Shift+Tab")
    await expect(home.page.get_by_role("button", name="Autres heures")).to_be_focused()
    await keyboard.press("Shift+Tab")
    await keyboard.press("Space")

    await gateway.until(lambda: len(gateway.sent) == 2)
    assert gateway.sent[1]["payload"] == TIMES[0]["payload"]
    await expect(home.page.get_by_role("button", name="3 déc., 10 h 30")).to_be_focused()


# Seen and heard by everyone.


async def violations(page: Page) -> str:
    results = await Axe().run(page, options=AXE)
    return str(results.generate_report()) if results.violations_count else ""


async def fill(visit: Visit, gateway: ScriptedGateway) -> None:
    """One of everything: each author, choices open and closed, links, a file, an error, each line of state."""
    rich: dict[str, Any] = {
        "text": "**Où :** RAMQ, 1 800 363-9010",
        "links": [{"title": "RAMQ", "url": "https://www.ramq.gouv.qc.ca/"}],
        "files": [{"name": "rendez-vous.ics", "url": "/files/rendez-vous.ics", "mime": "text/calendar"}],
        "choices": TIMES,
    }
    gateway.answer = lambda _: [rich]
    await visit.write("Bonjour")
    await expect(visit.messages).to_have_count(2)
    await visit.write("Encore")
    await expect(visit.messages).to_have_count(4)
    await gateway.send({"type": "state", "handled_by": "staff", "organisation": "Accueil Laval"})
    await gateway.say("Je vous lis.", **{"from": "staff"})
    await gateway.say("Message reçu.", **{"from": "system"})
    await gateway.send({"type": "error", "code": "too_fast", "text": "Un instant."})
    await gateway.send({"type": "typing"})
    await expect(visit.page.get_by_text("Une personne écrit…")).to_be_visible()
    await visit.field.fill("a" * 1950)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["320", "1366"])
@pytest.mark.parametrize("place", ["home", "site"])
async def test_axe_finds_nothing(visit: Visit, gateway: ScriptedGateway, scheme: Any, size: Any, place: str) -> None:
    await visit.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await visit.page.set_viewport_size(size)
    async with AnotherSite(gateway.url) as friend:
        await visit.page.goto(gateway.url if place == "home" else friend.url)
        if place == "site":
            await visit.page.get_by_role("button", name="Poser une question").click()
        await fill(visit, gateway)

        assert await violations(visit.page) == ""


@pytest.mark.parametrize("contrast", ["no-preference", "more"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_colour_keeps_seven_to_one(home: Visit, scheme: Any, contrast: Any) -> None:
    await home.page.emulate_media(color_scheme=scheme, contrast=contrast)
    names = sorted({name for pair in PAIRS for name in pair})
    colours: dict[str, str] = await home.page.evaluate(
        """names => { const style = getComputedStyle(document.documentElement);
            return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) }""",
        names,
    )

    weak = {pair: round(contrast_of(*(colours[name] for name in pair)), 2) for pair in PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 7} == {}


def contrast_of(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours written #rrggbb."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("place", ["home", "site"])
async def test_320_pixels_are_enough_and_targets_are_large(visit: Visit, gateway: ScriptedGateway, place: str) -> None:
    await visit.page.set_viewport_size(PHONE)
    async with AnotherSite(gateway.url) as friend:
        await visit.page.goto(gateway.url if place == "home" else friend.url)
        if place == "site":
            await visit.page.get_by_role("button", name="Poser une question").click()
        await fill(visit, gateway)

        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 320
        small = await visit.page.locator("passerelle-chat").evaluate(
            """chat => [...chat.shadowRoot.querySelectorAll("button, textarea, .danger, .links a")]
                .filter(element => element.offsetParent)
                .map(element => [element.textContent, element.getBoundingClientRect()])
                .filter(([, box]) => box.width < 44 || box.height < 44)
                .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
        )
        assert small == []


async def test_at_400_percent_everything_can_be_reached(visit: Visit, gateway: ScriptedGateway) -> None:
    """A screen of 1280 x 1024 at 400 % has 320 x 256 pixels left."""
    await visit.page.set_viewport_size({"width": 320, "height": 256})
    async with AnotherSite(gateway.url) as friend:
        await visit.page.goto(friend.url)
        await visit.page.get_by_role("button", name="Poser une question").click()
        await visit.write("Bonjour")

        for name in ("Envoyer", "Fermer", "Español"):
            button = visit.page.get_by_role("button", name=name)
            await button.scroll_into_view_if_needed()
            await expect(button).to_be_in_viewport(ratio=1)


async def test_forced_colours_keep_the_shape_of_each_author(visit: Visit, gateway: ScriptedGateway) -> None:
    await visit.page.emulate_media(forced_colors="active")
    await visit.page.goto(gateway.url)
    await fill(visit, gateway)

    borders = await visit.texts.evaluate_all(
        "texts => texts.map(text => { const s = getComputedStyle(text);"
        " return [s.borderLeftWidth, s.borderTopWidth, s.borderTopStyle].join(' ') })"
    )
    person, assistant, staff, system = borders[0], borders[1], borders[4], borders[5]
    assert len({person, assistant, staff, system}) == 4


async def test_the_log_is_live_but_old_messages_are_not_news(home: Visit, gateway: ScriptedGateway) -> None:
    log = home.page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    await home.write("un")
    await expect(home.messages).to_have_count(2)

    await home.page.reload()

    await expect(log).to_have_attribute("aria-live", "off")
    await expect(log).to_have_attribute("aria-live", "polite")


# What it costs and whom it asks.


async def test_nothing_is_asked_of_anyone_else_and_no_cookie_is_left(
    home: Visit, context: BrowserContext, gateway: ScriptedGateway
) -> None:
    await home.write("Bonjour")
    await expect(home.messages).to_have_count(2)

    host = gateway.url.removeprefix("http://")
    assert {url.split("/")[2] for url in home.requests} == {host}
    assert await context.cookies() == []


async def test_the_widget_stays_small_and_parses_no_html() -> None:
    script = (GATEWAY / "static" / "widget.js").read_text(encoding="utf-8")
    style = (GATEWAY / "static" / "widget.css").read_text(encoding="utf-8")

    assert len((script + style).encode()) <= 32_000
    assert len(gzip.compress((script + style).encode())) <= 12_000
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser", script)
