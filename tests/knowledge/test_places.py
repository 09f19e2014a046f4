"""Every region is reached by its name, its towns and its postal prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.knowledge import places as module
from bot.knowledge.places import places, region_names

REGIONS = [f"{number:02}" for number in range(1, 18)]


def test_there_are_seventeen_regions_in_order() -> None:
    assert list(region_names()) == REGIONS
    assert region_names()["06"] == "Montréal"
    assert region_names()["11"] == "Gaspésie–Îles-de-la-Madeleine"


@pytest.mark.parametrize("region", REGIONS)
def test_each_region_has_a_name_towns_and_ways_to_write_them(region: str) -> None:
    here = [place for place in places() if place.region == region]
    assert {"region", "municipality"} <= {place.kind for place in here}
    assert all(place.region_name == region_names()[region] for place in here)
    assert all(place.name for place in here)


def test_places_are_of_the_kinds_we_know() -> None:
    assert {place.kind for place in places()} == {"region", "municipality", "borough", "postal_prefix"}
    assert {place.region for place in places()} == set(REGIONS)


def test_postal_prefixes_are_quebecs_and_lead_to_one_region() -> None:
    prefixes = [place for place in places() if place.kind == "postal_prefix"]
    assert all(re.fullmatch(r"[GHJ]\d[A-Z*]", place.name) for place in prefixes)
    assert len({place.name for place in prefixes}) == len(prefixes)


def test_what_may_mean_two_places_is_asked_first() -> None:
    """A written form of two regions is marked in at least one of them."""
    forms: dict[str, set[str]] = {}
    asked: set[str] = set()
    for place in places():
        asked |= place.asks_first
        for form in place.variants:
            forms.setdefault(form, set()).add(place.region)
    assert {form for form, regions in forms.items() if len(regions) > 1} <= asked


def test_forms_to_ask_about_are_forms_of_their_place() -> None:
    for place in places():
        assert place.asks_first <= {*place.variants, place.name.lower()}, place.name


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    table = tmp_path / "places.csv"
    monkeypatch.setattr(module, "PLACES", table)
    places.cache_clear()
    yield table
    places.cache_clear()


def test_a_row_without_region_is_refused_by_file_and_line(table: Path) -> None:
    head = "kind,name,variants,part_of,region_code,region,confidence,ask_first\n"
    table.write_text(head + "region,Laval,laval,,13,Laval,confirmed,\nmunicipality,Ici,ici,,,Laval,confirmed,\n")
    with pytest.raises(ValueError, match=r"places\.csv, line 3"):
        places()
