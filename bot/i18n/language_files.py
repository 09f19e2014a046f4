"""What a language is, from `locales/<code>/language.yml`, checked as it is read. Used by `languages.py` beside it.

How a file is written: docs/add-a-language.md.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = "language.yml"
FRENCH = "fr"
NO_BREAK = "\u00a0"
# What a number may count (the entity `number`).
UNITS = frozenset(("dollar", "euro", "percent", "year", "month", "week", "day", "hour", "minute", "child", "person"))
# The store keeps two letters, and Telegram knows no longer code.
_CODE = re.compile(r"[a-z]{2}")
_BABEL = re.compile(r"[a-z]{2,3}(?:_[A-Z][a-z]{3})?(?:_(?:[A-Z]{2}|\d{3}))?")
_BROWSER = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?")
_WORD = re.compile(r"[^\W_]+(?:[ '’-][^\W_]+)*")


class BadLanguage(ValueError):
    """A file says something that cannot be used. The message names file, key and reason."""


@dataclass(frozen=True)
class DayPatterns:
    """How days are written, in the CLDR's letters ("EEEE d MMMM y"). `moment` holds {day} and {hour}.

    `article` stands before a day that follows "by"; `first` is written for the first of a month and its space.
    """

    day: str
    day_alone: str
    day_of_year: str
    short_day: str
    button_day: str
    moment: str
    article: str = ""
    first: str = ""


@dataclass(frozen=True)
class HourForms:
    """`whole` and `other` (with minutes) hold {hour}, {minute} and, of a clock of twelve, {half}."""

    clock: Literal[12, 24]
    noon: str
    whole: str
    other: str
    morning: str = ""
    afternoon: str = ""


@dataclass(frozen=True)
class FigureForms:
    """`group` parts thousands in numbers from `group_from` up; `money` and `percent` hold {number}."""

    decimal: str
    group: str
    money: str
    percent: str
    group_from: int = 0


@dataclass(frozen=True)
class Asking:
    """Parts of "can we speak …, please", as regular expressions over folded text; empty matches nothing."""

    please: str = ""
    may_we: str = ""
    after_may_we: str = ""
    speak: str = ""
    after_speak: str = ""
    into: str = ""
    after_not: str = ""
    # "not" in the file: words that refuse the language named after them.
    refusal: str = ""


@dataclass(frozen=True)
class NumberWords:
    """Numbers up to a hundred as they are said, and what they count. `_` stands for a space, `|` for "or"."""

    until_20: tuple[str, ...]
    tens: Mapping[int, str]
    hundred: str
    joints: tuple[str, ...]
    teens_after: Mapping[int, str]
    also: Mapping[int, str]
    thousand: frozenset[str]
    beyond: frozenset[str]
    needs_unit: frozenset[str]
    only_here: frozenset[str]
    half: tuple[tuple[str, ...], ...]
    per_cent: tuple[tuple[str, ...], ...]
    age_before: frozenset[str]
    age_after: tuple[tuple[str, ...], ...]
    units: Mapping[str, str]


@dataclass(frozen=True)
class Language:
    """`name` is its own. A language that `is_complete` lacks nothing: what is missing is refused at the start.

    `babel` and `browser` are its locale there; `called`, how people name it, in any language; `names`, how the others
    name it where Babel does not know. `marks` it alone writes; `openers`, short words that only it begins with.
    `telegram`: a command of its own for one of ours. `spoken`: its words of time, and the French for each.
    """

    code: str
    name: str
    order: int
    is_complete: bool
    is_right_to_left: bool
    babel: str
    browser: str
    called: tuple[str, ...]
    names: Mapping[str, str]
    telegram: Mapping[str, str]
    dates: DayPatterns
    hours: HourForms
    figures: FigureForms
    asking: Asking
    marks: str
    openers: frozenset[str]
    numbers: NumberWords | None
    spoken: Mapping[str, str]

    @property
    def direction(self) -> str:
        return "rtl" if self.is_right_to_left else "ltr"


def read_languages(folder: Path) -> dict[str, Language]:
    """Every language by its code, French first. Raises BadLanguage."""
    found = [_read(path) for path in sorted(folder.glob(f"*/{FILE}"))]
    places: dict[int, str] = {}
    for language in found:
        other = places.setdefault(language.order, language.code)
        if other != language.code:
            raise BadLanguage(f"{language.code}/{FILE}, order: {language.order} is that of {other} too")
    if FRENCH not in places.values():
        raise BadLanguage(f"{FRENCH}/{FILE}: is missing: what has no translation is said in French")
    return {each.code: each for each in sorted(found, key=lambda each: (each.code != FRENCH, each.order))}


class _Section:
    """The keys of a mapping, each read once; what is left over means nothing."""

    def __init__(self, where: str, data: Any, prefix: str = "") -> None:
        self._where, self._prefix = where, prefix
        if not isinstance(data, dict):
            raise self.refuse("", "is not a mapping of keys to values")
        self._left = dict(data)

    def refuse(self, key: str, reason: str) -> BadLanguage:
        named = f"{self._prefix}{key}".rstrip(".")
        return BadLanguage(f"{self._where}, {named}: {reason}" if named else f"{self._where}: {reason}")

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        """Without a default, the key must be there."""
        if self._left.get(key) is None:
            self._left.pop(key, None)
            if default is None:
                raise self.refuse(key, "is missing")
            return default
        value = self._left.pop(key)
        if type(value) is not kind:
            raise self.refuse(key, f"{value!r} is no {_KINDS[kind]}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text, its ~ made no-break spaces."""
        text: str = self.take(key, str, default)
        if default is None and not text.strip():
            raise self.refuse(key, "is empty")
        return text.replace("~", NO_BREAK)

    def form(self, key: str, *needed: str, may_have: Iterable[str] = ()) -> str:
        """A text with these placeholders."""
        text = self.text(key)
        try:
            holds = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise self.refuse(key, f"{text}: {error}") from error
        if not set(needed) <= holds <= {*needed, *may_have}:
            raise self.refuse(key, f"{text} has not the placeholders " + ", ".join(f"{{{name}}}" for name in needed))
        return text

    def pattern(self, key: str) -> str:
        text: str = self.take(key, str, "")
        try:
            re.compile(text, re.VERBOSE)
        except re.error as error:
            raise self.refuse(key, f"{text} is no regular expression: {error}") from error
        return text

    def words(self, key: str, default: str | None = None) -> tuple[str, ...]:
        """Words parted by spaces; an empty default when there may be none."""
        found: str = self.take(key, str, default)
        if found != found.lower():
            raise self.refuse(key, f"{found} has capitals: words to recognise are folded")
        return tuple(found.split())

    def phrases(self, key: str) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(str(phrase).split()) for phrase in self.take(key, list, []))

    def texts(self, key: str) -> Mapping[str, str]:
        """Names of ours and a text for each."""
        found: dict[Any, Any] = self.take(key, dict, {})
        for name, text in found.items():
            if not isinstance(name, str) or not isinstance(text, str) or not text.strip():
                raise self.refuse(f"{key}.{name}", f"{text!r} is no text: put it between quotes")
        return found

    def by_number(self, key: str) -> Mapping[int, str]:
        found: dict[Any, Any] = self.take(key, dict, {})
        for number, text in found.items():
            if type(number) is not int or not isinstance(text, str):
                raise self.refuse(f"{key}.{number}", "a number and the text that says it are needed")
        return found

    def section(self, key: str) -> _Section:
        return _Section(self._where, self.take(key, dict), f"{self._prefix}{key}.")

    def section_or_none(self, key: str) -> _Section | None:
        return self.section(key) if self._left.get(key) else None

    def ends(self) -> None:
        for key in self._left:
            raise self.refuse(str(key), "means nothing here")


_KINDS = {str: "text: put it between quotes", int: "whole number", bool: "true or false", list: "list", dict: "mapping"}


def _read(path: Path) -> Language:
    where, code = f"{path.parent.name}/{FILE}", path.parent.name
    try:
        top = _Section(where, yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise BadLanguage(f"{where}: not YAML: {' '.join(str(error).split())}") from error
    if not _CODE.fullmatch(code):
        raise BadLanguage(f"{where}: {code} is no code of two letters (ISO 639-1)")
    direction = top.text("direction", "ltr")
    if direction not in ("ltr", "rtl"):
        raise top.refuse("direction", f"{direction} is neither ltr nor rtl")
    heard, asking, numbers = (top.section_or_none(key) for key in ("heard", "asking", "numbers"))
    language = Language(
        code=code,
        name=top.text("name"),
        order=top.take("order", int),
        is_complete=top.take("complete", bool),
        is_right_to_left=direction == "rtl",
        babel=_locale(top, "babel", _BABEL),
        browser=_locale(top, "browser", _BROWSER),
        called=top.words("called"),
        names=top.texts("names"),
        telegram=top.texts("telegram"),
        dates=_dates(top.section("dates")),
        hours=_hours(top.section("hours")),
        figures=_figures(top.section("figures")),
        asking=_asking(asking) if asking else Asking(),
        marks=heard.text("marks", "") if heard else "",
        openers=frozenset(heard.words("openers", "")) if heard else frozenset(),
        numbers=_numbers(numbers) if numbers else None,
        spoken=_spoken(top),
    )
    for section in (heard, top):
        if section is not None:
            section.ends()
    return language


def _locale(top: _Section, key: str, pattern: re.Pattern[str]) -> str:
    name = top.text(key)
    if not pattern.fullmatch(name):
        raise top.refuse(key, f"{name} is no name of a locale")
    return name


def _dates(section: _Section) -> DayPatterns:
    patterns = {key: section.text(key) for key in ("day", "day_alone", "day_of_year", "short_day", "button_day")}
    for key, pattern in patterns.items():
        if not {"d", "M"} <= set(re.sub(r"'[^']*'", "", pattern)):
            raise section.refuse(key, f"{pattern} shows no day (d) or no month (M)")
    moment = section.form("moment", "day", "hour")
    read = DayPatterns(**patterns, moment=moment, article=section.text("article", ""), first=section.text("first", ""))
    section.ends()
    return read


def _hours(section: _Section) -> HourForms:
    clock = section.take("clock", int)
    if clock not in (12, 24):
        raise section.refuse("clock", f"{clock} is neither 12 nor 24")
    needed = ("hour", "half") if clock == 12 else ("hour",)
    halves = {key: section.text(key) for key in ("morning", "afternoon")} if clock == 12 else {}
    read = HourForms(
        clock=clock,
        noon=section.text("noon"),
        whole=section.form("whole", *needed, may_have=["minute"]),
        other=section.form("other", *needed, "minute"),
        **halves,
    )
    section.ends()
    return read


def _figures(section: _Section) -> FigureForms:
    read = FigureForms(
        decimal=section.text("decimal"),
        group=section.take("group", str).replace("~", NO_BREAK),
        money=section.form("money", "number"),
        percent=section.form("percent", "number"),
        group_from=section.take("group_from", int, 0),
    )
    section.ends()
    return read


def _asking(section: _Section) -> Asking:
    keys = ("please", "may_we", "after_may_we", "speak", "after_speak", "into", "after_not")
    read = Asking(**{key: section.pattern(key) for key in keys}, refusal=section.pattern("not"))
    section.ends()
    return read


def _numbers(section: _Section) -> NumberWords:
    read = NumberWords(
        until_20=section.words("until_20"),
        tens=section.by_number("tens"),
        hundred=section.take("hundred", str, ""),
        joints=tuple(section.take("joints", list, ["_"])),
        teens_after=section.by_number("teens_after"),
        also=section.by_number("also"),
        thousand=frozenset(section.words("thousand", "")),
        beyond=frozenset(section.words("beyond", "")),
        needs_unit=frozenset(section.words("needs_unit", "")),
        only_here=frozenset(word.replace("_", " ") for word in section.words("only_here", "")),
        half=section.phrases("half"),
        per_cent=section.phrases("per_cent"),
        age_before=frozenset(section.words("age_before", "")),
        age_after=section.phrases("age_after"),
        units={word: unit for unit, words in section.texts("units").items() for word in words.split()},
    )
    for unit in set(read.units.values()) - UNITS:
        raise section.refuse(f"units.{unit}", f"is none of {', '.join(sorted(UNITS))}")
    if len(read.until_20) != 20:
        raise section.refuse("until_20", f"has {len(read.until_20)} numbers, from nought to nineteen there are 20")
    if set(read.tens) != set(range(20, 100, 10)):
        raise section.refuse("tens", "has not 20, 30 and so on, up to 90")
    section.ends()
    return read


def _spoken(top: _Section) -> Mapping[str, str]:
    found = top.texts("spoken")
    for written in found:
        if not _WORD.fullmatch(written):
            raise top.refuse(f"spoken.{written}", "is no word or phrase")
    return found
