"""A time as someone wrote it, and the date it means.

`phrases.py` finds the mentions; `settle` gives their date, once it is known whether the message speaks of the past.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.domain.spoken.line import Line

# A past day is taken without words of the past only when it is this near.
NEAR_PAST = timedelta(days=60)
# "Since December 3", said in November, is nearly a year ago: perhaps a slip.
SURELY_MEANT = timedelta(days=300)
WEEK = timedelta(days=7)
_A_MONTH = timedelta(days=31)
_PARTS_OF_A_YEAR = ((1, 3), (5, 8), (11, 12))
_NUMBERED_WEEKS = {1: (1, 7), 2: (8, 14), 3: (15, 21), 4: (22, 28)}


@dataclass(frozen=True)
class NoSuchDay:
    """31 February: `days` is how many that month has that year."""

    month: int
    year: int
    days: int


@dataclass(frozen=True)
class Vague:
    """A time but no day: "fin novembre", "next week", "pronto". The bounds are those said, None where open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Mention:
    """One time as written in tokens `start` to `end`.

    `on` and `span` are already counted from today; the other fields are what was said. `weeks` are added to a weekday
    ("vendredi en huit"), `third` is the beginning, middle or end of a month, `until` the last day of several ("le 3 ou
    le 4" when `is_either`). `toward` is -1 for the past and 1 for what is to come, when its own words say so.
    """

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    weeks: int = 0
    on: date | None = None
    span: Vague | None = None
    third: int | None = None
    nth_week: int | None = None
    toward: int = 0
    is_sure: bool = True
    until: int | None = None
    is_either: bool = False

    @property
    def is_bare_day(self) -> bool:
        return self.day is not None and self.month is None and self.on is None

    @property
    def is_weekday_only(self) -> bool:
        return self.weekday is not None and self.day is None and self.on is None

    @property
    def names_a_day(self) -> bool:
        return self.on is not None or self.day is not None or self.weekday is not None


@dataclass(frozen=True)
class Settled:
    day: date
    is_sure: bool


def settle(mention: Mention, today: date, *, is_past: bool = False) -> Settled | NoSuchDay | Vague:
    """The date a mention means. `is_past`: the words around it speak of the past."""
    toward = mention.toward or (-1 if is_past else 0)
    if mention.span is not None:
        return mention.span
    if mention.on is not None:
        return Settled(mention.on, is_sure=False)
    if mention.day is None:
        if mention.weekday is not None:
            return Settled(_weekday(mention.weekday, today, toward) + mention.weeks * WEEK, is_sure=False)
        return _month_or_year(mention, today, toward)
    if mention.month is None:
        return Settled(_bare_day(mention.day, mention.weekday, today, toward), is_sure=False)
    year, is_sure = mention.year, mention.is_sure
    if year is None:
        year, is_likely = _likely_year(mention.month, mention.day, today, toward)
        is_sure = is_sure and is_likely
    days = monthrange(year, mention.month)[1]
    if not 1 <= mention.day <= days:
        return NoSuchDay(mention.month, year, days)
    day = date(year, mention.month, mention.day)
    if mention.until is not None and mention.is_either:
        return Settled(day, is_sure=False)
    if mention.until is not None:
        return Vague(day, date(year, mention.month, min(max(mention.until, mention.day), days)))
    # A weekday that agrees settles what was open, and one that does not opens it.
    return Settled(day, is_sure if mention.weekday is None else mention.weekday == day.weekday())


def after_correction(line: Line, mentions: Sequence[Mention], words: frozenset[str]) -> list[Mention]:
    """What follows the last of these words ("non, plutôt"), with the month or day it takes from what it corrects."""
    for k in range(len(mentions) - 1, 0, -1):
        before, after = mentions[k - 1], mentions[k]
        if any(line.at(i) in words for i in range(before.end, after.start)):
            if after.is_bare_day and after.weekday is None and before.month is not None:
                after = replace(after, month=before.month, year=before.year, is_sure=False)
            elif after.day is None and after.month is not None and after.third is None and before.day is not None:
                after = replace(after, day=before.day, is_sure=False)
            return [after, *mentions[k + 1 :]]
    return list(mentions)


def _likely_year(month: int, day: int, today: date, toward: int) -> tuple[int, bool]:
    """The year meant, and whether the odds are for it."""
    ahead = today.year if (month, day) >= (today.month, today.day) else today.year + 1
    behind = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    to_come, gone = _within(ahead, month, day) - today, today - _within(behind, month, day)
    if toward < 0:
        return behind, gone <= SURELY_MEANT
    if toward == 0 and gone <= NEAR_PAST and gone < to_come:
        return behind, False
    return ahead, to_come <= gone or toward > 0


def _within(year: int, month: int, day: int) -> date:
    """That day, or the nearest one the month has."""
    return date(year, month, min(max(day, 1), monthrange(year, month)[1]))


def _bare_day(day: int, weekday: int | None, today: date, toward: int) -> date:
    """The nearest such day of a month; with a weekday, one near that falls on it if there is one."""
    step = -1 if toward < 0 else 1
    ahead = _months_with(day, today, step)
    if weekday is None or ahead[0].weekday() == weekday:
        return ahead[0]
    near = [ahead[1], *(d for d in _months_with(day, today, -step)[:1] if abs(d - today) <= NEAR_PAST)]
    return next((d for d in near if d.weekday() == weekday), ahead[0])


def _months_with(day: int, today: date, step: int) -> list[date]:
    """That day in the months that have it, from today on or back."""
    found: list[date] = []
    year, month = today.year, today.month
    while len(found) < 2:
        if day <= monthrange(year, month)[1]:
            candidate = date(year, month, day)
            if (candidate - today).days * step >= 0:
                found.append(candidate)
        year, month = shift_month(year, month, step)
    return found


def _weekday(weekday: int, today: date, toward: int) -> date:
    """The next such weekday, today excluded; the last one for the past."""
    if toward < 0:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _month_or_year(mention: Mention, today: date, toward: int) -> Vague:
    if mention.month is None:
        year = mention.year or today.year
        return Vague(date(year, 1, 1), date(year, 12, 31))
    year = mention.year or _likely_year(mention.month, 1 if toward < 0 else 31, today, toward)[0]
    days = monthrange(year, mention.month)[1]
    if mention.nth_week is not None:
        first, last = _NUMBERED_WEEKS.get(mention.nth_week, (days - 6, days))
        return Vague(date(year, mention.month, first), date(year, mention.month, last))
    whole = Vague(date(year, mention.month, 1), date(year, mention.month, days))
    return whole if mention.third is None else take_third(whole, mention.third)


def take_third(whole: Vague, third: int) -> Vague:
    """The beginning, the middle or the end of a month, a week or a year."""
    assert whole.first is not None
    assert whole.last is not None
    if whole.last - whole.first > _A_MONTH:
        first_month, last_month = _PARTS_OF_A_YEAR[third]
        year = whole.first.year
        return Vague(date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1]))
    length = ((whole.last - whole.first).days + 1) // 3
    bounds = [whole.first, whole.first + timedelta(days=length), whole.first + timedelta(days=2 * length)]
    last = whole.last if third == 2 else bounds[third + 1] - timedelta(days=1)
    return Vague(bounds[third], last)


def shift_month(year: int, month: int, by: int) -> tuple[int, int]:
    months = year * 12 + month - 1 + by
    return months // 12, months % 12 + 1


def add_to(today: date, count: int, unit: str) -> date | None:
    """None beyond the calendar."""
    try:
        if unit in {"month", "year"}:
            year, month = shift_month(today.year, today.month, count * (12 if unit == "year" else 1))
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        # The hour of the day is not known: 24 hours are a day, fewer are today.
        if unit == "hour":
            count, unit = (abs(count) // 24) * (1 if count > 0 else -1), "day"
        return today + timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}.get(unit, 0))
    except (ValueError, OverflowError):
        return None
