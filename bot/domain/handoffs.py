"""A hand-over: the person asked for a human; a team answers for their region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.working_days import ClosedDays


class HandoffState(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True)
class Team:
    """The people who answer for a region (`None`: for all of Québec). Hours are Montréal's, on working days."""

    id: str
    name: str
    region: str | None
    opens: time
    closes: time


@dataclass(frozen=True)
class Handoff:
    """All instants are UTC. `staff_name` is the public name shown to the person."""

    id: str
    conversation_id: str
    team: Team
    state: HandoffState
    asked_at: datetime
    is_urgent: bool = False
    staff_id: str | None = None
    staff_name: str | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None


def next_opening(team: Team, now: datetime, closed: ClosedDays, zone: ZoneInfo) -> datetime | None:
    """When the team is next there, in `zone`; None when it is there now."""
    local = now.astimezone(zone)
    if closed.is_working_day(local.date()) and team.opens <= local.time() < team.closes:
        return None
    day: date = local.date()
    if local.time() >= team.opens:
        day += timedelta(days=1)
    while not closed.is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, team.opens, zone)
