"""Statuses, services, papers and numbers in a message: the entities `status`, `service`, `paper` and `number`.

Forms are those of `bot/knowledge/words.yml`: the message's language first, the two others for what is left. Messages
and forms are cut alike (`bot.knowledge.words.cut`), so that spaCy's rules for each language have nothing to add:
its French ones alone would cost four seconds and 36 MB at the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from bot.i18n.languages import FRENCH, LANGUAGES, known
from bot.knowledge.words import Form, Piece, Words, cut, words
from bot.rasa_ext.language import LANGUAGE
from bot.rasa_ext.numbers import in_digits, in_words, is_of_own_language_only, number_words

STATUS = "status"
NUMBER = "number"
# Stands for every word of no form: spaCy keeps each word it is shown, and people's words are not to pile up.
_OTHER = "-"
_SENTENCE_END = re.compile(r"[.!?;,:\n]")
# How far back it is looked for whose status it is.
_REACH = 8


@dataclass(frozen=True)
class _Meaning:
    """`kind` is an entity; None for a lookalike, which takes its place and says nothing."""

    kind: str | None
    value: Any
    form: Form


class WordFinder:
    """Finds the longest forms first, without overlap; built once."""

    def __init__(self, found: Words) -> None:
        self._whose = found.whose
        self._vocab = Vocab()
        self._meanings = {language: dict(_meanings(found, language)) for language in LANGUAGES}
        self._known = {word for forms in self._meanings.values() for written in forms for word in written.split()}
        self._matchers = {language: PhraseMatcher(self._vocab) for language in LANGUAGES}
        for language, matcher in self._matchers.items():
            matcher.add("form", [Doc(self._vocab, words=written.split()) for written in self._meanings[language]])

    def find(self, text: str, language: str) -> list[dict[str, Any]]:
        """Entities, in the order they are written."""
        pieces = cut(text)
        if not pieces:
            return []
        document = Doc(self._vocab, words=[piece.text if piece.text in self._known else _OTHER for piece in pieces])
        # In a message all in capitals, capitals tell nothing.
        is_shouted = text.isupper() and len(pieces) > 1
        taken: set[int] = set()
        entities = []
        for spoken in (language, *(other for other in LANGUAGES if other != language)):
            spans = []
            meanings = {}
            for _, start, end in self._matchers[spoken](document):
                meaning = self._meanings[spoken][" ".join(piece.text for piece in pieces[start:end])]
                written = text[pieces[start].start : pieces[end - 1].end]
                counts = _counts(meaning.form, spoken == language, written.isupper() and not is_shouted)
                if counts and taken.isdisjoint(range(start, end)):
                    spans.append(document[start:end])
                    meanings[start, end] = meaning
            for span in filter_spans(spans):
                meaning = meanings[span.start, span.end]
                entity = self._entity(text, pieces, span.start, span.end, meaning)
                if entity is not None:
                    entities.append(entity)
                if entity is not None or meaning.kind is None:
                    taken.update(range(span.start, span.end))
        entities += _in_digits(text, pieces, taken)
        return sorted(entities, key=lambda entity: entity["start"])

    def _entity(
        self, text: str, pieces: Sequence[Piece], start: int, end: int, meaning: _Meaning
    ) -> dict[str, Any] | None:
        if meaning.kind is None:
            return None
        if meaning.kind == NUMBER:
            number = in_words(pieces, start, end, meaning.value)
            return _number(number.value, number.start, number.end, number.unit) if number else None
        entity = {
            "entity": meaning.kind,
            "value": meaning.value,
            "start": pieces[start].start,
            "end": pieces[end - 1].end,
        }
        return entity | {"is_own": self._is_own(text, pieces, start, end)} if meaning.kind == STATUS else entity

    def _is_own(self, text: str, pieces: Sequence[Piece], start: int, end: int) -> bool:
        """Whether a status is told as the person's own: not another's, not denied, not hoped for."""
        if any(piece.text in self._whose.within for piece in pieces[start:end]):
            return start == 0 or pieces[start - 1].text not in self._whose.denied
        for at in range(start - 1, max(-1, start - 1 - _REACH), -1):
            if _SENTENCE_END.search(text, pieces[at].end, pieces[at + 1].start):
                return True
            word = pieces[at].text
            if word in self._whose.denied or word in self._whose.others:
                return False
            if word in self._whose.mine:
                return at == 0 or pieces[at - 1].text not in self._whose.denied
        return True


def _meanings(found: Words, language: str) -> Iterator[tuple[str, _Meaning]]:
    """Every form of a language; what is a word of ours is no number."""
    for said, value in number_words(language).items():
        yield said, _Meaning(NUMBER, value, Form(said, is_foreign=not is_of_own_language_only(said)))
    for form in found.lookalikes[language]:
        yield form.words, _Meaning(None, None, form)
    for word in found.words:
        for form in word.forms[language]:
            yield form.words, _Meaning(word.kind, word.id, form)


def _counts(form: Form, is_own_language: bool, is_in_capitals: bool) -> bool:
    if not is_own_language and not form.is_foreign:
        return False
    if form.capitals == "never" or (form.capitals == "elsewhere" and is_own_language):
        return True
    return is_in_capitals


def _in_digits(text: str, pieces: Sequence[Piece], taken: set[int]) -> Iterator[dict[str, Any]]:
    held = [(pieces[at].start, pieces[at].end) for at in taken]
    for number in in_digits(text, pieces):
        if all(number.end <= start or end <= number.start for start, end in held):
            yield _number(number.value, number.start, number.end, number.unit)


def _number(value: float, start: int, end: int, unit: str | None) -> dict[str, Any]:
    entity = {"entity": NUMBER, "value": int(value) if value == int(value) else value, "start": start, "end": end}
    return entity | {"unit": unit} if unit else entity


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WordExtractor(GraphComponent):
    """Stands after LanguageDetector, whose entity says in which language to look first."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    def __init__(self) -> None:
        self._finder = WordFinder(words())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WordExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            entities = message.get(ENTITIES, [])
            spoken = next((entity["value"] for entity in entities if entity["entity"] == LANGUAGE), None)
            found = self._finder.find(message.get(TEXT) or "", known(spoken) or FRENCH)
            named = [entity | {"extractor": "WordExtractor"} for entity in found]
            message.set(ENTITIES, [*entities, *named], add_to_output=True)
        return messages
