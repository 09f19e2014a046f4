"""Doubt: below its limit an intent is not believed, and the person is asked to say it another way."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.rasa_ext.doubt import DoubtClassifier

LIMITS = {"threshold": 0.12, "surer": {"out_of_scope": 0.6}}
LANGUAGE = {"entity": "language", "value": "fr"}
PLACE = {"entity": "region", "value": "13"}


def believed(intent: str, confidence: float, *entities: dict[str, Any]) -> str:
    first = {"name": intent, "confidence": confidence}
    message = Message({TEXT: "…", INTENT: first, "intent_ranking": [first], ENTITIES: [LANGUAGE, *entities]})
    DoubtClassifier(LIMITS).process([message])
    return str(message.get(INTENT)["name"])


@pytest.mark.parametrize(
    ("intent", "confidence", "name"),
    [
        ("ask_sin", 0.13, "ask_sin"),
        ("ask_sin", 0.11, "nlu_fallback"),
        ("out_of_scope", 0.55, "nlu_fallback"),
        ("out_of_scope", 0.61, "out_of_scope"),
    ],
)
def test_each_intent_has_its_limit(intent: str, confidence: float, name: str) -> None:
    assert believed(intent, confidence) == name


def test_a_place_is_something_understood() -> None:
    assert believed("out_of_scope", 0.3, PLACE) == "out_of_scope"


def test_the_classifier_s_own_ranking_is_kept_behind_the_doubt() -> None:
    first = {"name": "ask_sin", "confidence": 0.1}
    message = Message({TEXT: "…", INTENT: first, "intent_ranking": [first], ENTITIES: []})
    DoubtClassifier(LIMITS).process([message])
    assert [ranked["name"] for ranked in message.get("intent_ranking")] == ["nlu_fallback", "ask_sin"]
