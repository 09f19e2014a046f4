"""What an answer is fitted to: the person's status, arrival, region, and how far along they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.time_limits import add_months

# The six statuses that steps distinguish, in the order in which they are offered.
STATUSES = ("permanent_resident", "temporary_worker", "student", "asylum_seeker", "refugee", "sponsored")
STAGES = ("before_departure", "first_week", "first_month", "first_3_months", "later")
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Situation:
    """What is known; None is not known, and is never guessed. `region` is a code, "01" to "17"; days are Québec's."""

    today: date
    status: str | None = None
    arrival: date | None = None
    region: str | None = None

    @property
    def stage(self) -> str | None:
        return None if self.arrival is None else stage_on(self.today, self.arrival)


def stage_on(today: date, arrival: date) -> str:
    """The first week ends seven days after arrival, the first month and the first three after as many months."""
    if today < arrival:
        return "before_departure"
    if today < arrival + _WEEK:
        return "first_week"
    if today < add_months(arrival, 1):
        return "first_month"
    if today < add_months(arrival, 3):
        return "first_3_months"
    return "later"
