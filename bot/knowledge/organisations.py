"""The directory that a new house begins with, from `organisations.yml`: organisations whose existence was confirmed,
with what was confirmed of each. Then the database holds it and staff change it (bot/services/organisations.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.organisations import Organisation
from bot.domain.organisations_csv import Vocabulary, problems_in
from bot.i18n.languages import FRENCH
from bot.i18n.lists import language_codes
from bot.knowledge.needs import needs
from bot.knowledge.places import region_names
from bot.knowledge.steps import BadKnowledge

ORGANISATIONS = Path(__file__).with_name("organisations.yml")
# Twenty times faster, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Directory:
    """`checked` is the day the entries were read; `fallback_url` is the 211's page."""

    organisations: tuple[Organisation, ...]
    checked: date
    fallback_url: str


@cache
def directory() -> Directory:
    """Everything in the file. Raises BadKnowledge naming file, organisation, key and reason."""
    return read_directory(ORGANISATIONS)


@cache
def vocabulary() -> Vocabulary:
    """What the directory may hold."""
    return Vocabulary(
        regions=frozenset(region_names()),
        services=needs().services,
        clientele=frozenset(needs().clientele),
        languages=language_codes(),
    )


def read_directory(path: Path) -> Directory:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  a safe loader, both of them
        checked = date.fromisoformat(str(data["meta"]["researched"]))
        fallback_url = str(data["meta"]["fallback"]["url"])
        confirmed = [entry for entry in data["organisations"] if entry["existence_confidence"] == "confirmed"]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadKnowledge(f"{path.name}: cannot be read: {error!r}") from error
    if not fallback_url.startswith("https://"):
        raise BadKnowledge(f"{path.name}, meta.fallback.url: {fallback_url} is no https address")
    found: dict[str, Organisation] = {}
    for entry in confirmed:
        name = entry.get("id")
        try:
            organisation = _organisation(entry, checked)
        except (KeyError, TypeError) as error:
            raise BadKnowledge(f"{path.name}, {name}: {error!r}") from error
        for problem in problems_in(organisation, vocabulary(), checked):
            raise BadKnowledge(f"{path.name}, {name}, {problem.column}: {problem.kind} {problem.value}".rstrip())
        if found.setdefault(organisation.id, organisation) is not organisation:
            raise BadKnowledge(f"{path.name}, {name}: two organisations have this id")
    return Directory(tuple(found.values()), checked, fallback_url)


def _organisation(entry: Mapping[str, Any], checked: date) -> Organisation:
    is_spoken = entry["languages_confidence"] == "confirmed"
    return Organisation(
        id=entry["id"],
        name=entry["name"],
        city=entry["city"],
        region=entry["region_code"],
        website=entry["website"] if entry["website_confidence"] == "confirmed" else None,
        phone=entry["phone"],
        services=tuple(entry["services_confirmed"]),
        clientele=tuple(entry["clientele"]),
        languages=tuple(entry["languages"]) if is_spoken else (FRENCH,),
        is_open_confirmed=entry["still_open_2026"] == "confirmed",
        checked=checked,
    )
