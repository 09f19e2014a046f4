"""Objectif intégration: joining a session, its waiting list, leaving, attendance. Called by actions and the console."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.csv_tables import CsvRefused, Problem
from bot.domain.meetings import QUEBEC
from bot.domain.session_drafts import line_of, read_csv, write_csv
from bot.domain.sessions import (
    UNDER_WAY,
    Registration,
    RegistrationState,
    Room,
    Session,
    days_missed,
    free_seat,
    in_order_for,
)
from bot.services.house import House
from bot.services.session_seats import (
    ALLOWANCE_OR_PERSON,
    LEAVE_OR_ALLOWANCE,
    SESSIONS_OR_PERSON,
    Seats,
    Standing,
    TooFewSeats,
    asked_after,
    has_run_out,
)
from bot.store.sessions import SeatIsTaken

logger = logging.getLogger(__name__)


class NoSuchSession(Exception):
    """No session has this id, or it is too late for what is asked of it."""


class SessionFull(Exception):
    """Somebody took the last seat first; one may wait for another."""


class NotRegistered(Exception):
    """The person holds nothing and waits for nothing."""


class NoOffer(Exception):
    """No seat is held for the person, or no longer."""


class NoSuchRegistration(Exception):
    """No registration has this id, or it is not one that this can be done to."""


class AlreadyRegistered(Exception):
    """The person is in a session, or waits for one."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing.registration.id)
        self.standing = standing


class HoursMissing(Exception):
    """Not every hour was attended."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(len(days))
        self.days = tuple(days)


@dataclass(frozen=True)
class Imported:
    """How many sessions a file added and changed."""

    added: int
    changed: int


@dataclass(frozen=True)
class Sheet:
    """One session as the console shows it: everyone who asked, in that order, and the days each was marked for."""

    session: Session
    registrations: tuple[Registration, ...]
    attendance: Mapping[str, Mapping[date, bool]]


class SessionService:
    """`are_confirmed`: what is booked here is the operator's own; else it is a request to the ministry."""

    def __init__(self, house: House, *, are_confirmed: bool = False) -> None:
        self._house = house
        self.are_confirmed = are_confirmed

    def today(self) -> date:
        """Today in Québec."""
        return self._house.clock.now().astimezone(QUEBEC).date()

    async def offered(self, region: str | None) -> list[Room]:
        """What one may join, the most fitting first."""
        return in_order_for(region, await self.rooms(), self._house.clock.now())

    async def current(self, conversation_id: str) -> Standing | None:
        """What the person holds or waits for, in a session that is not over."""
        async with self._seats() as seats:
            found = await seats.mine(conversation_id)
            return await seats.standing(*found) if found else None

    async def register(
        self, conversation_id: str, session_id: str, *, may_wait: bool = True, is_clear: bool = True
    ) -> Standing:
        """Takes a seat, else a place in the waiting list. The same session again is the same registration.

        `is_clear` is false for whoever an agent must still say yes to. Raises NoSuchSession, AlreadyRegistered, and
        SessionFull for whoever does not want to wait.
        """
        async with self._seats() as seats:
            store = seats.unit.sessions
            session = await self._open(seats, session_id)
            await self._house.conversation(seats.unit, conversation_id)
            if (current := await seats.mine(conversation_id)) is not None:
                standing = await seats.standing(*current)
                if standing.session.id == session_id:
                    return standing
                raise AlreadyRegistered(standing)
            line = await store.tally(session_id)
            seat = None if line.waiting else free_seat(session.seats, line.held)
            if seat is None and not may_wait:
                raise SessionFull
            # The key allows one row that is not withdrawn: the one of whoever let an offer run out is taken up again.
            before = await store.expired(session_id, conversation_id)
            registration = Registration(
                id=before or str(uuid.uuid4()),
                session_id=session_id,
                conversation_id=conversation_id,
                state=RegistrationState.WAITING if seat is None else RegistrationState.REGISTERED,
                seat=seat,
                asked_at=asked_after(line.last_asked, self._house.clock.now()),
                is_confirmed=self.are_confirmed and is_clear,
            )
            try:
                await (store.put if before else store.register)(registration)
            except SeatIsTaken as taken:
                raise SessionFull from taken
            if seat is not None:
                await seats.plan_reminder(registration, session)
            standing = Standing(registration, session, line.waiting + 1 if seat is None else None)
        logger.info("session joined: registration=%s state=%s", registration.id, registration.state)
        return standing

    async def accept(self, conversation_id: str) -> Standing:
        """Takes the seat that is held for the person. Raises NoOffer; one that ran out passes on."""
        async with self._seats() as seats:
            registration, session = await seats.locked(conversation_id) or (None, None)
            if registration is None or session is None:
                raise NoOffer
            if registration.state is RegistrationState.REGISTERED:
                return Standing(registration, session)
            if registration.state is not RegistrationState.OFFERED:
                raise NoOffer
            is_too_late = has_run_out(registration, self._house.clock.now())
            if is_too_late:
                await seats.end(registration, RegistrationState.EXPIRED)
                await seats.pass_on(session)
            else:
                registration = replace(registration, state=RegistrationState.REGISTERED, offered_until=None)
                await seats.unit.sessions.put(registration)
                await seats.plan_reminder(registration, session)
        if is_too_late:
            raise NoOffer
        return Standing(registration, session)

    async def withdraw(self, conversation_id: str) -> Standing:
        """Gives up the seat, the offer or the place in line; a freed seat is offered at once. Raises NotRegistered."""
        async with self._seats() as seats:
            registration, session = await seats.locked(conversation_id) or (None, None)
            if registration is None or session is None:
                raise NotRegistered
            registration = await seats.end(registration, RegistrationState.WITHDRAWN)
            await seats.pass_on(session)
        logger.info("session left: registration=%s", registration.id)
        return Standing(registration, session)

    async def expire_seat_offers(self, now: datetime | None = None) -> int:
        """Offers that ran out pass on, and whoever waited for a session that began is told. How many ended."""
        now = now or self._house.clock.now()
        async with self._house.work() as unit:
            due = await unit.sessions.with_something_due(now)
        ended = 0
        for session_id in due:
            async with self._seats() as seats:
                session = await seats.unit.sessions.get(session_id, lock=True)
                ended += await seats.expire(session, now) if session is not None else 0
        return ended

    # For the console.

    async def rooms(self) -> list[Room]:
        """Every session that is not cancelled, the first to begin first."""
        async with self._house.work() as unit:
            return await unit.sessions.rooms()

    async def sheet(self, session_id: str) -> Sheet:
        """Raises NoSuchSession."""
        async with self._house.work() as unit:
            session = await unit.sessions.get(session_id)
            if session is None:
                raise NoSuchSession
            everyone = await unit.sessions.registrations(session_id)
            marked = await unit.sessions.attendance([registration.id for registration in everyone])
        return Sheet(session, tuple(everyone), marked)

    async def add(self, session: Session) -> None:
        async with self._house.work() as unit:
            await unit.sessions.add(session)
        logger.info("session added: session=%s", session.id)

    async def export_csv(self) -> str:
        """The sessions that are not cancelled."""
        return write_csv([room.session for room in await self.rooms()])

    async def import_csv(self, data: bytes, regions: Collection[str]) -> Imported:
        """Adds and changes sessions, all or none; nobody's session goes. Raises CsvRefused with every problem."""
        async with self._seats() as seats:
            store = seats.unit.sessions
            await store.one_at_a_time()
            before = {session.id: session for session in await store.all()}
            new = read_csv(data, list(before.values()), regions, self._house.clock.now())
            too_few = []
            for session in new:
                if session.id not in before:
                    await store.add(session)
                    continue
                old = await self._open(seats, session.id)
                try:
                    await seats.change(old, replace(session, is_demonstration=old.is_demonstration))
                except TooFewSeats as refused:
                    too_few.append(Problem(line_of(data, session.id), "seats", "too_few", str(refused.held)))
            if too_few:
                raise CsvRefused(too_few)
        added = sum(session.id not in before for session in new)
        logger.info("sessions imported: added=%d changed=%d", added, len(new) - added)
        return Imported(added, len(new) - added)

    async def change_seats(self, session_id: str, number: int) -> None:
        """More seats are offered to those who wait. Raises NoSuchSession, TooFewSeats."""
        async with self._seats() as seats:
            session = await self._open(seats, session_id)
            await seats.change(session, replace(session, seats=number))

    async def cancel(self, session_id: str) -> None:
        """Everyone it concerns is told. Raises NoSuchSession for one that is over or cancelled already."""
        async with self._seats() as seats:
            store = seats.unit.sessions
            session = await store.get(session_id, lock=True)
            if session is None or session.is_cancelled or session.ends_at <= self._house.clock.now():
                raise NoSuchSession
            await store.change(replace(session, is_cancelled=True))
            for registration in await store.registrations(session_id):
                if registration.state in UNDER_WAY:
                    await seats.end(registration, RegistrationState.CLOSED)
                    await seats.tell(registration, session, "utter_session_called_off", SESSIONS_OR_PERSON)
        logger.info("session cancelled: session=%s", session_id)

    async def confirm(self, registration_id: str) -> None:
        """The request is accepted, and the person told. Raises NoSuchRegistration."""
        async with self._seats() as seats:
            registration, session = await self._registered(seats, registration_id)
            if not registration.is_confirmed:
                await seats.unit.sessions.put(replace(registration, is_confirmed=True))
                await seats.tell(registration, session, "utter_session_accepted", LEAVE_OR_ALLOWANCE)

    async def mark_attendance(
        self, session_id: str, present: Mapping[str, Collection[date]], days: Iterable[date]
    ) -> None:
        """Who was there on these days, by registration. Days to come are not marked. Raises NoSuchSession."""
        async with self._seats() as seats:
            store = seats.unit.sessions
            session = await store.get(session_id, lock=True)
            if session is None:
                raise NoSuchSession
            marked = {day.day for day in session.days if day.day <= self.today()} & set(days)
            for registration in await store.registrations(session_id):
                if registration.state is RegistrationState.REGISTERED:
                    for day in sorted(marked):
                        await store.mark(registration.id, day, day in present.get(registration.id, ()))

    async def complete(self, registration_id: str) -> None:
        """Every hour was attended: the person is told what comes next. Raises NoSuchRegistration, HoursMissing."""
        async with self._seats() as seats:
            store = seats.unit.sessions
            registration, session = await self._registered(seats, registration_id)
            marked = (await store.attendance([registration.id])).get(registration.id, {})
            missed = days_missed(session, {day for day, was_present in marked.items() if was_present})
            if missed:
                raise HoursMissing(missed)
            done = replace(registration, state=RegistrationState.COMPLETED, completed_on=self.today())
            await store.put(done)
            await seats.tell(done, session, "utter_session_completed", ALLOWANCE_OR_PERSON)
        logger.info("session completed: registration=%s", registration_id)

    @asynccontextmanager
    async def _seats(self) -> AsyncIterator[Seats]:
        """One transaction; whoever was told something in it is rung afterwards."""
        async with self._house.work() as unit:
            seats = Seats(self._house, unit)
            yield seats
        for conversation_id in dict.fromkeys(seats.told):
            await self._house.bell.ring(conversation_id)

    async def _open(self, seats: Seats, session_id: str) -> Session:
        session = await seats.unit.sessions.get(session_id, lock=True)
        if session is None or not session.is_open(self._house.clock.now()):
            raise NoSuchSession
        return session

    async def _registered(self, seats: Seats, registration_id: str) -> tuple[Registration, Session]:
        """The session is locked."""
        store = seats.unit.sessions
        registration = await store.registration(registration_id)
        session = await store.get(registration.session_id, lock=True) if registration else None
        registration = await store.registration(registration_id)
        if registration is None or session is None or registration.state is not RegistrationState.REGISTERED:
            raise NoSuchRegistration
        return registration, session
