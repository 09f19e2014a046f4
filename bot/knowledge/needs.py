"""What organisations offer, what people ask them for in their own words, and which regions are near (`needs.yml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.organisations import Need
from bot.i18n.languages import COMPLETE, LANGUAGES
from bot.knowledge.places import region_names
from bot.knowledge.steps import BadKnowledge
from bot.knowledge.words import cut

NEEDS = Path(__file__).with_name("needs.yml")
_SECTIONS = {"services", "background", "clientele", "needs", "not_after", "near"}
MAX_SHORT_WORDS = 6
_SHORT = "~"
Form = tuple[str, ...]


@dataclass(frozen=True)
class Needs:
    """`said_services` and `clientele` are in the order in which they are worth naming; `near` is nearest first.

    `forms`: by language, the folded words of each way to ask; `short_forms` are those that count in a short message
    only. `not_after`: words that make it another thing.
    """

    said_services: tuple[str, ...]
    background: frozenset[str]
    clientele: tuple[str, ...]
    needs: Mapping[str, Need]
    forms: Mapping[str, Mapping[Form, str]]
    short_forms: Mapping[str, frozenset[Form]]
    not_after: Mapping[str, frozenset[str]]
    near: Mapping[str, tuple[str, ...]]

    @property
    def services(self) -> frozenset[str]:
        return self.background.union(self.said_services)

    def heard(self, text: str, language: str) -> Need | None:
        """What the text asks for: in its language, else in another; the longest way to say it, the first of several."""
        words = tuple(piece.text for piece in cut(text))
        for spoken in (language, *(other for other in LANGUAGES if other != language)):
            found = self._heard_in(words, spoken)
            if found is not None:
                return self.needs[found]
        return None

    def _heard_in(self, words: Form, language: str) -> str | None:
        forms = self.forms[language]
        for length in sorted({len(form) for form in forms}, reverse=True):
            for start in range(len(words) - length + 1):
                said = words[start : start + length]
                if said in forms and self._counts(said, words, start, language):
                    return forms[said]
        return None

    def _counts(self, said: Form, words: Form, start: int, language: str) -> bool:
        if said in self.short_forms[language] and len(words) > MAX_SHORT_WORDS:
            return False
        return len(said) > 1 or not start or words[start - 1] not in self.not_after[language]


@cache
def needs() -> Needs:
    """Everything in the file. Raises BadKnowledge naming file, key and reason."""
    return read_needs(NEEDS)


def read_needs(path: Path) -> Needs:
    def refuse(key: str, reason: str) -> BadKnowledge:
        return BadKnowledge(f"{path.name}, {key}: {reason}")

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadKnowledge(f"{path.name}: not YAML: {error}") from error
    if not isinstance(data, dict) or data.keys() != _SECTIONS:
        raise BadKnowledge(f"{path.name}: has not the sections {', '.join(sorted(_SECTIONS))}")
    services = {*data["services"], *data["background"]}
    if len(services) != len(data["services"]) + len(data["background"]):
        raise refuse("services", "one is named twice")
    found: dict[str, Need] = {}
    forms: dict[str, dict[Form, str]] = {language: {} for language in LANGUAGES}
    short: dict[str, set[Form]] = {language: set() for language in LANGUAGES}
    for name, entry in data["needs"].items():
        found[name] = _need(name, entry, services, set(data["clientele"]), refuse)
        for language in LANGUAGES:
            for written in entry.get(language) or ():
                form = tuple(piece.text for piece in cut(str(written)))
                if not form:
                    raise refuse(f"needs.{name}.{language}", f"{written!r} has no word")
                if forms[language].setdefault(form, name) != name:
                    raise refuse(f"needs.{name}.{language}", f"“{written}” is {forms[language][form]} too")
                if str(written).endswith(_SHORT):
                    short[language].add(form)
    regions = region_names().keys()
    for region in regions | data["near"].keys():
        listed = data["near"].get(region) or []
        if region not in regions or not listed or not set(listed) <= regions - {region}:
            raise refuse(f"near.{region}", "a region has other regions near it, by their codes")
    return Needs(
        said_services=tuple(data["services"]),
        background=frozenset(data["background"]),
        clientele=tuple(data["clientele"]),
        needs=found,
        forms=forms,
        short_forms={language: frozenset(listed) for language, listed in short.items()},
        not_after={language: frozenset(data["not_after"].get(language) or ()) for language in LANGUAGES},
        near={region: tuple(listed) for region, listed in data["near"].items()},
    )


def _need(name: str, entry: Mapping[str, Any], services: set[str], clientele: set[str], refuse: Any) -> Need:
    for language in COMPLETE:
        if not isinstance(entry.get(language), list) or not entry[language]:
            raise refuse(f"needs.{name}.{language}", "is missing, or is no list")
    if unknown := entry.keys() - {"services", "clientele", *LANGUAGES}:
        raise refuse(f"needs.{name}", f"{', '.join(sorted(unknown))} means nothing here")
    need = Need(name, frozenset(entry.get("services") or ()), frozenset(entry.get("clientele") or ()))
    if stray := (need.services - services) | (need.clientele - clientele):
        raise refuse(f"needs.{name}", f"{', '.join(sorted(stray))} is no service or clientele of this file")
    if not need.services and not need.clientele:
        raise refuse(f"needs.{name}", "nothing meets it")
    return need
