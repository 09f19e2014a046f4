"""When a meeting is recalled: a day before and two hours before, never at night where the person is.

Called by the reminders' service, with the person's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.waiting_list import SLEEPS, WAKES, waking

# What falls in the night is said in the evening: early enough to be said by 21:00.
EVENING = time(20, 50)
# A reminder said this late is still said; later, the hour is looked at again.
PUNCTUAL = timedelta(minutes=10)


class ReminderKind(StrEnum):
    DAY_BEFORE = "day_before"
    TWO_HOURS = "two_hours"


TWO_HOURS = timedelta(hours=2)


class ReminderState(StrEnum):
    """`SKIPPED`: the person wants none, or it was too late."""

    PLANNED = "planned"
    SAID = "said"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Reminder:
    """`subject_id` is of a meeting, or of a registration to a session. `due_at` is UTC."""

    id: str
    conversation_id: str
    subject: str
    subject_id: str
    kind: str
    due_at: datetime
    state: ReminderState = ReminderState.PLANNED


@dataclass(frozen=True)
class Preferences:
    """What a person chose of reminders; e-mail only when they gave an address."""

    reminders_on: bool = True
    email: str | None = None


def reminder_times(starts_at: datetime, zone: ZoneInfo, now: datetime) -> dict[ReminderKind, datetime]:
    """The instants (UTC) still to come at which to recall what begins then; a day is one of the person's clock.

    What falls between 21:00 and 8:00 is said the evening before; when that is past, at 8:00 if it has not begun.
    """
    begins = starts_at.astimezone(UTC)
    day_before = starts_at.astimezone(zone) - timedelta(days=1)
    wanted = {ReminderKind.DAY_BEFORE: day_before.astimezone(UTC), ReminderKind.TWO_HOURS: begins - TWO_HOURS}
    times = {kind: _by_day(moment, begins, zone, now) for kind, moment in wanted.items()}
    return {kind: moment for kind, moment in times.items() if moment is not None}


def time_to_say(reminder: Reminder, starts_at: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When to say a reminder that is due: now, the next morning, or never any more."""
    too_late = starts_at - TWO_HOURS if reminder.kind == ReminderKind.DAY_BEFORE else starts_at
    if now >= too_late:
        return None
    if now - reminder.due_at <= PUNCTUAL:
        return now
    morning = waking(now, zone)
    return morning if morning < too_late else None


def _by_day(moment: datetime, begins: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    local = moment.astimezone(zone)
    if WAKES <= local.time() < SLEEPS:
        return moment if moment > now else None
    evening_before = local.date() if local.time() >= SLEEPS else local.date() - timedelta(days=1)
    evening = datetime.combine(evening_before, EVENING, zone).astimezone(UTC)
    return next((said for said in (evening, waking(moment, zone)) if now < said < begins), None)
