"""What the guard hears wins, and what it must not overrule stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa.shared.nlu.training_data.message import Message

from bot.rasa_ext.emergency_guard import EmergencyGuardClassifier
from tests.rasa_ext.kit import a_message, ranked

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def guard() -> EmergencyGuardClassifier:
    return EmergencyGuardClassifier({"sure": 0.7, "doubt": 0.25})


def intent_of(guard: EmergencyGuardClassifier, message: Message) -> str:
    return str(guard.process([message])[0].get("intent")["name"])


@pytest.mark.parametrize(
    "text",
    ["mon mari me frappe, aidez-moi", "I want to kill myself tonight", "me quiero matar", "AYUDAAAA me va a matar"],
)
def test_danger_heard_wins_over_any_intent(guard: EmergencyGuardClassifier, text: str) -> None:
    message = guard.process([a_message(text, **ranked(greet=0.97, thanks=0.02))])[0]
    assert message.get("intent") == {"name": "emergency", "confidence": 1.0}
    assert [entry["name"] for entry in message.get("intent_ranking")] == ["emergency", "greet", "thanks"]


def test_danger_heard_wins_over_the_fallback(guard: EmergencyGuardClassifier) -> None:
    assert intent_of(guard, a_message("me quiero matar", **ranked(nlu_fallback=0.9))) == "emergency"


@pytest.mark.parametrize(("confidence", "intent"), [(0.7, "emergency"), (0.69, "nlu_fallback")])
def test_classifier_is_believed_where_it_is_sure(
    guard: EmergencyGuardClassifier, confidence: float, intent: str
) -> None:
    message = a_message("xyz", danger=confidence, **ranked(nlu_fallback=0.5, greet=0.3))
    assert intent_of(guard, message) == intent


@pytest.mark.parametrize("text", ["bonjour", "je ne veux plus vivre à Laval", "I'm dying to see snow", ""])
def test_ordinary_message_is_left_as_it_is(guard: EmergencyGuardClassifier, text: str) -> None:
    message = guard.process([a_message(text, **ranked(greet=0.9, thanks=0.05))])[0]
    assert message.get("intent") == {"name": "greet", "confidence": 0.9}
    assert [entry["name"] for entry in message.get("intent_ranking")] == ["greet", "thanks"]


def test_message_without_ranking_is_still_heard(guard: EmergencyGuardClassifier) -> None:
    assert intent_of(guard, a_message("me quiero matar", intent={"name": None, "confidence": 0.0})) == "emergency"


def test_guard_stands_last_in_the_pipeline_after_the_fallback() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    names = [component["name"].rpartition(".")[2] for component in pipeline]
    assert names[-3:] == ["DoubtClassifier", "AddressClassifier", "EmergencyGuardClassifier"]
    assert names.index("LanguageDetector") > names.index("SentenceIntentClassifier")


@pytest.mark.parametrize(("danger", "is_maybe"), [(0.69, True), (0.25, True), (0.24, None), (0.7, None)])
def test_in_doubt_the_intent_stays_and_the_numbers_are_due(
    guard: EmergencyGuardClassifier, danger: float, is_maybe: bool | None
) -> None:
    message = guard.process([a_message("xyz", danger=danger, **ranked(ask_doctor=0.9))])[0]
    assert message.get("maybe_danger") is is_maybe
    assert message.get("intent")["name"] == ("emergency" if danger >= 0.7 else "ask_doctor")
