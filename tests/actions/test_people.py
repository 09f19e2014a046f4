"""Handing over, to a person or to an organisation. Teams are there from 9 to 17; it is Thursday, December 3, 2026."""

from __future__ import annotations

from datetime import UTC, date

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.organisation_cards import card
from actions.turn import Desk, Turn
from bot.domain.conversations import HandledBy
from bot.domain.organisations import Organisation
from bot.domain.organisations_csv import write_csv
from bot.knowledge.contacts import contacts
from bot.knowledge.needs import needs
from bot.knowledge.organisations import directory
from bot.knowledge.places import region_names
from tests.actions.rasa_side import ActionServer, Result, Talk, entity
from tests.factories import a_team, an_organisation, montreal, with_teams
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
        assert "**211**" in reply.text
        assert reply.links[-1].url == directory().fallback_url
        assert reply.text.count("– **") <= 3
        assert all(link.url.startswith(("https://", "http://")) for link in reply.links)
        assert all(len(choice.title) <= 20 for choice in reply.choices)

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_card_says_where_what_and_for_whom(self, server: ActionServer, language: str) -> None:
        await has_only(
            server,
            an_organisation(
                services=("accueil", "emploi", "regionalisation", "francisation", "jumelage"),
                clientele=("familles", "femmes"),
                languages=("fr", "en", "es"),
                name="L'Accueil",
            ),
        )
        said = server.wiring.catalogue.say
        talk = await server.talk(language)
        talk.slots["region"] = "13"
        result = await talk.hears("?", "find_organisation").run("action_begin_organisations")
        assert "– **L’Accueil**, Laval" in result.text
        assert "450\u00a0555-0123" in result.text
        for name in ("service_accueil", "service_emploi", "service_francisation", "clientele_familles"):
            assert said(f"utter_{name}", language) in result.text
        assert said("utter_service_jumelage", language) not in result.text
        assert result.replies[0].links[0].title == "L’Accueil"
        spoken = {"fr": "On y parle", "en": "They speak English.", "es": "Hablan español."}[language]
        assert (spoken in result.text) == (language != "fr")
        assert "2026" in result.text
        assert "{" not in result.text

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_no_card_of_the_directory_reaches_forty_words(self, server: ActionServer, language: str) -> None:
        turn = a_turn(server, language)
        shelf_lives = server.wiring.settings.shelf_lives
        for organisation in directory().organisations:
            for need in (None, *needs().needs.values()):
                said = card(organisation, need, turn, directory().checked, shelf_lives)
                assert len(said.split()) < 40, said

    async def test_a_number_checked_too_long_ago_is_left_out(self, server: ActionServer, clock: FakeClock) -> None:
        await has_only(server, an_organisation(checked=date(2026, 11, 21)))
        talk = await server.talk()
        talk.slots["region"] = "13"
        for now, is_said in (("2028-11-21 12:00", True), ("2028-11-22 12:00", False)):
            clock.set(montreal(now))
            result = await talk.hears("?", "find_organisation").run("action_begin_organisations")
            assert ("555-0123" in result.text) == is_said

    @pytest.mark.parametrize(
        ("language", "text", "region", "named"),
        [
            ("en", "an organisation for food help in Laval", "13", "“food help”"),
            ("fr", "aide pour le logement à Gatineau", "07", "«\u00a0logement\u00a0»"),
            ("es", "clases de francés en Granby", "05", "“cursos de francés”"),
        ],
    )
    async def test_region_and_service_are_both_heard(
        self, server: ActionServer, language: str, text: str, region: str, named: str
    ) -> None:
        talk = (await server.talk(language)).hears(text, "find_organisation", entity("region", region))
        result = await talk.run("action_begin_organisations")
        assert region_names()[region] in result.text.splitlines()[0]
        assert named in result.text.splitlines()[0]
        assert talk.slots["region"] == region

    async def test_those_that_offer_it_come_alone_then_the_others_on_request(self, server: ActionServer) -> None:
        housing = an_organisation("housing", services=("logement",))
        await has_only(server, housing, an_organisation("welcome"))
        talk = (await server.talk()).hears("logement à Laval", "find_organisation", entity("region", "13"))
        first = await talk.run("action_begin_organisations")
        assert "Organisme housing" in first.text and "Organisme welcome" not in first.text
        more = await talk.takes_choice(first, "Voir d’autres").run("action_begin_organisations")
        assert more.text.startswith("D’autres organismes, Laval")
        assert "Organisme welcome" in more.text and "Organisme housing" not in more.text
        assert [choice.payload for choice in more.replies[0].choices] == ["/talk_to_human"]

    async def test_what_the_region_lacks_is_said_with_the_nearest_that_has_it(self, server: ActionServer) -> None:
        women = an_organisation("women", region="06", city="Montréal", services=("femmes",))
        await has_only(server, women, an_organisation("welcome"))
        talk = (await server.talk("en")).hears("for women in Laval", "find_organisation", entity("region", "13"))
        result = await talk.run("action_begin_organisations")
        lines = result.text.splitlines()
        assert lines[:2] == ["Laval: I have no entry for “women”.", "Elsewhere, Montréal:"]
        assert lines[2] == "– **Organisme women**, Montréal"
        assert result.text.index("Organisme women") < result.text.index("Organisme welcome")
        assert "**211**" in result.text

    async def test_what_is_asked_is_kept_while_the_region_is_asked(self, server: ActionServer) -> None:
        talk = await server.talk()
        asked = await talk.hears("aide pour le logement", "find_organisation").run("action_begin_organisations")
        assert asked.names == ["utter_ask_region"]
        assert talk.loop == "organisation_form"
        found = await talk.chooses('/inform{"region":"07"}')
        assert "«\u00a0logement\u00a0»" in found.text
        assert found.replies[0].topic == "find_organisation"
        assert talk.loop is None

    async def test_the_next_question_forgets_what_was_asked_before(self, server: ActionServer) -> None:
        talk = (await server.talk()).hears("logement à Gatineau", "find_organisation", entity("region", "07"))
        await talk.run("action_begin_organisations")
        result = await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        assert "logement" not in result.text.splitlines()[0]

    @pytest.mark.parametrize(
        "payload",
        [
            '/find_organisation{"region":"13","detail":"999"}',
            '/find_organisation{"region":"13","detail":"more"}',
            '/find_organisation{"region":"13","detail":"²"}',
            '/find_organisation{"region":"13","service":"nothing"}',
        ],
    )
    async def test_a_button_that_leads_nowhere_shows_the_first_page(self, server: ActionServer, payload: str) -> None:
        talk = await server.talk()
        result = await talk.takes(payload).run("action_begin_organisations")
        assert result.text.startswith("Organismes pour les personnes nouvellement arrivées, Laval")

    async def test_what_staff_import_is_what_people_are_shown(self, server: ActionServer) -> None:
        talk = await server.talk()
        talk.slots["region"] = "13"
        await has_only(server, an_organisation(name="Nouveau venu"))
        result = await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        assert "Nouveau venu" in result.text and "Agape" not in result.text

    async def test_a_question_in_the_middle_is_no_region(self, server: ActionServer) -> None:
        talk = await server.talk()
        await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
        assert (await talk.answers("c’est quoi le NAS?", "ask_sin")).events == []
        assert (await talk.answers("je veux mourir", "emergency", entity("region", "13"))).events == []

    async def test_an_empty_directory_leads_to_211(self, server: ActionServer) -> None:
        async with server.wiring.house.work() as unit:
            await unit.organisations.replace([])
        talk = await server.talk("en")
        talk.slots["region"] = "10"
        result = await talk.hears("?", "find_organisation").run("action_begin_organisations")
        assert result.names == ["utter_organisations_none"]
        assert result.replies[0].links[0].url == directory().fallback_url

    async def test_without_a_region_there_is_the_211(self, server: ActionServer) -> None:
        result = await (await server.talk()).hears("?", "inform").run("action_find_organisation")
        assert result.names == ["utter_organisations_none"]


async def has_only(server: ActionServer, *organisations: Organisation) -> None:
    await server.wiring.services.organisations.import_csv(write_csv(organisations).encode())


def a_turn(server: ActionServer, language: str) -> Turn:
    wiring = server.wiring
    tracker = Tracker("c", {"language": language}, {}, [], False, None, {}, "action_listen")
    return Turn(Desk(wiring.services, wiring.catalogue, wiring.settings), CollectingDispatcher(), tracker)
