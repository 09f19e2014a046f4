"""The directory of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.organisations import Organisation
from bot.store.tables import organisations


class OrganisationStore:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[Organisation]:
        """By region and name."""
        query = select(organisations).order_by(organisations.c.region, organisations.c.name, organisations.c.id)
        return [
            Organisation(
                id=row.id,
                name=row.name,
                city=row.city,
                region=row.region,
                website=row.website,
                phone=row.phone,
                services=tuple(row.services),
                clientele=tuple(row.clientele),
                languages=tuple(row.languages),
                is_open_confirmed=row.is_open_confirmed,
                checked=row.checked,
            )
            for row in await self._connection.execute(query)
        ]

    async def any(self) -> bool:
        return bool((await self._connection.execute(select(func.count()).select_from(organisations))).scalar_one())

    async def one_at_a_time(self) -> None:
        """Others who change the directory wait until this transaction ends. On SQLite all do, always."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("organisations"))))

    async def replace(self, directory: Sequence[Organisation]) -> None:
        """These organisations and no other."""
        await self._connection.execute(delete(organisations))
        if directory:
            await self._connection.execute(insert(organisations), [asdict(each) for each in directory])
