"""Who is asked first about a freed time, and how long it is held: an hour of their waking day, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import QUEBEC, Mode, Wish
from bot.domain.waiting_list import (
    HELD_FOR,
    SLEEPS,
    WAKES,
    Waiting,
    Why,
    choose,
    in_order,
    is_worth,
    leaves_time_to_answer,
    mode_for,
    until,
    waking,
)
from bot.i18n.dates import say_both_zones
from tests.factories import NOW, a_wish, an_agent, montreal

FRIDAY_9 = montreal("2026-12-04 09:00")
TUESDAY_9 = montreal("2026-12-15 09:00")
DUE = date(2026, 12, 9)
AGENT = an_agent()
ZONES = (
    "America/Toronto",
    "America/Bogota",
    "Africa/Dakar",
    "Europe/Paris",
    "Africa/Casablanca",
    "America/Vancouver",
)


def waiting(
    name: str, due: date = DUE, joined: int = 0, wish: Wish | None = None, sooner_than: datetime | None = TUESDAY_9
) -> Waiting:
    return Waiting(name, wish or a_wish(), due, NOW + timedelta(minutes=joined), sooner_than, QUEBEC)


def test_the_earliest_due_date_comes_first_then_who_asked_first() -> None:
    late = waiting("a", date(2026, 12, 10))
    second, first = waiting("b", joined=2), waiting("c", joined=1)
    assert [one.conversation_id for one in in_order([late, second, first])] == ["c", "b", "a"]


def test_the_first_in_the_list_is_chosen_and_it_can_be_explained() -> None:
    asked, elsewhere = waiting("a", joined=1), waiting("b", joined=2, wish=a_wish(region="03"))
    elsewhere = replace(elsewhere, wish=replace(elsewhere.wish, is_mode_firm=True))
    next_one, last = waiting("c", joined=3), waiting("d", joined=4)
    chosen = choose(AGENT, FRIDAY_9, [last, next_one, elsewhere, asked], {"a"}, [AGENT], NOW)
    assert chosen is not None
    assert (chosen.waiting.conversation_id, chosen.mode) == ("c", Mode.IN_PERSON)
    why = Why.from_text(chosen.why.as_text())
    assert (why.place, why.waiting, why.already_asked, why.not_suited, why.too_short) == (3, 4, 1, 1, 0)
    assert (why.due, len(chosen.why.as_text()) < 400) == ("2026-12-09", True)


def test_a_time_of_use_to_nobody_is_held_for_nobody() -> None:
    assert choose(AGENT, FRIDAY_9, [], (), [AGENT], NOW) is None
    assert choose(AGENT, FRIDAY_9, [waiting("a", sooner_than=FRIDAY_9)], (), [AGENT], NOW) is None


@pytest.mark.parametrize(
    ("sooner_than", "starts_at", "is_of_use"),
    [
        (None, TUESDAY_9, True),
        (TUESDAY_9, FRIDAY_9, True),
        (montreal("2026-12-09 11:00"), montreal("2026-12-09 09:00"), True),
        (TUESDAY_9, montreal("2026-12-14 09:00"), True),
        (TUESDAY_9, montreal("2026-12-14 10:00"), False),
        (TUESDAY_9, TUESDAY_9, False),
        (FRIDAY_9, montreal("2026-12-04 10:00"), False),
    ],
)
def test_a_time_after_the_due_date_must_be_sooner_by_a_day(
    sooner_than: datetime | None, starts_at: datetime, is_of_use: bool
) -> None:
    assert is_worth(waiting("a", sooner_than=sooner_than), starts_at) is is_of_use


def test_at_a_distance_when_the_agent_is_elsewhere_unless_that_was_refused() -> None:
    far = an_agent(region="03")
    assert mode_for(far, FRIDAY_9, waiting("a"), [far], NOW) is Mode.REMOTE
    firm = waiting("a", wish=replace(a_wish(), is_mode_firm=True))
    assert mode_for(far, FRIDAY_9, firm, [far], NOW) is None


def test_another_language_is_offered_only_where_nobody_speaks_the_persons() -> None:
    french, spanish = an_agent("f", languages=("fr",)), an_agent("s", languages=("es",))
    one = waiting("a", wish=a_wish(language="es"))
    assert mode_for(french, FRIDAY_9, one, [french, spanish], NOW) is None
    assert mode_for(french, FRIDAY_9, one, [french], NOW) is Mode.IN_PERSON


def test_nobody_is_asked_to_be_there_before_they_arrive() -> None:
    abroad = waiting("a", wish=a_wish(date(2026, 12, 4)), due=date(2026, 12, 11))
    assert mode_for(AGENT, FRIDAY_9, abroad, [AGENT], NOW) is Mode.REMOTE
    assert mode_for(AGENT, montreal("2026-12-07 09:00"), abroad, [AGENT], NOW) is Mode.IN_PERSON


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ("2026-12-03 10:00", "2026-12-03 11:00"),
        ("2026-12-03 20:00", "2026-12-03 21:00"),
        ("2026-12-03 20:40", "2026-12-04 08:40"),
        ("2026-12-03 20:59", "2026-12-04 08:59"),
    ],
)
def test_the_hour_is_one_of_waking(told: str, ends: str) -> None:
    assert until(montreal(told), QUEBEC) == montreal(ends)


def test_nobody_is_woken_up() -> None:
    assert waking(montreal("2026-12-03 21:00"), QUEBEC) == montreal("2026-12-04 08:00")
    assert waking(montreal("2026-12-04 03:00"), QUEBEC) == montreal("2026-12-04 08:00")
    assert waking(montreal("2026-12-04 08:00"), QUEBEC) == montreal("2026-12-04 08:00")
    # It is 10 in the morning in Montréal, and 23:00 in Manila.
    manila = ZoneInfo("Asia/Manila")
    assert waking(NOW, manila) == datetime(2026, 12, 4, 8, tzinfo=manila)


def test_a_time_too_near_is_not_held_for_who_sleeps() -> None:
    assert leaves_time_to_answer(montreal("2026-12-03 13:00"), QUEBEC, NOW)
    assert not leaves_time_to_answer(montreal("2026-12-03 12:59"), QUEBEC, NOW)
    assert not leaves_time_to_answer(montreal("2026-12-03 15:00"), ZoneInfo("Asia/Manila"), NOW)


@given(moment=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), zone=st.sampled_from(ZONES))
def test_what_is_held_ends_by_day_after_an_hour_or_a_night(moment: datetime, zone: str) -> None:
    told = waking(moment.replace(tzinfo=UTC), ZoneInfo(zone))
    end = until(told, ZoneInfo(zone))
    assert WAKES <= told.astimezone(ZoneInfo(zone)).time() < SLEEPS
    assert WAKES <= end.astimezone(ZoneInfo(zone)).time() <= SLEEPS
    assert HELD_FOR <= end - told <= timedelta(hours=13)


def changes(zone: str) -> Iterator[datetime]:
    """Every instant between 2026 and 2028 at which this zone's clocks change, to the minute."""
    place = ZoneInfo(zone)
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year < 2029:
        after = hour + timedelta(hours=1)
        if hour.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            yield after
        hour = after


CHANGES = [(zone, moment) for zone in ZONES for moment in changes(zone)]


def test_the_changes_are_those_that_are_known() -> None:
    """Twice a year in Montréal and Paris, never in Bogota and Dakar; other places' rules are still being made."""
    days = {zone: [f"{moment:%Y-%m-%d %H}" for place, moment in CHANGES if place == zone] for zone in ZONES}
    assert days["America/Toronto"] == [
        "2026-03-08 07", "2026-11-01 06", "2027-03-14 07", "2027-11-07 06", "2028-03-12 07", "2028-11-05 06",
    ]  # fmt: skip
    assert days["Europe/Paris"] == [
        "2026-03-29 01", "2026-10-25 01", "2027-03-28 01", "2027-10-31 01", "2028-03-26 01", "2028-10-29 01",
    ]  # fmt: skip
    assert days["America/Bogota"] == days["Africa/Dakar"] == []
    assert len(days["Africa/Casablanca"]) == 6
    assert days["America/Vancouver"]


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize(("zone", "change"), CHANGES, ids=[f"{zone} {moment:%Y-%m-%d}" for zone, moment in CHANGES])
def test_a_meeting_around_a_change_is_said_right_on_both_clocks(zone: str, change: datetime, days: int) -> None:
    """The instant said here and the one said there are the same, whatever either clock did."""
    place = ZoneInfo(zone)
    for abroad in {*ZONES} - {"America/Toronto"} if zone == "America/Toronto" else {zone}:
        there_zone = ZoneInfo(abroad)
        day = change.astimezone(place).date() + timedelta(days=days)
        for hour in (9, 16, 20):
            start = datetime.combine(day, time(hour), QUEBEC).astimezone(UTC)
            said = say_both_zones(start, "es", QUEBEC, there_zone)
            here, there = start.astimezone(QUEBEC), start.astimezone(there_zone)
            offset = (there.replace(tzinfo=None) - here.replace(tzinfo=None)) // timedelta(minutes=1)
            known = start.astimezone(there_zone).utcoffset(), start.astimezone(QUEBEC).utcoffset()
            assert known[0] is not None and known[1] is not None
            assert offset == (known[0] - known[1]) // timedelta(minutes=1)
            if offset == 0:
                assert "(" not in said
                continue
            assert f"{there.hour}:{there.minute:02}" in said or (there.hour, there.minute) == (12, 0)
            names_its_day = said[said.index("(") :].count(",") == 1
            assert names_its_day is (there.date() != here.date())
        told = waking(change + timedelta(days=days), there_zone)
        assert WAKES <= told.astimezone(there_zone).time() < SLEEPS
        assert until(told, there_zone) - told >= HELD_FOR
