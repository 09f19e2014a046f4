"""Rasa's responses in the person's language, from the gettext catalogues (endpoints.yml, `nlg: type:`).

Rasa builds this before the model is loaded and gives it the domain's responses afterwards, which it does only for a
subclass of its own templated generator.
"""

from __future__ import annotations

import copy
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.i18n.catalogue import default_catalogue
from bot.i18n.languages import FRENCH, known


class CatalogueGenerator(TemplatedNaturalLanguageGenerator):
    """Translates text and button titles before Rasa fills their placeholders."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        self._catalogue = default_catalogue()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        slots = tracker.current_slot_values()
        response = copy.deepcopy(self._random_response_for(utter_action, output_channel, slots))
        if response is None:
            return None
        return self._fill_response(self._in_language(utter_action, response, language_of(tracker)), slots, **kwargs)

    def _in_language(self, name: str, response: dict[str, Any], language: str) -> dict[str, Any]:
        if response.get("text"):
            response["text"] = self._catalogue.translate(name, response["text"], language)
        for button in response.get("buttons") or ():
            button["title"] = self._catalogue.translate(f"{name}.button", button["title"], language)
        return response


def language_of(tracker: DialogueStateTracker) -> str:
    """The slot, else what the gateway said of the conversation, else French."""
    metadata = (tracker.latest_message.metadata if tracker.latest_message else None) or {}
    return known(tracker.get_slot("language")) or known(metadata.get("language")) or FRENCH
