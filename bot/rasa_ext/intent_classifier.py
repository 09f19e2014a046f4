"""What a message wants: sentence encoder and character tf-idf, a speller before both, into logistic regression.

Measured against stock pipelines in three languages: the encoder carries meaning across them, the characters and the
speller carry typing errors (docs/understanding.md). The vector of the text is averaged with that of its mended form;
Rasa's own logistic regression has no C and adds raw counts, which drown a dense vector of length 1
(`bot/rasa_ext/softmax.py`).
"""

from __future__ import annotations

import json
import math
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
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.rasa_ext.encoder import encode
from bot.rasa_ext.softmax import SoftmaxWeights, fit_softmax
from bot.rasa_ext.speller import Speller, fold

INTENT_RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceIntentClassifier(IntentClassifier, GraphComponent):
    """Trained on the text of every example; keeps arrays and JSON, no pickle."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "C": 10.0,
            "iterations": 40,
            "ngrams": [2, 5],
            "min_df": 3,
            "max_features": 20_000,
            "ranking": 10,
            # How many times likelier an intent is than another one before anything is read.
            "likelier": {},
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._speller = Speller({})
        self._vectorizer = self._new_vectorizer()
        self._weights: SoftmaxWeights | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceIntentClassifier:
        return cls(config, model_storage, resource)

    def _new_vectorizer(self, vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=tuple(self._config["ngrams"]),
            min_df=1 if vocabulary else self._config["min_df"],
            max_features=None if vocabulary else self._config["max_features"],
            sublinear_tf=True,
            vocabulary=vocabulary,
            dtype=np.float32,
        )

    def train(self, training_data: TrainingData) -> Resource:
        examples = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples if e.get(TEXT)]
        texts: list[str] = [text for text, _ in examples]
        labels: list[str] = [intent for _, intent in examples]
        self._speller = Speller.learn(texts)
        mended = [self._speller.mend(text) for text in texts]
        sparse = self._vectorizer.fit_transform(mended)
        self._weights = fit_softmax(
            _dense_features(texts, mended),
            sparse,
            labels,
            strength=self._config["C"],
            iterations=self._config["iterations"],
        )
        for intent, times in self._config["likelier"].items():
            self._weights.bias[self._weights.classes.index(intent)] += math.log(times)
        self._persist()
        return self._resource

    def _persist(self) -> None:
        weights = self._weights
        assert weights is not None
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                dense=weights.dense,
                sparse=weights.sparse,
                bias=weights.bias,
                idf=self._vectorizer.idf_.astype(np.float32),
            )
            known = {
                "intents": weights.classes,
                "vocabulary": {gram: int(column) for gram, column in self._vectorizer.vocabulary_.items()},
                "words": self._speller.weights,
            }
            (folder / "known.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

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
            known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                classifier._weights = SoftmaxWeights(
                    known["intents"], arrays["dense"], arrays["sparse"], arrays["bias"]
                )
                idf = arrays["idf"]
        classifier._speller = Speller(known["words"])
        classifier._vectorizer = classifier._new_vectorizer(known["vocabulary"])
        classifier._vectorizer.idf_ = idf
        encode(["warm"])  # reads the weights now, not at the first person's message
        return classifier

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self.rank(message.get(TEXT) or "")
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages

    def rank(self, text: str) -> list[dict[str, Any]]:
        """The likeliest intents, best first, as Rasa writes them: name and confidence, which add up to 1 over all."""
        if not text.strip() or self._weights is None:
            return []
        mended = [self._speller.mend(text)]
        likely = self._weights.likelihoods(_dense_features([text], mended), self._vectorizer.transform(mended))[0]
        best = np.argsort(likely)[::-1][: self._config["ranking"]]
        return [{"name": self._weights.classes[i], "confidence": float(likely[i])} for i in best]


def _dense_features(texts: list[str], mended: list[str]) -> np.ndarray:
    """The text's vector, averaged with that of its mended form where the speller changed a word."""
    vectors = encode(texts)
    changed = [i for i, (text, other) in enumerate(zip(texts, mended, strict=True)) if fold(text) != other]
    if changed:
        vectors[changed] = (vectors[changed] + encode([mended[i] for i in changed])) / 2
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)
