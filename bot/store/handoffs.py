"""Teams and hand-overs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversations import Conversation
from bot.domain.handoffs import Handoff, HandoffState, Team
from bot.store.conversations import _conversation
from bot.store.tables import conversations, handoffs, staff, teams


class HandoffStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_team(self, team: Team) -> None:
        await self._connection.execute(
            insert(teams).values(id=team.id, name=team.name, region=team.region, opens=team.opens, closes=team.closes)
        )

    async def team_for(self, region: str | None) -> Team | None:
        """The region's own team, else the one for all of Québec."""
        query = (
            select(teams)
            .where(or_(teams.c.region == region, teams.c.region.is_(None)))
            .order_by(teams.c.region.is_(None))
            .limit(1)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _team(row) if row else None

    async def has_teams(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(teams))).scalar_one())

    async def add(self, handoff: Handoff) -> None:
        """Raises sqlalchemy.exc.IntegrityError when the conversation already has an open hand-over."""
        await self._connection.execute(
            insert(handoffs).values(
                id=handoff.id,
                conversation_id=handoff.conversation_id,
                team_id=handoff.team.id,
                state=handoff.state.value,
                is_urgent=handoff.is_urgent,
                asked_at=handoff.asked_at,
            )
        )

    async def open_for(self, conversation_id: str) -> Handoff | None:
        query = _handoffs().where(
            handoffs.c.conversation_id == conversation_id, handoffs.c.state != HandoffState.CLOSED.value
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _handoff(row) if row else None

    async def all_open(self) -> Sequence[Handoff]:
        """Waiting ones first (urgent, then oldest), then those taken."""
        query = (
            _handoffs()
            .where(handoffs.c.state != HandoffState.CLOSED.value)
            .order_by(handoffs.c.state.desc(), handoffs.c.is_urgent.desc(), handoffs.c.asked_at)
        )
        return [_handoff(row) for row in await self._connection.execute(query)]

    async def conversations_open(self) -> dict[str, Conversation]:
        """The conversations of `all_open`, by id, in one query."""
        query = (
            select(conversations)
            .join(handoffs, handoffs.c.conversation_id == conversations.c.id)
            .where(handoffs.c.state != HandoffState.CLOSED.value)
        )
        return {row.id: _conversation(row) for row in await self._connection.execute(query)}

    async def take(self, handoff_id: str, staff_id: str, now: datetime) -> bool:
        """False when somebody was first."""
        taken = await self._connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.state == HandoffState.WAITING.value)
            .values(state=HandoffState.TAKEN.value, staff_id=staff_id, taken_at=now)
        )
        return taken.rowcount == 1

    async def close(self, handoff_id: str, now: datetime) -> bool:
        closed = await self._connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff_id, handoffs.c.state != HandoffState.CLOSED.value)
            .values(state=HandoffState.CLOSED.value, closed_at=now)
        )
        return closed.rowcount == 1

    async def mark_urgent(self, handoff_id: str) -> None:
        await self._connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(is_urgent=True))


def _handoffs() -> Select[Any]:
    return (
        select(
            handoffs,
            teams.c.name.label("team_name"),
            teams.c.region,
            teams.c.opens,
            teams.c.closes,
            staff.c.name.label("staff_name"),
        )
        .join(teams, teams.c.id == handoffs.c.team_id)
        .outerjoin(staff, staff.c.id == handoffs.c.staff_id)
    )


def _team(row: Row[Any]) -> Team:
    return Team(id=row.id, name=row.name, region=row.region, opens=row.opens, closes=row.closes)


def _handoff(row: Row[Any]) -> Handoff:
    return Handoff(
        id=row.id,
        conversation_id=row.conversation_id,
        team=Team(row.team_id, row.team_name, row.region, row.opens, row.closes),
        state=HandoffState(row.state),
        asked_at=row.asked_at,
        is_urgent=row.is_urgent,
        staff_id=row.staff_id,
        staff_name=row.staff_name,
        taken_at=row.taken_at,
        closed_at=row.closed_at,
    )
