"""The emergency guard in Rasa's pipeline: what it hears wins over the classifier."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.contract import EMERGENCY_INTENT, MAYBE_DANGER
from bot.knowledge.emergency import emergency_guard
from bot.rasa_ext.intent_classifier import DANGER, INTENT_RANKING


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EmergencyGuardClassifier(GraphComponent):
    """Stands last among the classifiers, after the fallback: nothing may overrule it.

    From `sure` on, the classifier's second opinion is believed too (DANGER, trained on danger or not), even where it
    holds another intent likelier or the fallback refused the message. From `doubt` on the message is answered as it
    is, and the numbers are given after it (MAYBE_DANGER): a danger missed costs more than numbers given for nothing.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"sure": 0.7, "doubt": 0.25}

    def __init__(self, config: dict[str, Any]) -> None:
        self._sure, self._doubt = float(config["sure"]), float(config["doubt"])
        self._guard = emergency_guard()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EmergencyGuardClassifier:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = message.get(INTENT_RANKING) or []
            danger = message.get(DANGER) or 0.0
            if danger >= self._sure or self._guard.hears_danger(message.get(TEXT) or ""):
                heard = {"name": EMERGENCY_INTENT, "confidence": 1.0}
                others = [r for r in ranking if r["name"] != EMERGENCY_INTENT]
                message.set(INTENT, heard, add_to_output=True)
                message.set(INTENT_RANKING, [heard, *others], add_to_output=True)
            elif danger >= self._doubt:
                message.set(MAYBE_DANGER, True, add_to_output=True)
        return messages
