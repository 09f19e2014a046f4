"""The settlement steps: what each `ask_*` question is answered with, from `steps/*.yml`, checked as it is read.

Sentences hold placeholders; figures, telephone numbers and links are data beside them, with source and date.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STEPS = Path(__file__).with_name("steps")
PARTS = ("what", "you", "when", "papers", "cost", "caution")
STAGES = ("before_departure", "first_week", "first_month", "first_3_months", "later")
CONFIDENCES = ("confirmed", "from-memory")
UNITS = frozenset(
    {"day", "working_day", "week", "month", "year", "hour", "minute", "dollar", "percent", "count", "age", "digits"}
    | {"date", "number"}
)


class BadKnowledge(ValueError):
    """A file says something that cannot be shown. The message names file, key and reason."""


@dataclass(frozen=True)
class Fact:
    """`source` and `date` as the researcher wrote them; `date` may be a day, a month or a note."""

    text: str
    source: str
    date: str
    confidence: str


@dataclass(frozen=True)
class Figure:
    """A number that a sentence speaks of. `value` of a `date` is "04-30" (every year) or a day."""

    value: str | float
    unit: str


@dataclass(frozen=True)
class Part:
    """`text` is the French sentence, the msgid."""

    part: str
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class OfficialLink:
    key: str
    title: str
    urls: Mapping[str, str]

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
    id: str
    title: str
    short: str
    stage: str
    concerns: tuple[str, ...]
    source: str
    checked: date
    figures: Mapping[str, Figure]
    facts: Mapping[str, Fact]
    says: tuple[Part, ...]
    links: tuple[OfficialLink, ...]
    phones: tuple[Phone, ...]
    related: tuple[str, ...]
    never_say: tuple[str, ...]


@cache
def steps() -> Mapping[str, Step]:
    """Every step by intent. Raises BadKnowledge."""
    return read_steps(STEPS)


def read_steps(folder: Path) -> Mapping[str, Step]:
    found = {path.stem: _step(path) for path in sorted(folder.glob("*.yml"))}
    for step in found.values():
        for other in step.related:
            if other not in found:
                raise BadKnowledge(f"{step.id}.yml, related: {other} is no step")
    return found


def _step(path: Path) -> Step:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadKnowledge(f"{path.name}: not YAML: {error}") from error
    if not isinstance(data, dict):
        raise BadKnowledge(f"{path.name}: is not a mapping of keys to values")

    def refuse(key: str, reason: str) -> BadKnowledge:
        return BadKnowledge(f"{path.name}, {key}: {reason}")

    try:
        if data["id"] != path.stem:
            raise refuse("id", f"{data['id']} is not the file's name")
        if data["stage"] not in STAGES:
            raise refuse("stage", f"{data['stage']} is none of {', '.join(STAGES)}")
        if not isinstance(data["checked"], date):
            raise refuse("checked", f"{data['checked']} is no date")
        facts = {
            key: Fact(fact["fact"], str(fact["source"]), str(fact["date"]), fact["confidence"])
            for key, fact in data["facts"].items()
        }
        for key, fact in facts.items():
            if fact.confidence not in CONFIDENCES:
                raise refuse(f"facts.{key}", f"{fact.confidence} is none of {', '.join(CONFIDENCES)}")
        figures = {key: _figure(value, f"figures.{key}", refuse) for key, value in (data.get("figures") or {}).items()}
        phones = tuple(
            Phone(phone["key"], phone["number"], phone["label"], phone["confidence"] == "confirmed")
            for phone in data.get("phones") or ()
        )
        says = tuple(Part(part["part"], part["text"], tuple(part.get("facts") or ())) for part in data["says"])
        known = {*figures, *(phone.key for phone in phones)}
        for part in says:
            if part.part not in PARTS:
                raise refuse("says", f"{part.part} is none of {', '.join(PARTS)}")
            for name in part.facts:
                if name not in facts:
                    raise refuse(f"says.{part.part}", f"{name} is no fact of this step")
            for name in placeholders(part.text) - known:
                raise refuse(f"says.{part.part}", f"{{{name}}} is neither a figure nor a telephone of this step")
        if not says or says[0].part != "what":
            raise refuse("says", "what comes first")
        return Step(
            id=data["id"],
            title=data["title"],
            short=data["short"],
            stage=data["stage"],
            concerns=tuple(data["concerns"]),
            source=data["source"]["name"],
            checked=data["checked"],
            figures=figures,
            facts=facts,
            says=says,
            links=tuple(_link(link, refuse) for link in data.get("links") or ()),
            phones=phones,
            related=tuple(data.get("related") or ()),
            never_say=tuple(data.get("never_say") or ()),
        )
    except KeyError as missing:
        raise refuse(str(missing.args[0]), "is missing") from missing


def _figure(data: Mapping[str, Any], key: str, refuse: Any) -> Figure:
    unit = data["unit"]
    if unit not in UNITS:
        raise refuse(key, f"{unit} is no unit we know")
    value = data["value"]
    return Figure(str(value) if unit == "date" else float(value), unit)


def _link(data: Mapping[str, Any], refuse: Any) -> OfficialLink:
    urls = {language: url for language, url in data["url"].items() if url}
    for url in urls.values():
        if not url.startswith("https://"):
            raise refuse(f"links.{data['key']}", f"{url} is not https")
    if not urls:
        raise refuse(f"links.{data['key']}", "has no address")
    return OfficialLink(data["key"], data["title"], urls)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
