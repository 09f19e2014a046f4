"""Rasa's responses in the person's language."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.i18n.catalogue import Catalogue
from bot.rasa_ext import nlg
from bot.rasa_ext.nlg import CatalogueGenerator, language_of
from tests.rasa_ext.kit import write_catalogue

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    slots:
      language: {type: text, mappings: [{type: custom}]}
      agent: {type: text, mappings: [{type: custom}]}
    responses:
      utter_booked:
      - text: "C’est réservé avec {agent}, {when}."
        buttons:
        - {title: "Déplacer", payload: /reschedule_meeting}
      utter_new:
      - text: "Une phrase sans traduction."
    """
)


@pytest.fixture
def generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogueGenerator:
    booked, button = ("utter_booked", "C’est réservé avec {agent}, {when}."), ("utter_booked.button", "Déplacer")
    write_catalogue(tmp_path, "en", {booked: "It’s booked with {agent}, {when}.", button: "Move it"})
    write_catalogue(tmp_path, "es", {booked: "Cita reservada con {agent}, {when}.", button: "Cambiar"})
    monkeypatch.setattr(nlg, "default_catalogue", lambda: Catalogue(tmp_path))
    return CatalogueGenerator(EndpointConfig(), DOMAIN)


def a_tracker(slot: str | None = None, said: str | None = None) -> DialogueStateTracker:
    tracker = DialogueStateTracker("someone", DOMAIN.slots)
    tracker.update(UserUttered("bonjour", metadata={"language": said} if said else {}))
    tracker.update(SlotSet("agent", "Ana"))
    if slot:
        tracker.update(SlotSet("language", slot))
    return tracker


def generated(generator: CatalogueGenerator, name: str, tracker: DialogueStateTracker, **values: Any) -> Any:
    return asyncio.run(generator.generate(name, tracker, "passerelle", **values))


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("fr", "C’est réservé avec Ana, 9 h.", "Déplacer"),
        ("en", "It’s booked with Ana, 9 h.", "Move it"),
        ("es", "Cita reservada con Ana, 9 h.", "Cambiar"),
    ],
)
def test_text_and_buttons_are_in_the_language_of_the_slot(
    generator: CatalogueGenerator, language: str, text: str, title: str
) -> None:
    response = generated(generator, "utter_booked", a_tracker(slot=language), when="9 h")
    assert response["text"] == text
    assert response["buttons"] == [{"title": title, "payload": "/reschedule_meeting"}]


def test_sentence_without_translation_is_said_in_french(generator: CatalogueGenerator) -> None:
    assert generated(generator, "utter_new", a_tracker(slot="es"))["text"] == "Une phrase sans traduction."


def test_domain_is_left_in_french_after_speaking_another_language(generator: CatalogueGenerator) -> None:
    generated(generator, "utter_booked", a_tracker(slot="es"), when="9 h")
    response = generated(generator, "utter_booked", a_tracker(slot="fr"), when="9 h")
    assert (response["text"], response["buttons"][0]["title"]) == ("C’est réservé avec Ana, 9 h.", "Déplacer")


def test_response_that_does_not_exist_says_nothing(generator: CatalogueGenerator) -> None:
    assert generated(generator, "utter_absent", a_tracker()) is None


def test_responses_of_a_model_loaded_later_are_used(generator: CatalogueGenerator) -> None:
    generator.responses = {"utter_later": [{"text": "Plus tard"}]}
    assert generated(generator, "utter_later", a_tracker())["text"] == "Plus tard"


@pytest.mark.parametrize(
    ("slot", "said", "language"),
    [
        ("es", "en", "es"),
        (None, "en", "en"),
        (None, "es-CO", "es"),
        ("de", "en", "en"),
        (None, "pt", "fr"),
        (None, None, "fr"),
    ],
)
def test_slot_then_metadata_then_french(slot: str | None, said: str | None, language: str) -> None:
    assert language_of(a_tracker(slot, said)) == language


def test_conversation_without_a_message_is_in_french() -> None:
    assert language_of(DialogueStateTracker("someone", DOMAIN.slots)) == "fr"
