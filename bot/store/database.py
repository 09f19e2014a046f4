"""Opens the database and keeps its schema current. SQLite by default, PostgreSQL by `DATABASE_URL`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, func, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
# Any number, the same in every process.
MIGRATION_LOCK = 0x9A55E4E1


def open_database(url: str) -> AsyncEngine:
    """An engine for `url`. On SQLite every transaction takes the write lock at its start, so that none fails late."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def migrate(engine: AsyncEngine) -> None:
    """Brings the schema to the newest migration. Several processes may start at once: one does it, the others wait."""
    async with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        await connection.run_sync(_upgrade)
        await connection.commit()


async def is_migrated(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).has_table("conversations"))


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def make_migration(message: str, url: str) -> None:
    """Writes the difference between tables.py and the database as a new migration, to be read and mended by hand."""

    async def write() -> None:
        engine = open_database(url)
        await migrate(engine)
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: command.revision(alembic_config(sync), message, autogenerate=True))
        await engine.dispose()

    asyncio.run(write())
