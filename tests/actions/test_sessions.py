"""Joining a session in words and buttons: who may come, which session, the waiting list, leaving."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.messages import Author
from bot.domain.sessions import RegistrationState
from bot.services.sessions import SessionService
from tests.actions.rasa_side import ActionServer, Result, Talk, entity
from tests.factories import a_person, a_session, session_days, with_sessions

FEBRUARY = session_days(date(2027, 2, 1))


@pytest.fixture
async def talk(server: ActionServer) -> Talk:
    """In French, with two sessions in Montréal and one online."""
    await with_sessions(
        server.wiring.house,
        a_session("january"),
        a_session("february", days=FEBRUARY),
        a_session("online", region="03", place=None, is_online=True, days=session_days(date(2027, 1, 4))),
    )
    return await server.talk()


async def to_sessions(talk: Talk) -> Result:
    """Every question is answered but the last."""
    result = await talk.takes("/register_session").run("action_begin_session")
    result = await talk.chooses_from(result, "18\u00a0ans ou plus")
    result = await talk.chooses_from(result, "Études")
    result = await talk.chooses_from(result, "Oui, je peux")
    return await talk.answers("à Montréal", "inform", entity("region", "06"))


async def state(talk: Talk) -> RegistrationState | None:
    standing = await talk.server.wiring.services.sessions.current(talk.conversation_id)
    return standing.registration.state if standing else None


async def fill(talk: Talk, session: str = "january", number: int = 2) -> list[str]:
    """Others take the seats."""
    others = [(await a_person(talk.server.wiring)).id for _ in range(number)]
    for other in others:
        await talk.server.wiring.services.sessions.register(other, session)
    return others


async def test_a_session_is_joined_by_buttons_as_a_request(talk: Talk) -> None:
    shown = await to_sessions(talk)
    assert shown.names[-1] == "utter_offer_sessions"
    assert [line[:2] for line in shown.text.splitlines()[-3:]] == ["1.", "2.", "3."]
    assert "lundi 11 janvier 2027" in shown.text.splitlines()[-3], "the region comes first"
    done = await talk.chooses_from(shown, "11 janv., 9\u00a0h")
    assert done.names == ["utter_session_requested"]
    assert "demande" in done.text
    assert "24\u00a0heures" in done.text
    assert await state(talk) is RegistrationState.REGISTERED


async def test_each_question_is_put_once(talk: Talk) -> None:
    result = await to_sessions(talk)
    await talk.chooses_from(result, "11 janv., 9\u00a0h")
    await talk.takes('/cancel_session{"cancel_confirmed":"yes"}').run("action_cancel_session")
    again = await talk.takes("/register_session").run("action_begin_session")
    assert again.names == ["utter_offer_sessions"]


async def test_a_known_status_and_place_are_not_asked(talk: Talk) -> None:
    talk.slots["status"] = "permanent_resident"
    heard = talk.hears("une session à Laval", "register_session", entity("region", "13"))
    await heard.run("action_begin_session")
    assert (talk.slots["session_status"], talk.slots["region"]) == ("clear", "13")
    await talk.answers("oui", "affirm")
    shown = await talk.answers("oui", "affirm")
    assert shown.names == ["utter_offer_sessions"]


@pytest.mark.parametrize(
    ("said", "intent", "names"),
    [
        ("non", "deny", ["utter_session_too_young"]),
        ("j’ai 16 ans", "inform", ["utter_session_too_young"]),
        ("j’ai 34 ans", "inform", ["utter_ask_session_status"]),
        ("euh", "inform", ["utter_session_adult_unknown"]),
    ],
)
async def test_age(talk: Talk, said: str, intent: str, names: list[str]) -> None:
    await talk.takes("/register_session").run("action_begin_session")
    assert (await talk.answers(said, intent)).names == names


@pytest.mark.parametrize(
    ("said", "intent", "level"),
    [
        ("oui", "affirm", "intermediate"),
        ("niveau 7", "inform", "intermediate"),
        ("très bien", "inform", "intermediate"),
        ("non", "deny", None),
        ("pas très bien", "inform", None),
        ("débutante", "inform", None),
    ],
)
async def test_french(talk: Talk, said: str, intent: str, level: str | None) -> None:
    talk.slots |= {"session_adult": True, "session_status": "clear"}
    await talk.takes("/register_session").run("action_begin_session")
    answered = await talk.answers(said, intent)
    if level:
        assert talk.slots["session_french"] == level
        return
    assert answered.names == ["utter_session_french_first"]
    assert "/ask_francisation" in [choice.payload for choice in answered.replies[-1].choices]
    assert talk.loop is None
    assert talk.slots["session_french"] is None, "it may be better another time"


@pytest.mark.parametrize("status", ["asylum_seeker", "visitor", "other"])
async def test_what_the_conditions_leave_open_is_neither_yes_nor_no(talk: Talk, status: str) -> None:
    talk.server.wiring.services.sessions.are_confirmed = True
    talk.slots |= {"session_adult": True, "session_french": "intermediate", "region": "06"}
    await talk.takes("/register_session").run("action_begin_session")
    shown = await talk.chooses(f'/inform{{"status":"{status}"}}')
    assert shown.names == ["utter_session_to_confirm", "utter_offer_sessions"]
    done = await talk.answers("la deuxième")
    assert done.names == ["utter_session_requested"]


async def test_where_the_operator_confirms_it_is_said(talk: Talk) -> None:
    talk.server.wiring.services.sessions.are_confirmed = True
    await to_sessions(talk)
    assert (await talk.answers("la première")).names == ["utter_session_registered"]


@pytest.mark.parametrize(
    ("said", "session"),
    [("la deuxième", "february"), ("celle du 4 janvier", "online"), ("2", "february"), ("le 1er février", "february")],
)
async def test_a_session_is_chosen_in_words(talk: Talk, said: str, session: str) -> None:
    await to_sessions(talk)
    done = await talk.answers(said)
    assert done.names == ["utter_session_requested"]
    standing = await talk.server.wiring.services.sessions.current(talk.conversation_id)
    assert standing and standing.session.id == session


async def test_what_names_no_session_is_asked_again(talk: Talk) -> None:
    await to_sessions(talk)
    assert (await talk.answers("celle de juin")).names == ["utter_session_not_understood", "utter_offer_sessions"]


async def test_more_sessions_are_shown(talk: Talk) -> None:
    await with_sessions(talk.server.wiring.house, a_session("april", days=session_days(date(2027, 4, 12))))
    shown = await to_sessions(talk)
    more = await talk.chooses_from(shown, "D’autres sessions")
    assert len(more.text.splitlines()) == 2
    again = await talk.chooses_from(more, "D’autres sessions")
    assert again.names == ["utter_no_more_sessions", "utter_offer_sessions"]


async def test_a_full_session_is_waited_for_and_left(talk: Talk) -> None:
    await fill(talk)
    shown = await to_sessions(talk)
    assert "Complet" in shown.text.splitlines()[-1], "what is full comes last"
    waits = await talk.chooses_from(shown, "11 janv., 9\u00a0h")
    assert waits.names == ["utter_session_waiting"]
    assert "rang\u00a0: 1" in waits.text
    asked = await talk.takes("/cancel_session").run("action_cancel_session")
    assert asked.names == ["utter_leave_list_ask"]
    assert await state(talk) is RegistrationState.WAITING
    left = await talk.takes_choice(asked, "Me désinscrire").run("action_cancel_session")
    assert left.names == ["utter_session_left"]
    assert await state(talk) is None


async def test_a_seat_taken_in_between_is_said_and_the_rest_shown(talk: Talk) -> None:
    shown = await to_sessions(talk)
    await fill(talk)
    refused = await talk.chooses_from(shown, "11 janv., 9\u00a0h")
    assert refused.names == ["utter_session_taken", "utter_offer_sessions"]
    assert await state(talk) is None


async def test_an_offered_seat_is_taken_by_its_button_in_the_middle_of_anything(talk: Talk) -> None:
    [first, _] = await fill(talk)
    sessions: SessionService = talk.server.wiring.services.sessions
    await sessions.register(talk.conversation_id, "january")
    await sessions.withdraw(first)
    kept = await talk.server.wiring.services.conversations.messages_after(talk.conversation_id, 0)
    [take, decline] = next(message.reply.choices for message in kept if message.author is Author.SYSTEM)
    talk.loop = "meeting_form"
    assert (await talk.hears("oui", "affirm").run("action_affirm")).names == ["utter_session_seat_held"]
    assert (await talk.takes(take.payload).run("action_begin_session")).names == ["utter_session_requested"]
    assert await state(talk) is RegistrationState.REGISTERED
    assert talk.loop == "meeting_form"
    assert (await talk.takes(decline.payload).run("action_cancel_session")).names == ["utter_session_left"]


async def test_an_offer_that_ran_out_is_said_to_have(talk: Talk) -> None:
    result = await talk.takes('/register_session{"seat_answer":"take"}').run("action_begin_session")
    assert result.names == ["utter_session_no_offer"]


async def test_leaving_is_asked_once(talk: Talk) -> None:
    shown = await to_sessions(talk)
    await talk.chooses_from(shown, "11 janv., 9\u00a0h")
    await talk.hears("je ne peux plus venir", "cancel_session").run("action_cancel_session")
    assert (await talk.hears("non", "deny").run("action_deny")).names == ["utter_session_kept"]
    await talk.hears("je ne peux plus venir", "cancel_session").run("action_cancel_session")
    assert (await talk.hears("oui", "affirm").run("action_affirm")).names == ["utter_session_left"]
    nothing = await talk.hears("annuler la session", "cancel_session").run("action_cancel_session")
    assert nothing.names == ["utter_cancel_session"]


async def test_what_the_person_holds_is_among_their_meetings(talk: Talk) -> None:
    assert (await talk.hears("?", "my_meetings").run("action_my_meetings")).names == ["utter_no_meeting"]
    await talk.server.wiring.services.sessions.register(talk.conversation_id, "january")
    assert (await talk.hears("?", "my_meetings").run("action_my_meetings")).names == ["utter_session_requested"]


async def test_with_no_session_at_all_the_official_way_is_told(server: ActionServer) -> None:
    talk = await server.talk()
    result = await talk.hears("m'inscrire", "register_session").run("action_begin_session")
    assert result.names == ["utter_register_session"]
    assert talk.loop is None


async def test_in_another_form_it_waits(talk: Talk) -> None:
    talk.loop = "meeting_form"
    assert (await talk.takes("/register_session").run("action_begin_session")).names == ["utter_session_later"]
    talk.loop = "session_form"
    assert (await talk.takes("/register_session").run("action_begin_session")).names == ["utter_already_at_it"]
    assert (await talk.takes("/cancel_session").run("action_cancel_session")).names == ["utter_stopped"]


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_it_is_said_to_be_in_french_only(server: ActionServer, language: str) -> None:
    await with_sessions(server.wiring.house, a_session(is_demonstration=True))
    talk = await server.talk(language, "America/Bogota")
    first = await talk.takes("/register_session").run("action_begin_session")
    assert {"fr": "français seulement", "en": "French only", "es": "solo en francés"}[language] in first.text
    for payload in ('{"is_adult":"yes"}', '{"status":"student"}', '{"french_level":"intermediate"}', '{"region":"06"}'):
        shown = await talk.chooses(f"/inform{payload}")
    done = await talk.chooses(shown.replies[-1].choices[0].payload)
    assert done.names == ["utter_session_requested"]
    assert all(len(choice.title) <= 20 for reply in done.replies for choice in reply.choices)
    assert talk.server.wiring.catalogue.say("utter_demonstration", language) in done.text


async def test_a_question_is_no_answer(talk: Talk) -> None:
    await talk.takes("/register_session").run("action_begin_session")
    assert (await talk.answers("c’est quoi la session?", "ask_objectif_integration")).events == []


async def test_stop_forgets_the_choice_but_not_who_may_come(talk: Talk) -> None:
    await to_sessions(talk)
    await talk.hears("stop", "stop").run("action_stop")
    assert talk.slots["session_adult"] is True
    assert talk.slots["sessions_shown"] is None
