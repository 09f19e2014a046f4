"""The promise board: who is to be met and by when, how many were, how full agents are. For the console."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.meetings import montreal_day
from bot.domain.promise import (
    Load,
    Person,
    Record,
    Share,
    Shows,
    Standing,
    first_week,
    loads,
    people,
    shares,
    shows,
)
from bot.domain.waiting_list import TimeOffer, Waiting, in_order
from bot.domain.working_days import ClosedDays
from bot.services.house import House

# How far back the offers of freed times are explained.
OFFERS_SHOWN = timedelta(days=28)


@dataclass(frozen=True)
class Board:
    """All of it, at `now`; of one region when one was asked for."""

    now: datetime
    today: date
    closed: ClosedDays
    people: tuple[Person, ...]
    weeks: tuple[Share, ...]
    by_region: tuple[Share, ...]
    shows: tuple[Shows, ...]
    loads: tuple[Load, ...]
    waiting: tuple[Waiting, ...]
    offers: tuple[TimeOffer, ...]

    def who(self, standing: Standing) -> list[Person]:
        """In order of due date."""
        return [person for person in self.people if person.standing(self.now, self.closed) is standing]


class PromiseService:
    """`regions` are the codes of Québec's regions."""

    def __init__(self, house: House, regions: Collection[str]) -> None:
        self._house = house
        self._regions = tuple(regions)

    async def board(self, region: str | None = None) -> Board:
        now = self._house.clock.now()
        today = montreal_day(now)
        async with self._house.work() as unit:
            records: Sequence[Record] = await unit.promise.records(first_week(today))
            waiting = in_order(await unit.waiting_list.entries())
            agents = await unit.meetings.agents(now - timedelta(days=7))
            closed = ClosedDays(await unit.meetings.extra_closed_days())
            offers = await unit.waiting_list.offers(now - OFFERS_SHOWN)
        everyone = people(records, waiting)
        if region is not None:
            everyone = [person for person in everyone if person.region == region]
            records = [record for record in records if record.region == region]
            agents = [agent for agent in agents if agent.region == region]
            waiting = [one for one in waiting if one.wish.region == region]
        here = {person.conversation_id for person in everyone}
        return Board(
            now=now,
            today=today,
            closed=closed,
            people=tuple(everyone),
            weeks=tuple(shares(everyone, now, closed, (None,))),
            by_region=tuple(shares(everyone, now, closed, (region,) if region else self._regions)),
            shows=tuple(shows(records, now)),
            loads=tuple(loads(agents, records, closed, today)),
            waiting=tuple(waiting),
            offers=tuple(each for each in offers if region is None or each.conversation_id in here),
        )
