"""The meetings as the promise board counts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.meetings import MeetingState
from bot.domain.promise import Record
from bot.store.tables import agents, conversations, meetings


class PromiseStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def records(self, since: date) -> Sequence[Record]:
        """Every meeting of who was due then or later."""
        query = (
            select(meetings, agents.c.name, agents.c.region, agents.c.meeting_minutes, conversations.c.language)
            .join(agents, agents.c.id == meetings.c.agent_id)
            .join(conversations, conversations.c.id == meetings.c.conversation_id)
            .where(meetings.c.due >= since)
            .order_by(meetings.c.starts_at, meetings.c.id)
        )
        return [
            Record(
                meeting_id=row.id,
                conversation_id=row.conversation_id,
                agent_id=row.agent_id,
                agent_name=row.name,
                region=row.region,
                language=row.language,
                starts_at=row.starts_at,
                ends_at=row.starts_at + timedelta(minutes=row.meeting_minutes),
                arrival=row.arrival,
                due=row.due,
                held_on=row.held_on,
                state=MeetingState(row.state),
                booked_at=row.booked_at,
            )
            for row in await self._connection.execute(query)
        ]
