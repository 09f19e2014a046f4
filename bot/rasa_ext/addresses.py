"""A message that gives an e-mail address is about reminders: nothing in its words says so to a classifier."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.contract import ALSO_ASKED, BETWEEN
from bot.domain.email import gives_address
from bot.rasa_ext.intent_classifier import INTENT_RANKING

REMINDERS = "set_reminders"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AddressClassifier(GraphComponent):
    """Stands after doubt, before the emergency guard."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AddressClassifier:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if gives_address(message.get(TEXT) or ""):
                heard = {"name": REMINDERS, "confidence": 1.0}
                others = [r for r in message.get(INTENT_RANKING) or [] if r["name"] != REMINDERS]
                message.set(INTENT, heard, add_to_output=True)
                message.set(INTENT_RANKING, [heard, *others], add_to_output=True)
                for key in (ALSO_ASKED, BETWEEN):
                    if message.get(key):
                        message.set(key, None, add_to_output=True)
        return messages
