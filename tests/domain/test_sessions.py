"""Seats, the order of sessions and of the line, and what people say of their French and age."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import QUEBEC
from bot.domain.sessions import (
    OFFER_HOLDS,
    WHOLE_SESSION,
    French,
    Room,
    days_missed,
    free_seat,
    in_order_for,
    offer_ends,
    read_french,
    read_is_adult,
)
from tests.factories import NOW, a_session, montreal, session_days


@given(st.integers(1, 30), st.sets(st.integers(1, 30)))
def test_a_free_seat_is_one_that_nobody_holds(seats: int, held: set[int]) -> None:
    seat = free_seat(seats, held)
    if seat is None:
        assert held >= set(range(1, seats + 1))
    else:
        assert 1 <= seat <= seats
        assert seat not in held


def test_free_seats_first_then_the_region_then_online_then_the_earliest() -> None:
    early, late = session_days(date(2027, 1, 4)), session_days(date(2027, 2, 1))
    rooms = [
        Room(a_session("elsewhere", region="03", days=early), 0, 0),
        Room(a_session("full", days=early), 2, 1),
        Room(a_session("online", is_online=True, place=None, days=early), 0, 0),
        Room(a_session("late", days=late), 0, 0),
        Room(a_session("early", days=early), 1, 0),
        Room(a_session("cancelled", is_cancelled=True), 0, 0),
        Room(a_session("begun", days=session_days(date(2026, 12, 3))), 0, 0),
    ]
    order = [room.session.id for room in in_order_for("06", rooms, NOW)]
    assert order == ["early", "late", "online", "elsewhere", "full"]


def test_nothing_is_free_while_somebody_waits() -> None:
    assert Room(a_session(seats=5), held=3, waiting=1).free == 0


def test_an_offer_never_lasts_beyond_the_beginning() -> None:
    session = a_session()
    assert offer_ends(session, NOW) == NOW + OFFER_HOLDS
    assert offer_ends(session, montreal("2027-01-11 08:00")) == session.begins_at


def test_a_whole_session_is_24_hours() -> None:
    assert a_session().length == WHOLE_SESSION == timedelta(hours=24)


def test_who_missed_a_day_missed_hours() -> None:
    session = a_session()
    days = [day.begins_at.astimezone(QUEBEC).date() for day in session.days]
    assert days_missed(session, days) == []
    assert days_missed(session, days[1:]) == days[:1]


@pytest.mark.parametrize(
    "said",
    ["un peu", "pas très bien", "Débutante", "niveau 3", "a2", "a little", "not very well", "muy poco", "todavía no"],
)
def test_little_french(said: str) -> None:
    assert read_french(said) is French.LITTLE


@pytest.mark.parametrize(
    "said",
    [
        "intermédiaire",
        "c'est ma langue maternelle",
        "Niveau 7",
        "B2",
        "I'm fluent",
        "intermediate",
        "avanzado",
        "muy bien",
    ],
)
def test_enough_french(said: str) -> None:
    assert read_french(said) is French.INTERMEDIATE


@pytest.mark.parametrize("said", ["bof", "ça dépend", "un peu, disons intermédiaire", ""])
def test_french_that_is_not_told(said: str) -> None:
    assert read_french(said) is None


@pytest.mark.parametrize(
    ("said", "is_adult"),
    [("j'ai 17 ans", False), ("18 ans", True), ("I'm 40 years old", True), ("tengo 16 años", False), ("oui", None)],
)
def test_an_age(said: str, is_adult: bool | None) -> None:
    assert read_is_adult(said) is is_adult
