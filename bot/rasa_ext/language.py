"""In which of our languages a message is written, and the language of the conversation that follows from it.

The words tell (`language_model.py`); the conversation's language is the prior. A word that tells nothing ("ok", "RAMQ",
"Montréal", "J1H") changes nothing, and neither does a message that mixes it with another language ("I need to déplacer
mon rendez-vous"). Whoever asks for a language by its name gets it at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.language_files import Asking
from bot.i18n.languages import FRENCH, LANGUAGES, about, known
from bot.rasa_ext.language_model import CODES, LanguageModel, Weighed, examples_in
from bot.rasa_ext.speller import fold

LANGUAGE = "language"
# Our own messages: the folder of each is its language, which Rasa's training data no longer says.
EXAMPLES = Path(__file__).resolve().parents[2] / "nlu_data" / "nlu"
_TABLES = "language.npz"
# Of mixed messages: how much the words of the conversation's language may tell, for each that those of another tell.
_MIXED = 0.33
# A word that tells less than this between two languages is of neither; "d", "k", "x" tell half.
_TELLING = 1.0
_ONE_LETTER = 0.5
# How languages are named when someone asks for one, in any of them and without accents.
_NAMES = {code: "|".join(map(re.escape, about(code).called)) for code in LANGUAGES}
_NAMED = {code: re.compile(rf"\b(?:{names})\b") for code, names in _NAMES.items()}


def _asking(part: Callable[[Asking], str]) -> str:
    """The expressions of every language for one part of the request, since people mix them."""
    return "|".join(filter(None, (part(about(code).asking) for code in LANGUAGES)))


# "français, pas l'anglais", "not in English".
_REFUSED = re.compile(
    rf"""\b(?:{_asking(lambda said: said.refusal)})\s(?:(?:{_asking(lambda said: said.after_not)})\s?)*$""", re.VERBOSE
)
_PLEASE = rf"(?:[\s,.!?¿¡]|{_asking(lambda said: said.please)})*"
_ASKS = rf"(?:{_asking(lambda said: said.may_we)})\s(?:{_asking(lambda said: said.after_may_we)})?"
_SPEAK = rf"(?:{_asking(lambda said: said.speak)})(?:\s(?:{_asking(lambda said: said.after_speak)}))*\s"
# The whole message asks for a language and nothing else: "English please", "on peut parler espagnol ?".
_ASKED = re.compile(
    rf"{_PLEASE}(?:(?:{_ASKS})?(?:{_SPEAK}))?(?:{_asking(lambda said: said.into)})?"
    rf"(?:{'|'.join(_NAMES.values())}){_PLEASE}",
    re.VERBOSE,
)


def decide(heard: Sequence[tuple[str, Weighed]], current: str | None, margin: float) -> str:
    """The conversation's language after a message.

    Another one only when it is likelier by `margin` (natural log) and the words of the current one tell little beside
    it.
    """
    weights = [_ONE_LETTER if len(word) == 1 else 1.0 for word, _ in heard]
    sums = [sum(w * told[i] for w, (_, told) in zip(weights, heard, strict=True)) for i in range(len(CODES))]
    best = min(range(len(CODES)), key=sums.__getitem__)
    if current is None:
        return CODES[best] if any(sums) else FRENCH
    now = CODES.index(current)
    tells = [w * (told[now] - told[best]) for w, (_, told) in zip(weights, heard, strict=True)]
    ours, theirs = -sum(t for t in tells if t < -_TELLING), sum(t for t in tells if t > _TELLING)
    is_likelier = sums[now] - sums[best] >= margin
    return CODES[best] if is_likelier and ours <= _MIXED * theirs else current


def named_language(text: str) -> str | None:
    """The one language that a request to change names: the last named, and not with a "no" before it, if it can be."""
    folded = fold(text)
    found = [(named, code) for code, pattern in _NAMED.items() for named in pattern.finditer(folded)]
    wanted = [(named, code) for named, code in found if not _REFUSED.search(folded[: named.start()])]
    return max(((named.end(), code) for named, code in wanted or found), default=(0, None))[1]


def asks_for_language(text: str) -> bool:
    """Whether the text asks for one of our languages and nothing else, however it was classified."""
    return bool(_ASKED.fullmatch(fold(text.replace("’", "'")).strip()))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Adds the entity `language`. Stands after the intent classifier, which tells a request to change language."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"margin": 1.0}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._margin = float(config["margin"])
        self._storage = storage
        self._resource = resource
        self.model = LanguageModel({}, {})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        self.model = LanguageModel.learn(examples_in(EXAMPLES))
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder / _TABLES)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        detector = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            detector.model = LanguageModel.load(folder / _TABLES)
        return detector

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            current = known((message.get("metadata") or {}).get("language"))
            announced = self._announced(message, text)
            entity = {
                "entity": LANGUAGE,
                "value": announced or decide(self.model.hear(text), current, self._margin),
                "is_announced": announced is not None,
                "start": 0,
                "end": len(text),
                "extractor": "LanguageDetector",
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    def _announced(self, message: Message, text: str) -> str | None:
        is_request = (message.get(INTENT) or {}).get("name") == "set_language"
        return named_language(text) if is_request or asks_for_language(text) else None
