"""One turn at a time for each person: an asyncio lock in one process, and a Redis lock between processes.

Rasa's own Redis lock store loses messages (docs/decisions/0004-one-lock-at-the-gateway.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# A gateway that died gives its lock back after this; one that lives renews it, however long the turn is.
LOCK_SECONDS = 60.0


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
                    async with _held(self._client.lock(f"passerelle:turn:{conversation_id}", LOCK_SECONDS, sleep=0.05)):
                        yield
        finally:
            self._waiting[conversation_id] -= 1
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id], self._locks[conversation_id]

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


@asynccontextmanager
async def _held(lock: Lock) -> AsyncIterator[None]:
    """Between processes. Raises RedisError when it can't be taken; losing it later is logged, the turn goes on."""
    await lock.acquire()
    renewing = asyncio.create_task(_renew(lock))
    try:
        yield
    finally:
        renewing.cancel()
        try:
            await lock.release()
        except RedisError as error:
            logger.warning("lock not given back: %s", type(error).__name__)


async def _renew(lock: Lock) -> None:
    while True:
        await asyncio.sleep(LOCK_SECONDS / 3)
        try:
            await lock.reacquire()
        except RedisError as error:
            logger.warning("lock not renewed: %s", type(error).__name__)
