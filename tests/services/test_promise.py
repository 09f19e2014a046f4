"""The promise board, from booking to the meeting held."""

from __future__ import annotations

from datetime import date

from bot.domain.promise import Standing
from bot.wiring import Wiring
from tests.factories import a_person, a_wish, an_agent, montreal, with_agents
from tests.fakes import FakeClock


async def test_a_person_goes_from_booked_to_met(wiring: Wiring, clock: FakeClock) -> None:
    services = wiring.services
    await with_agents(wiring.house, an_agent(), an_agent("agent-2", region="13"))
    person, other = await a_person(wiring), await a_person(wiring)
    meeting = await services.meetings.book(person.id, a_wish(), "agent-1", montreal("2026-12-04 09:00"))
    await services.meetings.wait(other.id, a_wish(region="13"), None)

    board = await services.promise.board()
    assert {each.conversation_id for each in board.who(Standing.ON_TIME)} == {person.id, other.id}
    assert [(load.agent.id, load.booked) for load in board.loads] == [("agent-1", 1), ("agent-2", 0)]
    assert [one.conversation_id for one in board.waiting] == [other.id]

    clock.set(montreal("2026-12-04 11:00"))
    board = await services.promise.board()
    assert [each.meeting and each.meeting.meeting_id for each in board.who(Standing.TO_CONFIRM)] == [meeting.id]

    await services.meetings.mark_held(meeting.id)
    board = await services.promise.board()
    assert [each.conversation_id for each in board.who(Standing.MET)] == [person.id]
    clock.set(montreal("2026-12-08 10:00"))
    board = await services.promise.board()
    assert [(week.week, week.in_time) for week in board.weeks if week.due] == [(date(2026, 12, 7), 1)]
    board = await services.promise.board("13")
    assert [each.conversation_id for each in board.people] == [other.id]
    assert len(board.who(Standing.AT_RISK)) == 1
    assert {part.region for part in board.by_region} == {"13"}
