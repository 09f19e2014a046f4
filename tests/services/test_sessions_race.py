"""The last seat of a session, wanted by 200 at once from two processes over PostgreSQL: one has it, the others wait."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.sessions import RegistrationState
from bot.wiring import wired
from tests.factories import NOW, a_session, people, settings_in, with_sessions

CLIENTS, PROCESSES = 200, 2
SESSION = "session-1"
pytestmark = pytest.mark.slow


def _ask(
    folder: str, url: str, conversations: list[str], begins: float, answers: multiprocessing.Queue[object]
) -> None:
    """One process: everyone in it asks at the same instant."""

    async def ask() -> list[tuple[str, int | None, float]]:
        async with wired(settings_in(Path(folder), database_url=url, now=NOW)) as wiring:
            await asyncio.sleep(max(0.0, begins - time.time()))

            async def one(conversation: str) -> tuple[str, int | None, float]:
                started = time.perf_counter()
                standing = await wiring.services.sessions.register(conversation, SESSION)
                return standing.registration.state.value, standing.rank, time.perf_counter() - started

            return await asyncio.gather(*map(one, conversations))

    try:
        answers.put(asyncio.run(ask()))
    except Exception as error:
        answers.put(repr(error))


async def test_the_last_seat_is_given_once_and_everyone_else_waits(tmp_path: Path, postgres_url: str) -> None:
    async with wired(settings_in(tmp_path, database_url=postgres_url, now=NOW)) as wiring:
        await with_sessions(wiring.house, a_session(seats=1))
        everyone = [person.id for person in await people(wiring, CLIENTS)]
        context = multiprocessing.get_context("spawn")
        answers: multiprocessing.Queue[object] = context.Queue()
        begins = time.time() + 5
        asking = [
            context.Process(target=_ask, args=(str(tmp_path), postgres_url, everyone[at::PROCESSES], begins, answers))
            for at in range(PROCESSES)
        ]
        for process in asking:
            process.start()
        told: list[tuple[str, int | None, float]] = []
        for _ in asking:
            answered = await asyncio.to_thread(answers.get, timeout=120)
            assert isinstance(answered, list), answered
            told += answered
        for process in asking:
            process.join()
        sheet = await wiring.services.sessions.sheet(SESSION)
    assert Counter(state for state, _, _ in told) == {"registered": 1, "waiting": CLIENTS - 1}
    assert [r.state for r in sheet.registrations].count(RegistrationState.REGISTERED) == 1
    assert sorted(rank for _, rank, _ in told if rank) == list(range(1, CLIENTS)), "each was told another rank"
    waited = sorted(seconds for _, _, seconds in told)
    print(f"\np50 {waited[CLIENTS // 2] * 1000:.0f} ms, p99 {waited[CLIENTS * 99 // 100] * 1000:.0f} ms")
