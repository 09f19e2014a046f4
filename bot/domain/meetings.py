"""First meetings: free times computed from agents' hours, and what may be booked.

Times are whole: a meeting starts on the grid of its agent's meeting length, so that one key (agent, start) in the
store keeps two people from the same time. Hours are the office's; due dates are always Montréal's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from bot.domain.emergency import fold
from bot.domain.working_days import ClosedDays, due_date

# The ministry's agenda is in Montréal time, the Îles-de-la-Madeleine included.
QUEBEC = ZoneInfo("America/Toronto")
NOTICE = timedelta(hours=2)
NOON = 12
# Someone who arrived longer ago is no longer waiting for a first meeting; a plane ticket is rarely bought earlier.
OLDEST_ARRIVAL = timedelta(days=366)
FARTHEST_ARRIVAL = timedelta(days=366)
# How far after the due date a first free time is still looked for.
SEARCHED_AFTER_DUE = timedelta(days=60)
# Of a long way to the due date, what is looked at first: the days to come and those around the arrival.
NEAR = timedelta(days=20)
AROUND_ARRIVAL = timedelta(days=7)

# (agent id, start) of a time that is booked or held.
Taken = tuple[str, datetime]


class Mode(StrEnum):
    IN_PERSON = "in_person"
    REMOTE = "remote"


def _any_of(phrases: str) -> re.Pattern[str]:
    """Any of these phrases, parted by commas, in a text that was folded as they are."""
    return re.compile(rf"\b({'|'.join(fold(phrase) for phrase in phrases.split(','))})\b")


_REMOTE_WORDS = _any_of(
    "distance, distancia, video, visio, visioconférence, visioconferencia, vidéoconférence, videoconferencia,"
    "téléphone, tél, phone, teléfono, zoom, teams, en ligne, online, en línea, remote, remotely, remoto, remota,"
    "virtual, virtuel, virtuelle, appel, call, llamada, internet, videollamada"
)
_IN_PERSON_WORDS = _any_of(
    "en personne, in person, en persona, présentiel, presencial, face to face, face à face, sur place, au bureau,"
    "at the office, en la oficina, cara a cara, en vrai"
)


class MeetingState(StrEnum):
    """`OVER`: its end has passed, and nobody said yet whether the person came. `MISSED`: they did not."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    OVER = "over"
    HELD = "held"
    MISSED = "missed"


class ArrivalTooOld(Exception):
    """The arrival is more than a year ago."""


class ArrivalTooFar(Exception):
    """The arrival is more than a year ahead."""


@dataclass(frozen=True)
class OpeningHours:
    """Hours on one day of the week, on the clocks of the agent's office; Monday is 0."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Absence:
    """Two instants; the second is not included."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Agent:
    """An integration agent (AAI). `office` is where in-person meetings are held, None when all are at a distance.

    `timezone` is the office's: hours are read on its clocks, and `most_a_day` counts its days.
    """

    id: str
    name: str
    organisation: str
    region: str
    languages: tuple[str, ...]
    hours: tuple[OpeningHours, ...]
    meeting_minutes: int
    office: str | None
    is_remote: bool
    is_demonstration: bool = False
    office_id: str | None = None
    timezone: ZoneInfo = QUEBEC
    most_a_day: int | None = None
    is_active: bool = True
    absences: tuple[Absence, ...] = ()

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.meeting_minutes)

    def hours_on(self, weekday: int) -> tuple[OpeningHours, ...]:
        return self._by_weekday.get(weekday, ())

    @cached_property
    def _by_weekday(self) -> dict[int, tuple[OpeningHours, ...]]:
        days = {one.weekday for one in self.hours}
        return {day: tuple(one for one in self.hours if one.weekday == day) for day in days}


@dataclass(frozen=True)
class FreeTime:
    """`starts_at` is in Montréal time."""

    agent: Agent
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return (self.starts_at.astimezone(UTC) + self.agent.length).astimezone(QUEBEC)

    def zone(self, mode: Mode) -> ZoneInfo:
        """The clocks by which it is said: the office's when one goes there, else Montréal's."""
        return clocks(self.agent, mode)


@dataclass(frozen=True)
class Meeting:
    """Instants are UTC. `offered_on`, `starts_at` and `held_on` are kept apart: offered is not held."""

    id: str
    conversation_id: str
    agent: Agent
    starts_at: datetime
    mode: Mode
    arrival: date
    due: date
    offered_on: date
    state: MeetingState
    file_key: str
    revision: int = 0
    held_on: date | None = None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.agent.length

    @property
    def timezone(self) -> ZoneInfo:
        """The clocks by which it is said."""
        return clocks(self.agent, self.mode)

    @property
    def is_late(self) -> bool:
        """Whether it is after the due date."""
        return montreal_day(self.starts_at) > self.due

    @property
    def is_too_early(self) -> bool:
        """Whether the person could not be there yet."""
        return self.mode is Mode.IN_PERSON and montreal_day(self.starts_at) <= self.arrival


@dataclass(frozen=True)
class Wish:
    """What the person asked for. `region` is a region code of Québec, "01" to "17".

    `is_mode_firm`: no other way to meet is offered, not even to be in time.
    """

    arrival: date
    region: str
    mode: Mode
    language: str
    is_mode_firm: bool = False


@dataclass(frozen=True)
class Offer:
    """Free times in order. `is_in_time` is false when nothing was left on or before `due`.

    `mode` is how these times are held: at a distance, when nothing was left in person.
    """

    due: date
    times: tuple[FreeTime, ...]
    is_in_time: bool
    mode: Mode


def clocks(agent: Agent, mode: Mode) -> ZoneInfo:
    """The office's when one goes there, else Montréal's."""
    return agent.timezone if mode is Mode.IN_PERSON else QUEBEC


def montreal_day(moment: datetime) -> date:
    """The day of an instant in Montréal, by which due dates are kept."""
    return moment.astimezone(QUEBEC).date()


def read_mode(text: str) -> Mode | None:
    """How the person wants to meet, as people say it in three languages; None when both or neither is said."""
    words = fold(text)
    remote, in_person = bool(_REMOTE_WORDS.search(words)), bool(_IN_PERSON_WORDS.search(words))
    if remote == in_person:
        return None
    return Mode.REMOTE if remote else Mode.IN_PERSON


def check_arrival(arrival: date, today: date) -> None:
    """Raises ArrivalTooOld or ArrivalTooFar for a date that cannot be meant."""
    if arrival < today - OLDEST_ARRIVAL:
        raise ArrivalTooOld
    if arrival > today + FARTHEST_ARRIVAL:
        raise ArrivalTooFar


def can_meet(agent: Agent, region: str, mode: Mode) -> bool:
    """In person means in the region; at a distance any agent who works at a distance."""
    if mode is Mode.IN_PERSON:
        return agent.is_active and agent.office is not None and agent.region == region
    return agent.is_active and agent.is_remote


def suits(agent: Agent, wish: Wish) -> bool:
    """Whether the agent may meet this person in the way that is wished."""
    return can_meet(agent, wish.region, wish.mode)


def first_day(wish: Wish, mode: Mode, today: date) -> date:
    """In person, the day after arrival; at a distance, at once: before departure too."""
    return today if mode is Mode.REMOTE else max(wish.arrival + timedelta(days=1), today)


def modes_for(wish: Wish) -> tuple[Mode, ...]:
    """The ways to meet that may be offered, the wished one first."""
    if wish.mode is Mode.REMOTE or wish.is_mode_firm:
        return (wish.mode,)
    return (Mode.IN_PERSON, Mode.REMOTE)


def offer(
    wish: Wish,
    agents: Sequence[Agent],
    taken: Collection[Taken],
    closed: ClosedDays,
    now: datetime,
    mine: Taken | None = None,
) -> Offer:
    """The free times for a wish in order of time, one agent at each; those in time only, else the earliest after.

    In time comes before all. Then an agent who speaks the person's language; then in person, if it was wished, before
    at a distance. At one hour, the person's region comes first, then whoever has the fewest meetings that week.
    `taken` holds what is booked or held, this week's from its Monday on; `mine` is the person's own meeting, which a
    move would free.
    """
    due = due_date(wish.arrival, closed)
    today = montreal_day(now)
    busy = Busy(agents, taken, mine)
    modes = modes_for(wish)

    def free(mode: Mode, spoken: bool, first: date, last: date) -> tuple[FreeTime, ...]:
        fitting = [
            agent
            for agent in agents
            if can_meet(agent, wish.region, mode) and (wish.language in agent.languages) is spoken
        ]
        for days in _parts(first, last, wish.arrival):
            found = free_times(fitting, days, busy, closed, now + NOTICE)
            if found:
                return tuple(_one_agent_per_hour(found, wish.region, busy))
        return ()

    for spoken in (True, False):
        for mode in modes:
            if times := free(mode, spoken, first_day(wish, mode, today), due):
                return Offer(due, times, is_in_time=True, mode=mode)
    later = max(due, today) + SEARCHED_AFTER_DUE
    for mode in modes:
        for spoken in (True, False):
            first = max(first_day(wish, mode, today), due + timedelta(days=1))
            if times := free(mode, spoken, first, later):
                return Offer(due, times, is_in_time=False, mode=mode)
    return Offer(due, (), is_in_time=False, mode=wish.mode)


def spread(times: Sequence[FreeTime]) -> list[FreeTime]:
    """The same times, so that the first few differ: one of each half-day, then the next of each, in order of time."""
    rounds: list[tuple[int, FreeTime]] = []
    seen: Counter[tuple[date, bool]] = Counter()
    for free in times:
        half_day = (free.starts_at.date(), free.starts_at.hour < NOON)
        rounds.append((seen[half_day], free))
        seen[half_day] += 1
    return [free for _, free in sorted(rounds, key=lambda ranked: ranked[0])]


class Busy:
    """What is taken, by agent and day of the agent's office."""

    def __init__(self, agents: Iterable[Agent], taken: Iterable[Taken], mine: Taken | None = None) -> None:
        zones = {agent.id: agent.timezone for agent in agents}
        self._starts: defaultdict[tuple[str, date], list[datetime]] = defaultdict(list)
        self._weeks: Counter[tuple[str, int, int]] = Counter()
        self._mine = (mine[0], mine[1].astimezone(UTC)) if mine else None
        for agent_id, start in taken:
            if agent_id in zones and (agent_id, start) != self._mine:
                local = start.astimezone(zones[agent_id])
                self._starts[agent_id, local.date()].append(start.astimezone(UTC))
                year, week, _ = local.isocalendar()
                self._weeks[agent_id, year, week] += 1

    def leaves(self, agent: Agent, day: date, start: datetime) -> bool:
        """Whether one more meeting may start then."""
        if (agent.id, start) == self._mine:
            return False
        return has_room(agent, start, self._starts.get((agent.id, day), ()))

    def load(self, agent: Agent, day: date) -> int:
        """How many meetings the agent has in the week of this day."""
        year, week, _ = day.isocalendar()
        return self._weeks[agent.id, year, week]


def has_room(agent: Agent, start: datetime, others: Collection[datetime]) -> bool:
    """Whether a meeting fits beside the others of that day: none at the same time, and no more than `most_a_day`."""
    if agent.most_a_day is not None and len(others) >= agent.most_a_day:
        return False
    return all(abs(start - other) >= agent.length for other in others)


def free_times(
    agents: Sequence[Agent], days: Sequence[date], busy: Busy, closed: ClosedDays, not_before: datetime
) -> list[tuple[Agent, datetime]]:
    """(agent, start in UTC) of every time that is free on these days, in order of time."""
    working = [day for day in days if closed.is_working_day(day)]
    found = [
        (agent, start)
        for day in working
        for agent in agents
        for start in _starts(agent.hours_on(day.weekday()), agent.meeting_minutes, agent.timezone, day)
        if start >= not_before and not is_absent(agent, start) and busy.leaves(agent, day, start)
    ]
    return sorted(found, key=lambda time_: time_[1])


@lru_cache(maxsize=8192)
def _starts(hours: tuple[OpeningHours, ...], minutes: int, zone: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """The instants of a day, in UTC, at which meetings of this length may begin; `hours` are those of its weekday."""
    length = timedelta(minutes=minutes)
    starts = []
    for opening in hours:
        start = datetime.combine(day, opening.opens, zone).astimezone(UTC)
        end = datetime.combine(day, opening.closes, zone).astimezone(UTC)
        while start + length <= end:
            starts.append(start)
            start += length
    return tuple(starts)


def is_absent(agent: Agent, start: datetime) -> bool:
    """Whether a meeting that begins then would touch an absence."""
    if not agent.absences:
        return False
    end = start + agent.length
    return any(away.begins_at < end and start < away.ends_at for away in agent.absences)


def is_open(agent: Agent, starts_at: datetime, closed: ClosedDays) -> bool:
    """Whether the agent works at this instant and a meeting may start then."""
    start, day = starts_at.astimezone(UTC), starts_at.astimezone(agent.timezone).date()
    return (
        agent.is_active
        and closed.is_working_day(day)
        and start in _starts(agent.hours_on(day.weekday()), agent.meeting_minutes, agent.timezone, day)
        and not is_absent(agent, start)
    )


def _parts(first: date, last: date, arrival: date) -> Iterator[list[date]]:
    """The days to look at. A long way to the arrival is looked at near both ends, then whole when that gave nothing."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    near = [day for day in days if day <= first + NEAR or day >= arrival - AROUND_ARRIVAL]
    if near:
        yield near
    if len(near) < len(days):
        yield days


def _one_agent_per_hour(found: Iterable[tuple[Agent, datetime]], region: str, busy: Busy) -> Iterator[FreeTime]:
    """At each hour the agent of the region, then of the fewest meetings that week."""
    best: dict[datetime, tuple[tuple[bool, int, str], Agent]] = {}
    for agent, start in found:
        rank = (agent.region != region, busy.load(agent, montreal_day(start)), agent.id)
        if start not in best or rank < best[start][0]:
            best[start] = (rank, agent)
    for start, (_, agent) in best.items():
        yield FreeTime(agent, start.astimezone(QUEBEC))
