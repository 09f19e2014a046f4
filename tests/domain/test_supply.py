"""Which booked meetings a change of hours leaves without their agent, and what is proposed for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import Absence, Agent, Mode, OpeningHours, is_open
from bot.domain.supply import (
    AgentAbsence,
    Booked,
    Cause,
    ClosedDay,
    Office,
    Supply,
    Table,
    concerned,
    proposals,
)
from tests.factories import NOW, an_agent, hours, montreal

FRIDAY_9 = montreal("2026-12-04 09:00").astimezone(UTC)
OFFICE = Office("o1", "Bureau", "06", "1, rue Principale", "America/Toronto")


def a_booking(meeting_id: str = "m1", starts_at: datetime = FRIDAY_9, **values: object) -> Booked:
    known = {
        "conversation_id": f"person-{meeting_id}",
        "agent_id": "agent-1",
        "mode": Mode.IN_PERSON,
        "arrival": date(2026, 12, 1),
        "due": date(2026, 12, 8),
        "language": "es",
    }
    return Booked(meeting_id=meeting_id, starts_at=starts_at, **{**known, **values})  # type: ignore[arg-type]


def a_supply(*agents: Agent) -> Supply:
    return Supply().with_entries(agents or [an_agent()])


def away(first: str, last: str, agent_id: str = "agent-1") -> AgentAbsence:
    return AgentAbsence("a1", agent_id, Absence(montreal(first), montreal(last)), "")


def causes(supply: Supply, *booked: Booked) -> list[tuple[str, Cause]]:
    return [(found.booked.meeting_id, found.cause) for found in concerned(booked, supply)]


def test_a_meeting_inside_the_hours_is_nobody_s_concern() -> None:
    assert causes(a_supply(), a_booking()) == []
    other_grid = replace(an_agent(), hours=hours(time(8, 30), time(12)))
    assert causes(a_supply(other_grid), a_booking()) == []


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"is_active": False}, Cause.INACTIVE),
        ({"hours": hours(time(10))}, Cause.HOURS),
        ({"hours": hours(days=(0, 1))}, Cause.HOURS),
        ({"meeting_minutes": 200}, Cause.HOURS),
        ({"office": None}, Cause.MODE),
        ({"absences": (Absence(FRIDAY_9, FRIDAY_9 + timedelta(minutes=1)),)}, Cause.ABSENT),
    ],
)
def test_what_the_agent_can_no_longer_hold_is_listed_with_why(change: dict[str, object], cause: Cause) -> None:
    assert causes(Supply(agents={"agent-1": replace(an_agent(), **change)}), a_booking()) == [("m1", cause)]


def test_a_closed_day_and_an_absence_concern_the_meetings_of_those_days_only() -> None:
    monday = a_booking("m2", montreal("2026-12-07 09:00").astimezone(UTC))
    closed = a_supply().with_entries([ClosedDay(date(2026, 12, 4), "Tempête")])
    assert causes(closed, a_booking(), monday) == [("m1", Cause.CLOSED)]
    absent = a_supply().with_entries([away("2026-12-07 00:00", "2026-12-08 00:00")])
    assert causes(absent, a_booking(), monday) == [("m2", Cause.ABSENT)]
    assert causes(absent.without(Table.ABSENCES, {"a1"}), a_booking(), monday) == []


def test_hours_are_on_the_clocks_of_the_office() -> None:
    agent = replace(an_agent(), office_id="o1")
    here = Supply().with_entries([OFFICE, agent])
    assert here.agents["agent-1"].office == "Bureau, 1, rue Principale"
    assert causes(here, a_booking()) == []
    islands = here.with_entries([replace(OFFICE, timezone="America/Halifax")])
    # 11:00 to 12:00 in Montréal is 12:00 to 13:00 there.
    assert causes(islands, a_booking(), a_booking("m2", FRIDAY_9 + timedelta(hours=2))) == [("m2", Cause.HOURS)]
    assert causes(here.with_entries([replace(OFFICE, address=None)]), a_booking()) == [("m1", Cause.MODE)]


def test_of_too_many_the_later_ones_are_listed_and_a_kept_one_stays() -> None:
    three = [a_booking(f"m{n}", FRIDAY_9 + timedelta(hours=n)) for n in range(3)]
    few = a_supply(replace(an_agent(), most_a_day=2))
    assert causes(few, *three) == [("m2", Cause.TOO_MANY)]
    kept = [three[0], three[1], replace(three[2], is_kept=True)]
    assert causes(few, *kept) == [("m1", Cause.TOO_MANY)]


def test_longer_meetings_leave_no_room_for_the_next() -> None:
    longer = a_supply(replace(an_agent(), meeting_minutes=90))
    assert causes(longer, a_booking(), a_booking("m2", FRIDAY_9 + timedelta(hours=1))) == [("m2", Cause.OVERLAP)]


def propose(supply: Supply, *booked: Booked) -> dict[str, tuple[str, str, Mode] | None]:
    listed = concerned(booked, supply)
    taken = {(each.agent_id, each.starts_at) for each in booked}
    found = proposals(listed, supply, taken, NOW)
    return {
        key: (each.agent.id, f"{each.starts_at.astimezone(each.agent.timezone):%d %H:%M}", each.mode) if each else None
        for key, each in found.items()
    }


def test_the_same_hour_with_another_who_speaks_the_language_is_nearest() -> None:
    supply = a_supply(an_agent(), an_agent("agent-2"), an_agent("agent-0", languages=("fr",)))
    supply = supply.with_entries([away("2026-12-04 00:00", "2026-12-05 00:00")])
    assert propose(supply, a_booking()) == {"m1": ("agent-2", "04 09:00", Mode.IN_PERSON)}


def test_the_language_comes_before_the_nearest_hour() -> None:
    supply = a_supply(an_agent(), an_agent("agent-2", languages=("fr",)))
    supply = supply.with_entries([away("2026-12-04 00:00", "2026-12-05 00:00")])
    assert propose(supply, a_booking()) == {"m1": ("agent-1", "07 09:00", Mode.IN_PERSON)}


def test_in_time_at_a_distance_comes_before_too_late_in_person() -> None:
    supply = a_supply(an_agent(), an_agent("agent-2", region="13"))
    supply = supply.with_entries([away("2026-12-04 00:00", "2026-12-12 00:00")])
    assert propose(supply, a_booking()) == {"m1": ("agent-2", "04 09:00", Mode.REMOTE)}


def test_nobody_is_met_in_person_before_arriving() -> None:
    later = a_booking(arrival=date(2026, 12, 4), due=date(2026, 12, 11))
    supply = a_supply().with_entries([away("2026-12-04 00:00", "2026-12-04 11:00")])
    assert propose(supply, later) == {"m1": ("agent-1", "07 09:00", Mode.IN_PERSON)}


def test_nobody_learns_of_an_earlier_hour_the_same_day() -> None:
    """It is Thursday at 10: the agent is free at 11, and the meeting was on Friday."""
    supply = a_supply(replace(an_agent(), hours=(*hours(days=(4,)), OpeningHours(3, time(11), time(12)))))
    supply = supply.with_entries([away("2026-12-04 00:00", "2026-12-05 00:00")])
    assert propose(supply, a_booking(due=date(2026, 12, 10))) == {"m1": ("agent-1", "10 11:00", Mode.IN_PERSON)}
    late = supply.with_entries([replace(an_agent("agent-2"), hours=(OpeningHours(3, time(13), time(14)),))])
    today = a_booking(starts_at=montreal("2026-12-03 11:00").astimezone(UTC), agent_id="agent-1")
    gone = late.with_entries([replace(late.agents["agent-1"], is_active=False)])
    assert propose(gone, today) == {"m1": ("agent-2", "03 13:00", Mode.IN_PERSON)}


def test_two_meetings_are_not_proposed_one_time_and_none_is_made_up() -> None:
    supply = a_supply(replace(an_agent(), hours=(OpeningHours(4, time(9), time(11)),), most_a_day=1))
    supply = supply.with_entries([away("2026-12-04 00:00", "2026-12-05 00:00"), ClosedDay(date(2026, 12, 11), "x")])
    both = (a_booking(), a_booking("m2", FRIDAY_9 + timedelta(hours=1), due=date(2026, 12, 7)))
    # Whoever is due first chooses first.
    assert propose(supply, *both) == {
        "m2": ("agent-1", "18 09:00", Mode.IN_PERSON),
        "m1": None,
    }
    closed = a_supply(replace(an_agent(), hours=()))
    assert propose(closed, a_booking()) == {"m1": None}


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.sampled_from(["agent-1", "agent-2"])), unique=True),
    st.integers(0, 8),
    st.integers(1, 4),
    st.sampled_from([None, 1, 2]),
)
def test_every_proposal_is_free_open_and_given_once(
    places: list[tuple[int, int, str]], first: int, length: int, most: int | None
) -> None:
    """Whatever is booked and whoever is away, what is proposed could be booked, all of it together."""
    booked = [
        a_booking(
            f"m{n}", (montreal("2026-12-04 09:00") + timedelta(days=day, hours=hour)).astimezone(UTC), agent_id=who
        )
        for n, (day, hour, who) in enumerate(places)
    ]
    supply = a_supply(replace(an_agent(), most_a_day=most), replace(an_agent("agent-2"), most_a_day=most))
    begins = montreal("2026-12-04 00:00") + timedelta(days=first)
    leave = AgentAbsence("a1", "agent-1", Absence(begins, begins + timedelta(days=length)), "")
    supply = supply.with_entries([leave])
    taken = {(each.agent_id, each.starts_at) for each in booked}
    found = [each for each in proposals(concerned(booked, supply), supply, taken, NOW).values() if each]
    times = [(each.agent.id, each.starts_at) for each in found]
    assert len(set(times)) == len(times)
    assert not taken.intersection(times)
    assert all(is_open(each.agent, each.starts_at, supply.closed) for each in found)
    for agent_id, start in times:
        same_day = [t for t in {*taken, *times} if t[0] == agent_id and t[1].date() == start.date()]
        assert most is None or len(same_day) <= most
