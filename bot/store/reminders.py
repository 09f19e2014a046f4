"""Reminders to come, and what each person chose of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.reminders import Preferences, Reminder, ReminderState
from bot.store.tables import preferences, reminders


class ReminderStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, subject: str, subject_id: str) -> Sequence[Reminder]:
        """Every reminder of this subject, in order of time."""
        query = (
            select(reminders)
            .where(reminders.c.subject == subject, reminders.c.subject_id == subject_id)
            .order_by(reminders.c.due_at)
        )
        return [_reminder(row) for row in await self._connection.execute(query)]

    async def add(self, planned: Iterable[Reminder]) -> None:
        rows = [
            {
                "id": reminder.id,
                "conversation_id": reminder.conversation_id,
                "subject": reminder.subject,
                "subject_id": reminder.subject_id,
                "kind": reminder.kind,
                "due_at": reminder.due_at,
                "state": reminder.state.value,
            }
            for reminder in planned
        ]
        if rows:
            await self._connection.execute(insert(reminders), rows)

    async def forget(self, ids: Sequence[str]) -> None:
        if ids:
            await self._connection.execute(delete(reminders).where(reminders.c.id.in_(ids)))

    async def forget_planned(self, subject: str, subject_id: str) -> None:
        """Nothing more is said of this subject."""
        await self._connection.execute(
            delete(reminders).where(
                reminders.c.subject == subject,
                reminders.c.subject_id == subject_id,
                reminders.c.state == ReminderState.PLANNED.value,
            )
        )

    async def claim(self, now: datetime, until: timedelta, limit: int) -> Sequence[Reminder]:
        """Reminders due now, kept from other workers until `now + until`. Those of one person are in order of time."""
        query = (
            select(reminders)
            .where(
                reminders.c.state == ReminderState.PLANNED.value,
                reminders.c.due_at <= now,
                or_(reminders.c.claimed_until.is_(None), reminders.c.claimed_until < now),
            )
            .order_by(reminders.c.due_at, reminders.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = [_reminder(row) for row in await self._connection.execute(query)]
        if rows:
            await self._connection.execute(
                update(reminders).where(reminders.c.id.in_([row.id for row in rows])).values(claimed_until=now + until)
            )
        return rows

    async def end(self, reminder_id: str, state: ReminderState) -> bool:
        """False when it was said, skipped or forgotten before."""
        ended = await self._connection.execute(
            update(reminders)
            .where(reminders.c.id == reminder_id, reminders.c.state == ReminderState.PLANNED.value)
            .values(state=state.value, claimed_until=None)
        )
        return ended.rowcount == 1

    async def put_off(self, reminder_id: str, due_at: datetime) -> None:
        await self._connection.execute(
            update(reminders)
            .where(reminders.c.id == reminder_id, reminders.c.state == ReminderState.PLANNED.value)
            .values(due_at=due_at, claimed_until=None)
        )

    async def preferences(self, conversation_id: str) -> Preferences:
        query = select(preferences).where(preferences.c.conversation_id == conversation_id)
        row = (await self._connection.execute(query)).one_or_none()
        return Preferences(row.reminders_on, row.email) if row else Preferences()

    async def prefer(self, conversation_id: str, chosen: Preferences) -> None:
        """The conversation is locked."""
        values = {"reminders_on": chosen.reminders_on, "email": chosen.email}
        changed = await self._connection.execute(
            update(preferences).where(preferences.c.conversation_id == conversation_id).values(**values)
        )
        if not changed.rowcount:
            await self._connection.execute(insert(preferences).values(conversation_id=conversation_id, **values))


def _reminder(row: Row[Any]) -> Reminder:
    return Reminder(
        id=row.id,
        conversation_id=row.conversation_id,
        subject=row.subject,
        subject_id=row.subject_id,
        kind=row.kind,
        due_at=row.due_at,
        state=ReminderState(row.state),
    )
