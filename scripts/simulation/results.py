"""What a replayed year gives, beside the best possible: by week, region and language, and the checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from scripts.benchmark.figures import Target
from scripts.simulation.replay import Outcome, Year
from scripts.simulation.world import Person

WITHIN_POINTS = 1.0
WITHIN_SECONDS = 600


@dataclass(frozen=True)
class Group:
    """How many people, and how many of them in their five days, by the booking code and at best."""

    people: int
    offered: int
    best_offered: int
    held: int
    best_held: int

    def share(self, name: str) -> float:
        """Of an empty group, 1: nobody was left out."""
        return int(getattr(self, name)) / self.people if self.people else 1.0


@dataclass(frozen=True)
class Results:
    """`everybody` counts who asked too late as well; the other groups only who asked in time."""

    everybody: Group
    in_time: Group
    weeks: Mapping[date, Group]
    regions: Mapping[str, Group]
    languages: Mapping[str, Group]
    abroad: Mapping[str, Group]
    refused: tuple[str, ...]
    in_language: int
    best_in_language: int
    wished_mode: int
    requests: int
    outcomes: Mapping[str, int]
    counted: Mapping[str, int]
    hours: int

    @property
    def taken(self) -> int:
        """Hours of meetings that took place, or for which somebody waited in vain."""
        return sum(self.outcomes.get(outcome, 0) for outcome in (Outcome.HELD, Outcome.MISSED))

    def as_data(self) -> dict[str, Any]:
        data = asdict(self)
        data["weeks"] = {week.isoformat(): group for week, group in data["weeks"].items()}
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Results:
        read = dict(data)
        for name in ("everybody", "in_time"):
            read[name] = Group(**data[name])
        for name in ("weeks", "regions", "languages", "abroad"):
            read[name] = {key: Group(**group) for key, group in data[name].items()}
        read["weeks"] = {date.fromisoformat(week): group for week, group in read["weeks"].items()}
        read["refused"] = tuple(data["refused"])
        return cls(**read)


def results(year: Year, best: Mapping[str, Iterable[Person]]) -> Results:
    people = year.world.people
    offered = {request.person.id for request in year.requests if request.is_offered_in_time}
    held = {request.person.id for request in year.requests if request.is_held_in_time}
    best_of = {name: {person.id for person in found} for name, found in best.items()}

    def group(members: Collection[Person]) -> Group:
        ids = {person.id for person in members}
        sets = (offered, best_of["offered"], held, best_of["held"])
        return Group(len(ids), *(len(ids & one) for one in sets))

    in_time = [person for person in people if person.asks_in_time]

    def groups(key: Callable[[Person], Any]) -> dict[Any, Group]:
        found: defaultdict[Any, list[Person]] = defaultdict(list)
        for person in in_time:
            found[key(person)].append(person)
        return {name: group(found[name]) for name in sorted(found)}

    firsts = year.firsts()
    first, last = date(people[0].due.year, 1, 1), max(person.wish.arrival for person in people)
    return Results(
        everybody=group(people),
        in_time=group(in_time),
        weeks=groups(lambda person: person.due - timedelta(days=person.due.weekday())),
        regions=groups(lambda person: person.wish.region),
        languages=groups(lambda person: person.wish.language),
        abroad=groups(lambda person: "before arrival" if person.is_abroad else "after arrival"),
        refused=tuple(year.refused),
        in_language=sum(request.is_in_language and request.is_offered_in_time for request in firsts),
        best_in_language=len(best_of["spoken"]),
        wished_mode=sum(request.is_wished_mode for request in firsts),
        requests=len(year.requests),
        outcomes={outcome.value: number for outcome, number in Counter(r.outcome for r in year.requests).items()},
        counted=dict(sorted(year.counted.items())),
        hours=sum(first <= day <= last for _, _, day in year.places),
    )


def checks(found: Results, seconds: float) -> list[Target]:
    def points(name: str) -> Target:
        gap = 100 * (found.everybody.share(f"best_{name}") - found.everybody.share(name))
        said = f"{max(gap, 0):.2f} points"
        title = f"{name} within five working days, below the best possible"
        return Target(title, f"≤ {WITHIN_POINTS:g} point", said, gap <= WITHIN_POINTS)

    refused = len(found.refused)
    took = Target("time taken", f"≤ {WITHIN_SECONDS // 60} min", f"{seconds / 60:.1f} min", seconds <= WITHIN_SECONDS)
    return [
        Target("refused a time in the five days though one was free", "0", str(refused), refused == 0),
        points("held"),
        points("offered"),
        took,
    ]
