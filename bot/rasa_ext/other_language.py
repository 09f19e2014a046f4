"""A message in a language that the assistant does not speak: the policy then answers with what exists for it.

It adds a key of its own and leaves the intent alone, so that a danger that the guard hears in it still wins.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.contract import OTHER_LANGUAGE
from bot.i18n.languages import known
from bot.rasa_ext.foreign_words import ForeignWords, by_script
from bot.rasa_ext.language import LANGUAGE

_WEIGHTS = "foreign_words.json"
# "salam alaikum", "mèsi anpil": a greeting in one's own language is a greeting, and is answered as one.
_SMALL_TALK = frozenset({"greet", "goodbye", "thanks"})
_SHORT = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class OtherLanguageDetector(GraphComponent):
    """Stands after LanguageDetector: in Portuguese the conversation stays as it was, rather than turn to Spanish."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        self._storage = storage
        self._resource = resource
        self.words = ForeignWords({})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherLanguageDetector:
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        self.words = ForeignWords.learn(e.get(TEXT) for e in training_data.intent_examples if e.get(TEXT))
        with self._storage.write_to(self._resource) as folder:
            self.words.save(folder / _WEIGHTS)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OtherLanguageDetector:
        detector = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            detector.words = ForeignWords.load(folder / _WEIGHTS)
        return detector

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            entities = message.get(ENTITIES, [])
            if any(entity.get("is_announced") for entity in entities):
                continue
            is_small_talk = (message.get(INTENT) or {}).get("name") in _SMALL_TALK
            text = message.get(TEXT) or ""
            other = by_script(text)
            if other is None and not (is_small_talk and len(text.split()) <= _SHORT):
                other = self.words.language_of(text)
            if other is None:
                continue
            message.set(OTHER_LANGUAGE, other, add_to_output=True)
            current = known((message.get("metadata") or {}).get("language"))
            kept = [e | {"value": current} if current and e["entity"] == LANGUAGE else e for e in entities]
            message.set(ENTITIES, kept, add_to_output=True)
        return messages
