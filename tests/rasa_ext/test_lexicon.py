"""The words of each intent, found in a message."""

from __future__ import annotations

import math

import pytest

from bot.rasa_ext.lexicon import Lexicon

TABLES = [
    {"name": "ask_taxes", "elements": ["impôts", "déclaration de revenus", "T4"]},
    {"name": "ask_bank", "elements": ["compte", "crédit"]},
    {"name": "ask_taxes", "elements": ["income tax", "crédit"]},
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.of(TABLES)


def found(lexicon: Lexicon, text: str) -> dict[str, float]:
    """How many terms speak for each."""
    bank, taxes = lexicon.features([text]).toarray()[0]
    return {"ask_bank": math.exp(bank) - 1, "ask_taxes": math.exp(taxes) - 1}


@pytest.mark.parametrize(
    ("text", "bank", "taxes"),
    [
        ("mes IMPOTS et ma declaration de revenus", 0, 2),
        ("un compte", 1, 0),
        ("le crédit", 0.5, 0.5),
        ("income", 0, 0),
        ("", 0, 0),
    ],
)
def test_terms_are_counted_without_case_or_accents_longest_first(
    lexicon: Lexicon, text: str, bank: float, taxes: float
) -> None:
    assert found(lexicon, text) == pytest.approx({"ask_bank": bank, "ask_taxes": taxes}, abs=1e-5)


def test_without_tables_there_are_no_columns() -> None:
    assert Lexicon.of([]).features(["bonjour"]).shape == (1, 0)
