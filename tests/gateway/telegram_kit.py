"""What the tests of Telegram and of the courier are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.domain.conversations import Conversation
from bot.domain.messages import Author, Channel, Incoming, Reply
from bot.i18n.catalogue import Catalogue
from bot.services.conversations import ConversationService
from bot.settings import Settings
from bot.wiring import Wiring

NAMES = (
    "telegram.start", "telegram.langue", "telegram.help", "telegram.stop", "utter_choose_language",
    "utter_text_only", "utter_location_elsewhere", "utter_edited", "utter_private_only", "utter_too_fast",
)  # fmt: skip


def small_catalogue(folder: Path) -> Catalogue:
    """Each sentence is its name and its language: "utter_edited [es]"."""
    for language in ("fr", "en", "es"):
        catalog = Catalog(locale=language)
        for name in NAMES:
            catalog.add(f"{name} [fr]", f"{name} [{language}]", context=name)
        catalog.add("{limit} [fr]", f"{{limit}} [{language}]", context="utter_too_long")
        target = folder / language / "LC_MESSAGES"
        target.mkdir(parents=True)
        with (target / "assistant.mo").open("wb") as file:
            write_mo(file, catalog)
    return Catalogue(folder)


def settings_for(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, var=folder, **values)  # type: ignore[call-arg, arg-type]


@dataclass
class Board:
    """Stands in for the switchboard: keeps what arrives as the real one does, and answers nothing."""

    wiring: Wiring
    received: list[Incoming] = field(default_factory=list)
    greeted: list[Conversation] = field(default_factory=list)
    heard_refused: list[str] = field(default_factory=list)

    @property
    def _conversations(self) -> ConversationService:
        return self.wiring.services.conversations

    async def receive(self, incoming: Incoming) -> bool:
        kept = await self._conversations.receive(incoming)
        if kept.is_new:
            self.received.append(incoming)
        return kept.is_new

    async def greet(self, conversation: Conversation) -> None:
        self.greeted.append(conversation)
        await self._conversations.tell(conversation.id, [Reply(f"hello [{conversation.language}]")])

    async def hear_refused(self, conversation_id: str, text: str) -> None:
        self.heard_refused.append(text)

    async def say(self, conversation_id: str, name: str, **values: object) -> None:
        conversation = await self._conversations.get(conversation_id)
        words = self.wiring.catalogue.say(name, conversation.language, values)
        await self._conversations.tell(conversation_id, [Reply(words)])


async def a_conversation(wiring: Wiring, chat: int, language: str = "fr") -> Conversation:
    opened = await wiring.services.conversations.open(Channel.TELEGRAM, str(chat), language, None)
    return opened.conversation


async def says(wiring: Wiring, conversation: Conversation, *replies: Reply | str) -> None:
    """Puts bubbles in the outbox."""
    bubbles = [Reply(reply) if isinstance(reply, str) else reply for reply in replies]
    await wiring.services.conversations.tell(conversation.id, bubbles)


async def kept(wiring: Wiring, chat: int) -> list[tuple[str, str | None]]:
    """What the person said, as it is in the store."""
    conversation = await wiring.services.conversations.at_address(Channel.TELEGRAM, str(chat))
    if conversation is None:
        return []
    messages = await wiring.services.conversations.messages_after(conversation.id, 0)
    return [(message.text, message.payload) for message in messages if message.author is Author.PERSON]
