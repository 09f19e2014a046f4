"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.contract import reply_from_json, reply_to_json
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Message, Reply
from bot.store.tables import conversations, messages


class AddressTaken(Exception):
    """This address has a conversation: another transaction opened it first."""


class ConversationStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, conversation: Conversation, now: datetime) -> None:
        """Raises AddressTaken when the unique key says so; the transaction then goes on."""
        new = insert(conversations).values(
            id=conversation.id,
            channel=conversation.channel.value,
            address=conversation.address,
            language=conversation.language,
            timezone=conversation.timezone,
            handled_by=conversation.handled_by.value,
            last_seq=conversation.last_seq,
            is_reachable=conversation.is_reachable,
            created_at=now,
            updated_at=now,
        )
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(new)
        except IntegrityError as refused:
            raise AddressTaken from refused

    async def get(self, conversation_id: str, *, lock: bool = False) -> Conversation | None:
        """`lock` keeps other transactions from changing it until this one ends; they may still refer to it."""
        query = select(conversations).where(conversations.c.id == conversation_id)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return _conversation(row) if row else None

    async def at_address(self, channel: Channel, address: str) -> Conversation | None:
        query = select(conversations).where(
            conversations.c.channel == channel.value, conversations.c.address == address
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _conversation(row) if row else None

    async def change(self, conversation_id: str, now: datetime, **values: Any) -> None:
        await self._connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(updated_at=now, **values)
        )

    async def append(
        self,
        conversation_id: str,
        author: Author,
        reply: Reply,
        language: str,
        now: datetime,
        *,
        message_id: str | None = None,
        payload: str | None = None,
        is_pending: bool = False,
    ) -> Message:
        """Adds a message with the conversation's next number. The update locks the row, so numbers never collide."""
        numbered = await self._connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .values(last_seq=conversations.c.last_seq + 1, updated_at=now)
            .returning(conversations.c.last_seq)
        )
        seq: int = numbered.scalar_one()
        extras = reply_to_json(reply)
        text = extras.pop("text")
        await self._connection.execute(
            insert(messages).values(
                conversation_id=conversation_id,
                seq=seq,
                author=author.value,
                message_id=message_id,
                text=text,
                payload=payload,
                extras=extras,
                language=language,
                at=now,
                is_pending=is_pending,
            )
        )
        return Message(conversation_id, seq, author, reply, language, now, message_id, payload)

    async def message_by_id(self, conversation_id: str, message_id: str) -> Message | None:
        query = select(messages).where(
            messages.c.conversation_id == conversation_id, messages.c.message_id == message_id
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _message(row) if row else None

    async def messages_after(self, conversation_id: str, seq: int, limit: int | None = None) -> Sequence[Message]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.seq > seq)
            .order_by(messages.c.seq)
            .limit(limit)
        )
        return [_message(row) for row in await self._connection.execute(query)]

    async def message(self, conversation_id: str, seq: int) -> Message | None:
        query = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.seq == seq)
        row = (await self._connection.execute(query)).one_or_none()
        return _message(row) if row else None

    async def pending(self, conversation_id: str) -> Sequence[Message]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.is_pending)
            .order_by(messages.c.seq)
        )
        return [_message(row) for row in await self._connection.execute(query)]

    async def with_pending(self) -> Sequence[str]:
        """Ids of conversations in which someone still waits for an answer, oldest first."""
        query = (
            select(messages.c.conversation_id)
            .where(messages.c.is_pending)
            .group_by(messages.c.conversation_id)
            .order_by(func.min(messages.c.at))
        )
        return list((await self._connection.execute(query)).scalars())

    async def settle(self, conversation_id: str, seq: int) -> bool:
        """The message is dealt with. False when it already was."""
        done = await self._connection.execute(
            update(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.seq == seq, messages.c.is_pending)
            .values(is_pending=False)
        )
        return done.rowcount == 1

    async def last_texts(self, conversation_ids: Sequence[str]) -> dict[str, Message]:
        """The newest message of each conversation."""
        newest = (
            select(messages.c.conversation_id, func.max(messages.c.seq).label("seq"))
            .where(messages.c.conversation_id.in_(conversation_ids))
            .group_by(messages.c.conversation_id)
            .subquery()
        )
        query = select(messages).join(
            newest,
            (messages.c.conversation_id == newest.c.conversation_id) & (messages.c.seq == newest.c.seq),
        )
        return {row.conversation_id: _message(row) for row in await self._connection.execute(query)}


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        channel=Channel(row.channel),
        address=row.address,
        language=row.language,
        timezone=row.timezone,
        handled_by=HandledBy(row.handled_by),
        last_seq=row.last_seq,
        is_reachable=row.is_reachable,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        conversation_id=row.conversation_id,
        seq=row.seq,
        author=Author(row.author),
        reply=reply_from_json({**row.extras, "text": row.text}),
        language=row.language,
        at=row.at,
        message_id=row.message_id,
        payload=row.payload,
    )
