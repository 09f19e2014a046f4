"""One transaction per use case: `async with work() as unit:` commits at the end, rolls back on any error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.conversations import ConversationStore
from bot.store.email import EmailStore
from bot.store.handoffs import HandoffStore
from bot.store.meetings import MeetingStore
from bot.store.organisations import OrganisationStore
from bot.store.outbox import OutboxStore
from bot.store.promise import PromiseStore
from bot.store.reminders import ReminderStore
from bot.store.sessions import SessionStore
from bot.store.staff import StaffStore
from bot.store.supply import SupplyStore
from bot.store.waiting_list import WaitingListStore


class StoreUnavailable(Exception):
    """The database refused or could not be reached; nothing of the use case was kept."""


class Unit:
    """What one transaction can reach."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.conversations = ConversationStore(connection)
        self.outbox = OutboxStore(connection)
        self.email = EmailStore(connection)
        self.handoffs = HandoffStore(connection)
        self.meetings = MeetingStore(connection)
        self.organisations = OrganisationStore(connection)
        self.promise = PromiseStore(connection)
        self.reminders = ReminderStore(connection)
        self.sessions = SessionStore(connection)
        self.staff = StaffStore(connection)
        self.supply = SupplyStore(connection)
        self.waiting_list = WaitingListStore(connection)


Work = Callable[[], AbstractAsyncContextManager[Unit]]


def work_on(engine: AsyncEngine) -> Work:
    @asynccontextmanager
    async def work() -> AsyncIterator[Unit]:
        try:
            async with engine.begin() as connection:
                yield Unit(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(type(error).__name__) from error

    return work
