"""Trackers in SQL, as Rasa keeps them, without reading back at every turn what was just written.

Rasa's own store reads and rebuilds the whole session each time it is asked, which a turn does three times. Here the
tracker that was saved last is handed out again as long as the database holds nothing newer (another server may have
written) and nothing was added to it in memory (a turn that failed half-way).
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

KEPT = 512
"""Trackers kept at hand, the ones used last."""


@dataclass(frozen=True)
class _Kept:
    """`length` events, the last of them being row `last_row`."""

    tracker: DialogueStateTracker
    length: int
    last_row: int


class KeptTrackerStore(SQLTrackerStore):
    """For endpoints.yml: `type: bot.rasa_ext.tracker_store.KeptTrackerStore`, with the options of Rasa's SQL store."""

    def __init__(
        self, domain: Domain | None = None, host: Any = None, event_broker: EventBroker | None = None, **options: Any
    ) -> None:
        super().__init__(domain=domain, host=host, event_broker=event_broker, **options)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        if self.engine.dialect.name == "sqlite":
            self._keep_connections()

    def _keep_connections(self) -> None:
        """SQLAlchemy opens a SQLite file anew for each session; opening it costs more than the turn's queries."""
        self.engine.dispose()
        self.engine = sa.create_engine(
            self.engine.url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False}
        )
        sa.event.listen(self.engine, "connect", _prepare_sqlite)
        self.sessionmaker.configure(bind=self.engine)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, True)
        with self.session_scope() as session:
            last_row = self._last_row(session, sender_id)
        if (kept := self._still_true(sender_id, last_row)) is not None:
            return kept.tracker
        tracker = await super()._retrieve(sender_id, False)
        if tracker is not None and last_row is not None:
            self._keep(tracker, last_row)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        kept = self._kept.get(tracker.sender_id)
        saved = kept.length if kept is not None and kept.tracker is tracker else 0
        await super().save(tracker)
        with self.session_scope() as session:
            last_row = self._last_row(session, tracker.sender_id)
        self._kept.pop(tracker.sender_id, None)
        is_new_session = any(
            isinstance(event, SessionStarted) for event in itertools.islice(tracker.events, saved, None)
        )
        # A session that has just begun is read back without what came before it.
        if last_row is not None and not is_new_session:
            self._keep(tracker, last_row)

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Any]:
        kept = self._kept.get(tracker.sender_id)
        if kept is None or kept.tracker is not tracker or kept.last_row != self._last_row(session, tracker.sender_id):
            return super()._additional_events(session, tracker)
        return itertools.islice(tracker.events, kept.length, len(tracker.events))

    def _last_row(self, session: Session, sender_id: str) -> int | None:
        newest = session.query(sa.func.max(self.SQLEvent.id)).filter(self.SQLEvent.sender_id == sender_id)
        row: int | None = newest.scalar()
        return row

    def _still_true(self, sender_id: str, last_row: int | None) -> _Kept | None:
        kept = self._kept.get(sender_id)
        if kept is None:
            return None
        if kept.last_row != last_row or len(kept.tracker.events) != kept.length:
            del self._kept[sender_id]
            return None
        self._kept.move_to_end(sender_id)
        return kept

    def _keep(self, tracker: DialogueStateTracker, last_row: int) -> None:
        self._kept[tracker.sender_id] = _Kept(tracker, len(tracker.events), last_row)
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """The write-ahead log: a turn's commit waits for one write to disk instead of three, and readers for none."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
