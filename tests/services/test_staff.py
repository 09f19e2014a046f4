"""Staff accounts: passwords kept with argon2, sign-in throttled, sessions ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.domain.staff import Account
from bot.services.staff import (
    FAILURES_COUNT_FOR,
    MAX_FAILURES,
    MIN_PASSWORD_CHARS,
    EmailTaken,
    PasswordTooShort,
    SignInRefused,
    TooManyFailures,
)
from bot.wiring import Wiring
from tests.factories import PASSWORD
from tests.fakes import FakeClock

pytestmark = pytest.mark.usefixtures("quick_passwords")
EMAIL, ADDRESS = "marie@organisme.test", "203.0.113.7"
WRONG = "cinq chiens bleus"


@pytest.fixture
async def marie(wiring: Wiring) -> Account:
    return await wiring.services.staff.add(" Marie@Organisme.test ", " Marie ", PASSWORD)


async def fails(wiring: Wiring, times: int, *, email: str = EMAIL, address: str = ADDRESS) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            await wiring.services.staff.sign_in(email, WRONG, address)


async def test_an_account_is_added_and_signs_in(wiring: Wiring, marie: Account) -> None:
    assert (marie.email, marie.name, marie.is_active) == (EMAIL, "Marie", True)
    assert await wiring.services.staff.sign_in("MARIE@organisme.test", PASSWORD, ADDRESS) == marie
    assert await wiring.services.staff.signed_in(marie.id, marie.session_epoch) == marie


async def test_there_may_be_no_account_yet(wiring: Wiring) -> None:
    assert not await wiring.services.staff.exist()
    await wiring.services.staff.add(EMAIL, "Marie", PASSWORD)
    assert await wiring.services.staff.exist()


async def test_the_password_is_kept_nowhere(wiring: Wiring, marie: Account) -> None:
    async with wiring.house.work() as unit:
        kept = await unit.staff.get(marie.id)
    assert kept is not None
    assert kept.password_hash.startswith("$argon2id$")
    assert PASSWORD not in kept.password_hash
    assert kept.password_hash not in repr(kept)


async def test_an_email_has_one_account(wiring: Wiring, marie: Account) -> None:
    with pytest.raises(EmailTaken):
        await wiring.services.staff.add(EMAIL.upper(), "Une autre", PASSWORD)
    assert await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS) == marie


async def test_an_email_added_by_many_at_once_has_one_account(wiring: Wiring) -> None:
    results = await asyncio.gather(
        *(wiring.services.staff.add(EMAIL, f"Marie {n}", PASSWORD) for n in range(6)), return_exceptions=True
    )
    assert Counter(type(result) for result in results) == {Account: 1, EmailTaken: 5}


async def test_a_short_password_is_refused(wiring: Wiring, marie: Account) -> None:
    short = "a" * (MIN_PASSWORD_CHARS - 1)
    for refused in (wiring.services.staff.add("a@b.test", "A", short), wiring.services.staff.reset(EMAIL, short)):
        with pytest.raises(PasswordTooShort) as told:
            await refused
        assert told.value.minimum == MIN_PASSWORD_CHARS
    assert await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS) == marie


@pytest.mark.parametrize(("email", "password"), [(EMAIL, WRONG), (EMAIL, ""), ("nobody@organisme.test", PASSWORD)])
async def test_a_wrong_email_or_password_is_refused_alike(
    wiring: Wiring, marie: Account, email: str, password: str
) -> None:
    with pytest.raises(SignInRefused):
        await wiring.services.staff.sign_in(email, password, ADDRESS)


async def test_after_five_failures_the_account_is_closed_for_a_while(
    wiring: Wiring, marie: Account, clock: FakeClock
) -> None:
    for n in range(MAX_FAILURES):
        await fails(wiring, 1, address=f"203.0.113.{n}")
    with pytest.raises(TooManyFailures) as refused:
        await wiring.services.staff.sign_in(EMAIL, PASSWORD, "203.0.113.99")
    assert refused.value.wait == FAILURES_COUNT_FOR
    clock.move(FAILURES_COUNT_FOR + timedelta(seconds=1))
    assert await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS) == marie


async def test_after_five_failures_the_address_is_closed_for_every_account(wiring: Wiring, marie: Account) -> None:
    for n in range(MAX_FAILURES):
        await fails(wiring, 1, email=f"guess-{n}@organisme.test")
    with pytest.raises(TooManyFailures):
        await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    assert await wiring.services.staff.sign_in(EMAIL, PASSWORD, "203.0.113.99") == marie


async def test_signing_in_forgets_the_accounts_failures(wiring: Wiring, marie: Account) -> None:
    for n in range(3):
        await fails(wiring, MAX_FAILURES - 1, address=f"203.0.113.{n}")
        await wiring.services.staff.sign_in(EMAIL, PASSWORD, "203.0.113.99")


async def test_signing_in_does_not_count_against_the_address(wiring: Wiring, marie: Account) -> None:
    for _ in range(MAX_FAILURES + 2):
        await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS)


async def test_guesses_sent_all_at_once_are_throttled_too(wiring: Wiring, marie: Account) -> None:
    results = await asyncio.gather(
        *(wiring.services.staff.sign_in(EMAIL, f"{WRONG} {n}", f"203.0.113.{n}") for n in range(15)),
        return_exceptions=True,
    )
    assert Counter(type(result) for result in results) == {SignInRefused: MAX_FAILURES, TooManyFailures: 10}


async def test_old_failures_are_not_kept(wiring: Wiring, marie: Account, clock: FakeClock) -> None:
    start = clock.now()
    await fails(wiring, 2)
    clock.move(FAILURES_COUNT_FOR + timedelta(seconds=1))
    await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    async with wiring.house.work() as unit:
        assert await unit.staff.failures(f"email:{EMAIL}", start) == 0
        assert await unit.staff.failures(f"address:{ADDRESS}", start) == 0


async def test_signing_out_ends_every_session(wiring: Wiring, marie: Account) -> None:
    staff = wiring.services.staff
    await staff.sign_out(marie)
    assert await staff.signed_in(marie.id, marie.session_epoch) is None
    again = await staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    assert await staff.signed_in(again.id, again.session_epoch) == again


async def test_a_late_sign_out_never_brings_a_session_back(wiring: Wiring, marie: Account) -> None:
    staff = wiring.services.staff
    await staff.sign_out(marie)
    second = await staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    await staff.reset(EMAIL, PASSWORD)
    await staff.sign_out(marie)
    for account in (marie, second):
        assert await staff.signed_in(account.id, account.session_epoch) is None


async def test_a_reset_changes_the_password_and_ends_every_session(wiring: Wiring, marie: Account) -> None:
    staff = wiring.services.staff
    await fails(wiring, MAX_FAILURES)
    assert await staff.reset(EMAIL.upper(), "un nouveau mot de passe")
    assert await staff.signed_in(marie.id, marie.session_epoch) is None
    with pytest.raises(SignInRefused):
        await staff.sign_in(EMAIL, PASSWORD, "203.0.113.99")
    assert await staff.sign_in(EMAIL, "un nouveau mot de passe", "203.0.113.98")
    assert not await staff.reset("nobody@organisme.test", PASSWORD)


async def test_a_disabled_account_is_out_until_it_is_reset(wiring: Wiring, marie: Account) -> None:
    staff = wiring.services.staff
    assert await staff.disable(EMAIL)
    assert await staff.signed_in(marie.id, marie.session_epoch) is None
    assert await staff.signed_in(marie.id, marie.session_epoch + 1) is None
    with pytest.raises(SignInRefused):
        await staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    assert await staff.reset(EMAIL, PASSWORD)
    assert await staff.sign_in(EMAIL, PASSWORD, ADDRESS)
    assert not await staff.disable("nobody@organisme.test")


async def test_a_session_of_nobody_is_none(wiring: Wiring) -> None:
    assert await wiring.services.staff.signed_in("nobody", 0) is None


async def test_a_broken_hash_refuses_the_password(wiring: Wiring, marie: Account) -> None:
    async with wiring.house.work() as unit:
        await unit.staff.change(marie.id, password_hash="not a hash")
    with pytest.raises(SignInRefused):
        await wiring.services.staff.sign_in(EMAIL, PASSWORD, ADDRESS)
