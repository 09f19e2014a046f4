"""The bell: heard at once in one process, carried by Redis between several, and back after Redis was away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import redis.asyncio

from bot.bell import _CHANNEL, DESK, Bell, Ear, LocalBell, RedisBell
from bot.wiring import wired
from tests.conftest import RedisServer
from tests.factories import a_person, says, settings_in

SOON = 40.0


async def is_heard(ear: Ear) -> bool:
    """Whether it has rung; the ear is quiet after."""
    has_rung = ear._rung.is_set()
    await ear.wait(0)
    return has_rung


async def hears(ear: Ear) -> None:
    async with asyncio.timeout(SOON):
        await ear.wait(SOON * 2)


async def until(is_true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await is_true():
            await asyncio.sleep(0.02)


async def test_who_listens_hears_their_topic_and_no_other() -> None:
    bell = LocalBell()
    with bell.listen("a") as first, bell.listen("a") as second, bell.listen("b") as other:
        await bell.ring("a")
        assert await is_heard(first)
        assert await is_heard(second)
        assert not await is_heard(other)


async def test_the_desk_hears_every_topic() -> None:
    bell = LocalBell()
    with bell.listen(DESK) as desk, bell.listen("a") as ear:
        for topic in ("a", "b", DESK):
            await bell.ring(topic)
            assert await is_heard(desk)
        assert await is_heard(ear)


async def test_rings_while_nobody_waits_are_heard_once() -> None:
    bell = LocalBell()
    with bell.listen("a") as ear:
        await bell.ring("a")
        await bell.ring("a")
        assert await is_heard(ear)
        assert not await is_heard(ear)


async def test_a_ring_wakes_who_is_waiting() -> None:
    bell = LocalBell()
    with bell.listen("a") as ear:
        waiting = asyncio.create_task(hears(ear))
        await asyncio.sleep(0)
        await bell.ring("a")
        await waiting


async def test_who_hears_nothing_looks_anyway() -> None:
    with LocalBell().listen("a") as ear:
        await ear.wait(0.01)


async def test_who_has_left_is_forgotten() -> None:
    bell = LocalBell()
    with bell.listen("a"), bell.listen("a"):
        pass
    await bell.ring("a")
    assert not bell._ears
    await bell.close()


async def is_carried(topic: str, bell: Bell, ear: Ear) -> None:
    """Rings until it is heard: around a restart of Redis a ring may be lost."""

    async def was_heard() -> bool:
        await bell.ring(topic)
        return await is_heard(ear)

    await until(was_heard)


@asynccontextmanager
async def two_bells(url: str) -> AsyncIterator[tuple[Bell, Bell]]:
    """As two processes have them."""
    bells = [RedisBell(redis.asyncio.Redis.from_url(url)) for _ in range(2)]
    try:
        yield bells[0], bells[1]
    finally:
        for bell in bells:
            await bell.close()


async def listening(server: RedisServer, number: int) -> None:
    async def are_there() -> bool:
        return await asyncio.to_thread(server.listeners, _CHANNEL) == number

    await until(are_there)


async def test_redis_carries_a_ring_from_one_process_to_another(redis_server: RedisServer) -> None:
    async with two_bells(redis_server.url) as (here, there):
        await listening(redis_server, 2)
        with there.listen("a") as ear, there.listen("b") as other, there.listen(DESK) as desk, here.listen("a") as own:
            await here.ring("a")
            await hears(ear)
            await hears(desk)
            await hears(own)
            assert not await is_heard(other)
    await listening(redis_server, 0)


async def test_rings_are_carried_again_when_redis_is_back(redis_server: RedisServer) -> None:
    async with two_bells(redis_server.url) as (here, there):
        await listening(redis_server, 2)
        redis_server.stop()
        with here.listen("a") as own, there.listen("a") as ear:
            await here.ring("a")  # carried nowhere, heard here
            assert await is_heard(own)
            await asyncio.to_thread(redis_server.start)
            await is_carried("a", here, ear)


async def test_the_bell_starts_before_redis_does(redis_server: RedisServer) -> None:
    redis_server.stop()
    async with two_bells(redis_server.url) as (here, there):
        await asyncio.to_thread(redis_server.start)
        with there.listen("a") as ear:
            await is_carried("a", here, ear)


async def test_a_ring_does_not_wait_for_a_redis_that_is_gone(redis_server: RedisServer) -> None:
    """It is rung inside use cases: people must not wait because of it."""
    async with two_bells(redis_server.url) as (here, _):
        await listening(redis_server, 2)
        redis_server.stop()
        start = time.monotonic()
        await here.ring("a")
        assert time.monotonic() - start < 2.0


async def test_without_a_redis_the_bell_is_local(tmp_path: Path) -> None:
    async with wired(settings_in(tmp_path)) as wiring:
        assert type(wiring.bell) is LocalBell


async def test_two_processes_on_one_database_and_redis_hear_what_the_other_kept(tmp_path: Path, redis_url: str) -> None:
    settings = settings_in(tmp_path, redis_url=redis_url)
    async with wired(settings) as first, wired(settings) as second:
        person = await a_person(first)
        with second.bell.listen(person.id) as ear:
            client = redis.asyncio.Redis.from_url(redis_url)

            async def both_listen() -> bool:
                return (await client.pubsub_numsub(_CHANNEL))[0][1] == 2

            await until(both_listen)
            await client.aclose()
            message = await says(first, person)
            await hears(ear)
        assert await second.services.conversations.messages_after(person.id, 0) == [message]
