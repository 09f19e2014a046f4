"""What is asked of best.py, in Rasa's environment, and its answers: numbers and words, none of our objects."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from scripts.prepare import RASA, ROOT
from scripts.simulation.agenda import Agenda
from scripts.simulation.replay import MARGIN, Outcome, Request, Year
from scripts.simulation.world import Person, World

Places = Sequence[tuple[str, datetime, date]]
Asking = Sequence[tuple[Person, datetime]]
NOTICE_MINUTES = 120


def best(world: World, places: Places, questions: Mapping[str, tuple[Asking, bool]]) -> dict[str, list[int]]:
    """For each question, who of its people is served in their five days; True: in their language only."""
    numbers = {agent.id: number for number, agent in enumerate(world.agents)}
    problem = {
        "agents": [
            {
                "region": agent.region,
                "languages": agent.languages,
                "is_remote": agent.is_remote,
                "has_office": agent.office is not None,
            }
            for agent in world.agents
        ],
        "hours": {
            "minute": [_minute(start) for _, start, _ in places],
            "day": [day.toordinal() for _, _, day in places],
            "agent": [numbers[agent_id] for agent_id, _, _ in places],
        },
        "notice": NOTICE_MINUTES,
        "questions": {
            name: {"people": [_person(*one) for one in asking], "in_their_language": in_their_language}
            for name, (asking, in_their_language) in questions.items()
        },
    }
    command = (str(RASA / "bin" / "python"), str(ROOT / "scripts" / "simulation" / "best.py"))
    answered = subprocess.run(command, input=json.dumps(problem), capture_output=True, text=True, check=True)
    answers: dict[str, list[int]] = json.loads(answered.stdout)
    return answers


def first_asking(people: Iterable[Person]) -> list[tuple[Person, datetime]]:
    """One hour for each person, from when they first asked."""
    return [(person, person.asks_at) for person in people]


def kept(requests: Iterable[Request]) -> list[tuple[Person, datetime]]:
    """An hour for each request whose person came: whoever missed or cancelled theirs is given none."""
    wanted = (Outcome.HELD, Outcome.NONE)
    return [(request.person, request.asked_at) for request in requests if request.outcome in wanted]


def best_of(year: Year) -> dict[str, list[Person]]:
    """The best for a replayed year: `offered` and `spoken` (in their language) by people, `held` by requests."""
    people = first_asking(year.world.people)
    requests = kept(year.requests)
    found = best(
        year.world, year.places, {"offered": (people, False), "spoken": (people, True), "held": (requests, False)}
    )
    asked = {"offered": people, "spoken": people, "held": requests}
    return {name: [asked[name][number][0] for number in numbers] for name, numbers in found.items()}


def best_share(world: World) -> float:
    """The share that could be offered an hour in their five days, of who asks in time; no booking is replayed."""
    first = min(person.asks_at for person in world.people).date()
    agenda = Agenda(world.agents, first, max(person.due for person in world.people) + MARGIN)
    for away in world.sudden:
        agenda.is_away(away.agent_id, away.absence)
    places = [(place.agent.id, place.start, place.day) for place in agenda.places()]
    asking = first_asking(person for person in world.people if person.asks_in_time)
    return len(best(world, places, {"offered": (asking, False)})["offered"]) / len(asking)


def _person(person: Person, asks_at: datetime) -> dict[str, Any]:
    wish = person.wish
    return {
        "asks": -int(-asks_at.timestamp() // 60),
        "due": person.due.toordinal(),
        "arrival": wish.arrival.toordinal(),
        "region": wish.region,
        "mode": wish.mode.value,
        "is_firm": wish.is_mode_firm,
        "language": wish.language,
    }


def _minute(start: datetime) -> int:
    return int(start.timestamp()) // 60
