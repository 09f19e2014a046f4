"""The agents' agenda, kept apart from the booking code, to check it: what may be booked, what is booked, what is free.

It knows the rules of its own: it shares only the closed days and the due dates with the code that it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.meetings import QUEBEC, Absence, Agent, Mode, Taken, Wish
from bot.domain.working_days import ClosedDays

_NOTICE = timedelta(hours=2)
_DAY = timedelta(days=1)


class Broken(Exception):
    """The booking code broke a rule: the message says which."""


@dataclass(frozen=True)
class Place:
    """One hour of one agent. `day` is Montréal's."""

    agent: Agent
    start: datetime
    day: date

    @property
    def key(self) -> Taken:
        return self.agent.id, self.start

    def is_in(self, absence: Absence) -> bool:
        length = timedelta(minutes=self.agent.meeting_minutes)
        return absence.begins_at < self.start + length and self.start < absence.ends_at


class Agenda:
    """Every place of the year, and who has it."""

    def __init__(self, agents: Iterable[Agent], first: date, last: date) -> None:
        self._places: defaultdict[date, dict[Taken, Place]] = defaultdict(dict)
        for agent in agents:
            for place in _places(agent, first, last):
                if not any(place.is_in(absence) for absence in agent.absences):
                    self._places[place.day][place.key] = place
        self._booked: dict[Taken, str] = {}
        self._of: dict[str, Taken] = {}

    def places(self) -> list[Place]:
        """In order of time, whether booked or not."""
        found = (place for places in self._places.values() for place in places.values())
        return sorted(found, key=lambda place: (place.start, place.agent.id))

    def is_away(self, agent_id: str, absence: Absence) -> list[str]:
        """The agent's places in the absence are gone; who had one, in order of time."""
        found = []
        day, last = absence.begins_at.astimezone(QUEBEC).date(), absence.ends_at.astimezone(QUEBEC).date()
        for places in (self._places[day + n * _DAY] for n in range((last - day).days + 1)):
            gone = [place for place in places.values() if place.agent.id == agent_id and place.is_in(absence)]
            for place in gone:
                del places[place.key]
                if place.key in self._booked:
                    found.append((place.start, self._booked[place.key]))
        return [person for _, person in sorted(found)]

    def book(self, person: str, wish: Wish, mode: Mode, agent_id: str, start: datetime, now: datetime) -> None:
        """The person has this place, instead of the one they had. Raises Broken."""
        key = (agent_id, start.astimezone(UTC))
        place = self._places.get(start.astimezone(QUEBEC).date(), {}).get(key)
        if place is None:
            raise Broken(f"{person}: {agent_id} does not work at {start}")
        if key in self._booked:
            raise Broken(f"{person}: {agent_id} is booked at {start}")
        if mode not in _modes(wish) or not _may_meet(place, wish, mode) or start <= now:
            raise Broken(f"{person}: {agent_id} may not meet them at {start}")
        self.free(person)
        self._booked[key] = person
        self._of[person] = key

    def free(self, person: str) -> None:
        """They have no place any more, if they had one."""
        key = self._of.pop(person, None)
        if key is not None:
            del self._booked[key]

    def close(self, person: str) -> None:
        """Their hour is past: it stays theirs, and they may have another."""
        self._of.pop(person, None)

    def booked(self) -> frozenset[Taken]:
        return frozenset(self._booked)

    def free_for(self, wish: Wish, due: date, held: Collection[Taken], now: datetime) -> list[Place]:
        """Every place that this person could have on or before `due`; `held` ones are somebody's."""
        day, found = now.astimezone(QUEBEC).date(), []
        while day <= due:
            found += [
                place
                for place in self._places.get(day, {}).values()
                if place.start >= now + _NOTICE
                and place.key not in self._booked
                and place.key not in held
                and any(_may_meet(place, wish, mode) for mode in _modes(wish))
            ]
            day += _DAY
        return found


def _modes(wish: Wish) -> tuple[Mode, ...]:
    """In person, one may be met at a distance too, unless one refused."""
    if wish.mode is Mode.REMOTE:
        return (Mode.REMOTE,)
    return (Mode.IN_PERSON,) if wish.is_mode_firm else (Mode.IN_PERSON, Mode.REMOTE)


def _may_meet(place: Place, wish: Wish, mode: Mode) -> bool:
    """In person: the region's own agents, from the day after arrival. At a distance: whoever works so, at any time."""
    if mode is Mode.REMOTE:
        return place.agent.is_remote
    return place.agent.office is not None and place.agent.region == wish.region and place.day > wish.arrival


def _places(agent: Agent, first: date, last: date) -> Iterator[Place]:
    closed, length = ClosedDays(), timedelta(minutes=agent.meeting_minutes)
    day = first
    while day <= last:
        if closed.is_working_day(day):
            for opening in agent.hours:
                if opening.weekday == day.weekday():
                    start = datetime.combine(day, opening.opens, agent.timezone).astimezone(UTC)
                    end = datetime.combine(day, opening.closes, agent.timezone).astimezone(UTC)
                    while start + length <= end:
                        yield Place(agent, start, start.astimezone(QUEBEC).date())
                        start += length
        day += _DAY
