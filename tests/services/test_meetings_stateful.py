"""Any order of booking, moving, cancelling, absences, freed times and answers to them keeps what must hold.

`HYPOTHESIS_PROFILE=ci` tries two thousand orders.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, delete, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bell import LocalBell
from bot.domain.meetings import (
    NOTICE,
    QUEBEC,
    Absence,
    Agent,
    MeetingState,
    Mode,
    Wish,
    is_open,
    montreal_day,
)
from bot.domain.waiting_list import SLEEPS, WAKES, OfferState, Waiting, Why
from bot.domain.working_days import ClosedDays, due_date
from bot.i18n.catalogue import default_catalogue
from bot.services.house import House
from bot.services.meetings import AlreadyBooked, MeetingService, NoMeeting, SlotTaken
from bot.services.waiting_list import OfferGone
from bot.settings import Settings
from bot.store.database import migrate, open_database
from bot.store.tables import absences, closed_days, conversations, meetings, metadata, offices, time_offers
from bot.store.unit_of_work import Unit, work_on
from tests.factories import NOW, an_agent, hours
from tests.fakes import FakeClock

MANY = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
STEPS = 20
HALIFAX = ZoneInfo("America/Halifax")
ISLANDS = {"id": "islands", "name": "Îles", "region": "11", "address": "1, chemin", "timezone": HALIFAX.key}
T = TypeVar("T")

# Few hours, so that people wait: four times a week in Montréal, two on the islands.
AGENTS = (
    replace(
        an_agent("a", languages=("fr", "en"), open_hours=hours(time(9), time(11), days=[0, 4])),
        most_a_day=1,
    ),
    an_agent("b", languages=("fr", "es"), open_hours=hours(time(13), time(14, 30), days=[1]), meeting_minutes=45,
             is_remote=False),
    replace(
        an_agent("c", region="11", languages=("fr", "en"), open_hours=hours(time(9), time(12), days=[3])),
        office_id="islands", office="Îles, 1, chemin", timezone=HALIFAX, most_a_day=2,
    ),
)  # fmt: skip

wishes = st.builds(
    lambda days, region, mode, language, is_firm: (days, Wish(NOW.date(), region, mode, language, is_firm)),
    st.integers(-6, 4),
    st.sampled_from(["06", "06", "11"]),
    st.sampled_from(Mode),
    st.sampled_from(["fr", "en", "es"]),
    st.booleans(),
)
zones = st.sampled_from([None, "America/Toronto", "Africa/Dakar", "Asia/Manila"])


@dataclass(frozen=True)
class Seen:
    """The database, at one moment."""

    agents: dict[str, Agent]
    closed: ClosedDays
    booked: Sequence[Row[Any]]
    offers: Sequence[Row[Any]]
    waiting: dict[str, Waiting]


class Booking(RuleBasedStateMachine):
    """People, agents and a clock, against the real services on `engine`."""

    engine: AsyncEngine
    run: Any

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock(NOW)
        self.house = House(work_on(self.engine), self.clock, LocalBell(), default_catalogue())
        self.meetings = MeetingService(self.house)
        self.wishes: dict[str, Wish] = {}
        # What each person holds, as they were told: (agent, start).
        self.holds: dict[str, tuple[str, datetime]] = {}
        self.seen_meetings: set[tuple[str, str, datetime]] = set()
        self.seen_offers: set[str] = set()
        self.do(self._begin())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        done: T = self.run(work)
        return done

    async def _begin(self) -> None:
        async with self.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))
            await connection.execute(insert(offices).values(ISLANDS))
        async with self.house.work() as unit:
            for agent in AGENTS:
                await unit.meetings.add_agent(agent)

    @initialize(asked=st.lists(wishes, min_size=4, max_size=6), zone=zones)
    def fill_the_week(self, asked: list[tuple[int, Wish]], zone: str | None) -> None:
        """So that somebody waits from the first."""
        for days, wish in asked:
            self.arrive(min(days, 0), wish, zone)

    def now(self) -> datetime:
        return self.clock.now()

    def someone(self, number: int) -> str:
        return sorted(self.wishes)[number % len(self.wishes)]

    @rule(asked=wishes, zone=zones, pick=st.integers(0, 3), others=st.integers(0, 2))
    def arrive_and_book(self, asked: tuple[int, Wish], zone: str | None, pick: int, others: int) -> None:
        days, wish = asked
        for _ in range(1 + others):
            self.arrive(days, wish, zone, pick)

    def arrive(self, days: int, wish: Wish, zone: str | None, pick: int = 0) -> None:
        person = f"person-{len(self.wishes):03}"
        self.wishes[person] = replace(wish, arrival=montreal_day(self.now()) + timedelta(days=days))
        self.do(self._add(person, zone, wish.language))
        self.book(person, pick)

    async def _add(self, person: str, zone: str | None, language: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(
                insert(conversations).values(
                    id=person, channel="widget", address=person, language=language, timezone=zone,
                    handled_by="assistant", created_at=self.now(), updated_at=self.now(),
                )
            )  # fmt: skip

    def book(self, person: str, pick: int) -> None:
        """As the assistant does: what is offered, among which the person picks."""
        wish = self.wishes[person]
        is_moving = person in self.holds
        offer = self.do(self.meetings.offer(wish, person))
        if not offer.is_in_time:
            assert not self.do(self.in_time_for(person, wish)), "refused while a time was free"
            self.do(self.meetings.wait(person, wish, offer.times[0].starts_at if offer.times else None))
        if not offer.times:
            return
        time_ = offer.times[pick % len(offer.times)]
        chosen = replace(wish, mode=offer.mode)
        call = self.meetings.move if is_moving else self.meetings.book
        meeting = self.do(call(person, chosen, time_.agent.id, time_.starts_at))
        assert meeting.starts_at == time_.starts_at, "what is offered can be booked"
        assert (montreal_day(meeting.starts_at) <= meeting.due) is offer.is_in_time
        self.holds[person] = (meeting.agent.id, meeting.starts_at)

    async def in_time_for(self, person: str, wish: Wish) -> list[tuple[str, datetime]]:
        """Looked for in another way than the offer does: every quarter of an hour until the due date."""
        taken = await self.taken(besides=person)
        closed = await self.closed()
        due = due_date(wish.arrival, closed)
        found = []
        modes = {wish.mode} if wish.is_mode_firm else {wish.mode, Mode.REMOTE}
        for agent in await self.agents():
            is_here = agent.region == wish.region and Mode.IN_PERSON in modes
            if not (is_here or (agent.is_remote and Mode.REMOTE in modes)):
                continue
            is_remote = agent.is_remote and Mode.REMOTE in modes
            start = (self.now() + NOTICE).replace(minute=0, second=0, microsecond=0)
            while montreal_day(start) <= due:
                after_arrival = montreal_day(start) > wish.arrival
                starts = [s for a, s in taken if a == agent.id]
                same_day = [
                    s for s in starts if s.astimezone(agent.timezone).date() == start.astimezone(agent.timezone).date()
                ]
                if (
                    start >= self.now() + NOTICE
                    and (is_remote or after_arrival)
                    and is_open(agent, start, closed)
                    and all(abs(s - start) >= agent.length for s in starts)
                    and (agent.most_a_day is None or len(same_day) < agent.most_a_day)
                    and self.holds.get(person) != (agent.id, start)
                ):
                    found.append((agent.id, start))
                start += timedelta(minutes=15)
        return found

    async def taken(self, besides: str) -> list[tuple[str, datetime]]:
        """Booked by anybody else, or held for anybody else."""
        async with self.engine.connect() as connection:
            booked = await connection.execute(
                select(meetings.c.agent_id, meetings.c.starts_at).where(
                    meetings.c.state != "cancelled",
                    (meetings.c.conversation_id != besides) | (meetings.c.state != "booked"),
                )
            )
            held = await connection.execute(
                select(time_offers.c.agent_id, time_offers.c.starts_at).where(
                    time_offers.c.state == "open", time_offers.c.conversation_id != besides
                )
            )
            return [(row.agent_id, row.starts_at) for row in (*booked, *held)]

    async def agents(self) -> Sequence[Agent]:
        async with self.house.work() as unit:
            return await unit.meetings.agents()

    async def closed(self) -> ClosedDays:
        async with self.house.work() as unit:
            return ClosedDays(await unit.meetings.extra_closed_days())

    @precondition(lambda self: self.wishes)
    @rule(number=st.integers(0, 99), pick=st.integers(0, 5))
    def book_or_move(self, number: int, pick: int) -> None:
        self.forget_what_is_over()
        self.book(self.someone(number), pick)

    @precondition(lambda self: self.wishes)
    @rule(number=st.integers(0, 99), agent=st.sampled_from("abc"), day=st.integers(0, 9), quarter=st.integers(30, 60))
    def try_any_time(self, number: int, agent: str, day: int, quarter: int) -> None:
        """A stale or forged button."""
        self.forget_what_is_over()
        person = self.someone(number)
        midnight = datetime.combine(montreal_day(self.now()) + timedelta(days=day), time(), QUEBEC)
        start = midnight.astimezone(UTC) + quarter * timedelta(minutes=15)
        try:
            meeting = self.do(self.meetings.book(person, self.wishes[person], agent, start))
        except AlreadyBooked:
            assert person in self.holds
        except SlotTaken:
            pass
        else:
            self.holds[person] = (meeting.agent.id, meeting.starts_at)

    @precondition(lambda self: self.wishes)
    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        self.forget_what_is_over()
        person = self.someone(number)
        try:
            self.do(self.meetings.cancel(person))
        except NoMeeting:
            assert person not in self.holds
        else:
            del self.holds[person]

    @precondition(lambda self: self.holds)
    @rule(number=st.integers(0, 4))
    def cancel_an_early_one(self, number: int) -> None:
        """One of the earliest times, which others wait for, is given up."""
        self.forget_what_is_over()
        early = sorted(self.holds, key=lambda one: self.holds[one][1])
        if early:
            person = early[number % len(early)]
            self.do(self.meetings.cancel(person))
            del self.holds[person]

    @precondition(lambda self: self.wishes)
    @rule(is_taken=st.booleans())
    def answer_a_freed_time(self, is_taken: bool) -> None:
        self.forget_what_is_over()
        for offer in self.do(self.offers()):
            if offer.state != "open" or offer.told_at is None:
                continue
            try:
                if is_taken:
                    meeting = self.do(self.meetings.take_offer(offer.conversation_id, offer.id))
                    assert meeting.starts_at == offer.starts_at
                    self.holds[offer.conversation_id] = (meeting.agent.id, meeting.starts_at)
                else:
                    self.do(self.meetings.decline_offer(offer.conversation_id, offer.id))
            except SlotTaken:
                agent = next(a for a in self.do(self.agents()) if a.id == offer.agent_id)
                is_possible = is_open(agent, offer.starts_at, self.do(self.closed()))
                assert not is_possible or offer.starts_at <= self.now(), "a held time was lost"
            return

    @precondition(lambda self: self.wishes)
    @rule(number=st.integers(0, 99))
    def answer_what_is_not_for_me(self, number: int) -> None:
        for offer in self.do(self.offers()):
            person = self.someone(number)
            if offer.conversation_id != person or offer.state != "open":
                with pytest.raises(OfferGone):
                    self.do(self.meetings.take_offer(person, offer.id))
                return

    @precondition(lambda self: self.wishes)
    @rule(number=st.integers(0, 99), days=st.integers(-4, 8))
    def change_arrival(self, number: int, days: int) -> None:
        self.forget_what_is_over()
        person = self.someone(number)
        wish = replace(self.wishes[person], arrival=montreal_day(self.now()) + timedelta(days=days))
        changed = self.do(self.meetings.change_arrival(person, wish.arrival))
        self.wishes[person] = wish
        assert (changed.meeting is not None) == (person in self.holds)

    @rule(agent=st.sampled_from("abc"), day=st.integers(0, 9), length=st.integers(1, 5))
    def be_absent(self, agent: str, day: int, length: int) -> None:
        begins = self.now() + timedelta(days=day)
        self.do(self._be_absent(agent, Absence(begins, begins + timedelta(days=length))))

    async def _be_absent(self, agent: str, absence: Absence) -> None:
        async with self.house.work() as unit:
            await unit.meetings.add_absence(agent, absence, "congé")

    @rule()
    def come_back(self) -> None:
        """Every absence is taken back, and what is free again is looked at."""
        self.do(self._come_back())
        self.do(self.meetings.waiting_list.offer_free_times())

    async def _come_back(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(delete(absences))

    @rule(day=st.integers(1, 9))
    def close_a_day(self, day: int) -> None:
        self.do(self._close(montreal_day(self.now()) + timedelta(days=day)))

    async def _close(self, day: date) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(delete(closed_days))
            await connection.execute(insert(closed_days).values(day=day, reason="tempête"))

    @rule(minutes=st.sampled_from([5, 61, 61, 300, 720, 1440]))
    def let_time_pass(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))
        self.do(self.meetings.waiting_list.expire_offers())
        for offer in self.do(self.offers()):
            if offer.state == "open" and offer.told_at is not None:
                assert offer.expires_at > self.now(), "an answer was waited for too long"

    def forget_what_is_over(self) -> None:
        lengths = {agent.id: agent.length for agent in AGENTS}
        self.holds = {who: (a, s) for who, (a, s) in self.holds.items() if s + lengths[a] > self.now()}

    async def offers(self) -> Sequence[Row[Any]]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(select(time_offers).order_by(time_offers.c.id)))

    async def all_there_is(self) -> Seen:
        async with self.engine.begin() as connection:
            booked = await connection.execute(select(meetings).where(meetings.c.state != "cancelled"))
            offers = await connection.execute(select(time_offers).order_by(time_offers.c.id))
            unit = Unit(connection)
            return Seen(
                {agent.id: agent for agent in await unit.meetings.agents()},
                ClosedDays(await unit.meetings.extra_closed_days()),
                list(booked),
                list(offers),
                {one.conversation_id: one for one in await unit.waiting_list.entries()},
            )

    @invariant()
    def nobody_is_doubled_lost_or_passed_over(self) -> None:
        self.forget_what_is_over()
        seen = self.do(self.all_there_is())
        held = [offer for offer in seen.offers if offer.state == OfferState.OPEN]
        self.check_agents(seen.agents, seen.booked, held)
        self.check_new_meetings(seen)
        self.check_people(seen.booked, held, seen.waiting)
        for offer in seen.offers:
            if offer.id not in self.seen_offers:
                self.seen_offers.add(offer.id)
                self.check_order(offer, seen)

    def check_agents(self, agents: dict[str, Agent], booked: Sequence[Row[Any]], held: Sequence[Row[Any]]) -> None:
        for agent in agents.values():
            starts = sorted(row.starts_at for row in (*booked, *held) if row.agent_id == agent.id)
            assert all(b - a >= agent.length for a, b in pairwise(starts)), "an agent twice at one time"
            # Somebody's meeting and the time that is held for them in its place are one.
            days = Counter(
                day
                for day, _ in {
                    (row.starts_at.astimezone(agent.timezone).date(), row.conversation_id)
                    for row in (*booked, *held)
                    if row.agent_id == agent.id
                }
            )
            assert all(number <= (agent.most_a_day or 99) for number in days.values()), "too many in a day"

    def check_new_meetings(self, seen: Seen) -> None:
        for row in seen.booked:
            placed = (row.id, row.agent_id, row.starts_at)
            if placed not in self.seen_meetings:
                self.seen_meetings.add(placed)
                agent = seen.agents[row.agent_id]
                assert is_open(agent, row.starts_at, seen.closed), "outside hours or on a closed day"
                if row.mode == Mode.IN_PERSON:
                    assert agent.region == self.wishes[row.conversation_id].region
                    assert montreal_day(row.starts_at) > row.arrival, "in person before arrival"

    def check_people(self, booked: Sequence[Row[Any]], held: Sequence[Row[Any]], waiting: dict[str, Waiting]) -> None:
        current = {
            row.conversation_id: row
            for row in booked
            if row.state == MeetingState.BOOKED and (row.agent_id, row.starts_at) in self.holds.values()
        }
        assert {who: (row.agent_id, row.starts_at) for who, row in current.items()} == self.holds, "somebody was lost"
        for who, row in current.items():
            assert (montreal_day(row.starts_at) > row.due) == (who in waiting), "who is late waits, who is not does not"
        untold = [offer for offer in held if offer.told_at is None]
        assert all(offer.conversation_id in waiting for offer in held)
        assert all(offer.offered_at > self.now() for offer in untold), "nobody is left untold by day"

    def check_order(self, offer: Row[Any], seen: Seen) -> None:
        """Whoever comes before in the list had another time held, had refused this one, or could not use it."""
        why = Why.from_text(offer.reason)
        assert 1 <= why.place <= why.waiting
        chosen = seen.waiting.get(offer.conversation_id)
        if chosen is None:
            return
        if offer.told_at is not None:
            local = offer.told_at.astimezone(chosen.timezone).time()
            assert WAKES <= local < SLEEPS, "somebody was woken up"
        for one in seen.waiting.values():
            is_before = (one.due, one.joined_at, one.conversation_id) < (why_key(why, offer))
            if not is_before:
                continue
            had = [o for o in seen.offers if o.conversation_id == one.conversation_id]
            has_another = any(o.state == "open" or (o.answered_at or o.offered_at) >= self.now() for o in had)
            refused = any((o.agent_id, o.starts_at) == (offer.agent_id, offer.starts_at) for o in had)
            if not (has_another or refused):
                assert not could_use(one, seen.agents, offer, self.now()), "somebody was passed over"


def why_key(why: Why, offer: Row[Any]) -> tuple[date, datetime, str]:
    return (date.fromisoformat(why.due), datetime.fromisoformat(why.joined_at), offer.conversation_id)


def could_use(one: Waiting, agents: dict[str, Agent], offer: Row[Any], now: datetime) -> bool:
    agent, wish = agents[offer.agent_id], one.wish
    start = offer.starts_at
    is_here = agent.region == wish.region and wish.mode is Mode.IN_PERSON and montreal_day(start) > wish.arrival
    is_far = agent.is_remote and (wish.mode is Mode.REMOTE or not wish.is_mode_firm)
    is_sooner = one.sooner_than is None or (
        start < one.sooner_than if montreal_day(start) <= one.due else start <= one.sooner_than - timedelta(days=1)
    )
    has_hours = start - now >= timedelta(hours=16)  # a night and an hour, whatever the zone
    return (is_here or is_far) and wish.language in agent.languages and is_sooner and has_hours


def play(url: str, examples: int) -> None:
    engine = open_database(Settings(_env_file=None, database_url=url).database)  # type: ignore[call-arg]
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine.sync_engine, "connect")
        def _quicken(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    with asyncio.Runner() as runner:
        runner.run(migrate(engine))
        machine = type("Booking", (Booking,), {"engine": engine, "run": staticmethod(runner.run)})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=STEPS,
                    deadline=None,
                    # What failed is told as it was found: making it smaller would take longer than reading it.
                    phases=[Phase.explicit, Phase.generate],
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(engine.dispose())


def test_any_order_of_events_keeps_the_rules_on_sqlite(tmp_path: Path) -> None:
    play(f"sqlite+aiosqlite:///{tmp_path / 'passerelle.db'}", 150 if not MANY else 2000)


@pytest.mark.slow
def test_any_order_of_events_keeps_the_rules_on_postgres(postgres_url: str) -> None:
    play(postgres_url, 20 if not MANY else 250)
