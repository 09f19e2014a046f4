"""Two understandings side by side, from what each heard to the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.benchmark.messages import LANGUAGES, HeldOut
from scripts.benchmark.stock import StockModel
from scripts.nlu_compare import (
    Heard,
    Side,
    Taken,
    accuracy,
    as_data,
    at_its_best,
    refusals,
    report,
    taken,
    targets,
)

MODEL = StockModel(Path("stock.tar.gz"), epochs=100, messages=9000, seconds=5000, cpu_seconds=9000)
WHERE = {
    "day": "2026-11-22",
    "system": "Linux x86_64",
    "processor": "Some CPU",
    "cores": 2,
    "memory_bytes": 24 * 2**30,
    "load_before": 0.0,
}


def heard(language: str, intent: str, clean: str, noised: str, kind: str = "clean") -> Heard:
    """What it was taken for, without any fallback between."""
    return Heard(HeldOut(f"{intent} in {language}", intent, language, kind), Taken(clean, clean), Taken(noised, noised))


def side(*more: Heard, is_right: int, is_right_noised: int) -> Side:
    """Ten clean messages a language, of which so many are heard right."""
    ten = [
        heard(
            language,
            "ask_sin",
            "ask_sin" if number < is_right else "greet",
            "ask_sin" if number < is_right_noised else "greet",
        )
        for language in LANGUAGES
        for number in range(10)
    ]
    return Side([*ten, *more], [0.002] * 19 + [0.009], 400_000_000, 5_000_000, 60.0, 70.0)


STOCK = side(heard("fr", "out_of_scope", "ask_sin", "ask_sin"), is_right=8, is_right_noised=6)
OURS = side(
    heard("fr", "out_of_scope", "out_of_scope", "greet"),
    heard("es", "out_of_scope", "nlu_fallback", "greet", "sms"),
    is_right=9,
    is_right_noised=6,
)


def test_accuracy_counts_the_final_intent() -> None:
    group = [heard("fr", "greet", "greet", "thanks"), heard("fr", "greet", "nlu_fallback", "greet")]
    assert accuracy(group) == 0.5
    assert accuracy(group[:1], with_noise=True) == 0.0
    assert accuracy([]) == 0.0


def test_stock_is_judged_at_its_best() -> None:
    """A right guess that its fallback refused counts for it."""
    message = HeldOut("salut", "greet", "fr", "clean")
    doubted = Heard(message, Taken("nlu_fallback", "greet"), Taken("nlu_fallback", "thanks"))
    assert (accuracy([doubted]), accuracy([doubted], by_guess=True)) == (0.0, 1.0)
    assert at_its_best([doubted]) == 1.0
    assert at_its_best([doubted], with_noise=True) == 0.0
    assert at_its_best([heard("fr", "greet", "greet", "thanks")]) == 1.0


@pytest.mark.parametrize(
    ("ranking", "guess"),
    [
        (["nlu_fallback", "greet", "thanks"], "greet"),
        (["thanks"], "thanks"),
        (["nlu_fallback"], "nlu_fallback"),
        ([], "nlu_fallback"),
    ],
)
def test_guess_is_the_likeliest_intent_before_the_fallback(ranking: list[str], guess: str) -> None:
    parsed = {"intent": {"name": "nlu_fallback"}, "intent_ranking": [{"name": name} for name in ranking]}
    assert taken(parsed) == Taken("nlu_fallback", guess)


def test_out_of_scope_is_recognised_by_name_or_by_the_fallback() -> None:
    assert refusals(OURS.heard) == (1.0, 0.0)
    assert refusals(STOCK.heard) == (0.0, 0.0)
    assert refusals([heard("fr", "greet", "nlu_fallback", "greet")]) == (0.0, 1.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_judged_in_each_language(language: str) -> None:
    judged = {target.title: target for target in targets(STOCK, OURS)}
    assert judged[f"ahead of stock, clean, {language}"].is_reached
    assert not judged[f"ahead of stock, noised, {language}"].is_reached


def test_training_is_judged_when_it_was_measured() -> None:
    assert "training" in {target.title for target in targets(STOCK, OURS)}
    assert "training" not in {target.title for target in targets(STOCK, replace(OURS, training_seconds=None))}


def test_page_shows_both_and_the_points_between_them() -> None:
    stock = replace(STOCK, heard=[*STOCK.heard, heard("es", "out_of_scope", "greet", "greet", "sms")])
    page = report(stock, OURS, MODEL, WHERE)
    assert "| fr, clean | 11 | 0.727 | 0.727 | 0.909 | +18.2 |" in page
    assert "| sms | 1 | 0.000 | 0.000 | 0.000 | +0.0 |" in page
    assert "| out-of-scope recognised | 2 | 0.000 |  | 1.000 | +100.0 |" in page
    assert "| one message, p95 | 2.0 ms | 2.0 ms |" in page
    assert "100 epochs, trained on 9000 messages" in page
    assert "**" not in page.partition("## Accuracy")[0].replace("**not reached**", "")


def test_page_says_what_makes_the_comparison_unfair() -> None:
    page = report(STOCK, OURS, replace(MODEL, epochs=2, is_of_this_data=False), WHERE)
    assert "stock trains 100 epochs" in page
    assert "before the messages last changed" in page


def test_data_holds_the_same_figures() -> None:
    data = as_data(STOCK, OURS, MODEL, WHERE)
    assert data["ours"]["accuracy"]["en, clean"]["as_written"] == 0.9
    assert data["stock"]["accuracy"]["en, all kinds"]["noised_no_fallback"] == 0.6
    assert data["targets"][0]["title"] == "ahead of stock, clean, fr"
