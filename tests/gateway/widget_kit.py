"""What the tests of the gateway are made of: a gateway on a real database and a real port, and those who come to it."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from bot.domain.conversations import Conversation
from bot.domain.messages import Author, Channel, Message
from bot.gateway.app import gateway_app
from bot.gateway.channels.widget import token_address
from bot.wiring import Wiring, wired
from tests.factories import settings_in
from tests.gateway.fake_rasa import FakeRasa

# The answer to anything comes within this; a silence is never waited for.
PATIENCE = 10.0
Frame = dict[str, Any]


@dataclass
class Visitor:
    """One connection of the widget: says hello first, and keeps all that it hears."""

    socket: aiohttp.ClientWebSocketResponse
    token: str | None = None
    welcome: Frame = field(default_factory=dict)
    heard: list[Frame] = field(default_factory=list)

    async def hear(self) -> Frame:
        """The next frame."""
        frame: Frame = await self.socket.receive_json(timeout=PATIENCE)
        self.heard.append(frame)
        return frame

    async def until(self, kind: str, **fields: object) -> list[Frame]:
        """The frames up to and including one of this type, with these fields."""
        frames = []
        while True:
            frames.append(await self.hear())
            if frames[-1]["type"] == kind and fields.items() <= frames[-1].items():
                return frames

    async def until_said(self, text: str) -> list[Frame]:
        return await self.until("message", text=text)

    async def hello(self, language: str = "fr", *, token: str | None = None, after: int = 0, **more: object) -> Frame:
        frame = {"type": "hello", "token": token, "after": after, "language": language, "timezone": None, **more}
        await self.socket.send_json(frame)
        self.welcome = (await self.until("welcome"))[-1]
        self.token = self.welcome["token"]
        return self.welcome

    async def say(self, text: str, message_id: str | None = None) -> str:
        """The id of the message."""
        message_id = message_id or str(uuid.uuid4())
        await self.socket.send_json({"type": "message", "id": message_id, "text": text})
        return message_id

    async def choose(self, payload: str, title: str = "Bouton") -> str:
        message_id = str(uuid.uuid4())
        await self.socket.send_json({"type": "choose", "id": message_id, "payload": payload, "title": title})
        return message_id

    async def ask(self, text: str) -> list[str]:
        """Says it and waits for the end of the turn: what was said back."""
        frames = await self.until("turn_end", id=await self.say(text))
        return [frame["text"] for frame in frames if frame["type"] == "message" and frame["from"] != "person"]

    @property
    def said(self) -> list[str]:
        return [frame["text"] for frame in self.heard if frame["type"] == "message"]


def types(frames: list[Frame]) -> list[str]:
    return [frame["type"] for frame in frames]


@dataclass
class Gateway:
    """One gateway that listens; several may share a store."""

    wiring: Wiring
    server: TestServer
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def connect(self, **options: Any) -> Visitor:
        """Before hello."""
        return Visitor(await self.http.ws_connect(f"{self.url}/chat/ws", **options))

    async def visitor(self, language: str = "fr", **hello: Any) -> Visitor:
        """Welcomed, and greeted when new."""
        visitor = await self.connect()
        await visitor.hello(language, **hello)
        if not hello.get("token"):
            await visitor.until("message", seq=2)
        return visitor

    async def get(self, path: str, **options: Any) -> aiohttp.ClientResponse:
        response = await self.http.get(self.url + path, **options)
        await response.read()
        return response

    def sentence(self, name: str, language: str = "fr", **values: object) -> str:
        return self.wiring.catalogue.say(name, language, values)

    async def conversation(self, visitor: Visitor) -> Conversation:
        assert visitor.token
        found = await self.wiring.services.conversations.at_address(Channel.WIDGET, token_address(visitor.token))
        assert found is not None
        return found

    async def kept(self, visitor: Visitor) -> list[Message]:
        conversation = await self.conversation(visitor)
        return list(await self.wiring.services.conversations.messages_after(conversation.id, 0))

    async def kept_of(self, visitor: Visitor, author: Author) -> list[str]:
        return [message.text for message in await self.kept(visitor) if message.author is author]


@asynccontextmanager
async def listening(wiring: Wiring, rasa: FakeRasa) -> AsyncIterator[Gateway]:
    """The gateway of a wiring that is open."""
    server = TestServer(gateway_app(wiring, rasa.url))
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as http:
            yield Gateway(wiring, server, http)
            # Before its clients: what waits for a turn is cancelled with it.
            await server.close()
    finally:
        await server.close()


@asynccontextmanager
async def database_held(folder: Path) -> AsyncIterator[None]:
    """Somebody else has the write lock and keeps it: for us, the database is gone."""
    connection = sqlite3.connect(folder / "passerelle.db", isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(connection.execute, "BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@asynccontextmanager
async def gateway(folder: Path, rasa: FakeRasa, **settings: object) -> AsyncIterator[Gateway]:
    """A gateway on the store of this folder; opened again, it is another process on the same store."""
    async with AsyncExitStack() as stack:
        wiring = await stack.enter_async_context(wired(settings_in(folder, **settings)))
        yield await stack.enter_async_context(listening(wiring, rasa))


async def both(*waits: Any) -> list[Any]:
    """Their results, all awaited at once."""
    return list(await asyncio.gather(*waits))
