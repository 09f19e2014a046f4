"""What people ask organisations for is heard in three languages, and everything has a name to be said by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.organisations import outwards
from bot.i18n.catalogue import default_catalogue
from bot.i18n.languages import LANGUAGES
from bot.knowledge.needs import NEEDS, needs, read_needs
from bot.knowledge.places import region_names
from bot.knowledge.steps import BadKnowledge


@pytest.mark.parametrize(
    ("text", "language", "heard"),
    [
        ("aide pour le logement à Gatineau", "fr", "housing"),
        ("AIDE POUR LOGEMENT", "fr", "housing"),
        ("organisme pour femmes a Laval", "fr", "women"),
        ("cours de français à Granby", "fr", "french"),
        ("organisme travail Sherbrooke", "fr", "work"),
        ("je cherche une banque alimentaire à Verdun", "fr", "food"),
        ("qui aide les demandeurs d’asile à Montréal?", "fr", "asylum"),
        ("organisme pr refugié a gatineau", "fr", "refugees"),
        ("mes parents âgés ont besoin d’un organisme", "fr", "seniors"),
        ("sans papiers, qui peut m’aider?", "fr", "no_status"),
        ("an organisation for women in Laval", "en", "women"),
        ("is there any group that helps find a job in Lévis", "en", "work"),
        ("furniture and winter clothes", "en", "furniture"),
        ("who supports foreign workers near Saint-Rémi?", "en", "temporary_workers"),
        ("organismo para mujeres en Montreal", "es", "women"),
        ("ayuda con la vivienda en Longueuil", "es", "housing"),
        ("busco trabajo en Granby", "es", "work"),
        ("clases de francés en Laval", "es", "french"),
        # In another language than the one that is spoken.
        ("organisme for housing", "fr", "housing"),
        ("help con vivienda", "en", "housing"),
    ],
)
def test_what_is_asked_for_is_heard(text: str, language: str, heard: str) -> None:
    need = needs().heard(text, language)
    assert need is not None
    assert need.id == heard


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("un organisme près de chez moi", "fr"),
        ("Mon nouvel emploi est à Baie-Comeau, quel organisme aide les immigrants?", "fr"),
        ("Nous sommes ici pour le travail de ma femme. Y a-t-il un organisme?", "fr"),
        ("I moved here for a job at the university and I am looking for a centre", "en"),
        ("Which organisation does this kind of work for immigrants in Cowansville?", "en"),
        ("Nos mudamos a Trois-Rivières por el trabajo de mi marido, ¿qué organismo hay?", "es"),
        ("H4C", "en"),
        ("", "fr"),
    ],
)
def test_what_is_only_mentioned_is_not_asked_for(text: str, language: str) -> None:
    assert needs().heard(text, language) is None


def test_the_longest_way_to_say_it_wins_then_the_first() -> None:
    assert (heard := needs().heard("hébergement pour femmes, violence conjugale", "fr")) and heard.id == "violence"
    assert (heard := needs().heard("logement et vêtements", "fr")) and heard.id == "housing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_a_name_in_each_language(language: str) -> None:
    say = default_catalogue().say
    names = [
        *(f"utter_service_{service}" for service in needs().services),
        *(f"utter_clientele_{people}" for people in needs().clientele),
        *(f"utter_need_{need}" for need in needs().needs),
    ]
    for name in names:
        assert 0 < len(say(name, language)) <= 45, name


def test_from_every_region_every_other_can_be_reached() -> None:
    for region in region_names():
        assert {region, *outwards(region, needs().near)} == region_names().keys()


Break = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (lambda data: data.pop("near"), "has not the sections"),
        (lambda data: data["near"].pop("05"), "near.05"),
        (lambda data: data["near"]["05"].append("18"), "near.05"),
        (lambda data: data["near"]["05"].append("05"), "near.05"),
        (lambda data: data["background"].append("logement"), "named twice"),
        (lambda data: data["needs"]["food"].pop("es"), "needs.food.es: is missing"),
        (lambda data: data["needs"]["food"]["fr"].append("!"), "has no word"),
        (lambda data: data["needs"]["food"]["fr"].append("Logement"), "is housing too"),
        (lambda data: data["needs"]["food"]["services"].append("danse"), "danse is no service"),
        (lambda data: data["needs"]["food"].update(services=[]), "nothing meets it"),
        (lambda data: data["needs"]["food"].update(de=["essen"]), "de means nothing"),
    ],
)
def test_a_broken_file_is_refused_with_its_key(tmp_path: Path, breaks: Break, told: str) -> None:
    data = yaml.safe_load(NEEDS.read_text(encoding="utf-8"))
    breaks(data)
    broken = tmp_path / "needs.yml"
    broken.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(BadKnowledge, match=told) as refused:
        read_needs(broken)
    assert str(refused.value).startswith("needs.yml")


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "needs.yml"
    broken.write_text("services: [", encoding="utf-8")
    with pytest.raises(BadKnowledge, match="not YAML"):
        read_needs(broken)
