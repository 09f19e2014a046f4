"""Handing over, to a person or to an organisation. Teams are there from 9 to 17; it is Thursday, December 3, 2026."""

from __future__ import annotations

from datetime import UTC

import pytest

from bot.domain.conversations import HandledBy
from bot.knowledge.contacts import contacts
from bot.knowledge.organisations import directory
from bot.knowledge.places import region_names
from tests.actions.rasa_side import ActionServer, Result, Talk, entity
from tests.factories import a_team, montreal, with_teams
from tests.fakes import FakeClock

LANGUAGES = ("fr", "en", "es")


async def asks_for_a_person(talk: Talk) -> Result:
    return await talk.hears("parler à quelqu’un", "talk_to_human").run("action_talk_to_human")


async def handled_by(server: ActionServer, talk: Talk) -> HandledBy:
    return (await server.wiring.services.conversations.get(talk.conversation_id)).handled_by


class TestTalkToHuman:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_in_hours_the_team_is_alerted(self, server: ActionServer, language: str) -> None:
        await with_teams(server.wiring.house, a_team())
        talk = await server.talk(language)
        result = await asks_for_a_person(talk)
        assert result.text == server.wiring.catalogue.say(
            "utter_handoff_waiting", language, {"org": "Équipe d’accueil"}
        )
        assert [choice.payload for choice in result.replies[0].choices] == ["/stop_waiting"]
        assert await handled_by(server, talk) is HandledBy.WAITING

    @pytest.mark.parametrize(
        ("now", "back"),
        [
            ("2026-12-03 20:00", "vendredi 4 décembre 2026, 9\u00a0h"),
            ("2026-12-04 17:00", "lundi 7 décembre 2026, 9\u00a0h"),
            ("2026-12-24 10:00", "lundi 28 décembre 2026, 9\u00a0h"),
            ("2026-12-07 06:00", "lundi 7 décembre 2026, 9\u00a0h"),
        ],
    )
    async def test_out_of_hours_says_when_they_are_back(
        self, server: ActionServer, clock: FakeClock, now: str, back: str
    ) -> None:
        await with_teams(server.wiring.house, a_team())
        clock.set(montreal(now).astimezone(UTC))
        result = await asks_for_a_person(await server.talk())
        assert result.names == ["utter_handoff_later"]
        assert back in result.text

    async def test_abroad_their_own_hour_is_said_too(self, server: ActionServer, clock: FakeClock) -> None:
        await with_teams(server.wiring.house, a_team())
        clock.set(montreal("2026-12-03 20:00").astimezone(UTC))
        result = await asks_for_a_person(await server.talk("es", "Europe/Madrid"))
        assert "9:00 (15:00)" in result.text

    async def test_the_team_of_the_region_answers(self, server: ActionServer) -> None:
        await with_teams(server.wiring.house, a_team(), a_team("06"), a_team("13"))
        talk = await server.talk()
        talk.slots["region"] = "06"
        assert "Équipe 06" in (await asks_for_a_person(talk)).text
        other = await server.talk()
        result = await other.hears("quelqu’un à Laval", "talk_to_human", entity("region", "13")).run(
            "action_talk_to_human"
        )
        assert "Équipe 13" in result.text

    async def test_twice_is_once(self, server: ActionServer) -> None:
        await with_teams(server.wiring.house, a_team())
        talk = await server.talk()
        await asks_for_a_person(talk)
        assert (await asks_for_a_person(talk)).names == ["utter_handoff_open"]

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_no_team_gives_the_ministrys_number_and_the_assistant_stays(
        self, server: ActionServer, language: str
    ) -> None:
        talk = await server.talk(language)
        result = await asks_for_a_person(talk)
        assert result.names == ["utter_handoff_none"]
        assert contacts()["mifi"] in result.text
        assert await handled_by(server, talk) is HandledBy.ASSISTANT

    async def test_a_form_under_way_is_left(self, server: ActionServer) -> None:
        await with_teams(server.wiring.house, a_team())
        talk = await server.talk()
        await talk.takes("/book_meeting").run("action_begin_booking")
        await asks_for_a_person(talk)
        assert talk.loop is None


class TestOrganisations:
    @pytest.mark.parametrize("region", [f"{number:02}" for number in range(1, 18)])
    async def test_every_region_has_an_answer_with_211(self, server: ActionServer, region: str) -> None:
        talk = await server.talk()
        talk.slots["region"] = region
        result = await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        (reply,) = result.replies
        assert region_names()[region] in reply.text
        assert "211" in reply.text
        assert reply.links[-1].url == directory().fallback_url
        assert len(reply.links) <= 5
        assert all(link.url.startswith(("https://", "http://")) for link in reply.links)
        assert {organisation.region for organisation in directory().in_region(region)} <= {region}

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_names_cities_and_the_day_of_checking(self, server: ActionServer, language: str) -> None:
        talk = await server.talk(language)
        talk.slots["region"] = "06"
        result = await talk.hears("?", "find_organisation").run("action_begin_organisations")
        for organisation in directory().in_region("06", 4):
            assert f"**{organisation.name}**" in result.text
        assert str(directory().checked.year) in result.text
        assert "{" not in result.text

    async def test_a_region_that_was_not_said_is_asked(self, server: ActionServer) -> None:
        talk = await server.talk()
        result = await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        assert result.names == ["utter_ask_region"]
        assert talk.loop == "organisation_form"
        found = await talk.chooses('/inform{"region":"03"}')
        assert found.replies[0].topic == "find_organisation"
        assert talk.loop is None

    async def test_said_in_the_question(self, server: ActionServer) -> None:
        talk = (await server.talk()).hears("aide à Laval", "find_organisation", entity("region", "13"))
        result = await talk.run("action_begin_organisations")
        assert "Laval" in result.text
        assert talk.slots["region"] == "13"

    async def test_a_question_in_the_middle_is_no_region(self, server: ActionServer) -> None:
        talk = await server.talk()
        await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        assert (await talk.answers("c’est quoi le NAS?", "ask_sin")).events == []
        assert (await talk.answers("je veux mourir", "emergency", entity("region", "13"))).events == []

    async def test_a_region_without_an_organisation_leads_to_211(
        self, server: ActionServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from dataclasses import replace

        monkeypatch.setattr("actions.people.directory", lambda: replace(directory(), organisations=()))
        talk = await server.talk("en")
        talk.slots["region"] = "10"
        result = await talk.hears("?", "find_organisation").run("action_begin_organisations")
        assert result.names == ["utter_organisations_none"]
        assert result.replies[0].links[0].url == directory().fallback_url
