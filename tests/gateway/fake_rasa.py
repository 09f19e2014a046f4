"""Stands in for Rasa: a real server that answers our channel's protocol as a script says."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.contract import RASA_CHANNEL, TURN_PATH, reply_to_json
from bot.domain.messages import Reply

Respond = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """The turn runs and says these bubbles; none is a silent turn."""

    replies: tuple[Reply, ...]
    language: str | None = None


@dataclass(frozen=True)
class Refuse:
    """No answer but a status: 500 is a failed turn, 503 a Rasa that loads its model."""

    status: int


@dataclass(frozen=True)
class Hang:
    """The turn never ends."""


@dataclass(frozen=True)
class CutOff:
    """The connection closes with no answer; `has_run` when the turn was run and kept before."""

    has_run: bool


@dataclass(frozen=True)
class Say:
    """An answer that is not of the protocol."""

    body: Any


Step = Answer | Refuse | Hang | CutOff | Say


def says(*texts: str, language: str | None = None) -> Answer:
    return Answer(tuple(Reply(text) for text in texts), language)


@dataclass
class FakeRasa:
    """Without a script, a message is answered by its own text: "echo: …". A `message_id` is run once, as by ours."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    intents: dict[str, str] = field(default_factory=dict)
    # What happens while a turn runs, as the action server's part would.
    during: Callable[[dict[str, Any]], Any] | None = None
    # Most turns of one person that were ever run at once.
    most_at_once: int = 0
    is_ready: bool = True
    _script: deque[Step] = field(default_factory=deque)
    _kept: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _server: TestServer | None = None
    _port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def texts(self) -> list[str]:
        """What was asked, in order, repeats included."""
        return [turn["text"] for turn in self.turns]

    def will(self, *steps: Step) -> None:
        """What the next turns do, one step each."""
        self._script.extend(steps)

    async def __aenter__(self) -> FakeRasa:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """At the same address as before."""
        app = web.Application()
        app.router.add_post(TURN_PATH, self._turn)
        app.router.add_post(f"/webhooks/{RASA_CHANNEL}/understand", self._understand)
        app.router.add_get(f"/webhooks/{RASA_CHANNEL}/", self._health)
        self._over.clear()
        self._server = TestServer(app, port=self._port)
        await self._server.start_server()
        assert self._server.port
        self._port = self._server.port

    async def stop(self) -> None:
        if self._server is not None:
            self._over.set()
            await self._server.close()
            self._server = None

    async def wait_for_turns(self, number: int) -> None:
        async with asyncio.timeout(5), self._arrived:
            await self._arrived.wait_for(lambda: len(self.turns) >= number)

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        sender = body["sender"]
        self.turns.append(body)
        async with self._arrived:
            self._arrived.notify_all()
        self._running[sender] += 1
        self.most_at_once = max(self.most_at_once, self._running[sender])
        try:
            if self.during is not None:
                await self.during(body)
            return await self._answer(request, body)
        finally:
            self._running[sender] -= 1

    async def _answer(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        key = body["sender"], body["message_id"]
        if key in self._kept:
            return web.json_response({**self._kept[key], "status": "repeated"})
        match self._script.popleft() if self._script else says(f"echo: {body['text']}"):
            case Refuse(status):
                return web.json_response({"status": "failed", "reason": "scripted"}, status=status)
            case Hang():
                await self._over.wait()
                return web.Response(status=503)
            case Say(said):
                return web.json_response(said)
            case CutOff(has_run):
                if has_run:
                    self._keep(key, says(f"echo: {body['text']}"), body)
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case Answer() as answer:
                return web.json_response(self._keep(key, answer, body))

    def _keep(self, key: tuple[str, str], answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
        language = answer.language or body["metadata"]["language"]
        replies = [reply_to_json(reply) for reply in answer.replies]
        self._kept[key] = {"status": "answered", "replies": replies, "language": language}
        return self._kept[key]

    async def _understand(self, request: web.Request) -> web.Response:
        text = (await request.json())["text"]
        self.understood.append(text)
        return web.json_response({"intent": self.intents.get(text, "inform"), "confidence": 0.9})

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"is_ready": self.is_ready})
