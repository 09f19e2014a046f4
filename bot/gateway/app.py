"""The gateway as an aiohttp application: widget, Telegram's webhook, calendar files, health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp_jinja2
import jinja2
import redis.asyncio
from aiohttp import web

from bot.domain.messages import Channel
from bot.gateway import meeting_links, pages
from bot.gateway.calendar_files import calendar_file, key_of
from bot.gateway.channels.telegram import TelegramChannel
from bot.gateway.channels.widget import WidgetChannel
from bot.gateway.courier import Courier
from bot.gateway.headers import security_headers
from bot.gateway.locks import ConversationLocks
from bot.gateway.rasa_client import RasaClient
from bot.gateway.switchboard import Switchboard
from bot.wiring import Wiring

HERE = Path(__file__).parent
MAX_BODY = 256 * 1024

SWITCHBOARD = web.AppKey("switchboard", Switchboard)


def gateway_app(wiring: Wiring, rasa_url: str, *, with_courier: bool = True) -> web.Application:
    """Everything that faces people. `rasa_url` is private."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[security_headers])
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=jinja2.select_autoescape(default=True)
    )
    pages.add_words(environment, wiring.catalogue)
    rasa = RasaClient(rasa_url, wiring.settings.rasa_timeout)
    locks = ConversationLocks(
        redis.asyncio.Redis.from_url(wiring.settings.redis_url) if wiring.settings.redis_url else None
    )
    switchboard = Switchboard(wiring, rasa, locks)
    widget = WidgetChannel(wiring, switchboard)
    app[SWITCHBOARD] = switchboard
    words = pages.widget_words(environment)

    async def chat_words(request: web.Request) -> web.Response:
        return web.json_response(words, headers=pages.PUBLIC, dumps=partial(json.dumps, ensure_ascii=False))

    async def meeting_file(request: web.Request) -> web.Response:
        body = await read_file(wiring, request.path)
        if body is None:
            raise web.HTTPNotFound
        return web.Response(
            body=body,
            content_type="text/calendar",
            charset="utf-8",
            headers={"Content-Disposition": "attachment", "Cache-Control": "no-store"},
        )

    async def ready(request: web.Request) -> web.Response:
        is_ready = await rasa.is_ready()
        return web.json_response({"is_ready": is_ready}, status=200 if is_ready else 503)

    async def running(app: web.Application) -> AsyncIterator[None]:
        async with rasa:
            await switchboard.start()
            yield
            await switchboard.stop()
            await locks.close()

    app.cleanup_ctx.append(running)
    app.on_shutdown.append(lambda _: widget.close())
    app.add_routes(
        [
            web.get("/", pages.home),
            web.get("/widget.js", pages.static("widget.js", "text/javascript")),
            web.get("/static/widget.css", pages.static("widget.css", "text/css")),
            web.get("/static/tokens.css", pages.static("tokens.css", "text/css")),
            web.get("/chat/words", chat_words),
            web.get("/chat/ws", widget.handle),
            web.get("/files/meetings/{file}", meeting_file),
            *meeting_links.routes(wiring),
            web.get("/static/meeting.css", pages.static("meeting.css", "text/css")),
            web.get("/favicon.ico", pages.no_icon),
            web.get("/health", pages.health),
            web.get("/ready", ready),
        ]
    )
    if wiring.settings.telegram_bot_token is not None:
        _add_telegram(app, wiring, switchboard, with_courier=with_courier)
    return app


def _add_telegram(app: web.Application, wiring: Wiring, switchboard: Switchboard, *, with_courier: bool) -> None:
    telegram = TelegramChannel(wiring, switchboard, read_file=partial(read_file, wiring))
    courier = Courier(wiring, {Channel.TELEGRAM: telegram})

    async def running(app: web.Application) -> AsyncIterator[None]:
        await telegram.start()
        carrying = asyncio.create_task(courier.run()) if with_courier else None
        yield
        await courier.stop()
        if carrying is not None:
            await carrying
        await telegram.stop()

    app.cleanup_ctx.append(running)
    app.router.add_post("/telegram/webhook", telegram.webhook_handler)


def courier_app(wiring: Wiring) -> web.Application:
    """The courier alone, with its health check: carries what the gateways of other machines put in the outbox."""
    app = web.Application()
    app.add_routes([web.get("/health", pages.health)])
    if wiring.settings.telegram_bot_token is not None:
        sender = TelegramChannel(wiring, None, read_file=partial(read_file, wiring))
        courier = Courier(wiring, {Channel.TELEGRAM: sender})

        async def running(app: web.Application) -> AsyncIterator[None]:
            carrying = asyncio.create_task(courier.run())
            yield
            await courier.stop()
            await carrying

        app.cleanup_ctx.append(running)
    return app


async def read_file(wiring: Wiring, url: str) -> bytes | None:
    """The bytes of a file that was sent in a conversation; None when there is none at this address."""
    key = key_of(url)
    meeting = await wiring.services.meetings.by_file_key(key) if key else None
    if meeting is None:
        return None
    conversation = await wiring.services.conversations.get(meeting.conversation_id)
    return calendar_file(
        meeting, wiring.catalogue, conversation.language, wiring.clock.now(), organizer=wiring.settings.mail_from
    )
