"""Objectif intégration: joining a session, taking a freed seat, leaving. What is asked is in session_form.py."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from actions.answers import OfficialWay, leave_form, phone_numbers
from actions.session_choice import named_session, place_of
from actions.session_form import FORM, facts, status_events
from actions.steps import told_status
from actions.turn import Desk, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Choice
from bot.domain.sessions import OFFER_HOLDS, French, RegistrationState
from bot.i18n.dates import say_both_zones, say_day, say_number
from bot.knowledge.places import region_names
from bot.services.session_seats import (
    LEAVE_OR_ALLOWANCE,
    SESSIONS_OR_PERSON,
    TAKE_OR_DECLINE,
    Buttons,
    Standing,
)
from bot.services.sessions import AlreadyRegistered, NoOffer, NoSuchSession, NotRegistered, SessionFull

HOUR = 3600
_SCHOOL_OR_PERSON: Buttons = (
    ("utter_label_school", button_payload("ask_school")),
    ("utter_label_human", button_payload("talk_to_human")),
)
_FRENCH_OR_PERSON: Buttons = (
    ("utter_label_french_course", button_payload("ask_francisation")),
    ("utter_label_human", button_payload("talk_to_human")),
)
_LEAVE_LIST: Buttons = (
    ("utter_label_leave_list", button_payload("cancel_session")),
    ("utter_label_human", button_payload("talk_to_human")),
)
_LEAVE_OR_KEEP: Buttons = (
    ("utter_label_leave_session", button_payload("cancel_session", cancel_confirmed="yes")),
    ("utter_label_keep_seat", button_payload("cancel_session", cancel_confirmed="no")),
)


class BeginSession(DeskAction):
    """Shows what the person holds, takes the seat that waits for them, or begins to ask. In another form, later."""

    action = "action_begin_session"

    async def answer(self, turn: Turn) -> Events:
        sessions = self.services.sessions
        if turn.entity("seat_answer") == "take":
            try:
                show(await sessions.accept(turn.conversation_id), turn)
            except NoOffer:
                turn.say("utter_session_no_offer", choices=buttons(turn, SESSIONS_OR_PERSON))
            return []
        if turn.form is not None:
            turn.say("utter_already_at_it" if turn.form == FORM else "utter_session_later")
            return []
        current = await sessions.current(turn.conversation_id)
        if current is not None:
            show(current, turn)
            return []
        region = turn.entity("region")
        known = [SlotSet("region", region)] if region in region_names() else []
        if not await sessions.offered(None):
            return await OfficialWay(self.desk).answer(turn)
        status = told_status(turn) or turn.slot("status")
        return [
            *(SlotSet(name, None) for name in ("session_choice", "sessions_shown")),
            SlotSet("sessions_page", 0),
            *(status_events(status, turn) if status and turn.slot("session_status") is None else ()),
            *known,
            FollowupAction(FORM),
        ]


class RegisterSession(DeskAction):
    """The form has ended: registers, or says what comes first."""

    action = "action_register_session"

    async def answer(self, turn: Turn) -> Events:
        # What may change is asked again another time.
        if turn.slot("session_adult") is False:
            turn.say("utter_session_too_young", choices=buttons(turn, _SCHOOL_OR_PERSON), **facts(turn))
            return [*leave_form(), SlotSet("session_adult", None)]
        if turn.slot("session_french") == French.LITTLE:
            turn.say("utter_session_french_first", choices=buttons(turn, _FRENCH_OR_PERSON))
            return [*leave_form(), SlotSet("session_french", None)]
        again: Events = [SlotSet("session_choice", None), SlotSet("sessions_page", 0), FollowupAction(FORM)]
        chosen = named_session(turn.slot("session_choice"))
        if chosen is None:
            return again
        is_clear = turn.slot("session_status") == "clear"
        try:
            standing = await self.services.sessions.register(
                turn.conversation_id, chosen.session_id, may_wait=chosen.may_wait, is_clear=is_clear
            )
        except SessionFull:
            turn.say("utter_session_taken")
            return again
        except NoSuchSession:
            turn.say("utter_session_gone")
            return again
        except AlreadyRegistered as already:
            turn.say("utter_session_exists")
            standing = already.standing
        show(standing, turn)
        return leave_form()


class CancelSession(DeskAction):
    """Asks once, then withdraws. The seat goes to whoever waits."""

    action = "action_cancel_session"

    async def answer(self, turn: Turn) -> Events:
        if turn.form == FORM:
            turn.say("utter_stopped")
            return leave_form()
        if turn.entity("seat_answer") == "decline" or turn.entity("cancel_confirmed") == "yes":
            return await self.cancel(turn)
        current = await self.services.sessions.current(turn.conversation_id)
        if current is None:
            return _holds_nothing(turn)
        kept = turn.entity("cancel_confirmed") == "no"
        if kept:
            turn.say("utter_session_kept", when=begins(current, turn))
        else:
            choices = buttons(turn, _LEAVE_OR_KEEP)
            name = "utter_leave_list_ask" if current.rank else "utter_cancel_session_ask"
            turn.say(name, when=begins(current, turn), choices=choices)
        return []

    async def cancel(self, turn: Turn) -> Events:
        """The person said yes."""
        try:
            left = await self.services.sessions.withdraw(turn.conversation_id)
        except NotRegistered:
            return _holds_nothing(turn)
        turn.say("utter_session_left", when=begins(left, turn), choices=buttons(turn, SESSIONS_OR_PERSON))
        return []


async def show_session(desk: Desk, turn: Turn) -> bool:
    """Shows what the person holds or waits for; false when that is nothing."""
    current = await desk.services.sessions.current(turn.conversation_id)
    if current is not None:
        show(current, turn)
    return current is not None


async def yes_to_session(desk: Desk, turn: Turn) -> Events | None:
    """A "yes" outside a form: to leaving, when that was just asked; else the seat that waits for a yes is shown again.

    None when it is to neither.
    """
    if turn.previous_action() == CancelSession.action:
        return await CancelSession(desk).cancel(turn)
    current = await desk.services.sessions.current(turn.conversation_id)
    if current is None or current.registration.state is not RegistrationState.OFFERED:
        return None
    show(current, turn)
    return []


async def no_to_session(desk: Desk, turn: Turn) -> bool:
    """A "no" outside a form: the seat is kept, when leaving was just asked about."""
    current = await desk.services.sessions.current(turn.conversation_id)
    if current is None or turn.previous_action() != CancelSession.action:
        return False
    turn.say("utter_session_kept", when=begins(current, turn))
    return True


def _holds_nothing(turn: Turn) -> Events:
    """Perhaps elsewhere: who to ask."""
    turn.say("utter_cancel_session", **phone_numbers())
    return []


def show(standing: Standing, turn: Turn) -> None:
    """What the person holds, and what can be done with it."""
    registration, session = standing.registration, standing.session
    last = say_day(session.days[-1].day, turn.language)
    length = say_number(session.length.total_seconds() / HOUR, turn.language)
    values: dict[str, Any] = {"when": begins(standing, turn)}
    match registration.state:
        case RegistrationState.WAITING:
            name, choices = "utter_session_waiting", _LEAVE_LIST
            values |= {
                "rank": standing.rank,
                "offer_hours": say_number(OFFER_HOLDS.total_seconds() / HOUR, turn.language),
            }
        case RegistrationState.OFFERED:
            name, choices = "utter_session_seat_held", TAKE_OR_DECLINE
            until = registration.offered_until
            values["until"] = say_both_zones(until, turn.language, QUEBEC, turn.timezone) if until else ""
        case _:
            name = "utter_session_registered" if registration.is_confirmed else "utter_session_requested"
            choices = LEAVE_OR_ALLOWANCE
    place = place_of(session, turn)
    details = turn.sentence("utter_session_details", place=place, org=session.organisation, last=last, length=length)
    if session.is_demonstration:
        details = f"{details}\n{turn.sentence('utter_demonstration')}"
    turn.say(name, choices=buttons(turn, choices), topic="session", details=details, **values)


def begins(standing: Standing, turn: Turn) -> str:
    """First day and hour in Québec, then the person's own."""
    return say_both_zones(standing.session.begins_at, turn.language, QUEBEC, turn.timezone)


def buttons(turn: Turn, named: Buttons) -> list[Choice]:
    return [turn.choice(label, payload) for label, payload in named]
