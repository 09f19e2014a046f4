"""Demonstration data: made-up agents, hours, teams and sessions for the 17 regions, to try a new machine at once.

Whoever is offered one of these times is told that nobody will be there. Production refuses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from bot.domain.handoffs import Team
from bot.domain.meetings import QUEBEC, Agent, OpeningHours
from bot.domain.sessions import Session, SessionDay
from bot.domain.supply import Office
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
    """Adds agents, teams, sessions for each region (code to name), a team for all of Québec, unless there are some."""
    async with house.work() as unit:
        if await unit.meetings.has_agents() or await unit.handoffs.has_teams():
            return False
        quebec = Team("quebec", "Équipe d’accueil du Québec (démonstration)", None, time(9), time(17))
        await unit.handoffs.add_team(quebec)
        for region, name in regions.items():
            team = Team(f"region-{region}", f"Équipe d’accueil, {name} (démonstration)", region, time(9), time(17))
            await unit.handoffs.add_team(team)
            await unit.supply.put(_office(region, name))
            for number in range(3 if region in BUSY_REGIONS else 2):
                await unit.meetings.add_agent(_agent(region, number))
        if not await unit.sessions.any():
            today = house.clock.now().astimezone(QUEBEC).date()
            for session in _sessions(regions, today):
                await unit.sessions.add(session)
    return True


def _sessions(regions: Mapping[str, str], today: date) -> Iterator[Session]:
    """One of each region by day, in turn, one online in the evening, and one with a single seat."""
    monday = today + timedelta(days=7 - today.weekday())
    evenings = [monday + timedelta(weeks=3 + number // 2, days=1 + 2 * (number % 2)) for number in range(8)]
    yield _session("demo-online", "06", None, 20, evenings, (time(18), time(21)))
    for number, (region, name) in enumerate(regions.items()):
        first = monday + timedelta(weeks=2 + number % 6)
        days = [first + timedelta(days=day) for day in range(4)]
        yield _session(f"demo-{region}", region, f"Salle de démonstration, {name}", 12, days, (time(9), time(15)))
    last = [monday + timedelta(weeks=4, days=day) for day in range(4)]
    yield _session("demo-one-seat", "06", "Petite salle de démonstration, Montréal", 1, last, (time(9), time(15)))


def _session(
    session_id: str, region: str, place: str | None, seats: int, days: Iterable[date], hours: tuple[time, time]
) -> Session:
    begins, ends = hours
    return Session(
        id=session_id,
        organisation=ORGANISATION,
        region=region,
        place=place,
        is_online=place is None,
        language="fr",
        seats=seats,
        days=tuple(
            SessionDay(
                datetime.combine(day, begins, QUEBEC).astimezone(UTC),
                datetime.combine(day, ends, QUEBEC).astimezone(UTC),
            )
            for day in days
        ),
        is_demonstration=True,
    )


def _office(region: str, region_name: str) -> Office:
    return Office(f"demo-{region}", "Bureau de démonstration", region, region_name, QUEBEC.key)


def _agent(region: str, number: int) -> Agent:
    hours = (MORNING, AFTERNOON) if number else (AFTERNOON, MORNING)
    return Agent(
        id=f"demo-{region}-{number + 1}",
        name=f"Agente ou agent {region}-{number + 1}",
        organisation=ORGANISATION,
        region=region,
        languages=_LANGUAGES[number],
        hours=tuple(OpeningHours(day, *half) for day, half in product(WEEKDAYS, hours)),
        meeting_minutes=MEETING_MINUTES,
        office=None,
        is_remote=number > 0,
        is_demonstration=True,
        office_id=f"demo-{region}",
    )
