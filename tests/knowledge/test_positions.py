"""Where someone is: the nearest place of ours, none across the border."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.knowledge import positions as module
from bot.knowledge.places import region_names
from bot.knowledge.positions import OUTSIDE, distance_km, nearest_place, places_there


@pytest.mark.parametrize(
    ("where", "region", "name"),
    [
        ((48.449, -68.524), "01", "Rimouski"),
        ((48.428, -71.069), "02", "Chicoutimi"),
        ((46.814, -71.208), "03", "Québec"),
        ((46.345, -72.548), "04", "Trois-Rivières"),
        ((45.404, -71.893), "05", "Sherbrooke"),
        ((45.502, -73.567), "06", "Montréal"),
        ((45.429, -75.714), "07", "Hull"),
        ((48.24, -79.02), "08", "Rouyn-Noranda"),
        ((50.214, -66.381), "09", "Sept-Îles"),
        ((49.917, -74.367), "10", "Chibougamau"),
        ((47.38, -61.86), "11", "Les Îles-de-la-Madeleine"),
        ((46.803, -71.178), "12", "Lévis"),
        ((45.557, -73.721), "13", "Laval"),
        ((46.024, -73.443), "14", "Joliette"),
        ((45.78, -74.004), "15", "Saint-Jérôme"),
        ((45.531, -73.518), "16", "Longueuil"),
        ((45.883, -72.485), "17", "Drummondville"),
    ],
)
def test_someone_in_a_town_is_in_its_region(where: tuple[float, float], region: str, name: str) -> None:
    found = nearest_place(where)
    assert found is not None
    assert found.region == region
    assert found.name == name or region in ("02", "07", "13")  # a borough may be nearer than the middle of its city


@pytest.mark.parametrize(
    "where",
    [
        (45.4236, -75.7009),  # Ottawa, across the river from Hull
        (45.0213, -74.7303),  # Cornwall
        (44.6995, -73.4529),  # Plattsburgh
        (47.3737, -68.3251),  # Edmundston
        (52.9463, -66.9114),  # Labrador City, beside Fermont
        (43.65, -79.38),
        (48.85, 2.35),
        (4.71, -74.07),
    ],
)
def test_across_the_border_is_nowhere(where: tuple[float, float]) -> None:
    assert nearest_place(where) is None


def test_far_from_any_town_is_nowhere() -> None:
    assert nearest_place((54.0, -74.0)) is None


@pytest.mark.parametrize("where", [(float("nan"), 0.0), (91.0, 0.0), (0.0, 181.0), (float("inf"), 0.0)])
def test_what_is_not_on_earth_is_nowhere(where: tuple[float, float]) -> None:
    assert nearest_place(where) is None


def test_each_region_has_places_on_the_map_and_its_neighbours_around_it() -> None:
    """A namesake in another region would stand alone among strangers."""
    known = [place for place in places_there() if place.is_known]
    assert {place.region for place in known} == set(region_names())
    for place in known:
        around = sorted(known, key=lambda other: distance_km(place.position, other.position))[1:9]
        assert place.region in {other.region for other in around}, place.name


def test_distance_is_that_on_the_ground() -> None:
    montreal, quebec = (45.5019, -73.5674), (46.8139, -71.2080)
    assert distance_km(montreal, quebec) == pytest.approx(233, abs=3)
    assert distance_km((90.0, 0.0), (-90.0, 0.0)) == pytest.approx(20015, abs=5)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    table = tmp_path / "positions.csv"
    monkeypatch.setattr(module, "POSITIONS", table)
    places_there.cache_clear()
    yield table
    places_there.cache_clear()


@pytest.mark.parametrize(
    "row", ["Ici,13,45.6", "Ici,13,45.6,ouest", "Ici,18,45.6,-73.7", ",13,45.6,-73.7", "Ici,13,145.6,-73.7"]
)
def test_a_row_that_is_no_place_is_refused_by_file_and_line(table: Path, row: str) -> None:
    table.write_text(f"name,region,latitude,longitude\nLà,{OUTSIDE},44.7,-73.5\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"positions\.csv, line 3"):
        places_there()
