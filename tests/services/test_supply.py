"""Supply: what is refused leaves nothing behind; a change over booked meetings drops none of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date

import pytest

from bot.domain.conversations import Conversation
from bot.domain.csv_tables import CsvRefused
from bot.domain.meetings import Meeting, Mode
from bot.domain.messages import Author
from bot.domain.supply import Cause, Table
from bot.domain.supply_cells import to_cells
from bot.knowledge.places import region_names
from bot.services.demonstration import add_demonstration_data
from bot.services.meetings import NoMeeting, SlotTaken
from bot.services.supply import CellsRefused, NoSuchEntry, OfficeInUse, SupplyChanged
from bot.wiring import Wiring
from tests.factories import a_person, a_wish, an_agent, montreal, with_agents

FRIDAY_9 = montreal("2026-12-04 09:00").astimezone(UTC)
OFFICE = {"name": "Bureau de Laval", "region": "13", "address": "1, rue X", "timezone": "America/Toronto"}
FRIDAY_OFF = {"agent": "agent-1", "begins": "2026-12-04", "ends": "2026-12-04", "reason": "Congé"}


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    await with_agents(wiring.house, an_agent(), an_agent("agent-2"))
    return await a_person(wiring, "es")


@pytest.fixture
async def meeting(wiring: Wiring, person: Conversation) -> Meeting:
    return await wiring.services.meetings.book(person.id, a_wish(language="es"), "agent-1", FRIDAY_9)


async def change_hours(wiring: Wiring, cell: str) -> int:
    supply = await wiring.services.supply.load()
    cells = {**to_cells(supply.agents["agent-1"]), "hours": cell}
    return (await wiring.services.supply.save(Table.AGENTS, "agent-1", cells)).newly


async def test_an_office_is_added_changed_and_removed(wiring: Wiring) -> None:
    supply = wiring.services.supply
    added = await supply.save(Table.OFFICES, None, OFFICE)
    assert added.entry.id == "bureau-de-laval"
    assert (await supply.save(Table.OFFICES, None, OFFICE)).entry.id == "bureau-de-laval-2"
    changed = await supply.save(Table.OFFICES, "bureau-de-laval", {**OFFICE, "address": ""})
    assert (await supply.load()).offices["bureau-de-laval"] == changed.entry
    await supply.remove(Table.OFFICES, "bureau-de-laval")
    assert set((await supply.load()).offices) == {"bureau-de-laval-2"}
    with pytest.raises(NoSuchEntry):
        await supply.remove(Table.OFFICES, "bureau-de-laval")
    with pytest.raises(NoSuchEntry):
        await supply.save(Table.OFFICES, "bureau-de-laval", OFFICE)


async def test_an_agent_works_at_an_office_which_then_stays(wiring: Wiring) -> None:
    supply = wiring.services.supply
    await supply.save(Table.OFFICES, None, {**OFFICE, "region": "11", "timezone": "America/Halifax"})
    cells = {**to_cells(an_agent(region="11")), "office": "bureau-de-laval", "most_a_day": "4"}
    saved = await supply.save(Table.AGENTS, None, cells)
    (agent,) = (await supply.load()).agents.values()
    assert agent == saved.entry
    assert (agent.office, agent.timezone.key, agent.most_a_day) == ("Bureau de Laval, 1, rue X", "America/Halifax", 4)
    with pytest.raises(OfficeInUse):
        await supply.remove(Table.OFFICES, "bureau-de-laval")


async def test_what_is_refused_leaves_everything_as_it_was(wiring: Wiring, person: Conversation) -> None:
    supply = wiring.services.supply
    before = await supply.load()
    for table, entry_id, cells in (
        (Table.AGENTS, "agent-1", {**to_cells(before.agents["agent-1"]), "hours": "lun 25:00-26:00"}),
        (Table.AGENTS, None, {**to_cells(before.agents["agent-1"]), "region": "99"}),
        (Table.OFFICES, None, {**OFFICE, "timezone": "Mars/Olympus"}),
        (Table.ABSENCES, None, {**FRIDAY_OFF, "ends": "2026-12-03"}),
        (Table.CLOSED_DAYS, None, {"day": "2026-12-25", "reason": "Noël"}),
    ):
        with pytest.raises(CellsRefused) as refused:
            await supply.save(table, entry_id, cells)
        assert len(refused.value.problems) == 1
    assert await supply.load() == before


async def test_a_change_over_a_meeting_lists_it_and_moves_nothing(wiring: Wiring, meeting: Meeting) -> None:
    supply = wiring.services.supply
    assert await supply.reviews() == []
    assert await change_hours(wiring, "lun-jeu 9:00-12:00") == 1
    (review,) = await supply.reviews()
    assert (review.concerned.booked.meeting_id, review.concerned.cause) == (meeting.id, Cause.HOURS)
    assert review.proposal and (review.proposal.agent.id, review.proposal.starts_at) == ("agent-2", FRIDAY_9)
    assert await supply.number_to_review() == 1
    assert await wiring.services.meetings.current(meeting.conversation_id) is not None
    assert await change_hours(wiring, "lun-ven 9:00-12:00") == 0
    assert await supply.reviews() == []


async def test_a_meeting_is_moved_when_confirmed_and_the_person_is_told(
    wiring: Wiring, person: Conversation, meeting: Meeting
) -> None:
    supply = wiring.services.supply
    saved = await supply.save(Table.ABSENCES, None, FRIDAY_OFF)
    assert saved.newly == 1
    (review,) = await supply.reviews()
    assert review.proposal and review.concerned.cause is Cause.ABSENT
    to = review.proposal
    moved = await supply.move(meeting.id, ("agent-1", FRIDAY_9), to.agent.id, to.starts_at, to.mode)
    assert (moved.id, moved.agent.id, moved.revision) == (meeting.id, "agent-2", 1)
    assert await supply.reviews() == []
    told = (await wiring.services.conversations.messages_after(person.id, 0))[-1]
    assert (
        told.author is Author.ASSISTANT
        and "viernes 4 de diciembre de 2026, 9:00" in told.text
        and "Agente agent-2" in told.text
    )
    assert [choice.payload for choice in told.reply.choices] == [
        "/reschedule_meeting",
        "/cancel_meeting",
        "/talk_to_human",
    ]
    with pytest.raises(NoMeeting):
        await supply.move(meeting.id, ("agent-1", FRIDAY_9), to.agent.id, to.starts_at, to.mode)


async def test_a_time_that_was_taken_meanwhile_is_not_given(wiring: Wiring, meeting: Meeting) -> None:
    await wiring.services.supply.save(Table.ABSENCES, None, FRIDAY_OFF)
    other = await a_person(wiring)
    await wiring.services.meetings.book(other.id, a_wish(), "agent-2", FRIDAY_9)
    with pytest.raises(SlotTaken):
        await wiring.services.supply.move(meeting.id, ("agent-1", FRIDAY_9), "agent-2", FRIDAY_9, Mode.IN_PERSON)
    (review,) = await wiring.services.supply.reviews()
    assert review.proposal and review.proposal.starts_at != FRIDAY_9


async def test_a_kept_meeting_stays_until_something_else_concerns_it(wiring: Wiring, meeting: Meeting) -> None:
    supply = wiring.services.supply
    await change_hours(wiring, "lun-jeu 9:00-12:00")
    await supply.keep(meeting.id, ("agent-1", FRIDAY_9))
    assert await supply.reviews() == []
    assert await change_hours(wiring, "lun-mer 9:00-12:00") == 0
    assert await supply.reviews() == []
    assert (await supply.save(Table.ABSENCES, None, FRIDAY_OFF)).newly == 1
    assert [each.concerned.cause for each in await supply.reviews()] == [Cause.ABSENT]
    with pytest.raises(NoMeeting):
        await supply.keep(meeting.id, ("agent-2", FRIDAY_9))


async def test_a_move_ends_the_keeping(wiring: Wiring, person: Conversation, meeting: Meeting) -> None:
    supply, meetings = wiring.services.supply, wiring.services.meetings
    await change_hours(wiring, "lun-jeu 9:00-12:00")
    await supply.keep(meeting.id, ("agent-1", FRIDAY_9))
    await meetings.move(person.id, a_wish(language="es"), "agent-1", montreal("2026-12-07 09:00"))
    assert await change_hours(wiring, "mar-jeu 9:00-12:00") == 1
    assert len(await supply.reviews()) == 1


async def test_due_dates_follow_the_closed_days(wiring: Wiring, person: Conversation, meeting: Meeting) -> None:
    supply, meetings = wiring.services.supply, wiring.services.meetings
    await meetings.wait((await a_person(wiring)).id, a_wish(), None)
    saved = await supply.save(Table.CLOSED_DAYS, None, {"day": "2026-12-04", "reason": "Tempête"})
    assert saved.newly == 1
    current = await meetings.current(person.id)
    assert current and (meeting.due, current.due) == (date(2026, 12, 9), date(2026, 12, 10))
    assert [one.due for one in await meetings.waiting_list.in_order()] == [date(2026, 12, 10)]
    await supply.remove(Table.CLOSED_DAYS, "2026-12-04")
    current = await meetings.current(person.id)
    assert current and current.due == date(2026, 12, 9)
    assert await supply.reviews() == []


async def test_a_file_says_what_it_would_concern_then_is_put_down_whole(wiring: Wiring, meeting: Meeting) -> None:
    supply = wiring.services.supply
    data = b"id,agent,begins,ends,reason\n,agent-1,2026-12-04,2026-12-05,a\n,agent-2,2026-12-21,2026-12-22,b\n"
    preview = await supply.preview_csv(Table.ABSENCES, data)
    assert [each.booked.meeting_id for each in preview.newly] == [meeting.id]
    assert (await supply.load()).absences == {}
    done = await supply.import_csv(Table.ABSENCES, data, preview.seen)
    assert len(done.added) == 2
    assert len((await supply.load()).absences) == 2
    with pytest.raises(CsvRefused):
        await supply.import_csv(Table.ABSENCES, data)
    text = await supply.export_csv(Table.ABSENCES)
    assert (await supply.preview_csv(Table.ABSENCES, text.encode())).changes.same == 2


async def test_a_file_is_not_put_over_what_somebody_changed(wiring: Wiring, person: Conversation) -> None:
    supply = wiring.services.supply
    data = b"day,reason\n2026-12-28,Entre les f\xc3\xaates\n"
    preview = await supply.preview_csv(Table.CLOSED_DAYS, data)
    await change_hours(wiring, "lun 9:00-12:00")
    with pytest.raises(SupplyChanged):
        await supply.import_csv(Table.CLOSED_DAYS, data, preview.seen)
    assert (await supply.load()).closed_days == {}


async def test_two_coordinators_at_once_lose_nothing(wiring: Wiring, person: Conversation) -> None:
    supply = wiring.services.supply
    absences = ({**FRIDAY_OFF, "begins": f"2026-12-{day}", "ends": f"2026-12-{day}"} for day in range(10, 22))
    await asyncio.gather(*(supply.save(Table.ABSENCES, None, cells) for cells in absences))
    assert len((await supply.load()).absences) == 12


async def test_a_booking_and_a_change_at_once_end_listed_or_refused(wiring: Wiring, person: Conversation) -> None:
    """Whichever is first, no meeting stands outside the hours unseen."""
    meetings = wiring.services.meetings
    results = await asyncio.gather(
        meetings.book(person.id, a_wish(language="es"), "agent-1", FRIDAY_9),
        change_hours(wiring, "lun-jeu 9:00-12:00"),
        return_exceptions=True,
    )
    listed = await wiring.services.supply.reviews()
    assert isinstance(results[0], SlotTaken) or len(listed) == 1


async def test_the_demonstration_can_be_taken_away_and_brought_back(wiring: Wiring) -> None:
    await add_demonstration_data(wiring.house, region_names())
    supply = await wiring.services.supply.load()
    assert len(supply.offices) == 17
    for table in (Table.AGENTS, Table.OFFICES):
        text = await wiring.services.supply.export_csv(table)
        preview = await wiring.services.supply.preview_csv(table, text.encode())
        assert (preview.changes.entries, preview.changes.same) == ((), len(supply.entries(table)))
