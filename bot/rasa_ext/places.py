"""Places of Québec in a message: the entity `region`, or `ambiguous_place` when what is written could be several.

Exact ways to write them first (`places.csv`), then slips (`place_slips.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from bot.knowledge.places import PLACES, Place, places
from bot.knowledge.words import WORDS, words
from bot.rasa_ext import place_slips, sound
from bot.rasa_ext.place_slips import PlaceSlips, Slip
from bot.rasa_ext.speller import fold

REGION = "region"
AMBIGUOUS_PLACE = "ambiguous_place"
_NOT_WORD = re.compile(r"[^\w]+")
_POSTAL_CODE = re.compile(r"\b([a-z]\d[a-z])(\d[a-z]\d)\b")
_POSTAL_PREFIX = re.compile(r"[a-z]\d[a-z]")
# "H2*": every prefix that begins so.
_EVERY = "*"
# Several words of more letters than this are a name, whatever else they could be.
_SURE_NAME = 9
# Like many words: "tremblent", "tremblaient".
_NEVER_MENDED = frozenset({"tremblant"})
_QUEBEC = "quebec"
_SLIPS = "slips.json"


def plain(text: str) -> str:
    """Folded, words only, a glued postal code cut in two: how variants are compared."""
    return _NOT_WORD.sub(" ", _POSTAL_CODE.sub(r"\1 \2", fold(text))).strip()


def our_words() -> set[str]:
    """The words of our own vocabulary, whatever the language."""
    forms = (form for word in words().words for forms in word.forms.values() for form in forms)
    return {piece for form in forms for piece in form.words.split()}


class PlaceFinder:
    """Finds the longest names first; overlapping shorter ones are left out. `slips` mends; without it nothing does."""

    def __init__(self, slips: PlaceSlips | None = None) -> None:
        self.slips = slips
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

    @property
    def mendable(self) -> list[str]:
        """The ways to write a place in which slips are mended.

        Not in a short one that could be another thing, or a person's name ("Mercier" in "mercie").
        """
        unsure = self._asks_first | _NEVER_MENDED
        return [
            written
            for written in self._places
            if written not in unsure or written == _QUEBEC or (" " in written and len(written) > _SURE_NAME)
        ]

    def find(self, text: str) -> list[dict[str, Any]]:
        """Entities, in the order they are written. `place` is the official name."""
        document = self._tokenizer(plain(text))
        named = [document[start:end] for _, start, end in self._matcher(document)]
        coded = [document[i : i + 1] for i, token in enumerate(document) if self._area(token.text)]
        spans = [(span.start, span.end) for span in filter_spans([*named, *coded])]
        found = {start: self._entity(document[start:end].text) for start, end in spans}
        for slip, entity in self._mended([token.text for token in document]):
            within = [(start, end) for start, end in spans if start < slip.end and slip.start < end]
            # Beside a place that is written well, only a longer name counts: "trois rivieres" in "trois riviere ouest".
            is_longer = within and all(slip.start <= start and end <= slip.end for start, end in within)
            if not spans or (is_longer and slip.end - slip.start > max(end - start for start, end in within)):
                found = {start: told for start, told in found.items() if not slip.start <= start < slip.end}
                found[slip.start] = entity
        return [found[start] for start in sorted(found)]

    def _mended(self, words: list[str]) -> Iterator[tuple[Slip, dict[str, Any]]]:
        """What is written with a slip and can mean places of one region only, or one ambiguous name."""
        for slip in self.slips.find(words) if self.slips else ():
            meant = sorted(map(self._entity, slip.forms), key=lambda entity: entity["entity"] == AMBIGUOUS_PLACE)
            if len({tuple(entity.get("regions") or [entity["value"]]) for entity in meant}) == 1:
                yield slip, meant[0]

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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PlaceExtractor(GraphComponent):
    """Only the first place counts as the person's region."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        self._finder = PlaceFinder()
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What is learnt comes from no training data: Rasa would not see these change."""
        sources = (PLACES, WORDS, Path(place_slips.__file__), Path(sound.__file__))
        return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        self._finder.slips = PlaceSlips.learn(self._finder.mendable, our_words())
        with self._storage.write_to(self._resource) as folder:
            self._finder.slips.save(folder / _SLIPS)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PlaceExtractor:
        extractor = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            extractor._finder.slips = PlaceSlips.load(folder / _SLIPS, extractor._finder.mendable)
        return extractor

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = self._finder.find(text)[:1]
            entities = [{**entity, "start": 0, "end": len(text), "extractor": "PlaceExtractor"} for entity in found]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
