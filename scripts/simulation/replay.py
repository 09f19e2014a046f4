"""The year, event by event, in order of time: people ask, are met or not, cancel, wait; agents fall ill.

Every booking is checked against an agenda of our own (agenda.py), and all of them against the database at the end.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from bot.domain.meetings import QUEBEC, Meeting, Mode, Offer, Taken, spread
from bot.domain.waiting_list import TimeOffer
from scripts.simulation import assumptions as assumed
from scripts.simulation.agenda import Agenda, Broken
from scripts.simulation.booking import Booking, VirtualClock, opened
from scripts.simulation.world import Person, SuddenAbsence, World

# How far the agenda goes beyond the year, for those who ask long before and those who are met long after.
MARGIN = timedelta(days=120)
SHOWN = 3
# The scheduler looks for free times for who waits every two minutes: hours that a coordinator added, an absence that
# ended. Neither happens here, and it costs much; a freed time is offered at once all the same.
_LOOKS_EVERY, _LOOKS_AT = 7, time(8, 5)
_READS_AFTER = timedelta(minutes=20)
_TICK = timedelta(seconds=1)
_DAY = timedelta(days=1)

Progress = Callable[[datetime, int], None]


class Outcome(StrEnum):
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    NONE = "none"


@dataclass
class Request:
    """A meeting that a person asked for: the first, or another after missing or cancelling one."""

    person: Person
    attempt: int
    asked_at: datetime
    is_offered_in_time: bool = False
    is_wished_mode: bool = False
    is_in_language: bool = False
    outcome: Outcome = Outcome.NONE
    held_on: date | None = None

    @property
    def is_held_in_time(self) -> bool:
        return self.held_on is not None and self.held_on <= self.person.due


@dataclass
class Year:
    """What came of it. `refused`: who was offered nothing in time though a place was free, and how many were.

    `places`: (agent id, start, Montréal's day) of every hour that agents had for first meetings.
    """

    world: World
    requests: list[Request] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    places: list[tuple[str, datetime, date]] = field(default_factory=list)

    def firsts(self) -> list[Request]:
        return [request for request in self.requests if request.attempt == 0]


async def replay(world: World, progress: Progress) -> Year:
    """Raises Broken when the booking code breaks a rule."""
    clock = VirtualClock(min(person.asks_at for person in world.people))
    async with opened(world.agents, clock) as booking:
        return await _Replay(world, booking, clock, progress).run()


class _Replay:
    def __init__(self, world: World, booking: Booking, clock: VirtualClock, progress: Progress) -> None:
        self._world = world
        self._booking = booking
        self._clock = clock
        self._progress = progress
        self._events: list[tuple[datetime, int, Callable[..., Awaitable[None]], tuple[Any, ...]]] = []
        self._numbered = 0
        self._first = min(person.asks_at for person in world.people).astimezone(QUEBEC).date()
        self._last = max(person.due for person in world.people) + MARGIN
        self._agenda = Agenda(world.agents, self._first, self._last)
        self._people = {person.id: person for person in world.people}
        self._attempts: Counter[str] = Counter()
        self._asking: dict[str, Request] = {}
        self._booked: dict[str, Meeting] = {}
        self._noticed: set[tuple[str, bool]] = set()
        self._somebody_waits = self._something_is_held = False
        self.year = Year(world)

    async def run(self) -> Year:
        for person in self._world.people:
            self._plan(person.asks_at, self._ask, person)
        for away in self._world.sudden:
            self._plan(away.known_at, self._fall_ill, away)
        for number in range(0, (self._last - self._first).days, _LOOKS_EVERY):
            self._plan(datetime.combine(self._first + number * _DAY, _LOOKS_AT, QUEBEC).astimezone(UTC), self._look)
        while self._events:
            at, _, act, about = heapq.heappop(self._events)
            self._clock.set(at)
            await act(*about)
            # A booking or an end frees nothing but what was held.
            if self._somebody_waits and (self._something_is_held or act not in (self._ask, self._end)):
                await self._notice_offers()
            self._progress(at, len(self.year.requests))
        await self._check_against_the_database()
        self.year.places = [(place.agent.id, place.start, place.day) for place in self._agenda.places()]
        return self.year

    def _plan(self, at: datetime, act: Callable[..., Awaitable[None]], *about: Any) -> None:
        self._numbered += 1
        heapq.heappush(self._events, (at, self._numbered, act, about))

    def _chance(self, *of: object) -> Random:
        """Drawn for this alone, so that one thing that goes otherwise changes nothing else."""
        return Random(" ".join(map(str, (self._world.seed, *of))))  # noqa: S311

    async def _ask(self, person: Person) -> None:
        if person.id in self._booked:
            return  # they took a freed time meanwhile
        now = self._clock.now()
        request = self._new_request(person)
        if request.attempt == 0:
            await self._booking.arrives(person)
        offer = await self._offer(person)
        request.is_offered_in_time = offer.is_in_time
        if not offer.times:
            self.year.counted["no time at all"] += 1
            return
        chance = self._chance("chooses", person.id, request.attempt)
        shown = spread(offer.times)[:SHOWN]
        chosen = chance.choices(shown, assumed.CHOOSES[: len(shown)])[0]
        meeting = await self._booking.book(person.id, person.wish, offer.mode, chosen)
        self._place(person, meeting)
        if request.attempt == 0 and chance.random() < assumed.CANCELS:
            self._plan(now + timedelta(hours=chance.uniform(1, 48)), self._cancel, person)

    def _new_request(self, person: Person) -> Request:
        request = Request(person, self._attempts[person.id], self._clock.now())
        self._attempts[person.id] += 1
        self._asking[person.id] = request
        self.year.requests.append(request)
        return request

    async def _offer(self, person: Person) -> Offer:
        """What the booking code offers; when nothing is in time, our own agenda is looked at too."""
        now = self._clock.now()
        offer = await self._booking.offer(person.id, person.wish)
        if offer.is_in_time:
            return offer
        self._somebody_waits = True
        self.year.counted["nothing in time"] += 1
        held = {
            (one.agent_id, one.starts_at)
            for one in await self._booking.open_offers()
            if one.conversation_id != person.id
        }
        free = self._agenda.free_for(person.wish, person.due, held, now)
        if free:
            self.year.refused.append(f"{person.id} on {now.isoformat()}: {len(free)} free, first {free[0].key}")
        return offer

    def _place(self, person: Person, meeting: Meeting) -> None:
        """The meeting is as the agenda allows; its end is to come."""
        agent, now = meeting.agent, self._clock.now()
        self._agenda.book(person.id, person.wish, meeting.mode, agent.id, meeting.starts_at, now)
        self._booked[person.id] = meeting
        request = self._asking[person.id]
        request.is_wished_mode = meeting.mode is person.wish.mode
        request.is_in_language = person.wish.language in agent.languages
        self.year.counted["in person" if meeting.mode is Mode.IN_PERSON else "at a distance"] += 1
        self._plan(meeting.ends_at + _TICK, self._end, person, meeting.starts_at)

    async def _end(self, person: Person, starts_at: datetime) -> None:
        meeting = self._booked.get(person.id)
        if meeting is None or meeting.starts_at != starts_at:
            return
        request = self._asking[person.id]
        came = person.comes(self._world.seed, request.attempt)
        closed = await self._booking.close(meeting.id, came=came)
        request.outcome, request.held_on = (Outcome.HELD if came else Outcome.MISSED), closed.held_on
        self._agenda.close(person.id)
        del self._booked[person.id]
        if not came:
            self._ask_again(person, self._chance("misses", person.id, request.attempt))

    def _ask_again(self, person: Person, chance: Random) -> None:
        """The next day, perhaps."""
        is_last = self._attempts[person.id] >= assumed.MOST_ATTEMPTS
        if is_last or chance.random() >= assumed.ASKS_AGAIN_AFTER_MISSING:
            return
        tomorrow = self._clock.now().astimezone(QUEBEC).date() + _DAY
        at = datetime.combine(tomorrow, time(8), QUEBEC) + timedelta(seconds=chance.randrange(10 * 3600))
        self._plan(at.astimezone(UTC), self._ask, person)

    async def _cancel(self, person: Person) -> None:
        meeting = self._booked.get(person.id)
        if meeting is None or meeting.starts_at <= self._clock.now():
            return
        await self._booking.cancel(person.id)
        self._agenda.free(person.id)
        del self._booked[person.id]
        self._asking[person.id].outcome = Outcome.CANCELLED
        self._ask_again(person, self._chance("cancels", person.id))

    async def _fall_ill(self, away: SuddenAbsence) -> None:
        """The coordinator moves whoever had a meeting to the first time that is free."""
        await self._booking.add_absence(away.agent_id, away.absence)
        for person_id in self._agenda.is_away(away.agent_id, away.absence):
            person = self._people[person_id]
            offer = await self._offer(person)
            if not offer.times:
                raise Broken(f"{person_id}: no time at all for a meeting that has to be moved")
            self._place(person, await self._booking.move(person_id, person.wish, offer.mode, offer.times[0]))
            self.year.counted["moved by an absence"] += 1

    async def _look(self) -> None:
        if self._somebody_waits:
            await self._booking.look()
            self._somebody_waits = await self._booking.waiting() > 0

    async def _tick(self) -> None:
        await self._booking.tick()

    async def _notice_offers(self) -> None:
        """Who was told of a freed time answers, or lets it run out; who sleeps is told when they wake."""
        offers = await self._booking.open_offers()
        self._something_is_held = bool(offers)
        for offer in offers:
            is_told = offer.told_at is not None
            if (offer.id, is_told) in self._noticed:
                continue
            self._noticed.add((offer.id, is_told))
            now = self._clock.now()
            if not is_told:
                self._plan(max(offer.offered_at, now) + _TICK, self._tick)
                continue
            self.year.counted["freed times offered"] += 1
            chance = self._chance("answers", offer.conversation_id, offer.agent_id, offer.starts_at.isoformat())
            answer = chance.choices((self._take, self._decline, None), assumed.ANSWERS)[0]
            if answer is None:
                self._plan(max(offer.expires_at, now) + _TICK, self._tick)
            else:
                self._plan(now + _READS_AFTER, answer, offer)

    async def _take(self, offer: TimeOffer) -> None:
        person = self._people[offer.conversation_id]
        meeting = await self._booking.take(offer)
        if meeting is None:
            return
        self.year.counted["freed times taken"] += 1
        if person.id not in self._booked:
            self._new_request(person)  # they had missed theirs, and were still on the list
        self._place(person, meeting)
        if not meeting.is_late:
            self._asking[person.id].is_offered_in_time = True

    async def _decline(self, offer: TimeOffer) -> None:
        await self._booking.decline(offer)

    async def _check_against_the_database(self) -> None:
        first = datetime.combine(self._first - _DAY, time(), UTC)
        taken = await self._booking.taken(first, datetime.combine(self._last + MARGIN, time(), UTC))
        held: set[Taken] = {(one.agent_id, one.starts_at) for one in await self._booking.open_offers()}
        if taken - held != self._agenda.booked():
            raise Broken(f"the database has {len(taken - held)} meetings, the agenda {len(self._agenda.booked())}")
