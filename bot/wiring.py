"""Opens what the parts share (database, bell, clock, catalogue, knowledge) and builds the services on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.bell import Bell, LocalBell, RedisBell
from bot.clock import Clock
from bot.domain.supply_cells import Vocabulary
from bot.i18n.catalogue import Catalogue, default_catalogue
from bot.i18n.lists import language_codes
from bot.knowledge.needs import needs
from bot.knowledge.organisations import directory, vocabulary
from bot.knowledge.places import region_names
from bot.services import Services
from bot.services.conversations import ConversationService
from bot.services.email import EmailService
from bot.services.handoffs import HandoffService
from bot.services.house import House, Outside
from bot.services.meeting_links import MeetingLinkService
from bot.services.meetings import MeetingService
from bot.services.organisations import OrganisationService
from bot.services.outbox import OutboxService
from bot.services.promise import PromiseService
from bot.services.reminders import ReminderService
from bot.services.sessions import SessionService
from bot.services.staff import StaffService
from bot.services.supply import SupplyService
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
    """Everything open, the schema current, a directory to begin with; all is closed at the end. Raises BadKnowledge."""
    engine = open_database(settings.database)
    bell: Bell = RedisBell.at(settings.redis_url) if settings.redis_url else LocalBell()
    try:
        await migrate(engine)
        clock = Clock(settings.now)
        outside = Outside(settings.key, sends_email=settings.sends_email)
        house = House(work_on(engine), clock, bell, default_catalogue(), outside)
        meetings = MeetingService(house)
        services = Services(
            conversations=ConversationService(house),
            email=EmailService(house),
            handoffs=HandoffService(house),
            meeting_links=MeetingLinkService(house, meetings),
            meetings=meetings,
            organisations=OrganisationService(house, vocabulary(), needs().near),
            outbox=OutboxService(house),
            promise=PromiseService(house, region_names()),
            reminders=ReminderService(house),
            sessions=SessionService(house, are_confirmed=settings.sessions_are_confirmed),
            staff=StaffService(house),
            supply=SupplyService(house, meetings, Vocabulary(frozenset(region_names()), language_codes())),
        )
        await services.organisations.seed(directory().organisations)
        yield Wiring(settings, services, clock, bell, house.catalogue, house)
    finally:
        await bell.close()
        await engine.dispose()
