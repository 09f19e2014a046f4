"""Reminders on and off, an address typed in the chat, and the answers under a reminder."""

from __future__ import annotations

from datetime import time

import pytest

from bot.domain.conversations import HandledBy
from bot.domain.reminders import Preferences
from tests.actions.rasa_side import ActionServer, Result, Talk
from tests.factories import a_team, a_wish, an_agent, montreal, with_agents, with_teams

LANGUAGES = ("fr", "en", "es")
MAX_TITLE, MAX_CHOICES = 20, 4
SET = "action_set_reminders"
COMING, LATE = '/affirm{"meeting_answer":"coming"}', '/affirm{"meeting_answer":"late"}'


def payloads(result: Result) -> list[str]:
    return [choice.payload for choice in result.replies[-1].choices]


def assert_fit(result: Result) -> None:
    for reply in result.replies:
        assert reply.text.strip() and "{" not in reply.text
        assert len(reply.choices) <= MAX_CHOICES
        assert all(len(choice.title) <= MAX_TITLE for choice in reply.choices), reply.choices


async def preferences(server: ActionServer, talk: Talk) -> Preferences:
    return await server.wiring.services.reminders.preferences(talk.conversation_id)


@pytest.fixture
def sends_email(server: ActionServer) -> None:
    # Frozen, as all of the house: only a test changes it.
    object.__setattr__(server.wiring.house.outside, "sends_email", True)


async def a_booked(server: ActionServer, language: str = "fr") -> Talk:
    await with_agents(server.wiring.house, an_agent())
    talk = await server.talk(language)
    start = montreal("2026-12-04 09:00")
    await server.wiring.services.meetings.book(talk.conversation_id, a_wish(), "agent-1", start)
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
async def test_they_are_on_and_can_be_turned_off_and_on(server: ActionServer, language: str) -> None:
    talk = await server.talk(language)
    status = await talk.hears("rappels", "set_reminders").run(SET)
    assert status.names == ["utter_reminders_on"]
    assert payloads(status) == ['/set_reminders{"reminders":"off"}', "/my_meetings"]
    off = await talk.takes(payloads(status)[0]).run(SET)
    assert off.names == ["utter_reminders_off"]
    assert not (await preferences(server, talk)).reminders_on
    on = await talk.takes(payloads(off)[0]).run(SET)
    assert on.names == ["utter_reminders_on"]
    assert (await preferences(server, talk)).reminders_on
    for result in (status, off, on):
        assert_fit(result)


@pytest.mark.usefixtures("sends_email")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_address_is_asked_for_kept_masked_and_taken_back(server: ActionServer, language: str) -> None:
    talk = await server.talk(language)
    status = await talk.hears("rappels", "set_reminders").run(SET)
    asked = await talk.takes(payloads(status)[1]).run(SET)
    assert asked.names == ["utter_ask_email"]
    saved = await talk.hears("maria.lopez@exemple.org", "set_reminders").run(SET)
    assert saved.names == ["utter_email_saved"]
    assert "m…@exemple.org" in saved.text and "maria" not in saved.text
    assert (await preferences(server, talk)).email == "maria.lopez@exemple.org"
    again = await talk.hears("rappels", "set_reminders").run(SET)
    assert again.names == ["utter_reminders_on_email"]
    assert "m…@exemple.org" in again.text and "maria" not in again.text
    removed = await talk.takes('/set_reminders{"reminders":"no_email"}').run(SET)
    assert removed.names == ["utter_email_removed"]
    assert (await preferences(server, talk)).email is None
    for result in (status, asked, saved, again, removed):
        assert_fit(result)


@pytest.mark.usefixtures("sends_email")
@pytest.mark.parametrize("typed", ["maria@exemple", "maria@@exemple.org"])
async def test_an_incomplete_address_is_asked_again(server: ActionServer, typed: str) -> None:
    talk = await server.talk()
    result = await talk.hears(typed, "set_reminders").run(SET)
    assert result.names == ["utter_email_unknown"]
    assert (await preferences(server, talk)).email is None


@pytest.mark.parametrize("typed", ["maria@exemple.org", '/set_reminders{"reminders":"email"}'])
async def test_without_a_mail_server_none_is_offered(server: ActionServer, typed: str) -> None:
    talk = await server.talk()
    heard = talk.takes(typed) if typed.startswith("/") else talk.hears(typed, "set_reminders")
    assert (await heard.run(SET)).names == ["utter_email_not_offered"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_confirmation_links_calendars_and_the_meetings_page(server: ActionServer, language: str) -> None:
    talk = await a_booked(server, language)
    shown = await talk.hears("?", "my_meetings").run("action_my_meetings")
    urls = [link.url for link in shown.replies[0].links]
    assert urls[0].startswith("https://calendar.google.com/") and urls[1].startswith("https://outlook.live.com/")
    assert urls[2].startswith("/m/")
    assert "/set_reminders" in payloads(shown)
    assert_fit(shown)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_coming_is_thanked(server: ActionServer, language: str) -> None:
    talk = await a_booked(server, language)
    assert (await talk.takes(COMING).run("action_affirm")).names == ["utter_coming"]


async def test_coming_to_nothing_says_so(server: ActionServer) -> None:
    talk = await server.talk()
    for answer in (COMING, LATE):
        assert (await talk.takes(answer).run("action_affirm")).names == ["utter_no_meeting"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("opens", "closes", "name"), [(time(9), time(17), "utter_late"), (time(13), time(17), "utter_late_closed")]
)
async def test_late_is_told_to_the_agents_team(
    server: ActionServer, language: str, opens: time, closes: time, name: str
) -> None:
    await with_teams(server.wiring.house, a_team("06", opens=opens, closes=closes))
    talk = await a_booked(server, language)
    result = await talk.takes(LATE).run("action_affirm")
    assert result.names == [name]
    assert_fit(result)
    services = server.wiring.services
    assert (await services.conversations.get(talk.conversation_id)).handled_by is HandledBy.WAITING
    (line,) = await services.handoffs.desk()
    assert line.handoff.team.region == "06"
    read = await services.handoffs.open_conversation(talk.conversation_id)
    note = server.wiring.catalogue.say("utter_late_note", language, {"when": ""}).split(":")[0]
    assert any(message.text.startswith(note) for message in read.messages)


async def test_late_with_no_team_says_what_can_be_done(server: ActionServer) -> None:
    talk = await a_booked(server)
    result = await talk.takes(LATE).run("action_affirm")
    assert result.names == ["utter_late_nobody"]
    assert payloads(result) == ["/reschedule_meeting", "/cancel_meeting"]


async def test_inside_a_form_it_is_no_answer_to_the_form(server: ActionServer) -> None:
    talk = await a_booked(server)
    await talk.takes("/reschedule_meeting").run("action_begin_moving")
    assert talk.loop == "meeting_form"
    validated = await talk.takes(COMING).run("validate_meeting_form")
    assert validated.events == []
    told = await talk.run("action_affirm")
    assert told.names[0] == "utter_coming"
    assert talk.loop == "meeting_form", "what was asked is asked again"
