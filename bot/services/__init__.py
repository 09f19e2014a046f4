"""What Passerelle does, one file per subject, one method per use case, one transaction each. No framework here."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.conversations import ConversationService
from bot.services.email import EmailService
from bot.services.handoffs import HandoffService
from bot.services.meeting_links import MeetingLinkService
from bot.services.meetings import MeetingService
from bot.services.organisations import OrganisationService
from bot.services.outbox import OutboxService
from bot.services.promise import PromiseService
from bot.services.reminders import ReminderService
from bot.services.sessions import SessionService
from bot.services.staff import StaffService
from bot.services.supply import SupplyService


@dataclass(frozen=True)
class Services:
    conversations: ConversationService
    email: EmailService
    handoffs: HandoffService
    meeting_links: MeetingLinkService
    meetings: MeetingService
    organisations: OrganisationService
    outbox: OutboxService
    promise: PromiseService
    reminders: ReminderService
    sessions: SessionService
    staff: StaffService
    supply: SupplyService
