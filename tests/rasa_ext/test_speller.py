"""Slips are mended, words are left alone."""

from __future__ import annotations

import pytest

from bot.rasa_ext.speller import Speller, fold


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.learn(["francisation à Laval", "la francisation en ligne", "la garderie", "une garderie"])


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("francsation", "francisation"),  # a letter left out
        ("garderrie", "garderie"),  # one too many
        ("gardreie", "garderie"),  # two swapped
        ("appartment", "apartment"),
        ("trabaji", "trabajo"),
    ],
)
def test_one_slip_is_mended(speller: Speller, slip: str, right: str) -> None:
    assert speller.mend(f"ma {slip}!") == f"ma {right}!"


@pytest.mark.parametrize("text", ["logement", "apartment", "vivienda", "kinder xyzxyzxyz", "nas", "csq", "12", ""])
def test_words_that_are_known_short_or_far_from_any_are_left(speller: Speller, text: str) -> None:
    assert speller.mend(text) == text


def test_what_newcomers_write_is_likelier_than_what_books_say(speller: Speller) -> None:
    assert speller.weights["garderie"] > Speller.learn([]).weights["garderie"]


def test_word_seen_once_in_training_may_be_a_slip_itself() -> None:
    assert "garderrrie" not in Speller.learn(["garderrrie"]).weights


def test_spelling_is_compared_without_case_or_accents(speller: Speller) -> None:
    assert fold("Où est l'ÉCOLE, mañana?") == "ou est l'ecole, manana?"
    assert speller.mend("École") == "ecole"


def test_emoji_and_other_scripts_pass_through(speller: Speller) -> None:
    assert speller.mend("🙂 مرحبا 2 h") == "🙂 مرحبا 2 h"
