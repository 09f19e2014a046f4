"""What stands in for the outside world."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.clock import Clock


class FakeClock(Clock):
    """Stands still until it is told otherwise."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at

    def move(self, by: timedelta) -> None:
        self._at += by
