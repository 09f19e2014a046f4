"""Places as people write them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge.places import places
from bot.rasa_ext.place_slips import PlaceSlips
from bot.rasa_ext.places import AMBIGUOUS_PLACE, REGION, PlaceExtractor, PlaceFinder, our_words, plain
from tests.rasa_ext.kit import a_message

HERE = Path(__file__).parent
# Ways of typing: `region` is a code, or "? 12 16" for what could be in these and is asked.
TYPED = list(csv.DictReader((HERE / "places_typed.csv").open(encoding="utf-8", newline="")))
NO_PLACE = (HERE / "no_place.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def slips() -> PlaceSlips:
    return PlaceSlips.learn(PlaceFinder().mendable, our_words())


@pytest.fixture(scope="module")
def finder(slips: PlaceSlips) -> PlaceFinder:
    return PlaceFinder(slips)


@pytest.mark.parametrize("row", TYPED, ids=lambda row: row["written"])
def test_place_is_heard_however_it_is_typed(finder: PlaceFinder, row: dict[str, str]) -> None:
    found = finder.find(row["written"])[:1]
    assert [
        f"? {' '.join(entity['regions'])}" if entity["entity"] == AMBIGUOUS_PLACE else entity["value"]
        for entity in found
    ] == [row["region"]]


def test_the_table_of_typing_knows_every_region() -> None:
    assert len(TYPED) >= 120
    assert {f"{number:02}" for number in range(1, 18)} <= {row["region"] for row in TYPED}


def test_no_place_is_heard_in_ordinary_sentences(finder: PlaceFinder) -> None:
    assert len(NO_PLACE) >= 150
    assert {text: found for text in NO_PLACE if (found := finder.find(text))} == {}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("quiter Montréla pour Drummondvlile", ["Montréal", "Drummondville"]),
        ("cherche un dentiste a Montreal Nrod", ["Montréal-Nord"]),
        ("oragnisme a Saint-Jean-sur-Rcihelieu", ["Saint-Jean-sur-Richelieu"]),
        ("de Gatineau a Lavall", ["Gatineau"]),
        ("à 10km de Montreal Nrod", ["Montréal-Nord"]),
        ("quiero vivir en Montreal, está muy caro", ["Montréal"]),
    ],
)
def test_beside_a_place_that_is_written_well_only_a_longer_name_is_mended(
    finder: PlaceFinder, text: str, places: list[str]
) -> None:
    assert [found.get("place") for found in finder.find(text)] == places


@pytest.mark.parametrize("text", ["regiones de Quebec", "comparar ciudades de Quebec", "quebek"])
def test_a_slip_in_an_ambiguous_name_is_asked_about(finder: PlaceFinder, text: str) -> None:
    assert [(found["entity"], found["value"]) for found in finder.find(text)] == [(AMBIGUOUS_PLACE, "quebec")]


def test_a_slip_that_could_be_of_two_regions_is_left(finder: PlaceFinder) -> None:
    """ "lasal": Laval or LaSalle."""
    assert finder.find("lasal") == []


def test_a_model_without_slips_finds_exact_names_only() -> None:
    assert PlaceFinder().find("Sherbroooke") == []
    assert [found["value"] for found in PlaceFinder().find("Sherbrooke")] == ["05"]


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


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def extractor(storage: LocalModelStorage) -> PlaceExtractor:
    return PlaceExtractor(storage, Resource("places"))


def test_what_was_learnt_is_in_the_model(
    extractor: PlaceExtractor, storage: LocalModelStorage, slips: PlaceSlips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlaceSlips, "learn", lambda *_: slips)
    resource = extractor.train(TrainingData())
    loaded = PlaceExtractor.load({}, storage, resource, None)  # type: ignore[arg-type]
    (place,) = loaded.process([a_message("jabite a Sherbroke")])[0].get("entities")
    assert (place["value"], place["place"]) == ("05", "Sherbrooke")
    assert loaded.process([a_message("je cherche une masion")])[0].get("entities") == []


def test_another_table_of_places_trains_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = PlaceExtractor.fingerprint_addon({})
    (tmp_path / "places.csv").write_text("kind,name\n")
    monkeypatch.setattr("bot.rasa_ext.places.PLACES", tmp_path / "places.csv")
    assert PlaceExtractor.fingerprint_addon({}) != before


def test_only_the_first_place_is_an_entity_and_others_stay(extractor: PlaceExtractor) -> None:
    message = a_message("de Laval à Gatineau", entities=[{"entity": "language"}])
    language, region = extractor.process([message])[0].get("entities")
    assert language == {"entity": "language"}
    assert (region["value"], region["place"], region["extractor"]) == ("13", "Laval", "PlaceExtractor")


def test_comparison_forgets_accents_signs_and_glued_postal_codes() -> None:
    assert plain("L'Île-Perrot, h2x1y4!") == "l ile perrot h2x 1y4"
