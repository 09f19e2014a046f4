"""The content page: which facts are withdrawn or soon will be, and the state of every topic, for whoever looks after
them. Everyone who is signed in may read it; what it shows is changed in `bot/knowledge/steps/`, not here."""

from __future__ import annotations

import asyncio
import codecs

import aiohttp_jinja2
from aiohttp import web

from bot.console.content_report import Drawing
from bot.console.pages import WIRING, render, words_of
from bot.knowledge.report import Report, report_on
from bot.knowledge.steps import OWNERS, steps


async def show_content(request: web.Request) -> web.StreamResponse:
    report, owner = await _report(request), _owner(request)
    topics = {name: len(report.of_owner(name).topics) for name in OWNERS}
    context = {"fragment": _drawing(request, report).fragment(), "owners": topics, "owner": owner}
    return render(request, "content.html", {**context, "all_topics": len(report.topics)})


async def topics_csv(request: web.Request) -> web.StreamResponse:
    return _file(request, "topics", _drawing(request, await _report(request)).topics_csv())


async def facts_csv(request: web.Request) -> web.StreamResponse:
    return _file(request, "facts", _drawing(request, await _report(request)).facts_csv())


async def _report(request: web.Request) -> Report:
    wiring, language = request.app[WIRING], words_of(request).language
    # The first reading of the files takes a while; nobody else should wait for it.
    read = await asyncio.to_thread(steps)
    today = wiring.services.meetings.today()
    return report_on(read.values(), wiring.settings.shelf_lives, today, wiring.catalogue.translate, language)


def _owner(request: web.Request) -> str | None:
    asked = request.query.get("owner")
    return asked if asked in OWNERS else None


def _drawing(request: web.Request, report: Report) -> Drawing:
    templates = aiohttp_jinja2.get_env(request.app)
    shelf_lives = request.app[WIRING].settings.shelf_lives
    return Drawing(templates, words_of(request), report.of_owner(_owner(request)), shelf_lives)


def _file(request: web.Request, subject: str, text: str) -> web.Response:
    owner = _owner(request)
    name = "-".join(part for part in ("passerelle", subject, owner) if part)
    return web.Response(
        # Without this mark Excel takes the file for another encoding.
        text=codecs.BOM_UTF8.decode() + text,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
