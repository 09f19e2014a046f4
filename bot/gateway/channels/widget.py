"""The web widget's channel: a WebSocket at /chat/ws, one JSON object a frame (docs/widget-protocol.md)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
import weakref
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import WSMsgType, web

from bot.bell import Ear
from bot.contract import reply_to_json
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Incoming, Message
from bot.gateway.limits import ConnectionLimit, RateLimit, TooManyConnections
from bot.gateway.origin import address_of, is_allowed_origin
from bot.gateway.switchboard import Switchboard
from bot.i18n.languages import FRENCH, known
from bot.store.unit_of_work import StoreUnavailable
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

HELLO_SECONDS = 15.0
HEARTBEAT_SECONDS = 25.0
MAX_ID_CHARS = 100
TOKEN_BYTES = 32


class BadFrame(Exception):
    """The frame is not one of the protocol. `code` goes to the client, `name` is the sentence it reads."""

    def __init__(self, code: str, name: str, message_id: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.name = name
        self.message_id = message_id
        self.values = values


@dataclass(frozen=True)
class Hello:
    token: str | None
    after: int
    language: str | None
    timezone: str | None


class WidgetChannel:
    """`handle` serves one connection; `close` ends all of them."""

    def __init__(self, wiring: Wiring, switchboard: Switchboard) -> None:
        self.wiring = wiring
        self.switchboard = switchboard
        settings = wiring.settings
        self._connections = ConnectionLimit(settings.connections_per_address)
        self._new = RateLimit(settings.new_conversations_per_minute, 60)
        self.rate = RateLimit(settings.messages_per_minute, 60)
        self._sockets: weakref.WeakSet[web.WebSocketResponse] = weakref.WeakSet()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not is_allowed_origin(request, self.wiring.settings):
            raise web.HTTPForbidden(text="origin")
        address = address_of(request, self.wiring.settings)
        try:
            with self._connections.hold(address):
                return await self._serve(request, address)
        except TooManyConnections:
            raise web.HTTPTooManyRequests(text="connections") from None

    async def close(self) -> None:
        for socket in tuple(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close(code=1001, message=b"restarting")

    async def _serve(self, request: web.Request, address: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            max_msg_size=self.wiring.settings.max_frame_bytes, heartbeat=HEARTBEAT_SECONDS, timeout=2.0
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            opened = await self._open(socket, address)
            if opened is not None:
                await Connection(self, socket, *opened).run()
        except (ConnectionError, StoreUnavailable) as error:
            logger.warning("widget connection ended: %s", type(error).__name__)
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def _open(self, socket: web.WebSocketResponse, address: str) -> tuple[Conversation, int] | None:
        """Waits for `hello` and answers `welcome`; None when the client never said it properly."""
        try:
            frame = await socket.receive(HELLO_SECONDS)
        except TimeoutError:
            return None
        try:
            hello = read_hello(frame.data if frame.type is WSMsgType.TEXT else None)
        except BadFrame as bad:
            await self.refuse(socket, bad, FRENCH)
            return None
        conversations = self.wiring.services.conversations
        token = hello.token
        conversation = await conversations.at_address(Channel.WIDGET, token_address(token)) if token else None
        is_new = conversation is None
        if conversation is None:
            if not self._new.allows(address):
                await self.refuse(socket, BadFrame("too_fast", "utter_too_fast"), known(hello.language) or FRENCH)
                return None
            token = secrets.token_urlsafe(TOKEN_BYTES)
        assert token is not None
        opened = await conversations.open(
            Channel.WIDGET, token_address(token), hello.language, known_timezone(hello.timezone)
        )
        conversation = opened.conversation
        await socket.send_json(
            {
                "type": "welcome",
                "token": token,
                "language": conversation.language,
                "handled_by": conversation.handled_by.value,
            }
        )
        if opened.is_new:
            await self.switchboard.greet(conversation)
        return conversation, 0 if is_new else hello.after

    async def refuse(self, socket: web.WebSocketResponse, bad: BadFrame, language: str) -> None:
        frame = {"type": "error", "code": bad.code, "text": self.wiring.catalogue.say(bad.name, language, bad.values)}
        if bad.message_id is not None:
            frame["id"] = bad.message_id
        await socket.send_json(frame)


class Connection:
    """One client, after `welcome`: reads its frames, and writes what is said in its conversation, in order."""

    def __init__(
        self, channel: WidgetChannel, socket: web.WebSocketResponse, conversation: Conversation, after: int
    ) -> None:
        self._channel = channel
        self._services = channel.wiring.services
        self._socket = socket
        self._id = conversation.id
        self._language = conversation.language
        self._sent = after
        self._handled_by: HandledBy | None = None
        self._events: asyncio.Queue[tuple[str, Message]] = asyncio.Queue()

    async def run(self) -> None:
        stop_watching = self._channel.switchboard.watch(self._id, self._on_turn)
        with self._channel.wiring.bell.listen(self._id) as ear:
            self._ear: Ear = ear
            writing = asyncio.create_task(self._write())
            try:
                await self._read()
            finally:
                stop_watching()
                writing.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await writing

    def _on_turn(self, kind: str, message: Message) -> None:
        self._events.put_nowait((kind, message))
        self._ear.ring()

    async def _write(self) -> None:
        await self._flush()
        while not self._socket.closed:
            await self._ear.wait()
            events = []
            while not self._events.empty():
                events.append(self._events.get_nowait())
            await self._flush()
            for kind, message in events:
                if kind == "typing":
                    await self._socket.send_json({"type": "typing"})
                elif message.message_id is not None:
                    await self._socket.send_json({"type": "turn_end", "id": message.message_id})

    async def _flush(self) -> None:
        """Sends what the client has not seen, and who handles the conversation when that changed."""
        for message in await self._services.conversations.messages_after(self._id, self._sent):
            await self._socket.send_json(message_frame(message))
            self._sent = message.seq
        conversation = await self._services.conversations.get(self._id)
        self._language = conversation.language
        if conversation.handled_by is not self._handled_by:
            is_first = self._handled_by is None
            self._handled_by = conversation.handled_by
            if is_first and conversation.handled_by is HandledBy.ASSISTANT:
                return
            handoff = await self._services.handoffs.current(self._id)
            organisation = handoff.team.name if handoff else None
            await self._socket.send_json(
                {"type": "state", "handled_by": conversation.handled_by.value, "organisation": organisation}
            )

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                await self._take(read_frame(frame.data))
            except BadFrame as bad:
                await self._channel.refuse(self._socket, bad, self._language)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind not in ("message", "choose"):
            raise BadFrame("unknown_type", "utter_bad_frame")
        message_id = frame.get("id")
        if not isinstance(message_id, str) or not 0 < len(message_id) <= MAX_ID_CHARS:
            raise BadFrame("bad_id", "utter_bad_frame")
        if not self._channel.rate.allows(self._id):
            raise BadFrame("too_fast", "utter_too_fast", message_id)
        text = frame.get("text" if kind == "message" else "title")
        limit = self._channel.wiring.settings.max_message_chars
        if not isinstance(text, str):
            raise BadFrame("bad_text", "utter_bad_frame", message_id)
        text = text.replace("\x00", "").strip()
        if not text:
            raise BadFrame("empty", "utter_empty", message_id)
        if len(text) > limit:
            raise BadFrame("too_long", "utter_too_long", message_id, limit=limit)
        payload = None
        if kind == "choose":
            payload = frame.get("payload")
            if not isinstance(payload, str) or not await self._services.conversations.was_offered(self._id, payload):
                raise BadFrame("old_choice", "utter_old_choice", message_id)
        try:
            await self._channel.switchboard.receive(Incoming(self._id, message_id, text, payload))
        except StoreUnavailable:
            logger.exception("message not kept: conversation=%s", self._id)
            raise BadFrame("try_later", "utter_try_later", message_id) from None
        await self._socket.send_json({"type": "ack", "id": message_id})


def read_frame(data: str) -> dict[str, Any]:
    """Raises BadFrame unless `data` is one JSON object."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFrame("bad_json", "utter_bad_frame") from None
    if not isinstance(frame, dict):
        raise BadFrame("bad_json", "utter_bad_frame")
    return frame


def read_hello(data: str | None) -> Hello:
    frame = read_frame(data or "")
    if frame.get("type") != "hello":
        raise BadFrame("hello_first", "utter_bad_frame")
    token, after = frame.get("token"), frame.get("after", 0)
    return Hello(
        token=token if isinstance(token, str) and 0 < len(token) <= MAX_ID_CHARS else None,
        after=after if isinstance(after, int) and not isinstance(after, bool) and after >= 0 else 0,
        language=frame["language"] if isinstance(frame.get("language"), str) else None,
        timezone=frame["timezone"] if isinstance(frame.get("timezone"), str) else None,
    )


def message_frame(message: Message) -> dict[str, Any]:
    """A kept message as the protocol writes it. `id` is the client's own, on the person's messages only."""
    frame = {
        "type": "message",
        "seq": message.seq,
        "from": message.author.value,
        **reply_to_json(message.reply),
        "language": message.language,
        "at": message.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if message.author is Author.PERSON and message.message_id:
        frame["id"] = message.message_id
    return frame


def token_address(token: str) -> str:
    """What is kept of a token: who reads the database cannot enter a conversation."""
    return hashlib.sha256(token.encode()).hexdigest()


def known_timezone(name: str | None) -> str | None:
    """The name when it is a time zone, else None."""
    try:
        return ZoneInfo(name).key if name and len(name) <= 64 else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
