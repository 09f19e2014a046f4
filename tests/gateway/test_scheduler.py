"""Periodic jobs: at their pace, whatever fails, until told to stop."""

from __future__ import annotations

import asyncio

import pytest

from bot.gateway.scheduler import Job, Scheduler


class Counting:
    """A job that fails at first."""

    def __init__(self) -> None:
        self.number = 0
        self.third = asyncio.Event()

    async def __call__(self) -> None:
        self.number += 1
        if self.number >= 3:
            self.third.set()
        if self.number == 1:
            words = "what " + "somebody wrote"
            raise LookupError(words)


async def test_a_job_that_fails_is_tried_again_and_says_nothing_of_what_it_was_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing, other = Counting(), Counting()
    scheduler = Scheduler([Job("failing", 0.001, failing), Job("other", 0.001, other)])
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(scheduler.run())
        await failing.third.wait()
        await other.third.wait()
        scheduler.stop()
    assert "job failed: failing: LookupError" in caplog.text
    assert "what somebody wrote" not in caplog.text


async def test_it_stops_between_two_turns_of_a_slow_job() -> None:
    scheduler = Scheduler([Job("slow", 3600, Counting())])
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(scheduler.run())
        await asyncio.sleep(0)
        scheduler.stop()
