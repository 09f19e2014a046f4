"""The promise, watched: a first meeting held within five working days of arrival.

Offered is not held: whoever was booked in time and not met counts as not met. People are known from their meetings and
from the waiting list; someone who only said when they arrive is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from bot.domain.meetings import Agent, Busy, MeetingState, free_times, montreal_day
from bot.domain.waiting_list import Waiting
from bot.domain.working_days import ClosedDays

# A person is at risk when this many working days are left, and nothing is booked in time.
RISK_DAYS = 2
WEEK = timedelta(days=7)
# How far back the board looks.
WEEKS_SHOWN = 12
# This week and the next, for the load of agents.
LOAD_WEEKS = 2


class Standing(StrEnum):
    """`TO_CONFIRM`: the meeting's hour has passed and nobody said how it went. `WITHDRAWN`: they cancelled."""

    LATE = "late"
    TODAY = "today"
    AT_RISK = "at_risk"
    TO_CONFIRM = "to_confirm"
    ON_TIME = "on_time"
    MET = "met"
    MET_LATE = "met_late"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Record:
    """A meeting, as the board counts it. The region is its agent's."""

    meeting_id: str
    conversation_id: str
    agent_id: str
    agent_name: str
    region: str
    language: str
    starts_at: datetime
    ends_at: datetime
    arrival: date
    due: date
    held_on: date | None
    state: MeetingState
    booked_at: datetime


@dataclass(frozen=True)
class Person:
    """`meeting` is the one that is booked, or whose hour has passed."""

    conversation_id: str
    region: str
    language: str
    arrival: date
    due: date
    held_on: date | None
    meeting: Record | None
    missed: int
    is_waiting: bool
    has_withdrawn: bool

    def standing(self, now: datetime, closed: ClosedDays) -> Standing:
        today = montreal_day(now)
        if self.held_on is not None:
            return Standing.MET if self.held_on <= self.due else Standing.MET_LATE
        if self.has_withdrawn:
            return Standing.WITHDRAWN
        if self.meeting is not None and self.meeting.ends_at <= now:
            return Standing.TO_CONFIRM
        if self.due < today:
            return Standing.LATE
        if self.due == today:
            return Standing.TODAY
        is_booked_in_time = self.meeting is not None and montreal_day(self.meeting.starts_at) <= self.due
        is_near = self.due <= list(islice(closed.working_days_after(today), RISK_DAYS))[-1]
        return Standing.AT_RISK if is_near and not is_booked_in_time else Standing.ON_TIME


@dataclass(frozen=True)
class Share:
    """Of the people due in one week, from its Monday on: how many were met in time. `region` None is all of Québec."""

    week: date
    region: str | None
    in_time: int
    late: int
    unmet: int
    to_confirm: int

    @property
    def due(self) -> int:
        return self.in_time + self.late + self.unmet + self.to_confirm

    @property
    def share(self) -> float | None:
        """None while nothing can be said: who is still to confirm counts neither way."""
        known = self.due - self.to_confirm
        return self.in_time / known if known else None


@dataclass(frozen=True)
class Shows:
    """Of the meetings of one week: how many were held, and to how many nobody came."""

    week: date
    held: int
    missed: int

    @property
    def share(self) -> float | None:
        known = self.held + self.missed
        return self.missed / known if known else None


@dataclass(frozen=True)
class Load:
    """Meetings of an agent in the weeks looked at, and how many their hours hold."""

    agent: Agent
    booked: int
    room: int

    @property
    def share(self) -> float | None:
        return self.booked / self.room if self.room else None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def first_week(today: date) -> date:
    """The Monday of the oldest week that is shown."""
    return monday(today) - (WEEKS_SHOWN - 1) * WEEK


def people(records: Iterable[Record], waiting: Iterable[Waiting]) -> list[Person]:
    """Everybody, whoever is due first first."""
    by_person: defaultdict[str, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda r: (r.booked_at, r.meeting_id)):
        by_person[record.conversation_id].append(record)
    waits = {one.conversation_id: one for one in waiting}
    found = [_person(key, by_person.get(key, []), waits.get(key)) for key in {*by_person, *waits}]
    return sorted(found, key=lambda person: (person.due, person.conversation_id))


def _person(conversation_id: str, records: Sequence[Record], waiting: Waiting | None) -> Person:
    held = [record for record in records if record.state is MeetingState.HELD and record.held_on is not None]
    open_ = [record for record in records if record.state in (MeetingState.BOOKED, MeetingState.OVER)]
    first = min(held, key=lambda record: record.held_on or date.max, default=None)
    meeting = open_[-1] if open_ else None
    latest = first or meeting or (records[-1] if records else None)
    if waiting is not None and first is None:
        language, region, arrival, due = waiting.wish.language, waiting.wish.region, waiting.wish.arrival, waiting.due
    elif latest is not None:
        language, region, arrival, due = latest.language, latest.region, latest.arrival, latest.due
    else:
        raise ValueError(conversation_id)
    return Person(
        conversation_id=conversation_id,
        region=region,
        language=language,
        arrival=arrival,
        due=due,
        held_on=first.held_on if first else None,
        meeting=meeting,
        missed=sum(record.state is MeetingState.MISSED for record in records),
        is_waiting=waiting is not None,
        # Whoever cancelled and asked for nothing else; one to whom nobody came is still to be met.
        has_withdrawn=waiting is None and not open_ and first is None and records[-1].state is MeetingState.CANCELLED,
    )


def shares(everyone: Iterable[Person], now: datetime, closed: ClosedDays, regions: Iterable[str | None]) -> list[Share]:
    """By week, oldest first, then by region. A day that is not over counts who was met already, and nobody else."""
    today = montreal_day(now)
    counted: defaultdict[tuple[date, str | None], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for person in everyone:
        standing = person.standing(now, closed)
        kind = _COUNTED_AS.get(standing)
        if kind is None or (person.due >= today and standing not in (Standing.MET, Standing.TO_CONFIRM)):
            continue
        for region in (None, person.region):
            counted[monday(person.due), region][kind] += 1
    weeks = [first_week(today) + n * WEEK for n in range(WEEKS_SHOWN)]
    return [
        Share(
            week, region, **{kind: counted[week, region][kind] for kind in ("in_time", "late", "unmet", "to_confirm")}
        )
        for week in weeks
        for region in regions
    ]


_COUNTED_AS: Mapping[Standing, str] = {
    Standing.MET: "in_time",
    Standing.MET_LATE: "late",
    Standing.LATE: "unmet",
    Standing.TO_CONFIRM: "to_confirm",
}


def total(parts: Sequence[Share]) -> Share:
    """The same region over all of these weeks, from the first."""
    return Share(
        parts[0].week,
        parts[0].region,
        in_time=sum(part.in_time for part in parts),
        late=sum(part.late for part in parts),
        unmet=sum(part.unmet for part in parts),
        to_confirm=sum(part.to_confirm for part in parts),
    )


def shows(records: Iterable[Record], now: datetime) -> list[Shows]:
    """By week, oldest first."""
    counted: defaultdict[tuple[date, MeetingState], int] = defaultdict(int)
    for record in records:
        counted[monday(montreal_day(record.starts_at)), record.state] += 1
    first = first_week(montreal_day(now))
    weeks = [first + n * WEEK for n in range(WEEKS_SHOWN)]
    return [Shows(week, counted[week, MeetingState.HELD], counted[week, MeetingState.MISSED]) for week in weeks]


def loads(agents: Iterable[Agent], records: Iterable[Record], closed: ClosedDays, today: date) -> list[Load]:
    """The active agents, and whoever has meetings; this week and the next."""
    first = monday(today)
    days = [first + timedelta(days=n) for n in range(7 * LOAD_WEEKS)]
    booked: defaultdict[str, int] = defaultdict(int)
    for record in records:
        if record.state is not MeetingState.CANCELLED and montreal_day(record.starts_at) in days:
            booked[record.agent_id] += 1
    return [
        Load(agent, booked[agent.id], room(agent, days, closed))
        for agent in agents
        if agent.is_active or booked[agent.id]
    ]


def room(agent: Agent, days: Sequence[date], closed: ClosedDays) -> int:
    """How many meetings the agent's hours hold on these days."""
    if not agent.is_active:
        return 0
    free: defaultdict[date, int] = defaultdict(int)
    earliest = datetime.combine(days[0] - timedelta(days=1), datetime.min.time(), agent.timezone)
    for _, start in free_times([agent], days, Busy([], ()), closed, earliest):
        free[start.astimezone(agent.timezone).date()] += 1
    most = agent.most_a_day
    return sum(number if most is None else min(number, most) for number in free.values())
