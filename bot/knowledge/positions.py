"""Which place of Québec is nearest to a position on the Earth. The Telegram channel asks.

`positions.csv` is made by `scripts/positions.py` from GeoNames (https://www.geonames.org, CC BY 4.0).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from math import asin, cos, isfinite, radians, sin, sqrt
from pathlib import Path

from bot.knowledge.places import region_names

POSITIONS = Path(__file__).with_name("positions.csv")
COLUMNS = ("name", "region", "latitude", "longitude")
# In the column `region`: across the border. Empty: in Québec, but of no region that we know.
OUTSIDE = "-"
FARTHEST_KM = 100.0
_EARTH_KM = 6371.0

# Latitude and longitude, in degrees.
Position = tuple[float, float]


@dataclass(frozen=True)
class PlaceThere:
    """`region` is a code, "01" to "17"; OUTSIDE or "" as in the table."""

    name: str
    region: str
    position: Position

    @property
    def is_known(self) -> bool:
        return self.region in region_names()


@cache
def places_there() -> tuple[PlaceThere, ...]:
    """Every place of the table. Raises ValueError naming file and line for a row that is not one."""
    found = []
    with POSITIONS.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                place = PlaceThere(row["name"], row["region"], (float(row["latitude"]), float(row["longitude"])))
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{POSITIONS.name}, line {number}: a name, a region and two numbers") from None
            if not (place.name and (place.is_known or place.region in (OUTSIDE, "")) and _is_on_earth(place.position)):
                raise ValueError(f"{POSITIONS.name}, line {number}: not a place of ours, nor one beside it")
            found.append(place)
    return tuple(found)


def nearest_place(position: Position) -> PlaceThere | None:
    """The nearest one whose region is known; None outside Québec, or when none is within FARTHEST_KM."""
    if not _is_on_earth(position):
        return None
    nearest = min(places_there(), key=lambda place: distance_km(position, place.position))
    if nearest.region == OUTSIDE:
        return None
    known = min((p for p in places_there() if p.is_known), key=lambda place: distance_km(position, place.position))
    return known if distance_km(position, known.position) <= FARTHEST_KM else None


def distance_km(one: Position, other: Position) -> float:
    """Along the ground, the Earth taken for a sphere (haversine)."""
    (lat, lon), (other_lat, other_lon) = (map(radians, position) for position in (one, other))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def _is_on_earth(position: Position) -> bool:
    latitude, longitude = position
    return isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
