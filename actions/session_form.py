"""The questions of session_form, each with its reason: who may come, where, which session.

What the known conditions leave open (a claim for asylum, a status that they don't name) is neither a yes nor a no: an
agent confirms.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.regions import read_region_answer
from actions.session_choice import read_session_answer
from actions.steps import step_values, told_status
from actions.turn import ANSWER_INTENTS, NEVER_ANSWERS, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.sessions import ADMITTED, French, read_french, read_is_adult
from bot.domain.situations import STATUSES
from bot.knowledge.places import region_names
from bot.knowledge.steps import steps
from bot.knowledge.words import counted_as

FORM = "session_form"
STEP = "ask_objectif_integration"
CLEAR, TO_CONFIRM = "clear", "to_confirm"
OTHER = "other"
# Ends the form: what follows is said by action_register_session.
_ENDED = SlotSet("requested_slot", None)


def facts(turn: Turn) -> dict[str, Any]:
    """What fills the placeholders: the conditions as they were published."""
    return dict(step_values(steps()[STEP], turn.language))


class ValidateSessionForm(DeskAction):
    action = "validate_session_form"

    async def answer(self, turn: Turn) -> Events:
        if turn.intent in NEVER_ANSWERS or turn.answers_notice:
            return []
        match turn.asked:
            case "session_adult":
                return _read_adult(turn)
            case "session_status":
                return _read_status(turn)
            case "session_french":
                return _read_french(turn)
            case "region":
                return read_region_answer(turn)
            case "session_choice":
                return await read_session_answer(turn, self.services.sessions) or _correction(turn)
            case _:
                return []


def _read_adult(turn: Turn) -> Events:
    is_adult = {"yes": True, "no": False}.get(turn.entity("is_adult") or "")
    if is_adult is None and not turn.is_choice:
        is_adult = read_is_adult(turn.text)
    if is_adult is None:
        is_adult = {"affirm": True, "deny": False}.get(turn.intent)
    if is_adult is None:
        return _no_answer(turn, "session_adult")
    return [SlotSet("session_adult", is_adult), *([] if is_adult else [_ENDED])]


def _read_status(turn: Turn) -> Events:
    if turn.entity("status") == OTHER:
        return status_events(None, turn)
    told = told_status(turn)
    if told and (turn.is_choice or "?" not in turn.text):
        return status_events(told, turn)
    return _no_answer(turn, "session_status")


def status_events(status: str | None, turn: Turn) -> Events:
    """Whether the status is one that the source names. What it leaves open is said to be."""
    fits = status is not None and (counted_as(status) or status) in ADMITTED
    if not fits:
        turn.say("utter_session_to_confirm")
    kept = [SlotSet("status", status)] if status else []
    return [*kept, SlotSet("session_status", CLEAR if fits else TO_CONFIRM)]


def _read_french(turn: Turn) -> Events:
    told = turn.entity("french_level")
    level = French(told) if told in set(French) else None
    if level is None and not turn.is_choice and "?" not in turn.text:
        level = read_french(turn.text)
    if level is None:
        level = {"affirm": French.INTERMEDIATE, "deny": French.LITTLE}.get(turn.intent)
    if level is None:
        return _no_answer(turn, "session_french")
    return [SlotSet("session_french", level.value), *([_ENDED] if level is French.LITTLE else [])]


def _no_answer(turn: Turn, slot: str) -> Events:
    return [SlotSet(slot, None)] if turn.intent in ANSWER_INTENTS and not turn.is_choice else []


def _correction(turn: Turn) -> Events:
    """Another place, said while sessions are shown: they are ordered anew."""
    region = turn.entity("region")
    if region not in region_names() or not (turn.is_choice or turn.intent in ("inform", "deny")):
        return []
    return [SlotSet("region", region), SlotSet("session_choice", None), SlotSet("sessions_page", 0)]


def _is_asked_again(turn: Turn) -> bool:
    return turn.intent in ANSWER_INTENTS and not turn.is_choice


class AskSessionAdult(DeskAction):
    action = "action_ask_session_adult"

    async def answer(self, turn: Turn) -> Events:
        again = turn.asked == "session_adult" and _is_asked_again(turn)
        choices = [
            turn.choice("utter_label_adult", button_payload("inform", is_adult="yes"), **facts(turn)),
            turn.choice("utter_label_minor", button_payload("inform", is_adult="no"), **facts(turn)),
        ]
        turn.say("utter_session_adult_unknown" if again else "utter_ask_session_adult", choices=choices, **facts(turn))
        return []


class AskSessionStatus(DeskAction):
    action = "action_ask_session_status"

    async def answer(self, turn: Turn) -> Events:
        again = turn.asked == "session_status" and _is_asked_again(turn)
        choices = [turn.choice(f"utter_status_{each}", button_payload("inform", status=each)) for each in STATUSES]
        choices.append(turn.choice("utter_label_other_status", button_payload("inform", status=OTHER)))
        turn.say("utter_session_status_unknown" if again else "utter_ask_session_status", choices=choices)
        return []


class AskSessionFrench(DeskAction):
    action = "action_ask_session_french"

    async def answer(self, turn: Turn) -> Events:
        again = turn.asked == "session_french" and _is_asked_again(turn)
        choices = [
            turn.choice("utter_label_french_yes", button_payload("inform", french_level=French.INTERMEDIATE.value)),
            turn.choice("utter_label_french_little", button_payload("inform", french_level=French.LITTLE.value)),
            turn.choice("utter_label_french_no", button_payload("inform", french_level=French.LITTLE.value)),
        ]
        turn.say("utter_session_french_unknown" if again else "utter_ask_session_french", choices=choices)
        return []
