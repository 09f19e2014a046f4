"""Time limits: calendar months, years and days from a date; last days move back to a working day, first days never."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.time_limits import Span, TimeLimit, add_months
from bot.domain.working_days import ClosedDays

CLOSED = ClosedDays()
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2150, 12, 31))
SPANS = st.builds(Span, years=st.integers(0, 3), months=st.integers(0, 36), days=st.integers(0, 400))
YEARLY = st.dates(min_value=date(2001, 1, 1), max_value=date(2001, 12, 31)).map(lambda day: (day.month, day.day))

# Day, span, last day, and what the row checks. Worked out by hand.
DEADLINES = [
    (date(2026, 11, 23), Span(months=6), date(2027, 5, 21), "23 May 2027 is a Sunday"),
    (date(2026, 8, 31), Span(months=6), date(2027, 2, 26), "no 31 February; the 28th is a Sunday"),
    (date(2026, 11, 3), Span(months=6), date(2027, 5, 3), "a Monday stays"),
    (date(2024, 2, 29), Span(years=1), date(2025, 2, 28), "29 February, a year later"),
    (date(2026, 11, 10), Span(days=45), date(2026, 12, 23), "25 December is closed, and the 24th"),
    (date(2026, 11, 22), Span(days=180), date(2027, 5, 21), "a Friday stays"),
]


@pytest.mark.parametrize(("day", "span", "last", "why"), DEADLINES, ids=[row[3] for row in DEADLINES])
def test_the_last_day_is_the_one_worked_out_by_hand(day: date, span: Span, last: date, why: str) -> None:
    assert TimeLimit("deadline", span=span).shown_day(day, CLOSED) == last, why


def test_a_return_for_the_year_is_due_on_30_april_or_the_working_day_before() -> None:
    limit = TimeLimit("deadline", yearly=(4, 30))
    assert limit.shown_day(date(2026, 11, 22), CLOSED) == date(2027, 4, 30)
    assert limit.shown_day(date(2027, 4, 30), CLOSED) == date(2027, 4, 30)
    # 30 April 2028 is a Sunday: the Friday before; on the Saturday it is too late, and the next year's is told.
    assert limit.shown_day(date(2028, 4, 28), CLOSED) == date(2028, 4, 28)
    assert limit.shown_day(date(2028, 4, 29), CLOSED) == date(2029, 4, 30)


def test_what_begins_on_a_sunday_begins_on_that_sunday() -> None:
    assert TimeLimit("begins", span=Span(months=3)).shown_day(date(2026, 11, 23), CLOSED) == date(2027, 2, 23)
    assert TimeLimit("begins", span=Span(months=6)).shown_day(date(2026, 11, 23), CLOSED) == date(2027, 5, 23)


@given(DAYS, SPANS)
def test_a_deadline_is_a_working_day_and_never_later_than_counted(day: date, span: Span) -> None:
    told = TimeLimit("deadline", span=span).shown_day(day, CLOSED)
    assert CLOSED.is_working_day(told)
    assert told <= span.after(day)
    assert not any(CLOSED.is_working_day(told + timedelta(days=n)) for n in range(1, (span.after(day) - told).days + 1))


@given(DAYS, SPANS)
def test_a_beginning_is_never_told_too_early(day: date, span: Span) -> None:
    assert TimeLimit("begins", span=span).shown_day(day, CLOSED) == span.after(day)


@given(DAYS, YEARLY)
def test_a_yearly_day_is_the_next_one(day: date, yearly: tuple[int, int]) -> None:
    told = TimeLimit("deadline", yearly=yearly).shown_day(day, CLOSED)
    assert day <= told <= day + timedelta(days=366 + 10)
    assert CLOSED.is_working_day(told)


@given(DAYS, st.integers(0, 600))
def test_months_keep_the_day_or_end_with_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(0, 48))
def test_a_later_start_never_ends_earlier(day: date, months: int) -> None:
    assert add_months(day, months) <= add_months(day + timedelta(days=1), months)
