"""Working days of the Québec administration and the due date of a first meeting."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.working_days import WORKING_DAYS_TO_FIRST_MEETING, ClosedDays, due_date, easter

CLOSED = ClosedDays()
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2150, 12, 31))

# Arrival, due date and what the row checks. Worked out by hand from the two regulations' list.
VECTORS = """
2026-11-21 2026-11-27 arrival on a weekend
2026-11-23 2026-11-30 plain week
2026-12-18 2026-12-29 24, 25 and 26 December closed
2026-12-23 2027-01-05 24, 25, 31 December and 1 January closed
2026-12-24 2027-01-05 arrival on a closed day
2027-01-01 2027-01-08 arrival on a holiday
2026-04-01 2026-04-10 Good Friday and Easter Monday
2026-04-02 2026-04-13 both days of Easter right after
2026-05-15 2026-05-25 Patriotes
2026-06-19 2026-06-29 24 June
2026-06-26 2026-07-06 1 July
2026-09-04 2026-09-14 Labour Day
2026-09-28 2026-10-05 30 September is not closed
2026-10-09 2026-10-19 Thanksgiving
2026-11-10 2026-11-17 11 November is not closed
2027-03-25 2027-04-05 Easter 2027
2027-12-23 2028-01-03 weekend holidays, no substitute counted
2028-06-21 2028-06-28 24 June on a Saturday, no substitute
2029-06-29 2029-07-09 1 July on a Sunday gives 2 July
"""

# Weekdays on which the offices are closed.
CLOSED_WEEKDAYS = {
    2025: "01-01 01-02 04-18 04-21 05-19 06-24 07-01 09-01 10-13 12-24 12-25 12-26 12-31",
    2026: "01-01 01-02 04-03 04-06 05-18 06-24 07-01 09-07 10-12 12-24 12-25 12-31",
    2027: "01-01 03-26 03-29 05-24 06-24 07-01 09-06 10-11 12-24 12-31",
    2028: "04-14 04-17 05-22 09-04 10-09 12-25 12-26",
    2029: "01-01 01-02 03-30 04-02 05-21 07-02 09-03 10-08 12-24 12-25 12-26 12-31",
    2030: "01-01 01-02 04-19 04-22 05-20 06-24 07-01 09-02 10-14 12-24 12-25 12-26 12-31",
}


@pytest.mark.parametrize("row", VECTORS.strip().splitlines(), ids=lambda row: row[22:])
def test_due_date(row: str) -> None:
    arrival, due = row.split()[:2]
    assert due_date(date.fromisoformat(arrival), CLOSED) == date.fromisoformat(due)


@pytest.mark.parametrize("year", CLOSED_WEEKDAYS)
def test_offices_are_closed_on_these_weekdays_and_no_other(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    closed = [day for day in days if day.year == year and day.weekday() < 5 and not CLOSED.is_working_day(day)]
    assert " ".join(f"{day:%m-%d}" for day in closed) == CLOSED_WEEKDAYS[year]


@pytest.mark.parametrize("year", CLOSED_WEEKDAYS)
def test_nobody_works_on_weekends(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert not any(CLOSED.is_working_day(day) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    "sunday", ["1818-03-22", "1943-04-25", "2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2038-04-25"]
)
def test_easter_falls_where_almanacs_put_it(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter(day.year) == day


def test_a_day_that_an_administrator_closes_moves_the_due_date() -> None:
    storm = ClosedDays(frozenset({date(2026, 11, 25)}))
    assert due_date(date(2026, 11, 23), storm) == date(2026, 12, 1)
    assert not storm.is_working_day(date(2026, 11, 25))


@given(DAYS)
def test_five_working_days_lie_between_arrival_and_due_date(arrival: date) -> None:
    due = due_date(arrival, CLOSED)
    between = [arrival + timedelta(days=n) for n in range(1, (due - arrival).days + 1)]
    assert CLOSED.is_working_day(due)
    assert sum(CLOSED.is_working_day(day) for day in between) == WORKING_DAYS_TO_FIRST_MEETING == 5


@given(DAYS, st.integers(min_value=0, max_value=400))
def test_arriving_later_is_never_due_earlier(arrival: date, days: int) -> None:
    assert due_date(arrival, CLOSED) <= due_date(arrival + timedelta(days=days), CLOSED)


@given(DAYS, st.sets(st.integers(min_value=1, max_value=20)))
def test_more_closed_days_never_give_an_earlier_due_date(arrival: date, closures: set[int]) -> None:
    more = ClosedDays(frozenset(arrival + timedelta(days=n) for n in closures))
    assert due_date(arrival, CLOSED) <= due_date(arrival, more)
    assert more.is_working_day(due_date(arrival, more))


@given(DAYS)
def test_working_days_follow_one_another_without_a_gap(day: date) -> None:
    days = CLOSED.working_days_after(day)
    first, second = next(days), next(days)
    skipped = [day + timedelta(days=n) for n in range(1, (second - day).days)]
    assert [found for found in skipped if CLOSED.is_working_day(found)] == [first]
