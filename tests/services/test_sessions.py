"""Sessions: a seat for one person, a waiting list in the order of asking, and nobody left without a word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.conversations import Conversation
from bot.domain.messages import Author
from bot.domain.sessions import OFFER_HOLDS, RegistrationState, Session, SessionDay
from bot.services.session_seats import TooFewSeats
from bot.services.sessions import (
    AlreadyRegistered,
    HoursMissing,
    NoOffer,
    NoSuchRegistration,
    NoSuchSession,
    NotRegistered,
    SessionFull,
    SessionService,
)
from bot.store.database import open_database
from bot.store.tables import reminders
from bot.wiring import Wiring
from tests.factories import a_person, a_session, montreal, people, session_days, with_sessions
from tests.fakes import FakeClock

REGISTERED, WAITING, OFFERED = RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.OFFERED
EXPIRED, CLOSED, COMPLETED = RegistrationState.EXPIRED, RegistrationState.CLOSED, RegistrationState.COMPLETED


@pytest.fixture
async def sessions(wiring: Wiring) -> SessionService:
    await with_sessions(wiring.house, a_session())
    return wiring.services.sessions


async def joined(wiring: Wiring, clock: FakeClock, number: int, session: str = "session-1") -> list[Conversation]:
    """So many people, a minute apart."""
    everyone = await people(wiring, number)
    for person in everyone:
        clock.move(timedelta(minutes=1))
        await wiring.services.sessions.register(person.id, session)
    return everyone


async def states(sessions: SessionService, everyone: Sequence[Conversation]) -> list[RegistrationState | None]:
    by_person = {r.conversation_id: r.state for r in (await sessions.sheet("session-1")).registrations}
    return [by_person.get(person.id) for person in everyone]


async def told(wiring: Wiring, person: Conversation) -> list[str]:
    kept = await wiring.services.conversations.messages_after(person.id, 0)
    return [message.text for message in kept if message.author is Author.SYSTEM]


async def planned(wiring: Wiring) -> list[tuple[str, datetime]]:
    engine = open_database(wiring.settings.database)
    async with engine.begin() as connection:
        rows = list(await connection.execute(select(reminders).where(reminders.c.subject == "session")))
    await engine.dispose()
    return sorted((row.conversation_id, row.due_at) for row in rows)


async def test_a_seat_is_taken(wiring: Wiring, sessions: SessionService) -> None:
    person = await a_person(wiring)
    standing = await sessions.register(person.id, "session-1")
    assert (standing.registration.state, standing.registration.seat, standing.rank) == (REGISTERED, 1, None)
    assert not standing.registration.is_confirmed
    assert await sessions.current(person.id) == standing
    assert [room.free for room in await sessions.offered("06")] == [1]


async def test_what_the_operator_gives_itself_is_confirmed_but_for_whom_an_agent_must_say_yes(wiring: Wiring) -> None:
    await with_sessions(wiring.house, a_session())
    sessions = SessionService(wiring.house, are_confirmed=True)
    first, second = await people(wiring, 2)
    assert (await sessions.register(first.id, "session-1")).registration.is_confirmed
    assert not (await sessions.register(second.id, "session-1", is_clear=False)).registration.is_confirmed


async def test_asking_again_is_the_same_registration(wiring: Wiring, sessions: SessionService) -> None:
    person = await a_person(wiring)
    first = await sessions.register(person.id, "session-1")
    assert await sessions.register(person.id, "session-1") == first


async def test_a_person_is_in_one_session(wiring: Wiring, sessions: SessionService) -> None:
    await with_sessions(wiring.house, a_session("session-2"))
    person = await a_person(wiring)
    first = await sessions.register(person.id, "session-1")
    with pytest.raises(AlreadyRegistered) as refused:
        await sessions.register(person.id, "session-2")
    assert refused.value.standing == first


@pytest.mark.parametrize(
    "session",
    [
        pytest.param(a_session("other"), id="no such session"),
        pytest.param(a_session(is_cancelled=True), id="cancelled"),
        pytest.param(a_session(days=session_days(date(2026, 12, 3))), id="begun"),
    ],
)
async def test_what_is_not_open_is_not_joined(wiring: Wiring, session: Session) -> None:
    await with_sessions(wiring.house, session)
    person = await a_person(wiring)
    with pytest.raises(NoSuchSession):
        await wiring.services.sessions.register(person.id, "session-1")
    assert await wiring.services.sessions.current(person.id) is None


async def test_who_comes_too_late_waits_in_the_order_of_asking(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    everyone = await joined(wiring, clock, 4)
    assert await states(sessions, everyone) == [REGISTERED, REGISTERED, WAITING, WAITING]
    ranks = [(standing.rank if (standing := await sessions.current(p.id)) else None) for p in everyone]
    assert ranks == [None, None, 1, 2]
    late = await a_person(wiring)
    with pytest.raises(SessionFull):
        await sessions.register(late.id, "session-1", may_wait=False)


async def test_a_freed_seat_is_offered_in_the_transaction_that_frees_it(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, _, third, fourth = everyone = await joined(wiring, clock, 4)
    await sessions.withdraw(first.id)
    assert (await states(sessions, everyone))[1:] == [REGISTERED, OFFERED, WAITING]
    [offer] = await told(wiring, third)
    assert "11 janvier 2027" in offer
    assert await told(wiring, fourth) == []
    late = await a_person(wiring)
    assert (await sessions.register(late.id, "session-1")).rank == 2


async def test_an_offer_is_taken(wiring: Wiring, sessions: SessionService, clock: FakeClock) -> None:
    first, second, third = await joined(wiring, clock, 3)
    await sessions.withdraw(first.id)
    standing = await sessions.accept(third.id)
    assert (standing.registration.state, standing.registration.seat) == (REGISTERED, 1)
    assert (await sessions.accept(third.id)).registration == standing.registration
    day_before = montreal("2027-01-10 09:00").astimezone(UTC)
    assert await planned(wiring) == sorted([(second.id, day_before), (third.id, day_before)])


async def test_an_offer_refused_passes_on(wiring: Wiring, sessions: SessionService, clock: FakeClock) -> None:
    first, _, third, fourth = everyone = await joined(wiring, clock, 4)
    await sessions.withdraw(first.id)
    await sessions.withdraw(third.id)
    assert (await states(sessions, everyone))[2:] == [RegistrationState.WITHDRAWN, OFFERED]
    assert len(await told(wiring, fourth)) == 1


async def test_an_offer_that_runs_out_passes_on_and_is_told(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, _, third, fourth = everyone = await joined(wiring, clock, 4)
    await sessions.withdraw(first.id)
    assert await sessions.expire_seat_offers(clock.now() + OFFER_HOLDS - timedelta(seconds=1)) == 0
    clock.move(OFFER_HOLDS)
    assert await sessions.expire_seat_offers(clock.now()) == 1
    assert await sessions.expire_seat_offers(clock.now()) == 0
    assert (await states(sessions, everyone))[2:] == [EXPIRED, OFFERED]
    assert [len(await told(wiring, person)) for person in (third, fourth)] == [2, 1]
    with pytest.raises(NoOffer):
        await sessions.accept(third.id)


async def test_an_offer_taken_too_late_passes_on_though_no_job_ran(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, _, third, _ = everyone = await joined(wiring, clock, 4)
    await sessions.withdraw(first.id)
    clock.move(OFFER_HOLDS)
    with pytest.raises(NoOffer):
        await sessions.accept(third.id)
    assert (await states(sessions, everyone))[2:] == [EXPIRED, OFFERED]


async def test_who_let_an_offer_run_out_may_ask_again_behind_the_others(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, _, third, _ = await joined(wiring, clock, 4)
    await sessions.withdraw(first.id)
    clock.move(OFFER_HOLDS)
    await sessions.expire_seat_offers()
    assert (await sessions.register(third.id, "session-1")).rank == 1


async def test_an_offer_ends_when_the_session_begins_and_who_waits_is_told(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, _, third, fourth = everyone = await joined(wiring, clock, 4)
    clock.set(montreal("2027-01-11 08:00"))
    await sessions.withdraw(first.id)
    clock.set(montreal("2027-01-11 09:00"))
    assert await sessions.expire_seat_offers() == 2
    assert (await states(sessions, everyone))[2:] == [EXPIRED, EXPIRED]
    assert [len(await told(wiring, person)) for person in (third, fourth)] == [2, 1]


async def test_more_seats_are_offered_and_fewer_are_exchanged(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    first, *_ = everyone = await joined(wiring, clock, 4)
    await sessions.change_seats("session-1", 3)
    assert (await states(sessions, everyone))[2:] == [OFFERED, WAITING]
    with pytest.raises(TooFewSeats) as refused:
        await sessions.change_seats("session-1", 2)
    assert refused.value.held == 3
    await sessions.withdraw(everyone[3].id)
    await sessions.withdraw(first.id)
    await sessions.change_seats("session-1", 2)
    assert {r.seat for r in (await sessions.sheet("session-1")).registrations if r.seat} == {1, 2}


async def test_a_cancelled_session_is_told_to_everyone(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    everyone = await joined(wiring, clock, 3)
    await sessions.cancel("session-1")
    assert set(await states(sessions, everyone)) == {CLOSED}
    assert [len(await told(wiring, person)) for person in everyone] == [1, 1, 1]
    assert await planned(wiring) == []
    assert await sessions.current(everyone[0].id) is None
    with pytest.raises(NoSuchSession):
        await sessions.cancel("session-1")
    with pytest.raises(NotRegistered):
        await sessions.withdraw(everyone[0].id)


async def test_a_request_is_accepted_once(wiring: Wiring, sessions: SessionService, clock: FakeClock) -> None:
    [person] = await joined(wiring, clock, 1)
    [registration] = (await sessions.sheet("session-1")).registrations
    await sessions.confirm(registration.id)
    await sessions.confirm(registration.id)
    assert len(await told(wiring, person)) == 1
    with pytest.raises(NoSuchRegistration):
        await sessions.confirm("nobody")


async def test_only_every_hour_completes(wiring: Wiring, sessions: SessionService, clock: FakeClock) -> None:
    [person] = await joined(wiring, clock, 1)
    [registration] = (await sessions.sheet("session-1")).registrations
    days = [day.day for day in session_days()]
    clock.set(montreal("2027-01-12 16:00"))
    await sessions.mark_attendance("session-1", {registration.id: days}, days)
    with pytest.raises(HoursMissing) as refused:
        await sessions.complete(registration.id)
    assert refused.value.days == tuple(days[2:]), "days to come were not marked"
    clock.set(montreal("2027-01-14 16:00"))
    await sessions.mark_attendance("session-1", {registration.id: days}, days[2:])
    await sessions.complete(registration.id)
    [done] = (await sessions.sheet("session-1")).registrations
    assert (done.state, done.completed_on) == (COMPLETED, date(2027, 1, 14))
    assert len(await told(wiring, person)) == 1


async def test_the_bubble_is_in_the_persons_language_and_zone(
    wiring: Wiring, sessions: SessionService, clock: FakeClock
) -> None:
    everyone = await joined(wiring, clock, 2)
    opened = await wiring.services.conversations.open(everyone[0].channel, "bogota", "es", "Europe/Paris")
    await sessions.register(opened.conversation.id, "session-1")
    await sessions.withdraw(everyone[0].id)
    [offer] = await told(wiring, opened.conversation)
    assert "lunes 11 de enero de 2027, 9:00 (15:00)" in offer


async def test_a_session_of_one_day_is_over_at_its_end(wiring: Wiring, clock: FakeClock) -> None:
    day = SessionDay(montreal("2026-12-07 09:00").astimezone(UTC), montreal("2026-12-07 12:00").astimezone(UTC))
    await with_sessions(wiring.house, a_session(days=(day,)))
    person = await a_person(wiring)
    await wiring.services.sessions.register(person.id, "session-1")
    clock.set(montreal("2026-12-07 12:00"))
    assert await wiring.services.sessions.current(person.id) is None
