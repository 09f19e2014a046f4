"""From "I want a meeting" to the calendar file, with what goes wrong on the way. It is Thursday, December 3, 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.meetings import Mode
from tests.actions.rasa_side import ActionServer, Result, Talk, entity
from tests.factories import a_person, a_wish, an_agent, hours, montreal, with_agents
from tests.fakes import FakeClock

LANGUAGES = ("fr", "en", "es")
LAVAL = '/inform{"region":"13"}'
MONTREAL = '/inform{"region":"06"}'
IN_PERSON = '/inform{"meeting_mode":"in_person"}'
REMOTE = '/inform{"meeting_mode":"remote"}'


async def at_times(server: ActionServer, language: str = "fr", timezone: str | None = None) -> tuple[Talk, Result]:
    """A booking in which times are offered."""
    talk = await server.talk(language, timezone)
    await talk.takes("/book_meeting").run("action_begin_booking")
    await talk.chooses('/inform{"arrival_date":"2026-12-01"}')
    await talk.chooses(MONTREAL)
    return talk, await talk.chooses(IN_PERSON)


def titles(result: Result) -> list[str]:
    return [choice.title for choice in result.replies[-1].choices]


async def booked_at(server: ActionServer, talk: Talk) -> datetime | None:
    meeting = await server.wiring.services.meetings.current(talk.conversation_id)
    return meeting.starts_at.astimezone(montreal("2026-12-01").tzinfo) if meeting else None


@pytest.fixture
async def an_office(server: ActionServer) -> None:
    """One agent in Montréal, weekdays from 9 to 12."""
    await with_agents(server.wiring.house, an_agent())


@pytest.mark.usefixtures("an_office")
class TestWholeRoad:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("fr", ["un rendez-vous svp", "le 1er décembre", "Montréal", "en personne", "le deuxième"]),
            ("en", ["a meeting please", "December 1st", "Montreal", "in person", "the second one"]),
            ("es", ["una cita por favor", "el 1 de diciembre", "Montreal", "en persona", "la segunda"]),
        ],
    )
    async def test_typed_from_beginning_to_end(self, server: ActionServer, language: str, words: list[str]) -> None:
        talk = await server.talk(language)
        await talk.hears(words[0], "book_meeting").run("action_begin_booking")
        await talk.answers(words[1])
        if talk.slots["arrival_is_right"] is None:
            await talk.answers("oui", "affirm")
        await talk.answers(words[2], "inform", entity("region", "06", place="Montréal"))
        offered = await talk.answers(words[3])
        assert offered.names == ["utter_offer_times"]
        result = await talk.answers(words[4])
        assert result.names == ["utter_meeting_booked"]
        assert await booked_at(server, talk) == montreal("2026-12-07 09:00")
        assert talk.loop is None

    async def test_said_at_once_is_not_asked_again(self, server: ActionServer) -> None:
        talk = await server.talk()
        text = "rendez-vous à Montréal en personne, j’arrive le 8 décembre"
        result = await talk.hears(text, "book_meeting", entity("region", "06")).run("action_begin_booking")
        assert result.names[-1] == "utter_offer_times"
        assert talk.slots["arrival_date"] == "2026-12-08"

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_the_booking_says_all_and_brings_its_file(self, server: ActionServer, language: str) -> None:
        talk, offered = await at_times(server, language)
        result = await talk.chooses_from(offered, titles(offered)[0])
        (reply,) = result.replies
        for detail in ("Agente agent-1", "Carrefour", "1, rue Principale"):
            assert detail in reply.text
        assert "{" not in reply.text
        (file,) = reply.files
        meeting = await server.wiring.services.meetings.current(talk.conversation_id)
        assert meeting is not None
        assert file.url == f"/files/meetings/{meeting.file_key}.ics"
        assert (file.name.endswith(".ics"), file.mime) == (True, "text/calendar")
        payloads = [choice.payload for choice in reply.choices]
        assert payloads == ["/reschedule_meeting", "/cancel_meeting", "/set_reminders"]
        assert reply.topic == "meeting"

    async def test_demonstration_times_say_that_nobody_will_come(self, server: ActionServer) -> None:
        from dataclasses import replace

        agent = replace(an_agent("demo", region="13"), is_demonstration=True)
        await with_agents(server.wiring.house, agent)
        talk = await server.talk()
        await talk.takes("/book_meeting").run("action_begin_booking")
        for payload in ('/inform{"arrival_date":"2026-12-01"}', LAVAL):
            await talk.chooses(payload)
        offered = await talk.chooses(IN_PERSON)
        result = await talk.chooses_from(offered, titles(offered)[0])
        assert server.wiring.catalogue.say("utter_demonstration", "fr") in result.text

    async def test_a_second_meeting_is_not_booked(self, server: ActionServer) -> None:
        talk, offered = await at_times(server)
        await talk.chooses_from(offered, titles(offered)[0])
        again = await talk.hears("un rendez-vous", "book_meeting").run("action_begin_booking")
        assert again.names == ["utter_meeting_exists"]
        assert talk.loop is None


@pytest.mark.usefixtures("an_office")
class TestTimes:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_three_are_shown_with_a_way_to_others(self, server: ActionServer, language: str) -> None:
        _, offered = await at_times(server, language)
        (reply,) = offered.replies
        assert len(reply.text.splitlines()) == 4
        assert len(reply.choices) == 4
        assert all(len(choice.title) <= 20 for choice in reply.choices)
        assert reply.choices[-1].payload == '/inform{"meeting_time":"more"}'

    async def test_the_persons_own_hour_stands_beside(self, server: ActionServer) -> None:
        _, offered = await at_times(server, "es", "Europe/Madrid")
        assert "9:00 (15:00)" in offered.text

    async def test_other_times_come_page_by_page_and_then_the_first_again(self, server: ActionServer) -> None:
        talk, offered = await at_times(server)
        seen = [titles(offered)[:3]]
        for _ in range(3):
            result = await talk.chooses('/inform{"meeting_time":"more"}')
            seen.append(titles(result)[:3])
        assert len({title for page in seen[:3] for title in page}) == 9
        assert seen[3] == seen[0]
        assert result.names == ["utter_no_more_times", "utter_offer_times"]

    @pytest.mark.parametrize(
        ("text", "hour"),
        [
            ("le deuxième", "2026-12-07 09:00"),
            ("lundi", "2026-12-07 09:00"),
            ("la última", "2026-12-08 09:00"),
            ("vendredi à 9 h", "2026-12-04 09:00"),
            ("Tuesday the 8th please", "2026-12-08 09:00"),
            # Free, though not among the three shown.
            ("lundi 7 à 11 h", "2026-12-07 11:00"),
        ],
    )
    async def test_typed(self, server: ActionServer, text: str, hour: str) -> None:
        talk, _ = await at_times(server)
        assert (await talk.answers(text)).names == ["utter_meeting_booked"]
        assert await booked_at(server, talk) == montreal(hour)

    @pytest.mark.parametrize("text", ["9 h", "mercredi", "à 3 h du matin", "bleu"])
    async def test_what_picks_none_or_several_is_asked_again(self, server: ActionServer, text: str) -> None:
        talk, _ = await at_times(server)
        assert (await talk.answers(text)).names == ["utter_time_not_understood", "utter_offer_times"]

    async def test_a_question_is_no_answer(self, server: ActionServer) -> None:
        talk, _ = await at_times(server)
        assert (await talk.answers("c’est combien?", "ask_taxes")).events == []

    async def test_taken_by_somebody_else_meanwhile(self, server: ActionServer) -> None:
        talk, offered = await at_times(server)
        other = await a_person(server.wiring)
        await server.wiring.services.meetings.book(other.id, a_wish(), "agent-1", montreal("2026-12-04 09:00"))
        result = await talk.chooses_from(offered, titles(offered)[0])
        assert result.names == ["utter_time_taken", "utter_offer_times"]
        assert "9\u00a0h" not in result.replies[-1].choices[0].title
        assert await booked_at(server, talk) is None
        assert (await talk.chooses_from(result, titles(result)[0])).names == ["utter_meeting_booked"]

    async def test_a_button_of_an_hour_that_has_passed(self, server: ActionServer, clock: FakeClock) -> None:
        talk, offered = await at_times(server)
        clock.set(montreal("2026-12-04 09:30").astimezone(UTC))
        result = await talk.chooses_from(offered, titles(offered)[0])
        assert result.names[0] == "utter_time_taken"

    @pytest.mark.parametrize(
        "payload", ["nonsense", "agent-1@yesterday", "@2026-12-04T09:00", "nobody@2026-12-04T09:00"]
    )
    async def test_a_button_that_names_no_time_books_nothing(self, server: ActionServer, payload: str) -> None:
        talk, _ = await at_times(server)
        result = await talk.chooses(f'/inform{{"meeting_time":"{payload}"}}')
        assert result.names[-1] == "utter_offer_times"
        assert await booked_at(server, talk) is None


class TestScarcity:
    async def test_none_free_in_person_leads_elsewhere(self, server: ActionServer) -> None:
        """Nobody works at a distance either."""
        await with_agents(server.wiring.house, an_agent(region="13", is_remote=False))
        talk, result = await at_times(server)
        assert result.names == ["utter_no_time"]
        assert [choice.payload for choice in result.replies[0].choices] == [
            REMOTE, '/inform{"region":"none"}', "/talk_to_human",
        ]  # fmt: skip
        assert (await talk.chooses(REMOTE)).names == ["utter_no_time_remote"]

    async def test_none_in_person_in_time_is_said_and_others_at_a_distance_are_offered(
        self, server: ActionServer
    ) -> None:
        await with_agents(server.wiring.house, an_agent(region="13"))
        talk, result = await at_times(server)
        assert result.names == ["utter_only_remote", "utter_offer_times"]
        assert titles(result)[2:] == ["D’autres heures", "En personne"]
        booked = await talk.chooses_from(result, titles(result)[0])
        assert server.wiring.catalogue.say("utter_meeting_remote", "fr") in booked.text

    @pytest.mark.parametrize("answer", ["button", "words"])
    async def test_who_insists_on_meeting_in_person_gets_the_first_times_in_person(
        self, server: ActionServer, answer: str
    ) -> None:
        here = an_agent(open_hours=hours(days=[2]), is_remote=False)
        await with_agents(server.wiring.house, here, an_agent("far", region="13"))
        talk, result = await at_times(server)
        assert result.names == ["utter_only_remote", "utter_offer_times"]
        if answer == "button":
            late = await talk.chooses_from(result, "En personne")
        else:
            late = await talk.answers("non, en personne", "deny")
        assert late.names == ["utter_offer_times_late"]
        assert "agent-1@" in late.replies[-1].choices[0].payload

    async def test_another_region_may_be_tried(self, server: ActionServer) -> None:
        await with_agents(server.wiring.house, an_agent(region="13", is_remote=False))
        talk, _ = await at_times(server)
        assert (await talk.chooses('/inform{"region":"none"}')).names == ["utter_ask_region"]
        assert (await talk.chooses(LAVAL)).names == ["utter_offer_times"]

    async def test_none_free_anywhere_leads_to_the_team(self, server: ActionServer) -> None:
        talk, _ = await at_times(server)
        result = await talk.chooses(REMOTE)
        assert result.names == ["utter_no_time_remote"]
        assert [choice.payload for choice in result.replies[0].choices] == ["/talk_to_human"]

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_late_is_said_to_be_late(self, server: ActionServer, language: str) -> None:
        """The only hour of the week is after the fifth working day."""
        await with_agents(server.wiring.house, an_agent(open_hours=hours(time(9), time(10), days=[2])))
        _, result = await at_times(server, language)
        assert result.names == ["utter_offer_times_late"]
        due = {"fr": "le mardi 8 décembre", "en": "Tuesday, December 8", "es": "el martes 8 de diciembre"}
        assert due[language] in result.text

    async def test_when_the_five_days_are_past_it_is_said(self, server: ActionServer) -> None:
        await with_agents(server.wiring.house, an_agent())
        talk = await server.talk()
        await talk.takes("/book_meeting").run("action_begin_booking")
        for payload in ('/inform{"arrival_date":"2026-11-02"}', MONTREAL):
            await talk.chooses(payload)
        assert (await talk.chooses(IN_PERSON)).names == ["utter_offer_times_past"]


@pytest.mark.usefixtures("an_office")
class TestRegion:
    async def at_region(self, server: ActionServer) -> Talk:
        talk = await server.talk()
        await talk.takes("/book_meeting").run("action_begin_booking")
        await talk.chooses('/inform{"arrival_date":"2026-12-01"}')
        assert talk.slots["requested_slot"] == "region"
        return talk

    async def test_a_button(self, server: ActionServer) -> None:
        talk = await self.at_region(server)
        assert (await talk.chooses(LAVAL)).names == ["utter_ask_meeting_mode"]
        assert talk.slots["region"] == "13"

    @pytest.mark.parametrize("intent", ["inform", "nlu_fallback", "ask_housing"])
    async def test_a_place_in_few_words_is_the_answer_whatever_it_sounds_like(
        self, server: ActionServer, intent: str
    ) -> None:
        talk = await self.at_region(server)
        await talk.answers("un logement à Laval", intent, entity("region", "13"))
        assert talk.slots["region"] == "13"

    async def test_a_place_inside_a_question_is_not(self, server: ActionServer) -> None:
        talk = await self.at_region(server)
        text = "y a-t-il des garderies à Laval?"
        assert (await talk.answers(text, "ask_childcare", entity("region", "13"))).events == []

    async def test_unknown(self, server: ActionServer) -> None:
        talk = await self.at_region(server)
        assert (await talk.answers("Toronto")).names == ["utter_region_unknown"]

    async def test_ambiguous_asks_which(self, server: ActionServer) -> None:
        talk = await self.at_region(server)
        named = entity("ambiguous_place", "saint-gabriel", regions=["14", "01", "99"])
        result = await talk.answers("Saint-Gabriel", "inform", named)
        assert result.names == ["utter_region_ambiguous"]
        assert titles(result) == ["Lanaudière", "Bas-Saint-Laurent", "Ailleurs au Québec"]
        await talk.chooses_from(result, "Lanaudière")
        assert talk.slots["region"] == "14"

    async def test_known_is_not_asked_again(self, server: ActionServer) -> None:
        talk = await server.talk()
        talk.slots["region"] = "06"
        await talk.takes("/book_meeting").run("action_begin_booking")
        assert (await talk.chooses('/inform{"arrival_date":"2026-12-01"}')).names[-1] == "utter_ask_meeting_mode"

    async def test_corrected_while_times_are_offered(self, server: ActionServer) -> None:
        await with_agents(server.wiring.house, an_agent("agent-2", region="13", office="2, rue Laval"))
        talk, _ = await at_times(server)
        result = await talk.answers("non, à Laval", "deny", entity("region", "13"))
        assert talk.slots["region"] == "13"
        assert result.names[-1] == "utter_offer_times"
        assert "agent-2@" in result.replies[-1].choices[0].payload


@pytest.mark.usefixtures("an_office")
class TestMode:
    async def at_mode(self, server: ActionServer) -> Talk:
        talk = await server.talk()
        await talk.takes("/book_meeting").run("action_begin_booking")
        await talk.chooses('/inform{"arrival_date":"2026-12-01"}')
        await talk.chooses(MONTREAL)
        return talk

    @pytest.mark.parametrize(
        ("text", "mode"),
        [
            ("par téléphone", "remote"),
            ("by video call", "remote"),
            ("presencial", "in_person"),
            ("sur place", "in_person"),
        ],
    )
    async def test_typed(self, server: ActionServer, text: str, mode: str) -> None:
        talk = await self.at_mode(server)
        await talk.answers(text)
        assert talk.slots["meeting_mode"] == mode

    async def test_neither(self, server: ActionServer) -> None:
        talk = await self.at_mode(server)
        assert (await talk.answers("comme vous voulez")).names == ["utter_meeting_mode_unknown"]

    async def test_a_question(self, server: ActionServer) -> None:
        talk = await self.at_mode(server)
        assert (await talk.answers("c’est où?", "ask_objectif_integration")).events == []

    async def test_remote_says_that_somebody_will_write(self, server: ActionServer) -> None:
        talk = await self.at_mode(server)
        offered = await talk.chooses(REMOTE)
        result = await talk.chooses_from(offered, titles(offered)[0])
        assert server.wiring.catalogue.say("utter_meeting_remote", "fr") in result.text
        assert "rue Principale" not in result.text

    async def test_changed_while_times_are_offered(self, server: ActionServer) -> None:
        talk, _ = await at_times(server)
        await talk.chooses(REMOTE)
        assert talk.slots["meeting_mode"] == "remote"


@pytest.mark.usefixtures("an_office")
class TestAfterwards:
    @pytest.fixture
    async def talk(self, server: ActionServer) -> Talk:
        """Booked, December 4 at 9."""
        talk, offered = await at_times(server)
        await talk.chooses_from(offered, titles(offered)[0])
        return talk

    async def test_my_meetings(self, server: ActionServer, talk: Talk) -> None:
        result = await talk.hears("mon rendez-vous?", "my_meetings").run("action_my_meetings")
        assert result.names == ["utter_my_meeting"]
        assert "vendredi 4 décembre 2026, 9\u00a0h" in result.text
        assert result.replies[0].files

    async def test_moved_keeps_everything_but_the_time(self, server: ActionServer, talk: Talk) -> None:
        before = await server.wiring.services.meetings.current(talk.conversation_id)
        offered = await talk.hears("le déplacer", "reschedule_meeting").run("action_begin_moving")
        assert offered.names == ["utter_offer_times"]
        result = await talk.chooses_from(offered, titles(offered)[1])
        assert result.names == ["utter_meeting_moved"]
        after = await server.wiring.services.meetings.current(talk.conversation_id)
        assert before is not None
        assert after is not None
        assert (after.id, after.file_key) == (before.id, before.file_key)
        assert after.starts_at != before.starts_at
        assert talk.slots["is_moving"] is False

    async def test_moving_may_be_given_up(self, server: ActionServer, talk: Talk) -> None:
        await talk.hears("le déplacer", "reschedule_meeting").run("action_begin_moving")
        await talk.hears("annuler", "stop").run("action_stop")
        assert await booked_at(server, talk) == montreal("2026-12-04 09:00")
        assert talk.slots["is_moving"] is False

    @pytest.mark.parametrize("answer", ["button", "yes"])
    async def test_cancelled_after_a_question(self, server: ActionServer, talk: Talk, answer: str) -> None:
        ask = await talk.hears("annuler mon rendez-vous", "cancel_meeting").run("action_cancel_meeting")
        assert ask.names == ["utter_cancel_ask"]
        assert await booked_at(server, talk) is not None
        if answer == "button":
            result = await talk.takes_choice(ask, "Annuler la rencontre").run("action_cancel_meeting")
        else:
            result = await talk.hears("oui", "affirm").run("action_affirm")
        assert result.names == ["utter_meeting_cancelled"]
        assert await booked_at(server, talk) is None

    async def test_no_keeps_it(self, server: ActionServer, talk: Talk) -> None:
        await talk.hears("annuler mon rendez-vous", "cancel_meeting").run("action_cancel_meeting")
        result = await talk.hears("non", "deny").run("action_deny")
        assert result.names == ["utter_meeting_kept"]
        assert await booked_at(server, talk) is not None

    async def test_a_yes_to_something_else_cancels_nothing(self, server: ActionServer, talk: Talk) -> None:
        await talk.hears("annuler mon rendez-vous", "cancel_meeting").run("action_cancel_meeting")
        await talk.hears("c’est quoi le NAS?", "ask_sin").run("action_answer_step")
        result = await talk.hears("oui", "affirm").run("action_affirm")
        assert result.names == ["utter_yes_to_what"]
        assert await booked_at(server, talk) is not None

    async def test_over_it_leaves_room_for_another(self, server: ActionServer, talk: Talk, clock: FakeClock) -> None:
        clock.move(timedelta(days=2))
        assert (await talk.hears("?", "my_meetings").run("action_my_meetings")).names == ["utter_no_meeting"]
        result = await talk.takes("/book_meeting").run("action_begin_booking")
        assert result.names != ["utter_meeting_exists"]


@pytest.mark.parametrize(
    ("intent", "action"),
    [
        ("my_meetings", "action_my_meetings"),
        ("reschedule_meeting", "action_begin_moving"),
        ("cancel_meeting", "action_cancel_meeting"),
    ],
)
async def test_without_a_meeting_it_is_said(server: ActionServer, intent: str, action: str) -> None:
    result = await (await server.talk()).hears("?", intent).run(action)
    assert result.names == ["utter_no_meeting"]


async def test_cancel_in_the_middle_of_a_booking_stops_it(server: ActionServer) -> None:
    talk, _ = await at_times(server)
    result = await talk.hears("annulez", "cancel_meeting").run("action_cancel_meeting")
    assert result.names == ["utter_stopped"]
    assert talk.loop is None


@pytest.mark.usefixtures("an_office")
async def test_a_meeting_that_vanished_while_it_was_moved(server: ActionServer) -> None:
    talk, offered = await at_times(server)
    await talk.chooses_from(offered, titles(offered)[0])
    moving = await talk.hears("déplacer", "reschedule_meeting").run("action_begin_moving")
    await server.wiring.services.meetings.cancel(talk.conversation_id)
    result = await talk.chooses_from(moving, titles(moving)[0])
    assert result.names == ["utter_no_meeting"]
    assert talk.loop is None


@pytest.mark.usefixtures("an_office")
async def test_booked_elsewhere_meanwhile(server: ActionServer) -> None:
    """In another tab, say: the form ends, and what is booked is said."""
    talk, offered = await at_times(server)
    wish = a_wish(date(2026, 12, 1), mode=Mode.IN_PERSON)
    await server.wiring.services.meetings.book(talk.conversation_id, wish, "agent-1", montreal("2026-12-07 09:00"))
    result = await talk.chooses_from(offered, titles(offered)[0])
    assert result.names == ["utter_meeting_exists"]
    assert talk.loop is None
