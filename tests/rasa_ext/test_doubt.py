"""Doubt: below its limit an intent is not believed, and the person is asked to say it another way."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.contract import ALSO_ASKED, BETWEEN
from bot.rasa_ext.doubt import DoubtClassifier

LIMITS = {"threshold": 0.4, "threshold_with_entity": 0.2, "close": 0.05}
LANGUAGE = {"entity": "language", "value": "fr"}
PLACE = {"entity": "region", "value": "13"}


def believed(intent: str, confidence: float, *entities: dict[str, Any]) -> str:
    first = {"name": intent, "confidence": confidence}
    message = Message({TEXT: "…", INTENT: first, "intent_ranking": [first], ENTITIES: [LANGUAGE, *entities]})
    DoubtClassifier(LIMITS).process([message])
    return str(message.get(INTENT)["name"])


@pytest.mark.parametrize(("confidence", "name"), [(0.41, "ask_sin"), (0.39, "nlu_fallback")])
def test_below_the_limit_nothing_is_believed(confidence: float, name: str) -> None:
    assert believed("ask_sin", confidence) == name


@pytest.mark.parametrize(("confidence", "name"), [(0.21, "inform"), (0.19, "nlu_fallback")])
def test_a_place_is_something_understood_and_less_is_needed_beside_it(confidence: float, name: str) -> None:
    assert believed("inform", confidence, PLACE) == name


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ({"entity": "number", "value": 3}, "nlu_fallback"),
        ({"entity": "number", "value": 3, "unit": "child"}, "nlu_fallback"),
        ({"entity": "status", "value": "student"}, "out_of_scope"),
        ({"entity": "paper", "value": "lease"}, "out_of_scope"),
    ],
)
def test_a_number_alone_is_nothing_understood_and_a_word_of_ours_is(entity: dict[str, Any], name: str) -> None:
    assert believed("out_of_scope", 0.3, entity) == name


def test_the_classifier_s_own_ranking_is_kept_behind_the_doubt() -> None:
    first = {"name": "ask_sin", "confidence": 0.1}
    message = Message({TEXT: "…", INTENT: first, "intent_ranking": [first], ENTITIES: []})
    DoubtClassifier(LIMITS).process([message])
    assert [ranked["name"] for ranked in message.get("intent_ranking")] == ["nlu_fallback", "ask_sin"]


def between(first: str, second: str, apart: float, **added: Any) -> list[str] | None:
    ranking = [{"name": first, "confidence": 0.45}, {"name": second, "confidence": 0.45 - apart}]
    message = Message({TEXT: "…", INTENT: ranking[0], "intent_ranking": ranking, ENTITIES: [], **added})
    DoubtClassifier(LIMITS).process([message])
    assert message.get(INTENT) == ranking[0]
    return message.get(BETWEEN)  # type: ignore[no-any-return]


def test_two_requests_equally_likely_are_told_and_the_intent_stays_the_first() -> None:
    assert between("ask_sin", "ask_bank", 0.04) == ["ask_sin", "ask_bank"]
    assert between("ask_sin", "ask_bank", 0.06) is None


def test_small_talk_is_no_choice_and_two_requests_heard_are_no_doubt() -> None:
    assert between("ask_sin", "greet", 0.01) is None
    assert between("ask_sin", "ask_bank", 0.01, **{ALSO_ASKED: "ask_bank"}) is None
