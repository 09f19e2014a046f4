"""Conversations: open one, keep what arrives, keep what is answered. Called by the gateway."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Incoming, Message, Reply, storable
from bot.i18n.languages import FRENCH, known
from bot.services.house import House, UnknownConversation
from bot.store.conversations import AddressTaken
from bot.store.unit_of_work import Unit


@dataclass(frozen=True)
class Opened:
    conversation: Conversation
    is_new: bool


@dataclass(frozen=True)
class Received:
    message: Message
    is_new: bool


class ConversationService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def open(self, channel: Channel, address: str, language: str | None, timezone: str | None) -> Opened:
        """The conversation at this address; a new one is greeted, with the notice of what is kept."""
        house = self._house
        now = house.clock.now()
        async with house.work() as unit:
            if (found := await self._found(unit, channel, address, timezone, now)) is not None:
                return Opened(found, is_new=False)
            conversation = Conversation(
                id=str(uuid.uuid4()),
                channel=channel,
                address=address,
                language=known(language) or FRENCH,
                timezone=timezone,
                handled_by=HandledBy.ASSISTANT,
                last_seq=0,
            )
            try:
                await unit.conversations.add(conversation, now)
            except AddressTaken:
                # Two first messages at once: the other one opened it while we looked.
                found = await self._found(unit, channel, address, timezone, now)
                if found is None:
                    raise
                return Opened(found, is_new=False)
        return Opened(conversation, is_new=True)

    async def _found(
        self, unit: Unit, channel: Channel, address: str, timezone: str | None, now: datetime
    ) -> Conversation | None:
        """The conversation at this address, brought up to date: its person is there, and perhaps elsewhere."""
        existing = await unit.conversations.at_address(channel, address)
        if existing is None:
            return None
        current = replace(existing, timezone=timezone or existing.timezone, is_reachable=True)
        if current != existing:
            await unit.conversations.change(
                existing.id, now, timezone=current.timezone, is_reachable=current.is_reachable
            )
        return current

    async def at_address(self, channel: Channel, address: str) -> Conversation | None:
        async with self._house.work() as unit:
            return await unit.conversations.at_address(channel, address)

    async def get(self, conversation_id: str) -> Conversation:
        """Raises UnknownConversation."""
        async with self._house.work() as unit:
            conversation = await unit.conversations.get(conversation_id)
        if conversation is None:
            raise UnknownConversation(conversation_id)
        return conversation

    async def receive(self, incoming: Incoming) -> Received:
        """Keeps a person's message before anything else is done with it. A repeated `message_id` is kept once."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, incoming.conversation_id)
            before = await unit.conversations.message_by_id(conversation.id, incoming.message_id)
            if before is not None:
                return Received(before, is_new=False)
            message = await unit.conversations.append(
                conversation.id,
                Author.PERSON,
                Reply(storable(incoming.text)),
                conversation.language,
                house.clock.now(),
                message_id=incoming.message_id,
                payload=incoming.payload,
                is_pending=True,
            )
        await house.bell.ring(conversation.id)
        return Received(message, is_new=True)

    async def was_offered(self, conversation_id: str, payload: str) -> bool:
        """Whether this conversation was shown a button with this payload: nothing else may be chosen."""
        async with self._house.work() as unit:
            messages = await unit.conversations.messages_after(conversation_id, 0)
        return any(choice.payload == payload for message in messages for choice in message.reply.choices)

    async def pending(self, conversation_id: str) -> Sequence[Message]:
        """What the person said and nobody has dealt with, in order."""
        async with self._house.work() as unit:
            return await unit.conversations.pending(conversation_id)

    async def with_pending(self) -> Sequence[str]:
        async with self._house.work() as unit:
            return await unit.conversations.with_pending()

    async def route(self, message: Message) -> HandledBy:
        """Who deals with this message, now. When a person does, it is theirs from here on."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, message.conversation_id)
            if conversation.handled_by is not HandledBy.ASSISTANT:
                await unit.conversations.settle(conversation.id, message.seq)
        return conversation.handled_by

    async def answer(self, message: Message, replies: Sequence[Reply], language: str | None) -> bool:
        """Keeps the assistant's answer to a message and settles it, together. False when it was settled before."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, message.conversation_id)
            if not await unit.conversations.settle(conversation.id, message.seq):
                return False
            spoken = known(language) or conversation.language
            if spoken != conversation.language:
                await unit.conversations.change(conversation.id, house.clock.now(), language=spoken)
            for reply in replies:
                await house.say(unit, conversation, Author.ASSISTANT, reply, spoken)
        await house.bell.ring(conversation.id)
        return True

    async def settle(self, message: Message) -> None:
        """The message needs no answer from the assistant."""
        async with self._house.work() as unit:
            await unit.conversations.settle(message.conversation_id, message.seq)

    async def tell(self, conversation_id: str, replies: Sequence[Reply], author: Author = Author.SYSTEM) -> None:
        """Says something that answers no message: a notice, a greeting."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            for reply in replies:
                await house.say(unit, conversation, author, reply, conversation.language)
        await house.bell.ring(conversation_id)

    async def set_language(self, conversation_id: str, language: str) -> None:
        house = self._house
        async with house.work() as unit:
            await unit.conversations.change(conversation_id, house.clock.now(), language=language)

    async def messages_after(self, conversation_id: str, seq: int) -> Sequence[Message]:
        async with self._house.work() as unit:
            return await unit.conversations.messages_after(conversation_id, seq)
