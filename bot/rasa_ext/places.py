"""Places of Québec in a message: the entity `region`, or `ambiguous_place` when what is written could be several."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from bot.knowledge.places import Place, places
from bot.rasa_ext.speller import fold

REGION = "region"
AMBIGUOUS_PLACE = "ambiguous_place"
_NOT_WORD = re.compile(r"[^\w]+")
_POSTAL_CODE = re.compile(r"\b([a-z]\d[a-z])(\d[a-z]\d)\b")
_POSTAL_PREFIX = re.compile(r"[a-z]\d[a-z]")
# "H2*": every prefix that begins so.
_EVERY = "*"


def plain(text: str) -> str:
    """Folded, words only, a glued postal code cut in two: how variants are compared."""
    return _NOT_WORD.sub(" ", _POSTAL_CODE.sub(r"\1 \2", fold(text))).strip()


class PlaceFinder:
    """Finds the longest names first; overlapping shorter ones are left out."""

    def __init__(self) -> None:
        self._tokenizer = spacy.blank("xx").tokenizer
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._areas: dict[str, Place] = {}
        self._asks_first: set[str] = set()
        for place in places():
            if place.name.endswith(_EVERY):
                self._areas[plain(place.name.removesuffix(_EVERY))] = place
                continue
            for variant in (place.name, *place.variants):
                written = plain(variant)
                if place not in self._places[written]:
                    self._places[written].append(place)
            self._asks_first |= {plain(variant) for variant in place.asks_first}
        self._matcher = PhraseMatcher(self._tokenizer.vocab)
        self._matcher.add("place", [self._tokenizer(written) for written in self._places])

    def find(self, text: str) -> list[dict[str, Any]]:
        """Entities, in the order they are written. `place` is the official name."""
        document = self._tokenizer(plain(text))
        named = [document[start:end] for _, start, end in self._matcher(document)]
        coded = [document[i : i + 1] for i, token in enumerate(document) if self._area(token.text)]
        spans = filter_spans([*named, *coded])
        return [self._entity(span.text) for span in sorted(spans, key=lambda span: span.start)]

    def _area(self, written: str) -> Place | None:
        """The city of a postal prefix that is known by its first two characters."""
        return self._areas.get(written[:2]) if _POSTAL_PREFIX.fullmatch(written) else None

    def _entity(self, written: str) -> dict[str, Any]:
        if written not in self._places and (area := self._area(written)):
            return {"entity": REGION, "value": area.region, "place": written.upper()}
        named = self._places[written]
        regions = sorted({place.region for place in named})
        if len(regions) == 1 and written not in self._asks_first:
            return {"entity": REGION, "value": regions[0], "place": named[0].name}
        return {"entity": AMBIGUOUS_PLACE, "value": written, "regions": regions}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlaceExtractor(GraphComponent):
    """Only the first place counts as the person's region."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    def __init__(self) -> None:
        self._finder = PlaceFinder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = self._finder.find(text)[:1]
            entities = [{**entity, "start": 0, "end": len(text), "extractor": "PlaceExtractor"} for entity in found]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
