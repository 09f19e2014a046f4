"""Demonstration data: made-up agents, hours and teams for the 17 regions, so that a new machine can be tried at once.

Whoever is offered one of these times is told that nobody will be there. Production refuses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from itertools import product

from bot.domain.handoffs import Team
from bot.domain.meetings import Agent, OpeningHours
from bot.services.house import House

ORGANISATION = "Passerelle (démonstration)"
WEEKDAYS = range(5)
MORNING = (time(9), time(12))
AFTERNOON = (time(13), time(16, 30))
MEETING_MINUTES = 60
# Two agents a region; a third where more people arrive.
BUSY_REGIONS = frozenset({"03", "06", "13", "16"})
_LANGUAGES = (("fr", "en"), ("fr", "es"), ("fr", "en", "es"))


async def add_demonstration_data(house: House, regions: Mapping[str, str]) -> bool:
    """Adds agents and teams for each region (code to name), and a team for all of Québec, unless there are some."""
    async with house.work() as unit:
        if await unit.meetings.has_agents() or await unit.handoffs.has_teams():
            return False
        quebec = Team("quebec", "Équipe d’accueil du Québec (démonstration)", None, time(9), time(17))
        await unit.handoffs.add_team(quebec)
        for region, name in regions.items():
            team = Team(f"region-{region}", f"Équipe d’accueil, {name} (démonstration)", region, time(9), time(17))
            await unit.handoffs.add_team(team)
            for number in range(3 if region in BUSY_REGIONS else 2):
                await unit.meetings.add_agent(_agent(region, name, number))
    return True


def _agent(region: str, region_name: str, number: int) -> Agent:
    hours = (MORNING, AFTERNOON) if number else (AFTERNOON, MORNING)
    return Agent(
        id=f"demo-{region}-{number + 1}",
        name=f"Agente ou agent {region}-{number + 1}",
        organisation=ORGANISATION,
        region=region,
        languages=_LANGUAGES[number],
        hours=tuple(OpeningHours(day, *half) for day, half in product(WEEKDAYS, hours)),
        meeting_minutes=MEETING_MINUTES,
        office=f"Bureau de démonstration, {region_name}",
        is_remote=number > 0,
        is_demonstration=True,
    )
