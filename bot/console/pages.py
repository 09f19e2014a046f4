"""What every page of the console shares: who asks, in which language, the words, and pages that say what went wrong."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp_jinja2
from aiohttp import web
from aiohttp_session import Session
from markupsafe import Markup, escape
from yarl import URL

from bot.domain.meetings import QUEBEC
from bot.domain.staff import Account
from bot.i18n.catalogue import Catalogue
from bot.i18n.dates import say_button_moment
from bot.i18n.languages import FRENCH, LANGUAGES, about
from bot.i18n.lists import say_language
from bot.wiring import Wiring

if TYPE_CHECKING:
    from bot.console.live import Desk

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
WIRING = web.AppKey("wiring", Wiring)
DESK: web.AppKey[Desk] = web.AppKey("desk")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_REFERENCE_CHARS = 6


@dataclass
class Visit:
    """One request: its session, and the account when somebody is signed in."""

    session: Session
    account: Account | None = None

    @property
    def language(self) -> str:
        return str(self.session.get("language", FRENCH))

    @property
    def csrf(self) -> str:
        return str(self.session.get("csrf", ""))


VISIT = web.RequestKey("visit", Visit)


def account_of(request: web.Request) -> Account:
    """Whoever is signed in: the guard lets nobody else reach a view."""
    account = request[VISIT].account
    if account is None:
        raise web.HTTPUnauthorized
    return account


class Words:
    """The console's sentences in one language."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.language = language
        self._catalogue = catalogue

    def pgettext(self, name: str, french: str, /, **values: object) -> str:
        return self._catalogue.translate(name, french, self.language).format_map(values)

    def moment(self, at: datetime) -> str:
        """Day and hour in Montréal."""
        return say_button_moment(at.astimezone(QUEBEC), self.language)

    def lasted(self, since: datetime, now: datetime) -> str:
        minutes = max(0, int((now - since) / timedelta(minutes=1)))
        hours, days = minutes // 60, minutes // (24 * 60)
        if minutes < 1:
            return self.pgettext("console.lasted.moment", "moins d’une minute")
        if hours < 1:
            return self.pgettext("console.lasted.minutes", "{minutes}\u00a0min", minutes=minutes)
        if days < 1:
            return self.pgettext(
                "console.lasted.hours", "{hours}\u00a0h\u00a0{minutes}", hours=hours, minutes=f"{minutes % 60:02}"
            )
        return self.pgettext("console.lasted.days", "{days}\u00a0j\u00a0{hours}\u00a0h", days=days, hours=hours % 24)

    def context(self) -> dict[str, Any]:
        """What a template may use."""
        return {
            "language": self.language,
            "direction": about(self.language).direction,
            "say_language": partial(say_language, language=self.language),
            "pgettext": self.pgettext,
            "moment": self.moment,
            "lasted": self.lasted,
            "reference": reference,
        }


def words_of(request: web.Request) -> Words:
    return Words(request.app[WIRING].catalogue, request[VISIT].language)


def said(text: str) -> Markup:
    """The text of a message: everything escaped, then `**bold**`. Line breaks are kept by the style sheet."""
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(text))))


def reference(conversation_id: str) -> str:
    """A short name that two members of staff can say to each other; people have no name here."""
    return conversation_id[:_REFERENCE_CHARS].upper()


def render(request: web.Request, template: str, context: Mapping[str, Any], *, status: int = 200) -> web.Response:
    visit, words = request[VISIT], words_of(request)
    shared = {
        **words.context(),
        "languages": LANGUAGES,
        "account": visit.account,
        "csrf": visit.csrf,
        "here": _page_address(request),
    }
    return aiohttp_jinja2.render_template(template, request, {**shared, **context}, status=status)


def _page_address(request: web.Request) -> URL:
    """Where a choice of language comes back to: a page, never the address of a form that failed."""
    if request.method in ("GET", "HEAD"):
        return request.rel_url
    if "id" in request.match_info:
        return request.app.router["conversation"].url_for(id=request.match_info["id"])
    for section in ("organisations", "supply", "promise"):
        if (request.match_info.route.name or "").startswith(section):
            return request.app.router[section].url_for()
    if "session" in request.match_info:
        return request.app.router["session"].url_for(session=request.match_info["session"])
    if (request.match_info.route.name or "").startswith("sessions"):
        return request.app.router["sessions"].url_for()
    return request.app.router["list"].url_for()


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def as_json(answer: Mapping[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(answer, status=status, dumps=lambda data: json.dumps(data, ensure_ascii=False))


def problem(request: web.Request, status: int, sentence: str, *, unsent: str = "") -> web.Response:
    """A page that says what went wrong. `unsent` is what the person had typed, given back to be copied."""
    if wants_json(request):
        return as_json({"error": sentence, "csrf": request[VISIT].csrf}, status=status)
    return render(request, "problem.html", {"sentence": sentence, "unsent": unsent, "status": status}, status=status)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong inside is answered in words."""
    try:
        return await handler(request)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        failed: web.HTTPException | None = answer
    except Exception as error:
        # Not the error's own text: a database puts people's words in it.
        places = "".join(traceback.format_tb(error.__traceback__))
        logger.error("console failed: %s %s: %s\n%s", request.method, request.path, type(error).__name__, places)
        failed = None
    if VISIT not in request:
        request[VISIT] = Visit(Session(None, data=None, new=True))
    pgettext = words_of(request).pgettext
    if failed is None:
        broken = pgettext("console.problem.broken", "La console a eu un problème. Réessayez dans un instant.")
        return problem(request, 500, broken)
    if failed.status == 413:
        return problem(
            request, 413, pgettext("console.problem.too_large", "Ce fichier est trop lourd pour la console.")
        )
    if failed.status in (404, 405):
        return problem(request, 404, pgettext("console.problem.no_page", "Cette page n’existe pas."))
    return problem(
        request, failed.status, pgettext("console.problem.refused", "La console n’a pas pu lire cette demande.")
    )
