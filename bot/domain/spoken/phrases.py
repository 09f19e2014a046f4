"""Finds every time a message speaks of, with the readers of `explicit.py` and `relative.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.domain.spoken.days import Mention
from bot.domain.spoken.explicit import bare_day_phrase, day_then_month, days_then_month, month_then_day, numeric_date
from bot.domain.spoken.line import Line
from bot.domain.spoken.relative import (
    known_day,
    month_alone,
    read_duration,
    relative_period,
    weekday_phrase,
    year_alone,
)


def find_days(line: Line, today: date) -> list[Mention]:
    """The times written in a message, in order, none overlapping."""
    found: list[Mention] = []
    i = 0
    while i < len(line):
        mention = next((m for read in _READERS if (m := read(line, i, today)) is not None), None)
        if mention is None:
            i += 1
        else:
            found.append(mention)
            i = mention.end
    return found


# The first that answers wins.
_READERS: tuple[Callable[[Line, int, date], Mention | None], ...] = (
    numeric_date,
    days_then_month,
    day_then_month,
    weekday_phrase,
    month_then_day,
    known_day,
    read_duration,
    month_alone,
    relative_period,
    bare_day_phrase,
    year_alone,
)
