"""Regions, municipalities, boroughs and postal prefixes of Québec, with the ways people write them (`places.csv`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACES = Path(__file__).with_name("places.csv")
# For a button, at most 20 characters.
_SHORT_NAMES = {"02": "Saguenay–Lac-St-Jean", "08": "Abitibi-Témisc.", "11": "Gaspésie–Îles"}


@dataclass(frozen=True)
class Place:
    """`kind` is region, municipality, borough or postal_prefix; `region` is a code, "01" to "17".

    `asks_first` holds the written forms that could mean another place too.
    """

    kind: str
    name: str
    variants: tuple[str, ...]
    region: str
    region_name: str
    asks_first: frozenset[str]


@cache
def places() -> tuple[Place, ...]:
    """Every place. Raises ValueError naming file and line for a row that is not one."""
    found = []
    with PLACES.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            if not row["name"] or not row["region_code"]:
                raise ValueError(f"{PLACES.name}, line {number}: a place needs a name and a region code")
            found.append(
                Place(
                    kind=row["kind"],
                    name=row["name"],
                    variants=tuple(v for v in row["variants"].split(";") if v),
                    region=row["region_code"],
                    region_name=row["region"],
                    asks_first=frozenset(v for v in (row["ask_first"] or "").split(";") if v),
                )
            )
    return tuple(found)


@cache
def region_names() -> Mapping[str, str]:
    """Code to official name, in the order of the codes."""
    return {place.region: place.name for place in places() if place.kind == "region"}


def short_region_name(region: str) -> str:
    """For a button. Raises KeyError for what is no region."""
    return _SHORT_NAMES.get(region) or region_names()[region]
