"""The settlement steps: what each `ask_*` question is answered with, from `steps/*.yml`, checked as it is read.

Sentences hold placeholders; figures, time limits, telephone numbers and links are data beside them, with source and
date. Which sentences a person gets is chosen in `answers.py`. How a file is written: docs/add-a-step.md.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.situations import STAGES, STATUSES
from bot.domain.time_limits import ARRIVAL, Span, TimeLimit
from bot.i18n.languages import COMPLETE, LANGUAGES

STEPS = Path(__file__).with_name("steps")
PARTS = ("what", "you", "when", "papers", "cost", "where", "caution")
CONFIDENCES = ("confirmed", "from-memory")
# What a fact is about decides how long its check holds (`answers.ShelfLives`).
FACT_KINDS = ("amount", "phone", "rule")
# Who looks after a step's content, by subject.
OWNERS = ("settlement", "health", "housing", "work", "family", "money", "status", "language")
UNITS = frozenset(
    {"day", "working_day", "week", "month", "year", "hour", "minute", "dollar", "percent", "count", "age", "digits"}
    | {"date", "number"}
)
# The same as SafeLoader; ten times as fast where PyYAML was built with libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EVENT = re.compile(r"[a-z][a-z_]*")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")

Refuse = Callable[[str, str], "BadKnowledge"]


class BadKnowledge(ValueError):
    """A file says something that cannot be shown. The message names file, key and reason."""


@dataclass(frozen=True)
class Fact:
    """`published` is the source's own date as the researcher wrote it: a day, a month or a note.

    `checked` is the day on which the source was last read; None when it was not ("from-memory").
    """

    text: str
    source: str
    published: str
    checked: date | None
    kind: str
    confidence: str


@dataclass(frozen=True)
class Figure:
    """A number that a sentence speaks of. `value` of a `date` is "04-30" (every year) or a day; `digits` are a year or
    a number that is a name, written without a thousands' mark.
    """

    value: str | float
    unit: str
    fact: str


@dataclass(frozen=True)
class StepLimit:
    """A time limit and the fact that it stands on."""

    limit: TimeLimit
    fact: str


@dataclass(frozen=True)
class Line:
    """One labelled line of an answer. `text` is the French sentence, the msgid; `key` is unique in its step.

    It is for whoever is in one of `statuses`, at one of `stages`, in one of `regions`; empty means everyone, known or
    not. `knows_arrival`: only when the date of arrival is known.
    """

    part: str
    key: str
    text: str
    facts: tuple[str, ...]
    statuses: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    knows_arrival: bool = False

    @property
    def is_for_everyone(self) -> bool:
        return not (self.statuses or self.stages or self.regions or self.knows_arrival)


@dataclass(frozen=True)
class NeverSay:
    """What an answer must not say, and by which regular expressions (any case) a rendering is caught saying it."""

    rule: str
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]


@dataclass(frozen=True)
class OfficialLink:
    key: str
    title: str
    urls: Mapping[str, str]
    is_confirmed: bool

    def url(self, language: str) -> str:
        """The page in this language, else in French, else in any."""
        return self.urls.get(language) or self.urls.get("fr") or next(iter(self.urls.values()))


@dataclass(frozen=True)
class Phone:
    key: str
    number: str
    label: str
    is_confirmed: bool


@dataclass(frozen=True)
class Step:
    """`says` is the first answer, `more` what is added when asked for. `owner` is one of OWNERS."""

    id: str
    title: str
    short: str
    stage: str
    concerns: tuple[str, ...]
    source: str
    checked: date
    owner: str
    figures: Mapping[str, Figure]
    limits: Mapping[str, StepLimit]
    facts: Mapping[str, Fact]
    says: tuple[Line, ...]
    more: tuple[Line, ...]
    links: tuple[OfficialLink, ...]
    phones: tuple[Phone, ...]
    related: tuple[str, ...]
    never_say: tuple[NeverSay, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*self.says, *self.more)

    def facts_under(self, line: Line) -> list[Fact]:
        """The facts that a line stands on."""
        return [self.facts[name] for name in line.facts]


@cache
def steps() -> Mapping[str, Step]:
    """Every step by intent. Raises BadKnowledge."""
    return read_steps(STEPS)


def read_steps(folder: Path) -> Mapping[str, Step]:
    """Raises BadKnowledge naming the first file, key and reason."""
    found = {path.stem: _step(path) for path in sorted(folder.glob("*.yml"))}
    for step in found.values():
        for other in step.related:
            if other not in found:
                raise BadKnowledge(f"{step.id}.yml, related: {other} is no step")
    return found


def _step(path: Path) -> Step:
    def refuse(key: str, reason: str) -> BadKnowledge:
        return BadKnowledge(f"{path.name}, {key}: {reason}")

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - a SafeLoader either way
    except yaml.YAMLError as error:
        raise BadKnowledge(f"{path.name}: not YAML: {error}") from error
    if not isinstance(data, dict):
        raise BadKnowledge(f"{path.name}: is not a mapping of keys to values")
    try:
        if data["id"] != path.stem:
            raise refuse("id", f"{data['id']} is not the file's name")
        _one_of(data["stage"], STAGES, "stage", refuse)
        _one_of(data["owner"], OWNERS, "owner", refuse)
        for status in data["concerns"]:
            _one_of(status, STATUSES, "concerns", refuse)
        step = Step(
            id=data["id"],
            title=data["title"],
            short=data["short"],
            stage=data["stage"],
            concerns=tuple(data["concerns"]),
            source=data["source"]["name"],
            checked=_day(data["checked"], "checked", refuse),
            owner=data["owner"],
            figures={
                key: _figure(value, f"figures.{key}", refuse) for key, value in (data.get("figures") or {}).items()
            },
            limits={key: _limit(value, f"limits.{key}", refuse) for key, value in (data.get("limits") or {}).items()},
            facts={key: _fact(value, f"facts.{key}", refuse) for key, value in data["facts"].items()},
            says=tuple(_line(line, "says", refuse) for line in data["says"]),
            more=tuple(_line(line, "more", refuse) for line in data.get("more") or ()),
            links=tuple(_link(link, refuse) for link in data["links"]),
            phones=tuple(
                Phone(phone["key"], phone["number"], phone["label"], phone["confidence"] == "confirmed")
                for phone in data.get("phones") or ()
            ),
            related=tuple(data.get("related") or ()),
            never_say=tuple(_never_say(rule, refuse) for rule in data.get("never_say") or ()),
        )
    except KeyError as missing:
        raise refuse(str(missing.args[0]), "is missing") from missing
    _check(step, refuse)
    return step


def _check(step: Step, refuse: Refuse) -> None:
    """What holds between the parts of a step."""
    if not step.says or step.says[0].part != "what" or not step.says[0].is_for_everyone:
        raise refuse("says", "what comes first, for everyone")
    if not step.links:
        raise refuse("links", "there is no official page")
    keys = [line.key for line in step.lines]
    for key in keys:
        if keys.count(key) > 1:
            raise refuse(key, "two lines have this key")
    for where, stands in (("figures", step.figures), ("limits", step.limits)):
        for key, value in stands.items():
            if value.fact not in step.facts:
                raise refuse(f"{where}.{key}", f"{value.fact} is no fact of this step")
    for line in step.lines:
        _check_line(step, line, refuse)


def _check_line(step: Step, line: Line, refuse: Refuse) -> None:
    for name in line.facts:
        if name not in step.facts:
            raise refuse(line.key, f"{name} is no fact of this step")
    phones = {phone.key for phone in step.phones}
    for name in sorted(placeholders(line.text)):
        stands = step.figures.get(name) or step.limits.get(name)
        if stands is None and name not in phones:
            raise refuse(line.key, f"{{{name}}} is neither a figure, a time limit nor a telephone of this step")
        if stands is not None and stands.fact not in line.facts:
            raise refuse(line.key, f"{{{name}}} stands on {stands.fact}, which is not among the line's facts")
        if name in step.limits and _needs_arrival(step.limits[name].limit) and not line.knows_arrival:
            raise refuse(line.key, f"{{{name}}} counts from the arrival, so the line says knows: [arrival]")


def _needs_arrival(limit: TimeLimit) -> bool:
    return limit.yearly is None and limit.after == ARRIVAL


def _fact(data: Mapping[str, Any], key: str, refuse: Refuse) -> Fact:
    _one_of(data["confidence"], CONFIDENCES, f"{key}.confidence", refuse)
    _one_of(data["kind"], FACT_KINDS, f"{key}.kind", refuse)
    is_confirmed = data["confidence"] == "confirmed"
    checked = _day(data["checked"], f"{key}.checked", refuse) if is_confirmed else None
    return Fact(data["fact"], str(data["source"]), str(data["published"]), checked, data["kind"], data["confidence"])


def _figure(data: Mapping[str, Any], key: str, refuse: Refuse) -> Figure:
    unit = _one_of(data["unit"], UNITS, f"{key}.unit", refuse)
    value = data["value"]
    return Figure(str(value) if unit == "date" else float(value), unit, data["fact"])


def _limit(data: Mapping[str, Any], key: str, refuse: Refuse) -> StepLimit:
    nature = _one_of(data["nature"], ("deadline", "begins"), f"{key}.nature", refuse)
    if "yearly" in data:
        yearly = _YEARLY.fullmatch(str(data["yearly"]))
        if yearly is None:
            raise refuse(f"{key}.yearly", f"{data['yearly']} is no month and day, as in 04-30")
        month, day = int(yearly[1]), int(yearly[2])
        try:
            date(2001, month, day)
        except ValueError as error:
            raise refuse(f"{key}.yearly", f"{data['yearly']} is no day of every year") from error
        return StepLimit(TimeLimit(nature, yearly=(month, day)), data["fact"])  # type: ignore[arg-type]
    if not _EVENT.fullmatch(str(data["after"])):
        raise refuse(f"{key}.after", f"{data['after']} is no name of a date")
    span = {unit: data[unit] for unit in ("years", "months", "days") if unit in data}
    if not span or not all(isinstance(value, int) and value > 0 for value in span.values()):
        raise refuse(key, "needs years, months or days, each a whole number above 0")
    return StepLimit(TimeLimit(nature, data["after"], Span(**span)), data["fact"])  # type: ignore[arg-type]


def _line(data: Mapping[str, Any], where: str, refuse: Refuse) -> Line:
    part = _one_of(data["part"], PARTS, where, refuse)
    key = data.get("key", part)
    line = Line(
        part=part,
        key=key,
        text=data["text"],
        facts=tuple(data["facts"]),
        statuses=frozenset(data.get("statuses") or ()),
        stages=frozenset(data.get("stages") or ()),
        regions=frozenset(data.get("regions") or ()),
        knows_arrival=ARRIVAL in (data.get("knows") or ()),
    )
    for status in line.statuses:
        _one_of(status, STATUSES, f"{where}.{key}.statuses", refuse)
    for stage in line.stages:
        _one_of(stage, STAGES, f"{where}.{key}.stages", refuse)
    return line


def _link(data: Mapping[str, Any], refuse: Refuse) -> OfficialLink:
    urls = {language: url for language, url in data["url"].items() if url}
    for url in urls.values():
        if not url.startswith("https://"):
            raise refuse(f"links.{data['key']}", f"{url} is not https")
    if not urls:
        raise refuse(f"links.{data['key']}", "has no address")
    return OfficialLink(data["key"], data["title"], urls, bool(data["confirmed"]))


def _never_say(data: Mapping[str, Any], refuse: Refuse) -> NeverSay:
    patterns = {}
    for language in LANGUAGES:
        if language in COMPLETE and language not in data["forbids"]:
            raise refuse("never_say", f"“{data['rule']}” forbids nothing in {language}")
        try:
            patterns[language] = tuple(
                re.compile(pattern, re.IGNORECASE) for pattern in data["forbids"].get(language) or ()
            )
        except re.error as error:
            raise refuse("never_say", f"“{data['rule']}”, {language}: {error}") from error
    return NeverSay(data["rule"], patterns)


def _day(value: object, key: str, refuse: Refuse) -> date:
    if type(value) is not date:
        raise refuse(key, f"{value} is no date")
    return value


def _one_of(value: str, known: tuple[str, ...] | frozenset[str], key: str, refuse: Refuse) -> str:
    if value not in known:
        raise refuse(key, f"{value} is none of {', '.join(known)}")
    return value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
