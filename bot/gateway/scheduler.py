"""What has to be done now and then, with nobody asking: held times that run out, reminders. One beside each courier.

A job finds what is due by itself and does each thing in a transaction of its own, so that several schedulers may run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.gateway.courier import log_crash
from bot.gateway.mail import Mailer
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

# What a job under way is given at a stop.
GRACE = 5.0


@dataclass(frozen=True)
class Job:
    """`run` is called every `seconds`, counted from its end to its next beginning."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


def jobs_of(wiring: Wiring) -> tuple[Job, ...]:
    """Every periodic job of the app."""
    waiting_list = wiring.services.meetings.waiting_list
    jobs = (
        Job("held times that run out", 15, waiting_list.expire_offers),
        Job("free times for who waits", 120, waiting_list.offer_free_times),
        Job("held seats that run out", 30, wiring.services.sessions.expire_seat_offers),
        Job("reminders", 20, wiring.services.reminders.say_due),
    )
    if not wiring.settings.sends_email:
        return jobs
    return (*jobs, Job("e-mails", 10, Mailer(wiring).send_due))


class Scheduler:
    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Runs every job at its pace until `stop`. One that fails is tried again at its next turn."""
        await asyncio.gather(*(self._repeat(job) for job in self._jobs))

    def stop(self) -> None:
        """Nothing more is begun; what is under way ends."""
        self._stopping.set()

    async def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                await job.run()
            except Exception as error:  # the store may be away: the scheduler outlives it
                log_crash(f"job failed: {job.name}", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(job.seconds):
                    await self._stopping.wait()


@asynccontextmanager
async def scheduled(wiring: Wiring) -> AsyncIterator[None]:
    """The periodic jobs run inside the block."""
    scheduler = Scheduler(jobs_of(wiring))
    running = asyncio.create_task(scheduler.run(), name="scheduler")
    try:
        yield
    finally:
        scheduler.stop()
        _, late = await asyncio.wait({running}, timeout=GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(running, return_exceptions=True)
