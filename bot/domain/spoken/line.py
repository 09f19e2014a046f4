"""A message cut into tokens, and the readers of single words that every other module here uses.

A number is a number only where it stands as one: in "H2X 1A1" and "b4" there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.domain.spoken.words import (
    A_SINGLE,
    CARDINALS,
    GLUED_AFTER,
    GLUED_BEFORE,
    HOUR_WORDS,
    MONTH_NAMES,
    MONTHS,
    NEVER_ALONE,
    NOT_NAMES,
    ORDINAL_ENDINGS,
    ORDINALS,
    SHORT_MONTHS,
    SHORT_WEEKDAYS,
    TENS,
    WEEKDAYS,
)

Kind = Literal["word", "number", "mark", "code"]

_FRACTIONS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4"})

# The T of 2026-12-03T14:30.
_ISO_T = re.compile(r"(?<=\d)t(?=\d\d:)")
_NOON_DOTS = re.compile(r"(?<=[\d\s])([ap])\.\s?m\b\.?", re.IGNORECASE)

_PIECE = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+|\d+|\S")


def fold(word: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is folded, `raw` keeps its accents; `is_glued`: nothing stands between it and the token before."""

    kind: Kind
    text: str
    raw: str
    value: int = -1
    is_ordinal: bool = False
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    end: int
    is_ordinal: bool
    is_digits: bool


class Line:
    """A message as tokens. Looking outside of it finds empty words, so that readers need not count."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)

    def __len__(self) -> int:
        return len(self.tokens)

    def at(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def has(self, i: int, *words: str) -> bool:
        return all(self.at(i + k) == word for k, word in enumerate(words))

    def is_word(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].kind != "mark"

    def is_end(self, i: int) -> bool:
        """Nothing, or a punctuation mark that closes."""
        return not 0 <= i < len(self.tokens) or self.at(i) in {",", ".", ";", "!", "?", ")", "(", ":", "…", "-", "–"}

    def digits(self, i: int) -> int | None:
        """The value of a number in plain figures."""
        if not 0 <= i < len(self.tokens):
            return None
        token = self.tokens[i]
        return token.value if token.kind == "number" and not token.is_ordinal else None

    def is_glued(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].is_glued

    def skip(self, i: int, words: frozenset[str], most: int = 3) -> int:
        """Past at most `most` of these words."""
        for _ in range(most):
            if self.at(i) not in words or i >= len(self.tokens):
                break
            i += 1
        return i

    def number(self, i: int, *, or_a: bool = False) -> Number | None:
        """A number from 0 to 59 in words, or any in figures. `or_a`: "a week" counts as one."""
        if not 0 <= i < len(self.tokens):
            return None
        token = self.tokens[i]
        if token.kind == "number":
            return Number(token.value, i + 1, token.is_ordinal, is_digits=True)
        if token.text in TENS:
            return self._ten_and_unit(i)
        if token.text == "dix" and self.at(i + 1) in {"sept", "huit", "neuf"}:
            return Number(10 + CARDINALS[self.at(i + 1)], i + 2, is_ordinal=False, is_digits=False)
        if token.text in ORDINALS:
            return Number(ORDINALS[token.text], i + 1, is_ordinal=True, is_digits=False)
        if token.text in CARDINALS:
            return Number(CARDINALS[token.text], i + 1, is_ordinal=False, is_digits=False)
        if or_a and token.text in A_SINGLE:
            return Number(1, i + 1, is_ordinal=False, is_digits=False)
        return None

    def _ten_and_unit(self, i: int) -> Number:
        ten = CARDINALS[self.at(i)]
        unit = i + 2 if self.at(i + 1) in {"et", "y"} else i + 1
        word = self.at(unit)
        if word in {"un", "une"}:
            return Number(ten + 1, unit + 1, is_ordinal=False, is_digits=False)
        # "sept" after "vingt" is seven, never September.
        if 1 <= CARDINALS.get(word, 0) <= 9:
            return Number(ten + CARDINALS[word], unit + 1, is_ordinal=False, is_digits=False)
        if unit == i + 1 and 1 <= ORDINALS.get(word, 0) <= 9:
            return Number(ten + ORDINALS[word], unit + 1, is_ordinal=True, is_digits=False)
        return Number(ten, i + 1, is_ordinal=False, is_digits=False)

    def month(self, i: int, *, is_beside_number: bool) -> int | None:
        word = self.at(i)
        if not is_beside_number:
            if len(self.tokens) == 1:
                return MONTHS.get(word) or SHORT_MONTHS.get(word)
            return None if word in NEVER_ALONE else MONTHS.get(word) or _nearly(word, _NEAR_MONTHS, 7)
        return MONTHS.get(word) or SHORT_MONTHS.get(word) or _nearly(word, _NEAR_MONTHS, 5)

    def weekday(self, i: int, *, may_be_short: bool = False) -> int | None:
        word = self.at(i)
        found = WEEKDAYS.get(word)
        if found is None and may_be_short:
            found = SHORT_WEEKDAYS.get(word)
        return found if found is not None else _nearly(word, _NEAR_WEEKDAYS, 7)


class Phrases:
    """Phrases of several words and the number each stands for, written as lines of `number: phrase, phrase`."""

    def __init__(self, text: str) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for line in text.strip().splitlines():
            value, phrases = line.split(":")
            for phrase in phrases.split(","):
                words = tuple(phrase.split())
                self._by_first.setdefault(words[0], []).append((words, int(value)))
        for found in self._by_first.values():
            found.sort(key=lambda each: -len(each[0]))

    def at(self, line: Line, i: int) -> tuple[int, int] | None:
        """The number and the end of the longest phrase that starts at token `i`."""
        for words, value in self._by_first.get(line.at(i), ()):
            if line.has(i, *words):
                return value, i + len(words)
        return None


def _without_a_letter(word: str) -> list[str]:
    return [word[:k] + word[k + 1 :] for k in range(len(word))]


def _neighbours(names: Mapping[str, int], shortest: int) -> dict[str, list[tuple[str, int]]]:
    """The names under each form they have with one letter less, so that a slip is looked up and not searched for."""
    near: dict[str, list[tuple[str, int]]] = {}
    for name, value in names.items():
        if len(name) >= shortest:
            for form in [name, *_without_a_letter(name)]:
                near.setdefault(form, []).append((name, value))
    return near


_NEAR_MONTHS = _neighbours(dict(zip(MONTH_NAMES.split(), [*range(1, 13)] * 3, strict=True)), 5)

_NEAR_WEEKDAYS = _neighbours(WEEKDAYS, 7)


def _nearly(word: str, near: Mapping[str, list[tuple[str, int]]], shortest: int) -> int | None:
    """One letter missing, added, changed or swapped with its neighbour."""
    if not shortest - 1 <= len(word) <= 12 or word in NOT_NAMES:
        return None
    for form in [word, *_without_a_letter(word)] if len(word) >= shortest else [word]:
        for name, value in near.get(form, ()):
            if _is_one_slip(word, name):
                return value
    return None


def _is_one_slip(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) == 1:
        # Found under a form with one letter less, so this is that letter.
        return True
    wrong = [k for k, (a, b) in enumerate(zip(word, name, strict=False)) if a != b]
    is_swap = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and word[wrong[0]] == name[wrong[1]]
    return len(word) == len(name) and (len(wrong) <= 1 or (is_swap and word[wrong[1]] == name[wrong[0]]))


def _tokens(text: str) -> list[Token]:
    text = unicodedata.normalize("NFKC", text.translate(_FRACTIONS)).lower()
    text = _ISO_T.sub(" ", _NOON_DOTS.sub(r"\1m ", text))
    pieces = [(m.group(), m.start(), m.end()) for m in _PIECE.finditer(text)]
    tokens: list[Token] = []
    i = 0
    while i < len(pieces):
        piece, start, end = pieces[i]
        is_glued = i > 0 and pieces[i - 1][2] == start
        if tokens and tokens[-1].kind == "number" and _ends_an_ordinal(tokens[-1], piece):
            last = tokens.pop()
            tokens.append(
                Token("number", last.text, last.raw + "er", last.value, is_ordinal=True, is_glued=last.is_glued)
            )
            i += 1
            continue
        if not piece[0].isalnum():
            i += 1
            if piece == "-" and not _is_between_digits(text, start):
                continue
            if piece not in {"'", "’", "`", "´", "\u0301"}:
                tokens.append(Token("mark", piece, piece, is_glued=is_glued))
            continue
        chunk = [piece]
        while i + 1 < len(pieces) and pieces[i + 1][1] == end and pieces[i + 1][0][0].isalnum():
            i += 1
            end = pieces[i][2]
            chunk.append(pieces[i][0])
        i += 1
        tokens += _read_chunk(chunk, is_glued)
    return tokens


def _ends_an_ordinal(number: Token, piece: str) -> bool:
    """ "1 er" and "1°" are the first too."""
    return number.value == 1 and not number.is_ordinal and piece in {"er", "°"}


def _is_between_digits(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdecimal() and text[at + 1].isdecimal()


def _read_chunk(chunk: list[str], is_glued: bool) -> list[Token]:
    """Letters and figures written as one: "14h30" and "3dec" are read, "H2X" and "b4" are codes."""
    folded = [fold(piece) for piece in chunk]
    tokens: list[Token] = []
    for k, piece in enumerate(chunk):
        before, after = folded[k - 1] if k else "", folded[k + 1] if k + 1 < len(folded) else ""
        if piece.isdecimal():
            is_known = len(piece) <= 4 and (not before or _may_stand_before(before, k > 1, len(piece), after))
            if not is_known or (after and not _may_stand_after(after)):
                whole = "".join(folded)
                return [Token("code", whole, "".join(chunk), is_glued=is_glued)]
            tokens.append(Token("number", piece, piece, value=int(piece), is_glued=is_glued or k > 0))
        elif before and folded[k] in ORDINAL_ENDINGS and k == len(chunk) - 1 and tokens:
            last = tokens.pop()
            tokens.append(
                Token("number", last.text, last.raw + folded[k], last.value, is_ordinal=True, is_glued=last.is_glued)
            )
        else:
            tokens.append(Token("word", folded[k], piece, is_glued=is_glued or k > 0))
    return tokens


def _may_stand_after(word: str) -> bool:
    return word in GLUED_AFTER or word in MONTHS or word in SHORT_MONTHS


def _may_stand_before(word: str, has_number_before: bool, digits: int, after: str) -> bool:
    if word in HOUR_WORDS:
        return has_number_before and digits == 2
    return word in GLUED_BEFORE or word in MONTHS or word in SHORT_MONTHS or (word == "a" and after in HOUR_WORDS)
