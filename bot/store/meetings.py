"""Agents, their hours, and meetings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.meetings import Agent, Meeting, MeetingState, Mode, OpeningHours
from bot.store.tables import agents, closed_days, meetings, opening_hours


class TimeIsTaken(Exception):
    """The database refused: this agent or this person already has a meeting there."""


class MeetingStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_agent(self, agent: Agent) -> None:
        await self._connection.execute(
            insert(agents).values(
                id=agent.id,
                name=agent.name,
                organisation=agent.organisation,
                region=agent.region,
                languages=list(agent.languages),
                meeting_minutes=agent.meeting_minutes,
                office=agent.office,
                is_remote=agent.is_remote,
                is_demonstration=agent.is_demonstration,
            )
        )
        if agent.hours:
            await self._connection.execute(
                insert(opening_hours),
                [
                    {"agent_id": agent.id, "weekday": h.weekday, "opens": h.opens, "closes": h.closes}
                    for h in agent.hours
                ],
            )

    async def has_agents(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(agents))).scalar_one())

    async def agents(self) -> Sequence[Agent]:
        hours: dict[str, list[OpeningHours]] = defaultdict(list)
        for row in await self._connection.execute(select(opening_hours).order_by(opening_hours.c.weekday)):
            hours[row.agent_id].append(OpeningHours(row.weekday, row.opens, row.closes))
        rows = await self._connection.execute(select(agents).order_by(agents.c.id))
        return [_agent(row, tuple(hours[row.id])) for row in rows]

    async def agent(self, agent_id: str) -> Agent | None:
        row = (await self._connection.execute(select(agents).where(agents.c.id == agent_id))).one_or_none()
        if row is None:
            return None
        hours = await self._connection.execute(
            select(opening_hours).where(opening_hours.c.agent_id == agent_id).order_by(opening_hours.c.weekday)
        )
        return _agent(row, tuple(OpeningHours(h.weekday, h.opens, h.closes) for h in hours))

    async def extra_closed_days(self) -> frozenset[date]:
        return frozenset((await self._connection.execute(select(closed_days.c.day))).scalars())

    async def taken(self, first: datetime, last: datetime) -> frozenset[tuple[str, datetime]]:
        """(agent id, start in UTC) of every booked meeting between two instants."""
        query = select(meetings.c.agent_id, meetings.c.starts_at).where(
            meetings.c.state == MeetingState.BOOKED.value,
            meetings.c.starts_at >= first,
            meetings.c.starts_at <= last,
        )
        return frozenset((row.agent_id, row.starts_at) for row in await self._connection.execute(query))

    async def add(self, meeting: Meeting, now: datetime) -> None:
        """Raises TimeIsTaken when the unique key says so; the transaction then goes on."""
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    insert(meetings).values(
                        id=meeting.id,
                        conversation_id=meeting.conversation_id,
                        agent_id=meeting.agent.id,
                        starts_at=meeting.starts_at,
                        mode=meeting.mode.value,
                        arrival=meeting.arrival,
                        due=meeting.due,
                        offered_on=meeting.offered_on,
                        held_on=meeting.held_on,
                        state=meeting.state.value,
                        file_key=meeting.file_key,
                        revision=meeting.revision,
                        booked_at=now,
                    )
                )
        except IntegrityError as refused:
            raise TimeIsTaken from refused

    async def booked_for(self, conversation_id: str) -> Meeting | None:
        return await self._one(
            meetings.c.conversation_id == conversation_id, meetings.c.state == MeetingState.BOOKED.value
        )

    async def by_file_key(self, file_key: str) -> Meeting | None:
        return await self._one(meetings.c.file_key == file_key)

    async def count_booked(self) -> int:
        query = select(func.count()).select_from(meetings).where(meetings.c.state == MeetingState.BOOKED.value)
        return int((await self._connection.execute(query)).scalar_one())

    async def move(self, meeting: Meeting) -> bool:
        """Gives a booked meeting its new agent and time in one statement: the old time is freed only when the new
        one is held. False when it was not booked any more; raises TimeIsTaken."""
        try:
            async with self._connection.begin_nested():
                moved = await self._connection.execute(
                    update(meetings)
                    .where(meetings.c.id == meeting.id, meetings.c.state == MeetingState.BOOKED.value)
                    .values(
                        agent_id=meeting.agent.id,
                        starts_at=meeting.starts_at,
                        mode=meeting.mode.value,
                        arrival=meeting.arrival,
                        due=meeting.due,
                        revision=meetings.c.revision + 1,
                    )
                )
        except IntegrityError as refused:
            raise TimeIsTaken from refused
        return moved.rowcount == 1

    async def cancel(self, meeting_id: str) -> bool:
        """Frees the time of a booked meeting; False when it was not booked any more."""
        freed = await self._connection.execute(
            update(meetings)
            .where(meetings.c.id == meeting_id, meetings.c.state == MeetingState.BOOKED.value)
            .values(state=MeetingState.CANCELLED.value, revision=meetings.c.revision + 1)
        )
        return freed.rowcount == 1

    async def end(self, meeting: Meeting) -> bool:
        """The end of a booked meeting has passed. False when it was moved or cancelled in between."""
        ended = await self._connection.execute(
            update(meetings)
            .where(
                meetings.c.id == meeting.id,
                meetings.c.state == MeetingState.BOOKED.value,
                meetings.c.starts_at == meeting.starts_at,
            )
            .values(state=MeetingState.OVER.value)
        )
        return ended.rowcount == 1

    async def _one(self, *conditions: Any) -> Meeting | None:
        row = (await self._connection.execute(select(meetings).where(*conditions))).one_or_none()
        if row is None:
            return None
        agent = await self.agent(row.agent_id)
        if agent is None:
            raise LookupError(row.agent_id)
        return Meeting(
            id=row.id,
            conversation_id=row.conversation_id,
            agent=agent,
            starts_at=row.starts_at,
            mode=Mode(row.mode),
            arrival=row.arrival,
            due=row.due,
            offered_on=row.offered_on,
            state=MeetingState(row.state),
            file_key=row.file_key,
            revision=row.revision,
            held_on=row.held_on,
        )


def _agent(row: Row[Any], hours: tuple[OpeningHours, ...]) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        region=row.region,
        languages=tuple(row.languages),
        hours=hours,
        meeting_minutes=row.meeting_minutes,
        office=row.office,
        is_remote=row.is_remote,
        is_demonstration=row.is_demonstration,
    )
