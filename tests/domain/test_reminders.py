"""When a meeting is recalled: a day and two hours before, by day where the person is, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import QUEBEC
from bot.domain.reminders import PUNCTUAL, Reminder, ReminderKind, reminder_times, time_to_say
from tests.factories import montreal

DAY_BEFORE, TWO_HOURS = ReminderKind.DAY_BEFORE, ReminderKind.TWO_HOURS
ZONES = [
    ZoneInfo(name)
    for name in (
        *("America/Toronto", "America/Bogota", "America/Vancouver", "America/Halifax", "Africa/Dakar", "Europe/Paris"),
        *("Africa/Casablanca", "Asia/Manila", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Gaza"),
    )
]
DAYS = st.datetimes(datetime(2026, 1, 2), datetime(2029, 1, 1), timezones=st.just(UTC))


def at(text: str, zone: ZoneInfo = QUEBEC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("starts", "zone", "now", "day_before", "two_hours"),
    [
        pytest.param(
            *("2026-12-08 14:00", "America/Toronto", "2026-12-03 10:00", "2026-12-07 14:00", "2026-12-08 12:00"),
            id="plain",
        ),
        pytest.param(
            *("2026-12-08 09:00", "America/Toronto", "2026-12-03 10:00", "2026-12-07 09:00", "2026-12-07 20:50"),
            id="two hours before is too early: the evening before",
        ),
        pytest.param(
            *("2026-12-08 09:00", "America/Toronto", "2026-12-07 22:00", None, "2026-12-08 08:00"),
            id="booked at night: at 8",
        ),
        pytest.param(
            *("2026-12-08 07:30", "America/Toronto", "2026-12-07 22:00", None, None),
            id="booked at night, begins before 8: none",
        ),
        pytest.param(
            *("2026-12-08 14:00", "America/Toronto", "2026-12-08 12:30", None, None), id="booked too late for either"
        ),
        pytest.param(
            *("2026-12-08 10:00", "America/Vancouver", "2026-12-03 10:00", "2026-12-06 23:50", "2026-12-07 23:50"),
            id="seven in Vancouver: the evenings there",
        ),
        pytest.param(
            *("2026-12-08 09:00", "Africa/Dakar", "2026-12-03 10:00", "2026-12-07 09:00", "2026-12-08 07:00"),
            id="two in the afternoon in Dakar",
        ),
        pytest.param(
            # 23:30 in Manila; two hours before is 21:30 there.
            *("2026-12-08 10:30", "Asia/Manila", "2026-12-03 10:00", "2026-12-07 07:50", "2026-12-08 07:50"),
            id="late evening in Manila",
        ),
        pytest.param(
            # The clocks go back on November 1st: 25 hours before.
            *("2026-11-01 14:00", "America/Toronto", "2026-10-28 10:00", "2026-10-31 14:00", "2026-11-01 12:00"),
            id="the same hour of the clock the day before",
        ),
    ],
)
def test_times(starts: str, zone: str, now: str, day_before: str | None, two_hours: str | None) -> None:
    wanted = {DAY_BEFORE: day_before, TWO_HOURS: two_hours}
    found = reminder_times(montreal(starts), ZoneInfo(zone), montreal(now))
    assert found == {kind: montreal(text) for kind, text in wanted.items() if text}


@given(DAYS, st.sampled_from(ZONES), st.integers(0, 60 * 24 * 9))
def test_never_at_night_never_after_never_in_the_past(starts: datetime, zone: ZoneInfo, minutes: int) -> None:
    now = starts - timedelta(minutes=minutes)
    times = reminder_times(starts, zone, now)
    for moment in times.values():
        assert now < moment < starts
        assert time(8) <= moment.astimezone(zone).time() < time(21)
        assert moment.tzinfo is UTC
    if len(times) == 2:
        assert times[DAY_BEFORE] < times[TWO_HOURS]


@given(DAYS, st.sampled_from(ZONES))
def test_a_meeting_booked_early_is_recalled_twice(starts: datetime, zone: ZoneInfo) -> None:
    times = reminder_times(starts, zone, starts - timedelta(days=4))
    assert set(times) == set(ReminderKind)
    # The night is eleven hours; clocks change by an hour at most, and by half of one on Lord Howe.
    assert timedelta(hours=23) <= starts - times[DAY_BEFORE] <= timedelta(hours=37, minutes=30)
    assert timedelta(hours=2) <= starts - times[TWO_HOURS] <= timedelta(hours=14, minutes=30)


@given(DAYS, st.sampled_from(ZONES), st.integers(0, 60 * 24 * 3))
def test_what_comes_late_is_said_by_day_or_not_at_all(starts: datetime, zone: ZoneInfo, minutes: int) -> None:
    for kind, due in reminder_times(starts, zone, starts - timedelta(days=4)).items():
        now = due + timedelta(minutes=minutes)
        said = time_to_say(Reminder("r", "c", "meeting", "m", kind, due), starts, zone, now)
        if said is not None:
            assert now <= said < starts
            by_day = said if said > now else now - min(now - due, PUNCTUAL)
            assert time(8) <= by_day.astimezone(zone).time() < time(21)
        else:
            # A night, and the two hours in which the other reminder has said it; the clocks may change.
            assert starts - now <= timedelta(hours=14)


def test_late_by_night_waits_for_the_morning() -> None:
    reminder = Reminder("r", "c", "meeting", "m", DAY_BEFORE, montreal("2026-12-07 20:00"))
    starts = montreal("2026-12-08 20:00")
    assert time_to_say(reminder, starts, QUEBEC, montreal("2026-12-07 23:00")) == montreal("2026-12-08 08:00")
    assert time_to_say(reminder, starts, QUEBEC, montreal("2026-12-08 11:00")) == montreal("2026-12-08 11:00")
    assert time_to_say(reminder, starts, QUEBEC, montreal("2026-12-08 18:30")) is None
