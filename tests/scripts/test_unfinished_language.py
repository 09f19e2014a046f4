"""What the checks say of a language that is still being written: it is counted, and nothing is refused for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import locales, nlu_data


@pytest.fixture
def unfinished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Galician was begun; French, English and Spanish are as they are."""
    for script in (locales, nlu_data):
        monkeypatch.setattr(script, "LANGUAGES", {"fr": "Français", "gl": "Galego"})
        monkeypatch.setattr(script, "COMPLETE", ("fr",))
    monkeypatch.setattr(locales, "LOCALES", tmp_path)
    monkeypatch.setattr(locales, "SOURCES", {"one": lambda: [locales.Sentence("utter_thanks", "Merci!", "a.yml")]})
    monkeypatch.setattr(locales.problems, "__defaults__", (("fr",),))
    locales.update()
    return tmp_path


def test_what_is_left_to_translate_is_counted(unfinished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert locales.check() == 0
    said = capsys.readouterr().out
    assert "one.po (gl): utter_thanks has no translation" in said
    assert "gl is not complete yet, 1 sentences to do" in said
    assert "complete in fr\n" in said


def test_a_complete_language_that_lacks_a_sentence_is_refused(
    unfinished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locales, "COMPLETE", ("fr", "gl"))
    monkeypatch.setattr(locales.problems, "__defaults__", (("fr", "gl"),))
    assert locales.check() == 1
    assert "one.po (gl): utter_thanks has no translation" in capsys.readouterr().out


def test_the_messages_of_an_unfinished_language_are_counted(unfinished: Path) -> None:
    (unfinished / "nlu_data/domain").mkdir(parents=True)
    (unfinished / "nlu_data/domain/intents.yml").write_text("intents:\n- greet\n- thanks\n")
    folder = unfinished / "nlu_data/nlu/gl"
    folder.mkdir(parents=True)
    (folder / "all.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - ola\n    - bo día\n")
    assert nlu_data.to_do(unfinished) == ["gl is not complete yet: 2 messages, 0 of 2 intents have 45"]
