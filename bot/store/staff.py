"""Staff accounts and failed sign-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.staff import Account
from bot.store.tables import sign_in_failures, staff


class EmailIsTaken(Exception):
    """The database refused: an account has this e-mail."""


class StaffStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, account: Account, now: datetime) -> None:
        """Raises EmailIsTaken when the unique key says so; the transaction then goes on."""
        new = insert(staff).values(
            id=account.id,
            email=account.email,
            name=account.name,
            password_hash=account.password_hash,
            is_active=account.is_active,
            session_epoch=account.session_epoch,
            created_at=now,
        )
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(new)
        except IntegrityError as refused:
            raise EmailIsTaken from refused

    async def by_email(self, email: str) -> Account | None:
        return await self._one(staff.c.email == email)

    async def get(self, staff_id: str) -> Account | None:
        return await self._one(staff.c.id == staff_id)

    async def any(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(staff))).scalar_one())

    async def change(self, staff_id: str, **values: Any) -> None:
        await self._connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))

    async def end_sessions(self, staff_id: str) -> None:
        """Every session signed before is over."""
        await self._connection.execute(
            update(staff).where(staff.c.id == staff_id).values(session_epoch=staff.c.session_epoch + 1)
        )

    async def one_at_a_time(self, subject: str) -> None:
        """Others who count the failures of this subject wait until this transaction ends. On SQLite all do, always."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(subject))))

    async def add_failure(self, subject: str, now: datetime) -> int:
        """Its number, for `forget_failure`."""
        added = await self._connection.execute(
            insert(sign_in_failures).values(subject=subject, at=now).returning(sign_in_failures.c.id)
        )
        return int(added.scalar_one())

    async def failures(self, subject: str, since: datetime) -> int:
        query = (
            select(func.count())
            .select_from(sign_in_failures)
            .where(sign_in_failures.c.subject == subject, sign_in_failures.c.at >= since)
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def forget_failures(self, subject: str) -> None:
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.subject == subject))

    async def forget_failure(self, failure_id: int) -> None:
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.id == failure_id))

    async def forget_failures_before(self, moment: datetime) -> None:
        """They count no more, and they hold addresses of people."""
        await self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at < moment))

    async def _one(self, condition: Any) -> Account | None:
        row: Row[Any] | None = (await self._connection.execute(select(staff).where(condition))).one_or_none()
        if row is None:
            return None
        return Account(
            id=row.id,
            email=row.email,
            name=row.name,
            password_hash=row.password_hash,
            is_active=row.is_active,
            session_epoch=row.session_epoch,
        )
