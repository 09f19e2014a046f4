"""One turn at a time for each person: an asyncio lock in one process, and a Redis lock between processes.

Rasa's own Redis lock store loses messages (docs/decisions/0004-one-lock-at-the-gateway.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio

# Longer than the slowest turn; a gateway that died gives its lock back after this.
LOCK_SECONDS = 60


class ConversationLocks:
    """`client` is None when there is one process."""

    def __init__(self, client: redis.asyncio.Redis | None) -> None:
        self._client = client
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._waiting[conversation_id] = self._waiting.get(conversation_id, 0) + 1
        try:
            async with lock:
                if self._client is None:
                    yield
                else:
                    async with self._client.lock(f"passerelle:turn:{conversation_id}", timeout=LOCK_SECONDS, sleep=0.05):
                        yield
        finally:
            self._waiting[conversation_id] -= 1
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id], self._locks[conversation_id]

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
