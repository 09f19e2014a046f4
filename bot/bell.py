"""Tells whoever waits that a conversation changed. It carries no content: listeners read the store.

In one process a dictionary of events is enough; between processes Redis carries the ring. A ring can be lost (Redis
restarts), so every listener also looks by itself after `LOOK_ANYWAY` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol, Self

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LOOK_ANYWAY = 5.0
TRY_AGAIN = 0.5
# The topic of the console's list; any other topic is a conversation's id.
DESK = "desk"
_CHANNEL = "passerelle:bell"


class Ear:
    """One listener. `wait` returns at the first ring since the last wait, or after `LOOK_ANYWAY` seconds."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float = LOOK_ANYWAY) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return  # a ring that comes just now is for the next wait
        self._rung.clear()


class Bell(Protocol):
    async def ring(self, topic: str) -> None: ...

    def listen(self, topic: str) -> contextlib.AbstractContextManager[Ear]: ...

    async def close(self) -> None: ...


class LocalBell:
    """For one process."""

    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = defaultdict(set)

    async def ring(self, topic: str) -> None:
        for ear in (*self._ears.get(topic, ()), *self._ears.get(DESK, ())):
            ear.ring()

    @contextlib.contextmanager
    def listen(self, topic: str) -> Iterator[Ear]:
        ear = Ear()
        self._ears[topic].add(ear)
        try:
            yield ear
        finally:
            self._ears[topic].discard(ear)
            if not self._ears[topic]:
                del self._ears[topic]

    async def close(self) -> None:
        """Nothing to close."""


class RedisBell(LocalBell):
    """For several processes: rings here at once, and elsewhere through Redis."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__()
        self._client = client
        self._task = asyncio.create_task(self._hear())

    @classmethod
    def at(cls, url: str) -> Self:
        """The client tries once: a ring must not wait for a Redis that is gone, and listening has its own pace."""
        return cls(redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0)))

    async def ring(self, topic: str) -> None:
        await super().ring(topic)
        try:
            await self._client.publish(_CHANNEL, topic)
        except RedisError as error:
            logger.warning("bell not carried by redis: %s", type(error).__name__)

    async def _hear(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as heard:
                    await heard.subscribe(_CHANNEL)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            await super().ring(message["data"].decode())
            except RedisError as error:
                logger.warning("bell lost redis, trying again: %s", type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._client.aclose()
