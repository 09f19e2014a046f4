"""A message that gives an e-mail address is about reminders, whatever the classifier read in it."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.rasa_ext.addresses import AddressClassifier


def heard(text: str) -> dict[str, Any]:
    first = {"name": "out_of_scope", "confidence": 0.6}
    message = Message({TEXT: text, INTENT: first, "intent_ranking": [first], "between": ["a", "b"]})
    AddressClassifier().process([message])
    return dict(message.data)


@pytest.mark.parametrize("text", ["maria@exemple.org", "mi correo es maria@exemple.org", "maria@exemple"])
def test_an_address_is_for_reminders(text: str) -> None:
    said = heard(text)
    assert said[INTENT] == {"name": "set_reminders", "confidence": 1.0}
    assert [ranked["name"] for ranked in said["intent_ranking"]] == ["set_reminders", "out_of_scope"]
    assert not said["between"]


@pytest.mark.parametrize(
    "text", ["bonjour", "On m’écrit de aide@papiers-vite.com pour me demander mon NAS", "info@x.org, une fraude?"]
)
def test_anything_else_is_left_as_it_was(text: str) -> None:
    assert heard(text)[INTENT]["name"] == "out_of_scope"
