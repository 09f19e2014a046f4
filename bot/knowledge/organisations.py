"""Organisations that help newcomers, by region, from `organisations.yml`: only those whose existence was confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ORGANISATIONS = Path(__file__).with_name("organisations.yml")


@dataclass(frozen=True)
class Organisation:
    """`website` is None unless its address was confirmed and is https or http as its owner gives it."""

    id: str
    name: str
    city: str
    region: str
    website: str | None
    phone: str | None
    services: tuple[str, ...]
    is_open_confirmed: bool


@dataclass(frozen=True)
class Directory:
    """`checked` is the day the entries were read; `fallback_url` is the 211's page."""

    organisations: tuple[Organisation, ...]
    checked: date
    fallback_url: str

    def in_region(self, region: str, limit: int = 5) -> Sequence[Organisation]:
        """Those most surely open first, then those that welcome and settle newcomers."""
        here = [organisation for organisation in self.organisations if organisation.region == region]
        here.sort(key=lambda o: (not o.is_open_confirmed, "accueil" not in o.services, o.phone is None, o.name))
        return here[:limit]


@cache
def directory() -> Directory:
    data = yaml.safe_load(ORGANISATIONS.read_text(encoding="utf-8"))
    return Directory(
        organisations=tuple(
            _organisation(entry) for entry in data["organisations"] if entry["existence_confidence"] == "confirmed"
        ),
        checked=date.fromisoformat(str(data["meta"]["researched"])),
        fallback_url=data["meta"]["fallback"]["url"],
    )


def _organisation(entry: Mapping[str, Any]) -> Organisation:
    return Organisation(
        id=entry["id"],
        name=entry["name"],
        city=entry["city"] or entry["region"],
        region=entry["region_code"],
        website=entry["website"] if entry["website_confidence"] == "confirmed" else None,
        phone=entry["phone"],
        services=tuple(entry["services_confirmed"] or entry["services"] or ()),
        is_open_confirmed=entry["still_open_2026"] == "confirmed",
    )
