"""What an answer in a form means. An empty list tells Rasa that it was no answer: the question is then dealt with,
and the form goes on."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.arrival import read_arrival_answer, read_arrival_is_right
from actions.meeting_times import read_time_answer
from actions.regions import read_region_answer
from actions.turn import ANSWER_INTENTS, NEVER_ANSWERS, DeskAction, Events, Turn
from bot.domain.meetings import Mode, read_mode
from bot.knowledge.places import region_names


class ValidateMeetingForm(DeskAction):
    action = "validate_meeting_form"

    async def answer(self, turn: Turn) -> Events:
        if turn.intent in NEVER_ANSWERS or turn.answers_notice:
            return []
        meetings = self.services.meetings
        match turn.asked:
            case "arrival_date":
                events = read_arrival_answer(turn, meetings)
            case "arrival_is_right":
                events = read_arrival_is_right(turn, meetings)
            case "region":
                return read_region_answer(turn)
            case "meeting_mode":
                events = read_mode_answer(turn)
            case "meeting_time":
                events = await read_time_answer(turn, meetings)
            case _:
                return []
        return [*events, *correction(turn)]


class ValidateOrganisationForm(DeskAction):
    action = "validate_organisation_form"

    async def answer(self, turn: Turn) -> Events:
        return [] if turn.intent in NEVER_ANSWERS or turn.answers_notice else read_region_answer(turn)


def correction(turn: Turn) -> Events:
    """Another place or way to meet, said or chosen while something else is asked: the times offered change with it."""
    if not (turn.is_choice or turn.intent in ("inform", "deny")):
        return []
    events: Events = []
    region = turn.entity("region")
    if region == "none":
        events.append(SlotSet("region", None))
    elif region in region_names() and region != turn.slot("region"):
        events.append(SlotSet("region", region))
    mode = turn.entity("meeting_mode") or (None if turn.is_choice else read_mode(turn.text_for_grammars))
    if turn.asked == "meeting_time" and mode in set(Mode):
        # Chosen in view of the times: no other way is offered in its place.
        events += [SlotSet("meeting_mode", mode), SlotSet("is_mode_firm", True)]
    return [*events, SlotSet("meeting_time", None), SlotSet("times_page", 0)] if events else []


def read_mode_answer(turn: Turn) -> Events:
    chosen = turn.entity("meeting_mode")
    if chosen in set(Mode):
        return [SlotSet("meeting_mode", chosen)]
    if turn.is_choice:
        return []
    mode = read_mode(turn.text_for_grammars)
    if mode is not None and "?" not in turn.text:
        return [SlotSet("meeting_mode", mode.value)]
    return [SlotSet("meeting_mode", None)] if turn.intent in ANSWER_INTENTS else []


class AskMeetingMode(DeskAction):
    action = "action_ask_meeting_mode"

    async def answer(self, turn: Turn) -> Events:
        if turn.asked == "meeting_mode" and turn.intent in ANSWER_INTENTS and not turn.is_choice:
            turn.say("utter_meeting_mode_unknown")
        else:
            turn.say("utter_ask_meeting_mode")
        return []
