"""Statuses, services and papers with the ways people write them, from `words.yml`, checked as it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from bot.domain.situations import STATUSES
from bot.i18n.languages import COMPLETE, LANGUAGES
from bot.knowledge.steps import BadKnowledge

WORDS = Path(__file__).with_name("words.yml")
# The sections of the file, and the entity that each is.
KINDS = {"statuses": "status", "services": "service", "papers": "paper"}

Capitals = Literal["never", "elsewhere", "always"]

# "n.a.s." and "R.A.M.Q." are one word; "T4" too, but "4ans" is two; combining accents belong to their letter.
_PIECE = re.compile(
    r"(?:[^\W\d_]\.){2,}[^\W\d_]?(?![^\W_])|[^\W\d_](?:[^\W_]|[\u0300-\u036f])*|\d+|[$€%½]",
)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", ".": ""})
_CHOICE = re.compile(r"\(([^()]*)\)(\?)?")
_ID = re.compile(r"[a-z][a-z0-9_]*")


class Piece(NamedTuple):
    """A word of a text, folded: lower case, no accents. `start` and `end` are where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Form:
    """`words` is folded. `capitals`: where it counts only in capitals. `is_foreign` when other languages may use it."""

    words: str
    capitals: Capitals = "never"
    is_foreign: bool = True


@dataclass(frozen=True)
class Word:
    """`name` is what is said back (French, the msgid); None for what is heard and never said back.

    `counts_as`: of a status, the one of the six that steps are written for; None when none is.
    """

    kind: str
    id: str
    name: str | None
    forms: Mapping[str, tuple[Form, ...]]
    counts_as: str | None = None


@dataclass(frozen=True)
class Whose:
    """Words around a status that tell whether it is the person's own."""

    mine: frozenset[str]
    denied: frozenset[str]
    others: frozenset[str]
    within: frozenset[str]


@dataclass(frozen=True)
class Words:
    words: tuple[Word, ...]
    lookalikes: Mapping[str, tuple[Form, ...]]
    whose: Whose


def cut(text: str) -> list[Piece]:
    """The words of a text. Signs are left out, but for those of money and parts."""
    return [Piece(_fold(found.group()), found.start(), found.end()) for found in _PIECE.finditer(text)]


def _fold(word: str) -> str:
    folded = unicodedata.normalize("NFD", word.lower().translate(_LIGATURES))
    return "".join(c for c in folded if not unicodedata.combining(c))


@cache
def words() -> Words:
    """Everything in the file. Raises BadKnowledge naming file, key and reason."""
    return read_words(WORDS)


@cache
def status_names() -> Mapping[str, str]:
    """Id to French name of each status that may be noted and said back."""
    return {word.id: word.name for word in words().words if word.kind == "status" and word.name}


def counted_as(status: str) -> str | None:
    """The status, of the six that steps are written for, whose answers hold for this one too."""
    return _counted()[status]


@cache
def _counted() -> Mapping[str, str | None]:
    return {word.id: word.counts_as for word in words().words if word.kind == "status"}


def read_words(path: Path) -> Words:
    def refuse(key: str, reason: str) -> BadKnowledge:
        return BadKnowledge(f"{path.name}, {key}: {reason}")

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadKnowledge(f"{path.name}: not YAML: {error}") from error
    if not isinstance(data, dict) or data.keys() != {*KINDS, "lookalikes", "whose"}:
        raise BadKnowledge(f"{path.name}: has not the sections {', '.join([*KINDS, 'lookalikes', 'whose'])}")
    found = tuple(
        _word(kind, name, entry, section, refuse)
        for section, kind in KINDS.items()
        for name, entry in data[section].items()
    )
    lookalikes = {
        language: tuple(_forms_in(language, data["lookalikes"], "lookalikes", refuse)) for language in LANGUAGES
    }
    _refuse_two_meanings(found, lookalikes, refuse)
    try:
        whose = Whose(**{key: _set(listed, f"whose.{key}", refuse) for key, listed in data["whose"].items()})
    except TypeError as error:
        raise refuse("whose", str(error)) from error
    return Words(found, lookalikes, whose)


def _word(kind: str, name: str, entry: Mapping[str, Any], section: str, refuse: Any) -> Word:
    key = f"{section}.{name}"
    if not _ID.fullmatch(str(name)):
        raise refuse(key, "an id is lower-case letters, digits and _")
    if unknown := entry.keys() - {"name", "kept", "counts_as", *LANGUAGES}:
        raise refuse(key, f"{', '.join(sorted(unknown))} means nothing here")
    is_kept = kind == "status" and entry.get("kept", True)
    if is_kept != bool(entry.get("name")):
        raise refuse(key, "a status that is kept has a name, and nothing else has one")
    forms = {language: tuple(_forms_in(language, entry, key, refuse)) for language in LANGUAGES}
    counts_as = entry.get("counts_as", name if name in STATUSES else None)
    if counts_as is not None and (counts_as not in STATUSES or kind != "status"):
        raise refuse(key, f"counts_as: {counts_as} is none of {', '.join(STATUSES)}")
    return Word(kind, name, entry.get("name"), forms, counts_as)


def _forms_in(language: str, entry: Mapping[str, Any], key: str, refuse: Any) -> Iterator[Form]:
    """The forms of a language, which has none until they are written."""
    if language in COMPLETE or entry.get(language) is not None:
        yield from _forms(entry.get(language), f"{key}.{language}", refuse)


def _forms(listed: Any, key: str, refuse: Any) -> Iterator[Form]:
    if not listed or not isinstance(listed, list):
        raise refuse(key, "is missing, or is no list")
    for written in listed:
        if not isinstance(written, str):
            raise refuse(key, f"{written!r} is no text: put it between quotes")
        bare = written.rstrip("!~")
        for text in sorted(_spelt_out(bare)):
            folded = " ".join(piece.text for piece in cut(text))
            if not folded or re.search(r"[()|?]", text):
                raise refuse(key, f"{written} cannot be read")
            is_acronym = text.isupper() and len(folded) > 1
            capitals: Capitals = "always" if written.endswith("!") else "elsewhere" if is_acronym else "never"
            yield Form(folded, capitals, is_foreign=not written.endswith("~"))


def _set(listed: Any, key: str, refuse: Any) -> frozenset[str]:
    for word in listed:
        if not isinstance(word, str):
            raise refuse(key, f"{word!r} is no text: put it between quotes")
    return frozenset(listed)


def _spelt_out(form: str) -> set[str]:
    """Every text that a form with (choices|among) and (perhaps )? stands for."""
    choice = _CHOICE.search(form)
    if choice is None:
        return {form}
    options = choice.group(1).split("|") + ([""] if choice.group(2) else [])
    before, after = form[: choice.start()], form[choice.end() :]
    return {text for option in options for text in _spelt_out(before + option + after)}


def _refuse_two_meanings(found: tuple[Word, ...], lookalikes: Mapping[str, tuple[Form, ...]], refuse: Any) -> None:
    for language in LANGUAGES:
        meaning = {form.words: "lookalikes" for form in lookalikes[language]}
        for word in found:
            for form in word.forms[language]:
                if meaning.setdefault(form.words, word.id) != word.id:
                    raise refuse(f"{word.id}.{language}", f"“{form.words}” is {meaning[form.words]} too")
