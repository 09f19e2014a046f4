"""Any order of register, withdraw, take, let run out, add and take away seats: seats are never exceeded, the order is
fair, and nobody is lost. `HYPOTHESIS_PROFILE=ci` tries many more.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.domain.messages import Author
from bot.domain.sessions import OFFER_HOLDS, SEATED, Registration, RegistrationState
from bot.services.session_seats import TooFewSeats
from bot.services.sessions import NoOffer, NotRegistered
from bot.wiring import Wiring
from tests.conftest import Wire
from tests.factories import NOW, a_session, people, with_sessions
from tests.fakes import FakeClock

PEOPLE = 6
NUMBER = {"fast": {"sqlite": 60, "postgresql": 25}, "ci": {"sqlite": 1500, "postgresql": 500}}
STEPS = 20
WHO = st.integers(0, PEOPLE - 1)
REGISTERED, WAITING, OFFERED = RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.OFFERED


class Sessions(RuleBasedStateMachine):
    """The model is a line of people; after each step what is kept must say the same."""

    wiring: Wiring
    clock: FakeClock
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.clock.set(NOW)
        self.seats = 2
        self.line: list[int] = []
        self.holding: dict[int, datetime | None] = {}
        self.run(self._open())

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(step)

    async def _open(self) -> None:
        self.sessions = self.wiring.services.sessions
        self.everyone = await people(self.wiring, PEOPLE)
        self.name = f"session-{self.everyone[0].id}"
        await with_sessions(self.wiring.house, a_session(self.name, seats=self.seats))

    def teardown(self) -> None:
        self.run(self.sessions.cancel(self.name))

    def _promote(self) -> None:
        while self.line and len(self.holding) < self.seats:
            self.holding[self.line.pop(0)] = self.clock.now() + OFFER_HOLDS

    def _expire(self) -> None:
        for who in [who for who, until in self.holding.items() if until and until <= self.clock.now()]:
            del self.holding[who]
        self._promote()

    @rule(who=WHO)
    def register(self, who: int) -> None:
        standing = self.run(self.sessions.register(self.everyone[who].id, self.name))
        if who not in self.holding and who not in self.line:
            if self.line or len(self.holding) >= self.seats:
                self.line.append(who)
            else:
                self.holding[who] = None
        assert standing.rank == (self.line.index(who) + 1 if who in self.line else None)

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        """Declining an offer is the same."""
        try:
            self.run(self.sessions.withdraw(self.everyone[who].id))
            assert who in self.holding or who in self.line
        except NotRegistered:
            assert who not in self.holding and who not in self.line
        self.holding.pop(who, None)
        self.line = [waiting for waiting in self.line if waiting != who]
        self._promote()

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        until = self.holding.get(who)
        is_good = who in self.holding and (until is None or self.clock.now() < until)
        try:
            self.run(self.sessions.accept(self.everyone[who].id))
            assert is_good
            self.holding[who] = None
        except NoOffer:
            assert not is_good
            if who in self.holding:
                del self.holding[who]
                self._promote()

    @rule(hours=st.sampled_from([1, 23, 24, 30]))
    def time_passes(self, hours: int) -> None:
        self.clock.move(timedelta(hours=hours))
        self.run(self.sessions.expire_seat_offers())
        self._expire()

    @rule(hours=st.sampled_from([1, 24]))
    def time_passes_while_no_job_runs(self, hours: int) -> None:
        self.clock.move(timedelta(hours=hours))

    @rule(seats=st.integers(1, 5))
    @precondition(lambda self: not any(until and until <= self.clock.now() for until in self.holding.values()))
    def change_seats(self, seats: int) -> None:
        try:
            self.run(self.sessions.change_seats(self.name, seats))
            self.seats = seats
        except TooFewSeats:
            assert len(self.holding) > seats
        self._promote()

    @invariant()
    def everyone_is_where_they_should_be(self) -> None:
        kept: list[Registration] = list(self.run(self.sessions.sheet(self.name)).registrations)
        number = {person.id: who for who, person in enumerate(self.everyone)}
        seated = [registration for registration in kept if registration.state in SEATED]
        seats = [registration.seat for registration in seated]
        assert len(set(seats)) == len(seats) <= self.seats
        assert all(seat and 1 <= seat <= self.seats for seat in seats)
        assert not [registration for registration in kept if registration.seat and registration.state not in SEATED]
        holding = {number[registration.conversation_id]: registration.offered_until for registration in seated}
        assert holding == self.holding
        assert [number[r.conversation_id] for r in kept if r.state is WAITING] == self.line
        assert not self.line or len(seated) == self.seats, "a seat is free while somebody waits"
        for registration in kept:
            if registration.state is OFFERED:
                texts = self.run(self.wiring.services.conversations.messages_after(registration.conversation_id, 0))
                assert any(message.author is Author.SYSTEM for message in texts), "an offer that nobody was told of"


def test_any_order_keeps_seats_line_and_people(wire: Wire, clock: FakeClock, database_url: str) -> None:
    profile = "ci" if os.environ.get("HYPOTHESIS_PROFILE") == "ci" else "fast"
    number = NUMBER[profile]["postgresql" if database_url.startswith("postgres") else "sqlite"]
    with asyncio.Runner() as runner:
        house, loop = AsyncExitStack(), runner.get_loop()
        wiring = loop.run_until_complete(house.enter_async_context(wire()))
        machine = type("Sessions", (Sessions,), {"wiring": wiring, "clock": clock, "loop": loop})
        chosen = settings(max_examples=number, stateful_step_count=STEPS, deadline=None)
        try:
            run_state_machine_as_test(machine, settings=chosen)
        finally:
            loop.run_until_complete(house.aclose())
