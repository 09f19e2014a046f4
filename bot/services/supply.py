"""Supply, as coordinators change it: offices, agents, absences, closed days; by form, or by CSV, all of it or nothing.

A change over booked meetings moves none of them: they are listed, each with a time to propose, until a coordinator
moves or keeps each one.
"""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.csv_tables import Problem
from bot.domain.emergency import fold
from bot.domain.meetings import Agent, Meeting, Mode, Taken
from bot.domain.supply import (
    SEARCHED_AFTER,
    Booked,
    Concerned,
    Entry,
    Office,
    Proposal,
    Supply,
    Table,
    concerned,
    proposals,
)
from bot.domain.supply_cells import KEY, Reading, Vocabulary, read_entry
from bot.domain.supply_csv import Changes, read_csv, write_csv
from bot.domain.working_days import due_date
from bot.services.house import House
from bot.services.meetings import MeetingService, NoMeeting
from bot.store.unit_of_work import Unit

logger = logging.getLogger(__name__)

_MAX_ID_CHARS = 40


class CellsRefused(Exception):
    """The form says something that cannot be kept; nothing of it was."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = tuple(problems)


class NoSuchEntry(Exception):
    """It was never there, or somebody removed it."""


class OfficeInUse(Exception):
    """Agents work there."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        super().__init__(len(agents))
        self.agents = tuple(agents)


class SupplyChanged(Exception):
    """Somebody changed it since the file was checked; nothing was imported."""


@dataclass(frozen=True)
class Saved:
    """`newly` counts the meetings that only this change concerns."""

    entry: Entry
    newly: int


@dataclass(frozen=True)
class Preview:
    """What an import would change, which meetings it would concern; `seen` goes back to `import_csv`."""

    changes: Changes
    newly: tuple[Concerned, ...]
    supply: Supply
    seen: str


@dataclass(frozen=True)
class Review:
    """A meeting to move or to keep; no `proposal` when no time is free."""

    concerned: Concerned
    proposal: Proposal | None


class SupplyService:
    def __init__(self, house: House, meetings: MeetingService, vocabulary: Vocabulary) -> None:
        self._house = house
        self._meetings = meetings
        self._vocabulary = vocabulary

    async def load(self) -> Supply:
        async with self._house.work() as unit:
            return await unit.supply.load()

    async def save(self, table: Table, entry_id: str | None, cells: Mapping[str, str]) -> Saved:
        """Adds an entry, or changes the one of this id. Raises CellsRefused, NoSuchEntry."""
        async with self._house.work() as unit:
            await unit.supply.one_at_a_time()
            supply = await unit.supply.load()
            known = supply.entries(table)
            if entry_id is not None and entry_id not in known:
                raise NoSuchEntry
            key = KEY[table]
            named = {**cells, key: entry_id or _new_id(table, cells, known)}
            reading = self._reading(supply, known.get(named[key]))
            beside = replace(reading, supply=supply.without(table, {named[key]}))
            problems, entry = read_entry(table, 0, named, beside)
            if entry is None:
                raise CellsRefused(problems)
            newly = await self._change(unit, supply, supply.with_entries([entry]), [entry])
        logger.info("supply changed: table=%s", table.value)
        return Saved(entry, len(newly))

    async def remove(self, table: Table, entry_id: str) -> None:
        """Takes an office, an absence or a closed day away. Raises NoSuchEntry, OfficeInUse."""
        async with self._house.work() as unit:
            await unit.supply.one_at_a_time()
            supply = await unit.supply.load()
            entry = supply.entries(table).get(entry_id)
            if entry is None or isinstance(entry, Agent):
                raise NoSuchEntry
            if isinstance(entry, Office):
                there = [agent for agent in supply.agents.values() if agent.office_id == entry.id]
                if there:
                    raise OfficeInUse(there)
            await unit.supply.remove(entry)
            await self._change(unit, supply, supply.without(table, {entry_id}), [])
        logger.info("supply removed: table=%s", table.value)

    async def export_csv(self, table: Table) -> str:
        """What is over (absences, closed days) is left out."""
        supply = await self.load()
        return write_csv(table, supply.without(table, _over(table, supply, self._house.clock.now())))

    async def preview_csv(self, table: Table, data: bytes) -> Preview:
        """Changes nothing. Raises CsvRefused with every problem."""
        async with self._house.work() as unit:
            supply = await unit.supply.load()
            changes = read_csv(table, data, self._reading(supply))
            booked = await unit.supply.booked(self._house.clock.now())
        after = supply.with_entries(changes.entries)
        return Preview(changes, tuple(_newly(booked, supply, after)), after, _fingerprint(table, supply))

    async def import_csv(self, table: Table, data: bytes, seen: str | None = None) -> Changes:
        """Raises CsvRefused; SupplyChanged when it is no more what was `seen`."""
        async with self._house.work() as unit:
            await unit.supply.one_at_a_time()
            supply = await unit.supply.load()
            if seen is not None and seen != _fingerprint(table, supply):
                raise SupplyChanged
            changes = read_csv(table, data, self._reading(supply))
            await self._change(unit, supply, supply.with_entries(changes.entries), changes.entries)
        logger.info(
            "supply imported: table=%s added=%d changed=%d", table.value, len(changes.added), len(changes.changed)
        )
        return changes

    async def reviews(self) -> list[Review]:
        """Every meeting that its agent can no longer hold as it is, in order of time."""
        now = self._house.clock.now()
        async with self._house.work() as unit:
            supply = await unit.supply.load()
            listed = concerned(await unit.supply.booked(now), supply)
            taken: Collection[Taken] = ()
            if listed:
                last = max(each.booked.starts_at for each in listed) + 2 * SEARCHED_AFTER
                taken = await unit.meetings.taken(now - SEARCHED_AFTER, max(last, now + 2 * SEARCHED_AFTER))
        found = proposals(listed, supply, taken, now)
        return [Review(each, found[each.booked.meeting_id]) for each in listed]

    async def number_to_review(self) -> int:
        async with self._house.work() as unit:
            booked = await unit.supply.booked(self._house.clock.now())
            return len(concerned(booked, await unit.supply.load())) if booked else 0

    async def move(self, meeting_id: str, seen: Taken, agent_id: str, starts_at: datetime, mode: Mode) -> Meeting:
        """Moves a meeting that was `seen` there; the person is told. Raises NoMeeting, SlotTaken."""
        return await self._meetings.move_by_staff(meeting_id, seen, agent_id, starts_at, mode)

    async def keep(self, meeting_id: str, seen: Taken) -> None:
        """The meeting stays as it is. Raises NoMeeting when it is no longer where it was `seen`."""
        async with self._house.work() as unit:
            if not await unit.supply.keep(meeting_id, *seen):
                raise NoMeeting
        logger.info("meeting kept: meeting=%s", meeting_id)

    def _reading(self, supply: Supply, before: Entry | None = None) -> Reading:
        return Reading(supply, self._vocabulary, self._house.clock.now(), before)

    async def _change(self, unit: Unit, before: Supply, after: Supply, entries: Sequence[Entry]) -> list[Concerned]:
        """Puts the entries down, with what follows; returns the meetings that this concerns.

        A meeting that was kept and is now concerned otherwise is listed again. Due dates follow the closed days.
        """
        booked = await unit.supply.booked(self._house.clock.now())
        newly = _newly(booked, before, after)
        kept = [each.booked for each in newly if each.booked.is_kept]
        dues: dict[str, date] = {}
        arrivals = {each.conversation_id: each.arrival for each in booked}
        if before.closed != after.closed:
            waiting = await unit.waiting_list.entries()
            arrivals |= {one.conversation_id: one.wish.arrival for one in waiting}
            dues = {key: due_date(arrival, after.closed) for key, arrival in arrivals.items()}
            dues = {key: due for key, due in dues.items() if due != due_date(arrivals[key], before.closed)}
        # Conversations before all else, in one order: who books or moves takes them first too.
        for conversation_id in sorted({*dues, *(each.conversation_id for each in kept)}):
            await unit.conversations.get(conversation_id, lock=True)
        for entry in entries:
            await unit.supply.put(entry)
        await unit.supply.no_longer_kept([each.meeting_id for each in kept])
        for conversation_id, due in dues.items():
            await unit.waiting_list.change_arrival(conversation_id, arrivals[conversation_id], due)
        for each in booked:
            if each.conversation_id in dues:
                await unit.meetings.change_arrival(each.meeting_id, each.arrival, due_date(each.arrival, after.closed))
        return newly


def _newly(booked: Sequence[Booked], before: Supply, after: Supply) -> list[Concerned]:
    """The meetings that `after` concerns in a way in which `before` did not, kept ones too."""
    loose = [replace(each, is_kept=False) for each in booked]
    causes = {found.booked.meeting_id: found.cause for found in concerned(loose, before)}
    known = {each.meeting_id: each for each in booked}
    return [
        replace(found, booked=known[found.booked.meeting_id])
        for found in concerned(loose, after)
        if causes.get(found.booked.meeting_id) is not found.cause
    ]


def _over(table: Table, supply: Supply, now: datetime) -> frozenset[str]:
    if table is Table.ABSENCES:
        return frozenset(each.id for each in supply.absences.values() if each.away.ends_at <= now)
    if table is Table.CLOSED_DAYS:
        return frozenset(each.id for each in supply.closed_days.values() if each.day < now.date())
    return frozenset()


def _new_id(table: Table, cells: Mapping[str, str], known: Collection[str]) -> str:
    """A name that a person can write in a file."""
    if table is Table.CLOSED_DAYS:
        return cells[KEY[table]]
    if table is Table.ABSENCES:
        return str(uuid.uuid4())
    plain = re.sub(r"[^a-z0-9]+", "-", fold(cells["name"]))[:_MAX_ID_CHARS].strip("-") or uuid.uuid4().hex[:8]
    numbered = (f"{plain}-{number}" for number in range(2, len(known) + 3))
    return plain if plain not in known else next(each for each in numbered if each not in known)


def _fingerprint(table: Table, supply: Supply) -> str:
    # Agents are checked against offices, absences against agents.
    return hashlib.sha256("\n".join(write_csv(each, supply) for each in Table).encode()).hexdigest() + table.value
