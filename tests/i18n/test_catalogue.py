"""Sentences by name and language; French when there is no other."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.i18n.catalogue import Catalogue, UnknownSentence, default_catalogue
from bot.i18n.languages import BABEL_LOCALES, FRENCH, LANGUAGES, known
from scripts.locales import SOURCES, placeholders, problems

SENTENCES = {
    "utter_thanks": {"fr": "Merci!", "en": "Thank you!", "es": "¡Gracias!"},
    "utter_when": {"fr": "C’est {when}.", "en": "It is {when}."},
    "utter_same": {"fr": "Merci!", "en": "Thanks!", "es": "¡Gracias a usted!"},
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A catalogue of two files; Spanish lacks a sentence."""
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        for file, names in (("one", ["utter_thanks", "utter_when"]), ("two", ["utter_same"])):
            catalog = Catalog(locale=language)
            for name in names:
                words = SENTENCES[name]
                catalog.add(words["fr"], words.get(language, ""), context=name)
            with (folder / f"{file}.mo").open("wb") as compiled:
                write_mo(compiled, catalog)
    return Catalogue(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_said_in_each_language(catalogue: Catalogue, language: str) -> None:
    assert catalogue.say("utter_thanks", language) == SENTENCES["utter_thanks"][language]


@pytest.mark.parametrize("language", ["es", "pt", ""])
def test_a_sentence_without_translation_is_said_in_french(catalogue: Catalogue, language: str) -> None:
    assert catalogue.say("utter_when", language, {"when": "demain"}) == "C’est demain."


def test_the_same_french_has_a_translation_for_each_name(catalogue: Catalogue) -> None:
    assert catalogue.say("utter_same", "es") == "¡Gracias a usted!"


def test_an_unknown_sentence_is_refused_by_name(catalogue: Catalogue) -> None:
    for refused in (lambda: catalogue.say("utter_nothing", "fr"), lambda: catalogue.french("utter_nothing")):
        with pytest.raises(UnknownSentence, match="utter_nothing"):
            refused()


def test_a_placeholder_that_is_not_filled_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(KeyError, match="when"):
        catalogue.say("utter_when", "en", {"who": "Marie"})


def test_what_a_person_typed_is_never_a_placeholder(catalogue: Catalogue) -> None:
    assert catalogue.say("utter_when", "en", {"when": "{who}"}) == "It is {who}."


def test_the_names_are_known(catalogue: Catalogue) -> None:
    assert catalogue.names() == SENTENCES.keys()
    assert catalogue.french("utter_when") == "C’est {when}."


def test_a_folder_without_catalogues_is_empty(tmp_path: Path) -> None:
    assert Catalogue(tmp_path).names() == frozenset()


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("fr", "fr"), ("FR", "fr"), ("fr-CA", "fr"), ("es_CO", "es"), (" en-US ", "en"),
        ("pt", None), ("english", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_the_languages_we_speak_are_known(code: str | None, language: str | None) -> None:
    assert known(code) == language


def test_french_comes_first_and_babel_knows_each_language() -> None:
    assert next(iter(LANGUAGES)) == FRENCH
    assert BABEL_LOCALES.keys() == LANGUAGES.keys()


def test_nothing_is_missing_fuzzy_or_stale_in_any_language() -> None:
    assert SOURCES.keys() == {"assistant", "knowledge", "widget", "console"}
    assert list(problems()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_with_the_placeholders_of_the_french(language: str) -> None:
    catalogue = default_catalogue()
    assert len(catalogue.names()) > 500
    for name in catalogue.names():
        values = dict.fromkeys(placeholders(catalogue.french(name)), "…")
        said = catalogue.say(name, language, values)
        assert said.strip()
        assert not set(said) & set("{}"), name


def test_placeholders_have_names() -> None:
    """No `{}` and no `{0}`: a translator may need another order."""
    catalogue = default_catalogue()
    for name in catalogue.names():
        found = [field for _, field, _, _ in string.Formatter().parse(catalogue.french(name)) if field is not None]
        assert all(field.isidentifier() for field in found), name
