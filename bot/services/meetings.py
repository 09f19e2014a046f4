"""First meetings: offer free times, book, move, cancel. Called by actions; the calendar file by the gateway."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.meetings import (
    QUEBEC,
    SEARCHED_AFTER_DUE,
    Meeting,
    MeetingState,
    Offer,
    Wish,
    check_arrival,
    is_open,
    offer,
    suits,
)
from bot.domain.working_days import ClosedDays, due_date
from bot.services.house import House
from bot.store.meetings import TimeIsTaken
from bot.store.unit_of_work import Unit


class SlotTaken(Exception):
    """Somebody took this time first, or it is no longer one of the agent's."""


class AlreadyBooked(Exception):
    """The person has a meeting; it can be moved."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__(meeting.id)
        self.meeting = meeting


class NoMeeting(Exception):
    """The person has no meeting."""


class MeetingService:
    def __init__(self, house: House) -> None:
        self._house = house

    def today(self) -> date:
        """Today in Québec."""
        return self._house.clock.now().astimezone(QUEBEC).date()

    def check_arrival(self, arrival: date) -> None:
        """Raises ArrivalTooOld, ArrivalTooFar."""
        check_arrival(arrival, self.today())

    def due(self, arrival: date) -> date:
        """The due date that the person is told; closed days added by an administrator are in the offer."""
        return due_date(arrival, ClosedDays())

    async def offer(self, wish: Wish) -> Offer:
        """Free times on or before the due date, else the earliest after it (perhaps none)."""
        async with self._house.work() as unit:
            return await self._offer(unit, wish)

    async def book(self, conversation_id: str, wish: Wish, agent_id: str, starts_at: datetime) -> Meeting:
        """Books one time. Raises SlotTaken, AlreadyBooked. Booking the same time again returns the same meeting."""
        house = self._house
        async with house.work() as unit:
            await house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is not None:
                if (current.agent.id, current.starts_at) == (agent_id, starts_at.astimezone(UTC)):
                    return current
                raise AlreadyBooked(current)
            meeting = await self._meeting(unit, conversation_id, wish, agent_id, starts_at)
            try:
                await unit.meetings.add(meeting, house.clock.now())
            except TimeIsTaken as taken:
                raise SlotTaken from taken
        return meeting

    async def move(self, conversation_id: str, wish: Wish, agent_id: str, starts_at: datetime) -> Meeting:
        """Moves the person's meeting; the old time is given up only when the new one is held.

        Raises SlotTaken, NoMeeting.
        """
        house = self._house
        async with house.work() as unit:
            await house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is None:
                raise NoMeeting
            if (current.agent.id, current.starts_at) == (agent_id, starts_at.astimezone(UTC)):
                return current
            wanted = await self._meeting(unit, conversation_id, wish, agent_id, starts_at)
            moved = replace(
                wanted,
                id=current.id,
                file_key=current.file_key,
                offered_on=current.offered_on,
                revision=current.revision + 1,
            )
            try:
                await unit.meetings.move(moved)
            except TimeIsTaken as taken:
                raise SlotTaken from taken
        return moved

    async def cancel(self, conversation_id: str) -> Meeting:
        """Raises NoMeeting."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is None:
                raise NoMeeting
            await unit.meetings.cancel(current.id)
        return replace(current, state=MeetingState.CANCELLED, revision=current.revision + 1)

    async def current(self, conversation_id: str) -> Meeting | None:
        """The meeting that is booked and not over."""
        async with self._house.work() as unit:
            return await self._current(unit, conversation_id)

    async def by_file_key(self, file_key: str) -> Meeting | None:
        async with self._house.work() as unit:
            return await unit.meetings.by_file_key(file_key)

    async def _current(self, unit: Unit, conversation_id: str) -> Meeting | None:
        """The booked meeting. One whose end has passed is put down as over, and leaves room for another."""
        meeting = await unit.meetings.booked_for(conversation_id)
        if meeting is None or meeting.ends_at > self._house.clock.now():
            return meeting
        await unit.meetings.end(meeting)
        return None

    async def _offer(self, unit: Unit, wish: Wish) -> Offer:
        now = self._house.clock.now()
        agents = await unit.meetings.agents()
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        last = datetime.combine(max(due_date(wish.arrival, closed), self.today()), now.time(), UTC)
        taken = await unit.meetings.taken(now, last + SEARCHED_AFTER_DUE + timedelta(days=1))
        return offer(wish, agents, taken, closed, now)

    async def _meeting(
        self, unit: Unit, conversation_id: str, wish: Wish, agent_id: str, starts_at: datetime
    ) -> Meeting:
        agent = await unit.meetings.agent(agent_id)
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        if (
            agent is None
            or not suits(agent, wish)
            or starts_at <= self._house.clock.now()
            or not is_open(agent, starts_at, closed)
        ):
            raise SlotTaken
        return Meeting(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            agent=agent,
            starts_at=starts_at.astimezone(UTC),
            mode=wish.mode,
            arrival=wish.arrival,
            due=due_date(wish.arrival, closed),
            offered_on=self.today(),
            state=MeetingState.BOOKED,
            file_key=secrets.token_urlsafe(24),
        )
