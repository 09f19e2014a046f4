"""What every service is given: transactions, the clock, the bell and the sentences."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.bell import Bell
from bot.clock import Clock
from bot.domain.conversations import Conversation
from bot.domain.messages import Author, Channel, Message, Reply
from bot.i18n.catalogue import Catalogue
from bot.store.unit_of_work import Unit, Work


class UnknownConversation(Exception):
    """No conversation has this id."""

    def __init__(self, conversation_id: str) -> None:
        super().__init__(conversation_id)
        self.conversation_id = conversation_id


@dataclass(frozen=True)
class Outside:
    """What services know of the world outside the chat. `key` makes links that nobody can guess."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    sends_email: bool = False


@dataclass(frozen=True)
class House:
    work: Work
    clock: Clock
    bell: Bell
    catalogue: Catalogue
    outside: Outside = field(default_factory=Outside)

    async def conversation(self, unit: Unit, conversation_id: str) -> Conversation:
        """The conversation, kept from other transactions until this one ends. Raises UnknownConversation."""
        conversation = await unit.conversations.get(conversation_id, lock=True)
        if conversation is None:
            raise UnknownConversation(conversation_id)
        return conversation

    async def say(
        self,
        unit: Unit,
        conversation: Conversation,
        author: Author,
        reply: Reply,
        language: str,
        *,
        message_id: str | None = None,
    ) -> Message:
        """Says one bubble to the person: kept, and put in the outbox when their channel has to be called."""
        now = self.clock.now()
        message = await unit.conversations.append(conversation.id, author, reply, language, now, message_id=message_id)
        if conversation.channel is Channel.TELEGRAM:
            await unit.outbox.add(conversation.id, message.seq, now)
        return message

    def sentence(self, name: str, language: str, /, **values: object) -> Reply:
        """A bubble from the catalogue."""
        return Reply(self.catalogue.say(name, language, values))
