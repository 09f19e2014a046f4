"""The glossary: the word that each official name and term has in each language, from `glossary.csv`, checked as it is
read. tests/knowledge/test_glossary.py holds every catalogue to it; docs/translating.md shows it to translators.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.i18n.languages import COMPLETE, FRENCH, LANGUAGES
from bot.knowledge.steps import BadKnowledge

GLOSSARY = Path(__file__).with_name("glossary.csv")
# Of a term that is enforced, `all` its forms are looked for in the French, or only the `long` ones.
ENFORCED = ("all", "long", "no")
_KEY = re.compile(r"[a-z0-9][a-z0-9_]*")
_EXPLANATION = re.compile(r"\s*\([^()]*\)")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"[^\W_]+|½")
_SIGN = re.compile(r"[.,;:!?()«»“”–…\n]")
_BRACKET = re.compile(r"[”»]?\s?\(")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


class Piece(NamedTuple):
    """A word without accents, capitals or plural.

    `is_acronym`: it was written in capitals, two letters or more. `is_explained`: brackets follow it.
    `is_apart`: a sign parts it from the word before.
    """

    stem: str
    is_acronym: bool = False
    is_explained: bool = False
    is_apart: bool = False


@dataclass(frozen=True)
class Term:
    """`long` and `short` are the ways to say it in each language. `why`: the reason when not all of it is enforced."""

    key: str
    long: Mapping[str, tuple[str, ...]]
    short: Mapping[str, tuple[str, ...]]
    enforced: str
    why: str
    note: str

    def forms(self, language: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.long[language], *self.short[language])))

    def is_enforced(self, form: str) -> bool:
        """Whether a translation is held to the term where the French says it in this form."""
        return self.enforced == "all" or (self.enforced == "long" and form in self.long[FRENCH])

    def is_said_in(self, said: Sequence[Piece], language: str) -> bool:
        """In the words of the language; or in French, when it is a name or is explained in brackets there."""
        return any(True for form in self.forms(language) for _ in _places(cut(form, language), said)) or any(
            name[0].isupper() or said[place + len(cut(name, language)) - 1].is_explained
            for name in self.forms(FRENCH)
            for place in _places(cut(name, language), said)
        )


@dataclass(frozen=True)
class Breach:
    """The French says `term` as `said`; the translation has none of the `wanted`."""

    term: str
    said: str
    wanted: tuple[str, ...]


@cache
def glossary() -> Mapping[str, Term]:
    """Every term by key. Raises BadKnowledge naming file, key, column and reason."""
    return read_glossary(GLOSSARY)


def read_glossary(path: Path) -> Mapping[str, Term]:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadKnowledge(f"{path.name}: cannot be read: {error}") from error
    columns = list(rows[0]) if rows else []
    for column in ("key", *(name for code in COMPLETE for name in (code, f"{code}_short")), "note", "enforced", "why"):
        if column not in columns:
            raise BadKnowledge(f"{path.name}, {column}: this column is missing")
    found: dict[str, Term] = {}
    for row in rows:
        term = _term(path.name, row)
        if found.setdefault(term.key, term) is not term:
            raise BadKnowledge(f"{path.name}, {term.key}: two terms have this key")
    return found


def _term(file: str, row: Mapping[str, str | None]) -> Term:
    key = row["key"] or ""

    def refuse(column: str, reason: str) -> BadKnowledge:
        return BadKnowledge(f"{file}, {key or 'a line without key'}, {column}: {reason}")

    if not _KEY.fullmatch(key):
        raise refuse("key", "a key is lower-case letters, digits and _")
    cells = {column: value.strip() for column, value in row.items() if column is not None and value is not None}
    if len(cells) != len(row):
        raise refuse("key", "the line has not as many cells as the first line; a comma inside a cell needs quotes")
    if cells["enforced"] not in ENFORCED:
        raise refuse("enforced", f"{cells['enforced']} is none of {', '.join(ENFORCED)}")
    if (cells["enforced"] == "all") == bool(cells["why"]):
        raise refuse("why", "a reason is given when not all is enforced, and only then")
    for language in COMPLETE:
        if not _forms(cells[language]):
            raise refuse(language, "is empty")
    return Term(
        key=key,
        long={language: _forms(cells.get(language, "")) for language in LANGUAGES},
        short={language: _forms(cells.get(f"{language}_short", "")) for language in LANGUAGES},
        enforced=cells["enforced"],
        why=cells["why"],
        note=cells["note"],
    )


def _forms(cell: str) -> tuple[str, ...]:
    """ "daycare / childcare (explained)" is two forms; what stands in brackets explains and is no part of them."""
    return tuple(form for form in (part.strip() for part in _EXPLANATION.sub("", cell).split(" / ")) if form)


def breaches(french: str, translation: str, language: str, terms: Mapping[str, Term]) -> Iterator[Breach]:
    """Enforced terms that the French sentence says and the translation doesn't, the longest form first.

    A term without a word in the language yet is none.
    """
    # A translation may slip brackets in: "neumáticos (llantas) de invierno".
    said = [piece._replace(is_apart=False) for piece in cut(translation, language)]
    left = list(cut(french, FRENCH))
    stems = {piece.stem for piece in left}
    spoken = [
        (cut(form, FRENCH), form, term)
        for term in terms.values()
        for form in term.forms(FRENCH)
        if stems.issuperset(piece.stem for piece in cut(form, FRENCH))
    ]
    for pieces, form, term in sorted(spoken, key=lambda one: len(one[0]), reverse=True):
        places = list(_places(pieces, left))
        # A word belongs to the longest term around it: "permis de travail ouvert" is no "permis de travail".
        for place in reversed(places):
            left[place : place + len(pieces)] = [Piece("")]
        if places and term.is_enforced(form) and term.forms(language) and not term.is_said_in(said, language):
            yield Breach(term.key, form, term.forms(language))


def _places(pieces: Sequence[Piece], text: Sequence[Piece]) -> Iterator[int]:
    for start in range(len(text) - len(pieces) + 1):
        if all(_same(piece, text[start + n], is_first=not n) for n, piece in enumerate(pieces)):
            yield start


def _same(wanted: Piece, written: Piece, *, is_first: bool) -> bool:
    if wanted.stem != written.stem or (wanted.is_acronym and not written.is_acronym):
        return False
    # "violence (conjugale, familiale)" says no "violence conjugale".
    return is_first or wanted.is_apart or not written.is_apart


@cache
def cut(text: str, language: str) -> tuple[Piece, ...]:
    """The words of a text, folded; placeholders are none."""
    bare = _PLACEHOLDER.sub(";", text)
    pieces = []
    end = 0
    for found in _WORD.finditer(bare):
        word = found.group()
        pieces.append(
            Piece(
                _stem(_fold(word), language),
                is_acronym=len(word) > 1 and word.removesuffix("s").isupper(),
                is_explained=_BRACKET.match(bare, found.end()) is not None,
                is_apart=_SIGN.search(bare, end, found.start()) is not None,
            )
        )
        end = found.end()
    return tuple(pieces)


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower().translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _stem(word: str, language: str) -> str:
    """The word without the mark of its plural; it need not be a word."""
    if len(word) < 4 or word.endswith("ss"):
        return word
    if language == "en" and word.endswith("ies"):
        return word[:-3] + "y"
    if language == "es":
        return word.removesuffix("s").removesuffix("e")
    return word[:-1] if word.endswith("s") or (word.endswith("x") and language == FRENCH) else word
