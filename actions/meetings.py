"""Booking, moving, seeing and cancelling the first meeting."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk.events import FollowupAction, SlotSet

from actions.answers import leave_form
from actions.arrival import arrival_events, read_arrival_of
from actions.meeting_times import as_time, wish_of
from actions.turn import DeskAction, Events, Turn
from bot.domain.meetings import QUEBEC, Meeting, Mode, read_mode
from bot.domain.messages import File
from bot.i18n.dates import say_both_zones
from bot.services.meetings import AlreadyBooked, NoMeeting, SlotTaken

CALENDAR_MIME = "text/calendar"


class BeginBooking(DeskAction):
    """Keeps what the request already says ("a meeting in Laval, I arrive on the 3rd"), then asks for the rest."""

    action = "action_begin_booking"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is not None:
            turn.say("utter_meeting_exists", when=when(current, turn))
            return []
        events: Events = [SlotSet("is_moving", False), SlotSet("meeting_time", None), SlotSet("times_page", 0)]
        if not turn.is_choice:
            events += arrival_events(read_arrival_of(turn, self.services.meetings), turn, self.services.meetings)
            if (region := turn.entity("region")) is not None:
                events.append(SlotSet("region", region))
            if (mode := read_mode(turn.text)) is not None:
                events.append(SlotSet("meeting_mode", mode.value))
        return [*events, FollowupAction("meeting_form")]


class BeginMoving(DeskAction):
    """Everything is known but the new time."""

    action = "action_begin_moving"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is None:
            turn.say("utter_no_meeting")
            return []
        return [
            SlotSet("is_moving", True),
            SlotSet("arrival_date", current.arrival.isoformat()),
            SlotSet("arrival_is_right", True),
            SlotSet("region", turn.slot("region") or current.agent.region),
            SlotSet("meeting_mode", current.mode.value),
            SlotSet("meeting_time", None),
            SlotSet("times_page", 0),
            FollowupAction("meeting_form"),
        ]


class BookMeeting(DeskAction):
    """The form is complete: books the time, or moves the meeting to it."""

    action = "action_book_meeting"

    async def answer(self, turn: Turn) -> Events:
        chosen = as_time(turn.slot("meeting_time"))
        wish = wish_of(turn)
        if chosen is None or wish is None:
            return [SlotSet("meeting_time", None), FollowupAction("meeting_form")]
        meetings = self.services.meetings
        try:
            if turn.slot("is_moving"):
                meeting = await meetings.move(turn.conversation_id, wish, *chosen)
            else:
                meeting = await meetings.book(turn.conversation_id, wish, *chosen)
        except SlotTaken:
            turn.say("utter_time_taken")
            return [SlotSet("meeting_time", None), SlotSet("times_page", 0), FollowupAction("meeting_form")]
        except AlreadyBooked as already:
            turn.say("utter_meeting_exists", when=when(already.meeting, turn))
            return leave_form()
        except NoMeeting:
            turn.say("utter_no_meeting")
            return leave_form()
        show(meeting, turn, "utter_meeting_moved" if turn.slot("is_moving") else "utter_meeting_booked")
        return leave_form()


class MyMeetings(DeskAction):
    action = "action_my_meetings"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is None:
            turn.say("utter_no_meeting")
        else:
            show(current, turn, "utter_my_meeting")
        return []


class CancelMeeting(DeskAction):
    """Asks once, then cancels. In the middle of a booking with nothing booked, it stops the booking."""

    action = "action_cancel_meeting"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is None:
            turn.say("utter_stopped" if turn.is_in_form else "utter_no_meeting")
            return leave_form()
        if turn.entity("cancel_confirmed") is None:
            turn.say("utter_cancel_ask", when=when(current, turn))
            return leave_form()
        return await self.cancel(turn)

    async def cancel(self, turn: Turn) -> Events:
        """The person said yes."""
        try:
            await self.services.meetings.cancel(turn.conversation_id)
        except NoMeeting:
            turn.say("utter_no_meeting")
            return leave_form()
        turn.say("utter_meeting_cancelled")
        return leave_form()


class Affirm(DeskAction):
    """A "yes" outside a form: to the cancellation just asked about, else to nothing we know."""

    action = "action_affirm"

    async def answer(self, turn: Turn) -> Events:
        if turn.previous_action() == CancelMeeting.action:
            return await CancelMeeting(self.desk).cancel(turn)
        turn.say("utter_yes_to_what")
        return []


class Deny(DeskAction):
    """A "no" outside a form: the meeting is kept, when its cancellation was just asked about."""

    action = "action_deny"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is not None and turn.previous_action() == CancelMeeting.action:
            turn.say("utter_meeting_kept", when=when(current, turn))
        else:
            turn.say("utter_yes_to_what")
        return []


def when(meeting: Meeting, turn: Turn) -> str:
    """Day and hour in Québec, then the person's own."""
    starts: datetime = meeting.starts_at
    return say_both_zones(starts, turn.language, QUEBEC, turn.timezone)


def show(meeting: Meeting, turn: Turn, name: str) -> None:
    """The whole meeting, with its calendar file."""
    if meeting.mode is Mode.IN_PERSON:
        place = turn.sentence("utter_meeting_place", office=meeting.agent.office)
    else:
        place = turn.sentence("utter_meeting_remote")
    lines = [place, turn.sentence("utter_meeting_bring")]
    if meeting.agent.is_demonstration:
        lines.append(turn.sentence("utter_demonstration"))
    file = File(turn.sentence("utter_meeting_file"), f"/files/meetings/{meeting.file_key}.ics", CALENDAR_MIME)
    turn.say(
        name,
        when=when(meeting, turn),
        agent=meeting.agent.name,
        org=meeting.agent.organisation,
        place="\n".join(lines),
        files=[file],
        topic="meeting",
    )
