"""A gateway that does what a test tells it to: the real files of the widget, the real protocol, a scripted other end.

It keeps conversations in memory and speaks docs/widget-protocol.md. A test gives it the answers, then makes it
swallow acknowledgements, drop sockets or refuse messages, and reads in `received` what the widget sent.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import WSMsgType, web
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader

from bot.gateway.pages import for_browsers, page_context
from bot.i18n.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "bot" / "gateway"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"

Frame = dict[str, Any]
Answer = Callable[[Frame], list[Frame]]


def render(template: str, language: str) -> str:
    """A template of the gateway, its words taken from the .po files, so that nothing has to be compiled first."""
    with (ROOT / "locales" / language / "LC_MESSAGES" / "widget.po").open("rb") as file:
        catalogue = read_po(file, locale=language)

    def pgettext(context: str, french: str, **values: str) -> str:
        message = catalogue.get(french, context=context)
        assert message is not None and message.string, f"{language}: {context} has no translation"
        return str(message.string).format_map(values) if values else str(message.string)

    environment = Environment(loader=FileSystemLoader(GATEWAY / "templates"), autoescape=True)
    return environment.get_template(template).render(page_context(language), pgettext=pgettext)


def repeat(frame: Frame) -> list[Frame]:
    """The answer of a gateway without a script."""
    return [{"text": f"Reçu : {frame.get('text') or frame['title']}"}]


@dataclass
class Conversation:
    token: str
    language: str
    messages: list[Frame] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)


class ScriptedGateway:
    """Use it as `async with ScriptedGateway() as gateway`."""

    def __init__(self, answer: Answer = repeat) -> None:
        self.answer = answer
        self.received: list[Frame] = []
        self.conversations: dict[str, Conversation] = {}
        self.acks_to_swallow = 0
        self.errors: list[Frame] = []
        self.handled_by: Frame = {"handled_by": "assistant"}
        self.is_down = False
        self._sockets: dict[web.WebSocketResponse, Conversation] = {}
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._home),
                web.get("/widget.js", self._file("static/widget.js")),
                web.get("/static/widget.css", self._file("static/widget.css")),
                web.get("/static/tokens.css", self._file("static/tokens.css")),
                web.get("/chat/words", self._words),
                web.get("/chat/ws", self._chat),
                web.get("/files/rendez-vous.ics", self._calendar),
                web.get("/favicon.ico", self._nothing),
            ]
        )
        self._runner, self.url = await serve(app)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        await self._runner.cleanup()

    # What a test asks.

    @property
    def sent(self) -> list[Frame]:
        """The messages and choices received, repeats included."""
        return [frame for frame in self.received if frame["type"] in ("message", "choose")]

    @property
    def hellos(self) -> list[Frame]:
        return [frame for frame in self.received if frame["type"] == "hello"]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something to arrive that makes it true. Raises TimeoutError."""
        async with asyncio.timeout(10):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def say(self, text: str, **extra: Any) -> None:
        """A message of the assistant, kept, and sent to whoever is connected."""
        for conversation in self.conversations.values():
            await self._say(conversation, {"text": text, **extra})

    async def send(self, frame: Frame) -> None:
        """Any frame, as it is, to every socket."""
        for socket in list(self._sockets):
            await socket.send_json(frame)

    async def drop(self) -> None:
        """Cuts every connection as a lost network does, with no closing frame."""
        for request in self._requests.values():
            if request.transport is not None:
                request.transport.abort()
        self._sockets.clear()

    # The protocol.

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._requests[socket] = request
        try:
            async for event in socket:
                if event.type is WSMsgType.TEXT:
                    frame = json.loads(event.data)
                    self.received.append(frame)
                    await self._receive(socket, frame)
                    self._news.set()
        finally:
            self._sockets.pop(socket, None)
            self._requests.pop(socket, None)
        return socket

    async def _receive(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        if frame["type"] == "hello":
            await self._welcome(socket, frame)
            return
        conversation = self._sockets[socket]
        if self.errors:
            await socket.send_json({"type": "error", "id": frame["id"], **self.errors.pop(0)})
            return
        is_new = frame["id"] not in conversation.stored
        if is_new:
            conversation.stored.add(frame["id"])
            text = frame.get("text") or frame["title"]
            self._keep(conversation, {"from": "person", "id": frame["id"], "text": text})
        if self.acks_to_swallow:
            self.acks_to_swallow -= 1
            return
        await socket.send_json({"type": "ack", "id": frame["id"]})
        if is_new:
            for reply in self.answer(frame):
                await self._say(conversation, reply)
        await socket.send_json({"type": "turn_end", "id": frame["id"]})

    async def _welcome(self, socket: web.WebSocketResponse, hello: Frame) -> None:
        conversation = self.conversations.get(hello["token"])
        if conversation is None:
            conversation = Conversation(str(uuid.uuid4()), hello["language"])
            self.conversations[conversation.token] = conversation
        self._sockets[socket] = conversation
        welcome = {"type": "welcome", "token": conversation.token, "language": conversation.language}
        await socket.send_json({**welcome, "handled_by": self.handled_by["handled_by"]})
        await socket.send_json({"type": "state", "organisation": None, **self.handled_by})
        for message in conversation.messages:
            if message["seq"] > hello["after"]:
                await socket.send_json(message)

    async def _say(self, conversation: Conversation, reply: Frame) -> None:
        message = self._keep(conversation, {"from": "assistant", **reply})
        for socket, listening in list(self._sockets.items()):
            if listening is conversation:
                await socket.send_json(message)

    def _keep(self, conversation: Conversation, message: Frame) -> Frame:
        whole = {
            "type": "message",
            "seq": len(conversation.messages) + 1,
            "language": conversation.language,
            "at": "2026-12-23T15:00:00Z",
            "choices": [],
            "links": [],
            "files": [],
            "topic": None,
            **message,
        }
        conversation.messages.append(whole)
        return whole

    # The files.

    async def _home(self, request: web.Request) -> web.Response:
        page = render("index.html", request.query.get("lang", "fr"))
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": CSP})

    async def _words(self, _: web.Request) -> web.Response:
        words = {
            code: json.loads(render("widget_words.json", code)) | {"language": for_browsers(code)} for code in LANGUAGES
        }
        return web.json_response(words, headers={"Access-Control-Allow-Origin": "*"})

    async def _calendar(self, _: web.Request) -> web.Response:
        return web.Response(text=CALENDAR, content_type="text/calendar", headers={"Content-Disposition": "attachment"})

    async def _nothing(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    def _file(self, path: str) -> Callable[[web.Request], Any]:
        async def serve_it(_: web.Request) -> web.FileResponse:
            return web.FileResponse(GATEWAY / path, headers={"Access-Control-Allow-Origin": "*"})

        return serve_it


class AnotherSite:
    """A site that embeds the widget as docs/embedding.md says, under the strict policy given there."""

    def __init__(self, widget: str, html: str = "") -> None:
        self.csp = f"default-src 'none'; script-src {widget}; connect-src {widget} {widget.replace('http', 'ws', 1)}"
        self.page = (
            '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Un site ami</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<script src="{widget}/widget.js" defer></script></head>'
            f'<body><main><h1>Un site ami</h1><p><a href="#ici">Un lien</a></p>{html}</main></body></html>'
        )

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._home)
        self._runner, self.url = await serve(app)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/html", headers={"Content-Security-Policy": self.csp})


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"http://127.0.0.1:{port}"
