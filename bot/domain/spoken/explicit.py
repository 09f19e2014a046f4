"""Days said by their number: "3/12", "le 15", "December 3rd, 2026", "entre le 3 et le 5 décembre".

A reader looks at token `i` and a few after it, and answers None when its phrase does not start there.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

from bot.domain.spoken.days import Mention, shift_month
from bot.domain.spoken.line import Line, Number
from bot.domain.spoken.periods import direction_before, read_direction, read_period
from bot.domain.spoken.words import (
    ARRIVING,
    ARTICLES,
    COURTESY,
    FRENCH_NUMBERS,
    HOUR_WORDS,
    MONTHS_OR_WORDS,
    NEXT_WORDS,
    PARTS_OF_TODAY,
    SMALL,
    THIS_WORDS,
    UNITS,
    word_set,
)

_TO_MONTH = word_set("de du del d of the mois mes month")
_TO_YEAR = word_set(", . de del of du en l year ano annee")
TO_DAY = word_set("et and y au al a to - – hasta")
OR_WORDS = word_set("ou or o")
MARKS_OF_A_SUM = word_set("$ % € £ # / ° +")
# Before "12/3" or "3-12": what makes it a date and not a fraction or a score.
_BEFORE_NUMERIC = ARTICLES | ARRIVING | THIS_WORDS | word_set("on : , ( - al es est c is for pour para date fecha")

_BEFORE_DAY = word_set("le el al del du")
_COUNTED_THINGS = word_set("""
enfant enfants personne personnes dollars dollar piece pieces kids kid children people persons hijos hijo ninos personas
dormitorios dormitorio habitaciones cuartos cuarto km kg valises valise maletas pm am percent pourcent fois times veces
euros pesos rue avenue street calle
""")
_COUNTED = _COUNTED_THINGS | HOUR_WORDS | frozenset(UNITS) - {"j", "day", "jour", "dia", "min", "mo", "moi"}

_HALVES = word_set("demi demie quart medio media cuarto half")
_OF_THE = word_set("de la du del d l")
_AFTER_DAY_WORD = (
    SMALL
    | COURTESY
    | ARRIVING
    | NEXT_WORDS
    | PARTS_OF_TODAY
    | word_set("""
probably hopefully normalement normalmente probablement probablemente maybe peut quiza exactement exactamente exactly
sharp pile demain then
""")
)


def numeric_date(line: Line, i: int, today: date) -> Mention | None:
    """2026-12-03, 3/12/2026, 3-12-26, 3.12.2026, 3/12, 03 12 2026."""
    numbers, separator, end = _run_of_numbers(line, i)
    if len(numbers) == 3:
        return _three_numbers(numbers, separator, i, end, today)
    if len(numbers) != 2 or separator == " ":
        return None
    first, second = numbers
    is_alone = i == 0 and all(line.is_end(k) for k in range(end, len(line)))
    is_after_weekday = line.weekday(i - 1, may_be_short=True) is not None
    has_article = line.at(i - 1) in _BEFORE_DAY or line.has(i - 2, "on", "the")
    if (first, second) == (24, 7) and not (has_article or is_after_weekday):
        return None
    if not (i == 0 or line.at(i - 1) in _BEFORE_NUMERIC or is_after_weekday):
        return None
    if separator != "/" and not (is_alone or has_article or line.at(i - 1) == "on"):
        return None
    if not (line.is_end(end) or line.at(end) in SMALL | COURTESY | ARRIVING):
        return None
    # "10.30" is an hour.
    return _day_and_month(first, second, None, i, end, is_sure=separator == "/", may_swap=separator == "/")


def _run_of_numbers(line: Line, i: int) -> tuple[list[int], str, int]:
    """Numbers joined by one separator: the numbers, the separator and where the run ends."""
    first = line.digits(i)
    if first is None or (line.is_glued(i) and line.at(i - 1) in {"-", "/", ".", "+"}):
        return [], "", i
    separator = line.at(i + 1) if line.at(i + 1) in {"-", "/", "."} else " "
    numbers, end = [first], i + 1
    while len(numbers) < 4:
        at = end if separator == " " else end + 1
        is_joined = separator == " " or line.at(end) == separator
        number = line.digits(at)
        if not is_joined or number is None or (separator == "." and not line.is_glued(at)):
            break
        numbers.append(number)
        end = at + 1
    if separator == " " and not (len(numbers) == 3 and len(line.at(i + 2)) == 4 and 2000 <= numbers[2] <= 2100):
        return [], "", i
    if any(len(line.at(k)) > 2 for k in range(i, end)) and len(numbers) == 2:
        return [], "", i
    return numbers, separator, end


def _three_numbers(numbers: list[int], separator: str, start: int, end: int, today: date) -> Mention | None:
    a, b, c = numbers
    if a > 31 and 1900 <= a <= 2100:
        return _day_and_month(c, b, a, start, end, is_sure=True, may_swap=False)
    if c >= 1900:
        return _day_and_month(a, b, c, start, end, is_sure=True) if c <= 2100 else None
    if not 0 <= c <= 99:
        return None
    if abs(2000 + c - today.year) > 2 and abs(2000 + a - today.year) <= 2:
        return _day_and_month(c, b, 2000 + a, start, end, is_sure=False, may_swap=False)
    return _day_and_month(a, b, 2000 + c, start, end, is_sure=True)


def _day_and_month(
    day: int, month: int, year: int | None, start: int, end: int, *, is_sure: bool, may_swap: bool = True
) -> Mention | None:
    """Day first in this product, unless only month first makes sense."""
    if month > 12 and day <= 12 and may_swap:
        return _day_and_month(month, day, year, start, end, is_sure=False, may_swap=False)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    could_swap = day <= 12 and day != month and may_swap
    return Mention(start, end, day, month, year, is_sure=is_sure and not could_swap)


def day_then_month(line: Line, i: int, today: date) -> Mention | None:
    """3 décembre 2026, the 3rd of December, tres de diciembre del 2026, le 3 du 12, le 15 du mois prochain."""
    return None if _is_part_of_a_number(line, i) else _dated(line, i, today)


def _dated(line: Line, i: int, today: date) -> Mention | None:
    number = line.number(i)
    if number is None or number.value > 99:
        return None
    at = line.skip(number.end, _TO_MONTH)
    if line.at(at) == "." or line.at(at) == ",":
        at = line.skip(at + 1, _TO_MONTH) if number.is_ordinal or line.at(at) == "." else at
    month = line.month(at, is_beside_number=True)
    if month is not None and (number.value > 59 or _is_a_verb(line, number, at)):
        month = None
    if month is None:
        period = read_period(line, line.skip(number.end, ARTICLES))
        if period is not None and period[0] == "month" and at > number.end and 1 <= number.value <= 31:
            year_, month_ = shift_month(today.year, today.month, period[1])
            if number.value > monthrange(year_, month_)[1]:
                return Mention(i, period[2], number.value, month_, year_)
            return Mention(i, period[2], on=date(year_, month_, number.value))
        value = line.digits(number.end + 1)
        is_spoken = line.at(number.end) in {"du", "del"} and line.at(i - 1) in {"le", "el", "the", "dia"}
        if not (is_spoken and value is not None and 1 <= value <= 12 and number.value <= 31):
            return None
        month, at = value, number.end + 1
    year, end = read_year(line, at + 1, may_be_short=True)
    toward, end = read_direction(line, end)
    return Mention(i, end, number.value, month, year, toward=toward or direction_before(line, i))


def _is_a_verb(line: Line, number: Number, month_at: int) -> bool:
    """ "Three may come", "dix sept", "2 days ago": no month."""
    word = line.at(month_at)
    return month_at == number.end and not number.is_digits and not number.is_ordinal and word in MONTHS_OR_WORDS


def month_then_day(line: Line, i: int, today: date) -> Mention | None:
    """December 3rd, 2026; diciembre 3; décembre le 3."""
    month = line.month(i, is_beside_number=True)
    if month is None:
        return None
    at = line.skip(i + 1, word_set(". the le el ,"), 2)
    number = line.number(at)
    if number is None or not 1 <= number.value <= 59:
        return None
    if line.at(i) in MONTHS_OR_WORDS | {"mars"} and not number.is_digits and not number.is_ordinal:
        return None
    after_comma = line.at(i + 1) == "," and not number.is_ordinal
    if not may_be_a_day(line, number.end, number.is_digits and not after_comma):
        return None
    year, end = read_year(line, number.end)
    # "décembre 26" may be a year.
    could_be_year = not number.is_ordinal and year is None and number.value in {today.year % 100, today.year % 100 + 1}
    until, is_either, end = _second_day(line, end, number.value)
    toward, end = read_direction(line, end)
    is_english = line.at(i) in {"december", "november", "october", "september", "january", "february", "july", "june"}
    return Mention(
        i,
        end,
        number.value,
        month,
        year,
        is_sure=is_english or not could_be_year,
        toward=toward or direction_before(line, i),
        until=until,
        is_either=is_either,
    )


def _second_day(line: Line, i: int, first: int) -> tuple[int | None, bool, int]:
    """December 3 to 5, December 3 or 4: the other day, whether it is a choice, and where it ends."""
    joint = line.at(i)
    number = line.number(line.skip(i + 1, frozenset({"the", "el", "le"}), 1)) if joint in TO_DAY | OR_WORDS else None
    if number is None or not number.is_digits or not first < number.value <= 31 or not line.is_end(number.end):
        return None, False, i
    return number.value, joint in OR_WORDS, number.end


def read_year(line: Line, i: int, *, may_be_short: bool = False) -> tuple[int | None, int]:
    """A year after a month, and where it ends. `may_be_short`: in two figures too ("3 déc. 26")."""
    at = line.skip(i, _TO_YEAR)
    value = line.digits(at)
    is_last = line.is_end(at + 1) and line.at(at + 1) not in {":", "-"}
    if may_be_short and value is not None and at - i <= 1 and line.at(i) != "," and 20 <= value <= 60 and is_last:
        return 2000 + value, at + 1
    if value is not None and len(line.at(at)) == 4 and 1900 <= value <= 2100:
        return value, at + 1
    return None, i + 1 if line.at(i) == "." and line.is_glued(i) else i


def days_then_month(line: Line, i: int, today: date) -> Mention | None:
    """3-5 décembre, between 3 and 5 December, el 3 o el 4 de diciembre."""
    first = line.number(i)
    if first is None or _is_part_of_a_number(line, i):
        return None
    joint = line.at(first.end)
    if joint not in TO_DAY | OR_WORDS:
        return None
    at = line.skip(first.end + 1, frozenset({"le", "el", "the"}))
    last = line.number(at)
    if last is None or last.value <= first.value:
        return None
    dated = _dated(line, at, today)
    if dated is None or dated.day is None or dated.month is None or not 1 <= first.value <= dated.day <= 31:
        return None
    return replace(dated, start=i, day=first.value, until=dated.day, is_either=joint in OR_WORDS, is_sure=False)


def _is_part_of_a_number(line: Line, i: int) -> bool:
    """A decimal, a sum of money, the end of a telephone number or of a time of day."""
    if line.digits(i) is None:
        return False
    before = line.at(i - 1)
    is_glued = before in {"-", ".", ",", ":"} and line.is_glued(i) and line.digits(i - 2) is not None
    return is_glued or before in {"$", "#", "/", "+"}


def bare_day_phrase(line: Line, i: int, today: date) -> Mention | None:
    """Le 15, el quince, the 15th; a message that is a number and nothing else."""
    number = line.number(i)
    if number is None or not 1 <= number.value <= 31 or _is_part_of_a_number(line, i):
        return None
    before = line.at(i - 1)
    is_alone = i == 0 and all(line.is_end(k) for k in range(number.end, len(line)))
    if is_alone and number.is_digits and not number.is_ordinal:
        return Mention(i, number.end, day=number.value)
    if number.is_ordinal and not _is_a_date_ordinal(line, i, number):
        return None
    is_english = before == "the" and (number.is_ordinal or (number.is_digits and line.is_end(number.end)))
    is_named = before in {"dia", "jour"} and number.is_digits
    is_short = number.is_digits and number.is_ordinal and before in ARRIVING | {"on", "by", "since", "until"}
    is_next = before in NEXT_WORDS and number.is_digits and line.at(i - 2) in _BEFORE_DAY
    if not (before in _BEFORE_DAY or is_english or is_named or is_short or is_next):
        return None
    # "Le dos" is the back, and "el once" a number.
    if not number.is_digits and not number.is_ordinal and (before == "le") != (line.at(i) in FRENCH_NUMBERS):
        return None
    if not number.is_digits and before in {"al", "du", "del"}:
        return None
    if not may_be_a_day(line, number.end, number.is_digits and before != "the"):
        return None
    toward, end = read_direction(line, number.end)
    return Mention(i, end, day=number.value, toward=toward or direction_before(line, i))


def _is_a_date_ordinal(line: Line, i: int, number: Number) -> bool:
    """The 1er and the 3rd are days; "le 2e" and "el segundo" are not, nor is the first who leaves."""
    if line.at(number.end) in {"day", "jour", "dia"}:
        return False
    if number.is_digits:
        ending = line.tokens[i].raw.lstrip("0123456789")
        return ending in {"st", "nd", "rd", "th"} or (number.value == 1 and ending in {"er", "ro", "ero", "o"})
    if number.value > 1 and line.at(i - 1) != "the":
        return False
    if line.at(i) not in {"premier", "primero"} and line.at(i - 1) != "the":
        return False
    if line.has(number.end, "du", "mois") or line.has(number.end, "del", "mes"):
        return True
    says_when = any(line.at(i - k) in ARRIVING | {"es", "est", "on"} for k in (2, 3))
    return says_when or (i <= 1 and number.end >= len(line))


def may_be_a_day(line: Line, end: int, is_digits: bool) -> bool:
    """Whether a number counts nothing: what follows is no unit, no sum, no hour."""
    after = line.at(end)
    is_decimal = after in {".", ",", ":", "-"} and line.is_glued(end) and line.is_glued(end + 1)
    if after in MARKS_OF_A_SUM or (is_decimal and line.digits(end + 1) is not None):
        return False
    if after in {"1", "2", "3"} and line.at(end + 1) == "/":
        return False
    if after in {"et", "and", "y"}:
        return line.at(end + 1) not in _HALVES
    if after in {"por", "per", "pour"} and line.at(end + 1) in {"ciento", "cent", "cents"}:
        return False
    if after in {"de", "du", "del", "d"} and line.at(line.skip(end, _OF_THE)) in PARTS_OF_TODAY | {"apres"}:
        return False
    if after in _COUNTED:
        return False
    return is_digits or line.is_end(end) or after in _AFTER_DAY_WORD or line.weekday(end) is not None
