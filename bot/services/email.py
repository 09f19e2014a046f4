"""E-mails about meetings: put down in the transaction of their cause, sent afterwards by `bot/gateway/mail.py`.

At least once: a sender that dies after sending and before marking sends again, with the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.domain.conversations import Conversation
from bot.domain.email import masked
from bot.domain.meetings import Meeting
from bot.domain.messages import Author
from bot.services.house import House
from bot.store.email import DROPPED, FAILED, SENT, EmailRow
from bot.store.unit_of_work import Unit

logger = logging.getLogger(__name__)

# Longer than a batch takes to be sent; a sender that died gives its e-mails back after this.
CLAIM = timedelta(minutes=10)
BATCH = 20
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


class EmailKind(StrEnum):
    """`SENT_AGAIN`: the confirmation of a meeting that was booked before the address was given."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    SENT_AGAIN = "sent_again"


@dataclass(frozen=True)
class Letter:
    """One e-mail to send. `meeting` is as it is now."""

    id: str
    kind: EmailKind
    address: str
    language: str
    meeting: Meeting
    conversation: Conversation
    attempts: int
    """How many were made before this one."""

    @property
    def wait(self) -> timedelta:
        """Before another try: twice as long each time."""
        return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(self.attempts, 10)))


async def queue_email(
    house: House, unit: Unit, meeting: Meeting, conversation: Conversation, kind: EmailKind, *, about: str = ""
) -> None:
    """Puts the e-mail down, once for each time of the meeting, when the person gave an address. `about` tells two
    reminders of one meeting apart. The conversation is locked."""
    if not house.outside.sends_email:
        return
    address = (await unit.reminders.preferences(conversation.id)).email
    if address is None:
        return
    # Another address gets the confirmation that the first one got.
    again = f".{house.clock.now():%y%m%d%H%M%S}" if kind is EmailKind.SENT_AGAIN else ""
    row_id = f"{meeting.id}.{meeting.revision}.{about or kind}{again}"
    row = EmailRow(row_id, conversation.id, kind.value, conversation.language, meeting.id, meeting.revision)
    await unit.email.add(row, house.clock.now())


class EmailService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def claim(self, limit: int = BATCH) -> Sequence[Letter]:
        """What is due, ours alone for `CLAIM`. What is no longer true or wanted is dropped: the address was taken
        back, the meeting has another time since, or is over."""
        house = self._house
        letters = []
        async with house.work() as unit:
            for row in await unit.email.claim(house.clock.now(), CLAIM, limit):
                letter = await self._letter(unit, row)
                if letter is None:
                    await unit.email.end(row.id, DROPPED)
                else:
                    letters.append(letter)
        return letters

    async def mark_sent(self, letter: Letter) -> None:
        async with self._house.work() as unit:
            await unit.email.end(letter.id, SENT)

    async def put_off(self, letter: Letter, error: str) -> None:
        async with self._house.work() as unit:
            await unit.email.put_off(letter.id, self._house.clock.now() + letter.wait, error)

    async def refuse(self, letter: Letter, error: str) -> None:
        """The address was refused for good: it is forgotten, and the person told in the conversation."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, letter.conversation.id)
            await unit.email.end(letter.id, FAILED, error[:200])
            chosen = await unit.reminders.preferences(conversation.id)
            if chosen.email != letter.address:
                return
            await unit.reminders.prefer(conversation.id, replace(chosen, email=None))
            language = conversation.language
            told = house.sentence("utter_email_refused", language, address=masked(letter.address))
            await house.say(unit, conversation, Author.SYSTEM, told, language)
        await house.bell.ring(letter.conversation.id)

    async def _letter(self, unit: Unit, row: EmailRow) -> Letter | None:
        meeting = await unit.meetings.get(row.meeting_id)
        conversation = await unit.conversations.get(row.conversation_id)
        address = (await unit.reminders.preferences(row.conversation_id)).email
        if meeting is None or conversation is None or address is None:
            return None
        if meeting.revision != row.revision or meeting.ends_at <= self._house.clock.now():
            return None
        return Letter(row.id, EmailKind(row.kind), address, row.language, meeting, conversation, row.attempts)
