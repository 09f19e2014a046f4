"""The console with a real database file, the people who wait in it and the staff who answer: for tests/console and
tests/browser/test_console.py."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.console.app import standalone_app
from bot.domain.handoffs import Team
from bot.domain.messages import Author, Channel, Incoming, Reply
from bot.i18n.catalogue import LOCALES, Catalogue
from bot.settings import Settings
from bot.wiring import Wiring, wired

PASSWORD = "quatre chats gris"
NOW = datetime.fromisoformat("2026-12-03T10:00:00-05:00")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_REPLY_ID = re.compile(r'name="reply_id" value="([^"]+)"')


@cache
def catalogue() -> Catalogue:
    """The sentences as they are in the .po files now, compiled aside."""
    with tempfile.TemporaryDirectory() as folder:
        for source in LOCALES.glob("*/LC_MESSAGES/*.po"):
            compiled = (Path(folder) / source.relative_to(LOCALES)).with_suffix(".mo")
            compiled.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as po, compiled.open("wb") as mo:
                write_mo(mo, read_po(po))
        return Catalogue(Path(folder))


@dataclass
class Stage:
    wiring: Wiring
    server: TestServer
    port: int
    visitors: list[Visitor] = field(default_factory=list)
    _people: int = 0

    async def stop(self) -> None:
        """The console goes away; its database stays."""
        await self.server.close()

    async def start_again(self) -> None:
        """At the same address."""
        self.server = TestServer(standalone_app(self.wiring), port=self.port)
        await self.server.start_server()

    @property
    def address(self) -> str:
        return str(self.server.make_url("/staff")).rstrip("/")

    async def a_member_of_staff(self, name: str) -> str:
        """Their e-mail; the password is PASSWORD."""
        email = f"{name.split()[0].lower()}@organisme.test"
        await self.wiring.services.staff.add(email, name, PASSWORD)
        return email

    async def a_person(self, language: str = "es", channel: Channel = Channel.WIDGET, says: str = "Hola") -> str:
        """The id of a new conversation with the assistant."""
        self._people += 1
        opened = await self.wiring.services.conversations.open(channel, f"address-{self._people}", language, None)
        await self.says(opened.conversation.id, says)
        return opened.conversation.id

    async def someone_waits(self, language: str = "es", *, is_urgent: bool = False, **person: Any) -> str:
        conversation_id = await self.a_person(language, **person)
        await self.wiring.services.handoffs.ask(conversation_id, None, is_urgent=is_urgent)
        return conversation_id

    async def says(self, conversation_id: str, text: str) -> None:
        self._people += 1
        await self.wiring.services.conversations.receive(Incoming(conversation_id, f"m-{self._people}", text))

    async def is_told(self, conversation_id: str, reply: Reply) -> None:
        await self.wiring.services.conversations.tell(conversation_id, [reply], Author.ASSISTANT)

    async def texts(self, conversation_id: str, author: Author) -> list[str]:
        messages = await self.wiring.services.conversations.messages_after(conversation_id, 0)
        return [message.text for message in messages if message.author is author]

    async def a_visitor(self, name: str | None = None) -> Visitor:
        """A client of its own; signed in when it has a name."""
        visitor = Visitor(self, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
        self.visitors.append(visitor)
        if name:
            answer = await visitor.sign_in(await self.a_member_of_staff(name))
            assert answer.status == 303
        return visitor


@dataclass
class Visitor:
    """A browser without script: it follows no redirection by itself and sends back the fields of the page."""

    stage: Stage
    http: aiohttp.ClientSession

    async def get(self, path: str, **more: Any) -> tuple[aiohttp.ClientResponse, str]:
        response = await self.http.get(self.stage.address + path, allow_redirects=False, **more)
        return response, await response.text()

    async def post(
        self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> tuple[aiohttp.ClientResponse, str]:
        """As it is given: without the token, unless `fields` has it."""
        response = await self.http.post(self.stage.address + path, data=fields, headers=headers, allow_redirects=False)
        return response, await response.text()

    async def fields(self, page: str) -> dict[str, str]:
        _, html = await self.get(page)
        found = {"csrf": _CSRF.search(html), "reply_id": _REPLY_ID.search(html)}
        return {name: match[1] for name, match in found.items() if match}

    async def submit(
        self, page: str, path: str, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[aiohttp.ClientResponse, str]:
        """Opens the page and sends its form."""
        return await self.post(path, {**await self.fields(page), **fields}, headers)

    async def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> aiohttp.ClientResponse:
        response, _ = await self.submit("/sign-in", "/sign-in", None, email=email, password=password, **fields)
        return response

    async def act(self, conversation_id: str, what: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
        """Take, reply or close, from the page of the conversation."""
        page = f"/conversations/{conversation_id}"
        return await self.submit(page, f"{page}/{what}", None, **fields)


@asynccontextmanager
async def staged(var: Path, **settings: Any) -> AsyncIterator[Stage]:
    """The console on a free port, its clock at NOW."""
    # Real argon2, at a price that a test can pay.
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with patch("bot.wiring.default_catalogue", catalogue), patch("bot.services.staff._hasher", cheap):
        chosen = Settings(_env_file=None, var=var, **{"now": NOW, **settings})  # type: ignore[call-arg]
        async with wired(chosen) as wiring:
            async with wiring.house.work() as unit:
                await unit.handoffs.add_team(Team("team", "Accueil Montréal", None, time(8), time(17)))
            server = TestServer(standalone_app(wiring))
            await server.start_server()
            assert server.port
            stage = Stage(wiring, server, server.port)
            try:
                yield stage
            finally:
                for visitor in stage.visitors:
                    await visitor.http.close()
                await stage.server.close()
