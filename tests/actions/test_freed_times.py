"""In the chat: waiting for a place, a freed time taken or refused by button and by word, an arrival that changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.waiting_list import TimeOffer
from tests.actions.rasa_side import ActionServer, Result, Talk
from tests.factories import a_person, a_wish, an_agent, hours, montreal, with_agents
from tests.fakes import FakeClock

LANGUAGES = ("fr", "en", "es")
FRIDAY_9 = montreal("2026-12-04 09:00")
LATE = montreal("2026-12-11 09:00")
WISH = a_wish()


@pytest.fixture
async def an_office(server: ActionServer) -> None:
    """One agent, Fridays at 9."""
    await with_agents(server.wiring.house, an_agent(open_hours=hours(days=[4])[:1], meeting_minutes=180))


async def with_held_time(server: ActionServer, language: str = "fr") -> tuple[Talk, TimeOffer]:
    """Someone with a late meeting, for whom an earlier time has just been freed."""
    meetings = server.wiring.services.meetings
    talk = await server.talk(language)
    other = await a_person(server.wiring)
    await meetings.book(other.id, WISH, "agent-1", FRIDAY_9)
    await meetings.book(talk.conversation_id, WISH, "agent-1", LATE)
    await meetings.cancel(other.id)
    offer = await meetings.waiting_list.told(talk.conversation_id)
    assert offer is not None
    return talk, offer


async def late_times(server: ActionServer, language: str = "fr") -> tuple[Talk, Result]:
    other = await a_person(server.wiring)
    await server.wiring.services.meetings.book(other.id, WISH, "agent-1", FRIDAY_9)
    talk = await server.talk(language)
    await talk.takes("/book_meeting").run("action_begin_booking")
    for payload in ('/inform{"arrival_date":"2026-12-02"}', '/inform{"region":"06"}'):
        await talk.chooses(payload)
    return talk, await talk.chooses('/inform{"meeting_mode":"in_person"}')


@pytest.mark.usefixtures("an_office")
class TestWaiting:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_whoever_waits_may_stop(self, server: ActionServer, language: str) -> None:
        waiting_list = server.wiring.services.meetings.waiting_list
        talk, _ = await late_times(server, language)
        assert (await talk.hears("stop", "stop").run("action_stop")).names == ["utter_stopped"]
        assert await waiting_list.waits(talk.conversation_id)
        left = await talk.hears("annuler", "cancel_meeting").run("action_cancel_meeting")
        assert left.names == ["utter_waiting_stopped"]
        assert not await waiting_list.waits(talk.conversation_id)
        again = await talk.hears("annuler", "cancel_meeting").run("action_cancel_meeting")
        assert again.names == ["utter_no_meeting"]

    async def test_what_was_held_for_whoever_stops_is_for_the_next(
        self, server: ActionServer, clock: FakeClock
    ) -> None:
        meetings = server.wiring.services.meetings
        holder, first, second = [await a_person(server.wiring) for _ in range(3)]
        await meetings.book(holder.id, WISH, "agent-1", FRIDAY_9)
        for person in (first, second):
            await meetings.wait(person.id, WISH, LATE)
            clock.move(timedelta(minutes=1))
        await meetings.cancel(holder.id)
        assert await meetings.waiting_list.told(first.id) is not None
        assert await meetings.stop_waiting(first.id)
        assert await meetings.waiting_list.told(first.id) is None
        assert await meetings.waiting_list.told(second.id) is not None

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_without_a_time_by_the_due_date_the_person_waits_whatever_they_choose(
        self, server: ActionServer, language: str
    ) -> None:
        talk, result = await late_times(server, language)
        assert result.names == ["utter_offer_times_late"]
        assert all(len(choice.title) <= 20 for choice in result.replies[-1].choices)
        assert len(result.replies[-1].choices) <= 4
        assert await server.wiring.services.meetings.waiting_list.waits(talk.conversation_id)

    async def test_waiting_for_a_place_ends_the_booking_and_keeps_the_place(self, server: ActionServer) -> None:
        talk, result = await late_times(server)
        waiting = await talk.chooses_from(result, "Attendre une place")
        assert waiting.names == ["utter_waiting"]
        assert talk.loop is None
        assert await server.wiring.services.meetings.waiting_list.waits(talk.conversation_id)
        # What they could have had is not offered to them as news.
        await server.wiring.services.meetings.waiting_list.offer_free_times()
        assert await server.wiring.services.meetings.waiting_list.told(talk.conversation_id) is None


@pytest.mark.usefixtures("an_office")
class TestFreedTime:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("answer", ["button", "yes"])
    async def test_taken(self, server: ActionServer, language: str, answer: str) -> None:
        talk, offer = await with_held_time(server, language)
        if answer == "button":
            talk.takes(f'/affirm{{"time_offer":"{offer.id}"}}')
        else:
            talk.hears("oui", "affirm")
        result = await talk.run("action_affirm")
        assert result.names == ["utter_meeting_moved"]
        current = await server.wiring.services.meetings.current(talk.conversation_id)
        assert current is not None
        assert current.starts_at == FRIDAY_9

    @pytest.mark.parametrize("answer", ["button", "no"])
    async def test_refused(self, server: ActionServer, answer: str) -> None:
        talk, offer = await with_held_time(server)
        if answer == "button":
            talk.takes(f'/deny{{"time_offer":"{offer.id}"}}')
        else:
            talk.hears("non merci", "deny")
        assert (await talk.run("action_deny")).names == ["utter_offer_left"]
        current = await server.wiring.services.meetings.current(talk.conversation_id)
        assert current is not None
        assert current.starts_at == LATE

    @pytest.mark.parametrize("action", ["affirm", "deny"])
    async def test_an_old_button_says_that_it_is_gone(
        self, server: ActionServer, clock: FakeClock, action: str
    ) -> None:
        talk, offer = await with_held_time(server)
        clock.move(timedelta(minutes=61))
        await server.wiring.services.meetings.waiting_list.expire_offers()
        talk.takes(f'/{action}{{"time_offer":"{offer.id}"}}')
        assert (await talk.run(f"action_{action}")).names == ["utter_offer_gone"]

    async def test_in_the_middle_of_a_form_it_is_no_answer_to_its_question(self, server: ActionServer) -> None:
        talk, offer = await with_held_time(server)
        await talk.hears("déplacer", "reschedule_meeting").run("action_begin_moving")
        assert talk.loop == "meeting_form"
        assert (await talk.chooses(f'/affirm{{"time_offer":"{offer.id}"}}')).events == []
        assert (await talk.run("action_affirm")).names == ["utter_meeting_moved"]
        assert talk.loop is None

    async def test_refused_in_the_middle_of_a_form_its_question_comes_back(self, server: ActionServer) -> None:
        talk, offer = await with_held_time(server)
        await talk.hears("déplacer", "reschedule_meeting").run("action_begin_moving")
        talk.takes(f'/deny{{"time_offer":"{offer.id}"}}')
        result = await talk.run("action_deny")
        assert result.names[0] == "utter_offer_left"
        assert talk.loop == "meeting_form"
        assert len(result.names) > 1


@pytest.mark.usefixtures("an_office")
class TestArrivalThatChanges:
    async def booked(self, server: ActionServer, language: str = "fr") -> Talk:
        talk = await server.talk(language)
        wish = a_wish(date(2026, 12, 3), language=language)
        await server.wiring.services.meetings.book(talk.conversation_id, wish, "agent-1", FRIDAY_9)
        return talk

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("fr", "finalement j’arrive le 10 décembre 2026"),
            ("en", "I now arrive on December 10, 2026"),
            ("es", "ahora llego el 10 de diciembre de 2026"),
        ],
    )
    async def test_told_it_is_followed_and_what_becomes_of_the_meeting_is_said(
        self, server: ActionServer, language: str, text: str
    ) -> None:
        talk = await self.booked(server, language)
        result = await talk.hears(text, "inform").run("action_inform")
        assert result.names == ["utter_arrival_changed", "utter_meeting_too_early"]
        assert talk.slots["arrival_date"] == "2026-12-10"
        current = await server.wiring.services.meetings.current(talk.conversation_id)
        assert current is not None
        assert (current.arrival, current.due) == (date(2026, 12, 10), date(2026, 12, 17))
        assert current.starts_at == FRIDAY_9

    async def test_told_with_a_move_the_times_offered_follow(self, server: ActionServer) -> None:
        talk = await self.booked(server)
        text = "je dois déplacer mon rendez-vous, j’arrive le 10 décembre 2026"
        result = await talk.hears(text, "reschedule_meeting").run("action_begin_moving")
        assert result.names[0] == "utter_arrival_changed"
        assert "11 déc." in result.replies[-1].choices[0].title

    async def test_a_date_that_may_be_another_is_asked_about(self, server: ActionServer) -> None:
        talk = await self.booked(server)
        asked = await talk.hears("j’arrive le 10/12", "inform").run("action_inform")
        assert asked.names == ["utter_ask_new_arrival"]
        changed = await talk.takes_choice(asked, "Oui").run("action_inform")
        assert changed.names[0] == "utter_arrival_changed"

    async def test_who_has_no_meeting_changes_nothing(self, server: ActionServer) -> None:
        talk = await server.talk()
        result = await talk.hears("j’arrive le 10 décembre 2026", "inform").run("action_inform")
        assert result.names == ["utter_inform_alone"]
