"""Who holds a seat of a session, within one transaction: seats end, pass on, and people are told. Used by sessions.py.

Whoever changes who is in a session locks the session first, then conversations: seats are given one at a time, and a
freed one is offered to the next person in the transaction that frees it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.contract import button_payload
from bot.domain.conversations import Conversation
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Author, Choice, Reply
from bot.domain.reminders import Reminder, ReminderKind, reminder_times
from bot.domain.sessions import (
    SEATED,
    UNDER_WAY,
    Registration,
    RegistrationState,
    Session,
    first_in_line,
    free_seat,
    offer_ends,
)
from bot.i18n.dates import say_both_zones
from bot.services.house import House
from bot.store.unit_of_work import Unit

logger = logging.getLogger(__name__)

# Of reminders: theirs is a registration.
SESSION = "session"
_TICK = timedelta(microseconds=1)
Buttons = Sequence[tuple[str, str]]
_HUMAN = ("utter_label_human", button_payload("talk_to_human"))
_ALLOWANCE = ("utter_label_allowance", button_payload("ask_allowance"))
_LEAVE = ("utter_label_leave_session", button_payload("cancel_session"))
TAKE_OR_DECLINE: Buttons = (
    ("utter_label_take_seat", button_payload("register_session", seat_answer="take")),
    ("utter_label_no_thanks", button_payload("cancel_session", seat_answer="decline")),
)
SESSIONS_OR_PERSON: Buttons = (("utter_label_sessions", button_payload("register_session")), _HUMAN)
LEAVE_OR_ALLOWANCE: Buttons = (_LEAVE, _ALLOWANCE)
LEAVE_OR_PERSON: Buttons = (_LEAVE, _HUMAN)
ALLOWANCE_OR_PERSON: Buttons = (_ALLOWANCE, _HUMAN)


class TooFewSeats(Exception):
    """More people hold a seat than there would be."""

    def __init__(self, held: int) -> None:
        super().__init__(held)
        self.held = held


@dataclass(frozen=True)
class Standing:
    """Where a person stands. `rank` counts from 1 in the waiting list; None for whoever does not wait."""

    registration: Registration
    session: Session
    rank: int | None = None


class Seats:
    """`told` collects the conversations in which something was said."""

    def __init__(self, house: House, unit: Unit) -> None:
        self.unit = unit
        self.told: list[str] = []
        self._house = house

    @property
    def now(self) -> datetime:
        return self._house.clock.now()

    async def mine(self, conversation_id: str) -> tuple[Registration, Session] | None:
        """What the person holds or waits for, in a session that is not over."""
        for registration in reversed(await self.unit.sessions.under_way(conversation_id)):
            session = await self.unit.sessions.get(registration.session_id)
            if session is not None and not session.is_cancelled and session.ends_at > self.now:
                return registration, session
        return None

    async def locked(self, conversation_id: str) -> tuple[Registration, Session] | None:
        """The same; nobody else changes the session until this transaction ends."""
        found = await self.mine(conversation_id)
        if found is None or await self.unit.sessions.get(found[1].id, lock=True) is None:
            return None
        again = await self.mine(conversation_id)  # it may have changed while the lock was waited for
        return again if again is not None and again[1].id == found[1].id else None

    async def standing(self, registration: Registration, session: Session) -> Standing:
        if registration.state is not RegistrationState.WAITING:
            return Standing(registration, session)
        line = [each.id for each in waiting(await self.unit.sessions.registrations(session.id))]
        return Standing(registration, session, line.index(registration.id) + 1)

    async def end(self, registration: Registration, state: RegistrationState) -> Registration:
        """Without a seat from now on."""
        ended = replace(registration, state=state, seat=None, offered_until=None)
        await self.unit.sessions.put(ended)
        await self.forget_reminder(registration)
        return ended

    async def pass_on(self, session: Session) -> None:
        """Each free seat is held for the next who waits, and told. The session is locked."""
        while session.is_open(self.now):
            everyone = await self.unit.sessions.registrations(session.id)
            following = first_in_line(waiting(everyone))
            seat = free_seat(session.seats, held(everyone))
            if following is None or seat is None:
                return
            until = offer_ends(session, self.now)
            offered = replace(following, state=RegistrationState.OFFERED, seat=seat, offered_until=until)
            await self.unit.sessions.put(offered)
            await self.tell(offered, session, "utter_seat_offered", TAKE_OR_DECLINE)
            logger.info("seat offered: registration=%s seat=%d", offered.id, seat)

    async def expire(self, session: Session, now: datetime) -> int:
        """Ends offers that ran out and waits that are in vain; how many. The session is locked."""
        ended = 0
        for registration in await self.unit.sessions.registrations(session.id):
            if registration.state is RegistrationState.OFFERED and has_run_out(registration, now):
                name = "utter_seat_offer_over"
            elif registration.state is RegistrationState.WAITING and session.begins_at <= now:
                name = "utter_session_began_full"
            else:
                continue
            await self.end(registration, RegistrationState.EXPIRED)
            await self.tell(registration, session, name, SESSIONS_OR_PERSON)
            ended += 1
        await self.pass_on(session)
        return ended

    async def change(self, session: Session, new: Session) -> None:
        """Seats beyond the new number are exchanged for lower ones. The session is locked. Raises TooFewSeats."""
        everyone = await self.unit.sessions.registrations(session.id)
        taken = held(everyone)
        if len(taken) > new.seats:
            raise TooFewSeats(len(taken))
        for registration in everyone:
            if registration.seat is not None and registration.seat > new.seats:
                seat = free_seat(new.seats, taken)
                await self.unit.sessions.put(replace(registration, seat=seat))
                taken = taken - {registration.seat} | ({seat} if seat else set())
        await self.unit.sessions.change(new)
        if (session.days, session.place, session.is_online) != (new.days, new.place, new.is_online):
            await self._tell_of_change(new)
        await self.pass_on(new)

    async def _tell_of_change(self, session: Session) -> None:
        for registration in await self.unit.sessions.registrations(session.id):
            if registration.state in UNDER_WAY:
                if registration.state is RegistrationState.REGISTERED:
                    await self.forget_reminder(registration)
                    await self.plan_reminder(registration, session)
                await self.tell(registration, session, "utter_session_changed", LEAVE_OR_PERSON)

    async def tell(self, registration: Registration, session: Session, name: str, buttons: Buttons) -> None:
        """A bubble of the system. `name` and the labels of the buttons are sentences of the catalogue."""
        conversation = await self._house.conversation(self.unit, registration.conversation_id)
        reply = bubble(self._house, conversation, registration, session, name, buttons)
        await self._house.say(self.unit, conversation, Author.SYSTEM, reply, conversation.language)
        self.told.append(conversation.id)

    async def plan_reminder(self, registration: Registration, session: Session) -> None:
        """Of the first day, a day before; none for whoever registers later than that."""
        conversation = await self._house.conversation(self.unit, registration.conversation_id)
        times = reminder_times(session.begins_at, zone_of(conversation) or QUEBEC, self.now)
        if due := times.get(ReminderKind.DAY_BEFORE):
            kind = ReminderKind.DAY_BEFORE.value
            planned = Reminder(f"{SESSION}.{registration.id}", conversation.id, SESSION, registration.id, kind, due)
            await self.unit.reminders.add([planned])

    async def forget_reminder(self, registration: Registration) -> None:
        before = await self.unit.reminders.of(SESSION, registration.id)
        await self.unit.reminders.forget([reminder.id for reminder in before])


def bubble(
    house: House, conversation: Conversation, registration: Registration, session: Session, name: str, buttons: Buttons
) -> Reply:
    """What is said of a session to this person."""
    language, there, say = conversation.language, zone_of(conversation), house.catalogue.say
    until = registration.offered_until
    values = {
        "when": say_both_zones(session.begins_at, language, QUEBEC, there),
        "until": say_both_zones(until, language, QUEBEC, there) if until else "",
        "org": session.organisation,
        "place": session.place if session.place else say("utter_session_online", language, {}),
    }
    text = say(name, language, values)
    if session.is_demonstration:
        text = f"{text}\n{say('utter_demonstration', language, {})}"
    choices = tuple(Choice(say(label, language, {}), payload) for label, payload in buttons)
    return Reply(text, choices, topic="session")


def zone_of(conversation: Conversation) -> ZoneInfo | None:
    """The person's own zone, when their channel said one that exists."""
    try:
        return ZoneInfo(conversation.timezone) if conversation.timezone else None
    except (KeyError, ValueError):
        return None


def waiting(everyone: Iterable[Registration]) -> list[Registration]:
    return [registration for registration in everyone if registration.state is RegistrationState.WAITING]


def held(everyone: Iterable[Registration]) -> set[int]:
    """The numbers of the seats that somebody holds."""
    return {registration.seat for registration in everyone if registration.state in SEATED and registration.seat}


def asked_after(last: datetime | None, now: datetime) -> datetime:
    """Now, yet after whoever asked last, whatever the machines' clocks say."""
    return now if last is None else max(now, last + _TICK)


def has_run_out(registration: Registration, now: datetime) -> bool:
    """Whether the time to answer an offer is over."""
    return registration.offered_until is not None and registration.offered_until <= now
