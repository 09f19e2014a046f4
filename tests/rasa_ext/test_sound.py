"""What is spelt by ear sounds like what is meant."""

from __future__ import annotations

import pytest

from bot.rasa_ext.sound import sound_of


@pytest.mark.parametrize(
    ("by_ear", "meant"),
    [
        ("komen trouvé une mézon", "comment trouver une maison"),
        ("coman fèr", "comment faire"),
        ("koi", "quoi"),
        ("bocou", "beaucoup"),
        ("kiero", "quiero"),
        ("fone", "phone"),
        ("rendé vou", "rendez-vous"),
    ],
)
def test_the_same_sound(by_ear: str, meant: str) -> None:
    assert sound_of(by_ear).replace("-", " ") == sound_of(meant).replace("-", " ")


@pytest.mark.parametrize(("one", "other"), [("papier", "permis"), ("école", "bureau"), ("cita", "casa")])
def test_words_that_differ_still_do(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)
