"""Offices, agents, absences and closed days as coordinators change them, and the booked meetings to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.meetings import Absence, Agent, MeetingState, Mode
from bot.domain.supply import AgentAbsence, Booked, ClosedDay, Entry, Office, Supply
from bot.store.meetings import MeetingStore
from bot.store.tables import absences, agents, closed_days, conversations, meetings, offices, opening_hours


class SupplyStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def one_at_a_time(self) -> None:
        """Others who change the supply wait until this transaction ends. On SQLite all do, always."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("supply"))))

    async def load(self) -> Supply:
        """All of it, past absences and closed days too."""
        found_offices = [
            Office(row.id, row.name, row.region, row.address, row.timezone)
            for row in await self._connection.execute(select(offices).order_by(offices.c.region, offices.c.name))
        ]
        left = [
            AgentAbsence(row.id, row.agent_id, Absence(row.begins_at, row.ends_at), row.reason)
            for row in await self._connection.execute(select(absences).order_by(absences.c.begins_at, absences.c.id))
        ]
        closed = [
            ClosedDay(row.day, row.reason)
            for row in await self._connection.execute(select(closed_days).order_by(closed_days.c.day))
        ]
        known = await MeetingStore(self._connection).agents()
        return Supply(
            {each.id: each for each in found_offices},
            {each.id: each for each in sorted(known, key=lambda agent: (agent.region, agent.name, agent.id))},
            {each.id: each for each in left},
            {each.id: each for each in closed},
        )

    async def put(self, entry: Entry) -> None:
        """Added, or changed where its id is known. Agents keep their absences."""
        match entry:
            case Office():
                await self._put(
                    offices,
                    {"id": entry.id},
                    name=entry.name,
                    region=entry.region,
                    address=entry.address,
                    timezone=entry.timezone,
                )
            case AgentAbsence():
                await self._put(
                    absences,
                    {"id": entry.id},
                    agent_id=entry.agent_id,
                    begins_at=entry.away.begins_at,
                    ends_at=entry.away.ends_at,
                    reason=entry.reason,
                )
            case ClosedDay():
                await self._put(closed_days, {"day": entry.day}, reason=entry.reason)
            case Agent():
                await self._put_agent(entry)

    async def remove(self, entry: Entry) -> None:
        """An absence, a closed day, or an office that nobody works in. Agents stay: meetings name them."""
        match entry:
            case Office():
                await self._connection.execute(delete(offices).where(offices.c.id == entry.id))
            case AgentAbsence():
                await self._connection.execute(delete(absences).where(absences.c.id == entry.id))
            case ClosedDay():
                await self._connection.execute(delete(closed_days).where(closed_days.c.day == entry.day))
            case Agent():
                raise ValueError(entry.id)

    async def booked(self, since: datetime) -> Sequence[Booked]:
        """The booked meetings that begin after `since`, in order of time."""
        query = (
            select(meetings, conversations.c.language)
            .join(conversations, conversations.c.id == meetings.c.conversation_id)
            .where(meetings.c.state == MeetingState.BOOKED.value, meetings.c.starts_at > since)
            .order_by(meetings.c.starts_at, meetings.c.id)
        )
        return [
            Booked(
                meeting_id=row.id,
                conversation_id=row.conversation_id,
                agent_id=row.agent_id,
                starts_at=row.starts_at,
                mode=Mode(row.mode),
                arrival=row.arrival,
                due=row.due,
                language=row.language,
                is_kept=row.is_kept,
            )
            for row in await self._connection.execute(query)
        ]

    async def keep(self, meeting_id: str, agent_id: str, starts_at: datetime) -> bool:
        """The meeting stays as it is. False when it is not there any more."""
        kept = await self._connection.execute(
            update(meetings)
            .where(
                meetings.c.id == meeting_id,
                meetings.c.state == MeetingState.BOOKED.value,
                meetings.c.agent_id == agent_id,
                meetings.c.starts_at == starts_at,
            )
            .values(is_kept=True)
        )
        return kept.rowcount == 1

    async def no_longer_kept(self, meeting_ids: Sequence[str]) -> None:
        if meeting_ids:
            await self._connection.execute(update(meetings).where(meetings.c.id.in_(meeting_ids)).values(is_kept=False))

    async def _put_agent(self, agent: Agent) -> None:
        await self._put(
            agents,
            {"id": agent.id},
            name=agent.name,
            organisation=agent.organisation,
            region=agent.region,
            languages=list(agent.languages),
            meeting_minutes=agent.meeting_minutes,
            office_id=agent.office_id,
            office=agent.office if agent.office_id is None else None,
            is_remote=agent.is_remote,
            is_demonstration=agent.is_demonstration,
            most_a_day=agent.most_a_day,
            is_active=agent.is_active,
        )
        await self._connection.execute(delete(opening_hours).where(opening_hours.c.agent_id == agent.id))
        if agent.hours:
            rows = [
                {"agent_id": agent.id, "weekday": h.weekday, "opens": h.opens, "closes": h.closes} for h in agent.hours
            ]
            await self._connection.execute(insert(opening_hours), rows)

    async def _put(self, table: SqlTable, key: dict[str, Any], **values: Any) -> None:
        ((name, value),) = key.items()
        changed = await self._connection.execute(update(table).where(table.c[name] == value).values(values))
        if changed.rowcount == 0:
            await self._connection.execute(insert(table).values({**key, **values}))
