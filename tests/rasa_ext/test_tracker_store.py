"""Trackers in SQL: what is handed out is what is in the database, whoever wrote it and whatever failed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_ext.tracker_store import KEPT, KeptTrackerStore

DOMAIN = Domain.from_yaml('{version: "3.1", slots: {language: {type: text, mappings: [{type: custom}]}}}')


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "rasa.db"


def a_store(database: Path) -> KeptTrackerStore:
    return KeptTrackerStore(DOMAIN, f"sqlite:///{database}", dialect="sqlite", query={})


def texts(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def say(store: KeptTrackerStore | SQLTrackerStore, *events: Event, sender: str = "awa") -> None:
    tracker = await store.get_or_create_tracker(sender)
    for event in events:
        tracker.update(event)
    await store.save(tracker)


def stored(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM events WHERE type_name = 'user'").fetchone()[0])


def test_a_turn_is_written_once_and_read_back_without_reading_the_database_again(database: Path) -> None:
    async def turns() -> None:
        store = a_store(database)
        for number in range(5):
            await say(store, UserUttered(f"message {number}"), BotUttered("réponse"))
        first, second = await store.retrieve("awa"), await store.retrieve("awa")
        assert first is second
        assert texts(first) == texts(await a_store(database).retrieve("awa")) == [f"message {n}" for n in range(5)]

    asyncio.run(turns())
    assert stored(database) == 5


def test_what_another_server_wrote_is_seen(database: Path) -> None:
    async def turns() -> None:
        here, there = a_store(database), a_store(database)
        await say(here, UserUttered("un"))
        await say(there, UserUttered("deux"))
        await say(here, UserUttered("trois"))
        assert texts(await there.retrieve("awa")) == ["un", "deux", "trois"]

    asyncio.run(turns())
    assert stored(database) == 3


def test_a_turn_that_failed_half_way_leaves_nothing(database: Path) -> None:
    async def turns() -> None:
        store = a_store(database)
        await say(store, UserUttered("un"))
        tracker = await store.retrieve("awa")
        assert tracker is not None
        tracker.update(UserUttered("perdu"))  # and never saved
        assert texts(await store.retrieve("awa")) == ["un"]
        await say(store, UserUttered("deux"))
        assert texts(await store.retrieve("awa")) == ["un", "deux"]

    asyncio.run(turns())
    assert stored(database) == 2


def test_a_new_session_begins_without_the_events_before_it_and_keeps_its_slots(database: Path) -> None:
    async def turns() -> None:
        store, plain = a_store(database), SQLTrackerStore(DOMAIN, host=f"sqlite:///{database}")
        await say(store, UserUttered("avant"))
        await say(store, ActionExecuted("action_session_start"), SessionStarted(), SlotSet("language", "es"))
        await say(store, UserUttered("après"))
        tracker, expected = await store.retrieve("awa"), await plain.retrieve("awa")
        assert texts(tracker) == texts(expected) == ["après"]
        assert tracker is not None and tracker.get_slot("language") == "es"
        assert texts(await store.retrieve_full_tracker("awa")) == ["avant", "après"]

    asyncio.run(turns())


def test_only_the_conversations_used_last_are_kept_at_hand(database: Path) -> None:
    async def turns() -> None:
        store = a_store(database)
        for number in range(KEPT + 3):
            await say(store, UserUttered("bonjour"), sender=str(number))
        assert len(store._kept) == KEPT
        assert texts(await store.retrieve("0")) == ["bonjour"]

    asyncio.run(turns())


def test_sqlite_waits_rather_than_refuses_and_survives_a_crash(database: Path) -> None:
    store = a_store(database)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
