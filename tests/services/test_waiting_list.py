"""A freed time: held for who is first, told by day, taken, refused or run out, and passed on. How meetings end."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.meetings import Absence, Meeting, MeetingState, Mode
from bot.domain.messages import Message
from bot.domain.waiting_list import OfferState, TimeOffer, Why
from bot.gateway.scheduler import scheduled
from bot.services.meetings import NoMeeting, NotOver, SlotTaken
from bot.services.waiting_list import OfferGone
from bot.settings import Settings
from bot.store.database import open_database
from bot.store.tables import offices
from bot.wiring import Wiring
from tests.factories import NOW, a_person, a_wish, an_agent, hours, montreal, people, with_agents
from tests.fakes import FakeClock

# One time a week in time, a Friday's; and every Monday and Tuesday of the week after the due date.
FRIDAY_9 = montreal("2026-12-04 09:00")
MONDAY_9, TUESDAY_9 = montreal("2026-12-14 09:00"), montreal("2026-12-15 09:00")
WISH = a_wish()
AGENT = replace(
    an_agent(open_hours=hours(time(9), time(10), days=[0, 1, 4])),
    absences=(Absence(montreal("2026-12-05 00:00"), montreal("2026-12-14 00:00")),),
)


@pytest.fixture
async def everyone(wiring: Wiring) -> list[Conversation]:
    """The first holds the only time that is in time; the others hold later ones, and wait in the order they came."""
    await with_agents(wiring.house, AGENT)
    four = await people(wiring, 4)
    starts = (FRIDAY_9, TUESDAY_9, montreal("2026-12-21 09:00"), montreal("2026-12-22 09:00"))
    for minute, (person, start) in enumerate(zip(four, starts, strict=True)):
        clock = wiring.clock
        assert isinstance(clock, FakeClock)
        clock.set(NOW + timedelta(minutes=minute))
        await wiring.services.meetings.book(person.id, WISH, "agent-1", start)
    return four


async def held(wiring: Wiring, state: OfferState = OfferState.OPEN) -> list[TimeOffer]:
    found = await wiring.services.meetings.waiting_list.offers(NOW - timedelta(days=1))
    return [offer for offer in found if offer.state is state]


async def only_offer(wiring: Wiring) -> TimeOffer:
    (offer,) = await held(wiring)
    return offer


async def last_message(wiring: Wiring, person: Conversation) -> Message | None:
    async with wiring.house.work() as unit:
        messages = await unit.conversations.messages_after(person.id, 0)
    return messages[-1] if messages else None


async def test_whoever_is_booked_late_waits_and_whoever_is_in_time_does_not(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    waiting = await wiring.services.meetings.waiting_list.in_order()
    assert [one.conversation_id for one in waiting] == [person.id for person in everyone[1:]]


async def test_a_freed_time_is_held_for_the_first_who_is_told_with_two_buttons(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    await wiring.services.meetings.cancel(everyone[0].id)
    offer = await only_offer(wiring)
    assert (offer.conversation_id, offer.starts_at, offer.mode) == (everyone[1].id, FRIDAY_9, Mode.IN_PERSON)
    assert offer.told_at == wiring.clock.now()
    assert offer.expires_at == wiring.clock.now() + timedelta(minutes=60)
    assert (Why.from_text(offer.reason).place, Why.from_text(offer.reason).waiting) == (1, 3)
    message = await last_message(wiring, everyone[1])
    assert message is not None
    assert "vendredi 4 décembre 2026" in message.text
    assert "{" not in message.text
    assert [choice.title for choice in message.reply.choices] == ["Prendre cette heure", "Non merci"]
    assert [choice.payload for choice in message.reply.choices] == [
        f'/affirm{{"time_offer":"{offer.id}"}}',
        f'/deny{{"time_offer":"{offer.id}"}}',
    ]


async def test_a_held_time_is_neither_offered_to_nor_booked_by_anybody_else(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    meetings = wiring.services.meetings
    await meetings.cancel(everyone[0].id)
    stranger = await a_person(wiring)
    assert FRIDAY_9 not in [free.starts_at for free in (await meetings.offer(WISH, stranger.id)).times]
    with pytest.raises(SlotTaken):
        await meetings.book(stranger.id, WISH, "agent-1", FRIDAY_9)
    assert FRIDAY_9 in [free.starts_at for free in (await meetings.offer(WISH, everyone[1].id)).times]


async def test_taken_it_is_their_meeting_and_their_old_time_passes_on(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    meetings = wiring.services.meetings
    await meetings.cancel(everyone[0].id)
    before = await meetings.current(everyone[1].id)
    meeting = await meetings.take_offer(everyone[1].id, (await only_offer(wiring)).id)
    assert before is not None
    assert (meeting.id, meeting.starts_at) == (before.id, FRIDAY_9)
    assert not await meetings.waiting_list.waits(everyone[1].id)
    passed_on = await only_offer(wiring)
    assert (passed_on.conversation_id, passed_on.starts_at) == (everyone[2].id, TUESDAY_9)


async def test_refused_it_goes_to_the_next_and_the_place_in_the_list_is_kept(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    meetings = wiring.services.meetings
    await meetings.cancel(everyone[0].id)
    first = await only_offer(wiring)
    await meetings.decline_offer(everyone[1].id, first.id)
    second = await only_offer(wiring)
    assert (second.conversation_id, second.starts_at) == (everyone[2].id, FRIDAY_9)
    assert Why.from_text(second.reason).already_asked == 1
    assert await meetings.waiting_list.waits(everyone[1].id)
    with pytest.raises(OfferGone):
        await meetings.take_offer(everyone[1].id, first.id)


async def test_not_answered_within_the_hour_it_goes_to_the_next(
    wiring: Wiring, everyone: list[Conversation], clock: FakeClock
) -> None:
    waiting_list = wiring.services.meetings.waiting_list
    await wiring.services.meetings.cancel(everyone[0].id)
    clock.move(timedelta(minutes=59))
    await waiting_list.expire_offers()
    assert (await only_offer(wiring)).conversation_id == everyone[1].id
    clock.move(timedelta(minutes=1))
    await asyncio.gather(*(waiting_list.expire_offers() for _ in range(4)))
    assert (await only_offer(wiring)).conversation_id == everyone[2].id
    message = await last_message(wiring, everyone[1])
    assert message is not None
    assert message.text == wiring.catalogue.say("utter_offer_expired", "fr")
    for _ in range(3):
        clock.move(timedelta(hours=1))
        await waiting_list.expire_offers()
    # Everybody was asked once; the time is anybody's.
    assert not await held(wiring)
    stranger = await a_person(wiring)
    assert await wiring.services.meetings.book(stranger.id, WISH, "agent-1", FRIDAY_9)


async def test_the_apps_own_jobs_pass_it_on(wiring: Wiring, everyone: list[Conversation], clock: FakeClock) -> None:
    await wiring.services.meetings.cancel(everyone[0].id)
    clock.move(timedelta(hours=1))
    async with scheduled(wiring), asyncio.timeout(10):
        while await wiring.services.meetings.waiting_list.told(everyone[2].id) is None:
            await asyncio.sleep(0.01)


async def test_at_night_it_is_held_and_told_in_the_morning(
    wiring: Wiring, everyone: list[Conversation], clock: FakeClock
) -> None:
    waiting_list = wiring.services.meetings.waiting_list
    clock.set(montreal("2026-12-03 23:00"))
    friday = replace(AGENT, id="agent-2", absences=(), hours=hours(time(13), time(14), days=[4]))
    await with_agents(wiring.house, friday)
    await waiting_list.offer_free_times()
    (offer,) = [one for one in await held(wiring) if one.conversation_id == everyone[1].id]
    assert (offer.starts_at, offer.told_at) == (montreal("2026-12-04 13:00"), None)
    assert offer.offered_at == montreal("2026-12-04 08:00")
    before = await last_message(wiring, everyone[1])
    clock.set(montreal("2026-12-04 08:00"))
    await waiting_list.expire_offers()
    (offer,) = [one for one in await held(wiring) if one.conversation_id == everyone[1].id]
    assert (offer.told_at, offer.expires_at) == (montreal("2026-12-04 08:00"), montreal("2026-12-04 09:00"))
    assert await last_message(wiring, everyone[1]) != before


async def test_hours_that_are_added_are_held_for_who_waits(wiring: Wiring, everyone: list[Conversation]) -> None:
    """The first in the list has the first time; nothing is held twice when several workers look."""
    await with_agents(wiring.house, replace(an_agent("new"), hours=hours(time(9), time(11), days=[0])))
    await asyncio.gather(*(wiring.services.meetings.waiting_list.offer_free_times() for _ in range(3)))
    found = {offer.conversation_id: offer.starts_at for offer in await held(wiring)}
    new = [montreal("2026-12-07 09:00"), montreal("2026-12-07 10:00")]
    assert [found[person.id] for person in everyone[1:3]] == new
    assert len(await held(wiring)) == len(found) == len(set(found.values()))


async def test_who_speaks_with_the_team_or_cannot_be_reached_is_not_asked(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    async with wiring.house.work() as unit:
        await unit.conversations.change(everyone[1].id, NOW, handled_by=HandledBy.STAFF.value)
        await unit.conversations.change(everyone[2].id, NOW, is_reachable=False)
    await wiring.services.meetings.cancel(everyone[0].id)
    assert (await only_offer(wiring)).conversation_id == everyone[3].id


async def test_a_time_that_frees_while_people_book_it_goes_to_the_list(
    wiring: Wiring, everyone: list[Conversation]
) -> None:
    """Nobody who tries at the same moment comes before who waits."""
    meetings = wiring.services.meetings
    strangers = await people(wiring, 10)
    results = await asyncio.gather(
        meetings.cancel(everyone[0].id),
        *(meetings.book(one.id, WISH, "agent-1", FRIDAY_9) for one in strangers),
        return_exceptions=True,
    )
    assert Counter(type(result) for result in results) == {Meeting: 1, SlotTaken: 10}
    assert (await only_offer(wiring)).conversation_id == everyone[1].id


async def test_taken_twice_at_once_and_run_out_meanwhile_it_is_one_thing(
    wiring: Wiring, everyone: list[Conversation], clock: FakeClock
) -> None:
    meetings = wiring.services.meetings
    await meetings.cancel(everyone[0].id)
    offer = await only_offer(wiring)
    clock.move(timedelta(hours=2))
    results = await asyncio.gather(
        meetings.take_offer(everyone[1].id, offer.id),
        meetings.take_offer(everyone[1].id, offer.id),
        meetings.waiting_list.expire_offers(),
        meetings.decline_offer(everyone[1].id, offer.id),
        return_exceptions=True,
    )
    assert {type(result) for result in results} <= {Meeting, OfferGone, type(None)}
    current = await meetings.current(everyone[1].id)
    assert current is not None
    states = [one.state for one in await meetings.waiting_list.offers(NOW) if one.id == offer.id]
    assert states == [OfferState.TAKEN if current.starts_at == FRIDAY_9 else states[0]]


class TestArrivalThatChanges:
    async def test_the_due_date_follows_and_a_meeting_now_late_waits(self, wiring: Wiring) -> None:
        meetings = wiring.services.meetings
        await with_agents(wiring.house, an_agent())
        person = await a_person(wiring)
        booked = await meetings.book(person.id, a_wish(date(2026, 12, 7)), "agent-1", MONDAY_9)
        changed = await meetings.change_arrival(person.id, date(2026, 12, 2))
        assert (changed.due, changed.meeting and changed.meeting.starts_at) == (date(2026, 12, 9), booked.starts_at)
        assert changed.meeting is not None
        assert changed.meeting.is_late
        assert await meetings.current(person.id) == changed.meeting
        (waiting,) = await meetings.waiting_list.in_order()
        assert (waiting.wish.arrival, waiting.due) == (date(2026, 12, 2), date(2026, 12, 9))

    async def test_in_time_again_it_leaves_the_list_and_what_was_held_passes_on(
        self, wiring: Wiring, everyone: list[Conversation]
    ) -> None:
        meetings = wiring.services.meetings
        await meetings.cancel(everyone[0].id)
        changed = await meetings.change_arrival(everyone[1].id, date(2026, 12, 8))
        assert changed.meeting is not None
        assert not changed.meeting.is_late
        assert not await meetings.waiting_list.waits(everyone[1].id)
        assert (await only_offer(wiring)).conversation_id == everyone[2].id

    async def test_in_person_before_arrival_is_told_apart(self, wiring: Wiring) -> None:
        await with_agents(wiring.house, an_agent())
        person = await a_person(wiring)
        await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
        changed = await wiring.services.meetings.change_arrival(person.id, date(2026, 12, 10))
        assert changed.meeting is not None
        assert changed.meeting.is_too_early


class TestOutcome:
    @pytest.fixture
    async def person(self, wiring: Wiring) -> Conversation:
        await with_agents(wiring.house, an_agent())
        person = await a_person(wiring)
        await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9)
        return person

    async def meeting_id(self, wiring: Wiring, person: Conversation) -> str:
        meeting = await wiring.services.meetings.current(person.id)
        assert meeting is not None
        return meeting.id

    async def test_held_is_put_down_with_its_day(self, wiring: Wiring, person: Conversation, clock: FakeClock) -> None:
        meetings = wiring.services.meetings
        meeting_id = await self.meeting_id(wiring, person)
        with pytest.raises(NotOver):
            await meetings.mark_held(meeting_id)
        clock.set(FRIDAY_9 + timedelta(hours=2))
        marked = await meetings.mark_held(meeting_id)
        assert (marked.state, marked.held_on) == (MeetingState.HELD, date(2026, 12, 4))
        assert await meetings.by_file_key(marked.file_key) == marked
        with pytest.raises(NotOver):
            await meetings.mark_held(meeting_id, date(2026, 12, 7))

    async def test_who_did_not_come_is_told_once_and_offered_another_time(
        self, wiring: Wiring, person: Conversation, clock: FakeClock
    ) -> None:
        meetings = wiring.services.meetings
        meeting_id = await self.meeting_id(wiring, person)
        clock.set(FRIDAY_9 + timedelta(hours=2))
        marked = await meetings.mark_missed(meeting_id)
        again = await meetings.mark_missed(meeting_id)
        assert (marked.state, marked.held_on, again.state) == (MeetingState.MISSED, None, MeetingState.MISSED)
        async with wiring.house.work() as unit:
            said = await unit.conversations.messages_after(person.id, 0)
        (message,) = [one for one in said if "vendredi 4 décembre" in one.text]
        assert [choice.payload for choice in message.reply.choices] == ["/book_meeting", "/talk_to_human"]
        assert await meetings.book(person.id, WISH, "agent-1", montreal("2026-12-07 09:00"))

    async def test_a_meeting_that_is_not_or_was_cancelled_has_no_outcome(
        self, wiring: Wiring, person: Conversation
    ) -> None:
        meetings = wiring.services.meetings
        meeting_id = await self.meeting_id(wiring, person)
        await meetings.cancel(person.id)
        for refused in (meetings.mark_held(meeting_id), meetings.mark_missed(meeting_id)):
            with pytest.raises(NotOver):
                await refused
        with pytest.raises(NoMeeting):
            await meetings.mark_held("nothing")


class TestWhatAnAgentAllows:
    async def book(self, wiring: Wiring, start: datetime) -> Meeting:
        person = await a_person(wiring)
        return await wiring.services.meetings.book(person.id, WISH, "agent-1", start)

    async def test_no_more_than_so_many_a_day_even_at_once(self, wiring: Wiring) -> None:
        await with_agents(wiring.house, replace(an_agent(), most_a_day=2))
        results = await asyncio.gather(
            *(self.book(wiring, FRIDAY_9 + timedelta(hours=n)) for n in (0, 1, 2)), return_exceptions=True
        )
        assert Counter(type(result) for result in results) == {Meeting: 2, SlotTaken: 1}

    async def test_nothing_overlaps_when_the_hours_have_changed(self, wiring: Wiring) -> None:
        """Booked on the old grid, from 9:00; the new one begins at 9:30."""
        await with_agents(wiring.house, replace(an_agent(), hours=hours(time(9, 30), time(12, 30))))
        person = await a_person(wiring)
        await wiring.services.meetings.book(person.id, WISH, "agent-1", FRIDAY_9 + timedelta(minutes=30))
        with pytest.raises(SlotTaken):
            await self.book(wiring, FRIDAY_9 + timedelta(minutes=60))
        assert await self.book(wiring, FRIDAY_9 + timedelta(minutes=90))

    @pytest.mark.parametrize("change", ["absent", "inactive"])
    async def test_nobody_is_met_by_who_is_away(self, wiring: Wiring, change: str) -> None:
        away = (Absence(FRIDAY_9 + timedelta(minutes=30), FRIDAY_9 + timedelta(minutes=90)),)
        agent = replace(an_agent(), absences=away) if change == "absent" else replace(an_agent(), is_active=False)
        await with_agents(wiring.house, agent)
        for hour in (0, 1):
            with pytest.raises(SlotTaken):
                await self.book(wiring, FRIDAY_9 + timedelta(hours=hour))
        if change == "absent":
            assert await self.book(wiring, FRIDAY_9 + timedelta(hours=2))

    async def test_an_offices_hours_are_on_its_own_clocks(self, wiring: Wiring, database_url: str) -> None:
        """9:00 on the Îles-de-la-Madeleine is 8:00 in Montréal."""
        engine = open_database(Settings(_env_file=None, database_url=database_url).database)  # type: ignore[call-arg]
        async with engine.begin() as connection:
            await connection.execute(
                insert(offices).values(
                    id="islands", name="Bureau des Îles", region="11", address="1, chemin", timezone="America/Halifax"
                )
            )
        await engine.dispose()
        await with_agents(wiring.house, replace(an_agent(region="11"), office_id="islands"))
        (first, *_) = (await wiring.services.meetings.offer(a_wish(region="11"))).times
        assert first.starts_at == montreal("2026-12-04 08:00")
        assert first.agent.office == "Bureau des Îles, 1, chemin"
        assert f"{first.starts_at.astimezone(first.zone(Mode.IN_PERSON)):%H:%M}" == "09:00"
