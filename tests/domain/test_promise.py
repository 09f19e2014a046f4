"""Who is late, due today, at risk; and the share met in time: offered is not held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.meetings import QUEBEC, Absence, MeetingState, Mode, Wish
from bot.domain.promise import Record, Standing, loads, monday, people, shares, shows, total
from bot.domain.waiting_list import Waiting
from bot.domain.working_days import ClosedDays
from tests.factories import NOW, an_agent, montreal

# NOW is Thursday 3 December 2026; two working days later is Monday the 7th.
CLOSED = ClosedDays()
TODAY = date(2026, 12, 3)


def a_record(person: str = "p1", starts: str = "2026-12-04 09:00", **values: Any) -> Record:
    start = montreal(starts).astimezone(UTC)
    known: dict[str, Any] = {
        "meeting_id": f"m-{person}-{starts}",
        "conversation_id": person,
        "agent_id": "agent-1",
        "agent_name": "Agente",
        "region": "06",
        "language": "fr",
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "arrival": date(2026, 11, 26),
        "due": TODAY,
        "held_on": None,
        "state": MeetingState.BOOKED,
        "booked_at": datetime(2026, 11, 20, tzinfo=UTC),
    }
    return Record(**known | values)


def held(on: date, **values: Any) -> Record:
    return a_record(starts=f"{on} 09:00", held_on=on, state=MeetingState.HELD, **values)


def waits(person: str = "p1", due: date = TODAY) -> Waiting:
    return Waiting(person, Wish(date(2026, 11, 26), "13", Mode.IN_PERSON, "es"), due, NOW, None, QUEBEC)


@pytest.mark.parametrize(
    ("due", "booked", "expected"),
    [
        ("2026-12-02", "2026-12-04 09:00", Standing.LATE),
        ("2026-12-03", "2026-12-03 14:00", Standing.TODAY),
        ("2026-12-03", "2026-12-04 09:00", Standing.TODAY),
        ("2026-12-04", "2026-12-04 09:00", Standing.ON_TIME),
        ("2026-12-04", "2026-12-07 09:00", Standing.AT_RISK),
        ("2026-12-07", "2026-12-08 09:00", Standing.AT_RISK),
        ("2026-12-08", "2026-12-09 09:00", Standing.ON_TIME),
        ("2026-12-08", "2026-12-03 09:00", Standing.TO_CONFIRM),
        ("2026-12-01", "2026-12-01 09:00", Standing.TO_CONFIRM),
    ],
)
def test_a_person_stands_where_the_days_left_say(due: str, booked: str, expected: Standing) -> None:
    (person,) = people([a_record(starts=booked, due=date.fromisoformat(due))], [])
    assert person.standing(NOW, CLOSED) is expected


def test_a_closed_day_brings_the_risk_nearer() -> None:
    (person,) = people([a_record(starts="2026-12-09 09:00", due=date(2026, 12, 8))], [])
    assert person.standing(NOW, CLOSED) is Standing.ON_TIME
    assert person.standing(NOW, ClosedDays(frozenset({date(2026, 12, 4)}))) is Standing.AT_RISK


def test_who_only_waits_is_at_risk_and_known_by_their_wish() -> None:
    (person,) = people([], [waits(due=date(2026, 12, 4))])
    assert (person.region, person.language, person.is_waiting) == ("13", "es", True)
    assert person.standing(NOW, CLOSED) is Standing.AT_RISK


def test_held_counts_on_its_day_and_the_first_one_counts() -> None:
    in_time, late = held(date(2026, 12, 2)), held(date(2026, 12, 4), meeting_id="second")
    (person,) = people([late, in_time], [])
    assert (person.held_on, person.standing(NOW, CLOSED)) == (date(2026, 12, 2), Standing.MET)
    (person,) = people([replace(late, due=TODAY)], [])
    assert person.standing(NOW, CLOSED) is Standing.MET_LATE


def test_who_did_not_come_is_still_to_be_met_and_who_cancelled_is_not() -> None:
    missed = a_record(starts="2026-12-01 09:00", state=MeetingState.MISSED, due=date(2026, 12, 1))
    (person,) = people([missed], [])
    assert (person.missed, person.standing(NOW, CLOSED)) == (1, Standing.LATE)
    cancelled = replace(missed, state=MeetingState.CANCELLED)
    (person,) = people([cancelled], [])
    assert person.standing(NOW, CLOSED) is Standing.WITHDRAWN
    (person,) = people([cancelled], [waits()])
    assert person.standing(NOW, CLOSED) is Standing.TODAY


def test_the_share_is_by_week_of_the_due_date_and_by_region() -> None:
    last_week = date(2026, 11, 25)
    records = [
        held(date(2026, 11, 24), conversation_id="a", due=last_week),
        held(date(2026, 11, 24), conversation_id="b", due=last_week),
        held(date(2026, 11, 30), conversation_id="c", due=last_week, region="13"),
        a_record("d", "2026-12-10 09:00", due=last_week),
        a_record("e", "2026-11-25 09:00", due=last_week),
        a_record("f", "2026-11-25 09:00", due=last_week, state=MeetingState.CANCELLED),
        # Due today, and not over: neither met nor unmet yet.
        a_record("g", "2026-12-03 15:00"),
        held(date(2026, 12, 2), conversation_id="h", due=date(2026, 12, 4)),
    ]
    found = {(s.week, s.region): s for s in shares(people(records, []), NOW, CLOSED, (None, "06", "13"))}
    week = found[monday(last_week), None]
    assert (week.in_time, week.late, week.unmet, week.to_confirm, week.due) == (2, 1, 1, 1, 5)
    assert week.share == 0.5
    assert found[monday(last_week), "13"].share == 0.0
    assert found[monday(TODAY), None].share == 1.0
    assert found[monday(last_week) - timedelta(days=7), None].share is None
    assert total([s for s in found.values() if s.region is None]).share == 0.6


def test_no_shows_are_counted_by_the_week_of_the_meeting() -> None:
    records = [
        held(date(2026, 11, 24)),
        a_record("b", "2026-11-25 09:00", state=MeetingState.MISSED),
        a_record("c", "2026-11-25 09:00", state=MeetingState.CANCELLED),
    ]
    week = next(each for each in shows(records, NOW) if each.week == date(2026, 11, 23))
    assert (week.held, week.missed, week.share) == (1, 1, 0.5)


def test_the_load_is_what_is_booked_of_what_the_hours_hold() -> None:
    """Two weeks of three hours a day, without the 4th, and two a day at most."""
    away = Absence(montreal("2026-12-04 00:00"), montreal("2026-12-05 00:00"))
    agent = replace(an_agent(), most_a_day=2, absences=(away,))
    records = [a_record(), a_record("b", "2026-12-21 09:00"), a_record("c", state=MeetingState.CANCELLED)]
    (load,) = loads([agent], records, CLOSED, TODAY)
    assert (load.booked, load.room) == (1, 18)
    assert loads([replace(an_agent("x"), is_active=False)], [], CLOSED, TODAY) == []
