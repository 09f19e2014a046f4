"""The glossary loads, every catalogue says its words, and a broken file is refused by term and column."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.i18n.languages import FRENCH, LANGUAGES
from bot.knowledge.glossary import GLOSSARY, breaches, glossary, read_glossary
from bot.knowledge.steps import BadKnowledge
from scripts.locales import SOURCES, read

TRANSLATED = [language for language in LANGUAGES if language != FRENCH]
Rows = list[dict[str, str]]


def found(french: str, translation: str, language: str = "en") -> list[str]:
    return [breach.term for breach in breaches(french, translation, language, glossary())]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("domain", SOURCES)
def test_every_translation_uses_the_glossarys_word(domain: str, language: str) -> None:
    """Titles of links are left out: a link may lead to another page in another language."""
    problems = [
        f"{domain}.po ({language}): {message.context}: “{breach.said}” is {' or '.join(breach.wanted)} "
        f"in the glossary ({breach.term})"
        for message in read(domain, language)
        if message.id and ".link." not in str(message.context)
        for breach in breaches(str(message.id), str(message.string), language, glossary())
    ]
    assert not problems, "\n" + "\n".join(problems)


def test_official_names_are_enforced() -> None:
    assert {
        "accompagnement_quebec", "objectif_integration", "mifi", "francisation_quebec", "csq", "caq", "ircc", "sin",
        "ramq", "saaq", "tal", "cra", "ccb", "cnesst", "qpip", "cdpdj", "clsc", "cpe", "revenu_quebec",
        "services_quebec",
    } <= {term.key for term in glossary().values() if term.enforced == "all"}  # fmt: skip


def test_most_terms_are_enforced_and_the_others_say_why() -> None:
    assert len(glossary()) >= 140
    left_out = [term for term in glossary().values() if term.enforced == "no"]
    assert len(left_out) <= 10
    assert all(term.why for term in glossary().values() if term.enforced != "all")


@pytest.mark.parametrize(
    ("french", "translation", "language", "term"),
    [
        ("Écrivez à la CNESST.", "Write to the labour office.", "en", "cnesst"),
        ("Votre numéro d’assurance sociale", "Your social security number", "en", "sin"),
        ("Demandez le NAS.", "Pida el NSS.", "es", "sin"),
        ("Deux jours ouvrables", "Dos días laborales", "es", "working_day"),
        ("Un ordre professionnel", "Una orden profesional", "es", "professional_order"),
        ("Écrivez au TAL.", "No such tal.", "en", "tal"),
    ],
)
def test_another_word_is_a_breach(french: str, translation: str, language: str, term: str) -> None:
    assert found(french, translation, language) == [term]


@pytest.mark.parametrize(
    ("french", "translation", "language"),
    [
        pytest.param("Votre NUMÉRO d'assurance sociale", "your social insurance numbers", "en", id="capitals, plural"),
        pytest.param("Permis d’études", "Permisos de estudios", "es", id="Spanish plural"),
        pytest.param("Une étude d’impact sur le marché du travail", "An LMIA", "en", id="short for long"),
        pytest.param("une EIMT", "a labour market impact assessment", "en", id="long for short"),
        pytest.param("Écrivez à la SAAQ.", "Escriba a la SAAQ.", "es", id="acronym"),
        pytest.param("les CPE", "the CPEs", "en", id="acronym in plural"),
        pytest.param("l’Allocation famille", "the Allocation famille", "en", id="a name stays in French"),
        pytest.param("une friperie", "una “friperie” (ropa usada)", "es", id="kept and explained"),
        pytest.param("un permis de travail ouvert", "an open permit", "en", id="the longest term counts alone"),
        pytest.param("votre plan", "your steps", "en", id="only the long form is enforced"),
        pytest.param("une urgence", "an emergency", "en", id="left out"),
        pytest.param("les pneus d’hiver", "los neumáticos (llantas) de invierno", "es", id="brackets in a translation"),
        pytest.param("la violence (conjugale, familiale)", "violence", "en", id="a sign parts two words"),
        pytest.param("Numéro d’assurance {name} sociale", "number", "en", id="so does a placeholder"),
        pytest.param("Appelez {ramq}.", "Call {phone}.", "en", id="a placeholder is no word"),
    ],
)
def test_what_is_no_breach(french: str, translation: str, language: str) -> None:
    assert found(french, translation, language) == []


def test_a_common_word_that_is_kept_in_french_is_explained() -> None:
    assert found("une friperie", "a friperie, here") == ["thrift_store"]


def drop(column: str) -> Callable[[Rows], object]:
    return lambda rows: [row.pop(column) for row in rows]


BROKEN: list[tuple[Callable[[Rows], object], str]] = [
    (drop("es_short"), r"glossary\.csv, es_short: this column is missing"),
    (lambda rows: rows.clear(), r"glossary\.csv, key: this column is missing"),
    (lambda rows: rows[0].update(es=" "), r"accompagnement_quebec, es: is empty"),
    (lambda rows: rows[0].update(en="(explained only)"), r"accompagnement_quebec, en: is empty"),
    (lambda rows: rows[0].update(key="A Q"), r"A Q, key: a key is"),
    (lambda rows: rows[0].update(key=""), r"a line without key, key: a key is"),
    (lambda rows: rows[1].update(key=rows[0]["key"]), r"accompagnement_quebec: two terms have this key"),
    (lambda rows: rows[0].update(enforced="yes"), r"enforced: yes is none of all, long, no"),
    (lambda rows: rows[0].update(enforced="no"), r"why: a reason is given"),
    (lambda rows: rows[0].update(why="because"), r"why: a reason is given"),
]


@pytest.mark.parametrize(("change", "reason"), BROKEN)
def test_a_broken_file_is_refused_by_term_and_column(
    change: Callable[[Rows], object], reason: str, tmp_path: Path
) -> None:
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    broken = tmp_path / "glossary.csv"
    with broken.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["key"])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(BadKnowledge, match=reason):
        read_glossary(broken)


@pytest.mark.parametrize("ending", ["\nx,a,b", "\nx" + ",a" * 12])
def test_a_line_with_another_number_of_cells_is_refused(ending: str, tmp_path: Path) -> None:
    broken = tmp_path / "glossary.csv"
    broken.write_text(GLOSSARY.read_text(encoding="utf-8").rstrip() + ending, encoding="utf-8")
    with pytest.raises(BadKnowledge, match=r"glossary\.csv, x, key: the line has not as many cells"):
        read_glossary(broken)


@pytest.mark.parametrize("content", [b'key,fr\n"x', b"key,fr\n\xff"])
def test_what_is_not_csv_is_refused(content: bytes, tmp_path: Path) -> None:
    broken = tmp_path / "glossary.csv"
    broken.write_bytes(content)
    with pytest.raises(BadKnowledge, match=r"glossary\.csv: cannot be read"):
        read_glossary(broken)
