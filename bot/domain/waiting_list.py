"""Who waits for an earlier meeting, and who is asked first when a time is freed.

First the earliest due date, then who asked first. A freed time is held for one person for an hour of their waking
day; then it passes on. Called by the waiting list's service.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.meetings import NOTICE, Agent, Mode, Wish, can_meet, first_day, modes_for, montreal_day

WAKES, SLEEPS = time(8), time(21)
HELD_FOR = timedelta(minutes=60)
# After the due date, a time that is sooner by less is not worth a message.
WORTH = timedelta(days=1)


class OfferState(StrEnum):
    """`WITHDRAWN`: neither answered nor run out; the person or the agent no longer has a use for it."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Waiting:
    """`sooner_than` is what the person has, or could have had: only a time before it is of use."""

    conversation_id: str
    wish: Wish
    due: date
    joined_at: datetime
    sooner_than: datetime | None
    timezone: ZoneInfo


@dataclass(frozen=True)
class TimeOffer:
    """A time held for one person until `expires_at`. `told_at` is None until they were told: nobody is woken up."""

    id: str
    conversation_id: str
    agent_id: str
    starts_at: datetime
    mode: Mode
    state: OfferState
    reason: str
    offered_at: datetime
    expires_at: datetime
    told_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Why:
    """Why this person was asked: their place in the list, and for which reasons those before them were not."""

    due: str
    joined_at: str
    place: int
    waiting: int
    already_asked: int
    not_suited: int
    too_short: int

    def as_text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Why:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Chosen:
    waiting: Waiting
    mode: Mode
    why: Why


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The earliest due date first, then who asked first."""
    return sorted(waiting, key=lambda one: (one.due, one.joined_at, one.conversation_id))


def choose(
    agent: Agent,
    starts_at: datetime,
    waiting: Iterable[Waiting],
    asked: Collection[str],
    agents: Sequence[Agent],
    now: datetime,
) -> Chosen | None:
    """The next person to ask about a free time; None when it is of use to nobody. `asked` have had their turn."""
    ordered = in_order(waiting)
    passed: dict[str, int] = {"already_asked": 0, "not_suited": 0, "too_short": 0}
    for place, one in enumerate(ordered, start=1):
        mode = mode_for(agent, starts_at, one, agents, now)
        if one.conversation_id in asked:
            passed["already_asked"] += 1
        elif mode is None or not is_worth(one, starts_at):
            passed["not_suited"] += 1
        elif not leaves_time_to_answer(starts_at, one.timezone, now):
            passed["too_short"] += 1
        else:
            joined = one.joined_at.astimezone(UTC).isoformat(timespec="seconds")
            return Chosen(one, mode, Why(one.due.isoformat(), joined, place, len(ordered), **passed))
    return None


def mode_for(agent: Agent, starts_at: datetime, one: Waiting, agents: Sequence[Agent], now: datetime) -> Mode | None:
    """How this agent may meet this person then; None when they may not.

    Another language is no obstacle when no agent who could meet this person speaks theirs.
    """
    wish = one.wish
    for mode in modes_for(wish):
        if not can_meet(agent, wish.region, mode) or montreal_day(starts_at) < first_day(wish, mode, montreal_day(now)):
            continue
        if wish.language in agent.languages or not any(
            wish.language in other.languages and can_meet(other, wish.region, mode) for other in agents
        ):
            return mode
    return None


def is_worth(one: Waiting, starts_at: datetime) -> bool:
    """Whether the time is in time and sooner, or, too late for that, sooner by a day."""
    if one.sooner_than is None:
        return True
    if montreal_day(starts_at) <= one.due:
        return starts_at < one.sooner_than
    return starts_at <= one.sooner_than - WORTH


def leaves_time_to_answer(starts_at: datetime, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the hour to answer ends early enough before the meeting."""
    return until(waking(now, zone), zone) + NOTICE <= starts_at


def waking(now: datetime, zone: ZoneInfo) -> datetime:
    """Now, or, at night in this zone, the next morning at 8."""
    local = now.astimezone(zone)
    if WAKES <= local.time() < SLEEPS:
        return now.astimezone(UTC)
    morning = local.date() if local.time() < WAKES else local.date() + timedelta(days=1)
    return datetime.combine(morning, WAKES, zone).astimezone(UTC)


def until(told_at: datetime, zone: ZoneInfo) -> datetime:
    """When an hour of waking has passed since: what is left at 21:00 goes on at 8:00."""
    local = told_at.astimezone(zone)
    evening = datetime.combine(local.date(), SLEEPS, zone).astimezone(UTC)
    left = max(timedelta(), evening - told_at)
    if left >= HELD_FOR:
        return told_at.astimezone(UTC) + HELD_FOR
    return waking(evening, zone) + HELD_FOR - left
