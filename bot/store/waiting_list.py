"""Who waits for an earlier meeting, and the freed times held for them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversations import HandledBy
from bot.domain.meetings import QUEBEC, Mode, Wish
from bot.domain.waiting_list import OfferState, TimeOffer, Waiting
from bot.store.tables import conversations, time_offers, waiting_list


class AlreadyHeld(Exception):
    """The database refused: this time is held for somebody, or another time is held for this person."""


class WaitingListStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def join(self, waiting: Waiting) -> None:
        """Who waits already keeps the moment they joined."""
        wish = waiting.wish
        values: dict[str, Any] = {
            "arrival": wish.arrival,
            "due": waiting.due,
            "region": wish.region,
            "mode": wish.mode.value,
            "is_mode_firm": wish.is_mode_firm,
            "language": wish.language,
            "sooner_than": waiting.sooner_than,
        }
        changed = await self._connection.execute(
            update(waiting_list).where(waiting_list.c.conversation_id == waiting.conversation_id).values(values)
        )
        if changed.rowcount == 0:
            await self._connection.execute(
                insert(waiting_list).values(
                    id=str(uuid.uuid4()),
                    conversation_id=waiting.conversation_id,
                    joined_at=waiting.joined_at,
                    **values,
                )
            )

    async def leave(self, conversation_id: str) -> bool:
        left = await self._connection.execute(
            delete(waiting_list).where(waiting_list.c.conversation_id == conversation_id)
        )
        return left.rowcount == 1

    async def entry(self, conversation_id: str) -> Waiting | None:
        query = _entries().where(waiting_list.c.conversation_id == conversation_id)
        row = (await self._connection.execute(query)).one_or_none()
        return _waiting(row) if row else None

    async def entries(self) -> Sequence[Waiting]:
        """Everybody who waits."""
        return [_waiting(row) for row in await self._connection.execute(_entries())]

    async def askable(self) -> Sequence[Waiting]:
        """Who may be asked now: nothing is held for them, they can be reached, and the assistant speaks with them."""
        asked = select(time_offers.c.id).where(
            time_offers.c.conversation_id == waiting_list.c.conversation_id,
            time_offers.c.state == OfferState.OPEN.value,
        )
        query = _entries().where(
            ~asked.exists(),
            conversations.c.is_reachable,
            conversations.c.handled_by == HandledBy.ASSISTANT.value,
        )
        return [_waiting(row) for row in await self._connection.execute(query)]

    async def asked_about(self, agent_id: str, starts_at: datetime) -> frozenset[str]:
        """The conversations that this time was held for before, and that let it go."""
        query = select(time_offers.c.conversation_id).where(
            time_offers.c.agent_id == agent_id,
            time_offers.c.starts_at == starts_at,
            time_offers.c.state.in_((OfferState.DECLINED.value, OfferState.EXPIRED.value)),
        )
        return frozenset((await self._connection.execute(query)).scalars())

    async def hold(self, offer: TimeOffer) -> None:
        """Raises AlreadyHeld when a unique key says so; the transaction then goes on."""
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(
                    insert(time_offers).values(
                        id=offer.id,
                        conversation_id=offer.conversation_id,
                        agent_id=offer.agent_id,
                        starts_at=offer.starts_at,
                        mode=offer.mode.value,
                        state=offer.state.value,
                        reason=offer.reason,
                        offered_at=offer.offered_at,
                        expires_at=offer.expires_at,
                        told_at=offer.told_at,
                        answered_at=offer.answered_at,
                    )
                )
        except IntegrityError as refused:
            raise AlreadyHeld from refused

    async def offer(self, offer_id: str) -> TimeOffer | None:
        row = (await self._connection.execute(select(time_offers).where(time_offers.c.id == offer_id))).one_or_none()
        return _offer(row) if row else None

    async def open_offer(self, conversation_id: str) -> TimeOffer | None:
        query = select(time_offers).where(
            time_offers.c.conversation_id == conversation_id, time_offers.c.state == OfferState.OPEN.value
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _offer(row) if row else None

    async def is_held(self, agent_id: str, starts_at: datetime) -> bool:
        query = select(time_offers.c.id).where(
            time_offers.c.agent_id == agent_id,
            time_offers.c.starts_at == starts_at,
            time_offers.c.state == OfferState.OPEN.value,
        )
        return (await self._connection.execute(query)).first() is not None

    async def to_tell(self, now: datetime) -> Sequence[TimeOffer]:
        query = select(time_offers).where(
            time_offers.c.state == OfferState.OPEN.value,
            time_offers.c.told_at.is_(None),
            time_offers.c.offered_at <= now,
        )
        return [_offer(row) for row in await self._connection.execute(query.order_by(time_offers.c.offered_at))]

    async def run_out(self, now: datetime) -> Sequence[TimeOffer]:
        """Held times whose person was told, and did not answer in time."""
        query = select(time_offers).where(
            time_offers.c.state == OfferState.OPEN.value,
            time_offers.c.told_at.is_not(None),
            time_offers.c.expires_at <= now,
        )
        return [_offer(row) for row in await self._connection.execute(query.order_by(time_offers.c.expires_at))]

    async def mark_told(self, offer_id: str, now: datetime, expires_at: datetime) -> bool:
        """False when it was told already, or is not open any more."""
        told = await self._connection.execute(
            update(time_offers)
            .where(
                time_offers.c.id == offer_id,
                time_offers.c.state == OfferState.OPEN.value,
                time_offers.c.told_at.is_(None),
            )
            .values(told_at=now, expires_at=expires_at)
        )
        return told.rowcount == 1

    async def end(self, offer_id: str, state: OfferState, now: datetime) -> bool:
        """False when it was not open any more."""
        ended = await self._connection.execute(
            update(time_offers)
            .where(time_offers.c.id == offer_id, time_offers.c.state == OfferState.OPEN.value)
            .values(state=state.value, answered_at=now)
        )
        return ended.rowcount == 1

    async def change_arrival(self, conversation_id: str, arrival: date, due: date) -> bool:
        changed = await self._connection.execute(
            update(waiting_list)
            .where(waiting_list.c.conversation_id == conversation_id)
            .values(arrival=arrival, due=due)
        )
        return changed.rowcount == 1

    async def offers(self, since: datetime) -> Sequence[TimeOffer]:
        """Every time held since then, in order: who was asked, and why."""
        query = select(time_offers).where(time_offers.c.offered_at >= since)
        rows = await self._connection.execute(query.order_by(time_offers.c.offered_at, time_offers.c.id))
        return [_offer(row) for row in rows]


def _entries() -> Any:
    return select(waiting_list, conversations.c.timezone).join(
        conversations, conversations.c.id == waiting_list.c.conversation_id
    )


def _waiting(row: Row[Any]) -> Waiting:
    wish = Wish(row.arrival, row.region, Mode(row.mode), row.language, row.is_mode_firm)
    timezone = ZoneInfo(row.timezone) if row.timezone else QUEBEC
    return Waiting(row.conversation_id, wish, row.due, row.joined_at, row.sooner_than, timezone)


def _offer(row: Row[Any]) -> TimeOffer:
    return TimeOffer(
        id=row.id,
        conversation_id=row.conversation_id,
        agent_id=row.agent_id,
        starts_at=row.starts_at,
        mode=Mode(row.mode),
        state=OfferState(row.state),
        reason=row.reason,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        told_at=row.told_at,
        answered_at=row.answered_at,
    )
