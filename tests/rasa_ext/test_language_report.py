"""The report on languages counts what it says it counts."""

from __future__ import annotations

from scripts.language_report import announced_report, false_alarms, lengths_report, others_report, untold

ROWS = [
    {"text": "hola", "lang": "es", "kind": "clean"},
    {"text": "J1H", "lang": "en", "kind": "clean"},
    {"text": "je veux un rendez-vous demain", "lang": "fr", "kind": "clean"},
    {"text": "my cita", "lang": "es", "kind": "mixed"},
]


def spanish(text: str, current: str | None) -> str:
    return current or "es"


def test_shares_by_length_leave_out_what_tells_nothing() -> None:
    assert "J1H" in untold()
    report = lengths_report(ROWS, spanish).splitlines()
    one = next(line for line in report if line.startswith("1–1")).split()
    assert one[1:] == ["1", "1.000", "0.000", "1.000"]
    longer = next(line for line in report if line.startswith("4–7")).split()
    assert longer[1:] == ["1", "0.000", "0.000", "1.000"]
    assert any("Left out: 1 " in line for line in report)
    assert any("1.000 of 1" in line for line in report)


def test_wrong_names_of_other_languages_are_told() -> None:
    rows = [{"text": "a", "lang": "pt"}, {"text": "b", "lang": "pt"}, {"text": "c", "lang": "so"}]
    report = others_report(rows, {"a": "pt", "b": "it", "c": None}.get)
    assert "pt       1 of   2  1 as it" in report
    assert "recognised as foreign 0.667, under the right name 0.333" in report


def test_false_alarms_are_named() -> None:
    said, alarms = false_alarms(["hola", "bonjour"], {"bonjour": "ht"}.get)
    assert said == "50.000% (1 of 2)" and alarms == ["ht: bonjour"]


def test_announced_languages_with_and_without_the_classifier() -> None:
    rows = [{"text": "English please", "lang": "en"}, {"text": "j'aimerais l'espagnol", "lang": "es"}]
    named = {"English please": "en", "j'aimerais l'espagnol": "es"}.get
    assert "1.000 of 2" in announced_report(rows, named, lambda text: text.endswith("please"))
    assert "0.500 whatever" in announced_report(rows, named, lambda text: text.endswith("please"))
