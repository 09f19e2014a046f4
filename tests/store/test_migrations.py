"""The migrations give the tables of tables.py, and keep what is in them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.settings import ROOT, Settings
from bot.store.database import alembic_config, is_migrated, migrate, open_database
from bot.store.tables import conversations, metadata
from tests.factories import NOW

START = """
import asyncio, sys
from bot.store.database import migrate, open_database
async def start():
    engine = open_database(sys.argv[1])
    await migrate(engine)
    await engine.dispose()
asyncio.run(start())
"""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(Settings(_env_file=None, database_url=database_url).database)  # type: ignore[call-arg]
    yield engine
    await engine.dispose()


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_an_empty_database_gets_exactly_the_tables(engine: AsyncEngine) -> None:
    assert not await is_migrated(engine)
    await migrate(engine)
    assert await is_migrated(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        names = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert names == {*metadata.tables, "alembic_version"}


async def test_the_partial_keys_are_in_the_database(engine: AsyncEngine) -> None:
    """Alembic doesn't compare the condition of an index."""
    await migrate(engine)
    async with engine.connect() as connection:
        found = await connection.run_sync(
            lambda sync: {
                index["name"]: str(index.get("dialect_options", {}).get(f"{sync.dialect.name}_where"))
                for table in ("meetings", "handoffs", "messages")
                for index in inspect(sync).get_indexes(table)
            }
        )
    assert "booked" in found["uq_meetings_time"]
    assert "booked" in found["uq_meetings_person"]
    assert "closed" in found["uq_handoffs_open"]
    assert "is_pending" in found["ix_messages_pending"]


async def test_migrating_again_changes_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)
    values = {"id": "c", "channel": "widget", "address": "a", "language": "fr", "handled_by": "assistant"}
    async with engine.begin() as connection:
        await connection.execute(insert(conversations).values(**values, created_at=NOW, updated_at=NOW))
    await migrate(engine)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(conversations))).all()
    assert [(row.id, row.last_seq, row.is_reachable, row.created_at) for row in rows] == [("c", 0, True, NOW)]


@pytest.mark.slow
def test_processes_that_start_at_once_make_the_tables_once(database_url: str) -> None:
    url = Settings(_env_file=None, database_url=database_url).database  # type: ignore[call-arg]
    processes = [subprocess.Popen([sys.executable, "-c", START, url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]


def test_migrations_are_one_line_with_one_head() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    assert all(len(revision._versioned_down_revisions) <= 1 for revision in script.walk_revisions())
