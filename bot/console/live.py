"""What moves by itself: the list and a conversation, as server-sent events that carry rendered HTML.

The list is read once for everyone who looks at it, however many they are; what differs from one to the next is drawn
from the same reading. A stream sends the whole state when it begins, so a lost connection costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from markupsafe import Markup

from bot import bell
from bot.bell import Ear
from bot.console.auth import signed_in
from bot.console.pages import DESK, VISIT, WIRING, Words, reference, words_of
from bot.domain.handoffs import HandoffState
from bot.domain.messages import Message
from bot.services.handoffs import DeskLine, OpenConversation
from bot.services.house import UnknownConversation
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
# Rings that come together are one reading.
GATHER_SECONDS = 0.2
# A session that ended elsewhere ends its streams within this.
CHECK_SECONDS = 5.0
SEND_SECONDS = 30.0


class Desk:
    """The list as it was last read, and the streams that show it."""

    def __init__(self, wiring: Wiring, templates: jinja2.Environment) -> None:
        self.is_closing = False
        self._wiring = wiring
        self._templates = templates
        self._lines: Sequence[DeskLine] = ()
        self._read_at: datetime = wiring.clock.now()
        # What was drawn from this reading: whole lists, and the rows they are made of.
        self._drawn: dict[tuple[str, str | None], Markup] = {}
        self._rows: dict[tuple[str, str, bool], Markup] = {}
        self._started = self._done = 0
        self._reading = asyncio.Lock()
        self._ears: set[Ear] = set()
        self._count_ears: set[Ear] = set()

    async def look(self) -> None:
        """Reads the list; those who ask while one reading runs share the next."""
        wanted = self._started + 1
        async with self._reading:
            if self._done >= wanted:
                return
            self._started += 1
            lines = await self._wiring.services.handoffs.desk()
            was, count = (self._lines, self._minutes()), self.waiting
            self._lines, self._read_at = lines, self._wiring.clock.now()
            self._drawn, self._rows = {}, {}
            self._done = self._started
        if (lines, self._minutes()) != was:
            _ring(self._ears)
        if self.waiting != count:
            _ring(self._count_ears)

    def _minutes(self) -> list[int]:
        """What each has waited, as it is shown."""
        return [(self._read_at - line.handoff.asked_at) // timedelta(minutes=1) for line in self._lines]

    @property
    def waiting(self) -> int:
        return sum(line.handoff.state is HandoffState.WAITING for line in self._lines)

    def title(self, words: Words) -> str:
        return self._counted(words.pgettext("console.list.title", "Passerelle – Conversations"))

    def conversation_title(self, words: Words, conversation_id: str) -> str:
        name = reference(conversation_id)
        return self._counted(
            words.pgettext("console.conversation.title", "Passerelle – Conversation {name}", name=name)
        )

    def fragment(self, words: Words, staff_id: str) -> Markup:
        """The list as this member of staff sees it: those who answer nobody all see the same."""
        key = (words.language, staff_id if any(line.handoff.staff_id == staff_id for line in self._lines) else None)
        if key not in self._drawn:
            rows: dict[bool, list[Markup]] = {True: [], False: []}
            for line in self._lines:
                row = self._row(line, words, is_mine=line.handoff.staff_id == staff_id)
                rows[line.handoff.state is HandoffState.WAITING].append(row)
            context = {**words.context(), "title": self.title(words), "waiting": rows[True], "taken": rows[False]}
            self._drawn[key] = Markup(self._templates.get_template("desk.html").render(context))
        return self._drawn[key]

    def _row(self, line: DeskLine, words: Words, *, is_mine: bool) -> Markup:
        key = (line.handoff.id, words.language, is_mine)
        if key not in self._rows:
            context = {**words.context(), "line": line, "now": self._read_at, "is_mine": is_mine}
            self._rows[key] = Markup(self._templates.get_template("row.html").render(context))
        return self._rows[key]

    def _counted(self, title: str) -> str:
        return f"({self.waiting}) {title}" if self.waiting else title

    @contextmanager
    def shown_to(self, ear: Ear, *, count_only: bool = False) -> Iterator[None]:
        """Rings `ear` whenever the list changed, or only when the number of people who wait did."""
        ears = self._count_ears if count_only else self._ears
        ears.add(ear)
        try:
            yield
        finally:
            ears.discard(ear)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Reads the list at every ring while somebody looks at it."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        with self._wiring.bell.listen(bell.DESK) as ear:
            while True:
                await ear.wait()
                if not self._ears and not self._count_ears:
                    continue
                try:
                    await self.look()
                except Exception as error:
                    # Not the error's own text: a database puts people's words in it.
                    logger.warning("list not read, trying again: %s", type(error).__name__)
                await asyncio.sleep(GATHER_SECONDS)

    def close(self) -> None:
        """Ends every stream."""
        self.is_closing = True
        _ring(self._ears | self._count_ears)


def _ring(ears: set[Ear]) -> None:
    for ear in ears:
        ear.ring()


class Stream:
    """One browser that listens. It ends with the session, and when the console stops."""

    def __init__(self, request: web.Request, response: EventSourceResponse) -> None:
        self._request = request
        self._response = response
        self._sent: dict[str, str] = {}
        self._heard_at = self._checked_at = asyncio.get_running_loop().time()

    async def send(self, event: str, data: str = "") -> None:
        await self._response.send(data, event=event)
        self._heard_at = asyncio.get_running_loop().time()

    async def show(self, event: str, data: str) -> None:
        """Sends the state of something, when it isn't what was sent last."""
        if self._sent.get(event) != data:
            self._sent[event] = data
            await self.send(event, data)

    async def goes_on(self, ear: Ear) -> bool:
        """Waits for a ring; false when there is nothing more to say."""
        await ear.wait()
        if self._request.app[DESK].is_closing or not self._response.is_connected():
            return False
        now = asyncio.get_running_loop().time()
        if now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            if await signed_in(self._request.app[WIRING], self._request[VISIT].session) is None:
                await self.send("signed-out")
                return False
        if now - self._heard_at >= BEAT_SECONDS:
            await self.send("beat")
        return True


@asynccontextmanager
async def _streaming(request: web.Request) -> AsyncIterator[tuple[EventSourceResponse, Stream]]:
    async with sse_response(request, send_timeout=SEND_SECONDS) as response:
        try:
            yield response, Stream(request, response)
        except (ConnectionError, TimeoutError):
            logger.debug("stream left: %s", request.path)
        except Exception as error:
            # The page is half sent: it can only end, and the browser asks again. Not the error's own text, as above.
            logger.error("stream failed: %s: %s", request.path, type(error).__name__)


async def list_stream(request: web.Request) -> web.StreamResponse:
    desk, words, account = request.app[DESK], words_of(request), request[VISIT].account
    async with _streaming(request) as (response, stream):
        if account is None:
            await stream.send("signed-out")
            return response
        ear = Ear()
        with desk.shown_to(ear):
            await desk.look()
            await stream.show("list", desk.fragment(words, account.id))
            while await stream.goes_on(ear):
                await stream.show("list", desk.fragment(words, account.id))
    return response


async def conversation_stream(request: web.Request) -> web.StreamResponse:
    """Messages that follow `?after=`, who speaks, and how many people wait elsewhere."""
    account, conversation_id = request[VISIT].account, request.match_info["id"]
    asked = request.query.get("after", "0")
    after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    async with _streaming(request) as (response, stream):
        if account is None:
            await stream.send("signed-out")
            return response
        desk, wiring = request.app[DESK], request.app[WIRING]
        with wiring.bell.listen(conversation_id) as ear, desk.shown_to(ear, count_only=True):
            await desk.look()
            try:
                after = await _tell(request, stream, account.id, after)
                while await stream.goes_on(ear):
                    after = await _tell(request, stream, account.id, after)
            except UnknownConversation:
                await stream.send("gone")
    return response


async def _tell(request: web.Request, stream: Stream, staff_id: str, after: int) -> int:
    """Sends what is new; the number of the last message sent."""
    app, words, conversation_id = request.app, words_of(request), request.match_info["id"]
    opened = await app[WIRING].services.handoffs.open_conversation(conversation_id, after)
    if opened.messages:
        await stream.send("messages", messages_html(app, words, opened.messages))
        after = opened.messages[-1].seq
    await stream.show("panel", panel_html(app, words, opened, staff_id, request[VISIT].csrf))
    desk = app[DESK]
    counted = {"title": desk.conversation_title(words, conversation_id), "waiting": waiting_words(words, desk.waiting)}
    await stream.show("waiting", json.dumps(counted, ensure_ascii=False))
    return after


def waiting_words(words: Words, count: int) -> str:
    return words.pgettext("console.nav.waiting", "Conversations (en attente\u00a0: {count})", count=count)


def messages_html(app: web.Application, words: Words, messages: Sequence[Message]) -> Markup:
    return _part(app, words, "messages.html", messages=messages)


def panel_html(app: web.Application, words: Words, opened: OpenConversation, staff_id: str, csrf: str) -> Markup:
    """Who speaks now, what is known of the person, and the buttons that change it."""
    return _part(app, words, "panel.html", opened=opened, staff_id=staff_id, csrf=csrf, now=app[WIRING].clock.now())


def _part(app: web.Application, words: Words, template: str, **context: Any) -> Markup:
    templates = aiohttp_jinja2.get_env(app)
    return Markup(templates.get_template(template).render({**words.context(), **context}))
