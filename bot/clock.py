"""The one clock. It is passed in; nobody else asks the machine for the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Says the time in UTC. Started at an instant of its own, it runs on from there."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = start - datetime.now(UTC) if start else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift
