"""Agents, their hours, and meetings."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.meetings import QUEBEC, Absence, Agent, Meeting, MeetingState, Mode, OpeningHours, Taken
from bot.domain.waiting_list import OfferState
from bot.store.tables import absences, agents, closed_days, meetings, offices, opening_hours, time_offers


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
                office_id=agent.office_id,
                office=agent.office if agent.office_id is None else None,
                is_remote=agent.is_remote,
                is_demonstration=agent.is_demonstration,
                most_a_day=agent.most_a_day,
                is_active=agent.is_active,
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
        for absence in agent.absences:
            await self.add_absence(agent.id, absence, "")

    async def add_absence(self, agent_id: str, absence: Absence, reason: str) -> None:
        await self._connection.execute(
            insert(absences).values(
                id=str(uuid.uuid4()),
                agent_id=agent_id,
                begins_at=absence.begins_at,
                ends_at=absence.ends_at,
                reason=reason,
            )
        )

    async def has_agents(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(agents))).scalar_one())

    async def agents(self, since: datetime | None = None) -> Sequence[Agent]:
        """All agents, active or not, with the absences that end after `since`."""
        return await self._agents(since)

    async def agent(self, agent_id: str) -> Agent | None:
        return next(iter(await self._agents(None, agent_id)), None)

    async def lock_agents(self, agent_ids: Collection[str]) -> None:
        """Keeps other bookings with these agents waiting until this transaction ends. In one order, so that two who
        exchange their times do not wait for each other. Conversations are locked before, never after."""
        query = select(agents.c.id).where(agents.c.id.in_(agent_ids)).order_by(agents.c.id)
        await self._connection.execute(query.with_for_update(key_share=True))

    async def _agents(self, since: datetime | None, agent_id: str | None = None) -> Sequence[Agent]:
        def ours(column: ColumnElement[str], query: Select[Any]) -> Select[Any]:
            return query if agent_id is None else query.where(column == agent_id)

        rows = await self._connection.execute(
            ours(
                agents.c.id,
                select(agents, offices.c.name.label("office_name"), offices.c.address, offices.c.timezone)
                .outerjoin(offices, offices.c.id == agents.c.office_id)
                .order_by(agents.c.id),
            )
        )
        # Every offer reads all of them: plain columns, unpacked, and one object for hours that many agents share.
        hours: dict[str, list[OpeningHours]] = defaultdict(list)
        opened = select(
            opening_hours.c.agent_id, opening_hours.c.weekday, opening_hours.c.opens, opening_hours.c.closes
        ).order_by(opening_hours.c.weekday)
        for of, weekday, opens, closes in await self._connection.execute(ours(opening_hours.c.agent_id, opened)):
            hours[of].append(_hours(weekday, opens, closes))
        away: dict[str, list[Absence]] = defaultdict(list)
        left = select(absences.c.agent_id, absences.c.begins_at, absences.c.ends_at).order_by(absences.c.begins_at)
        left = ours(absences.c.agent_id, left if since is None else left.where(absences.c.ends_at > since))
        for of, *span in await self._connection.execute(left):
            away[of].append(Absence(*span))
        return [_agent(row, tuple(hours[row.id]), tuple(away[row.id])) for row in rows]

    async def extra_closed_days(self) -> frozenset[date]:
        return frozenset((await self._connection.execute(select(closed_days.c.day))).scalars())

    async def taken(
        self, first: datetime, last: datetime, *, agent_id: str | None = None, besides: str | None = None
    ) -> frozenset[Taken]:
        """(agent id, start in UTC) of every meeting that was not cancelled, and of every time held for somebody.

        `besides`: what is held for this conversation is not counted. With `agent_id`, of that agent alone, without the
        conversation's own meeting either.
        """
        booked = select(meetings.c.agent_id, meetings.c.starts_at).where(
            meetings.c.state != MeetingState.CANCELLED.value,
            meetings.c.starts_at >= first,
            meetings.c.starts_at <= last,
        )
        held = select(time_offers.c.agent_id, time_offers.c.starts_at).where(
            time_offers.c.state == OfferState.OPEN.value,
            time_offers.c.starts_at >= first,
            time_offers.c.starts_at <= last,
        )
        if besides is not None:
            held = held.where(time_offers.c.conversation_id != besides)
        if agent_id is not None:
            booked = booked.where(
                meetings.c.agent_id == agent_id,
                (meetings.c.conversation_id != besides) | (meetings.c.state != MeetingState.BOOKED.value),
            )
            held = held.where(time_offers.c.agent_id == agent_id)
        rows = await self._connection.execute(booked.union_all(held))
        return frozenset((row.agent_id, row.starts_at) for row in rows)

    async def is_taken(self, agent_id: str, starts_at: datetime, conversation_id: str) -> bool:
        """Whether somebody else has this very time, or it is held for somebody else. A look, without a lock."""
        booked = select(meetings.c.id).where(
            meetings.c.agent_id == agent_id,
            meetings.c.starts_at == starts_at,
            meetings.c.state == MeetingState.BOOKED.value,
            meetings.c.conversation_id != conversation_id,
        )
        held = select(time_offers.c.id).where(
            time_offers.c.agent_id == agent_id,
            time_offers.c.starts_at == starts_at,
            time_offers.c.state == OfferState.OPEN.value,
            time_offers.c.conversation_id != conversation_id,
        )
        return (await self._connection.execute(booked.union_all(held).limit(1))).first() is not None

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

    async def get(self, meeting_id: str) -> Meeting | None:
        return await self._one(meetings.c.id == meeting_id)

    async def by_file_key(self, file_key: str) -> Meeting | None:
        return await self._one(meetings.c.file_key == file_key)

    async def by_link_digest(self, digest: str) -> Meeting | None:
        return await self._one(meetings.c.link_digest == digest)

    async def set_link_digest(self, meeting_id: str, digest: str) -> None:
        await self._connection.execute(update(meetings).where(meetings.c.id == meeting_id).values(link_digest=digest))

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
                        is_kept=False,
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

    async def change_arrival(self, meeting_id: str, arrival: date, due: date) -> None:
        await self._connection.execute(
            update(meetings).where(meetings.c.id == meeting_id).values(arrival=arrival, due=due)
        )

    async def close(self, meeting_id: str, state: MeetingState, held_on: date | None) -> None:
        """How it ended."""
        await self._connection.execute(
            update(meetings).where(meetings.c.id == meeting_id).values(state=state.value, held_on=held_on)
        )

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


_hours = lru_cache(maxsize=4096)(OpeningHours)


def _agent(row: Row[Any], hours: tuple[OpeningHours, ...], away: tuple[Absence, ...]) -> Agent:
    office = row.office
    if row.office_id is not None:
        # An office without an address is one that people reach at a distance only.
        office = f"{row.office_name}, {row.address}" if row.address else None
    return Agent(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        region=row.region,
        languages=tuple(row.languages),
        hours=hours,
        meeting_minutes=row.meeting_minutes,
        office=office,
        is_remote=row.is_remote,
        is_demonstration=row.is_demonstration,
        office_id=row.office_id,
        timezone=ZoneInfo(row.timezone) if row.timezone else QUEBEC,
        most_a_day=row.most_a_day,
        is_active=row.is_active,
        absences=away,
    )
