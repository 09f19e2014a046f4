"""Which lines of a step a person gets: those for their situation, that stand on facts still fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.situations import Situation
from bot.domain.time_limits import ARRIVAL, TimeLimit, add_months
from bot.domain.working_days import ClosedDays
from bot.knowledge.steps import Fact, Line, Step, placeholders


@dataclass(frozen=True)
class ShelfLives:
    """For how many months the check of a fact holds, by the fact's kind."""

    months: Mapping[str, int]

    def is_fresh(self, fact: Fact, today: date) -> bool:
        """A fact that was never checked does not age: it is only ever said as something to check."""
        return fact.checked is None or today <= self.last_day(fact.checked, fact.kind)

    def last_day(self, checked: date, kind: str) -> date:
        return add_months(checked, self.months[kind])


@dataclass(frozen=True)
class Answer:
    """`first` begins with what it is, or is empty when that is withdrawn. `withdrawn`: lines left out, facts too old.

    `depends_on_status`: knowing the person's status would change the answer.
    """

    first: tuple[Line, ...]
    more: tuple[Line, ...]
    withdrawn: tuple[Line, ...]
    depends_on_status: bool

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*self.first, *self.more)


def answer(step: Step, situation: Situation, shelf_lives: ShelfLives) -> Answer:
    """Of each part the first fresh line that fits is said; of what comes on request, every one."""
    fitting = [line for line in step.lines if fits(line, situation)]
    fresh = [line for line in fitting if _is_fresh(step.facts_under(line), situation.today, shelf_lives)]
    first: dict[str, Line] = {}
    for line in fresh:
        if line in step.says:
            first.setdefault(line.part, line)
    return Answer(
        first=tuple(first.values()),
        more=tuple(line for line in fresh if line in step.more),
        withdrawn=tuple(line for line in fitting if line not in fresh),
        depends_on_status=situation.status is None and any(line.statuses for line in step.lines),
    )


def fits(line: Line, situation: Situation) -> bool:
    """What is not known fits no condition on it."""
    return (
        (not line.statuses or situation.status in line.statuses)
        and (not line.stages or situation.stage in line.stages)
        and (not line.regions or situation.region in line.regions)
        and (not line.knows_arrival or situation.arrival is not None)
    )


def limit_days(step: Step, lines: Iterable[Line], situation: Situation, closed: ClosedDays) -> dict[str, date]:
    """The day of each time limit that the lines name. One that counts from an event counts as if it were today."""
    named: set[str] = set().union(*(placeholders(line.text) for line in lines))
    return {
        key: step.limits[key].limit.shown_day(_base(step.limits[key].limit, situation), closed)
        for key in named & step.limits.keys()
    }


def _base(limit: TimeLimit, situation: Situation) -> date:
    if limit.yearly is None and limit.after == ARRIVAL and situation.arrival is not None:
        return situation.arrival
    return situation.today


def _is_fresh(facts: Sequence[Fact], today: date, shelf_lives: ShelfLives) -> bool:
    return all(shelf_lives.is_fresh(fact, today) for fact in facts)
