"""How much one person, or one address, may ask of us."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RateLimit:
    """At most `limit` events in any `seconds`, for each key. `now` is monotonic seconds."""

    def __init__(self, limit: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._now = now
        self._seen: dict[str, deque[float]] = {}

    def allows(self, key: str) -> bool:
        """Whether this event is within the limit; it is counted only when it is."""
        now = self._now()
        self._forget(now)
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - self._seconds:
            seen.popleft()
        if len(seen) >= self._limit:
            return False
        seen.append(now)
        return True

    def _forget(self, now: float) -> None:
        """Drops keys that have been silent, a few at each call: what is kept stays small."""
        for key in tuple(self._seen)[:2]:
            seen = self._seen.pop(key)
            if seen and seen[-1] > now - self._seconds:
                self._seen[key] = seen


class TooManyConnections(Exception):
    """This address has as many open connections as it may."""


class ConnectionLimit:
    """At most `limit` connections at a time for each address."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: defaultdict[str, int] = defaultdict(int)

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """Raises TooManyConnections."""
        if self._open[address] >= self._limit:
            raise TooManyConnections
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
