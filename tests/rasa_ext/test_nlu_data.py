"""The checks on training messages find what they are for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import nlu_data
from scripts.nlu_data import check, fold

NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sound data, as long as twelve are enough: two intents, three languages, one message held out."""
    monkeypatch.setattr(nlu_data, "ENOUGH", len(NUMBERS))
    monkeypatch.setattr(nlu_data, "ENOUGH_HELD_OUT", 0)
    (tmp_path / "nlu_data/domain").mkdir(parents=True)
    (tmp_path / "nlu_data/domain/intents.yml").write_text("intents:\n- greet:\n    use_entities: []\n- thanks\n")
    for language in ("fr", "en", "es"):
        folder = tmp_path / "nlu_data/nlu" / language
        folder.mkdir(parents=True)
        groups = "".join(
            f"- intent: {intent}\n  examples: |\n"
            + "".join(f"    - {intent} {language} {number}\n" for number in NUMBERS)
            for intent in ("greet", "thanks")
        )
        (folder / "all.yml").write_text(f"nlu:\n{groups}")
    (tmp_path / "tests/nlu").mkdir(parents=True)
    hold_out(tmp_path, "something else")
    return tmp_path


def hold_out(root: Path, text: str, intent: str = "greet") -> None:
    row = json.dumps({"text": text, "intent": intent, "lang": "fr"})
    (root / "tests/nlu/fr.jsonl").write_text(row + "\n")


def change(root: Path, language: str, before: str, after: str) -> None:
    path = root / f"nlu_data/nlu/{language}/all.yml"
    path.write_text(path.read_text().replace(before, after, 1))


def test_sound_data_has_no_problem(root: Path) -> None:
    assert check(root) == []


def test_same_message_in_two_intents(root: Path) -> None:
    change(root, "es", "- thanks es two\n", "- Gréét FR, two!\n")
    assert check(root) == [
        "nlu_data/nlu/es/all.yml:19: “Gréét FR, two!” is already at nlu_data/nlu/fr/all.yml:5 (thanks, greet)"
    ]


def test_same_message_twice_in_an_intent(root: Path) -> None:
    change(root, "en", "- greet en two\n", "- greet en one\n")
    assert check(root) == ["nlu_data/nlu/en/all.yml:5: “greet en one” is already at nlu_data/nlu/en/all.yml:4 (greet)"]


def test_nearly_the_same_message_is_told_and_a_short_one_in_another_order_is_not(root: Path) -> None:
    change(root, "en", "- greet en two\n", "- where do I sign up\n")
    change(root, "en", "- greet en four\n", "- I sign uup where, do\n")
    change(root, "en", "- greet en five\n", "- one en greet\n")
    assert [problem.partition(":")[0] for problem in check(root)] == ["nlu_data/nlu/en/all.yml"]


def test_message_of_the_validation_set_may_not_be_trained_on(root: Path) -> None:
    (root / "nlu_data/validation").mkdir()
    row = json.dumps({"text": "Greet fr one?", "intent": "greet", "lang": "fr"})
    (root / "nlu_data/validation/fr.jsonl").write_text(row + "\n")
    (problem,) = check(root)
    assert problem.endswith("is held out at nlu_data/validation/fr.jsonl:1")


def test_intent_with_few_held_out_messages(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlu_data, "ENOUGH_HELD_OUT", 1)
    problems = check(root)
    assert "thanks: 0 held-out messages in fr, at least 1 are needed" in problems
    assert not any(problem.startswith("greet") and "in fr" in problem for problem in problems)


def test_message_that_is_held_out(root: Path) -> None:
    hold_out(root, "Thanks, fr: ONE")
    assert check(root) == ["nlu_data/nlu/fr/all.yml:18: “thanks fr one” is held out at tests/nlu/fr.jsonl:1"]


def test_too_few_messages(root: Path) -> None:
    change(root, "fr", "    - greet fr one\n", "")
    assert check(root) == ["greet: 11 messages in fr, at least 12 are needed"]


def test_language_poorer_than_the_others(root: Path) -> None:
    more = "".join(f"    - greet fr more {number}\n" for number in NUMBERS)
    change(root, "fr", "    - greet fr one\n", f"    - greet fr one\n{more}")
    assert check(root) == [
        "greet: 24 messages in fr for 16 on average, more than 25 % apart",
    ]


def test_intent_that_the_domain_does_not_know(root: Path) -> None:
    hold_out(root, "something else", "gret")
    assert check(root) == ["tests/nlu/fr.jsonl:1: the domain has no intent gret"]


def test_file_that_is_no_yaml(root: Path) -> None:
    (root / "nlu_data/nlu/fr/all.yml").write_text("nlu: [")
    (problem,) = check(root)
    assert problem.startswith("nlu_data/nlu/fr/all.yml: not YAML:")


def test_comparison_keeps_what_is_only_punctuation() -> None:
    assert fold("Où ça?") == fold("ou ca") == "ou ca"
    assert fold("???") != fold("!")
    assert fold("👍") == "👍"
