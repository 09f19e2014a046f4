"""The question of the region, in both forms: what could be several places is asked once, and nothing goes round."""

from __future__ import annotations

import pytest

from actions.regions import ELSEWHERE
from bot.knowledge.places import places, region_names, short_region_name
from tests.actions.rasa_side import ActionServer, Result, Talk, entity

LANGUAGES = ("fr", "en", "es")
MAX_BUTTON = 20
QUEBEC = entity("ambiguous_place", "quebec", regions=["03"])
SOUTH_SHORE = entity("ambiguous_place", "rive sud", regions=["12", "16"])


async def at_region(server: ActionServer, form: str = "organisation_form", language: str = "fr") -> Talk:
    """A form that has just asked for the region."""
    talk = await server.talk(language)
    if form == "meeting_form":
        await talk.takes("/book_meeting").run("action_begin_booking")
        await talk.chooses('/inform{"arrival_date":"2026-12-01"}')
    else:
        await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
    assert talk.slots["requested_slot"] == "region"
    return talk


def titles(result: Result) -> list[str]:
    return [choice.title for choice in result.replies[-1].choices]


def payloads(result: Result) -> list[str]:
    return [choice.payload for choice in result.replies[-1].choices]


@pytest.mark.parametrize("form", ["meeting_form", "organisation_form"])
async def test_quebec_alone_is_the_city_or_the_province(server: ActionServer, form: str) -> None:
    talk = await at_region(server, form)
    asked = await talk.answers("Québec", "inform", QUEBEC)
    assert asked.names == ["utter_region_city_or_province"]
    assert titles(asked) == ["Ville de Québec", "Ailleurs au Québec"]
    await talk.chooses_from(asked, "Ville de Québec")
    assert talk.slots["region"] == "03"


@pytest.mark.parametrize("written", ["kebek", "kebec", "qc"])
async def test_quebec_is_asked_about_however_it_is_written(server: ActionServer, written: str) -> None:
    assert written in {variant for place in places() for variant in place.asks_first}
    talk = await at_region(server)
    asked = await talk.answers(written, "inform", entity("ambiguous_place", written, regions=["03"]))
    assert asked.names == ["utter_region_city_or_province"]


@pytest.mark.parametrize("form", ["meeting_form", "organisation_form"])
async def test_elsewhere_leads_to_a_choice_of_regions(server: ActionServer, form: str) -> None:
    talk = await at_region(server, form)
    asked = await talk.answers("Québec", "inform", QUEBEC)
    offered = await talk.chooses_from(asked, "Ailleurs au Québec")
    assert offered.names == ["utter_region_choose"]
    await talk.chooses_from(offered, "Montérégie")
    assert talk.slots["region"] == "16"


async def test_what_could_be_two_regions_names_them(server: ActionServer) -> None:
    talk = await at_region(server)
    asked = await talk.answers("sur la Rive-Sud", "inform", SOUTH_SHORE)
    assert asked.names == ["utter_region_ambiguous"]
    assert titles(asked) == ["Chaudière-Appalaches", "Montérégie", "Ailleurs au Québec"]


async def test_what_is_in_one_region_may_be_elsewhere_too(server: ActionServer) -> None:
    talk = await at_region(server)
    asked = await talk.answers("Windsor", "inform", entity("ambiguous_place", "windsor", regions=["05"]))
    assert titles(asked) == ["Estrie", "Ailleurs au Québec"]


@pytest.mark.parametrize("named", [QUEBEC, SOUTH_SHORE])
@pytest.mark.parametrize("second", ["Toronto", "même chose", "Québec"])
async def test_an_answer_that_still_does_not_tell_leads_to_a_choice(
    server: ActionServer, named: dict[str, object], second: str
) -> None:
    talk = await at_region(server)
    await talk.answers("Québec", "inform", named)
    entities = [named] if second == "Québec" else []
    assert (await talk.answers(second, "inform", *entities)).names == ["utter_region_choose"]


async def test_an_unknown_place_is_said_once(server: ActionServer) -> None:
    talk = await at_region(server)
    assert (await talk.answers("Toronto")).names == ["utter_region_unknown"]
    assert (await talk.answers("Toronto")).names == ["utter_region_choose"]


async def test_no_question_comes_twice_in_a_row_and_every_region_is_offered(server: ActionServer) -> None:
    talk = await at_region(server)
    result = await talk.answers("Québec", "inform", QUEBEC)
    said, offered = [result.text, *titles(result)], []
    pages = -(-len(region_names()) // 3)
    for _ in range(pages):
        result = await talk.answers("je ne sais pas", "nlu_fallback")
        assert [result.text, *titles(result)] != said
        said = [result.text, *titles(result)]
        offered += [title for title, payload in zip(titles(result), payloads(result), strict=True) if '"' in payload]
    assert {short_region_name(region) for region in region_names()} <= set(offered)
    assert "/talk_to_human" in payloads(result)


async def test_the_button_turns_the_page(server: ActionServer) -> None:
    talk = await at_region(server)
    await talk.answers("Toronto")
    first = await talk.answers("Toronto")
    second = await talk.chooses_from(first, "Autres régions")
    assert not set(titles(first)[:3]) & set(titles(second)[:3])


async def test_a_question_in_the_middle_counts_for_nothing(server: ActionServer) -> None:
    talk = await at_region(server)
    await talk.answers("Québec", "inform", QUEBEC)
    assert (await talk.answers("c’est quoi le NAS?", "ask_sin")).events == []
    asked_again = await talk.run("action_ask_region")
    assert asked_again.names == ["utter_ask_region"]
    assert talk.slots["region_tries"] == 1


async def test_an_ambiguous_place_in_the_request_is_asked_about_at_once(server: ActionServer) -> None:
    talk = await server.talk()
    asked = await talk.hears("un organisme à Québec", "find_organisation", QUEBEC).run("action_begin_organisations")
    assert asked.names == ["utter_region_city_or_province"]
    assert (await talk.answers("Québec", "inform", QUEBEC)).names == ["utter_region_choose"]


async def test_the_next_form_begins_anew(server: ActionServer) -> None:
    talk = await at_region(server)
    await talk.answers("Toronto")
    await talk.answers("Toronto")
    await talk.hears("stop", "stop").run("action_stop")
    await talk.hears("un organisme", "find_organisation").run("action_begin_organisations")
    assert talk.slots["region_tries"] == 0
    assert (await talk.answers("Toronto")).names == ["utter_region_unknown"]


async def test_a_position_from_telegram_is_the_answer(server: ActionServer) -> None:
    talk = await at_region(server, "meeting_form")
    assert (await talk.chooses('/inform{"region":"16","place":"Longueuil"}')).names == ["utter_ask_meeting_mode"]
    assert talk.slots["region"] == "16"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_buttons_are_short_in_every_language(server: ActionServer, language: str) -> None:
    talk = await at_region(server, language=language)
    shown = [await talk.answers("Québec", "inform", QUEBEC)]
    shown += [await talk.answers("?!", "nlu_fallback") for _ in range(7)]
    assert {title for result in shown for title in titles(result) if len(title) > MAX_BUTTON} == set()
    assert all(len(titles(result)) <= 4 for result in shown)
    assert "{" not in "".join(result.text for result in shown)


def test_elsewhere_is_no_region() -> None:
    assert ELSEWHERE not in region_names()
