"""What must still reach a person on a channel that has to be called (Telegram)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import conversations, outbox

DUE, DELIVERED, FAILED = "due", "delivered", "failed"


class OutboxStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, conversation_id: str, seq: int, now: datetime) -> None:
        await self._connection.execute(
            insert(outbox).values(id=str(uuid.uuid4()), conversation_id=conversation_id, seq=seq, state=DUE, due_at=now)
        )

    async def claim(self, now: datetime, until: timedelta, limit: int) -> Sequence[tuple[str, str, int, int]]:
        """Rows due now, as (id, conversation, seq, attempts), kept from other couriers until `now + until`.

        Only the oldest undelivered row of a conversation is given: what a person reads stays in order. What is for a
        person who blocked the bot waits until they are reachable again.
        """
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
        earlier = outbox.alias("earlier")
        nothing_earlier = ~(
            select(earlier.c.id)
            .where(
                earlier.c.conversation_id == outbox.c.conversation_id,
                earlier.c.seq < outbox.c.seq,
                earlier.c.state == DUE,
            )
            .exists()
        )
        reachable = (
            select(conversations.c.id)
            .where(conversations.c.id == outbox.c.conversation_id, conversations.c.is_reachable)
            .exists()
        )
        query = (
            select(outbox.c.id, outbox.c.conversation_id, outbox.c.seq, outbox.c.attempts)
            .where(and_(outbox.c.state == DUE, outbox.c.due_at <= now, free, nothing_earlier, reachable))
            .order_by(outbox.c.due_at, outbox.c.seq)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = [tuple(row) for row in await self._connection.execute(query)]
        if rows:
            await self._connection.execute(
                update(outbox)
                .where(outbox.c.id.in_([row[0] for row in rows]))
                .values(claimed_until=now + until, attempts=outbox.c.attempts + 1)
            )
        return rows

    async def mark_delivered(self, outbox_id: str, now: datetime) -> None:
        await self._connection.execute(
            update(outbox).where(outbox.c.id == outbox_id).values(state=DELIVERED, delivered_at=now, claimed_until=None)
        )

    async def put_off(self, outbox_id: str, until: datetime, error: str) -> None:
        await self._connection.execute(
            update(outbox).where(outbox.c.id == outbox_id).values(due_at=until, claimed_until=None, error=error[:200])
        )

    async def fail(self, outbox_id: str, error: str) -> None:
        await self._connection.execute(
            update(outbox).where(outbox.c.id == outbox_id).values(state=FAILED, claimed_until=None, error=error[:200])
        )

    async def fail_all(self, conversation_id: str, error: str) -> None:
        """Nothing more can reach this person: they blocked the bot."""
        await self._connection.execute(
            update(outbox)
            .where(outbox.c.conversation_id == conversation_id, outbox.c.state == DUE)
            .values(state=FAILED, claimed_until=None, error=error[:200])
        )

    async def state_of(self, conversation_id: str, seq: int) -> str | None:
        query = select(outbox.c.state).where(outbox.c.conversation_id == conversation_id, outbox.c.seq == seq)
        return (await self._connection.execute(query)).scalar_one_or_none()
