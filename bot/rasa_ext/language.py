"""In which of our languages a message is written, and the language of the conversation that follows from it.

Naive Bayes over the words of each language (wordfreq's small lists; an accent-folded alias counts half), measured
better than four general detectors on three languages and short texts. The conversation's language is the prior: a
word that tells nothing ("ok", "RAMQ", "Montréal", "J1H") changes nothing, and neither does a message that mixes it
with another language ("I need to déplacer mon rendez-vous").
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from wordfreq import get_frequency_dict

from bot.i18n.languages import FRENCH, LANGUAGES, known
from bot.knowledge.places import places
from bot.rasa_ext.speller import fold

LANGUAGE = "language"
# Whole words of letters only: "J1H" and "14h" are no words.
_WORD = re.compile(r"\b[^\W\d_]+\b")
_UNSEEN = 1e-8
_FOLDED_ALIAS = 0.5
# A word tells its language when it is so much likelier there than in any other (natural log: ten times).
_TELLING = 2.3
# Of mixed messages: so many words of another language for each one of the conversation's.
_OUTNUMBERED = 3
_ACRONYM_LENGTH = range(2, 6)
# Names that newcomers use in all three languages: they tell nothing of the language.
_NEUTRAL_NAMES = """
ok, okay, no, stop, email, internet, telegram, wifi, hotel, taxi, metro, bus, bank, visa, covid, canada, toronto, ottawa
ramq, nas, saaq, csq, caq, crrc, clsc, cpe, mifi, aai, praida, pfsi, arrima, carte opus, carte soleil
bail, garderie, permis, passeport, rendez-vous, aide sociale, allocation famille, caisse populaire, classe d'accueil
demandeur d'asile, emploi-québec, revenu québec, service canada, services québec, francisation, francisation québec
accompagnement, accompagnement québec, objectif, intégration, objectif intégration, carte, soleil
"""
# Borrowed everywhere, yet whoever opens with one writes in its language: frequencies alone leave them undecided.
_OPENERS = {"hello": "en", "hey": "en", "pls": "en", "ty": "en", "slt": "fr", "bjr": "fr", "grax": "es", "sip": "es"}
_OPENER_WEIGHT = 4.0
# How languages are named when someone asks for one, in the three languages and without accents.
_NAMED = {
    "fr": re.compile(r"\b(francais|french|frances|fransais|francai|francez)\b"),
    "en": re.compile(r"\b(anglais|english|ingles|anglai|inglish|inglis|englich)\b"),
    "es": re.compile(r"\b(espagnol|spanish|espanol|espagnole|castellano|castillan|espaniol|spagnol)\b"),
}


@dataclass(frozen=True)
class Heard:
    """Log-likelihood per language, and how many words tell each; all zero when no word tells anything."""

    scores: dict[str, float]
    telling: dict[str, int]


class LanguageModel:
    """How likely words are in each language. Names of places and of offices are left out."""

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
        self._neutral = _by_first_word(
            [name for place in places() for name in (place.name, *place.variants)] + re.split(r"[,\n]", _NEUTRAL_NAMES)
        )

    def hear(self, text: str) -> Heard:
        scores, telling = dict.fromkeys(LANGUAGES, 0.0), dict.fromkeys(LANGUAGES, 0)
        for word in self._words_that_count(text):
            found = {language: words.get(word, 0.0) for language, words in self._words.items()}
            opened = _OPENERS.get(word)
            if not opened and not any(found.values()):
                continue
            likely = {language: math.log(frequency + _UNSEEN) for language, frequency in found.items()}
            if opened:
                likely[opened] = max(likely.values()) + _OPENER_WEIGHT
            second, best = sorted(likely, key=likely.__getitem__)[-2:]
            if likely[best] - likely[second] >= _TELLING:
                telling[best] += 1
            for language, value in likely.items():
                scores[language] += value
        return Heard(scores, telling)

    def _words_that_count(self, text: str) -> Iterator[str]:
        words = _WORD.findall(text)
        folded = [fold(word) for word in words]
        is_shouted = text.isupper()
        i = 0
        while i < len(words):
            names = self._neutral.get(folded[i], ())
            skipped = next((len(name) for name in names if folded[i : i + len(name)] == name), 0)
            word = words[i]
            is_acronym = word.isupper() and len(word) in _ACRONYM_LENGTH and not is_shouted
            # The social insurance number in English; "without" in Spanish.
            if not skipped and not is_acronym and word != "SIN":
                yield word.lower()
            i += skipped or 1


def _by_first_word(names: Iterable[str]) -> dict[str, list[list[str]]]:
    """The words of each name, longest names first."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for words in sorted((_WORD.findall(fold(name)) for name in names), key=len, reverse=True):
        if words and words not in found[words[0]]:
            found[words[0]].append(words)
    return dict(found)


def decide(heard: Heard, current: str | None, margin: float) -> str:
    """The conversation's language after a message.

    Another one only when it is likelier by `margin` (natural log) and the words of the current one are few beside it.
    """
    best = max(heard.scores, key=heard.scores.__getitem__)
    if current is None:
        return best if any(heard.scores.values()) else FRENCH
    is_likelier = heard.scores[best] - heard.scores[current] >= margin
    is_mixed = heard.telling[current] * _OUTNUMBERED > heard.telling[best]
    return best if is_likelier and not is_mixed else current


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
                "value": announced or decide(self._model.hear(text), current, self._margin),
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
