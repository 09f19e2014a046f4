"""Weeks, months and years counted from today, and their parts: "la semaine prochaine", "fin du mois"."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from bot.domain.spoken.days import WEEK, Vague, shift_month
from bot.domain.spoken.line import Line, Phrases
from bot.domain.spoken.words import ARTICLES, LAST_WORDS, NEXT_WORDS, THIS_WORDS, UNITS, word_set

_THIRDS = {
    **dict.fromkeys(word_set("debut early beginning start principio principios inicio inicios comienzo comienzos"), 0),
    **dict.fromkeys(word_set("mi mid milieu middle mediados mediado mitad"), 1),
    **dict.fromkeys(word_set("fin late end final finales fines finale"), 2),
}


def read_period(line: Line, i: int) -> tuple[str, int, int] | None:
    """Next month, la semaine prochaine, la semana que viene: (unit, how many ahead, end)."""
    at = i
    shift: int | None = None
    if line.has(i, "week", "after", "next"):
        return "week", 2, i + 3
    if line.has(i, "month", "after", "next"):
        return "month", 2, i + 3
    if line.at(i - 1) in {"and", "y", "et"} and line.at(i - 2) in {"first", "primer", "premier"}:
        return None
    if line.at(i) in NEXT_WORDS | LAST_WORDS | THIS_WORDS:
        shift = 1 if line.at(i) in NEXT_WORDS else -1 if line.at(i) in LAST_WORDS else 0
        at = i + 1
    unit, end = read_unit(line, at)
    if unit is None:
        return None
    toward, end_after = read_direction(line, end)
    if toward and shift in {None, 0}:
        return unit, toward, end_after
    if shift is None:
        return ("weekend", 0, end) if unit == "weekend" else None
    return unit, shift, end


def read_unit(line: Line, i: int) -> tuple[str | None, int]:
    weekend = _WEEKEND.at(line, i)
    if weekend is not None:
        return "weekend", weekend[1]
    unit = UNITS.get(line.at(i))
    return (unit, i + 1) if unit in {"week", "month", "year"} else (None, i)


_WEEKEND = Phrases("0: week end, weekend, fin de semaine, fin de semana, finde")


def span_of(unit: str, shift: int, today: date) -> Vague:
    if unit == "month":
        year, month = shift_month(today.year, today.month, shift)
        return Vague(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    if unit == "year":
        return Vague(date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))
    monday = today - timedelta(days=today.weekday()) + shift * WEEK
    return Vague(monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))


def read_third(line: Line, i: int) -> tuple[int | None, int]:
    third = _THIRDS.get(line.at(i))
    if third is None:
        return None, i
    if line.has(i, "fin", "de", "semaine") or line.has(i, "fin", "de", "semana"):
        return None, i
    if line.at(i) in {"start", "beginning"} and line.at(i + 1) != "of":
        return None, i
    return third, line.skip(i + 1, ARTICLES)


def read_direction(line: Line, i: int) -> tuple[int, int]:
    """Prochain, dernier, que viene, after what they belong to."""
    to_come = _TO_COME.at(line, i)
    if to_come is not None:
        return to_come
    if line.at(i) in {"next", "last"} and line.at(i + 1) in UNITS:
        return 0, i
    if line.at(i) in NEXT_WORDS:
        return 1, i + 1
    if line.at(i) in LAST_WORDS and not line.has(i, "pasado", "manana"):
        return -1, i + 1
    return 0, i


_TO_COME = Phrases("1: que viene, que entra, qui vient, ki vient, a venir")


def direction_before(line: Line, i: int) -> int:
    return 1 if line.at(i - 1) in NEXT_WORDS else -1 if line.at(i - 1) in LAST_WORDS else 0
