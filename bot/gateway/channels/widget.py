"""The web widget's channel: a WebSocket at /chat/ws, one JSON object a frame (docs/widget-protocol.md)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import WSMessage, WSMsgType, web

from bot.bell import Ear
from bot.contract import reply_to_json
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Incoming, Message, storable
from bot.gateway.limits import ConnectionLimit, RateLimit, TooManyConnections
from bot.gateway.origin import address_of, is_allowed_origin
from bot.gateway.pages import preferred_language
from bot.gateway.switchboard import Switchboard
from bot.i18n.languages import FRENCH, known
from bot.store.unit_of_work import StoreUnavailable
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

HELLO_SECONDS = 15.0
HEARTBEAT_SECONDS = 25.0
CLOSE_SECONDS = 1.0
# A frame over the setting is refused with a sentence; one over this is not even read, and ends the connection.
MAX_READ = 1024 * 1024
# The store was away: what is new is looked for again after this.
LOOK_AGAIN_SECONDS = 1.0
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
        """All at once: a client that doesn't answer delays no other."""
        closing = [socket.close(code=1001, message=b"restarting") for socket in tuple(self._sockets)]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _serve(self, request: web.Request, address: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=MAX_READ, heartbeat=HEARTBEAT_SECONDS, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            opened = await self._open(socket, address, preferred_language(request) or FRENCH)
            if opened is not None:
                await Connection(self, socket, *opened).run()
        except ConnectionError as error:
            logger.info("widget connection ended: %s", type(error).__name__)
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def _open(
        self, socket: web.WebSocketResponse, address: str, language: str
    ) -> tuple[Conversation, int] | None:
        """Waits for `hello` and answers `welcome`; None when the client left, or never said it properly.

        `language` is that of errors until the client names one.
        """
        now = asyncio.get_running_loop().time
        until = now() + HELLO_SECONDS
        while (left := until - now()) > 0:
            try:
                frame = await socket.receive(left)
            except TimeoutError:
                break
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            try:
                hello = read_hello(text_of(frame))
                language = known(hello.language) or language
                return await self._welcome(socket, address, hello, language)
            except BadFrame as bad:
                await self.refuse(socket, bad, language)
        return None

    async def _welcome(
        self, socket: web.WebSocketResponse, address: str, hello: Hello, language: str
    ) -> tuple[Conversation, int]:
        """The conversation, and the number after which the client is owed its messages. Raises BadFrame."""
        conversations = self.wiring.services.conversations
        try:
            token = hello.token
            if token is None or await conversations.at_address(Channel.WIDGET, token_address(token)) is None:
                if not self._new.allows(address):
                    raise BadFrame("too_fast", "utter_too_fast")
                token = secrets.token_urlsafe(TOKEN_BYTES)
            opened = await conversations.open(
                Channel.WIDGET, token_address(token), language, known_timezone(hello.timezone)
            )
            if opened.is_new:
                await self.switchboard.greet(opened.conversation)
        except StoreUnavailable:
            logger.exception("conversation not opened")
            raise BadFrame("try_later", "utter_try_later") from None
        conversation = opened.conversation
        await socket.send_json(
            {
                "type": "welcome",
                "token": token,
                "language": conversation.language,
                "handled_by": conversation.handled_by.value,
            }
        )
        # A number beyond the last one belongs to no conversation of ours.
        return conversation, 0 if opened.is_new else min(hello.after, conversation.last_seq)

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
        self._is_over = False
        # Turns that began, and that ended, and that the client was not told of.
        self._begun: deque[Message] = deque()
        self._ended: deque[Message] = deque()

    async def run(self) -> None:
        stop_watching = self._channel.switchboard.watch(self._id, self._on_turn)
        with self._channel.wiring.bell.listen(self._id) as ear:
            self._ear: Ear = ear
            writing = asyncio.create_task(self._write())
            try:
                await self._read()
            finally:
                stop_watching()
                self._is_over = True
                ear.ring()
                # Not cancelled at once: a transaction cut in the middle costs its database connection.
                await asyncio.wait([writing], timeout=CLOSE_SECONDS)
                writing.cancel()

    def _on_turn(self, kind: str, message: Message) -> None:
        (self._begun if kind == "typing" else self._ended).append(message)
        self._ear.ring()

    async def _write(self) -> None:
        try:
            while not self._is_over:
                try:
                    await self._flush()
                except StoreUnavailable as error:
                    logger.warning("messages not read: conversation=%s reason=%s", self._id, error)
                    await self._ear.wait(LOOK_AGAIN_SECONDS)
                else:
                    await self._ear.wait()
        except ConnectionError as error:
            logger.info("widget connection ended: %s", type(error).__name__)
        except Exception:
            # The outermost place of a connection: closed, the client comes back and misses nothing.
            logger.exception("could not write: conversation=%s", self._id)
            await self._socket.close(code=1011)

    async def _flush(self) -> None:
        """Sends what the client has not seen: messages, and around them the turns that began and ended.

        A turn has begun before its answer is in the store, and ends after: beginnings are looked at after the store
        is read, ends before.
        """
        ended = len(self._ended)
        messages = await self._services.conversations.messages_after(self._id, self._sent)
        for message in messages:
            await self._send_begun(message.seq)
            await self._socket.send_json(message_frame(message))
            self._sent = message.seq
        await self._send_begun(None)
        await self._send_state()
        for _ in range(ended):
            await self._socket.send_json({"type": "turn_end", "id": self._ended.popleft().message_id})

    async def _send_begun(self, before: int | None) -> None:
        while self._begun and (before is None or self._begun[0].seq < before):
            self._begun.popleft()
            await self._socket.send_json({"type": "typing"})

    async def _send_state(self) -> None:
        """Who handles the conversation, when that changed."""
        conversation = await self._services.conversations.get(self._id)
        self._language = conversation.language
        if conversation.handled_by is self._handled_by:
            return
        handoff = await self._services.handoffs.current(self._id)
        is_as_usual = self._handled_by is None and conversation.handled_by is HandledBy.ASSISTANT
        self._handled_by = conversation.handled_by
        if not is_as_usual:
            organisation = handoff.team.name if handoff else None
            await self._socket.send_json(
                {"type": "state", "handled_by": conversation.handled_by.value, "organisation": organisation}
            )

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type is WSMsgType.ERROR:
                return  # over MAX_READ, or broken: aiohttp has closed it
            try:
                await self._take(frame)
            except BadFrame as bad:
                await self._channel.refuse(self._socket, bad, self._language)

    async def _take(self, received: WSMessage) -> None:
        raw = text_of(received)
        frame = read_frame(raw)
        kind = frame.get("type")
        if kind not in ("message", "choose"):
            raise BadFrame("unknown_type", "utter_bad_frame")
        message_id = frame.get("id")
        # PostgreSQL keeps neither NUL nor half a surrogate pair.
        if not isinstance(message_id, str) or not 0 < len(message_id) <= MAX_ID_CHARS or not message_id.isprintable():
            raise BadFrame("bad_id", "utter_bad_frame")
        text = frame.get("text" if kind == "message" else "title")
        if not self._channel.rate.allows(self._id):
            await self._hear_refused(text)
            raise BadFrame("too_fast", "utter_too_fast", message_id)
        settings = self._channel.wiring.settings
        if not isinstance(text, str):
            raise BadFrame("bad_text", "utter_bad_frame", message_id)
        text = storable(text).strip()
        if not text:
            raise BadFrame("empty", "utter_empty", message_id)
        if len(text) > settings.max_message_chars or len(raw.encode()) > settings.max_frame_bytes:
            await self._hear_refused(text)
            raise BadFrame("too_long", "utter_too_long", message_id, limit=settings.max_message_chars)
        try:
            payload = frame.get("payload") if kind == "choose" else None
            if kind == "choose" and not await self._was_offered(payload):
                raise BadFrame("old_choice", "utter_old_choice", message_id)
            await self._channel.switchboard.receive(Incoming(self._id, message_id, text, payload))
        except StoreUnavailable:
            logger.exception("message not kept: conversation=%s", self._id)
            raise BadFrame("try_later", "utter_try_later", message_id) from None
        await self._socket.send_json({"type": "ack", "id": message_id})

    async def _hear_refused(self, text: object) -> None:
        if isinstance(text, str):
            with contextlib.suppress(StoreUnavailable):
                await self._channel.switchboard.hear_refused(self._id, text)

    async def _was_offered(self, payload: object) -> bool:
        return isinstance(payload, str) and await self._services.conversations.was_offered(self._id, payload)


def text_of(frame: WSMessage) -> str:
    """Raises BadFrame for a binary frame."""
    if frame.type is not WSMsgType.TEXT:
        raise BadFrame("not_text", "utter_bad_frame")
    text: str = frame.data
    return text


def read_frame(data: str) -> dict[str, Any]:
    """Raises BadFrame unless `data` is one JSON object."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFrame("bad_json", "utter_bad_frame") from None
    if not isinstance(frame, dict):
        raise BadFrame("bad_json", "utter_bad_frame")
    return frame


def read_hello(data: str) -> Hello:
    """Raises BadFrame. What is wrong in a field counts as not said."""
    frame = read_frame(data)
    if frame.get("type") != "hello":
        raise BadFrame("hello_first", "utter_bad_frame")
    token, after = frame.get("token"), frame.get("after", 0)
    return Hello(
        token=token if isinstance(token, str) and token.isascii() and 0 < len(token) <= MAX_ID_CHARS else None,
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
