"""Where one message asks two things, and which intents are requests."""

from __future__ import annotations

import pytest

from bot.domain.requests import is_request, parts_of

TWO = {
    "Comment avoir la carte soleil et où trouver une garderie à Laval?": "et où",
    "je veu 1 rdv et aussi cmt avoir le nas": "et aussi",
    "Je cherche un logement. Est-ce que mes enfants peuvent aller à l'école?": "Est-ce",
    "i want to book a meeting and also how do i get SIN": "and also",
    "how do I open a bank account? and what about taxes": "and what",
    "Can I drive with my licence? I also need a doctor": "I also",
    "quiero una cita y cómo saco el seguro social": "y cómo",
    "Necesito ropa de invierno; también busco guardería para mi hija": "también",
    "¿Dónde aprendo francés? ¿Y cuánto cuesta el metro?": "¿Y",
}
ONE = (
    "jveu 1 rdv svp",
    "Je cherche un logement et un travail",
    "my wife and my son are learning French",
    "mi esposa y yo buscamos casa en Laval",
    "Bonjour!",
    "RAMQ?",
    "M. Tremblay m'a dit de venir",
    "",
)


@pytest.mark.parametrize(("text", "second"), TWO.items())
def test_two_requests_are_parted_and_nothing_is_lost(text: str, second: str) -> None:
    parts = parts_of(text)
    assert len(parts) == 2
    assert parts[1].startswith(second)


@pytest.mark.parametrize("text", ONE)
def test_one_request_stays_whole(text: str) -> None:
    assert parts_of(text) == [text]


def test_a_long_story_has_few_parts_and_its_end_is_in_the_last() -> None:
    story = " ".join(f"Voici la phrase numéro {number}." for number in range(40))
    parts = parts_of(story)
    assert len(parts) == 6
    assert parts[-1].endswith("numéro 39.")


@pytest.mark.parametrize(
    ("intent", "expected"),
    [("ask_sin", True), ("ask_privacy", True), ("book_meeting", True), ("greet", False), ("inform", False),
     ("emergency", False), ("out_of_scope", False), ("nlu_fallback", False)],
)  # fmt: skip
def test_requests(intent: str, expected: bool) -> None:
    assert is_request(intent) is expected
