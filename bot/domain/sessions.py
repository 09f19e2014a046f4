"""Objectif intégration sessions: days, seats, who may come, and the order of the waiting list.

A freed seat is offered to whoever asked first and held for a day; then it passes on. Instants are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.emergency import fold
from bot.domain.meetings import QUEBEC

# L'Écho de Laval, July 2021: 24 hours in all.
WHOLE_SESSION = timedelta(hours=24)
OFFER_HOLDS = timedelta(hours=24)
MAX_SEATS = 200
# Of the statuses that people tell: those that the source of 2021 names. Any other is for an agent to confirm.
ADMITTED = frozenset({"permanent_resident", "temporary_worker", "student", "refugee", "sponsored", "citizen"})


class RegistrationState(StrEnum):
    """`EXPIRED`: the offer, or the wait, ended with no seat. `CLOSED`: the session itself was cancelled."""

    REGISTERED = "registered"
    OFFERED = "offered"
    WAITING = "waiting"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


# Those who hold a seat, and those whom the session still concerns.
SEATED = frozenset({RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.COMPLETED})
UNDER_WAY = frozenset({RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.WAITING})


class French(StrEnum):
    INTERMEDIATE = "intermediate"
    LITTLE = "little"


@dataclass(frozen=True, order=True)
class SessionDay:
    begins_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        """In Québec."""
        return self.begins_at.astimezone(QUEBEC).date()


@dataclass(frozen=True)
class Session:
    """`days` are in order, at least one. `place` is None when it is only online."""

    id: str
    organisation: str
    region: str
    place: str | None
    is_online: bool
    language: str
    seats: int
    days: tuple[SessionDay, ...]
    is_cancelled: bool = False
    is_demonstration: bool = False

    @property
    def begins_at(self) -> datetime:
        return self.days[0].begins_at

    @property
    def ends_at(self) -> datetime:
        return self.days[-1].ends_at

    @property
    def length(self) -> timedelta:
        return sum((day.ends_at - day.begins_at for day in self.days), timedelta())

    def is_open(self, now: datetime) -> bool:
        """Whether one may still join."""
        return not self.is_cancelled and now < self.begins_at


@dataclass(frozen=True)
class Registration:
    """`seat` is 1 to the session's seats while one is held. `is_confirmed`: no longer a request."""

    id: str
    session_id: str
    conversation_id: str
    state: RegistrationState
    seat: int | None
    asked_at: datetime
    offered_until: datetime | None = None
    completed_on: date | None = None
    is_confirmed: bool = False


@dataclass(frozen=True)
class Room:
    """A session and how many hold a seat or wait for one."""

    session: Session
    held: int
    waiting: int

    @property
    def free(self) -> int:
        """Seats for whoever comes now: none while somebody waits."""
        return 0 if self.waiting else max(0, self.session.seats - self.held)


def in_order_for(region: str | None, rooms: Iterable[Room], now: datetime) -> list[Room]:
    """Those one may join: with a free seat first; then of the region, online, elsewhere; then the earliest."""

    def rank(room: Room) -> tuple[bool, int, datetime, str]:
        session = room.session
        nearness = 0 if session.region == region and not session.is_online else 1 if session.is_online else 2
        return not room.free, nearness, session.begins_at, session.id

    return sorted((room for room in rooms if room.session.is_open(now)), key=rank)


def free_seat(seats: int, held: Collection[int]) -> int | None:
    """The lowest number that nobody holds."""
    return next((number for number in range(1, seats + 1) if number not in held), None)


def first_in_line(waiting: Sequence[Registration]) -> Registration | None:
    """Whoever asked first."""
    return min(waiting, key=lambda registration: (registration.asked_at, registration.id), default=None)


def offer_ends(session: Session, now: datetime) -> datetime:
    """A day; never after the session has begun."""
    return min(now + OFFER_HOLDS, session.begins_at)


def days_missed(session: Session, present: Collection[date]) -> list[date]:
    """Days without the person: who missed one has not done every hour."""
    return [day.day for day in session.days if day.day not in present]


def _any_of(phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(fold(phrase.strip()) for phrase in phrases.split(','))})\b")


_LITTLE = _any_of(
    "un peu, un petit peu, très peu, pas beaucoup, pas bien, pas très bien, pas encore, pas assez, débutant, débutante,"
    "base, bases, faible, aucun, rien, a little, a bit, little, not much, not well, not very well, not enough, not yet,"
    "beginner, basic, none, nothing, poco, un poco, un poquito, muy poco, no mucho, no bien, no muy bien, todavía no,"
    "principiante, básico, nada, a1, a2, niveau 1, niveau 2, niveau 3, niveau 4, level 1, level 2, level 3, level 4,"
    "nivel 1, nivel 2, nivel 3, nivel 4"
)
_ENOUGH = _any_of(
    "intermédiaire, avancé, avancée, courant, couramment, bilingue, langue maternelle, francophone, très bien,"
    "parfaitement, intermediate, advanced, fluent, fluently, native, very well, intermedio, avanzado, fluido,"
    "con fluidez, muy bien, perfectamente, bilingüe, b1, b2, c1, c2, niveau 5, niveau 6, niveau 7, niveau 8,"
    "niveau 9, niveau 10, niveau 11, niveau 12, level 5, level 6, level 7, level 8,"
    "nivel 5, nivel 6, nivel 7, nivel 8"
)
_AGE = re.compile(r"\b(\d{1,2})\s*(?:ans?|years?|anos?|y o)\b")
ADULT_AGE = 18


def read_french(text: str) -> French | None:
    """What is said of one's French, in three languages; None when it tells both or nothing."""
    words = fold(text)
    little, enough = bool(_LITTLE.search(words)), bool(_ENOUGH.search(_LITTLE.sub("", words)))
    if little == enough:
        return None
    return French.LITTLE if little else French.INTERMEDIATE


def read_is_adult(text: str) -> bool | None:
    """From an age that is told; None when none is."""
    told = _AGE.search(fold(text))
    return int(told[1]) >= ADULT_AGE if told else None
