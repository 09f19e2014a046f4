"""When not to believe the classifier: `nlu_fallback`, below a limit of confidence that some intents have of their own.

Rasa's FallbackClassifier has one limit for all. Keyboard noise lands on the widest classes with little confidence:
saying "I don't know that subject" or "noted" to it would be no answer, so these must be surer to be believed. Where two
requests are equally likely the intent stays the first, and the person is asked which (`BETWEEN`).
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.contract import ALSO_ASKED, BETWEEN, FALLBACK_INTENT
from bot.domain.requests import is_request
from bot.rasa_ext.intent_classifier import INTENT_RANKING

# A language is in every message, and a number says nothing of what it counts; any other entity is something that was
# understood.
_TELL_NOTHING = frozenset({"language", "number"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtClassifier(GraphComponent):
    """Stands after the classifier and the extractors, before the emergency guard."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"threshold": 0.12, "surer": {}, "close": 0.05}

    def __init__(self, config: dict[str, Any]) -> None:
        self._threshold = float(config["threshold"])
        self._close = float(config["close"])
        self._surer = {intent: float(limit) for intent, limit in config["surer"].items()}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DoubtClassifier:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            intent = message.get(INTENT) or {}
            if self._is_doubtful(intent, message.get(ENTITIES) or []):
                doubt = {"name": FALLBACK_INTENT, "confidence": 1.0 - (intent.get("confidence") or 0.0)}
                message.set(INTENT, doubt, add_to_output=True)
                message.set(INTENT_RANKING, [doubt, *(message.get(INTENT_RANKING) or [])], add_to_output=True)
            elif not message.get(ALSO_ASKED) and (between := self._between(message.get(INTENT_RANKING) or [])):
                message.set(BETWEEN, between, add_to_output=True)
        return messages

    def _between(self, ranking: list[dict[str, Any]]) -> list[str]:
        """The two requests that the message may equally be; none when one is likelier."""
        if len(ranking) == 1 or ranking[0]["confidence"] - ranking[1]["confidence"] >= self._close:
            return []
        names = [ranked["name"] for ranked in ranking[:2]]
        return names if all(is_request(name) for name in names) else []

    def _is_doubtful(self, intent: dict[str, Any], entities: list[dict[str, Any]]) -> bool:
        name, confidence = intent.get("name"), intent.get("confidence") or 0.0
        if name is None or confidence < self._threshold:
            return True
        is_about_something = any(entity["entity"] not in _TELL_NOTHING for entity in entities)
        return confidence < self._surer.get(name, 0.0) and not is_about_something
