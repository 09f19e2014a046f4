"""The people and the agents of the year, made by the seed: the same seed makes the same year."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from bot.domain.meetings import QUEBEC, Absence, Agent, Mode, OpeningHours, Wish
from bot.domain.working_days import ClosedDays, due_date
from scripts.simulation import assumptions as assumed
from scripts.simulation.assumptions import Asked

HALIFAX = ZoneInfo("America/Halifax")
# Gaspésie–Îles-de-la-Madeleine: every other agent there is on the islands.
ISLANDS = "11"
_DAY = timedelta(days=1)
_KNOWN_AT = time(7, 30)
# Dakar, Bogotá, Paris, Casablanca, Manila: where people ask from before they leave.
_ABROAD = ("Africa/Dakar", "America/Bogota", "Europe/Paris", "Africa/Casablanca", "Asia/Manila")


@dataclass(frozen=True)
class Person:
    """`asks_at`: when they first ask for a meeting. `timezone`: where they are then."""

    id: str
    wish: Wish
    asks_at: datetime
    due: date
    timezone: str

    @property
    def is_abroad(self) -> bool:
        return self.asks_at.astimezone(QUEBEC).date() < self.wish.arrival

    @property
    def asks_in_time(self) -> bool:
        """Before the last of their five days: later, even an empty agenda may have no hour left."""
        return self.asks_at.astimezone(QUEBEC).date() < self.due

    def comes(self, seed: int, attempt: int) -> bool:
        """Whether they are there; the same whatever agents and times there are."""
        return Random(f"{seed} comes {self.id} {attempt}").random() >= assumed.NO_SHOWS  # noqa: S311


@dataclass(frozen=True)
class SuddenAbsence:
    agent_id: str
    known_at: datetime
    absence: Absence


@dataclass(frozen=True)
class World:
    """`agents` have the absences known beforehand; `sudden` ones come on top, in order of when they are known."""

    seed: int
    agents: tuple[Agent, ...]
    sudden: tuple[SuddenAbsence, ...]
    people: tuple[Person, ...]


def make_world(asked: Asked) -> World:
    """People and agents are drawn apart: another number of agents meets the same people."""
    agents, sudden = _agents(asked)
    return World(asked.seed, agents, sudden, _people(asked))


def shares(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers by weight that add up to `total`; each gets one when there are enough."""
    at_least = 1 if total >= len(weights) else 0
    left = total - at_least * len(weights)
    exact = {key: left * weight / sum(weights.values()) for key, weight in weights.items()}
    found = {key: at_least + math.floor(value) for key, value in exact.items()}
    by_rest = sorted(exact, key=lambda key: (math.floor(exact[key]) - exact[key], key))
    for key in by_rest[: total - sum(found.values())]:
        found[key] += 1
    return found


def _people(asked: Asked) -> tuple[Person, ...]:
    random = Random(f"{asked.seed} people")  # noqa: S311
    days = [
        date(assumed.YEAR, 1, 1) + n * _DAY
        for n in range(366)
        if (date(assumed.YEAR, 1, 1) + n * _DAY).year == assumed.YEAR
    ]
    month_length = {month: sum(day.month == month for day in days) for month in range(1, 13)}
    by_day = list(accumulate(assumed.MONTHS[day.month - 1] / month_length[day.month] for day in days))
    arrivals = sorted(random.choices(days, cum_weights=by_day, k=asked.arrivals))
    return tuple(_person(f"p-{number:05}", arrival, random) for number, arrival in enumerate(arrivals))


def _person(person_id: str, arrival: date, random: Random) -> Person:
    is_abroad = random.random() < assumed.BEFORE_ARRIVAL
    if is_abroad:
        asks_on = arrival - random.randint(1, assumed.LONGEST_BEFORE) * _DAY
    else:
        asks_on = arrival + random.choices(assumed.DAYS_AFTER, assumed.DAYS_AFTER_WEIGHTS)[0] * _DAY
    # To the second, so that no two ask at once.
    asks_at = datetime.combine(asks_on, time(8), QUEBEC) + timedelta(seconds=random.randrange(14 * 3600))
    in_person = assumed.IN_PERSON_FROM_ABROAD if is_abroad else assumed.IN_PERSON_HERE
    mode = Mode.IN_PERSON if random.random() < in_person else Mode.REMOTE
    wish = Wish(
        arrival=arrival,
        region=_one_of(assumed.REGIONS, random),
        mode=mode,
        language=_one_of(assumed.LANGUAGES, random),
        is_mode_firm=mode is Mode.IN_PERSON and random.random() < assumed.IS_FIRM,
    )
    timezone = random.choice(_ABROAD) if is_abroad else "America/Toronto"
    return Person(person_id, wish, asks_at.astimezone(UTC), due_date(arrival, ClosedDays()), timezone)


def _one_of(weights: Mapping[str, float], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _agents(asked: Asked) -> tuple[tuple[Agent, ...], tuple[SuddenAbsence, ...]]:
    agents: list[Agent] = []
    sudden: list[SuddenAbsence] = []
    for region, number in shares(asked.agents, assumed.REGIONS).items():
        for one in range(number):
            agent_id = f"a-{region}-{one:02}"
            # Of its own: one more agent changes nothing of the others.
            random = Random(f"{asked.seed} agent {agent_id}")  # noqa: S311
            zone = HALIFAX if region == ISLANDS and one % 2 else QUEBEC
            speaks = [("en", assumed.SPEAKS_ENGLISH), ("es", assumed.SPEAKS_SPANISH)]
            languages = ("fr", *(language for language, share in speaks if random.random() < share))
            agents.append(
                Agent(
                    id=agent_id,
                    name=f"Agente ou agent {region}-{one}",
                    organisation="Simulation",
                    region=region,
                    languages=languages,
                    hours=tuple(_hours(asked.places_a_day, random)),
                    meeting_minutes=assumed.MEETING_MINUTES,
                    office=f"Bureau {region}",
                    is_remote=random.random() < assumed.IS_REMOTE,
                    office_id=office_id(region, zone),
                    timezone=zone,
                    absences=tuple(_planned(zone, random)),
                )
            )
            sudden += _sudden(agent_id, zone, random)
    return tuple(agents), tuple(sorted(sudden, key=lambda away: (away.known_at, away.agent_id)))


def office_id(region: str, zone: ZoneInfo) -> str:
    return f"o-{region}-{zone.key.rpartition('/')[2].lower()}"


def _hours(places: int, random: Random) -> Iterator[OpeningHours]:
    """Half in the morning, half in the afternoon; an odd one in either. Each hour is one place."""
    if not 1 <= places <= len(assumed.MORNINGS) + len(assumed.AFTERNOONS):
        raise ValueError(places)
    mornings = (places + random.randrange(2)) // 2
    starts = [*random.sample(assumed.MORNINGS, mornings), *random.sample(assumed.AFTERNOONS, places - mornings)]
    for weekday in range(5):
        for start in sorted(starts):
            yield OpeningHours(weekday, start, time(start.hour + assumed.MEETING_MINUTES // 60))


def _away(first: date, days: int, zone: ZoneInfo) -> Absence:
    begins = datetime.combine(first, time(), zone)
    return Absence(begins.astimezone(UTC), datetime.combine(first + days * _DAY, time(), zone).astimezone(UTC))


def _planned(zone: ZoneInfo, random: Random) -> list[Absence]:
    year = assumed.YEAR
    monday = date(year, 1, 1) + (7 - date(year, 1, 1).weekday()) % 7 * _DAY
    summer = [monday + n * 7 * _DAY for n in range(24, 34)]
    other = [monday + n * 7 * _DAY for n in (*range(6, 23), *range(36, 50))]
    spells = [_away(random.choice(summer), 14, zone)]
    spells += [_away(week, 7, zone) for week in random.sample(other, 2)]
    spells += [_away(date(year, 1, 1) + random.randrange(365) * _DAY, 1, zone) for _ in range(assumed.SINGLE_DAYS)]
    return sorted(spells, key=lambda away: (away.begins_at, away.ends_at))


def _sudden(agent_id: str, zone: ZoneInfo, random: Random) -> Iterator[SuddenAbsence]:
    for _ in range(assumed.SUDDEN_ABSENCES):
        first = date(assumed.YEAR, 1, 1) + random.randrange(365) * _DAY
        known_at = datetime.combine(first, _KNOWN_AT, zone).astimezone(UTC)
        yield SuddenAbsence(agent_id, known_at, _away(first, random.choice((1, 1, 2, 3)), zone))
