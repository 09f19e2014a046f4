"""How far along a person is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.situations import STAGES, Situation, stage_on

ARRIVAL = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 11, 29), "before_departure"),
        (date(2026, 11, 30), "first_week"),
        (date(2026, 12, 6), "first_week"),
        (date(2026, 12, 7), "first_month"),
        (date(2026, 12, 29), "first_month"),
        (date(2026, 12, 30), "first_3_months"),
        (date(2027, 2, 27), "first_3_months"),
        (date(2027, 2, 28), "later"),
    ],
)
def test_the_stage_follows_the_arrival(today: date, stage: str) -> None:
    assert stage_on(today, ARRIVAL) == stage
    assert Situation(today, arrival=ARRIVAL).stage == stage


def test_without_an_arrival_no_stage_is_guessed() -> None:
    assert Situation(date(2026, 11, 30)).stage is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-400, 400))
def test_nobody_goes_back(arrival: date, days: int) -> None:
    today = arrival + timedelta(days=days)
    assert STAGES.index(stage_on(today, arrival)) <= STAGES.index(stage_on(today + timedelta(days=1), arrival))
