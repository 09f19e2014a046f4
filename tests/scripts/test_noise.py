"""Noise is a hurried thumb, and always the same one."""

from __future__ import annotations

import pytest

from scripts.benchmark.noise import CHARACTERS_PER_SLIP, flattened, noised

STORY = (
    "Bonjour, je suis arrivée à Montréal la semaine dernière avec mes deux enfants, et j'aimerais savoir où inscrire "
    "le plus jeune à la garderie; on m'a dit que les places étaient rares cette année."
)


def distance(one: str, other: str) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def test_the_same_text_gives_the_same_noise_on_every_machine() -> None:
    assert noised("Où puis-je obtenir mon NAS?") == noised("Où puis-je obtenir mon NAS?")
    # Written down once: another machine, another day, another order.
    assert noised("Can I change the hour of my appointment?") == "can i hange the hour of y aponitment"


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("J’ai déjà mon NAS!", "jai deja mon nas"),
        ("¿Dónde está el CLSC?", "donde esta el clsc"),
        ("est-ce que   ça va?", "est ce que ca va"),
        ("3 ½ à 1 200 $ 😊", "3 ½ a 1 200 $ 😊"),
    ],
)
def test_accents_capitals_and_punctuation_go(text: str, flat: str) -> None:
    assert flattened(text) == flat


@pytest.mark.parametrize("text", ["?", "...", "¡!", "😊", "42"])
def test_something_is_always_left(text: str) -> None:
    assert noised(text)


def test_a_long_message_has_about_one_slip_in_a_dozen_characters() -> None:
    flat = flattened(STORY)
    slips = distance(flat, noised(STORY))
    expected = len(flat) / CHARACTERS_PER_SLIP
    # Two letters in the wrong order count twice; two slips beside each other may undo one.
    assert 0.7 * expected <= slips <= 2 * expected


def test_figures_and_spaces_are_not_slipped_on() -> None:
    assert noised("1 877 864-9191") == "1 877 864 9191"
