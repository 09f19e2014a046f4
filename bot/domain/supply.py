"""Supply: offices, agents with their hours, absences, extra closed days; and the booked meetings that a change leaves
without their agent, each with the move to propose.

What is concerned is found from what is booked and what is open now, so nothing is dropped when nobody looks: a meeting
stays on the list until it is moved, or a coordinator keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.meetings import (
    NOTICE,
    QUEBEC,
    Absence,
    Agent,
    Busy,
    Mode,
    Taken,
    can_meet,
    free_times,
    has_room,
    is_absent,
    montreal_day,
)
from bot.domain.working_days import ClosedDays

# An earlier time than the one that was booked leaves at least this long to learn of it.
NOTICE_OF_MOVE = timedelta(days=1)
# How far after the meeting, and after its due date, another time is looked for.
SEARCHED_AFTER = timedelta(days=30)


class Table(StrEnum):
    """What a coordinator edits, each in pages and in a CSV file of its own."""

    AGENTS = "agents"
    OFFICES = "offices"
    ABSENCES = "absences"
    CLOSED_DAYS = "closed_days"


@dataclass(frozen=True)
class Office:
    """Without an `address`, people are met at a distance only. Hours are on the clocks of `timezone`."""

    id: str
    name: str
    region: str
    address: str | None
    timezone: str

    @property
    def place(self) -> str | None:
        """Where people go, None when they do not."""
        return f"{self.name}, {self.address}" if self.address else None


@dataclass(frozen=True)
class AgentAbsence:
    id: str
    agent_id: str
    away: Absence
    reason: str


@dataclass(frozen=True)
class ClosedDay:
    """A day on which nobody works, beside the official ones."""

    day: date
    reason: str

    @property
    def id(self) -> str:
        return self.day.isoformat()


Entry = Agent | Office | AgentAbsence | ClosedDay
_E = TypeVar("_E", Agent, Office, AgentAbsence, ClosedDay)


@dataclass(frozen=True)
class Supply:
    """All of it, at one moment. The agents know their office and absences."""

    offices: Mapping[str, Office] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    absences: Mapping[str, AgentAbsence] = field(default_factory=dict)
    closed_days: Mapping[str, ClosedDay] = field(default_factory=dict)

    @property
    def closed(self) -> ClosedDays:
        return ClosedDays(frozenset(each.day for each in self.closed_days.values()))

    def entries(self, table: Table) -> Mapping[str, Entry]:
        found: Mapping[Table, Mapping[str, Entry]] = {
            Table.AGENTS: self.agents,
            Table.OFFICES: self.offices,
            Table.ABSENCES: self.absences,
            Table.CLOSED_DAYS: self.closed_days,
        }
        return found[table]

    def with_entries(self, entries: Iterable[Entry]) -> Supply:
        """With these added, or in the place of those of the same id."""
        offices, agents = dict(self.offices), dict(self.agents)
        absences, closed = dict(self.absences), dict(self.closed_days)
        for entry in entries:
            match entry:
                case Office():
                    offices[entry.id] = entry
                case Agent():
                    agents[entry.id] = entry
                case AgentAbsence():
                    absences[entry.id] = entry
                case ClosedDay():
                    closed[entry.id] = entry
        return Supply(offices, _settled(agents, offices, absences), absences, closed)

    def without(self, table: Table, ids: Collection[str]) -> Supply:
        """With these entries taken away; agents keep nothing of them."""
        gone = {which: frozenset(ids) if which is table else frozenset() for which in Table}
        offices, absences = _left(self.offices, gone[Table.OFFICES]), _left(self.absences, gone[Table.ABSENCES])
        agents = _left(self.agents, gone[Table.AGENTS])
        closed = _left(self.closed_days, gone[Table.CLOSED_DAYS])
        return Supply(offices, _settled(agents, offices, absences), absences, closed)


def _left(entries: Mapping[str, _E], gone: Collection[str]) -> dict[str, _E]:
    return {key: entry for key, entry in entries.items() if key not in gone}


def _settled(
    agents: Mapping[str, Agent], offices: Mapping[str, Office], absences: Mapping[str, AgentAbsence]
) -> dict[str, Agent]:
    """The agents with what offices and absences say of them."""
    away: defaultdict[str, list[Absence]] = defaultdict(list)
    for each in absences.values():
        away[each.agent_id].append(each.away)
    return {
        agent.id: replace(seated(agent, offices), absences=tuple(sorted(away[agent.id], key=lambda a: a.begins_at)))
        for agent in agents.values()
    }


def seated(agent: Agent, offices: Mapping[str, Office]) -> Agent:
    """The agent at their office, on its clocks. One who has none is left as they are."""
    office = offices.get(agent.office_id or "")
    if office is None:
        return agent
    return replace(agent, office=office.place, timezone=ZoneInfo(office.timezone))


class Cause(StrEnum):
    """Why a booked meeting can no longer be held as it is."""

    INACTIVE = "inactive"
    CLOSED = "closed"
    ABSENT = "absent"
    HOURS = "hours"
    MODE = "mode"
    OVERLAP = "overlap"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Booked:
    """A meeting to come. `is_kept`: a coordinator keeps it as it is, whatever the hours say."""

    meeting_id: str
    conversation_id: str
    agent_id: str
    starts_at: datetime
    mode: Mode
    arrival: date
    due: date
    language: str
    is_kept: bool = False


@dataclass(frozen=True)
class Concerned:
    booked: Booked
    agent: Agent
    cause: Cause


@dataclass(frozen=True)
class Proposal:
    """`starts_at` is in UTC."""

    agent: Agent
    starts_at: datetime
    mode: Mode

    def is_in_time_for(self, booked: Booked) -> bool:
        return montreal_day(self.starts_at) <= booked.due

    def speaks(self, booked: Booked) -> bool:
        return booked.language in self.agent.languages


def concerned(booked: Iterable[Booked], supply: Supply) -> list[Concerned]:
    """The meetings that their agents can no longer hold, and that nobody decided to keep; in order of time.

    When two meetings leave no room for each other, or are more than a day's most, those booked for later are.
    """
    found = []
    days: defaultdict[tuple[str, date], list[datetime]] = defaultdict(list)
    # What is kept stays, whatever comes before it.
    for each in sorted(booked, key=lambda b: (not b.is_kept, b.starts_at, b.meeting_id)):
        agent = supply.agents[each.agent_id]
        day = each.starts_at.astimezone(agent.timezone).date()
        others = days[agent.id, day]
        cause = None if each.is_kept else _cause(each, agent, day, others, supply.closed)
        if cause is None:
            others.append(each.starts_at)
        else:
            found.append(Concerned(each, agent, cause))
    return sorted(found, key=lambda c: (c.booked.starts_at, c.booked.meeting_id))


def _cause(booked: Booked, agent: Agent, day: date, others: Sequence[datetime], closed: ClosedDays) -> Cause | None:
    if not agent.is_active:
        return Cause.INACTIVE
    if not closed.is_working_day(day):
        return Cause.CLOSED
    if is_absent(agent, booked.starts_at):
        return Cause.ABSENT
    if not _is_within_hours(agent, booked.starts_at):
        return Cause.HOURS
    if not can_meet(agent, agent.region, booked.mode):
        return Cause.MODE
    if not has_room(agent, booked.starts_at, others):
        is_full = agent.most_a_day is not None and len(others) >= agent.most_a_day
        return Cause.TOO_MANY if is_full else Cause.OVERLAP
    return None


def _is_within_hours(agent: Agent, starts_at: datetime) -> bool:
    """Whether the whole meeting lies inside one opening, on its grid or not: a new grid moves nobody."""
    start = starts_at.astimezone(agent.timezone)
    end = (starts_at + agent.length).astimezone(agent.timezone)
    return end.date() == start.date() and any(
        opening.weekday == start.weekday() and opening.opens <= start.time() and end.time() <= opening.closes
        for opening in agent.hours
    )


def proposals(
    listed: Sequence[Concerned], supply: Supply, taken: Collection[Taken], now: datetime
) -> dict[str, Proposal | None]:
    """A free time for each meeting, by its id: no two the same, None when there is none.

    First an agent who speaks the person's language, then in time, then the same way to meet; of these the nearest to
    the time that was booked. Whoever is due first chooses first.
    """
    if not listed:
        return {}
    today = montreal_day(now)
    last = max(max(montreal_day(each.booked.starts_at), each.booked.due) for each in listed) + SEARCHED_AFTER
    days = [today + timedelta(days=n) for n in range((last - today).days + 1)]
    agents = [agent for agent in supply.agents.values() if agent.is_active]
    free = free_times(agents, days, Busy(agents, taken), supply.closed, now + NOTICE)
    others: defaultdict[tuple[str, date], list[datetime]] = defaultdict(list)
    zones = {agent.id: agent.timezone for agent in supply.agents.values()}
    for agent_id, start in taken:
        others[agent_id, start.astimezone(zones.get(agent_id, QUEBEC)).date()].append(start)
    found: dict[str, Proposal | None] = {}
    for each in sorted(listed, key=lambda c: (c.booked.due, c.booked.starts_at, c.booked.meeting_id)):
        soonest = min(each.booked.starts_at, now + NOTICE_OF_MOVE)
        best = _best(each, [time_ for time_ in free if time_[1] >= soonest], others)
        found[each.booked.meeting_id] = best
        if best is not None:
            day = best.starts_at.astimezone(best.agent.timezone).date()
            others[best.agent.id, day].append(best.starts_at)
    return found


def _best(
    each: Concerned,
    free: Sequence[tuple[Agent, datetime]],
    others: Mapping[tuple[str, date], Sequence[datetime]],
) -> Proposal | None:
    booked, region = each.booked, each.agent.region
    best: tuple[tuple[bool, bool, bool, timedelta, bool, bool, int, str], Proposal] | None = None
    for agent, start in free:
        mode = _mode(booked, agent, region)
        if mode is None or (mode is Mode.IN_PERSON and montreal_day(start) <= booked.arrival):
            continue
        beside = others.get((agent.id, start.astimezone(agent.timezone).date()), ())
        proposal = Proposal(agent, start, mode)
        rank = (
            not proposal.speaks(booked),
            not proposal.is_in_time_for(booked),
            mode is not booked.mode,
            abs(start - booked.starts_at),
            agent.id != booked.agent_id,
            agent.region != region,
            len(beside),
            agent.id,
        )
        if (best is None or rank < best[0]) and has_room(agent, start, beside):
            best = (rank, proposal)
    return best[1] if best else None


def _mode(booked: Booked, agent: Agent, region: str) -> Mode | None:
    """How they would meet: as booked, else at a distance."""
    if can_meet(agent, region, booked.mode):
        return booked.mode
    return Mode.REMOTE if can_meet(agent, region, Mode.REMOTE) else None
