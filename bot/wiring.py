"""Opens what the parts share (database, bell, clock, catalogue, knowledge) and builds the services on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.bell import Bell, LocalBell, RedisBell
from bot.clock import Clock
from bot.i18n.catalogue import Catalogue, default_catalogue
from bot.services import Services
from bot.services.conversations import ConversationService
from bot.services.handoffs import HandoffService
from bot.services.house import House
from bot.services.meetings import MeetingService
from bot.services.outbox import OutboxService
from bot.services.staff import StaffService
from bot.settings import Settings
from bot.store.database import migrate, open_database
from bot.store.unit_of_work import work_on


@dataclass(frozen=True)
class Wiring:
    settings: Settings
    services: Services
    clock: Clock
    bell: Bell
    catalogue: Catalogue
    house: House


@asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[Wiring]:
    """Everything open and the schema current; all is closed at the end."""
    engine = open_database(settings.database)
    bell: Bell = RedisBell.at(settings.redis_url) if settings.redis_url else LocalBell()
    try:
        await migrate(engine)
        clock = Clock(settings.now)
        house = House(work_on(engine), clock, bell, default_catalogue())
        services = Services(
            conversations=ConversationService(house),
            handoffs=HandoffService(house),
            meetings=MeetingService(house),
            outbox=OutboxService(house),
            staff=StaffService(house),
        )
        yield Wiring(settings, services, clock, bell, house.catalogue, house)
    finally:
        await bell.close()
        await engine.dispose()
