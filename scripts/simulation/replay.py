"""The year, event by event, in order of time: people ask, are met or not, cancel, wait; agents fall ill.

Every booking is checked against an agenda of our own (agenda.py).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from bot.domain.meetings import QUEBEC, Meeting, Mode, Taken
from bot.domain.waiting_list import TimeOffer
from scripts.simulation import assumptions as assumed
from scripts.simulation.agenda import Agenda, Broken
from scripts.simulation.booking import Booking, VirtualClock, opened
from scripts.simulation.world import Person, SuddenAbsence, World

# How far the agenda goes beyond the year, for those who ask long before and those who are met long after.
MARGIN = timedelta(days=120)
# When who waits is looked for a time again, though the scheduler does so every two minutes.
_LOOKS_AT = (time(8, 5), time(13, 5))
_READS_AFTER = timedelta(minutes=20)
_TICK = timedelta(minutes=1)


class Outcome(StrEnum):
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    NO_TIME = "no time"


@dataclass
class Request:
    """One time that a person asked for a meeting: the first, or again after missing or cancelling one."""

    person: Person
    asked_at: datetime
    attempt: int
    offered_in_time: bool
    speaks: bool = True
    outcome: Outcome = Outcome.NO_TIME
    held_on: date | None = None

    @property
    def is_held_in_time(self) -> bool:
        return self.held_on is not None and self.held_on <= self.person.due


@dataclass
class Year:
    """What came of it. `refused`: who was offered nothing in time though a place was free, and which."""

    world: World
    requests: list[Request] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    places: list[tuple[str, datetime, date]] = field(default_factory=list)

    def firsts(self) -> list[Request]:
        return [request for request in self.requests if request.attempt == 0]


@dataclass(order=True)
class _Event:
    at: datetime
    number: int
    what: Callable[..., Any] = field(compare=False)
    about: tuple[Any, ...] = field(compare=False)


class Replay:
    def __init__(self, world: World, booking: Booking, clock: VirtualClock, progress: Callable[[float, str], None]) -> None:
        self._world = world
        self._booking = booking
        self._clock = clock
        self._progress = progress
        self._events: list[_Event] = []
        self._number = 0
        first, last = _span(world)
        self._agenda = Agenda(world.agents, first, last)
        self._agents = {agent.id: agent for agent in world.agents}
        self._open: dict[str, Request] = {}
        self._attempts: Counter[str] = Counter()
        self._meetings: dict[str, Meeting] = {}
        self._known_offers: set[str] = set()
        self._is_somebody_waiting = False
        self.year = Year(world)

    async def run(self) -> Year:
        for person in self._world.people:
            self._at(person.asks_at, self._ask, person)
        for away in self._world.sudden:
            self._at(away.known_at, self._fall_ill, away)
        first, last = _span(self._world)
        day = first
        while day < last:
            for at in _LOOKS_AT:
                self._at(datetime.combine(day, at, QUEBEC).astimezone(UTC), self._look)
            day += timedelta(days=1)
        done = 0
        while self._events:
            event = heapq.heappop(self._events)
            self._clock.set(event.at)
            await event.what(*event.about)
            await self._follow_offers()
            if event.what == self._ask:
                done += 1
                self._progress(done / (done + sum_left(self._events, self._ask)) if done % 500 == 0 else -1, str(event.at.date()))
        await self._check_all()
        for request in self._open.values():
            self._agenda.free(request.person.id)
        self.year.places = [(place.agent.id, place.start, place.day) for place in self._agenda.places()]
        return self.year

    def _at(self, at: datetime, what: Callable[..., Any], *about: Any) -> None:
        self._number += 1
        heapq.heappush(self._events, _Event(at, self._number, what, about))
