"""A new machine can be tried at once, in every region and language."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.meetings import Mode, Wish
from bot.domain.sessions import WHOLE_SESSION
from bot.knowledge.places import region_names
from bot.services.demonstration import add_demonstration_data
from bot.wiring import Wiring
from tests.factories import a_person, a_team, an_agent, with_agents, with_teams


async def test_every_region_can_meet_and_be_handed_over(wiring: Wiring) -> None:
    assert await add_demonstration_data(wiring.house, region_names())
    for region in region_names():
        wish = Wish(date(2026, 12, 2), region, Mode.IN_PERSON, "fr")
        offer = await wiring.services.meetings.offer(wish)
        assert offer.is_in_time
        assert all(free.agent.region == region and free.agent.is_demonstration for free in offer.times)
        person = await a_person(wiring)
        assert (await wiring.services.handoffs.ask(person.id, region)).handoff.team.region == region


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_someone_speaks_each_language_at_a_distance(wiring: Wiring, language: str) -> None:
    await add_demonstration_data(wiring.house, region_names())
    offer = await wiring.services.meetings.offer(Wish(date(2026, 12, 2), "10", Mode.REMOTE, language))
    assert offer.times
    assert all(language in free.agent.languages for free in offer.times)


async def test_every_region_has_a_session_of_24_hours_and_one_has_a_single_seat(wiring: Wiring) -> None:
    await add_demonstration_data(wiring.house, region_names())
    rooms = await wiring.services.sessions.offered("10")
    assert {room.session.region for room in rooms} == set(region_names())
    assert {room.session.length for room in rooms} == {WHOLE_SESSION}
    assert all(room.session.is_demonstration for room in rooms)
    assert rooms[0].session.region == "10"
    assert min(room.session.seats for room in rooms) == 1


async def test_it_is_added_once_and_never_beside_real_data(wiring: Wiring) -> None:
    await with_teams(wiring.house, a_team())
    assert not await add_demonstration_data(wiring.house, region_names())
    async with wiring.house.work() as unit:
        assert await unit.meetings.agents() == []


async def test_it_is_not_added_beside_real_agents(wiring: Wiring) -> None:
    await with_agents(wiring.house, an_agent())
    assert not await add_demonstration_data(wiring.house, region_names())
    assert not await add_demonstration_data(wiring.house, region_names())
