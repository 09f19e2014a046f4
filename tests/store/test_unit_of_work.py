"""One transaction per use case: all is kept, or nothing is, and a database that is gone is said so."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Incoming, Reply
from bot.services.house import House
from bot.settings import Settings
from bot.store.database import migrate, open_database
from bot.store.unit_of_work import StoreUnavailable, work_on
from bot.wiring import wired
from tests.conftest import PostgresServer, Wire
from tests.factories import NOW, a_person, says, settings_in

CONVERSATION = Conversation("c", Channel.WIDGET, "a", "fr", None, HandledBy.ASSISTANT, 0)


class Stopped(Exception):
    """The use case fails half-way."""


async def test_what_a_unit_did_is_kept_at_its_end(house: House) -> None:
    async with house.work() as unit:
        await unit.conversations.add(CONVERSATION, NOW)
    async with house.work() as unit:
        assert await unit.conversations.get("c") == CONVERSATION


async def test_a_failing_use_case_leaves_nothing_behind(house: House) -> None:
    async def work() -> None:
        async with house.work() as unit:
            await unit.conversations.add(CONVERSATION, NOW)
            await unit.conversations.append("c", Author.PERSON, Reply("Bonjour"), "fr", NOW)
            raise Stopped

    with pytest.raises(Stopped):
        await work()
    async with house.work() as unit:
        assert await unit.conversations.get("c") is None


async def test_a_refused_statement_takes_the_whole_unit_with_it(house: House) -> None:
    async def work() -> None:
        async with house.work() as unit:
            await unit.conversations.add(CONVERSATION, NOW)
            await unit.outbox.add("nobody", 1, NOW)

    with pytest.raises(StoreUnavailable):
        await work()
    async with house.work() as unit:
        assert await unit.conversations.get("c") is None


async def test_a_cancelled_use_case_leaves_nothing_behind(house: House) -> None:
    has_written, never = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with house.work() as unit:
            await unit.conversations.add(CONVERSATION, NOW)
            has_written.set()
            await never.wait()

    task = asyncio.create_task(work())
    await has_written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with house.work() as unit:
        assert await unit.conversations.get("c") is None


async def test_what_is_kept_is_there_for_the_next_process(wire: Wire) -> None:
    async with wire() as first:
        person = await a_person(first)
        message = await says(first, person, "¿Hola?")
    async with wire() as second:
        assert await second.services.conversations.pending(person.id) == [message]


async def test_a_sqlite_file_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    engine = open_database(f"sqlite+aiosqlite:///{folder / 'passerelle.db'}")
    await migrate(engine)
    await engine.dispose()
    shutil.rmtree(folder)
    with pytest.raises(StoreUnavailable):
        async with work_on(engine)():
            pass
    await engine.dispose()
    await _threads_have_ended()


async def _threads_have_ended() -> None:
    """aiosqlite's thread answers its loop once more when it could not open the file."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)


async def test_a_sqlite_file_without_its_tables_is_unavailable(tmp_path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'passerelle.db'}")
    with pytest.raises(StoreUnavailable):
        async with work_on(engine)() as unit:
            await unit.conversations.get("c")
    await engine.dispose()


@pytest.mark.slow
async def test_a_postgresql_database_that_is_gone_is_unavailable(
    tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    async with wired(settings_in(tmp_path, database_url=postgres_url)) as wiring:
        person = await a_person(wiring)
        postgres.drop(postgres_url)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await wiring.services.conversations.receive(Incoming(person.id, "m", "Bonjour"))


@pytest.mark.slow
async def test_a_connection_lost_in_the_middle_keeps_nothing_and_the_next_one_works(
    tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    async with wired(settings_in(tmp_path, database_url=postgres_url)) as wiring:

        async def work() -> None:
            async with wiring.house.work() as unit:
                await unit.conversations.add(CONVERSATION, NOW)
                postgres.end_connections(postgres_url)
                await unit.conversations.get("c")

        with pytest.raises(StoreUnavailable):
            await work()
        async with wiring.house.work() as unit:
            assert await unit.conversations.get("c") is None


@pytest.mark.slow
async def test_a_postgresql_that_refuses_for_a_while_is_unavailable_then_works_again(
    tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    async with wired(settings_in(tmp_path, database_url=postgres_url)) as wiring:
        person = await a_person(wiring)
        postgres.allow_connections(postgres_url, False)
        with pytest.raises(StoreUnavailable):
            await says(wiring, person)
        postgres.allow_connections(postgres_url, True)
        await says(wiring, person)
        assert len(await wiring.services.conversations.pending(person.id)) == 1


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url=f"postgresql://postgres@/passerelle?host={tmp_path}")
    engine = open_database(settings.database)
    with pytest.raises(StoreUnavailable):
        async with work_on(engine)():
            pass
    await engine.dispose()


async def test_the_default_database_is_made_with_its_folder(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var=tmp_path / "new" / "var", database_url=None)  # type: ignore[call-arg]
    engine = open_database(settings.database)
    await migrate(engine)
    async with work_on(engine)() as unit:
        assert not await unit.staff.any()
    await engine.dispose()
    assert (tmp_path / "new" / "var" / "passerelle.db").exists()


async def test_sqlite_writes_ahead_and_minds_foreign_keys(tmp_path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'passerelle.db'}")
    async with engine.connect() as connection:
        values = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    await engine.dispose()
    assert values == ["wal", 1, 2]


async def test_what_people_say_is_not_in_the_error(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        async with house.work() as unit:
            await unit.conversations.append("c", Author.PERSON, Reply("un secret"), "fr", NOW)
    told = "".join(str(error) for error in (refused.value, refused.value.__cause__, caplog.text))
    assert "un secret" not in told
