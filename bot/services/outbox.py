"""What the courier carries: claimed, delivered once, put off when the other side says wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.conversations import Conversation
from bot.domain.messages import Message
from bot.services.house import House

# Longer than any single delivery takes; a courier that died gives its rows back after this.
CLAIM = timedelta(seconds=60)
BATCH = 25


@dataclass(frozen=True)
class Delivery:
    id: str
    conversation: Conversation
    message: Message
    attempts: int


class OutboxService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def claim(self, limit: int = BATCH) -> Sequence[Delivery]:
        """The oldest undelivered message of each conversation that is due, ours alone for `CLAIM`."""
        house = self._house
        deliveries = []
        async with house.work() as unit:
            for outbox_id, conversation_id, seq, attempts in await unit.outbox.claim(house.clock.now(), CLAIM, limit):
                conversation = await unit.conversations.get(conversation_id)
                message = await unit.conversations.message(conversation_id, seq)
                if conversation is not None and message is not None:
                    deliveries.append(Delivery(outbox_id, conversation, message, attempts))
        return deliveries

    async def mark_delivered(self, delivery: Delivery) -> None:
        async with self._house.work() as unit:
            await unit.outbox.mark_delivered(delivery.id, self._house.clock.now())

    async def put_off(self, delivery: Delivery, wait: timedelta, error: str) -> None:
        async with self._house.work() as unit:
            await unit.outbox.put_off(delivery.id, self._house.clock.now() + wait, error)

    async def give_up(self, delivery: Delivery, error: str) -> None:
        """This message can never be delivered as it is; the next ones go on."""
        async with self._house.work() as unit:
            await unit.outbox.fail(delivery.id, error)

    async def mark_unreachable(self, conversation_id: str, error: str) -> None:
        """The person blocked us: what was due is given up, and what comes next waits until they write again."""
        house = self._house
        async with house.work() as unit:
            await unit.outbox.fail_all(conversation_id, error)
            await unit.conversations.change(conversation_id, house.clock.now(), is_reachable=False)
        await house.bell.ring(conversation_id)
