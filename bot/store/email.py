"""E-mails that must still leave. A row names a meeting and no person: the address is read when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import email_outbox

DUE, SENT, FAILED, DROPPED = "due", "sent", "failed", "dropped"


@dataclass(frozen=True)
class EmailRow:
    """`revision` is the meeting's when the row was written."""

    id: str
    conversation_id: str
    kind: str
    language: str
    meeting_id: str
    revision: int
    attempts: int = 0


class EmailStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: EmailRow, now: datetime) -> None:
        """The same id again is the same e-mail. The conversation is locked."""
        if await self.state_of(row.id) is None:
            await self._connection.execute(
                insert(email_outbox).values(
                    id=row.id,
                    conversation_id=row.conversation_id,
                    kind=row.kind,
                    language=row.language,
                    values={"meeting": row.meeting_id, "revision": row.revision},
                    state=DUE,
                    due_at=now,
                )
            )

    async def claim(self, now: datetime, until: timedelta, limit: int) -> Sequence[EmailRow]:
        """What is due now, kept from other senders until `now + until`."""
        query = (
            select(email_outbox)
            .where(
                email_outbox.c.state == DUE,
                email_outbox.c.due_at <= now,
                or_(email_outbox.c.claimed_until.is_(None), email_outbox.c.claimed_until < now),
            )
            .order_by(email_outbox.c.due_at, email_outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = list(await self._connection.execute(query))
        if found:
            await self._connection.execute(
                update(email_outbox)
                .where(email_outbox.c.id.in_([row.id for row in found]))
                .values(claimed_until=now + until, attempts=email_outbox.c.attempts + 1)
            )
        return [
            EmailRow(
                id=row.id,
                conversation_id=row.conversation_id,
                kind=row.kind,
                language=row.language,
                meeting_id=row._mapping["values"]["meeting"],
                revision=row._mapping["values"]["revision"],
                attempts=row.attempts,
            )
            for row in found
        ]

    async def end(self, row_id: str, state: str, error: str | None = None) -> None:
        await self._change(row_id, state=state, error=error)

    async def put_off(self, row_id: str, until: datetime, error: str) -> None:
        await self._change(row_id, due_at=until, error=error[:200])

    async def state_of(self, row_id: str) -> str | None:
        query = select(email_outbox.c.state).where(email_outbox.c.id == row_id)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def _change(self, row_id: str, **values: object) -> None:
        await self._connection.execute(
            update(email_outbox).where(email_outbox.c.id == row_id).values(claimed_until=None, **values)
        )
