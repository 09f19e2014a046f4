"""Places as people write them."""

from __future__ import annotations

import pytest

from bot.knowledge.places import places
from bot.rasa_ext.places import AMBIGUOUS_PLACE, REGION, PlaceExtractor, PlaceFinder, plain
from tests.rasa_ext.kit import a_message


@pytest.fixture(scope="module")
def finder() -> PlaceFinder:
    return PlaceFinder()


@pytest.mark.parametrize(
    ("text", "region", "place"),
    [
        ("j'habite à Montréal", "06", "Montréal"),
        ("JE VIS A MONTREAL!!", "06", "Montréal"),
        ("I live in Trois-Rivières.", "04", "Trois-Rivières"),
        ("trois rivieres", "04", "Trois-Rivières"),
        ("St-Jérôme", "15", "Saint-Jérôme"),
        ("st jerome", "15", "Saint-Jérôme"),
        ("Sherbrooke?", "05", "Sherbrooke"),
        ("Quebec City", "03", "Québec"),
        ("la ciudad de Quebec", "03", "Québec"),
        ("in the Eastern Townships", "05", "Estrie"),
        ("en los Cantones del Este", "05", "Estrie"),
        ("isla de Montreal", "06", "Montréal"),
        ("NDG", "06", "Côte-des-Neiges–Notre-Dame-de-Grâce"),
        ("H2X 1Y4", "06", "H2X"),
        ("h2x1y4", "06", "H2X"),
        ("mon code postal est J1H 4A7", "05", "J1H"),
        ("J1H", "05", "J1H"),
        ("h7n 2k1", "13", "H7N"),
        ("J4K", "16", "J4K"),
        ("mi código postal es G1R 2B5", "03", "G1R"),
    ],
)
def test_place_gives_its_region(finder: PlaceFinder, text: str, region: str, place: str) -> None:
    assert finder.find(text) == [{"entity": REGION, "value": region, "place": place}]


@pytest.mark.parametrize(
    ("text", "written", "among"),
    [
        ("je suis au Québec", "quebec", {"03"}),
        ("I live in Quebec", "quebec", {"03"}),
        ("rive-sud", "rive sud", {"16"}),
        ("on the South Shore", "south shore", {"16"}),
        ("en la ribera sur", "ribera sur", {"16"}),
        ("St-Laurent", "st laurent", {"06"}),
        ("L'Ange-Gardien", "l ange gardien", {"03", "07"}),
        ("Ville-Marie", "ville marie", {"06", "08"}),
    ],
)
def test_name_that_could_be_several_places_is_ambiguous(
    finder: PlaceFinder, text: str, written: str, among: set[str]
) -> None:
    (found,) = finder.find(text)
    assert (found["entity"], found["value"]) == (AMBIGUOUS_PLACE, written)
    assert among <= set(found["regions"])


def test_longest_name_is_the_one_meant(finder: PlaceFinder) -> None:
    assert [found["place"] for found in finder.find("Montréal-Nord")] == ["Montréal-Nord"]


def test_several_places_come_in_the_order_they_are_written(finder: PlaceFinder) -> None:
    assert [found["place"] for found in finder.find("de Gatineau à Laval")] == ["Gatineau", "Laval"]


@pytest.mark.parametrize(
    "text", ["", "bonjour", "je cherche un logement", "I want to book a meeting", "12 345", "🙂", "H2", "M5V 2T6"]
)
def test_no_place_is_found_where_none_is_written(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text) == []


def test_every_name_and_variant_finds_its_region(finder: PlaceFinder) -> None:
    lost = [
        (place.name, variant)
        for place in places()
        for variant in (place.name.replace("*", "X"), *(v for v in place.variants if "*" not in v))
        if not any(place.region in found.get("regions", [found["value"]]) for found in finder.find(variant))
    ]
    assert lost == []


def test_only_the_first_place_is_an_entity_and_others_stay() -> None:
    message = a_message("de Laval à Gatineau", entities=[{"entity": "language"}])
    language, region = PlaceExtractor().process([message])[0].get("entities")
    assert language == {"entity": "language"}
    assert (region["value"], region["place"], region["extractor"]) == ("13", "Laval", "PlaceExtractor")


def test_comparison_forgets_accents_signs_and_glued_postal_codes() -> None:
    assert plain("L'Île-Perrot, h2x1y4!") == "l ile perrot h2x 1y4"
