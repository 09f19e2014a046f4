"""Free times: who, where, when, and in time or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import (
    NOTICE,
    QUEBEC,
    Agent,
    ArrivalTooFar,
    ArrivalTooOld,
    Mode,
    Offer,
    OpeningHours,
    Wish,
    check_arrival,
    is_open,
    offer,
    read_mode,
    suits,
)
from bot.domain.working_days import ClosedDays, due_date
from tests.factories import NOW, a_wish, an_agent, hours, montreal

NONE_TAKEN: frozenset[tuple[str, datetime]] = frozenset()
SATURDAY, SUNDAY = 5, 6


def offered(
    wish: Wish,
    *agents: Agent,
    taken: Collection[tuple[str, datetime]] = NONE_TAKEN,
    closed: ClosedDays | None = None,
    now: datetime = NOW,
) -> Offer:
    return offer(wish, agents, taken, closed or ClosedDays(), now)


def starts(found: Offer) -> list[str]:
    return [f"{time_.starts_at:%m-%d %H:%M}" for time_ in found.times]


def test_times_start_on_the_grid_of_the_meetings_length() -> None:
    agent = an_agent(open_hours=hours(time(9), time(10, 50), days=[4]), meeting_minutes=45)
    assert starts(offered(a_wish(), agent)) == ["12-04 09:00", "12-04 09:45"]


def test_a_meeting_ends_before_closing() -> None:
    agent = an_agent(open_hours=hours(time(9), time(9, 59), days=[4]))
    assert offered(a_wish(), agent).times == ()


def test_two_stretches_in_one_day_are_both_offered() -> None:
    halves = (OpeningHours(4, time(13), time(14)), OpeningHours(4, time(9), time(10)))
    assert starts(offered(a_wish(), an_agent(open_hours=halves))) == ["12-04 09:00", "12-04 13:00"]


def test_the_first_times_leave_two_hours_notice() -> None:
    agent = an_agent(open_hours=hours(time(11), time(15), days=[3]))
    assert starts(offered(a_wish(), agent))[:3] == ["12-03 12:00", "12-03 13:00", "12-03 14:00"]
    a_moment_later = offered(a_wish(), agent, now=NOW + timedelta(seconds=1))
    assert starts(a_moment_later)[0] == "12-03 13:00"


def test_nothing_is_offered_on_the_day_of_arrival_or_before() -> None:
    found = offered(a_wish(date(2026, 12, 7)), an_agent())
    assert starts(found)[0] == "12-08 09:00"
    assert found.due == date(2026, 12, 14)


def test_times_in_time_stop_at_the_due_date() -> None:
    found = offered(a_wish(date(2026, 12, 2)), an_agent())
    assert found.is_in_time
    assert found.due == date(2026, 12, 9)
    assert starts(found)[-1] == "12-09 11:00"


def test_without_a_time_by_the_due_date_the_earliest_after_it_are_offered() -> None:
    agent = an_agent(open_hours=hours(days=[3]))  # Thursdays: today's are too soon
    found = offered(a_wish(date(2026, 12, 2)), agent)
    assert not found.is_in_time
    assert found.due == date(2026, 12, 9)
    assert starts(found)[:3] == ["12-10 09:00", "12-10 10:00", "12-10 11:00"]


def test_a_due_date_that_has_passed_is_told_and_the_next_times_are_offered() -> None:
    found = offered(a_wish(date(2026, 10, 1)), an_agent())
    assert not found.is_in_time
    assert found.due == date(2026, 10, 8)
    assert starts(found)[0] == "12-04 09:00"


def test_there_may_be_no_time_at_all() -> None:
    found = offered(a_wish(), an_agent(open_hours=()))
    assert (found.times, found.is_in_time) == ((), False)
    assert offered(a_wish()).times == ()


def test_nobody_works_on_closed_days() -> None:
    found = offered(a_wish(date(2026, 12, 22)), an_agent(), now=montreal("2026-12-22 16:00"))
    assert found.due == date(2027, 1, 4)
    assert sorted({start[:5] for start in starts(found)}) == ["01-04", "12-23", "12-28", "12-29", "12-30"]


def test_a_day_closed_by_an_administrator_is_not_offered_and_moves_the_due_date() -> None:
    closed = ClosedDays(frozenset({date(2026, 12, 4)}))
    found = offered(a_wish(), an_agent(), closed=closed)
    assert found.due == date(2026, 12, 10)
    assert starts(found)[0] == "12-07 09:00"


def test_taken_times_are_not_offered() -> None:
    taken = {("agent-1", montreal("2026-12-04 10:00").astimezone(UTC))}
    found = starts(offered(a_wish(), an_agent(), taken=taken))
    assert found[:2] == ["12-04 09:00", "12-04 11:00"]
    assert "12-04 10:00" in starts(offered(a_wish(), an_agent("agent-2"), taken=taken))


def test_an_agent_who_speaks_the_language_comes_before_an_earlier_time() -> None:
    french = an_agent("french", languages=("fr",))
    spanish = an_agent("spanish", languages=("fr", "es"), open_hours=hours(days=[1]))
    found = offered(a_wish(language="es"), french, spanish)
    assert {time_.agent.id for time_ in found.times} == {"spanish"}
    assert starts(found)[0] == "12-08 09:00"


def test_without_an_agent_who_speaks_the_language_another_one_is_offered_in_time() -> None:
    french = an_agent("french", languages=("fr",))
    late = an_agent("late", languages=("es",), open_hours=hours(days=[3]))
    found = offered(a_wish(language="es"), french, late)
    assert found.is_in_time
    assert {time_.agent.id for time_ in found.times} == {"french"}


def test_in_person_is_in_the_region_and_in_an_office() -> None:
    here, elsewhere = an_agent("here"), an_agent("elsewhere", region="03")
    at_home = an_agent("at home", office=None)
    found = offered(a_wish(mode=Mode.IN_PERSON), elsewhere, at_home, here)
    assert {time_.agent.id for time_ in found.times} == {"here"}


def test_at_a_distance_the_regions_own_agent_comes_first_at_each_hour() -> None:
    elsewhere = an_agent("a", region="03", open_hours=hours(time(9), time(11), days=[4]))
    here = an_agent("b", open_hours=hours(time(10), time(11), days=[4]))
    never = an_agent("c", is_remote=False)
    found = offered(a_wish(mode=Mode.REMOTE), elsewhere, here, never)
    assert [(f"{t.starts_at:%H:%M}", t.agent.id) for t in found.times] == [("09:00", "a"), ("10:00", "b")]


def test_one_agent_is_offered_at_each_hour() -> None:
    found = offered(a_wish(), an_agent("b"), an_agent("a"))
    assert len(set(starts(found))) == len(found.times)
    assert {time_.agent.id for time_ in found.times} == {"a"}


@pytest.mark.parametrize(
    ("now", "arrival", "before", "after"),
    [
        pytest.param("2026-03-05 10:00", date(2026, 3, 4), (3, 6, 14), (3, 9, 13), id="clocks go forward"),
        pytest.param("2026-10-29 10:00", date(2026, 10, 28), (10, 30, 13), (11, 2, 14), id="clocks go back"),
    ],
)
def test_hours_stay_montreals_when_clocks_change(
    now: str, arrival: date, before: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    agent = an_agent(open_hours=hours(time(9), time(10)))
    found = offered(a_wish(arrival), agent, now=montreal(now)).times
    utc = [(t.starts_at.astimezone(UTC).month, t.starts_at.astimezone(UTC).day, t.starts_at.astimezone(UTC).hour)
           for t in found]  # fmt: skip
    assert utc[:2] == [before, after]
    assert {f"{t.starts_at:%H:%M}-{t.ends_at:%H:%M}" for t in found} == {"09:00-10:00"}


def test_an_agent_is_open_only_at_the_starts_of_the_grid() -> None:
    agent = an_agent()
    assert is_open(agent, montreal("2026-12-04 09:00"), ClosedDays())
    assert is_open(agent, montreal("2026-12-04 11:00").astimezone(UTC), ClosedDays())
    for never in ("2026-12-04 09:30", "2026-12-04 12:00", "2026-12-05 09:00", "2026-12-25 09:00"):
        assert not is_open(agent, montreal(never), ClosedDays())


@given(
    arrival=st.dates(date(2026, 11, 1), date(2027, 2, 1)),
    moment=st.datetimes(datetime(2026, 11, 20), datetime(2027, 1, 20)),
    mode=st.sampled_from(Mode),
    language=st.sampled_from(["fr", "en", "es"]),
)
def test_whatever_is_wished_the_offer_can_be_booked(arrival: date, moment: datetime, mode: Mode, language: str) -> None:
    now = moment.replace(tzinfo=UTC)
    agents = (
        an_agent("a", languages=("fr", "en"), open_hours=hours(days=[0, 2])),
        an_agent("b", languages=("fr", "es"), office=None),
        an_agent("c", region="03", is_remote=False),
    )
    wish = a_wish(arrival, mode=mode, language=language)
    found = offered(wish, *agents, now=now)
    assert found.due == due_date(arrival, ClosedDays())
    assert list(found.times) == sorted(found.times, key=lambda free: free.starts_at)
    for free in found.times:
        day = free.starts_at.date()
        assert suits(free.agent, replace(wish, mode=found.mode))
        assert is_open(free.agent, free.starts_at, ClosedDays())
        assert free.starts_at >= now + NOTICE
        assert day > arrival or found.mode is Mode.REMOTE
        assert (day <= found.due) == found.is_in_time


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("en personne", Mode.IN_PERSON),
        ("In person please", Mode.IN_PERSON),
        ("At the office", Mode.IN_PERSON),
        ("face à face", Mode.IN_PERSON),
        ("presencial", Mode.IN_PERSON),
        ("à distance", Mode.REMOTE),
        ("vidéo", Mode.REMOTE),
        ("by phone", Mode.REMOTE),
        ("por teléfono", Mode.REMOTE),
        ("en línea", Mode.REMOTE),
        ("Zoom", Mode.REMOTE),
        ("un appel", Mode.REMOTE),
        ("a call", Mode.REMOTE),
        ("una videollamada", Mode.REMOTE),
        ("virtuelle", Mode.REMOTE),
        ("en personne ou par téléphone", None),
        ("demain", None),
        ("", None),
    ],
)
def test_how_the_person_wants_to_meet_is_read(text: str, mode: Mode | None) -> None:
    assert read_mode(text) is mode


def test_an_arrival_may_be_a_year_away_on_either_side() -> None:
    today = date(2026, 12, 3)
    for days in (-366, 0, 366):
        check_arrival(today + timedelta(days=days), today)
    with pytest.raises(ArrivalTooOld):
        check_arrival(today - timedelta(days=367), today)
    with pytest.raises(ArrivalTooFar):
        check_arrival(today + timedelta(days=367), today)


def test_the_agenda_is_montreals() -> None:
    assert QUEBEC.key == "America/Toronto"
