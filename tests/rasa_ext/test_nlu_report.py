"""The report on understanding, from outcomes to figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.nlu_report import CannotReport, Expected, Outcome, Parsed, as_data, describe, main, read_tests


def outcome(language: str, intent: str, final: str, *ranking: str, kind: str | None = None) -> Outcome:
    return Outcome(Expected(f"{intent} in {language}", intent, language, kind), Parsed(ranking or (final,), final, 0.5))


OUTCOMES = [
    outcome("fr", "greet", "greet", kind="clean"),
    outcome("fr", "ask_sin", "nlu_fallback", "ask_sin", "greet", kind="sms"),
    outcome("en", "greet", "greet", "thanks", "greet", kind="clean"),
    outcome("es", "ask_sin", "greet", "greet", "thanks", "inform", "ask_sin", kind="sms"),
]


def test_accuracy_counts_the_final_intent() -> None:
    assert as_data(OUTCOMES)["accuracy"] == {"en": 1.0, "es": 0.0, "fr": 0.5, "all": 0.5}


def test_misses_say_what_was_heard_instead() -> None:
    first, second = as_data(OUTCOMES)["misses"]
    assert first == {
        "text": "ask_sin in fr",
        "intent": "ask_sin",
        "predicted": "nlu_fallback",
        "confidence": 0.5,
        "lang": "fr",
    }
    assert second["predicted"] == "greet"


def test_report_shows_right_raw_and_among_the_first_three() -> None:
    lines = [line.split() for line in describe(OUTCOMES).splitlines()]
    assert ["fr", "0.500", "1.000", "1.000", "2"] in lines
    assert ["en", "1.000", "0.000", "1.000", "1"] in lines
    assert ["all", "0.500", "0.500", "0.750", "4"] in lines
    assert ["sms", "0.000", "0.500", "0.500", "2"] in lines


def test_report_lists_the_worst_intents_first_confusions_and_refusals() -> None:
    report = describe(OUTCOMES)
    intents = report.partition("By intent, worst first")[2]
    assert intents.index("ask_sin") < intents.index("greet")
    assert "   1  ask_sin → nlu_fallback" in report
    assert "Refused by the fallback: 25.0% (1 of 4)." in report


def test_kinds_are_left_out_when_no_test_has_one() -> None:
    assert "By kind" not in describe([outcome("fr", "greet", "greet")])


def test_tests_are_read_with_other_keys_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"text": "si", "intent": "affirm", "lang": "es", "kind": "sms", "from": "x"}\n\n', encoding="utf-8"
    )
    assert read_tests([path]) == [Expected("si", "affirm", "es", "sms")]


@pytest.mark.parametrize("line", ['{"text": "si"}', "not json", "[]", ""])
def test_line_that_is_no_test_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(line)
    with pytest.raises(CannotReport, match=r"t\.jsonl, line 1|no message"):
        read_tests([path])


def test_absent_model_and_absent_tests_are_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = tmp_path / "t.jsonl"
    assert main([str(tmp_path / "none.tar.gz"), str(tests)]) == 1
    tests.write_text('{"text": "si", "intent": "affirm", "lang": "es"}\n')
    assert main([str(tmp_path / "none.tar.gz"), str(tests)]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "t.jsonl cannot be read" in first
    assert "none.tar.gz is not a model" in second
