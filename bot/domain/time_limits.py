"""Time limits of settlement steps as rules: from a date to the last day, or to the first.

Months are calendar months: six months after 31 August end on the last day of February. A last day on which offices are
closed is shown as the working day before it, so that nobody arrives late; the day on which something begins (a
cover, an eligibility) is shown as it is, for an earlier one would promise what is not there yet.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.domain.working_days import ClosedDays

ARRIVAL = "arrival"
Nature = Literal["deadline", "begins"]


@dataclass(frozen=True)
class Span:
    """So many years, months and days after a date, counted in this order; the date itself is day 0."""

    years: int = 0
    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        return add_months(day, 12 * self.years + self.months) + timedelta(days=self.days)


@dataclass(frozen=True)
class TimeLimit:
    """`after` names the date that it counts from: "arrival", or an event of the person's own ("dismissal").

    `yearly` is (month, day) instead, for what comes back every year; then `after` and `span` count for nothing.
    """

    nature: Nature
    after: str = ARRIVAL
    span: Span = Span()
    yearly: tuple[int, int] | None = None

    def shown_day(self, base: date, closed: ClosedDays) -> date:
        """The day to tell, counted from `base`. Of a yearly limit: the next one that is not before `base`."""
        if self.yearly is None:
            return self._told(self.span.after(base), closed)
        month, day = self.yearly
        told = self._told(date(base.year, month, day), closed)
        return told if told >= base else self._told(date(base.year + 1, month, day), closed)

    def _told(self, day: date, closed: ClosedDays) -> date:
        if self.nature == "deadline":
            while not closed.is_working_day(day):
                day -= timedelta(days=1)
        return day


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the month's last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
