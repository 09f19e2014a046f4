"""First meetings: free times computed from agents' hours, and what may be booked.

Times are whole: a meeting starts on the grid of its agent's meeting length, so that one key (agent, start) in the
store is enough to keep two people from the same time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
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
    """`OVER`: its end has passed while it was booked. Whether it was held is told by `held_on`."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    OVER = "over"


class ArrivalTooOld(Exception):
    """The arrival is more than a year ago."""


class ArrivalTooFar(Exception):
    """The arrival is more than a year ahead."""


@dataclass(frozen=True)
class OpeningHours:
    """Local hours (Montréal) on one day of the week; Monday is 0."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Agent:
    """An integration agent (AAI). `office` is where in-person meetings are held, None when all are at a distance."""

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


@dataclass(frozen=True)
class FreeTime:
    """`starts_at` is in Montréal time."""

    agent: Agent
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.agent.meeting_minutes)


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
        return self.starts_at + timedelta(minutes=self.agent.meeting_minutes)


@dataclass(frozen=True)
class Wish:
    """What the person asked for. `region` is a region code of Québec, "01" to "17"."""

    arrival: date
    region: str
    mode: Mode
    language: str


@dataclass(frozen=True)
class Offer:
    """Free times in order. `is_in_time` is false when nothing was left on or before `due`."""

    due: date
    times: tuple[FreeTime, ...]
    is_in_time: bool


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


def suits(agent: Agent, wish: Wish) -> bool:
    """In person means in the region; at a distance any agent who works at a distance."""
    if wish.mode is Mode.IN_PERSON:
        return agent.office is not None and agent.region == wish.region
    return agent.is_remote


def offer(
    wish: Wish,
    agents: Sequence[Agent],
    taken: Collection[tuple[str, datetime]],
    closed: ClosedDays,
    now: datetime,
) -> Offer:
    """The free times for a wish, best first within each hour; those in time only, else the earliest ones after.

    `taken` holds (agent id, start in UTC). An agent who speaks the person's language comes first, then one of the
    person's region, then the earliest hour.
    """
    due = due_date(wish.arrival, closed)
    today = now.astimezone(QUEBEC).date()
    first_day = max(wish.arrival + timedelta(days=1), today)
    fitting = [agent for agent in agents if suits(agent, wish)]
    speaking = [agent for agent in fitting if wish.language in agent.languages]
    busy = {(agent_id, start.astimezone(QUEBEC)) for agent_id, start in taken}

    def free(first: date, last: date) -> tuple[FreeTime, ...]:
        for choice in (speaking, fitting):
            found = _free_times(choice, first, last, busy, closed, now + NOTICE)
            if found:
                ordered = sorted(found, key=lambda t: (t.starts_at, t.agent.region != wish.region, t.agent.id))
                return tuple(_one_agent_per_hour(ordered))
        return ()

    in_time = free(first_day, due)
    if in_time:
        return Offer(due, in_time, is_in_time=True)
    later = max(due, today) + SEARCHED_AFTER_DUE
    return Offer(due, free(max(first_day, due + timedelta(days=1)), later), is_in_time=False)


def spread(times: Sequence[FreeTime]) -> list[FreeTime]:
    """The same times, so that the first few differ: one of each half-day, then the next of each, in order of time."""
    rounds: list[tuple[int, FreeTime]] = []
    seen: Counter[tuple[date, bool]] = Counter()
    for free in times:
        half_day = (free.starts_at.date(), free.starts_at.hour < NOON)
        rounds.append((seen[half_day], free))
        seen[half_day] += 1
    return [free for _, free in sorted(rounds, key=lambda ranked: ranked[0])]


def _free_times(
    agents: Sequence[Agent],
    first: date,
    last: date,
    busy: Collection[tuple[str, datetime]],
    closed: ClosedDays,
    not_before: datetime,
) -> list[FreeTime]:
    found = []
    day = first
    while day <= last:
        if closed.is_working_day(day):
            for agent in agents:
                found += [
                    FreeTime(agent, start)
                    for start in _starts(agent, day)
                    if start >= not_before and (agent.id, start) not in busy
                ]
        day += timedelta(days=1)
    return found


def _starts(agent: Agent, day: date) -> Iterator[datetime]:
    length = timedelta(minutes=agent.meeting_minutes)
    for hours in agent.hours:
        if hours.weekday != day.weekday():
            continue
        start = datetime.combine(day, hours.opens, QUEBEC)
        end = datetime.combine(day, hours.closes, QUEBEC)
        while start + length <= end:
            yield start
            start += length


def is_open(agent: Agent, starts_at: datetime, closed: ClosedDays) -> bool:
    """Whether the agent works at this instant and a meeting may start then."""
    local = starts_at.astimezone(QUEBEC)
    return closed.is_working_day(local.date()) and local in _starts(agent, local.date())


def _one_agent_per_hour(ordered: Sequence[FreeTime]) -> Iterator[FreeTime]:
    seen = set()
    for time_ in ordered:
        if time_.starts_at not in seen:
            seen.add(time_.starts_at)
            yield time_
