"""The real booking code on a real SQLite database and a virtual clock. The only file that knows the services."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosqlite
from sqlalchemy import event, insert

from bot.bell import LocalBell
from bot.clock import Clock
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.meetings import Absence, Agent, FreeTime, Meeting, Mode, Offer, Taken, Wish
from bot.domain.messages import Channel
from bot.domain.waiting_list import TimeOffer
from bot.i18n.catalogue import default_catalogue
from bot.services.house import House
from bot.services.meetings import MeetingService
from bot.services.waiting_list import OfferGone
from bot.store.database import migrate, open_database
from bot.store.tables import offices
from bot.store.unit_of_work import work_on
from scripts.simulation.world import Person

_FAR = datetime(9999, 1, 1, tzinfo=UTC)


class VirtualClock(Clock):
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at


class _InThisThread(aiosqlite.Connection):
    """Runs each statement where it is asked for: with one caller, a second thread only takes turns with the first."""

    @classmethod
    def to(cls, database: str, **options: Any) -> _InThisThread:
        one = cls(lambda: sqlite3.connect(database, **{**options, "check_same_thread": False}), iter_chunk_size=64)
        one._thread.daemon = True  # opens and closes it
        return one

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


class Booking:
    """What a person, an agent, the coordinator and the scheduler can do."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._meetings = MeetingService(house)

    async def begin(self, agents: Sequence[Agent], engine: Any) -> None:
        """The offices and agents, with their absences."""
        rows = {
            agent.office_id: {
                "id": agent.office_id,
                "name": agent.office,
                "region": agent.region,
                "address": agent.office,
                "timezone": agent.timezone.key,
            }
            for agent in agents
        }
        async with engine.begin() as connection:
            await connection.execute(insert(offices), list(rows.values()))
        async with self._house.work() as unit:
            for agent in agents:
                await unit.meetings.add_agent(agent)

    async def arrives(self, person: Person) -> None:
        """They write for the first time."""
        conversation = Conversation(
            id=person.id,
            channel=Channel.WIDGET,
            address=person.id,
            language=person.wish.language,
            timezone=person.timezone,
            handled_by=HandledBy.ASSISTANT,
            last_seq=0,
        )
        async with self._house.work() as unit:
            await unit.conversations.add(conversation, self._house.clock.now())

    async def offer(self, person_id: str, wish: Wish) -> Offer:
        """As the assistant does: whoever is offered nothing in time is put on the list too."""
        found = await self._meetings.offer(wish, person_id)
        if not found.is_in_time:
            await self._meetings.wait(person_id, wish, found.times[0].starts_at if found.times else None)
        return found

    async def book(self, person_id: str, wish: Wish, mode: Mode, free: FreeTime) -> Meeting:
        return await self._meetings.book(person_id, replace(wish, mode=mode), free.agent.id, free.starts_at)

    async def move(self, person_id: str, wish: Wish, mode: Mode, free: FreeTime) -> Meeting:
        return await self._meetings.move(person_id, replace(wish, mode=mode), free.agent.id, free.starts_at)

    async def cancel(self, person_id: str) -> None:
        await self._meetings.cancel(person_id)

    async def close(self, meeting_id: str, *, came: bool) -> Meeting:
        """What the agent puts down after the meeting."""
        return await (self._meetings.mark_held(meeting_id) if came else self._meetings.mark_missed(meeting_id))

    async def add_absence(self, agent_id: str, absence: Absence) -> None:
        async with self._house.work() as unit:
            await unit.meetings.add_absence(agent_id, absence, "")

    async def take(self, offer: TimeOffer) -> Meeting | None:
        """None when it is held for them no more."""
        try:
            return await self._meetings.take_offer(offer.conversation_id, offer.id)
        except OfferGone:
            return None

    async def decline(self, offer: TimeOffer) -> None:
        with suppress(OfferGone):
            await self._meetings.decline_offer(offer.conversation_id, offer.id)

    async def tick(self) -> None:
        """What the scheduler does every few seconds."""
        await self._meetings.waiting_list.expire_offers()

    async def look(self) -> None:
        """What the scheduler does every two minutes."""
        await self._meetings.waiting_list.offer_free_times()

    async def open_offers(self) -> list[TimeOffer]:
        """The times that are held, told or to be told by day."""
        async with self._house.work() as unit:
            store = unit.waiting_list
            return [*await store.run_out(_FAR), *await store.to_tell(_FAR)]

    async def waiting(self) -> int:
        async with self._house.work() as unit:
            return len(await unit.waiting_list.entries())

    async def taken(self, first: datetime, last: datetime) -> frozenset[Taken]:
        async with self._house.work() as unit:
            return await unit.meetings.taken(first, last)


@asynccontextmanager
async def opened(agents: Sequence[Agent], clock: VirtualClock) -> AsyncIterator[Booking]:
    """A new database in a folder of its own, gone afterwards."""
    with TemporaryDirectory(prefix="passerelle-year-") as folder:
        engine = open_database(f"sqlite+aiosqlite:///{Path(folder) / 'year.db'}")

        @event.listens_for(engine.sync_engine, "do_connect")
        def _alone(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
            options["async_creator_fn"] = _InThisThread.to

        @event.listens_for(engine.sync_engine, "connect")
        def _hurry(connection: Any, _record: Any) -> None:
            # A year that the machine loses is replayed: nothing waits for the disk.
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

        try:
            await migrate(engine)
            booking = Booking(House(work_on(engine), clock, LocalBell(), default_catalogue()))
            await booking.begin(agents, engine)
            yield booking
        finally:
            await engine.dispose()
