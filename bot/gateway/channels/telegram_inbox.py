"""What a person does on Telegram and what it means here. Called by telegram.py; it knows no Telegram library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.contract import button_payload
from bot.domain.conversations import Conversation
from bot.domain.messages import Author, Channel, Incoming, Reply
from bot.gateway.channels.telegram_format import button_place
from bot.gateway.channels.telegram_limits import Recent
from bot.gateway.limits import RateLimit
from bot.i18n.choices import language_choices
from bot.i18n.dates import say_number
from bot.i18n.languages import LANGUAGES, about
from bot.knowledge.emergency import hears_danger
from bot.knowledge.places import region_names
from bot.knowledge.positions import Position, nearest_place
from bot.wiring import Wiring

# In the menu under this name, in every language; the sentence `telegram.<name>` describes it.
COMMANDS = ("start", "langue", "help", "stop")
# What each language calls them: /aide, /ayuda, /idioma.
_SAME_AS: Mapping[str, str] = {own: name for code in LANGUAGES for name, own in about(code).telegram.items()}
_COMMAND = re.compile(r"/+\s*(\w*)")
_SLASHES = re.compile(r"^[\s/]+")


class Switchboard(Protocol):
    async def receive(self, incoming: Incoming) -> bool: ...

    async def greet(self, conversation: Conversation) -> None: ...

    async def say(self, conversation_id: str, name: str, **values: object) -> None: ...

    async def hear_refused(self, conversation_id: str, text: str) -> None: ...


@dataclass(frozen=True)
class Sender:
    """`chat` is the private chat with this person; `language` is what their Telegram is set to."""

    chat: int
    language: str | None


class Inbox:
    """Every method has put what it was given in the store when it returns."""

    def __init__(self, wiring: Wiring, switchboard: Switchboard) -> None:
        self._services = wiring.services
        self._catalogue = wiring.catalogue
        self._bell = wiring.bell
        self._switchboard = switchboard
        self._max_chars = wiring.settings.max_message_chars
        self._pace = RateLimit(wiring.settings.messages_per_minute, 60)
        self._warnings = RateLimit(1, 60)
        self._albums = Recent()

    async def text(self, sender: Sender, update_id: int, text: str) -> None:
        command = self._command(text)
        conversation = await self._admit(sender, must_greet=command == "start", text=text)
        if conversation is None or command == "start":
            return
        if command == "langue":
            await self._offer_languages(conversation)
        elif len(text) > self._max_chars:
            limit = say_number(self._max_chars, conversation.language)
            await self._switchboard.say(conversation.id, "utter_too_long", limit=limit)
            await self._switchboard.hear_refused(conversation.id, text)
        else:
            payload = f"/{command}" if command in COMMANDS else None
            # Rasa takes a text that begins with a slash as an intent: only our own buttons and commands may.
            words = text if payload else _SLASHES.sub("", text)
            if not words:
                words = payload = "/help"
            await self._switchboard.receive(Incoming(conversation.id, f"tg:{update_id}", words, payload))

    async def choice(self, sender: Sender, data: str | None) -> bool:
        """Whether the button is one we showed in this conversation; it counts once, however often it is pressed."""
        place = button_place(data)
        address = str(sender.chat)
        conversation = await self._services.conversations.at_address(Channel.TELEGRAM, address)
        if place is None or conversation is None:
            return False
        seq, index = place
        messages = await self._services.conversations.messages_after(conversation.id, seq - 1)
        if not messages or messages[0].seq != seq or messages[0].author is Author.PERSON:
            return False
        choices = messages[0].reply.choices
        if index >= len(choices) or await self._admit(sender) is None:
            return False
        chosen = choices[index]
        # Named after the question, not the update: of two quick taps, on one button or on two, the first is kept.
        message_id = f"tg:choice:{seq}"
        await self._switchboard.receive(Incoming(conversation.id, message_id, chosen.title, chosen.payload))
        return True

    async def location(self, sender: Sender, update_id: int, position: Position) -> None:
        """The nearest place is what was said. The position itself goes no further: not to the store, not to a log."""
        conversation = await self._admit(sender)
        if conversation is None:
            return
        place = nearest_place(position)
        if place is None:
            await self._switchboard.say(conversation.id, "utter_location_elsewhere")
            return
        words = "📍 " + ", ".join(dict.fromkeys((place.name, region_names()[place.region])))
        payload = button_payload("inform", region=place.region, place=place.name)
        if await self._switchboard.receive(Incoming(conversation.id, f"tg:{update_id}", words, payload)):
            # In the chat there is only a map: the person sees how we read it.
            await self._services.conversations.tell(conversation.id, [Reply(words)])

    async def edited(self, sender: Sender) -> None:
        await self._explain(sender, "utter_edited")

    async def not_text(self, sender: Sender, album: str | None) -> None:
        """A voice message, a photo… An album comes as one update for each photo and is one thing sent."""
        if album is None or self._albums.add((sender.chat, album)):
            await self._explain(sender, "utter_text_only")

    async def blocked(self, sender: Sender) -> None:
        conversation = await self._services.conversations.at_address(Channel.TELEGRAM, str(sender.chat))
        if conversation is not None:
            await self._services.outbox.mark_unreachable(conversation.id, "blocked")

    async def unblocked(self, sender: Sender) -> None:
        address = str(sender.chat)
        if await self._services.conversations.at_address(Channel.TELEGRAM, address) is not None:
            opened = await self._services.conversations.open(Channel.TELEGRAM, address, sender.language, None)
            # What waited for them in the outbox may go.
            await self._bell.ring(opened.conversation.id)

    def _command(self, text: str) -> str | None:
        found = _COMMAND.match(text)
        if found is None:
            return None
        name = found[1].lower()
        return _SAME_AS.get(name, name)

    async def _explain(self, sender: Sender, name: str) -> None:
        conversation = await self._admit(sender)
        if conversation is not None:
            await self._switchboard.say(conversation.id, name)

    async def _admit(self, sender: Sender, *, must_greet: bool = False, text: str = "") -> Conversation | None:
        """The person's conversation, opened and greeted if it is new; None when they go too fast, and were told."""
        address = str(sender.chat)
        is_allowed = self._pace.allows(address)
        must_warn = not is_allowed and self._warnings.allows(address)
        if not is_allowed and not must_warn and not hears_danger(text):
            return None
        opened = await self._services.conversations.open(Channel.TELEGRAM, address, sender.language, None)
        conversation = opened.conversation
        if not is_allowed:
            if must_warn:
                await self._switchboard.say(conversation.id, "utter_too_fast")
            await self._switchboard.hear_refused(conversation.id, text)
            return None
        # Nothing said yet: perhaps we stopped between opening and greeting.
        if must_greet or conversation.last_seq == 0:
            await self._switchboard.greet(conversation)
        return conversation

    async def _offer_languages(self, conversation: Conversation) -> None:
        question = self._catalogue.say("utter_choose_language", conversation.language)
        await self._services.conversations.tell(conversation.id, [Reply(question, language_choices())])
