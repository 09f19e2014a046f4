"""Sentences as vectors."""

from __future__ import annotations

import numpy as np
import pytest

from bot.rasa_ext.encoder import DIMENSIONS, encode


def test_vectors_have_length_one_and_nothing_written_has_none() -> None:
    vectors = encode(["bonjour", "  ", "I need a place to live"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1], atol=1e-4)
    assert vectors.shape == (3, DIMENSIONS)


@pytest.mark.parametrize("count", [1, 64, 65, 150])
def test_many_at_once_are_each_what_they_are_alone(count: int) -> None:
    texts = [f"je cherche un logement à {number} $" for number in range(count)]
    np.testing.assert_allclose(encode(texts)[[0, -1]], [encode([texts[0]])[0], encode([texts[-1]])[0]], atol=1e-5)


def test_one_meaning_in_three_languages_lies_close() -> None:
    french, english, spanish, other = encode(
        ["je cherche un logement", "I am looking for a place to live", "busco una vivienda", "il neige ce matin"]
    )
    assert min(french @ english, french @ spanish) > french @ other + 0.2


def test_no_text_is_no_row() -> None:
    assert encode([]).shape == (0, DIMENSIONS)
