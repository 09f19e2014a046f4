"""Speaks with Rasa through our own channel (`bot/rasa_ext/channel.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.contract import EMERGENCY_INTENT, RASA_CHANNEL, TURN_PATH, reply_from_json, turn_request
from bot.domain.conversations import Conversation
from bot.domain.messages import Message, Reply

UNDERSTAND_SECONDS = 3.0


class RasaUnavailable(Exception):
    """Rasa is down, restarting or too slow: the message may be tried again, with the same id."""


class TurnFailed(Exception):
    """Rasa answered that this turn failed: trying again at once would fail again."""


@dataclass(frozen=True)
class Answered:
    replies: Sequence[Reply]
    language: str | None


class RasaClient:
    """`url` is Rasa's private address, as http://127.0.0.1:5005. Use as an async context manager."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def turn(self, conversation: Conversation, message: Message) -> Answered:
        """Runs one message. Raises RasaUnavailable, TurnFailed. Safe to repeat: Rasa knows the message's id."""
        body = turn_request(
            conversation.id,
            message.message_id or str(message.seq),
            message.payload or message.text.lstrip("/ \n") or message.text,
            language=conversation.language,
            timezone=conversation.timezone,
            channel=conversation.channel.value,
        )
        answer = await self._post(TURN_PATH, body)
        try:
            return Answered([reply_from_json(reply) for reply in answer["replies"]], answer["language"])
        except (KeyError, TypeError, AttributeError):
            # Not what our channel says: the same message would be answered the same again.
            raise TurnFailed from None

    async def hears_emergency(self, text: str) -> bool:
        """What the classifier thinks, running nothing. Raises RasaUnavailable, TurnFailed."""
        timeout = aiohttp.ClientTimeout(total=UNDERSTAND_SECONDS)
        answer = await self._post(f"/webhooks/{RASA_CHANNEL}/understand", {"text": text}, timeout)
        return bool(answer.get("intent") == EMERGENCY_INTENT)

    async def is_ready(self) -> bool:
        try:
            assert self._session is not None
            timeout = aiohttp.ClientTimeout(total=UNDERSTAND_SECONDS)
            async with self._session.get(f"{self._url}/webhooks/{RASA_CHANNEL}/", timeout=timeout) as answer:
                return answer.status == 200 and bool((await answer.json())["is_ready"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            return False

    async def _post(
        self, path: str, body: dict[str, Any], limit: aiohttp.ClientTimeout | None = None
    ) -> dict[str, Any]:
        assert self._session is not None, "use RasaClient as a context manager"
        try:
            async with self._session.post(self._url + path, json=body, timeout=limit or self._timeout) as answer:
                if answer.status == 500:
                    raise TurnFailed
                if answer.status != 200:
                    raise RasaUnavailable(f"status {answer.status}")
                data: dict[str, Any] = await answer.json()
                return data
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise RasaUnavailable(type(error).__name__) from error
