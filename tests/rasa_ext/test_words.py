"""Statuses, services, papers and numbers as people write them, and what only looks like one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.knowledge.words import words
from bot.rasa_ext.numbers import number_words
from bot.rasa_ext.words import WordExtractor, WordFinder
from tests.rasa_ext.kit import a_message

MINE, NOT_MINE = True, False
Expected = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def finder() -> WordFinder:
    return WordFinder(words())


def brief(entities: list[dict[str, Any]]) -> Expected:
    """Each entity as (entity, value), with the unit or whose it is."""
    return [
        (entity["entity"], entity["value"], *(entity[key] for key in ("unit", "is_own") if key in entity))
        for entity in entities
    ]


FRENCH: list[tuple[str, Expected]] = [
    ("résident permanent", [("status", "permanent_resident", MINE)]),
    ("je suis residente permanente depuis 2 ans", [("status", "permanent_resident", MINE), ("number", 2, "year")]),
    ("demandeur d’asile", [("status", "asylum_seeker", MINE)]),
    ("demandeur dazil depui avril", [("status", "asylum_seeker", MINE)]),
    ("Réfugiée, prise en charge par l'État", [("status", "government_assisted_refugee", MINE)]),
    ("J'ai le statut de personne protégée", [("status", "protected_person", MINE)]),
    ("mon mari m'a parrainée", [("status", "sponsored", MINE)]),
    ("Ma femme est parrainée, moi je suis citoyen", [("status", "sponsored", NOT_MINE), ("status", "citizen", MINE)]),
    ("j'ai un permis de travail fermé", [("paper", "closed_work_permit")]),
    ("permi de travay ouvèr", [("paper", "open_work_permit")]),
    ("ma carte de la RAMQ", [("paper", "health_card")]),
    ("la ramk et mon n.a.s.", [("service", "ramq"), ("paper", "sin")]),
    (
        "carte soleil, CSQ, acte de naissance",
        [("paper", "health_card"), ("paper", "csq"), ("paper", "birth_certificate")],
    ),
    ("Revenu Québec veut mon relevé 1 et mon T4", [("service", "revenu_quebec"), ("paper", "rl1"), ("paper", "t4")]),
    ("appelez le 811 ou le 211", [("service", "info_sante_811"), ("service", "community_211")]),
    ("le bail est de 900 $ par mois", [("paper", "lease"), ("number", 900, "dollar")]),
    ("1 200,50 $ et 12 %", [("number", 1200.5, "dollar"), ("number", 12, "percent")]),
    ("jé 34 an, 2 zenfan", [("number", 34, "year"), ("number", 2, "child")]),
    ("quatre-vingt-dix-sept ans", [("number", 97, "year")]),
    ("un garçon âgé de 4 ans", [("number", 1, "child"), ("number", 4, "age")]),
    ("un permis neuf depuis 2021", [("number", 2021, "calendar_year")]),
    ("Ya está mi permiso de trabajo?", [("paper", "work_permit")]),
    ("un 4 1/2 à 900$", [("number", 4.5), ("number", 900, "dollar")]),
]
ENGLISH: list[tuple[str, Expected]] = [
    ("PR", [("status", "permanent_resident", MINE)]),
    ("i am pr since june", [("status", "permanent_resident", MINE)]),
    ("I'm a student from Morocco", [("status", "student", MINE)]),
    ("Asylum claimant since May", [("status", "asylum_seeker", MINE)]),
    ("my refugee claim was refused", [("status", "refused_claimant", MINE)]),
    ("I am a refugee sponsored by a church group", [("status", "privately_sponsored_refugee", MINE)]),
    ("my wife sponsored me", [("status", "sponsored", MINE)]),
    ("my wife is sponsored by her father", [("status", "sponsored", NOT_MINE)]),
    (
        "I have been a permanent resident since 2021",
        [("status", "permanent_resident", MINE), ("number", 2021, "calendar_year")],
    ),
    ("I applied for permanent residence", [("status", "permanent_resident", NOT_MINE)]),
    ("I'm not a citizen", [("status", "citizen", NOT_MINE)]),
    ("I want to become a permanent resident", [("status", "permanent_resident", NOT_MINE)]),
    ("my sin number and my passport", [("paper", "sin"), ("paper", "passport")]),
    ("work permit and study permit", [("paper", "work_permit"), ("paper", "study_permit")]),
    ("COPR, PR card", [("paper", "confirmation_of_permanent_residence"), ("paper", "pr_card")]),
    ("driver's licence at the SAAQ", [("paper", "driver_licence"), ("service", "saaq")]),
    ("My propriétaire kept le bail", [("paper", "lease")]),
    ("CRA or service canada?", [("service", "cra"), ("service", "service_canada")]),
    ("two kids, 5 and 9 yrs old", [("number", 2, "child"), ("number", 5), ("number", 9, "age")]),
    ("rent of $1,200.50", [("number", 1200.5, "dollar")]),
    ("thirty-five people for 50k", [("number", 35, "person"), ("number", 50000)]),
    ("two and a half years, since 2019", [("number", 2.5, "year"), ("number", 2019, "calendar_year")]),
    ("with tres niños of 8 months", [("number", 8, "month")]),
]
SPANISH: list[tuple[str, Expected]] = [
    ("soy residente permanente", [("status", "permanent_resident", MINE)]),
    ("mi estatus es residente permanente", [("status", "permanent_resident", MINE)]),
    ("No soy ciudadana", [("status", "citizen", NOT_MINE)]),
    (
        "mi esposo es residente permanente y yo soy estudiante",
        [("status", "permanent_resident", NOT_MINE), ("status", "student", MINE)],
    ),
    ("Solicitante de asilo, desde marzo", [("status", "asylum_seeker", MINE)]),
    ("pedí refugio al llegar", [("status", "asylum_seeker", MINE)]),
    ("refujiado", [("status", "refugee", MINE)]),
    ("estoy sin papeles", [("status", "none_or_unsure", MINE)]),
    ("vine con visa de turista", [("paper", "visitor_visa")]),
    ("me patrocinó mi esposo", [("status", "sponsored", MINE)]),
    ("trabajador temporal agrícola", [("status", "agricultural_worker", MINE)]),
    ("permiso d trabajo abierto", [("paper", "open_work_permit")]),
    ("el número de seguro social, o sea el NAS", [("paper", "sin"), ("paper", "sin")]),
    ("fui sin el SIN", [("paper", "sin")]),
    ("Estudiante con CAQ", [("status", "student", MINE), ("paper", "caq")]),
    ("tarjeta de salud de la RAMQ", [("paper", "health_card"), ("service", "ramq")]),
    ("licencia de conducir en la saaq", [("paper", "driver_licence"), ("service", "saaq")]),
    ("contrato de alquiler y partida de nacimiento", [("paper", "lease"), ("paper", "birth_certificate")]),
    ("dos hijos, treinta y cinco años", [("number", 2, "child"), ("number", 35, "year")]),
    ("1.200 dólares o 20 mil", [("number", 1200, "dollar"), ("number", 20000)]),
    ("trois enfants", [("number", 3, "child")]),
    ("El diez por ciento", [("number", 10, "percent")]),
]
LOOKALIKES = {
    "fr": [
        "",
        "bonjour",
        "bailler toute la journée",
        "j'ai très mal au dos",
        "un logement meublé ou neuf",
        "je parraine ma femme",
        "tarif étudiant",
        "Sept-Îles",
        "Trois-Rivières",
        "H2X 1Y4",
        "514 555-0134",
        "le 3 décembre à 10h30",
        "15/01/2027",
        "deux cents",
        "c pr mon fils",
        "3e étage",
        "demain 9 am",
        "carte visa",
    ],
    "en": [
        "bail hearing",
        "student discount",
        "student loan",
        "once more",
        "which one?",
        "tal vez",
        "a French citizen",
        "visitor parking",
        "mind the gap",
        "my number is 123 456 789",
        "June 3",
        "14:30",
        "two hundred",
        "write to a.4@example.com",
        "I sponsored my wife",
    ],
    "es": [
        "visitar",
        "quiero visitar a mi tía",
        "sin cita",
        "SIN CITA POR FAVOR",
        "tal vez",
        "ciudadana francesa",
        "tarjeta visa",
        "bailar",
        "el 3 de diciembre",
        "hora de visita",
        "un apartamento",
        "descuento para estudiantes",
        "licencia de maternidad",
    ],
}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [(language, *row) for language, rows in (("fr", FRENCH), ("en", ENGLISH), ("es", SPANISH)) for row in rows],
)
def test_what_is_written_is_found(finder: WordFinder, language: str, text: str, expected: Expected) -> None:
    assert brief(finder.find(text, language)) == expected


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in LOOKALIKES.items() for text in texts]
)
def test_what_only_looks_like_one_is_not(finder: WordFinder, language: str, text: str) -> None:
    assert finder.find(text, language) == []


def test_every_form_is_found_in_its_language(finder: WordFinder) -> None:
    lost = [
        (word.id, language, form.words)
        for word in words().words
        for language, forms in word.forms.items()
        for form in forms
        if (word.kind, word.id)
        not in [
            (found["entity"], found["value"])
            for found in finder.find(form.words.upper() if form.capitals == "always" else form.words, language)
        ]
    ]
    assert lost == []


@pytest.mark.parametrize("language", ["fr", "en", "es"])
def test_every_number_up_to_a_hundred_is_read(finder: WordFinder, language: str) -> None:
    said = number_words(language)
    assert set(said.values()) == set(range(101))
    wrong = [
        (text, value)
        for text, value in said.items()
        if brief(finder.find(f"{text} %", language)) != [("number", value, "percent")]
    ]
    assert wrong == []


def test_entities_do_not_overlap_and_say_where_they_stand(finder: WordFinder) -> None:
    text = "Œuvre : mon dossier re\u0301el à la RAMQ, mon permis de travail fermé (2 ans) et 1 200 $"
    found = finder.find(text, "fr")
    assert [text[entity["start"] : entity["end"]] for entity in found] == [
        "RAMQ",
        "permis de travail fermé",
        "2 ans",
        "1 200 $",
    ]


def test_words_of_people_are_not_kept(finder: WordFinder) -> None:
    before = len(finder._vocab.strings)
    finder.find("Amina Diop demande xyzzy", "fr")
    assert len(finder._vocab.strings) == before


def test_the_extractor_takes_the_language_found_before_it() -> None:
    extractor = WordExtractor()
    for language, found in (("en", ["sin"]), ("es", [])):
        message = a_message("sin", entities=[{"entity": "language", "value": language}])
        first, *named = extractor.process([message])[0].get("entities")
        assert first["entity"] == "language"
        assert [entity["value"] for entity in named] == found
        assert {entity["extractor"] for entity in named} <= {"WordExtractor"}


def test_a_message_takes_less_than_a_millisecond(finder: WordFinder, held_out: list[dict[str, str]]) -> None:
    started = time.perf_counter()
    for message in held_out:
        finder.find(message["text"], message["lang"])
    assert (time.perf_counter() - started) / len(held_out) < 0.001
