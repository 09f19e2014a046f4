"""A person at the widget: speaks its protocol over a real WebSocket, as docs/widget-protocol.md says."""

from __future__ import annotations

import asyncio
import uuid
from types import TracebackType
from typing import Any, Self

import aiohttp

TURN_SECONDS = 30


class WidgetPerson:
    """`said` is all that was heard, in order. Use as an async context manager."""

    def __init__(
        self, url: str, language: str, timezone: str | None = None, greeting: str = "Bonjour! Hello! ¡Hola!"
    ) -> None:
        self._url = url
        self._greeting = greeting
        self._language = language
        self._timezone = timezone
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.token: str | None = None
        self.frames: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        await self.connect()
        await self.hears(self._greeting)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    @property
    def said(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == "message"]

    @property
    def last_seq(self) -> int:
        return max((frame["seq"] for frame in self.said), default=0)

    async def connect(self) -> None:
        assert self._session is not None
        self._socket = await self._session.ws_connect(f"{self._url}/chat/ws")
        await self._socket.send_json(
            {
                "type": "hello",
                "token": self.token,
                "after": self.last_seq,
                "language": self._language,
                "timezone": self._timezone,
            }
        )
        welcome = await self._next(lambda frame: frame["type"] == "welcome")
        self.token = welcome["token"]

    async def leave(self) -> None:
        """The line drops."""
        assert self._socket is not None
        await self._socket.close()

    async def writes(self, text: str) -> str:
        """Sends a message and returns all that is answered to it, as one text."""
        return await self._send({"type": "message", "text": text})

    async def presses(self, title: str) -> str:
        """Takes the newest button with this title (or whose title starts so)."""
        for message in reversed(self.said):
            for choice in message["choices"]:
                if choice["title"].startswith(title):
                    return await self._send({"type": "choose", **choice})
        raise AssertionError(f"no button {title!r}: {[m['choices'] for m in self.said[-3:]]}")

    async def sends(self, text: str) -> str:
        """Sends a message and returns its id as soon as it is kept."""
        assert self._socket is not None
        message_id = str(uuid.uuid4())
        await self._socket.send_json({"type": "message", "id": message_id, "text": text})
        await self._next(lambda frame: frame["type"] == "ack" and frame["id"] == message_id)
        return message_id

    async def hears(self, text: str, seconds: float = TURN_SECONDS) -> dict[str, Any]:
        """Waits for a message that holds `text`, said already or soon."""
        for message in self.said:
            if message["from"] != "person" and text in message["text"]:
                return message
        return await self._next(
            lambda f: f["type"] == "message" and f["from"] != "person" and text in f["text"], seconds
        )

    async def _send(self, frame: dict[str, Any]) -> str:
        assert self._socket is not None
        message_id = str(uuid.uuid4())
        before = len(self.frames)
        await self._socket.send_json({**frame, "id": message_id})
        await self._next(lambda f: f["type"] == "turn_end" and f["id"] == message_id)
        heard = [f for f in self.frames[before:] if f["type"] == "message" and f["from"] != "person"]
        assert heard, f"silence after {frame}"
        return "\n".join(message["text"] for message in heard)

    async def _next(self, wanted: Any, seconds: float = TURN_SECONDS) -> dict[str, Any]:
        assert self._socket is not None
        async with asyncio.timeout(seconds):
            while True:
                frame: dict[str, Any] = await self._socket.receive_json()
                self.frames.append(frame)
                if frame["type"] == "error":
                    raise AssertionError(frame)
                if wanted(frame):
                    return frame
