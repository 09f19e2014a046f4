"""People who write to what is measured, one message after the other, and the time each turn takes them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from bot.contract import STOP_WAITING, TURN_PATH, turn_request
from scripts.benchmark.messages import Talk

TURN_SECONDS = 60.0


class Speaker(Protocol):
    """One conversation."""

    async def say(self, text: str) -> bool:
        """Writes and waits for all of the answer; False when there is none."""

    async def after_turn(self) -> None:
        """What has to be done before the next turn, and is not measured."""

    async def close(self) -> None: ...


Opener = Callable[[Talk], Awaitable[Speaker]]


class StockSpeaker:
    """Over Rasa's REST channel."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/webhooks/rest/webhook"
        self._sender = str(uuid.uuid4())

    async def say(self, text: str) -> bool:
        async with self._session.post(self._url, json={"sender": self._sender, "message": text}) as answer:
            return answer.status == 200 and bool(await answer.json())

    async def after_turn(self) -> None:
        return

    async def close(self) -> None:
        return


class RasaSpeaker:
    """Over our own channel, as the gateway does. The conversation is one that the app knows: actions look it up."""

    def __init__(self, session: aiohttp.ClientSession, url: str, conversation: str, language: str) -> None:
        self._session = session
        self._url = url + TURN_PATH
        self._conversation = conversation
        self._language = language

    async def say(self, text: str) -> bool:
        body = turn_request(
            self._conversation, str(uuid.uuid4()), text, language=self._language, timezone=None, channel="widget"
        )
        async with self._session.post(self._url, json=body) as answer:
            return answer.status == 200 and bool((await answer.json())["replies"])

    async def after_turn(self) -> None:
        return

    async def close(self) -> None:
        return


class WidgetSpeaker:
    """Over the widget's WebSocket (docs/widget-protocol.md): from sending a message to its `turn_end`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.token = token
        self._socket = socket
        self._is_held = False

    @classmethod
    async def opened(cls, session: aiohttp.ClientSession, url: str, language: str) -> WidgetSpeaker:
        socket = await session.ws_connect(f"{url}/chat/ws")
        await socket.send_json({"type": "hello", "token": None, "after": 0, "language": language, "timezone": None})
        welcome = await cls._frame(socket)
        while welcome["type"] != "welcome":
            welcome = await cls._frame(socket)
        return cls(socket, str(welcome["token"]))

    async def say(self, text: str) -> bool:
        return await self._send({"type": "message", "text": text})

    async def after_turn(self) -> None:
        """Leaves the queue for a person, if the message was taken for a wish to be in it."""
        if self._is_held:
            self._is_held = False
            await self._send({"type": "choose", "payload": STOP_WAITING, "title": "…"})

    async def close(self) -> None:
        await self._socket.close()

    async def _send(self, frame: dict[str, str]) -> bool:
        """Whether something was said before the turn ended."""
        message_id, has_heard = str(uuid.uuid4()), False
        await self._socket.send_json({**frame, "id": message_id})
        while True:
            said = await self._frame(self._socket)
            if said["type"] == "message" and said["from"] != "person":
                has_heard = True
            elif said["type"] == "state":
                self._is_held = said["handled_by"] != "assistant"
            elif said["type"] == "error" and said.get("id") == message_id:
                return False
            elif said["type"] == "turn_end" and said["id"] == message_id:
                return has_heard

    @staticmethod
    async def _frame(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        frame: dict[str, Any] = await socket.receive_json(timeout=TURN_SECONDS)
        return frame


@dataclass
class Round:
    """`seconds` of every turn; `wall`: of all of them together, since many people write at once.

    `unanswered` is what was written and got no answer.
    """

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    unanswered: list[str] = field(default_factory=list)

    def add(self, other: Round) -> None:
        self.seconds += other.seconds
        self.wall += other.wall
        self.unanswered += other.unanswered


async def run_round(opened: Opener, talks: Sequence[Talk], clients: int) -> Round:
    """All the talks, `clients` of them at any time. Conversations are opened before the clock starts."""
    speakers = [await opened(talk) for talk in talks]
    waiting = iter(zip(speakers, talks, strict=True))
    done = Round()

    async def client() -> None:
        for speaker, talk in waiting:
            for text in talk.texts:
                seconds, is_answered = await timed_turn(speaker, text)
                done.seconds.append(seconds)
                if not is_answered:
                    done.unanswered.append(text)

    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(client())
        done.wall = time.perf_counter() - began
    finally:
        for speaker in speakers:
            await speaker.close()
    return done


async def timed_turn(speaker: Speaker, text: str) -> tuple[float, bool]:
    """Seconds of one turn, and whether it was answered."""
    began = time.perf_counter()
    is_answered = await speaker.say(text)
    seconds = time.perf_counter() - began
    await speaker.after_turn()
    return seconds, is_answered
