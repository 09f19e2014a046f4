"""Objectif intégration sessions, registrations, attendance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.sessions import SEATED, UNDER_WAY, Registration, RegistrationState, Room, Session, SessionDay
from bot.store.tables import attendance, registrations, session_days, sessions

_STATES_UNDER_WAY = [state.value for state in UNDER_WAY]
_STATES_SEATED = [state.value for state in SEATED]


class SeatIsTaken(Exception):
    """The database refused: somebody holds this seat, or this person is in the session already."""


@dataclass(frozen=True)
class Tally:
    """Seats held, by number; how many wait; when the last one asked."""

    held: frozenset[int]
    waiting: int
    last_asked: datetime | None


class SessionStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, session: Session) -> None:
        await self._connection.execute(insert(sessions).values(id=session.id, **_values(session)))
        await self._add_days(session)

    async def change(self, session: Session) -> None:
        """Everything of it but its id."""
        await self._connection.execute(update(sessions).where(sessions.c.id == session.id).values(**_values(session)))
        await self._connection.execute(delete(session_days).where(session_days.c.session_id == session.id))
        await self._add_days(session)

    async def _add_days(self, session: Session) -> None:
        days = [{"session_id": session.id, "begins_at": d.begins_at, "ends_at": d.ends_at} for d in session.days]
        await self._connection.execute(insert(session_days), days)

    async def any(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(sessions))).scalar_one())

    async def one_at_a_time(self) -> None:
        """Others who add or change several wait until this transaction ends. On SQLite all do, always."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("sessions"))))

    async def get(self, session_id: str, *, lock: bool = False) -> Session | None:
        """`lock` keeps its seats from other transactions until this one ends."""
        query = select(sessions).where(sessions.c.id == session_id)
        row = (await self._connection.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            return None
        days = await self._days([session_id])
        return _session(row, days[session_id])

    async def all(self) -> list[Session]:
        """The first to begin comes first."""
        rows = list(await self._connection.execute(select(sessions)))
        days = await self._days([row.id for row in rows])
        return sorted(
            (_session(row, days[row.id]) for row in rows), key=lambda session: (session.begins_at, session.id)
        )

    async def rooms(self) -> list[Room]:
        """Every session that is not cancelled, with its seats held and those who wait."""
        held = await self._count(_STATES_SEATED)
        waiting = await self._count([RegistrationState.WAITING.value])
        return [
            Room(session, held.get(session.id, 0), waiting.get(session.id, 0))
            for session in await self.all()
            if not session.is_cancelled
        ]

    async def _count(self, states: Sequence[str]) -> dict[str, int]:
        query = (
            select(registrations.c.session_id, func.count().label("number"))
            .where(registrations.c.state.in_(states))
            .group_by(registrations.c.session_id)
        )
        return {row.session_id: row.number for row in await self._connection.execute(query)}

    async def register(self, registration: Registration) -> None:
        """Raises SeatIsTaken when a unique key says so; the transaction then goes on."""
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    insert(registrations).values(
                        id=registration.id,
                        session_id=registration.session_id,
                        conversation_id=registration.conversation_id,
                        **_state(registration),
                    )
                )
        except IntegrityError as refused:
            raise SeatIsTaken from refused

    async def put(self, registration: Registration) -> None:
        """The registration as it is now. Raises SeatIsTaken."""
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    update(registrations).where(registrations.c.id == registration.id).values(**_state(registration))
                )
        except IntegrityError as refused:
            raise SeatIsTaken from refused

    async def registration(self, registration_id: str) -> Registration | None:
        query = select(registrations).where(registrations.c.id == registration_id)
        row = (await self._connection.execute(query)).one_or_none()
        return _registration(row) if row else None

    async def registrations(self, session_id: str) -> list[Registration]:
        """In the order in which they asked."""
        query = (
            select(registrations)
            .where(registrations.c.session_id == session_id)
            .order_by(registrations.c.asked_at, registrations.c.id)
        )
        return [_registration(row) for row in await self._connection.execute(query)]

    async def tally(self, session_id: str) -> Tally:
        """Cheaper than every registration, where many ask at once."""
        of_it = registrations.c.session_id == session_id
        seat = registrations.c.seat
        held = await self._connection.execute(select(seat).where(of_it, seat.is_not(None)))
        waits = func.sum(case((registrations.c.state == RegistrationState.WAITING.value, 1), else_=0))
        last = func.max(registrations.c.asked_at)
        row = (await self._connection.execute(select(waits.label("waiting"), last.label("last")).where(of_it))).one()
        return Tally(frozenset(held.scalars()), int(row.waiting or 0), row.last)

    async def expired(self, session_id: str, conversation_id: str) -> str | None:
        """Id of the registration of a person who let an offer, or the wait, run out."""
        query = select(registrations.c.id).where(
            registrations.c.session_id == session_id,
            registrations.c.conversation_id == conversation_id,
            registrations.c.state == RegistrationState.EXPIRED.value,
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def under_way(self, conversation_id: str) -> list[Registration]:
        """What the person holds or waits for, of sessions over or not, the newest last."""
        query = (
            select(registrations)
            .where(registrations.c.conversation_id == conversation_id, registrations.c.state.in_(_STATES_UNDER_WAY))
            .order_by(registrations.c.asked_at)
        )
        return [_registration(row) for row in await self._connection.execute(query)]

    async def with_something_due(self, now: datetime) -> list[str]:
        """Ids of sessions in which an offer has run out, or that began while somebody waited."""
        begun = (
            select(session_days.c.session_id)
            .group_by(session_days.c.session_id)
            .having(func.min(session_days.c.begins_at) <= now)
        )
        query = (
            select(registrations.c.session_id)
            .where(
                ((registrations.c.state == RegistrationState.OFFERED.value) & (registrations.c.offered_until <= now))
                | ((registrations.c.state == RegistrationState.WAITING.value) & registrations.c.session_id.in_(begun))
            )
            .distinct()
            .order_by(registrations.c.session_id)
        )
        return list((await self._connection.execute(query)).scalars())

    async def mark(self, registration_id: str, day: date, was_present: bool) -> None:
        await self._connection.execute(
            delete(attendance).where(attendance.c.registration_id == registration_id, attendance.c.day == day)
        )
        await self._connection.execute(
            insert(attendance).values(registration_id=registration_id, day=day, was_present=was_present)
        )

    async def attendance(self, registration_ids: Sequence[str]) -> dict[str, dict[date, bool]]:
        """Of each registration, the days that were marked."""
        found: dict[str, dict[date, bool]] = defaultdict(dict)
        query = select(attendance).where(attendance.c.registration_id.in_(registration_ids))
        for row in await self._connection.execute(query):
            found[row.registration_id][row.day] = row.was_present
        return found

    async def _days(self, session_ids: Sequence[str]) -> dict[str, list[SessionDay]]:
        found: dict[str, list[SessionDay]] = defaultdict(list)
        query = (
            select(session_days)
            .where(session_days.c.session_id.in_(session_ids))
            .order_by(session_days.c.session_id, session_days.c.begins_at)
        )
        for row in await self._connection.execute(query):
            found[row.session_id].append(SessionDay(row.begins_at, row.ends_at))
        return found


def _values(session: Session) -> dict[str, Any]:
    return {
        "organisation": session.organisation,
        "region": session.region,
        "place": session.place,
        "is_online": session.is_online,
        "language": session.language,
        "seats": session.seats,
        "is_cancelled": session.is_cancelled,
        "is_demonstration": session.is_demonstration,
    }


def _state(registration: Registration) -> dict[str, Any]:
    return {
        "state": registration.state.value,
        "seat": registration.seat,
        "asked_at": registration.asked_at,
        "offered_until": registration.offered_until,
        "completed_on": registration.completed_on,
        "is_confirmed": registration.is_confirmed,
    }


def _session(row: Row[Any], days: Sequence[SessionDay]) -> Session:
    return Session(
        id=row.id,
        organisation=row.organisation,
        region=row.region,
        place=row.place,
        is_online=row.is_online,
        language=row.language,
        seats=row.seats,
        days=tuple(days),
        is_cancelled=row.is_cancelled,
        is_demonstration=row.is_demonstration,
    )


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        id=row.id,
        session_id=row.session_id,
        conversation_id=row.conversation_id,
        state=RegistrationState(row.state),
        seat=row.seat,
        asked_at=row.asked_at,
        offered_until=row.offered_until,
        completed_on=row.completed_on,
        is_confirmed=row.is_confirmed,
    )
