"""What a message wants, and whether it tells of a danger: logistic regression on `bot/rasa_ext/features.py`.

Measured against stock pipelines in three languages (docs/understanding.md). Rasa's own logistic regression has no C and
adds raw counts, which drown a dense vector of length 1 (`bot/rasa_ext/softmax.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.contract import ALSO_ASKED, EMERGENCY_INTENT
from bot.domain.requests import is_request, parts_of
from bot.rasa_ext.features import MessageFeatures
from bot.rasa_ext.softmax import SoftmaxWeights, fit_softmax

INTENT_RANKING = "intent_ranking"
DANGER = "danger"
"""Key of a parsed message: how likely it tells of a danger, 0 to 1 (`bot/rasa_ext/emergency_guard.py` decides)."""
IS_DANGER = "danger"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceIntentClassifier(IntentClassifier, GraphComponent):
    """Trained on the text of every example; keeps arrays and JSON, no pickle."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "C": 10.0,
            "iterations": 40,
            "min_df": 3,
            "ranking": 6,
            # How sure a part of a message must be for a second request to be heard in it.
            "part": 0.75,
            # How many times likelier an intent is than another one before anything is read.
            "likelier": {},
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._trained: _Trained | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples if e.get(TEXT)]
        texts: list[str] = [text for text, _ in examples]
        labels: list[str] = [intent for _, intent in examples]
        features = MessageFeatures.learn(texts, training_data.lookup_tables, self._config["min_df"])
        numbers = features.of(texts)
        settings = {"strength": self._config["C"], "iterations": self._config["iterations"]}
        intents = fit_softmax(*numbers, labels, **settings)
        dangers = [IS_DANGER if label == EMERGENCY_INTENT else "" for label in labels]
        self._trained = _Trained(features, intents, fit_softmax(*numbers, dangers, **settings))
        for intent, times in self._config["likelier"].items():
            intents.bias[intents.classes.index(intent)] += math.log(times)
        with self._storage.write_to(self._resource) as folder:
            self._trained.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceIntentClassifier:
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._trained = _Trained.load(folder)
        classifier.rank("warm")  # reads the encoder's weights now, not at the first person's message
        return classifier

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            ranking, danger = self.rank(text)
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
            message.set(DANGER, danger, add_to_output=True)
            if also := self._also_asked(text, ranking):
                message.set(ALSO_ASKED, also, add_to_output=True)
        return messages

    def _also_asked(self, text: str, ranking: list[dict[str, Any]]) -> str | None:
        """The request beside the likeliest one, where a part of the message makes one of its own.

        The likeliest intent of the whole message stays its intent: going by the first part instead cost six points on
        long stories, whose first sentence seldom holds the request.
        """
        parts = parts_of(text)
        if len(parts) == 1 or not ranking:
            return None
        assert self._trained is not None
        likely = self._trained.intents.likelihoods(*self._trained.features.of(parts))
        classes = self._trained.intents.classes
        sure = [classes[row.argmax()] for row in likely if row.max() >= self._config["part"]]
        asked = [intent for intent in sure if is_request(intent)]
        return next((intent for intent in asked if intent != ranking[0]["name"]), None)

    def rank(self, text: str) -> tuple[list[dict[str, Any]], float]:
        """The likeliest intents, best first, as Rasa writes them (they add up to 1 over all); how likely a danger."""
        if not text.strip() or self._trained is None:
            return [], 0.0
        numbers = self._trained.features.of([text])
        likely = self._trained.intents.likelihoods(*numbers)[0]
        dangers = dict(zip(self._trained.danger.classes, self._trained.danger.likelihoods(*numbers)[0], strict=True))
        best = np.argsort(likely)[::-1][: self._config["ranking"]]
        classes = self._trained.intents.classes
        return [{"name": classes[i], "confidence": float(likely[i])} for i in best], float(dangers.get(IS_DANGER, 0.0))


@dataclass(frozen=True)
class _Trained:
    features: MessageFeatures
    intents: SoftmaxWeights
    danger: SoftmaxWeights

    def save(self, folder: Path) -> None:
        self.features.save(folder)
        self.intents.save(folder / "intents.npz")
        self.danger.save(folder / "danger.npz")

    @classmethod
    def load(cls, folder: Path) -> _Trained:
        weights = [SoftmaxWeights.load(folder / name) for name in ("intents.npz", "danger.npz")]
        return cls(MessageFeatures.load(folder), *weights)
