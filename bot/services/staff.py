"""Staff accounts: create, sign in (argon2, throttled), sign out everywhere. For the console and the command line."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from bot.domain.staff import Account
from bot.services.house import House
from bot.store.staff import EmailIsTaken

MIN_PASSWORD_CHARS = 12
MAX_FAILURES = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)
_hasher = PasswordHasher()
# Verified when the account does not exist, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody signs in with this")


class SignInRefused(Exception):
    """Wrong e-mail or password; which one is not said."""


class TooManyFailures(Exception):
    """Sign-in is closed for this account or address for a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class EmailTaken(Exception):
    """An account has this e-mail already."""


class PasswordTooShort(Exception):
    def __init__(self, minimum: int) -> None:
        super().__init__(minimum)
        self.minimum = minimum


class StaffService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def add(self, email: str, name: str, password: str) -> Account:
        """Raises EmailTaken, PasswordTooShort."""
        if len(password) < MIN_PASSWORD_CHARS:
            raise PasswordTooShort(MIN_PASSWORD_CHARS)
        hashed = await asyncio.to_thread(_hasher.hash, password)
        account = Account(str(uuid.uuid4()), _folded(email), name.strip(), hashed)
        async with self._house.work() as unit:
            try:
                await unit.staff.add(account, self._house.clock.now())
            except EmailIsTaken as taken:
                raise EmailTaken(account.email) from taken
        return account

    async def exist(self) -> bool:
        async with self._house.work() as unit:
            return await unit.staff.any()

    async def sign_in(self, email: str, password: str, address: str) -> Account:
        """Raises SignInRefused, or TooManyFailures after five in fifteen minutes for the account or the address.

        An attempt counts as a failure until it has succeeded, so that a burst sent at once is throttled too.
        """
        now = self._house.clock.now()
        subjects = (f"email:{_folded(email)[:150]}", f"address:{address[:150]}")
        async with self._house.work() as unit:
            await unit.staff.forget_failures_before(now - FAILURES_COUNT_FOR)
            for subject in subjects:
                await unit.staff.one_at_a_time(subject)
                if await unit.staff.failures(subject, now - FAILURES_COUNT_FOR) >= MAX_FAILURES:
                    raise TooManyFailures(FAILURES_COUNT_FOR)
            attempts = [await unit.staff.add_failure(subject, now) for subject in subjects]
            account = await unit.staff.by_email(_folded(email))
        is_right = await asyncio.to_thread(_matches, account.password_hash if account else _NOBODY, password)
        if not is_right or account is None or not account.is_active:
            raise SignInRefused
        async with self._house.work() as unit:
            await unit.staff.forget_failures(subjects[0])
            for attempt in attempts:
                await unit.staff.forget_failure(attempt)
        return account

    async def signed_in(self, staff_id: str, session_epoch: int) -> Account | None:
        """The account of a session, None when it was signed out, reset or disabled since."""
        async with self._house.work() as unit:
            account = await unit.staff.get(staff_id)
        if account is None or not account.is_active or account.session_epoch != session_epoch:
            return None
        return account

    async def sign_out(self, account: Account) -> None:
        """Ends every session of this account."""
        async with self._house.work() as unit:
            await unit.staff.end_sessions(account.id)

    async def reset(self, email: str, password: str) -> bool:
        """A new password, and every session is over. False when no account has this e-mail; raises PasswordTooShort."""
        if len(password) < MIN_PASSWORD_CHARS:
            raise PasswordTooShort(MIN_PASSWORD_CHARS)
        hashed = await asyncio.to_thread(_hasher.hash, password)
        async with self._house.work() as unit:
            account = await unit.staff.by_email(_folded(email))
            if account is None:
                return False
            await unit.staff.change(account.id, password_hash=hashed, is_active=True)
            await unit.staff.end_sessions(account.id)
            await unit.staff.forget_failures(f"email:{account.email}")
        return True

    async def disable(self, email: str) -> bool:
        async with self._house.work() as unit:
            account = await unit.staff.by_email(_folded(email))
            if account is None:
                return False
            await unit.staff.change(account.id, is_active=False)
            await unit.staff.end_sessions(account.id)
        return True


def _folded(email: str) -> str:
    return email.strip().lower()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
