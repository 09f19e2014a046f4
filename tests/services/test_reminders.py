"""Reminders: planned with their meeting, said once whatever several workers do, dropped with it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.conversations import Conversation
from bot.domain.meetings import Mode
from bot.domain.messages import Author, Channel, Message
from bot.domain.reminders import ReminderState
from bot.services.meetings import MeetingService
from bot.services.reminders import CLAIM
from bot.wiring import Wiring
from tests.conftest import Wire
from tests.factories import (
    a_member_of_staff,
    a_person,
    a_session,
    a_team,
    a_wish,
    an_agent,
    montreal,
    with_agents,
    with_teams,
)
from tests.fakes import FakeClock

MONDAY_9 = montreal("2026-12-07 09:00")
TUESDAY_10 = montreal("2026-12-08 10:00")
SUNDAY_9, SUNDAY_EVENING = montreal("2026-12-06 09:00"), montreal("2026-12-06 20:50")


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    await with_agents(wiring.house, an_agent())
    return await a_person(wiring)


async def book(wiring: Wiring, person: Conversation, at: datetime = MONDAY_9, mode: Mode = Mode.IN_PERSON) -> str:
    return (await wiring.services.meetings.book(person.id, a_wish(mode=mode), "agent-1", at)).id


async def planned(wiring: Wiring, meeting_id: str) -> list[datetime]:
    async with wiring.house.work() as unit:
        found = await unit.reminders.of("meeting", meeting_id)
    return [reminder.due_at for reminder in found if reminder.state is ReminderState.PLANNED]


async def said(wiring: Wiring, person: Conversation) -> list[Message]:
    messages = await wiring.services.conversations.messages_after(person.id, 0)
    return [message for message in messages if message.author is Author.SYSTEM]


async def test_a_meeting_is_recalled_a_day_and_two_hours_before(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    meeting = await book(wiring, person)
    assert await planned(wiring, meeting) == [SUNDAY_9, SUNDAY_EVENING]
    assert await wiring.services.reminders.say_due() == 0
    clock.set(SUNDAY_9)
    assert await wiring.services.reminders.say_due() == 1
    (first,) = await said(wiring, person)
    assert first.text.startswith("Demain, votre rendez-vous\u00a0: **lundi 7 décembre 2026")
    assert "1, rue Principale" in first.text
    assert [choice.payload for choice in first.reply.choices] == [
        '/affirm{"meeting_answer":"coming"}',
        "/reschedule_meeting",
        "/cancel_meeting",
        '/affirm{"meeting_answer":"late"}',
    ]
    assert all(len(choice.title) <= 20 for choice in first.reply.choices)
    clock.set(SUNDAY_EVENING)
    assert await wiring.services.reminders.say_due() == 1
    clock.set(MONDAY_9)
    assert await wiring.services.reminders.say_due() == 0


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_both_zones_are_told(wiring: Wiring, clock: FakeClock, language: str) -> None:
    await with_agents(wiring.house, an_agent())
    opened = await wiring.services.conversations.open(Channel.TELEGRAM, f"chat {language}", language, "Africa/Dakar")
    await book(wiring, opened.conversation, TUESDAY_10, Mode.REMOTE)
    clock.set(TUESDAY_10 - timedelta(hours=2))
    assert await wiring.services.reminders.say_due() == 1
    (told,) = await said(wiring, opened.conversation)
    assert ("10\u00a0h" if language == "fr" else "10") in told.text
    assert {"fr": "15\u00a0h", "en": "3\u00a0p.m.", "es": "15:00"}[language].replace(
        "\u00a0", " "
    ) in told.text.replace("\u00a0", " ")
    async with wiring.house.work() as unit:
        assert await unit.outbox.state_of(opened.conversation.id, told.seq) == "due"


async def test_a_moved_meeting_is_recalled_at_its_new_time(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    meeting = await book(wiring, person)
    clock.set(SUNDAY_9)
    await wiring.services.reminders.say_due()
    await wiring.services.meetings.move(person.id, a_wish(), "agent-1", TUESDAY_10)
    assert await planned(wiring, meeting) == [TUESDAY_10 - timedelta(days=1), TUESDAY_10 - timedelta(hours=2)]
    clock.set(SUNDAY_EVENING)
    assert await wiring.services.reminders.say_due() == 0


async def test_another_arrival_changes_no_reminder_that_was_said(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    meeting = await book(wiring, person)
    clock.set(SUNDAY_9)
    await wiring.services.reminders.say_due()
    await wiring.services.meetings.change_arrival(person.id, a_wish().arrival - timedelta(days=1))
    assert await planned(wiring, meeting) == [SUNDAY_EVENING]
    assert await wiring.services.reminders.say_due() == 0


async def test_a_cancelled_meeting_is_not_recalled(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    meeting = await book(wiring, person)
    await wiring.services.meetings.cancel(person.id)
    assert await planned(wiring, meeting) == []
    clock.set(SUNDAY_9)
    assert await wiring.services.reminders.say_due() == 0
    again = await book(wiring, person, TUESDAY_10)
    assert len(await planned(wiring, again)) == 2


async def test_off_nothing_is_said_and_on_again_the_next_is(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    reminders = wiring.services.reminders
    assert (await reminders.preferences(person.id)).reminders_on
    await book(wiring, person)
    assert not (await reminders.turn(person.id, False)).reminders_on
    clock.set(SUNDAY_9)
    assert await reminders.say_due() == 0
    await reminders.turn(person.id, True)
    assert await reminders.say_due() == 0
    clock.set(SUNDAY_EVENING)
    assert await reminders.say_due() == 1


async def test_several_workers_say_it_once(wire: Wire, clock: FakeClock) -> None:
    async with wire() as one, wire() as other:
        await with_agents(one.house, *(an_agent(f"agent-{n}") for n in range(8)))
        people = [await a_person(one) for _ in range(8)]
        for n, person in enumerate(people):
            await one.services.meetings.book(person.id, a_wish(), f"agent-{n}", MONDAY_9)
        clock.set(SUNDAY_9)
        workers = [wiring.services.reminders.say_due() for wiring in (one, other, one, other)]
        assert sum(await asyncio.gather(*workers)) == 8
        for person in people:
            assert len(await said(one, person)) == 1


async def test_a_worker_that_dies_in_the_middle_says_it_once(
    wiring: Wiring, person: Conversation, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await book(wiring, person)
    clock.set(SUNDAY_9)

    async def dies(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("bot.services.reminders.queue_email", dies)
        with pytest.raises(RuntimeError):
            await wiring.services.reminders.say_due()
    assert await said(wiring, person) == []
    assert await wiring.services.reminders.say_due() == 0, "it is still the other's"
    clock.move(CLAIM + timedelta(seconds=1))
    assert await wiring.services.reminders.say_due() == 1
    assert len(await said(wiring, person)) == 1


async def test_after_an_outage_by_night_it_waits_for_the_morning(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    await book(wiring, person, TUESDAY_10)
    clock.set(montreal("2026-12-07 22:00"))
    assert await wiring.services.reminders.say_due() == 0
    clock.set(montreal("2026-12-08 08:00"))
    # Two hours before is now: the one of the day before has nothing left to say.
    assert await wiring.services.reminders.say_due() == 1
    assert len(await said(wiring, person)) == 1


async def test_while_staff_answer_there_are_no_buttons(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    await with_teams(wiring.house, a_team())
    await book(wiring, person)
    await wiring.services.handoffs.ask(person.id, None)
    await wiring.services.handoffs.take(person.id, (await a_member_of_staff(wiring)).id)
    clock.set(SUNDAY_9)
    assert await wiring.services.reminders.say_due() == 1
    assert (await said(wiring, person))[-1].reply.choices == ()


async def test_late_leaves_one_note(wiring: Wiring, person: Conversation) -> None:
    reminders = wiring.services.reminders
    assert await reminders.note_late(person.id) is None
    meeting = await book(wiring, person)
    for _ in range(2):
        noted = await reminders.note_late(person.id)
        assert noted is not None and noted.id == meeting
    (note,) = await said(wiring, person)
    assert note.text.startswith("Retard signalé")


async def test_a_session_is_recalled_too(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    session = a_session()
    await wiring.services.sessions.add(session)
    await wiring.services.sessions.register(person.id, session.id)
    clock.set(session.begins_at - timedelta(days=1))
    assert await wiring.services.reminders.say_due() == 1
    clock.set(session.begins_at)
    assert await wiring.services.reminders.say_due() == 0


async def test_nobody_is_told_of_a_session_they_left(wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
    session = a_session()
    await wiring.services.sessions.add(session)
    await wiring.services.sessions.register(person.id, session.id)
    await wiring.services.sessions.withdraw(person.id)
    clock.set(session.begins_at - timedelta(days=1))
    assert await wiring.services.reminders.say_due() == 0


async def test_what_fails_to_be_booked_plans_nothing(
    wiring: Wiring, person: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(MeetingService, "_settle", fails)
    with pytest.raises(RuntimeError):
        await book(wiring, person)
    async with wiring.house.work() as unit:
        assert await unit.reminders.claim(MONDAY_9, CLAIM, 10) == []
