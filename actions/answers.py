"""Answers that need no service: official ways, emergency numbers, greetings, and what is told without a question."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, AllSlotsReset, FollowupAction, SlotSet

from actions.arrival import follow_arrival
from actions.steps import status_name, step_links, told_status
from actions.turn import DeskAction, Events, Turn
from bot.contract import GIVE_NUMBERS_ACTION
from bot.i18n.choices import language_choices
from bot.knowledge.contacts import contacts
from bot.knowledge.official_ways import official_ways
from bot.knowledge.places import region_names


class OfficialWay(DeskAction):
    """What is done with an office or a person rather than here: `utter_<intent>`, with the official page."""

    action = "action_official_way"

    async def answer(self, turn: Turn) -> Events:
        step = official_ways().get(turn.intent)
        links = step_links(step, turn) if step is not None else []
        turn.say(f"utter_{turn.intent}", links=links, org=self.desk.settings.organisation, **phone_numbers())
        return []


class Emergency(DeskAction):
    action = "action_emergency"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_emergency", topic="emergency", **phone_numbers())
        # Then silence: an open form does not ask its question again.
        return [FollowupAction("action_listen")]


class GiveNumbers(DeskAction):
    """After the answer, when the message may have told of a danger: one soft sentence with the numbers."""

    action = GIVE_NUMBERS_ACTION

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_numbers_in_doubt", topic="emergency", **phone_numbers())
        return []


def phone_numbers() -> dict[str, Any]:
    """What fills the telephone placeholders of responses."""
    return dict(contacts())


class Greet(DeskAction):
    action = "action_greet"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_greet_again")
        return []


class Inform(DeskAction):
    """A fact given with no question: a place and a status are kept, so that they are not asked again."""

    action = "action_inform"

    async def answer(self, turn: Turn) -> Events:
        if events := await follow_arrival(turn, self.services.meetings):
            return events
        told = turn.entity_details("region")
        region = told["value"] if told is not None and told["value"] in region_names() else None
        place = (told.get("place") or region_names()[region]) if told is not None and region else None
        status = told_status(turn)
        named = status_name(status, turn) if status else None
        if place and named:
            turn.say("utter_noted_place_and_status", place=place, status=named)
        elif place or named:
            turn.say("utter_noted", value=place or named)
        else:
            turn.say("utter_inform_alone")
        return [SlotSet(name, value) for name, value in (("region", region), ("status", status)) if value]


class SetLanguage(DeskAction):
    """The slot is set from what was said; this says so in the new language, or asks which."""

    action = "action_set_language"

    async def answer(self, turn: Turn) -> Events:
        named = turn.entity_details("language")
        if named is None or (not turn.is_choice and not named.get("is_announced")):
            turn.say("utter_choose_language", choices=language_choices())
            return []
        turn.say("utter_language_set")
        return []


class Stop(DeskAction):
    """Stops what is under way and forgets the unfinished answers; what was booked stays."""

    action = "action_stop"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_stopped" if turn.is_in_form else "utter_nothing_to_stop")
        return leave_form()


def leave_form() -> Events:
    return [
        ActiveLoop(None),
        *(SlotSet(name, None) for name in ("requested_slot", "meeting_time", "times_shown")),
        *(SlotSet(name, None) for name in ("session_choice", "sessions_shown")),
        SlotSet("times_page", 0),
        SlotSet("sessions_page", 0),
        SlotSet("is_moving", False),
    ]


class Restart(DeskAction):
    """Begins again, in the same language. Takes the place of Rasa's own, which would forget the language."""

    action = "action_restart"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_restarted")
        return [ActiveLoop(None), AllSlotsReset(), SlotSet("language", turn.language)]
