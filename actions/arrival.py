"""The arrival date in a booking: read from what the person wrote, checked, said back."""

from __future__ import annotations

from datetime import date, timedelta

from rasa_sdk.events import SlotSet

from actions.turn import ANSWER_INTENTS, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.meetings import ArrivalTooFar, ArrivalTooOld, Meeting
from bot.domain.messages import Choice
from bot.domain.spoken import AlreadyHere, Day, NoSuchDay, Vague, read_arrival, speaks_of_arriving
from bot.i18n.dates import say_both_zones, say_day, say_day_of_year, say_month
from bot.services.meetings import MeetingService

# More words than this beside a date, and no sign of an answer: the person asks something else.
MAX_WORDS_BESIDE = 4

Reading = Day | NoSuchDay | Vague | AlreadyHere | None


def read_arrival_of(turn: Turn, meetings: MeetingService) -> Reading:
    """What the latest message says of the arrival; a button's value counts as it is."""
    if turn.entity("already_here"):
        return AlreadyHere()
    if (chosen := turn.entity("arrival_date")) is not None:
        try:
            return Day(date.fromisoformat(chosen), is_sure=True, words_left=0)
        except ValueError:
            return None
    if turn.is_choice:
        return None
    return read_arrival(turn.text_for_grammars, meetings.today())


def arrival_events(reading: Reading, turn: Turn, meetings: MeetingService) -> Events:
    """The slots that a readable, possible arrival fills; nothing for any other. Says back what is sure."""
    if not isinstance(reading, Day) or not _is_possible(reading.day, meetings):
        return []
    if reading.is_sure:
        _say_noted(reading.day, turn, meetings)
    return [SlotSet("arrival_date", reading.day.isoformat()), SlotSet("arrival_is_right", reading.is_sure or None)]


def read_arrival_answer(turn: Turn, meetings: MeetingService) -> Events:
    """The answer to "when do you arrive?". Empty when it is no answer: the form then lets the question through."""
    reading = read_arrival_of(turn, meetings)
    if isinstance(reading, Day) and _answers(turn, reading.words_left):
        return arrival_events(reading, turn, meetings) or [SlotSet("arrival_date", None)]
    if turn.is_choice and isinstance(reading, AlreadyHere):
        return [SlotSet("arrival_date", None)]
    # A day among many other words belongs to a question of the person's own.
    is_tried = isinstance(reading, NoSuchDay | Vague | AlreadyHere) and "?" not in turn.text
    is_answer = turn.intent in ANSWER_INTENTS or is_tried
    return [SlotSet("arrival_date", None)] if is_answer and not turn.is_choice else []


def read_arrival_is_right(turn: Turn, meetings: MeetingService) -> Events:
    """Yes, no, or the right date at once."""
    reading = read_arrival_of(turn, meetings)
    if isinstance(reading, Day) and _answers(turn, reading.words_left):
        return arrival_events(reading, turn, meetings) or [SlotSet("arrival_is_right", None)]
    if turn.intent == "affirm":
        _say_noted(date.fromisoformat(turn.slot("arrival_date")), turn, meetings)
        return [SlotSet("arrival_is_right", True)]
    if turn.intent == "deny":
        return [SlotSet("arrival_date", None), SlotSet("arrival_is_right", None)]
    return [SlotSet("arrival_is_right", None)] if turn.intent in ANSWER_INTENTS else []


async def follow_arrival(turn: Turn, meetings: MeetingService, *, is_moving: bool = False) -> Events:
    """Another arrival date, told by somebody who has a meeting or waits for one: what depends on it follows.

    Empty when nothing of the kind was said. A date that may be another is asked about first.
    """
    if turn.entity("arrival_date") is None and (turn.is_choice or not speaks_of_arriving(turn.text_for_grammars)):
        return []
    reading = read_arrival_of(turn, meetings)
    if not isinstance(reading, Day) or not _is_possible(reading.day, meetings):
        return []
    current = await meetings.current(turn.conversation_id)
    if current is None and not await meetings.waiting_list.waits(turn.conversation_id):
        return []
    if not reading.is_sure:
        if is_moving:
            return []
        yes = turn.choice("utter_arrival_yes", arrival_payload(reading.day))
        no = turn.choice("utter_arrival_no", button_payload("deny"))
        turn.say("utter_ask_new_arrival", day=_opening(say_day(reading.day, turn.language)), choices=[yes, no])
        return [SlotSet("arrival_date", turn.slot("arrival_date"))]
    changed = await meetings.change_arrival(turn.conversation_id, reading.day)
    turn.say("utter_arrival_changed", day=say_day(reading.day, turn.language), due=say_due(changed.due, turn.language))
    if changed.meeting is not None and not is_moving:
        _say_what_becomes_of(changed.meeting, turn)
    return [SlotSet("arrival_date", reading.day.isoformat()), SlotSet("arrival_is_right", True)]


def _say_what_becomes_of(meeting: Meeting, turn: Turn) -> None:
    name = "utter_meeting_stays"
    if meeting.is_too_early:
        name = "utter_meeting_too_early"
    elif meeting.is_late:
        name = "utter_meeting_now_late"
    turn.say(name, when=say_both_zones(meeting.starts_at, turn.language, meeting.timezone, turn.timezone))


class AskArrivalDate(DeskAction):
    """The question, or, after an answer that could not be used, the precise reason and what to write."""

    action = "action_ask_arrival_date"

    async def answer(self, turn: Turn) -> Events:
        meetings = self.services.meetings
        is_again = turn.asked == "arrival_date"
        reading = read_arrival_of(turn, meetings) if is_again else None
        match reading:
            case AlreadyHere():
                turn.say("utter_ask_arrival_day", choices=self._recent_days(turn))
            case NoSuchDay():
                self._say_impossible(reading, turn)
            case Vague():
                turn.say("utter_arrival_vague")
            case Day():
                self._say_refused(reading.day, turn)
            case _ if is_again and turn.intent in ANSWER_INTENTS and not turn.is_choice:
                turn.say("utter_arrival_not_understood")
            case _:
                turn.say("utter_ask_arrival_date")
        return []

    def _recent_days(self, turn: Turn) -> list[Choice]:
        today = self.services.meetings.today()
        return [
            turn.choice("utter_arrival_today", arrival_payload(today)),
            turn.choice("utter_arrival_yesterday", arrival_payload(today - timedelta(days=1))),
        ]

    def _say_impossible(self, reading: NoSuchDay, turn: Turn) -> None:
        last = date(reading.year, reading.month, reading.days)
        near = [last, last + timedelta(days=1)]
        turn.say(
            "utter_arrival_impossible",
            month=say_month(last, turn.language),
            days=reading.days,
            choices=[Choice(say_day_of_year(day, turn.language), arrival_payload(day)) for day in near],
        )

    def _say_refused(self, day: date, turn: Turn) -> None:
        try:
            self.services.meetings.check_arrival(day)
        except ArrivalTooOld:
            turn.say("utter_arrival_too_old", day=_opening(say_day(day, turn.language)))
        except ArrivalTooFar:
            turn.say("utter_arrival_too_far", day=_opening(say_day(day, turn.language)))
        else:
            turn.say("utter_ask_arrival_date")


class AskArrivalIsRight(DeskAction):
    action = "action_ask_arrival_is_right"

    async def answer(self, turn: Turn) -> Events:
        day = say_day(date.fromisoformat(turn.slot("arrival_date")), turn.language)
        turn.say("utter_ask_arrival_is_right", day=_opening(day))
        return []


def arrival_payload(day: date) -> str:
    return f'/inform{{"arrival_date":"{day.isoformat()}"}}'


def _answers(turn: Turn, words_left: int) -> bool:
    if turn.intent == "talk_to_human" and words_left:
        return False  # "I want to talk to someone tomorrow" is no arrival
    return turn.intent in ANSWER_INTENTS or ("?" not in turn.text and words_left <= MAX_WORDS_BESIDE)


def _is_possible(day: date, meetings: MeetingService) -> bool:
    try:
        meetings.check_arrival(day)
    except (ArrivalTooOld, ArrivalTooFar):
        return False
    return True


def _say_noted(day: date, turn: Turn, meetings: MeetingService) -> None:
    due = meetings.due(day)
    if due >= meetings.today():
        turn.say("utter_arrival_noted", day=say_day(day, turn.language), due=say_due(due, turn.language))


def say_due(day: date, language: str) -> str:
    """The day as it stands after "by": French wants its article."""
    return say_day(day, language, article=True)


def _opening(text: str) -> str:
    """With a capital, to open a sentence."""
    return text[:1].upper() + text[1:]
