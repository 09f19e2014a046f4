"""Our way into Rasa: one message in, all its replies out, failures told as failures.

Rasa's stock REST channel answers 200 with an empty list when a turn fails. This one answers 500, and never runs the
same `message_id` twice: a repeat is answered with what was said the first time, read from the tracker. Only the
gateway can reach it (loopback or a private network).
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.contract import RASA_CHANNEL, reply_from_rasa, reply_to_json
from bot.rasa_ext.nlg import language_of

logger = logging.getLogger(__name__)

MESSAGE_ID = "message_id"
LONG_SESSION = 200
"""Events, about thirty turns. Slots are carried over into the next session, an open form is not."""


class PasserelleInput(InputChannel):
    """POST /turn runs a message; POST /understand says its intent and runs nothing; GET / is the health check."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Lock] = {}

    @classmethod
    def name(cls) -> str:
        return RASA_CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("passerelle_turns", __name__)

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = _agent(request)
            return response.json({"is_ready": agent is not None and agent.is_ready()})

        @blueprint.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None or not agent.is_ready():
                return response.json({"status": "failed", "reason": "no model"}, status=503)
            parsed = await agent.parse_message(str(request.json["text"]))
            return response.json({"intent": parsed["intent"]["name"], "confidence": parsed["intent"]["confidence"]})

        @blueprint.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            body, agent = request.json, _agent(request)
            lock = self._running.setdefault(body["sender"], asyncio.Lock())
            async with lock:
                try:
                    return await self._turn(body, agent, on_new_message)
                finally:
                    if not lock._waiters:  # type: ignore[attr-defined]
                        self._running.pop(body["sender"], None)

        return blueprint

    async def _turn(
        self, body: dict[str, Any], agent: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        if agent is None or not agent.is_ready():
            return response.json({"status": "failed", "reason": "no model"}, status=503)
        store: TrackerStore = agent.tracker_store
        sender, message_id = body["sender"], body[MESSAGE_ID]
        before = await store.retrieve(sender)
        repeated = _answer_to(message_id, before, "repeated")
        if repeated is not None:
            return response.json(repeated)
        message = UserMessage(
            body["text"],
            CollectingOutputChannel(),
            sender,
            input_channel=self.name(),
            message_id=message_id,
            metadata=body["metadata"],
        )
        try:
            if before is not None and is_long(before):
                begin_session(before)
                await store.save(before)
            await on_new_message(message)
        except Exception as error:
            # The outermost place of a turn: Rasa would swallow it and answer nothing.
            logger.error("turn failed: conversation=%s message=%s\n%s", sender, message_id, _where(error))
            return response.json({"status": "failed", "reason": "error"}, status=500)
        # Read back from the tracker: what is answered is exactly what a repeat would be answered.
        answered = _answer_to(message_id, await store.retrieve(sender), "answered")
        if answered is None:
            return response.json({"status": "failed", "reason": "not kept"}, status=500)
        return response.json(answered)


def is_long(tracker: DialogueStateTracker) -> bool:
    """Whether it is time for a new session: Rasa reads and walks every event of a session at every turn."""
    return len(tracker.events) > LONG_SESSION and tracker.active_loop_name is None


def begin_session(tracker: DialogueStateTracker) -> None:
    """What `action_session_start` does, but for one thing: each slot is carried over once, with the value that it has.

    Rasa's own carries every change of every slot over, again at each session, until a session begins too long.
    """
    slots = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value]
    for event in (
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *slots,
        ActionExecuted(ACTION_LISTEN_NAME),
    ):
        tracker.update(event)


def _agent(request: Request) -> Any:
    return getattr(request.app.ctx, "agent", None)


def _where(error: BaseException) -> str:
    """The traceback without the error's own sentence, which may quote the person's words."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])


def _answer_to(message_id: str, tracker: DialogueStateTracker | None, status: str) -> dict[str, Any] | None:
    """What was said in answer to this message; None when it never ran."""
    said: list[dict[str, Any]] | None = None
    for event in tracker.events if tracker is not None else ():
        if isinstance(event, UserUttered):
            if said is not None:
                break
            if (event.metadata or {}).get(MESSAGE_ID) == message_id:
                said = []
        elif isinstance(event, BotUttered) and said is not None:
            said.append({"text": event.text, **{key: value for key, value in event.data.items() if value}})
    if said is None or tracker is None:
        return None
    replies = [reply_to_json(reply_from_rasa(message)) for message in said]
    return {"status": status, "replies": replies, "language": language_of(tracker)}
