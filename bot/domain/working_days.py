"""Working days of the Québec administration, and the due date of a first meeting.

The list is the one two Québec regulations give for their offices (J-3, r. 3, art. 3 and E-6.1, r. 0.3, art. 4):
Saturdays, Sundays, 1-2 January, Good Friday, Easter Monday, the Monday before 25 May, 24 June, 1 July (2 July when
the 1st is a Sunday), Labour Day, Thanksgiving, 24-26 and 31 December. No other substitute day is counted: a shorter
list gives an earlier due date, so we never claim to be on time when the ministry would say late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
WORKING_DAYS_TO_FIRST_MEETING = 5
_FIXED = frozenset({(1, 1), (1, 2), (6, 24), (12, 24), (12, 25), (12, 26), (12, 31)})


def easter(year: int) -> date:
    """Easter Sunday, Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    line = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * line) // 451
    month, day = divmod(h + line - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _nth_monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(MONDAY - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def _holidays(year: int) -> frozenset[date]:
    first_july = date(year, 7, 1)
    patriotes = date(year, 5, 24)
    patriotes -= timedelta(days=patriotes.weekday())
    sunday = easter(year)
    return frozenset(
        {
            *(date(year, month, day) for month, day in _FIXED),
            first_july + timedelta(days=1) if first_july.weekday() == SUNDAY else first_july,
            sunday - timedelta(days=2),
            sunday + timedelta(days=1),
            patriotes,
            _nth_monday(year, 9, 1),
            _nth_monday(year, 10, 2),
        }
    )


@dataclass(frozen=True)
class ClosedDays:
    """The days on which nobody works; `extra` holds what an administrator adds."""

    extra: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.extra and day not in _holidays(day.year)

    def working_days_after(self, day: date) -> Iterator[date]:
        """The working days that follow `day`, without end."""
        while True:
            day += timedelta(days=1)
            if self.is_working_day(day):
                yield day


def due_date(arrival: date, closed: ClosedDays) -> date:
    """The fifth working day after arrival. Arrival is day 0, whatever the hour."""
    days = closed.working_days_after(arrival)
    for _ in range(WORKING_DAYS_TO_FIRST_MEETING - 1):
        next(days)
    return next(days)
