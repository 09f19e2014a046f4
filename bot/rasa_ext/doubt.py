"""When not to believe the classifier: `nlu_fallback`, below a limit of confidence.

Rasa's FallbackClassifier has one limit; here a message that names something of ours (a place, a status) needs less.
Where two requests are close the intent stays the first, and the person is asked which (`BETWEEN`).
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
        return {
            # How sure the classifier must be of its first.
            "threshold": 0.35,
            # And when the message names something of ours as well: a place, a status, a paper.
            "threshold_with_entity": 0.2,
            # Two requests less than this apart: the person is asked which.
            "close": 0.2,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        self._threshold = float(config["threshold"])
        self._threshold_with_entity = float(config["threshold_with_entity"])
        self._close = float(config["close"])

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
        is_about_something = any(entity["entity"] not in _TELL_NOTHING for entity in entities)
        limit = self._threshold_with_entity if is_about_something else self._threshold
        return intent.get("name") is None or (intent.get("confidence") or 0.0) < limit
