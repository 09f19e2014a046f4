"""One turn at a time for each person, within a process and between processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis.asyncio
from redis.exceptions import RedisError

from bot.gateway.locks import ConversationLocks
from tests.conftest import RedisServer


class Turns:
    """Counts who is inside at once."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.order: list[int] = []

    async def take(self, locks: ConversationLocks, number: int, conversation: str = "c") -> None:
        async with locks.hold(conversation):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0.002)
            self.order.append(number)
            self.inside -= 1


@asynccontextmanager
async def locks_on(url: str) -> AsyncIterator[ConversationLocks]:
    locks = ConversationLocks(redis.asyncio.Redis.from_url(url))
    yield locks
    await locks.close()


async def test_one_at_a_time_in_the_order_of_arrival() -> None:
    locks, turns = ConversationLocks(None), Turns()
    await asyncio.gather(*(turns.take(locks, number) for number in range(10)))
    assert turns.most == 1
    assert turns.order == list(range(10))


async def test_others_do_not_wait() -> None:
    locks, turns = ConversationLocks(None), Turns()
    await asyncio.gather(*(turns.take(locks, number, f"c{number}") for number in range(5)))
    assert turns.most == 5


async def test_nothing_is_kept_of_those_who_left() -> None:
    locks, turns = ConversationLocks(None), Turns()
    await asyncio.gather(*(turns.take(locks, number, f"c{number % 3}") for number in range(9)))
    with pytest.raises(ZeroDivisionError):
        async with locks.hold("c"):
            _ = 1 / 0
    assert not locks._locks
    assert not locks._waiting


async def test_one_who_gives_up_waiting_blocks_nobody() -> None:
    locks, turns = ConversationLocks(None), Turns()
    async with locks.hold("c"):
        waiting = asyncio.create_task(turns.take(locks, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1):
        await turns.take(locks, 2)
    assert turns.order == [2]


async def test_one_at_a_time_between_processes(redis_url: str) -> None:
    turns = Turns()
    async with locks_on(redis_url) as one, locks_on(redis_url) as other:
        await asyncio.gather(*(turns.take((one, other)[number % 2], number) for number in range(8)))
    assert turns.most == 1
    assert sorted(turns.order) == list(range(8))


async def test_a_long_turn_keeps_its_lock(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than the lock lasts by itself: it is renewed as long as the process lives."""
    monkeypatch.setattr("bot.gateway.locks.LOCK_SECONDS", 0.15)
    turns = Turns()
    async with locks_on(redis_url) as one, locks_on(redis_url) as other:
        async with one.hold("long"):
            taking = asyncio.create_task(turns.take(other, 1, "long"))
            await asyncio.sleep(0.5)
            assert turns.order == []
        await taking
    assert turns.order == [1]


async def test_a_process_that_died_gives_its_lock_back(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gateway.locks.LOCK_SECONDS", 0.15)
    client = redis.asyncio.Redis.from_url(redis_url)
    assert await client.lock("passerelle:turn:dead", timeout=0.15).acquire()
    turns = Turns()
    async with asyncio.timeout(2), locks_on(redis_url) as locks:
        await turns.take(locks, 1, "dead")
    await client.aclose()
    assert turns.order == [1]


async def test_redis_gone_refuses_the_turn_and_takes_it_when_back(redis_server: RedisServer) -> None:
    """Without Redis nobody can tell whether another process answers: the message waits."""
    turns = Turns()
    async with locks_on(redis_server.url) as locks:
        await turns.take(locks, 1)
        redis_server.stop()
        with pytest.raises(RedisError):
            await turns.take(locks, 2)
        redis_server.start()
        await turns.take(locks, 3)
    assert turns.order == [1, 3]


async def test_redis_gone_in_the_middle_of_a_turn_lets_it_end(redis_server: RedisServer) -> None:
    async with locks_on(redis_server.url) as locks:
        async with locks.hold("c"):
            redis_server.stop()
        redis_server.start()
        async with asyncio.timeout(5), locks.hold("c"):
            pass
