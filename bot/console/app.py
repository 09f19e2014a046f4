"""Puts the console together: routes, middlewares, headers. The program mounts it at /staff; it can also run alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.console import auth, content, live, organisations, promise, sessions, supply, supply_files, views
from bot.console.pages import DESK, TEMPLATES, WIRING, problems, said
from bot.settings import ROOT
from bot.wiring import Wiring

MOUNT = "/staff"
_STATIC = Path(__file__).parent / "static"
_FILES = {
    "tokens.css": ROOT / "bot" / "gateway" / "static" / "tokens.css",
    **{name: _STATIC / name for name in ("console.css", "content.css", "supply.css", "console.js", "icon.svg")},
}
_CONVERSATION = "/conversations/{id:[A-Za-z0-9_-]{1,64}}"
_SUPPLY = "/supply/{table:agents|offices|absences|closed_days}"
_ENTRY = f"{_SUPPLY}/entries/{{entry:[A-Za-z0-9_-]{{1,64}}}}"
_MEETING = "{meeting:[A-Za-z0-9_-]{1,64}}"
_SESSION = "/sessions/{session:[A-Za-z0-9_-]{1,64}}"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def console_app(wiring: Wiring) -> web.Application:
    """The console without its prefix: `app.add_subapp("/staff", console_app(wiring))`."""
    app = web.Application()
    auth.keep_sessions(app, wiring.settings)
    app.middlewares.extend((problems, auth.guard))
    app.on_response_prepare.append(_set_headers)
    templates = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        auto_reload=wiring.settings.env == "development",
        trim_blocks=True,
        lstrip_blocks=True,
        filters={"said": said},
    )
    app[WIRING] = wiring
    app[DESK] = live.Desk(wiring, templates)
    app.cleanup_ctx.append(_watch_the_desk)
    app.on_shutdown.append(_end_streams)
    app.router.add_get("", views.to_the_list)
    app.router.add_get("/", views.show_list, name="list")
    app.router.add_get("/live", live.list_stream, name="live")
    app.router.add_get("/sign-in", auth.show_sign_in, name=auth.SIGN_IN)
    app.router.add_post("/sign-in", auth.sign_in, name=auth.SIGN_IN)
    app.router.add_post("/sign-out", auth.sign_out, name="sign_out")
    app.router.add_get(_CONVERSATION, views.show_conversation, name="conversation")
    app.router.add_get(f"{_CONVERSATION}/live", live.conversation_stream, name="conversation_live")
    app.router.add_post(f"{_CONVERSATION}/take", views.take, name="take")
    app.router.add_post(f"{_CONVERSATION}/reply", views.reply, name="reply")
    app.router.add_post(f"{_CONVERSATION}/close", views.close, name="close")
    app.router.add_get("/organisations", organisations.show, name=organisations.PAGE)
    app.router.add_get("/organisations/export", organisations.export, name="organisations_export")
    app.router.add_post("/organisations/check", organisations.check, name="organisations_check")
    app.router.add_post("/organisations/import", organisations.take_in, name="organisations_import")
    app.router.add_get("/content", content.show_content, name="content")
    app.router.add_get("/content/topics.csv", content.topics_csv, name="content_topics")
    app.router.add_get("/content/facts.csv", content.facts_csv, name="content_facts")
    app.router.add_get("/sessions", sessions.show, name=sessions.PAGE)
    app.router.add_get("/sessions/export", sessions.export, name="sessions_export")
    app.router.add_post("/sessions/add", sessions.add, name="sessions_add")
    app.router.add_post("/sessions/import", sessions.take_in, name="sessions_import")
    app.router.add_get(_SESSION, sessions.show_one, name=sessions.ONE)
    app.router.add_post(f"{_SESSION}/attendance", sessions.mark, name="session_attendance")
    app.router.add_post(f"{_SESSION}/seats", sessions.change_seats, name="session_seats")
    app.router.add_post(f"{_SESSION}/cancel", sessions.cancel, name="session_cancel")
    app.router.add_post(f"{_SESSION}/confirm", sessions.confirm, name="session_confirm")
    app.router.add_post(f"{_SESSION}/complete", sessions.complete, name="session_complete")
    app.router.add_get("/supply", supply.show, name=supply.PAGE)
    app.router.add_get("/supply/moves", supply.show_moves, name=supply.MOVES)
    app.router.add_post(f"/supply/moves/{_MEETING}", supply.decide, name="supply_decide")
    app.router.add_get(_SUPPLY, supply.show_table, name=supply.TABLE)
    app.router.add_get(f"{_SUPPLY}/new", supply.show_new, name=supply.NEW)
    app.router.add_post(f"{_SUPPLY}/new", supply.save, name=supply.NEW)
    app.router.add_get(_ENTRY, supply.show_one, name=supply.ONE)
    app.router.add_post(_ENTRY, supply.save, name=supply.ONE)
    app.router.add_post(f"{_ENTRY}/remove", supply.remove, name="supply_remove")
    app.router.add_get(f"{_SUPPLY}/export", supply_files.export, name="supply_export")
    app.router.add_post(f"{_SUPPLY}/check", supply_files.check, name="supply_check")
    app.router.add_post(f"{_SUPPLY}/import", supply_files.take_in, name="supply_import")
    app.router.add_get("/promise", promise.show, name=promise.PAGE)
    app.router.add_get("/promise/{file:people|weeks|agents|offers}.csv", promise.export, name="promise_export")
    app.router.add_post(f"/promise/meetings/{_MEETING}", promise.mark, name="promise_mark")
    app.router.add_get("/static/{name}", _static, name=auth.STATIC)
    return app


def standalone_app(wiring: Wiring) -> web.Application:
    """The console at its usual address, with nothing beside it."""
    app = web.Application()
    app.router.add_get("/", _to_the_console)
    app.add_subapp(MOUNT, console_app(wiring))
    return app


async def _to_the_console(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{MOUNT}/")


async def _static(request: web.Request) -> web.StreamResponse:
    file = _FILES.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return web.FileResponse(file, headers={"Cache-Control": "no-cache"})


async def _set_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """On every response, streams and errors included, just before it leaves."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


async def _watch_the_desk(app: web.Application) -> AsyncIterator[None]:
    async with app[DESK].watched():
        yield


async def _end_streams(app: web.Application) -> None:
    # Otherwise aiohttp waits a minute for them.
    app[DESK].close()
