"""One turn as an action sees it: what was said and asked, and how to answer in the person's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.contract import CUSTOM, EMERGENCY_INTENT, FALLBACK_INTENT
from bot.domain.messages import Choice, File, Link
from bot.i18n.catalogue import Catalogue
from bot.i18n.languages import FRENCH, known
from bot.i18n.spoken import in_grammar_words
from bot.services import Services
from bot.services.reminders import ANSWER_ENTITY
from bot.services.waiting_list import OFFER_ENTITY
from bot.settings import Settings

Events = list[dict[str, Any]]

# What is never an answer, whatever else the words could mean ("je vais me tuer ce soir" names a day).
NEVER_ANSWERS = frozenset({EMERGENCY_INTENT, "stop"})
# What a person may mean as an answer to a question, rather than as a question of their own.
ANSWER_INTENTS = frozenset({"inform", "affirm", "deny", FALLBACK_INTENT})


@dataclass(frozen=True)
class Desk:
    """What every action is given."""

    services: Services
    catalogue: Catalogue
    settings: Settings


class Turn:
    """Reads the tracker, speaks through the dispatcher."""

    def __init__(self, desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._tracker = tracker
        latest = tracker.latest_message or {}
        self.conversation_id: str = tracker.sender_id
        self.text: str = latest.get("text") or ""
        self.intent: str = (latest.get("intent") or {}).get("name") or ""
        self.confidence: float = (latest.get("intent") or {}).get("confidence") or 0.0
        self._latest: dict[str, Any] = latest
        self._entities: list[dict[str, Any]] = latest.get("entities") or []
        self._metadata: dict[str, Any] = latest.get("metadata") or {}

    @property
    def services(self) -> Services:
        return self._desk.services

    @property
    def answers_notice(self) -> bool:
        """Whether it is a button under what the system said by itself (freed time, reminder): no answer to a form."""
        return any(self.entity(name) for name in (OFFER_ENTITY, ANSWER_ENTITY))

    @property
    def language(self) -> str:
        return known(self.slot("language")) or known(self._metadata.get("language")) or FRENCH

    @property
    def text_for_grammars(self) -> str:
        """The text with its words of time in words that `bot/domain` reads."""
        return in_grammar_words(self.text, self.language)

    @property
    def timezone(self) -> ZoneInfo | None:
        """The person's own zone, when their channel says it."""
        try:
            return ZoneInfo(self._metadata["timezone"]) if self._metadata.get("timezone") else None
        except (ZoneInfoNotFoundError, ValueError):
            return None

    @property
    def ranking(self) -> list[str]:
        """The intents that the message may have, likeliest first."""
        return [ranked["name"] for ranked in self._latest.get("intent_ranking") or () if ranked.get("name")]

    def parsed(self, key: str) -> Any:
        """What the pipeline added to the message under a key of its own (`bot/contract.py`)."""
        return self._latest.get(key)

    @property
    def asked(self) -> str | None:
        """The slot that the form asked for."""
        return self._tracker.get_slot("requested_slot")

    @property
    def is_in_form(self) -> bool:
        return bool((self._tracker.active_loop or {}).get("name"))

    @property
    def form(self) -> str | None:
        """The form that is open."""
        return (self._tracker.active_loop or {}).get("name")

    @property
    def is_choice(self) -> bool:
        """Whether a button was taken."""
        return self.text.startswith("/")

    def slot(self, name: str) -> Any:
        return self._tracker.get_slot(name)

    def entity(self, name: str) -> Any:
        """The value of the first entity of this name, from the text or the button."""
        found = self.entity_details(name)
        return found["value"] if found else None

    def entity_details(self, name: str) -> dict[str, Any] | None:
        return next(iter(self.all_details(name)), None)

    def all_details(self, name: str) -> list[dict[str, Any]]:
        """Every entity of this name, in the order they are written."""
        return [entity for entity in self._entities if entity.get("entity") == name]

    def previous_action(self) -> str | None:
        """What answered the message before this one: the last action that spoke."""
        spoken = [e["name"] for e in self._tracker.events if e.get("event") == "action"]
        named = [name for name in spoken if name not in ("action_listen", "action_extract_slots") and name]
        return named[-1] if named else None

    def sentence(self, name: str, /, **values: object) -> str:
        return self._desk.catalogue.say(name, self.language, values)

    def translate(self, name: str, french: str) -> str:
        """A sentence of the knowledge, in the person's language."""
        return self._desk.catalogue.translate(name, french, self.language)

    def choice(self, name: str, payload: str, /, **values: object) -> Choice:
        """A button whose title is a sentence of the catalogue."""
        return Choice(self.sentence(name, **values), payload)

    def say(
        self,
        name: str,
        /,
        *,
        choices: Iterable[Choice] | None = None,
        links: Iterable[Link] = (),
        files: Iterable[File] = (),
        topic: str | None = None,
        **values: object,
    ) -> None:
        """Says a response of the domain. `choices` come after its own buttons; `values` fill its placeholders."""
        extra: dict[str, Any] = dict(values)
        if choices is not None:
            extra["buttons"] = _buttons(choices)
        self._dispatcher.utter_message(response=name, json_message=_custom(links, files, topic), **extra)

    def say_text(
        self,
        text: str,
        *,
        choices: Iterable[Choice] = (),
        links: Iterable[Link] = (),
        topic: str | None = None,
    ) -> None:
        """Says a text put together from sentences of the catalogue."""
        self._dispatcher.utter_message(text=text, buttons=_buttons(choices), json_message=_custom(links, (), topic))


def _buttons(choices: Iterable[Choice]) -> list[dict[str, str]]:
    return [{"title": choice.title, "payload": choice.payload} for choice in choices]


def _custom(links: Iterable[Link], files: Iterable[File], topic: str | None) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if links := tuple(links):
        extra["links"] = [{"title": link.title, "url": link.url} for link in links]
    if files := tuple(files):
        extra["files"] = [{"name": file.name, "url": file.url, "mime": file.mime} for file in files]
    if topic:
        extra["topic"] = topic
    return {CUSTOM: extra} if extra else {}


class DeskAction(Action):
    """An action with the services at hand. Subclasses set `action` and write `answer`."""

    action = ""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.services = desk.services

    def name(self) -> str:
        return self.action

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        return await self.answer(Turn(self.desk, dispatcher, tracker))

    async def answer(self, turn: Turn) -> Events:
        raise NotImplementedError(self.action)
