"""How fast we may speak on Telegram, when to try again, and what we have just seen."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic

from bot.gateway.courier import Later

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message a second in a chat,
# short bursts tolerated; 30 a second over all chats. 25 leave room for those that arrive closer than they left.
CHAT_RATE, CHAT_BURST = 1.0, 3
RATE = 25.0
# What a failure waits: the first, and the most, when we listen (people wait) and when we send.
FIRST_WAIT = 1.0
LONGEST_LISTENING, LONGEST_SENDING = 30.0, 300.0
_MANY = 2000


def backoff(failures: int, longest: float) -> float:
    """Doubles at each failure; the jitter keeps many from coming back together."""
    return min(longest, FIRST_WAIT * 2.0 ** min(failures, 20)) * random.uniform(0.5, 1)


class Pace:
    """Our own limits, kept below Telegram's, and the silences Telegram asks for."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._queue = asyncio.Lock()
        self._next = 0.0
        self._chats: dict[int, float] = {}
        self._silent: dict[int, float] = {}
        self._all_silent = 0.0

    async def turn(self, chat: int) -> None:
        """Returns when a message may be sent to this chat. Raises Later while Telegram wants silence."""
        self._check(chat)
        # A leaky bucket (GCRA): where it stands, one place further; a burst may run that many places ahead.
        place = max(self._chats.get(chat, 0.0), self._now())
        self._chats[chat] = place + 1 / CHAT_RATE
        await asyncio.sleep(place - (CHAT_BURST - 1) / CHAT_RATE - self._now())
        async with self._queue:
            await asyncio.sleep(self._next - self._now())
            self._next = self._now() + 1 / RATE
        self._check(chat)
        if len(self._chats) > _MANY:
            self._chats = {key: until for key, until in self._chats.items() if until > self._now()}

    def silence(self, chat: int, seconds: float) -> None:
        """Telegram said 429. It doesn't say for whom: one chat is taken to be that chat, a second one to be all."""
        now = self._now()
        self._silent = {key: until for key, until in self._silent.items() if until > now}
        if any(key != chat for key in self._silent):
            self._all_silent = max(self._all_silent, now + seconds)
        self._silent[chat] = now + seconds

    def _check(self, chat: int) -> None:
        left = max(self._silent.get(chat, 0.0), self._all_silent) - self._now()
        if left > 0:
            raise Later(left, "silence asked")


class Recent:
    """The last keys seen."""

    def __init__(self, size: int = _MANY) -> None:
        self._size = size
        self._keys: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def add(self, key: Hashable) -> bool:
        """False when it was there."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._size:
            self._keys.popitem(last=False)
        return True

    def discard(self, key: Hashable) -> None:
        self._keys.pop(key, None)
