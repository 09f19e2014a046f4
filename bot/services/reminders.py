"""Reminders: planned and dropped in the transaction that books, moves or cancels; said once, by day; on or off.

`plan_reminders` and `drop_reminders` are the meetings' service's; the rest is called by actions and the scheduler. The
conversation is locked before its reminders are touched, and saying one is a single transaction: several workers, or one
that dies in the middle, say it once.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.contract import button_payload
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.meeting_links import link_digest, link_token
from bot.domain.meetings import QUEBEC, Meeting, MeetingState, Mode
from bot.domain.messages import Author, Choice, Reply
from bot.domain.reminders import Preferences, Reminder, ReminderState, reminder_times, time_to_say
from bot.domain.sessions import RegistrationState
from bot.i18n.dates import say_both_zones
from bot.services.email import EmailKind, queue_email
from bot.services.house import House, UnknownConversation
from bot.services.session_seats import LEAVE_OR_PERSON, bubble, zone_of
from bot.store.unit_of_work import Unit

logger = logging.getLogger(__name__)

MEETING, SESSION = "meeting", "session"
# Of a button under a reminder: what the person answers.
ANSWER_ENTITY = "meeting_answer"
COMING, LATE = "coming", "late"
# A worker that died gives its reminders back after this.
CLAIM = timedelta(seconds=60)
BATCH = 50
_BUTTONS = (
    ("utter_label_coming", button_payload("affirm", **{ANSWER_ENTITY: COMING})),
    ("utter_label_move", button_payload("reschedule_meeting")),
    ("utter_label_cancel", button_payload("cancel_meeting")),
    ("utter_label_late", button_payload("affirm", **{ANSWER_ENTITY: LATE})),
)


class NoEmail(Exception):
    """This service sends none."""


async def plan_reminders(house: House, unit: Unit, meeting: Meeting) -> None:
    """Puts down what is to be said before this meeting; what was put down for its earlier time goes.

    The same meeting at the same time again changes nothing. The conversation is locked.
    """
    conversation = await unit.conversations.get(meeting.conversation_id)
    if conversation is None:
        raise UnknownConversation(meeting.conversation_id)
    before = await unit.reminders.of(MEETING, meeting.id)
    prefix = f"{meeting.id}.{meeting.revision}."
    known = {reminder.id for reminder in before if reminder.id.startswith(prefix)}
    await unit.reminders.forget([reminder.id for reminder in before if reminder.id not in known])
    times = reminder_times(meeting.starts_at, zone_of(conversation) or QUEBEC, house.clock.now())
    planned = (
        Reminder(f"{prefix}{kind}", conversation.id, MEETING, meeting.id, kind, due_at)
        for kind, due_at in times.items()
    )
    await unit.reminders.add(reminder for reminder in planned if reminder.id not in known)
    await unit.meetings.set_link_digest(meeting.id, link_digest(link_token(house.outside.key, meeting.id)))
    await queue_email(house, unit, meeting, conversation, EmailKind.MOVED if meeting.revision else EmailKind.BOOKED)


async def drop_reminders(house: House, unit: Unit, meeting: Meeting) -> None:
    """Nothing more is said before this meeting, which was cancelled. The conversation is locked."""
    await unit.reminders.forget_planned(MEETING, meeting.id)
    conversation = await unit.conversations.get(meeting.conversation_id)
    if conversation is not None:
        cancelled = replace(meeting, state=MeetingState.CANCELLED, revision=meeting.revision + 1)
        await queue_email(house, unit, cancelled, conversation, EmailKind.CANCELLED)


class ReminderService:
    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def sends_email(self) -> bool:
        return self._house.outside.sends_email

    async def preferences(self, conversation_id: str) -> Preferences:
        async with self._house.work() as unit:
            return await unit.reminders.preferences(conversation_id)

    async def turn(self, conversation_id: str, is_on: bool) -> Preferences:
        """Reminders on or off; the planned ones are kept, and said if they are on by then."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            chosen = replace(await unit.reminders.preferences(conversation_id), reminders_on=is_on)
            await unit.reminders.prefer(conversation_id, chosen)
        return chosen

    async def write_to(self, conversation_id: str, address: str) -> Preferences:
        """E-mails from now on go to this address too; the one of a meeting that is booked leaves at once.

        Raises NoEmail.
        """
        if not self.sends_email:
            raise NoEmail
        async with self._house.work() as unit:
            conversation = await self._house.conversation(unit, conversation_id)
            before = await unit.reminders.preferences(conversation_id)
            chosen = replace(before, email=address)
            await unit.reminders.prefer(conversation_id, chosen)
            meeting = await unit.meetings.booked_for(conversation_id)
            if meeting is not None and meeting.starts_at > self._house.clock.now() and before.email != address:
                await queue_email(self._house, unit, meeting, conversation, EmailKind.SENT_AGAIN)
        return chosen

    async def write_no_more(self, conversation_id: str) -> Preferences:
        """The address is forgotten, and what was to leave for it does not."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            chosen = replace(await unit.reminders.preferences(conversation_id), email=None)
            await unit.reminders.prefer(conversation_id, chosen)
        return chosen

    async def note_late(self, conversation_id: str) -> Meeting | None:
        """Leaves a note in the conversation, for the team that will read it: once for each time of the meeting.

        None when no meeting is booked.
        """
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            meeting = await unit.meetings.booked_for(conversation_id)
            if meeting is None or meeting.ends_at <= house.clock.now():
                return None
            note_id = f"late:{meeting.id}.{meeting.revision}"
            if await unit.conversations.message_by_id(conversation_id, note_id) is None:
                language = conversation.language
                note = house.sentence("utter_late_note", language, when=_when(meeting, conversation))
                await house.say(unit, conversation, Author.SYSTEM, note, language, message_id=note_id)
        await house.bell.ring(conversation_id)
        return meeting

    async def say_due(self) -> int:
        """Says every reminder that is due; how many were. Several workers may do so at once."""
        async with self._house.work() as unit:
            due = await unit.reminders.claim(self._house.clock.now(), CLAIM, BATCH)
        said = 0
        for reminder in due:
            said += await self._say(reminder)
        return said

    async def _say(self, reminder: Reminder) -> bool:
        house = self._house
        async with house.work() as unit:
            try:
                conversation = await house.conversation(unit, reminder.conversation_id)
            except UnknownConversation:
                return False  # erased meanwhile, with all that was theirs
            chosen = await unit.reminders.preferences(conversation.id)
            begins_at = await self._begins_at(unit, reminder)
            zone = zone_of(conversation) or QUEBEC
            now = house.clock.now()
            at = time_to_say(reminder, begins_at, zone, now) if begins_at and chosen.reminders_on else None
            if at is not None and at > now:
                await unit.reminders.put_off(reminder.id, at)
                return False
            is_mine = await unit.reminders.end(reminder.id, ReminderState.SAID if at else ReminderState.SKIPPED)
            reply = await self._words(unit, reminder, conversation) if is_mine and at else None
            if reply is None:
                return False
            # While a person answers, a button would go to them as a message.
            choices = reply.choices if conversation.handled_by is HandledBy.ASSISTANT else ()
            await house.say(unit, conversation, Author.SYSTEM, replace(reply, choices=choices), conversation.language)
            if reminder.subject == MEETING and (meeting := await unit.meetings.get(reminder.subject_id)) is not None:
                await queue_email(house, unit, meeting, conversation, EmailKind.REMINDER, about=reminder.kind)
        await house.bell.ring(conversation.id)
        logger.info("reminder said: reminder=%s", reminder.id)
        return True

    async def _begins_at(self, unit: Unit, reminder: Reminder) -> datetime | None:
        """When what it recalls begins; None when that is no longer to be recalled."""
        if reminder.subject == MEETING:
            meeting = await unit.meetings.get(reminder.subject_id)
            return meeting.starts_at if meeting is not None and meeting.state is MeetingState.BOOKED else None
        registration = await unit.sessions.registration(reminder.subject_id)
        if registration is None or registration.state is not RegistrationState.REGISTERED:
            return None
        session = await unit.sessions.get(registration.session_id)
        return session.begins_at if session is not None and not session.is_cancelled else None

    async def _words(self, unit: Unit, reminder: Reminder, conversation: Conversation) -> Reply | None:
        house = self._house
        if reminder.subject == MEETING:
            meeting = await unit.meetings.get(reminder.subject_id)
            return meeting_words(house, meeting, conversation) if meeting else None
        registration = await unit.sessions.registration(reminder.subject_id)
        session = await unit.sessions.get(registration.session_id) if registration else None
        if registration is None or session is None:
            return None
        return bubble(house, conversation, registration, session, "utter_session_reminder", LEAVE_OR_PERSON)


def meeting_words(house: House, meeting: Meeting, conversation: Conversation) -> Reply:
    """The reminder of a meeting, with what can be answered."""
    language, say = conversation.language, house.catalogue.say
    days = days_until(meeting, zone_of(conversation), house.clock.now())
    name = {0: "utter_reminder_today", 1: "utter_reminder_tomorrow"}.get(days, "utter_reminder_later")
    text = say(name, language, {"when": _when(meeting, conversation), "place": place_of(house, meeting, language)})
    if meeting.agent.is_demonstration:
        text = f"{text}\n{say('utter_demonstration', language)}"
    return Reply(text, tuple(Choice(say(label, language), payload) for label, payload in _BUTTONS), topic="meeting")


def days_until(meeting: Meeting, zone: ZoneInfo | None, now: datetime) -> int:
    """Today is 0, tomorrow 1; -1 when it is not the same where the person is and on the meeting's own clocks."""
    found = {
        (meeting.starts_at.astimezone(clocks).date() - now.astimezone(clocks).date()).days
        for clocks in (meeting.timezone, zone or meeting.timezone)
    }
    return found.pop() if len(found) == 1 else -1


def place_of(house: House, meeting: Meeting, language: str) -> str:
    if meeting.mode is Mode.IN_PERSON:
        return house.catalogue.say("utter_meeting_place", language, {"office": meeting.agent.office})
    return house.catalogue.say("utter_meeting_remote", language)


def _when(meeting: Meeting, conversation: Conversation) -> str:
    return say_both_zones(meeting.starts_at, conversation.language, meeting.timezone, zone_of(conversation))
