"""Numbers in a message, with their unit when it is told: "4 ans", "twenty-five kids", "900 $".

Dates, hours, telephone and file numbers and postal codes are none: dates and hours have a grammar of their own
(`bot/domain/spoken/`), and the others count nothing. A number in words goes up to a hundred; "deux cents" is left out
rather than read as two. The words of each language are in `locales/<code>/language.yml`. Used by `words.py` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.spoken.words import MONTHS, SHORT_MONTHS, word_set
from bot.i18n.language_files import NumberWords
from bot.i18n.languages import LANGUAGES, about
from bot.knowledge.words import Piece

_T = TypeVar("_T")

_SPOKEN = [numbers for code in LANGUAGES if (numbers := about(code).numbers) is not None]


def _of_all(words: Callable[[NumberWords], Iterable[_T]]) -> frozenset[_T]:
    """What every language has of one kind, for people mix them."""
    return frozenset(word for spoken in _SPOKEN for word in words(spoken))


_NEEDS_UNIT = _of_all(lambda spoken: spoken.needs_unit)
_OWN_ONLY = _of_all(lambda spoken: spoken.only_here)
_THOUSAND = _of_all(lambda spoken: spoken.thousand)
_BEYOND = _of_all(lambda spoken: spoken.beyond)
_CLOCK = word_set("am pm")

UNITS = {"$": "dollar", "€": "euro", "%": "percent"}
UNITS |= {word: unit for spoken in _SPOKEN for word, unit in spoken.units.items()}
_AGE_AFTER = _of_all(lambda spoken: spoken.age_after)
_AGE_BEFORE = _of_all(lambda spoken: spoken.age_before)
_PER_CENT = _of_all(lambda spoken: spoken.per_cent)
_HALF = (("½",), ("1", "2"), *sorted(_of_all(lambda spoken: spoken.half)))

# Short names that are words too ("3 mar", "2 set") are left out.
_MONTHS = frozenset(MONTHS) | (frozenset(SHORT_MONTHS) - word_set("mar set ago"))
_DIGITS = re.compile(
    r"""(?<![^\W_])(?<![^\W\d_]-)                                             # not "T4", "covid-19"
    (?:\d{1,3}(?:[\ \u00a0\u202f.,']\d{3})+(?!\d)(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?!\d)
    """,
    re.VERBOSE,
)
# What is made of digits and counts nothing.
_CODES = re.compile(
    r"""\S+@\S+ | https?://\S+ | www\.\S+
    | \b[a-z]\d[a-z][ -]?\d[a-z]\d\b                                         # postal code
    | (?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b                       # telephone
    | \b\d{3}[ .-]\d{3}[ .-]\d{3}\b | \d{7,}                                  # social insurance, files
    | \b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b | \b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b # dates
    | (?<!\d\s)\b\d{1,2}/\d{1,2}\b                                          # 28/11, 24/7; not 4 1/2
    | \b\d{1,2}\s?[h:]\s?\d{2}\b | \b\d{1,2}\s?[ap]\.m\b                      # 10 h 30, 14:30, 9 a.m.
    """,
    re.VERBOSE | re.IGNORECASE,
)
# 2000 is more often an amount.
_YEARS = frozenset(range(1940, 2050)) - {2000}
_GROUPS = re.compile(r"[ \u00a0\u202f.,'](?=\d{3}(?!\d))")


@dataclass(frozen=True)
class Number:
    start: int
    end: int
    value: float
    unit: str | None


def number_words(code: str) -> dict[str, int]:
    """Every number from nought to a hundred as a language says it, words between spaces; none when it tells none."""
    spoken = about(code).numbers
    said: dict[str, int] = {}
    if spoken is None:
        return said

    def add(value: int, written: str) -> None:
        for each in written.split("|"):
            said.setdefault(each.replace("_", " "), value)

    for value, written in enumerate(spoken.until_20):
        add(value, written)
    for ten, written in spoken.tens.items():
        add(ten, written)
        for each in written.split("|"):
            for joint in spoken.joints:
                for unit in range(1, 10):
                    for name in spoken.until_20[unit].split("|"):
                        add(ten + unit, f"{each}{joint}{name}")
    for ten, written in spoken.teens_after.items():
        for joint in spoken.joints:
            for unit in range(10, 20):
                add(ten + unit, f"{written}{joint}{spoken.until_20[unit]}")
    for value, written in spoken.also.items():
        add(value, written)
    if spoken.hundred:
        add(100, spoken.hundred)
    return said


def is_of_own_language_only(words: str) -> bool:
    return words in _OWN_ONLY


_IN_WORDS = {word for code in LANGUAGES for said in number_words(code) for word in said.split()}
_IN_WORDS -= word_set("et y i a un une uno una")


def in_digits(text: str, pieces: Sequence[Piece]) -> list[Number]:
    """The numbers written in digits, in order."""
    codes = [found.span() for found in _CODES.finditer(text)]
    found: list[Number] = []
    for match in _DIGITS.finditer(text):
        # The half of the number before it: "4 1/2".
        is_part = bool(found) and match.start() < found[-1].end
        if is_part or any(start < match.end() and match.start() < end for start, end in codes):
            continue
        after = next((i for i, piece in enumerate(pieces) if piece.start >= match.end()), len(pieces))
        before = next((i for i in range(len(pieces) - 1, -1, -1) if pieces[i].end <= match.start()), -1)
        written = _GROUPS.sub("", match.group()).replace(",", ".")
        if number := _counted(pieces, before, after, match.span(), float(written)):
            is_year = number.unit is None and match.group().isdecimal() and number.value in _YEARS
            found.append(Number(number.start, number.end, number.value, "calendar_year") if is_year else number)
    return found


def in_words(pieces: Sequence[Piece], first: int, last: int, value: int) -> Number | None:
    """The number said by the pieces from `first` up to `last`; None when they say none, or only a part of one."""
    span = (pieces[first].start, pieces[last - 1].end)
    said = " ".join(piece.text for piece in pieces[first:last])
    before = _text(pieces, first - 1)
    after = _text(pieces, last)
    if (
        before in _BEYOND | _THOUSAND
        or after in _BEYOND
        or (value == 100 and (before in _IN_WORDS or after in _IN_WORDS))
    ):
        return None
    number = _counted(pieces, first - 1, last, span, value)
    return None if number and number.unit is None and said in _NEEDS_UNIT else number


def _counted(pieces: Sequence[Piece], before: int, after: int, span: tuple[int, int], value: float) -> Number | None:
    """The number with what follows it: a half, thousands, a unit. `before` and `after` are the neighbours' places."""
    start, end = span
    for half in _HALF:
        if _are(pieces, after, half):
            value, after, end = value + 0.5, after + len(half), pieces[after + len(half) - 1].end
            break
    if _text(pieces, after) in _THOUSAND:
        if _text(pieces, after + 1) in _IN_WORDS or _text(pieces, after + 1).isdecimal():
            return None
        value, after, end = value * 1000, after + 1, pieces[after].end
    follows = _text(pieces, after)
    if _is_day(pieces, before, after) or follows in _CLOCK or follows in _BEYOND:
        return None
    if _text(pieces, before) == "$":
        return Number(pieces[before].start, end, value, "dollar")
    if (follows, _text(pieces, after + 1)) in _PER_CENT:
        return Number(start, pieces[after + 1].end, value, "percent")
    unit = UNITS.get(follows)
    if unit is None:
        is_glued = after < len(pieces) and pieces[after].start == end and follows.isalpha()
        return None if is_glued else Number(start, end, value, None)
    end = pieces[after].end
    if unit == "year" and (
        follows == "yo"
        or any(_are(pieces, after + 1, said) for said in _AGE_AFTER)
        or {_text(pieces, before), _text(pieces, before - 1)} & _AGE_BEFORE
    ):
        unit = "age"
    return Number(start, end, value, unit)


def _is_day(pieces: Sequence[Piece], before: int, after: int) -> bool:
    """Whether a month stands beside: "3 décembre", "3 de diciembre", "the 3rd of December", "December 3"."""
    following = _text(pieces, after + 1) if _text(pieces, after) in ("de", "of", "d") else _text(pieces, after)
    return following in _MONTHS or _text(pieces, before) in MONTHS


def _are(pieces: Sequence[Piece], start: int, said: tuple[str, ...]) -> bool:
    return tuple(piece.text for piece in pieces[start : start + len(said)]) == said


def _text(pieces: Sequence[Piece], at: int) -> str:
    """Empty outside of the message."""
    return pieces[at].text if 0 <= at < len(pieces) else ""
