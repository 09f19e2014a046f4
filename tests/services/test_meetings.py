"""Meetings: one time for one person, whatever many do at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.domain.conversations import Conversation
from bot.domain.meetings import ArrivalTooFar, ArrivalTooOld, Meeting, MeetingState, Mode
from bot.services.house import UnknownConversation
from bot.services.meetings import AlreadyBooked, NoMeeting, SlotTaken
from bot.settings import Settings
from bot.store.database import open_database
from bot.store.tables import closed_days
from bot.wiring import Wiring
from tests.factories import a_person, a_wish, an_agent, montreal, people, with_agents
from tests.fakes import FakeClock

FRIDAY_9 = montreal("2026-12-04 09:00")
FRIDAY_10 = montreal("2026-12-04 10:00")
MONDAY_9 = montreal("2026-12-07 09:00")
WISH = a_wish()


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    await with_agents(wiring.house, an_agent())
    return await a_person(wiring)


async def number_booked(wiring: Wiring) -> int:
    async with wiring.house.work() as unit:
        return await unit.meetings.count_booked()


async def offered(wiring: Wiring) -> list[datetime]:
    return [free.starts_at for free in (await wiring.services.meetings.offer(WISH)).times]


async def test_a_free_time_is_booked(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    free = (await meetings.offer(WISH)).times[0]
    meeting = await meetings.book(person.id, WISH, free.agent.id, free.starts_at)
    assert meeting.state is MeetingState.BOOKED
    assert (meeting.starts_at, meeting.starts_at.tzinfo) == (FRIDAY_9, UTC)
    assert (meeting.arrival, meeting.due, meeting.offered_on) == (
        date(2026, 12, 2),
        date(2026, 12, 9),
        date(2026, 12, 3),
    )
    assert meeting.held_on is None
    assert await meetings.current(person.id) == meeting
    assert await meetings.by_file_key(meeting.file_key) == meeting
    assert FRIDAY_9 not in await offered(wiring)


async def test_booking_the_same_time_again_is_the_same_meeting(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    assert await meetings.book(person.id, WISH, "agent-1", FRIDAY_9.astimezone(UTC)) == first
    assert await number_booked(wiring) == 1


async def test_a_double_click_books_once(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    booked = await asyncio.gather(*(meetings.book(person.id, WISH, "agent-1", FRIDAY_9) for _ in range(6)))
    assert len({meeting.id for meeting in booked}) == 1
    assert await number_booked(wiring) == 1


async def test_a_person_holds_one_meeting(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    with pytest.raises(AlreadyBooked) as refused:
        await meetings.book(person.id, WISH, "agent-1", FRIDAY_10)
    assert refused.value.meeting == first
    assert await number_booked(wiring) == 1


async def test_one_person_who_books_several_times_at_once_holds_one(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    starts = [FRIDAY_9 + timedelta(hours=n % 3, days=3 * (n // 3)) for n in range(6)]
    results = await asyncio.gather(
        *(meetings.book(person.id, WISH, "agent-1", start) for start in starts), return_exceptions=True
    )
    assert Counter(type(result) for result in results) == {Meeting: 1, AlreadyBooked: 5}
    assert await number_booked(wiring) == 1


async def test_a_second_person_cannot_take_the_same_time(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    other = await a_person(wiring)
    with pytest.raises(SlotTaken):
        await meetings.book(other.id, WISH, "agent-1", FRIDAY_9)
    assert await meetings.current(other.id) is None
    assert await meetings.book(other.id, WISH, "agent-1", FRIDAY_10)


async def test_two_agents_have_the_same_hour(wiring: Wiring, person: Conversation) -> None:
    await with_agents(wiring.house, an_agent("agent-2"))
    other = await a_person(wiring)
    await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    await wiring.services.meetings.book(other.id, WISH, "agent-2", FRIDAY_9)
    assert await number_booked(wiring) == 2


@pytest.mark.parametrize(
    ("agent_id", "start"),
    [
        pytest.param("nobody", FRIDAY_9, id="no such agent"),
        pytest.param("agent-1", montreal("2026-12-04 09:30"), id="off the grid"),
        pytest.param("agent-1", montreal("2026-12-04 12:00"), id="after closing"),
        pytest.param("agent-1", montreal("2026-12-05 09:00"), id="on a Saturday"),
        pytest.param("agent-1", montreal("2026-12-25 09:00"), id="on a closed day"),
        pytest.param("agent-1", montreal("2026-12-03 09:00"), id="in the past"),
        pytest.param("elsewhere", FRIDAY_9, id="in another region"),
    ],
)
async def test_a_time_that_is_not_the_agents_is_refused(
    wiring: Wiring, person: Conversation, agent_id: str, start: datetime
) -> None:
    await with_agents(wiring.house, an_agent("elsewhere", region="03"))
    with pytest.raises(SlotTaken):
        await wiring.services.meetings.book(person.id, WISH, agent_id, start)
    assert await number_booked(wiring) == 0


async def test_unknown_people_book_move_and_cancel_nothing(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    for refused in (
        meetings.book("nobody", WISH, "agent-1", FRIDAY_9),
        meetings.move("nobody", WISH, "agent-1", FRIDAY_9),
        meetings.cancel("nobody"),
    ):
        with pytest.raises(UnknownConversation):
            await refused


async def test_sixty_people_at_once_for_one_time(wiring: Wiring) -> None:
    """Exactly one is booked; every other is told that somebody was first; nothing else goes wrong."""
    await with_agents(wiring.house, an_agent())
    everyone = await people(wiring, 60)
    results = await asyncio.gather(
        *(wiring.services.meetings.book(each.id, WISH, "agent-1", FRIDAY_9) for each in everyone),
        return_exceptions=True,
    )
    assert Counter(type(result) for result in results) == {Meeting: 1, SlotTaken: 59}
    assert await number_booked(wiring) == 1


async def test_sixty_people_at_once_for_ten_times(wiring: Wiring) -> None:
    await with_agents(wiring.house, an_agent())
    everyone = await people(wiring, 60)
    times = (await offered(wiring))[:10]
    results = await asyncio.gather(
        *(wiring.services.meetings.book(who.id, WISH, "agent-1", times[n % 10]) for n, who in enumerate(everyone)),
        return_exceptions=True,
    )
    assert Counter(type(result) for result in results) == {Meeting: 10, SlotTaken: 50}
    assert {result.starts_at for result in results if isinstance(result, Meeting)} == set(times)
    assert not set(times) & set(await offered(wiring))


async def test_a_meeting_is_moved(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    moved = await meetings.move(person.id, WISH, "agent-1", MONDAY_9)
    assert (moved.id, moved.file_key, moved.revision) == (first.id, first.file_key, 1)
    assert moved.starts_at == MONDAY_9
    assert await meetings.current(person.id) == moved
    free = await offered(wiring)
    assert FRIDAY_9 in free
    assert MONDAY_9 not in free


async def test_moving_to_the_same_time_changes_nothing(wiring: Wiring, person: Conversation) -> None:
    first = await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    assert await wiring.services.meetings.move(person.id, WISH, "agent-1", FRIDAY_9) == first


async def test_a_move_that_fails_leaves_the_old_meeting(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    other = await a_person(wiring)
    await meetings.book(other.id, WISH, "agent-1", FRIDAY_10)
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    for never in (FRIDAY_10, montreal("2026-12-05 09:00")):
        with pytest.raises(SlotTaken):
            await meetings.move(person.id, WISH, "agent-1", never)
    assert await meetings.current(person.id) == first
    assert FRIDAY_9 not in await offered(wiring)


async def test_many_who_move_to_one_time_at_once_all_keep_a_meeting(wiring: Wiring) -> None:
    meetings = wiring.services.meetings
    await with_agents(wiring.house, an_agent(), *(an_agent(f"other-{n}") for n in range(12)))
    everyone = await people(wiring, 12)
    for n, each in enumerate(everyone):
        await meetings.book(each.id, WISH, f"other-{n}", FRIDAY_9)
    results = await asyncio.gather(
        *(meetings.move(each.id, WISH, "agent-1", MONDAY_9) for each in everyone), return_exceptions=True
    )
    assert Counter(type(result) for result in results) == {Meeting: 1, SlotTaken: 11}
    kept = [await meetings.current(each.id) for each in everyone]
    assert Counter(meeting.starts_at for meeting in kept if meeting) == {MONDAY_9: 1, FRIDAY_9: 11}


async def test_two_who_swap_times_at_once_end_with_one_each(wiring: Wiring) -> None:
    meetings = wiring.services.meetings
    await with_agents(wiring.house, an_agent())
    first, second = await people(wiring, 2)
    await meetings.book(first.id, WISH, "agent-1", FRIDAY_9)
    await meetings.book(second.id, WISH, "agent-1", FRIDAY_10)
    results = await asyncio.gather(
        meetings.move(first.id, WISH, "agent-1", FRIDAY_10),
        meetings.move(second.id, WISH, "agent-1", FRIDAY_9),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {SlotTaken}
    assert await number_booked(wiring) == 2


async def test_who_has_no_meeting_can_move_and_cancel_none(wiring: Wiring, person: Conversation) -> None:
    with pytest.raises(NoMeeting):
        await wiring.services.meetings.move(person.id, WISH, "agent-1", FRIDAY_9)
    with pytest.raises(NoMeeting):
        await wiring.services.meetings.cancel(person.id)


async def test_a_cancelled_meeting_frees_its_time(wiring: Wiring, person: Conversation) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    cancelled = await meetings.cancel(person.id)
    assert (cancelled.id, cancelled.state, cancelled.revision) == (first.id, MeetingState.CANCELLED, 1)
    assert await meetings.current(person.id) is None
    assert await meetings.by_file_key(first.file_key) == cancelled
    assert FRIDAY_9 in await offered(wiring)
    other = await a_person(wiring)
    await meetings.book(other.id, WISH, "agent-1", FRIDAY_9)
    assert (await meetings.book(person.id, WISH, "agent-1", FRIDAY_10)).id != first.id


async def test_a_meeting_is_current_until_it_ends(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    clock.set(FRIDAY_10 - timedelta(seconds=1))
    assert await meetings.current(person.id) == first
    clock.set(FRIDAY_10)
    assert await meetings.current(person.id) is None
    over = await meetings.by_file_key(first.file_key)
    assert over is not None
    assert (over.state, over.starts_at, over.held_on) == (MeetingState.OVER, FRIDAY_9, None)


@pytest.mark.parametrize("was_looked_up", [False, True])
async def test_who_had_a_meeting_may_book_another(
    wiring: Wiring, person: Conversation, clock: FakeClock, was_looked_up: bool
) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    clock.set(FRIDAY_10)
    if was_looked_up:
        await meetings.current(person.id)
    second = await meetings.book(person.id, WISH, "agent-1", MONDAY_9)
    assert second.id != first.id
    assert await meetings.current(person.id) == second
    over = await meetings.by_file_key(first.file_key)
    assert over is not None
    assert over.state is MeetingState.OVER
    assert await number_booked(wiring) == 1


async def test_a_meeting_that_is_over_is_not_moved_nor_cancelled(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    meetings = wiring.services.meetings
    first = await meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    clock.set(FRIDAY_10)
    with pytest.raises(NoMeeting):
        await meetings.move(person.id, WISH, "agent-1", MONDAY_9)
    with pytest.raises(NoMeeting):
        await meetings.cancel(person.id)
    over = await meetings.by_file_key(first.file_key)
    assert over is not None
    assert over.state is not MeetingState.CANCELLED


async def test_a_meeting_moved_while_it_was_being_ended_stays_booked(wiring: Wiring, person: Conversation) -> None:
    first = await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
    moved = await wiring.services.meetings.move(person.id, WISH, "agent-1", MONDAY_9)
    async with wiring.house.work() as unit:
        assert not await unit.meetings.end(first)
    assert await wiring.services.meetings.current(person.id) == moved


async def test_a_day_closed_by_an_administrator_is_neither_offered_nor_booked(
    wiring: Wiring, person: Conversation, database_url: str
) -> None:
    engine = open_database(Settings(_env_file=None, database_url=database_url).database)  # type: ignore[call-arg]
    async with engine.begin() as connection:
        await connection.execute(insert(closed_days).values(day=FRIDAY_9.date(), reason="tempête"))
    await engine.dispose()
    offer = await wiring.services.meetings.offer(WISH)
    assert offer.due == date(2026, 12, 10)
    assert offer.times[0].starts_at == MONDAY_9
    with pytest.raises(SlotTaken):
        await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)


async def test_agents_come_back_as_they_were_added(wiring: Wiring) -> None:
    agents = (an_agent("a"), an_agent("b", office=None, languages=("fr", "es"), meeting_minutes=45, open_hours=()))
    await with_agents(wiring.house, *agents)
    async with wiring.house.work() as unit:
        assert tuple(await unit.meetings.agents()) == agents
        assert await unit.meetings.agent("b") == agents[1]
        assert await unit.meetings.agent("c") is None


async def test_an_offer_at_a_distance_reaches_other_regions(wiring: Wiring) -> None:
    await with_agents(wiring.house, an_agent(region="03"))
    meetings = wiring.services.meetings
    assert (await meetings.offer(replace(WISH, is_mode_firm=True))).times == ()
    assert (await meetings.offer(WISH)).mode is Mode.REMOTE
    assert (await meetings.offer(a_wish(mode=Mode.REMOTE))).times


async def test_today_is_quebecs(wiring: Wiring, clock: FakeClock) -> None:
    clock.set(datetime(2026, 12, 4, 4, 59, tzinfo=UTC))
    assert wiring.services.meetings.today() == date(2026, 12, 3)
    wiring.services.meetings.check_arrival(date(2026, 12, 3))
    with pytest.raises(ArrivalTooOld):
        wiring.services.meetings.check_arrival(date(2025, 12, 1))
    with pytest.raises(ArrivalTooFar):
        wiring.services.meetings.check_arrival(date(2027, 12, 5))
    assert wiring.services.meetings.due(date(2026, 12, 23)) == date(2027, 1, 5)
