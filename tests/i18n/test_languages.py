"""What a language is comes from its file; a file that says what cannot be used is refused by name, key and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.meetings import Mode, read_mode
from bot.domain.spoken import Day, read_arrival
from bot.i18n import languages, spoken
from bot.i18n.choices import language_choices
from bot.i18n.language_files import BadLanguage, Language, read_languages
from bot.i18n.languages import COMPLETE, LANGUAGES, LOCALES, about
from tests.factories import NOW


def write(folder: Path, code: str, **changes: Any) -> None:
    """The French file under another code, with keys changed ("dates.day") or, with None, taken out."""
    data = yaml.safe_load((LOCALES / "fr/language.yml").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *sections, key = path.split(".")
        section = data
        for name in sections:
            section = section[name]
        if value is None:
            del section[key]
        else:
            section[key] = value
    (folder / code).mkdir(exist_ok=True)
    text = yaml.safe_dump(data, allow_unicode=True)
    (folder / code / "language.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "fr")
    return tmp_path


def test_french_english_and_spanish_are_complete() -> None:
    assert COMPLETE == ("fr", "en", "es")
    assert list(LANGUAGES.items())[:3] == [("fr", "Français"), ("en", "English"), ("es", "Español")]


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_tells_how_it_is_asked_for_and_its_numbers(language: str) -> None:
    it = about(language)
    assert it.called and it.numbers is not None and it.openers
    assert it.asking.please and it.asking.may_we and it.asking.speak and it.asking.into and it.asking.refusal
    assert not it.spoken


def test_french_comes_first_then_the_others_in_their_order(folder: Path) -> None:
    write(folder, "aa", order=9)
    write(folder, "zz", order=0)
    assert list(read_languages(folder)) == ["fr", "zz", "aa"]


def test_what_is_optional_may_be_left_out(folder: Path) -> None:
    write(folder, "aa", order=9, asking=None, heard=None, numbers=None, telegram=None, direction="rtl", complete=False)
    it = read_languages(folder)["aa"]
    assert (it.numbers, it.marks, it.asking.please, it.direction, it.is_complete) == (None, "", "", "rtl", False)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": None}, "name: is missing"),
        ({"name": " "}, "name: is empty"),
        ({"name": True}, "name: True is no text: put it between quotes"),
        ({"order": "2"}, "order: '2' is no whole number"),
        ({"order": 1}, "order: 1 is that of aa too|order: 1 is that of fr too"),
        ({"complete": "no"}, "complete: 'no' is no true or false"),
        ({"direction": "up"}, "direction: up is neither ltr nor rtl"),
        ({"babel": "French"}, "babel: French is no name of a locale"),
        ({"browser": "fr_CA"}, "browser: fr_CA is no name of a locale"),
        ({"called": "Français"}, "called: Français has capitals"),
        ({"colour": "blue"}, "colour: means nothing here"),
        ({"dates": "d MMMM"}, "dates: 'd MMMM' is no mapping"),
        ({"dates.day": None}, "dates.day: is missing"),
        ({"dates.day": "EEEE y"}, "dates.day: EEEE y shows no day"),
        ({"dates.moment": "{day} {time}"}, "dates.moment: .* has not the placeholders {day}, {hour}"),
        ({"dates.moment": "{day} {hour"}, "dates.moment: "),
        ({"dates.week": "w"}, "dates.week: means nothing here"),
        ({"hours.clock": 10}, "hours.clock: 10 is neither 12 nor 24"),
        ({"hours.clock": 12}, "hours.morning: is missing"),
        ({"hours.other": "{hour}"}, "hours.other: {hour} has not the placeholders {hour}, {minute}"),
        ({"figures.money": "$"}, "figures.money: . has not the placeholders {number}"),
        ({"asking.please": "(merci"}, "asking.please: .merci is no regular expression"),
        ({"numbers.until_20": "un deux"}, "numbers.until_20: has 2 numbers"),
        ({"numbers.tens": {20: "vingt"}}, "numbers.tens: has not 20, 30"),
        ({"numbers.also": {"vingt": 21}}, "numbers.also.vingt: "),
        ({"numbers.units": {"parsec": "parsecs"}}, "numbers.units.parsec: is none of"),
        ({"spoken": {"demain": 1}}, "spoken.demain: 1 is no text"),
        ({"spoken": {"a|b": "demain"}}, "spoken.a|b: is no word"),
    ],
)
def test_what_cannot_be_used_is_refused(folder: Path, changes: dict[str, Any], refusal: str) -> None:
    write(folder, "aa", **{"order": 9} | changes)
    with pytest.raises(BadLanguage, match=refusal) as refused:
        read_languages(folder)
    assert "language.yml, " in str(refused.value)


@pytest.mark.parametrize(("text", "refusal"), [("a: [", "not YAML"), ("- a", "is not a mapping"), ("", "is not a ma")])
def test_a_file_that_is_no_mapping_is_refused(folder: Path, text: str, refusal: str) -> None:
    (folder / "aa").mkdir()
    (folder / "aa/language.yml").write_text(text)
    with pytest.raises(BadLanguage, match=rf"aa/language.yml: {refusal}"):
        read_languages(folder)


def test_a_code_has_two_letters(folder: Path) -> None:
    write(folder, "kab", order=9)
    with pytest.raises(BadLanguage, match="kab is no code of two letters"):
        read_languages(folder)


def test_without_french_there_is_nothing_to_fall_back_on(tmp_path: Path) -> None:
    write(tmp_path, "aa", order=1)
    with pytest.raises(BadLanguage, match=r"fr/language\.yml: is missing"):
        read_languages(tmp_path)


def test_there_is_a_button_for_each_language_but_the_one_that_is_spoken() -> None:
    assert [choice.title for choice in language_choices()] == list(LANGUAGES.values())
    english = next(choice for choice in language_choices(besides="fr") if choice.title == "English")
    assert english.payload == '/set_language{"language":"en"}'
    assert "Français" not in [choice.title for choice in language_choices(besides="fr")]


@pytest.fixture
def portuguese(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    words = {"amanhã": "demain", "dezembro": "décembre", "à distância": "à distance", "distância": "distance"}
    write(folder, "pt", order=4, spoken=words)
    added = read_languages(folder)["pt"]
    monkeypatch.setitem(languages._LANGUAGES, "pt", added)
    spoken._spoken.cache_clear()
    return added


@pytest.mark.parametrize(
    ("text", "day"), [("3 de dezembro", "2026-12-03"), ("AMANHA", None), ("chego 3 dezembro 2026", "2026-12-03")]
)
def test_words_of_time_that_the_grammar_lacks_are_read(portuguese: Language, text: str, day: str | None) -> None:
    read = read_arrival(spoken.in_grammar_words(text, "pt"), NOW.date())
    assert isinstance(read, Day)
    assert day is None or read.day.isoformat() == day


def test_the_longest_phrase_counts_and_parts_of_words_do_not(portuguese: Language) -> None:
    assert read_mode(spoken.in_grammar_words("prefiro à distância", "pt")) is Mode.REMOTE
    assert spoken.in_grammar_words("dezembros", "pt") == "dezembros"


@pytest.mark.parametrize("language", COMPLETE)
def test_the_text_of_a_language_that_the_grammar_knows_is_left_alone(language: str) -> None:
    assert spoken.in_grammar_words("Le 3 DÉCEMBRE, amanhã", language) == "Le 3 DÉCEMBRE, amanhã"
