"""In which of our languages a message is written, and the language of the conversation that follows from it.

Naive Bayes over the words of each language (wordfreq's small lists; an accent-folded alias counts half), measured
better than four general detectors on three languages and short texts. The conversation's language is the prior: a
word that tells nothing ("ok", "RAMQ", "Montréal") changes nothing.
"""

from __future__ import annotations

import math
import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from wordfreq import get_frequency_dict

from bot.i18n.languages import FRENCH, LANGUAGES, known
from bot.rasa_ext.speller import fold

LANGUAGE = "language"
_WORD = re.compile(r"[^\W\d_]+")
_UNSEEN = 1e-8
_FOLDED_ALIAS = 0.5
# Words that newcomers use in all three languages: they tell nothing of the language.
_NEUTRAL = frozenset(
    "ok okay oui yes si no non bonjour ramq nas saaq csq caq crrc clsc cpe mifi aai praida pfsi bail garderie arrima "
    "quebec montreal laval gatineau sherbrooke longueuil levis saguenay rimouski drummondville granby "
    "accompagnement objectif integration francisation carte soleil permis passeport visa email internet stop "
    "canada toronto ottawa telegram covid hotel taxi metro bus bank wifi".split()
) - {"oui", "yes", "si", "non", "bonjour"}
# How languages are named when someone asks for one, in the three languages and without accents.
_NAMED = {
    "fr": re.compile(r"\b(francais|french|frances|fransais|francai|francez)\b"),
    "en": re.compile(r"\b(anglais|english|ingles|anglai|inglish|inglis|englich)\b"),
    "es": re.compile(r"\b(espagnol|spanish|espanol|espagnole|castellano|castillan|espaniol|spagnol)\b"),
}


class LanguageModel:
    """Log-likelihood of words in each language."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, float]] = {}
        for language in LANGUAGES:
            words: dict[str, float] = {}
            for word, frequency in get_frequency_dict(language, "small").items():
                words[word] = words.get(word, 0.0) + frequency
                folded = fold(word)
                if folded != word:
                    words[folded] = words.get(folded, 0.0) + frequency * _FOLDED_ALIAS
            self._words[language] = words

    def scores(self, text: str) -> dict[str, float]:
        """Log-likelihood per language; all zero when no word tells."""
        scores = dict.fromkeys(LANGUAGES, 0.0)
        for word in _WORD.findall(text.lower()):
            if word in _NEUTRAL or fold(word) in _NEUTRAL:
                continue
            found = {language: words.get(word, 0.0) for language, words in self._words.items()}
            if any(found.values()):
                for language, frequency in found.items():
                    scores[language] += math.log(frequency + _UNSEEN)
        return scores


def decide(scores: dict[str, float], current: str | None, margin: float) -> str:
    """The conversation's language after a message: another one only when it is likelier by `margin` (natural log)."""
    best = max(scores, key=lambda language: scores[language])
    if current is None:
        return best if any(scores.values()) else FRENCH
    return best if scores[best] - scores[current] >= margin else current


def named_language(text: str) -> str | None:
    """The one language that a request to change names: the last named, "pas en anglais, en espagnol"."""
    folded = fold(text)
    ends = {language: found.end() for language, named in _NAMED.items() for found in named.finditer(folded)}
    return max(ends, key=lambda language: ends[language]) if ends else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Adds the entity `language`. Stands after the intent classifier, which tells a request to change language."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"margin": 2.5}

    def __init__(self, config: dict[str, Any]) -> None:
        self._margin = float(config["margin"])
        self._model = LanguageModel()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            current = known((message.get("metadata") or {}).get("language"))
            announced = self._announced(message, text)
            entity = {
                "entity": LANGUAGE,
                "value": announced or decide(self._model.scores(text), current, self._margin),
                "is_announced": announced is not None,
                "start": 0,
                "end": len(text),
                "extractor": "LanguageDetector",
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    def _announced(self, message: Message, text: str) -> str | None:
        if (message.get(INTENT) or {}).get("name") != "set_language":
            return None
        return named_language(text)
