"""The report on understanding, from outcomes to figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.nlu_report import (
    CannotReport,
    DangerTest,
    Expected,
    Outcome,
    Parsed,
    as_data,
    calibration_error,
    describe,
    describe_dangers,
    draw,
    main,
    read_dangers,
    read_tests,
    reliability,
)


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


def aims(outcomes: list[Outcome]) -> dict[str, list[str]]:
    """By title: measured, "at least" or "at most", wanted, verdict."""
    lines = describe(outcomes).partition("Aims\n")[2].partition("\n\n")[0].splitlines()
    return {line[:32].strip(): line[32:].split() for line in lines}


def test_aims_are_judged_by_language_and_misses_are_printed_as_misses() -> None:
    found = aims(OUTCOMES)
    assert found["clean, fr"] == ["1.000", "at", "least", "0.950", "reached"]
    assert found["typing errors, SMS, es"] == ["0.000", "at", "least", "0.900", "NOT", "reached"]
    assert found["our subjects, refused"] == ["0.250", "at", "most", "0.030", "NOT", "reached"]


def test_what_is_outside_is_recognised_by_either_refusal_and_false_alarms_count() -> None:
    outside = [
        outcome("fr", "out_of_scope", final, kind="clean") for final in ("out_of_scope", "nlu_fallback", "greet")
    ]
    found = aims([*outside, outcome("fr", "greet", "emergency", kind="clean")])
    assert found["out of scope, recognised"][0] == "0.667"
    assert found["ordinary, taken for a danger"][0] == "1.000"


def sure(sureness: float, *, right: bool) -> Outcome:
    return Outcome(Expected("…", "greet", "fr"), Parsed(("greet" if right else "thanks",), "greet", 0.5, sureness))


def test_reliability_sets_sureness_beside_the_share_right() -> None:
    bins = reliability([sure(0.91, right=True), sure(0.99, right=False), sure(0.3, right=True), sure(1.0, right=True)])
    assert [(round(b.sureness, 3), round(b.right, 3), b.messages) for b in bins] == [(0.3, 1.0, 1), (0.967, 0.667, 3)]
    assert calibration_error(bins) == pytest.approx((0.7 + 3 * 0.3) / 4)


def test_pictures_are_drawn(tmp_path: Path) -> None:
    draw(OUTCOMES, tmp_path / "pictures")
    for name in ("confusion.png", "reliability.png"):
        assert (tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG")


def test_dangers_are_counted_by_round_as_heard_and_as_told() -> None:
    heard = [
        (DangerTest("a", True, 1), Parsed((), "emergency", 1.0, gives_numbers=True)),
        (DangerTest("b", True, 1), Parsed((), "greet", 1.0, gives_numbers=True)),
        (DangerTest("c", False, 1), Parsed((), "greet", 1.0)),
        (DangerTest("d", False, 2), Parsed((), "emergency", 1.0, gives_numbers=True)),
    ]
    lines = [line.split() for line in describe_dangers(heard).splitlines()]
    assert ["round", "1", "0.500", "1.000", "0.000", "0.000", "3"] in lines
    assert ["all", "rounds", "0.500", "1.000", "0.500", "0.500", "4"] in lines


def test_only_dangers_that_nothing_was_tuned_on_are_read(tmp_path: Path) -> None:
    rows = [{"text": text, "danger": True, "round": 1, "held_out": text == "b"} for text in "ab"]
    path = tmp_path / "dangers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    assert [test.text for test in read_dangers(path)] == ["b"]
    with pytest.raises(CannotReport):
        read_dangers(tmp_path / "absent")
