"""The page that holds the widget, its static files, and the words of its interface."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.i18n.catalogue import Catalogue
from bot.i18n.languages import FRENCH, LANGUAGES, about, known
from bot.i18n.lists import say_languages

STATIC = Path(__file__).with_name("static")
# Other sites embed the widget: what it reads is public.
PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-cache",
}


def add_words(environment: jinja2.Environment, catalogue: Catalogue) -> None:
    """Gives templates `pgettext("name", "French", …)`, in the template's variable `language`.

    Without values the placeholders stay, for the widget to fill.
    """

    @jinja2.pass_context
    def pgettext(context: jinja2.runtime.Context, name: str, french: str, **values: str) -> str:
        said = catalogue.translate(name, french, context["language"])
        return said.format_map(values) if values else said

    environment.globals["pgettext"] = pgettext


def widget_words(environment: jinja2.Environment) -> dict[str, Any]:
    """The widget's interface in every language, with what a browser is to know of each."""
    template = environment.get_template("widget_words.json")
    return {code: json.loads(template.render(language=code)) | {"language": for_browsers(code)} for code in LANGUAGES}


def for_browsers(language: str) -> dict[str, str]:
    it = about(language)
    return {"name": it.name, "locale": it.browser, "direction": it.direction}


def page_context(language: str) -> dict[str, Any]:
    """What the page that holds the widget is told of languages."""
    return {
        "language": language,
        "languages": LANGUAGES,
        "direction": about(language).direction,
        "said_languages": say_languages(language),
    }


async def home(request: web.Request) -> web.Response:
    language = known(request.query.get("lang")) or preferred_language(request) or FRENCH
    return aiohttp_jinja2.render_template("index.html", request, page_context(language))


def preferred_language(request: web.Request) -> str | None:
    """The first language of the browser that we speak."""
    for part in request.headers.get("Accept-Language", "").split(","):
        language = known(part.partition(";")[0])
        if language is not None:
            return language
    return None


def static(name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    path = STATIC / name

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=path.read_text(encoding="utf-8"), content_type=content_type, headers=PUBLIC)

    return handler


async def health(request: web.Request) -> web.Response:
    return web.json_response({"is_alive": True})


async def no_icon(request: web.Request) -> web.Response:
    """Browsers ask for one whatever the page says."""
    return web.Response(status=204)
