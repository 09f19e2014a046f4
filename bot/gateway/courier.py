"""Carries what is in the outbox to the channels that have to be called. One runs in each `serve courier`.

A message is claimed, sent, then marked: docs/telegram.md says what a crash between the last two does.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Protocol

from bot.bell import DESK, Ear
from bot.domain.messages import Channel
from bot.services.outbox import CLAIM, Delivery
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

PARALLEL = 8
LOOK_EVERY = 1.0
# A sending ends before its claim does, so that no other courier can begin it meanwhile.
SENDING = CLAIM.total_seconds() * 0.75
# What a sending under way is given at a stop.
GRACE = 5.0
NO_CHANNEL = 60.0
MARK_AGAIN = 0.5


class Later(Exception):
    """Not now: again after `seconds`."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(seconds, reason)
        self.seconds = seconds
        self.reason = reason


class Unreachable(Exception):
    """This person can't be reached on this channel any more."""


class Refused(Exception):
    """This message will never be taken; others may."""


class Carrier(Protocol):
    """A channel that has to be called. `deliver` raises Later, Unreachable or Refused."""

    async def deliver(self, delivery: Delivery) -> None: ...


class Courier:
    def __init__(self, wiring: Wiring, channels: Mapping[Channel, Carrier]) -> None:
        self._outbox = wiring.services.outbox
        self._bell = wiring.bell
        self._channels = channels
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._ear: Ear | None = None
        self._is_stopping = False
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Delivers until `stop`, or until cancelled; what is being sent then is finished and marked."""
        self._ended.clear()
        try:
            with self._bell.listen(DESK) as self._ear:
                while not self._is_stopping:
                    if not await self._begin():
                        await self._ear.wait(LOOK_EVERY)
        finally:
            await self._finish()
            self._ended.set()

    async def stop(self) -> None:
        """Begins nothing more, and returns when what was being sent is sent and marked."""
        self._is_stopping = True
        if self._ear is not None:
            self._ear.ring()
        await self._ended.wait()

    async def _begin(self) -> bool:
        """Begins what is due, as far as there is room. False when there was nothing to begin."""
        room = PARALLEL - len(self._under_way)
        if room <= 0:
            return False
        try:
            deliveries = await self._outbox.claim(room)
        except Exception as error:  # the store may be away: the courier outlives it
            log_crash("outbox not read", error)
            return False
        # A claim that ran out while the message is still being sent here comes back: its sending goes on.
        new = [delivery for delivery in deliveries if delivery.id not in self._under_way]
        for delivery in new:
            task = asyncio.create_task(self._carry(delivery), name=f"delivery {delivery.id}")
            self._under_way[delivery.id] = task
            task.add_done_callback(partial(self._done, delivery.id))
        return bool(new)

    def _done(self, outbox_id: str, _task: asyncio.Task[None]) -> None:
        del self._under_way[outbox_id]
        self._wake()

    def _wake(self) -> None:
        if self._ear is not None:
            self._ear.ring()

    async def _carry(self, delivery: Delivery) -> None:
        ids = (delivery.conversation.id, delivery.message.seq)
        channel = self._channels.get(delivery.conversation.channel)
        try:
            if channel is None:
                raise Later(NO_CHANNEL, "no channel")
            try:
                async with asyncio.timeout(SENDING):
                    await channel.deliver(delivery)
            except TimeoutError:
                raise Later(0, "too slow") from None
        except Later as later:
            logger.info("delivery put off: conversation=%s seq=%s reason=%s", *ids, later.reason)
            await self._put_off(delivery, later)
        except Unreachable:
            logger.info("person unreachable: conversation=%s", delivery.conversation.id)
            await self._surely(lambda: self._outbox.mark_unreachable(delivery.conversation.id, "unreachable"))
        except Refused:
            logger.error("message refused by the channel, given up: conversation=%s seq=%s", *ids)
            await self._surely(lambda: self._outbox.give_up(delivery, "refused"))
        except Exception as error:
            log_crash("delivery failed", error)
            await self._put_off(delivery, Later(min(300, 2.0**delivery.attempts), type(error).__name__))
        else:
            await self._surely(lambda: self._outbox.mark_delivered(delivery))

    async def _put_off(self, delivery: Delivery, later: Later) -> None:
        wait = timedelta(seconds=later.seconds)
        await self._surely(lambda: self._outbox.put_off(delivery, wait, later.reason))
        asyncio.get_running_loop().call_later(later.seconds, self._wake)

    async def _surely(self, mark: Callable[[], Awaitable[None]]) -> None:
        """Writes what happened, as often as it takes: a message that was sent and isn't marked would be sent twice."""
        while True:
            try:
                return await mark()
            except Exception as error:
                log_crash("outbox not written", error)
                await asyncio.sleep(MARK_AGAIN)

    async def _finish(self) -> None:
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def log_crash(what: str, error: Exception) -> None:
    """Where it happened, without the error's own words: they may quote a person's."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, frames)
