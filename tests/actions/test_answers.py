"""What is answered without a service: official ways, what is told without a question, and the small talk of a talk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.knowledge.contacts import contacts
from bot.knowledge.official_ways import official_ways
from bot.knowledge.steps import steps
from bot.knowledge.words import status_names
from bot.wiring import Wiring
from tests.actions.rasa_side import ActionServer, Result, domain_responses, entity
from tests.factories import a_wish, an_agent, montreal, with_agents

LANGUAGES = ("fr", "en", "es")
MAX_CHOICES = 4
# Telegram and small telephones cut a longer one.
MAX_TITLE = 20
OFFICIAL = (
    "register_session", "cancel_session", "start_plan", "show_plan", "mark_done", "ask_privacy",
    "export_my_data", "erase_my_data", "report_difficulty", "give_feedback",
)  # fmt: skip


def assert_fit_for_people(result: Result) -> None:
    """Nothing unfilled, nothing empty, buttons that fit."""
    assert result.replies
    for reply in result.replies:
        assert reply.text.strip()
        assert "{" not in reply.text
        assert len(reply.choices) <= MAX_CHOICES
        for choice in reply.choices:
            assert 0 < len(choice.title) <= MAX_TITLE, choice.title
            assert choice.payload.startswith("/")
        for link in reply.links:
            assert link.title
            assert link.url.startswith("https://"), link.url


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", OFFICIAL)
async def test_official_ways(server: ActionServer, intent: str, language: str) -> None:
    result = await (await server.talk(language)).hears("?", intent).run("action_official_way")
    assert_fit_for_people(result)
    assert result.names == [f"utter_{intent}"]
    assert result.replies[0].choices
    if intent in official_ways():
        assert result.replies[0].links


@pytest.mark.parametrize("language", LANGUAGES)
async def test_emergency_numbers_are_all_there_and_nothing_is_asked(server: ActionServer, language: str) -> None:
    result = await (await server.talk(language)).hears("911", "emergency").run("action_emergency")
    assert_fit_for_people(result)
    (reply,) = result.replies
    for number in ("911", "988", "811", contacts()["sos"]):
        assert number in reply.text
    assert reply.topic == "emergency"
    assert reply.choices == ()
    assert result.slots == {}
    assert result.next_action == "action_listen"


class TestInform:
    async def test_a_place_is_noted(self, server: ActionServer) -> None:
        talk = await server.talk()
        result = await talk.hears("je vis à Laval", "inform", entity("region", "13", place="Laval")).run(
            "action_inform"
        )
        assert result.slots == {"region": "13"}
        assert "Laval" in result.text

    async def test_the_region_is_named_when_no_place_was(self, server: ActionServer) -> None:
        result = await (await server.talk()).takes('/inform{"region":"06"}').run("action_inform")
        assert "Montréal" in result.text

    @pytest.mark.parametrize(
        ("language", "named"),
        [("fr", "résidence permanente"), ("en", "permanent resident"), ("es", "residencia permanente")],
    )
    async def test_a_status_is_noted_in_the_person_s_language(
        self, server: ActionServer, language: str, named: str
    ) -> None:
        told = entity("status", "permanent_resident", is_own=True)
        result = await (await server.talk(language)).hears("RP", "inform", told).run("action_inform")
        assert result.slots == {"status": "permanent_resident"}
        assert result.names == ["utter_noted"]
        assert named in result.text

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_place_and_a_status_are_both_kept_and_both_said(self, server: ActionServer, language: str) -> None:
        told = [entity("region", "13", place="Laval"), entity("status", "citizen", is_own=True)]
        result = await (await server.talk(language)).hears("…", "inform", *told).run("action_inform")
        assert_fit_for_people(result)
        assert result.slots == {"region": "13", "status": "citizen"}
        assert result.names == ["utter_noted_place_and_status"]
        named = server.wiring.catalogue.translate("status.citizen", status_names()["citizen"], language)
        assert "Laval" in result.text and named in result.text

    async def test_a_status_of_someone_else_is_neither_kept_nor_said(self, server: ActionServer) -> None:
        told = [entity("region", "13", place="Laval"), entity("status", "citizen", is_own=False)]
        result = await (await server.talk()).hears("…", "inform", *told).run("action_inform")
        assert result.slots == {"region": "13"}
        assert result.names == ["utter_noted"]

    async def test_the_person_s_own_among_others_is_the_one_noted(self, server: ActionServer) -> None:
        told = [entity("status", "sponsored", is_own=False), entity("status", "citizen", is_own=True)]
        result = await (await server.talk()).hears("…", "inform", *told).run("action_inform")
        assert result.slots == {"status": "citizen"}

    @pytest.mark.parametrize("values", [["none_or_unsure"], ["refused_claimant"], ["student", "citizen"], ["king"]])
    async def test_what_is_not_to_be_kept_or_not_sure_is_thanked_for_only(
        self, server: ActionServer, values: list[str]
    ) -> None:
        told = [entity("status", value, is_own=True) for value in values]
        result = await (await server.talk()).hears("…", "inform", *told).run("action_inform")
        assert result.names == ["utter_inform_alone"]
        assert result.slots == {}

    @pytest.mark.parametrize("value", [None, "99", "none"])
    async def test_without_a_region_of_ours_nothing_is_kept(self, server: ActionServer, value: str | None) -> None:
        entities = [entity("region", value)] if value else []
        result = await (await server.talk()).hears("Toronto", "inform", *entities).run("action_inform")
        assert result.names == ["utter_inform_alone"]
        assert result.slots == {}


class TestLanguage:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_button_is_answered_in_the_new_language(self, server: ActionServer, language: str) -> None:
        talk = await server.talk("fr")
        talk.slots["language"] = language  # the domain's mapping: from the button's entity
        result = await talk.takes(f'/set_language{{"language":"{language}"}}').run("action_set_language")
        assert result.text == server.wiring.catalogue.say("utter_language_set", language)

    async def test_an_announced_language_is_taken(self, server: ActionServer) -> None:
        named = entity("language", "es", is_announced=True)
        result = await (await server.talk("es")).hears("en español", "set_language", named).run("action_set_language")
        assert result.names == ["utter_language_set"]

    async def test_a_wish_without_a_name_is_answered_with_the_choice(self, server: ActionServer) -> None:
        heard = entity("language", "en", is_announced=False)
        talk = (await server.talk("en")).hears("change language", "set_language", heard)
        result = await talk.run("action_set_language")
        assert result.names == ["utter_choose_language"]
        assert [choice.title for choice in result.replies[0].choices] == ["Français", "English", "Español"]


class TestStop:
    async def test_in_a_form_it_ends_it_and_forgets_what_was_half_said(self, server: ActionServer) -> None:
        await with_agents(server.wiring.house, an_agent())
        talk = await server.talk()
        await talk.hears("un rendez-vous", "book_meeting").run("action_begin_booking")
        await talk.answers("le 1er décembre 2026")
        stopped = await talk.hears("annuler", "stop").run("action_stop")
        assert stopped.names == ["utter_stopped"]
        assert talk.loop is None
        assert talk.slots["requested_slot"] is None

    async def test_with_nothing_under_way_it_says_so(self, server: ActionServer) -> None:
        assert (await (await server.talk()).hears("stop", "stop").run("action_stop")).names == ["utter_nothing_to_stop"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_restart_keeps_the_language_and_forgets_the_rest(server: ActionServer, language: str) -> None:
    talk = await server.talk(language)
    talk.slots |= {"region": "06", "arrival_date": "2026-12-01", "is_moving": True}
    talk.loop = "meeting_form"
    result = await talk.hears("on recommence", "restart").run("action_restart")
    assert talk.slots["language"] == language
    assert talk.slots["region"] is None
    assert talk.slots["arrival_date"] is None
    assert talk.loop is None
    assert result.text == server.wiring.catalogue.say("utter_restarted", language)


@pytest.mark.parametrize("action", ["action_affirm", "action_deny"])
async def test_yes_or_no_to_nothing(server: ActionServer, action: str) -> None:
    result = await (await server.talk()).hears("oui", action.removeprefix("action_")).run(action)
    assert result.names == ["utter_yes_to_what"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_buttons_of_every_response_fit_and_lead_somewhere(server: ActionServer, language: str) -> None:
    known = {
        *steps(),
        "inform",
        "affirm",
        "deny",
        "book_meeting",
        "reschedule_meeting",
        "cancel_meeting",
        "my_meetings",
    }
    known |= {"help", "talk_to_human", "find_organisation", "set_language", "stop_waiting"}
    for name, response in domain_responses().items():
        buttons = response.get("buttons") or []
        assert len(buttons) <= MAX_CHOICES, name
        for button in buttons:
            title = server.wiring.catalogue.translate(f"{name}.button", button["title"], language)
            assert len(title) <= MAX_TITLE, (name, title)
            assert button["payload"].partition("{")[0].removeprefix("/") in known, (name, button)


async def test_language_unknown_to_the_slot_is_the_gateways(wiring: Wiring, server: ActionServer) -> None:
    talk = await server.talk("es")
    talk.slots["language"] = None
    result = await talk.hears("hola", "ask_sin").run("action_answer_step")
    assert wiring.catalogue.translate("ask_sin.what", steps()["ask_sin"].says[0].text, "es") == result.replies[0].text


async def test_a_meeting_that_is_kept_is_shown(server: ActionServer) -> None:
    await with_agents(server.wiring.house, an_agent())
    talk = await server.talk()
    await server.wiring.services.meetings.book(
        talk.conversation_id, a_wish(), "agent-1", montreal("2026-12-04 09:00").astimezone(UTC)
    )
    await talk.hears("annuler", "cancel_meeting").run("action_cancel_meeting")
    kept = await talk.hears("non", "deny").run("action_deny")
    assert kept.names == ["utter_meeting_kept"]
    meeting = await server.wiring.services.meetings.current(talk.conversation_id)
    assert meeting is not None
    assert meeting.starts_at == datetime(2026, 12, 4, 14, tzinfo=UTC)
