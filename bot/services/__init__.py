"""What Passerelle does, one file per subject, one method per use case, one transaction each. No framework here."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.conversations import ConversationService
from bot.services.handoffs import HandoffService
from bot.services.meetings import MeetingService
from bot.services.outbox import OutboxService
from bot.services.staff import StaffService


@dataclass(frozen=True)
class Services:
    conversations: ConversationService
    handoffs: HandoffService
    meetings: MeetingService
    outbox: OutboxService
    staff: StaffService
