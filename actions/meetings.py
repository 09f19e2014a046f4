"""Booking, moving, seeing and cancelling the first meeting."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction, SlotSet

from actions.answers import leave_form
from actions.arrival import arrival_events, follow_arrival, read_arrival_of
from actions.meeting_times import WAIT, as_time, wish_of
from actions.reminders import answer_reminder
from actions.sessions import no_to_session, show_session, yes_to_session
from actions.turn import DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.meetings import Meeting, Mode, read_mode
from bot.domain.messages import File
from bot.i18n.dates import say_both_zones
from bot.services.meetings import AlreadyBooked, NoMeeting, SlotTaken
from bot.services.reminders import ANSWER_ENTITY
from bot.services.waiting_list import OFFER_ENTITY, OfferGone

CALENDAR_MIME = "text/calendar"
MEETING_FORM = "meeting_form"


class BeginBooking(DeskAction):
    """Keeps what the request already says ("a meeting in Laval, I arrive on the 3rd"), then asks for the rest."""

    action = "action_begin_booking"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is not None:
            turn.say("utter_meeting_exists", when=when(current, turn))
            return []
        events: Events = [
            SlotSet("is_moving", False),
            SlotSet("is_mode_firm", False),
            SlotSet("meeting_time", None),
            SlotSet("times_page", 0),
        ]
        if not turn.is_choice:
            events += arrival_events(read_arrival_of(turn, self.services.meetings), turn, self.services.meetings)
            if (region := turn.entity("region")) is not None:
                events.append(SlotSet("region", region))
            if (mode := read_mode(turn.text_for_grammars)) is not None:
                events.append(SlotSet("meeting_mode", mode.value))
        return [*events, FollowupAction("meeting_form")]


class BeginMoving(DeskAction):
    """Everything is known but the new time; perhaps the arrival changes with it ("my flight is late, on the 10th")."""

    action = "action_begin_moving"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is None:
            turn.say("utter_no_meeting")
            return []
        if await follow_arrival(turn, self.services.meetings, is_moving=True):
            current = await self.services.meetings.current(turn.conversation_id) or current
        return [
            SlotSet("is_moving", True),
            SlotSet("is_mode_firm", False),
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
        if turn.slot("meeting_time") == WAIT:
            turn.say("utter_waiting")
            return leave_form()
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
        if current is not None:
            show(current, turn, "utter_my_meeting")
        waits = current is None and await self.services.meetings.waiting_list.waits(turn.conversation_id)
        if waits:
            turn.say("utter_waiting")
        if not await show_session(self.desk, turn) and current is None and not waits:
            turn.say("utter_no_meeting")
        return []


class CancelMeeting(DeskAction):
    """Asks once, then cancels. With nothing booked it stops the booking under way, or the wait for a time."""

    action = "action_cancel_meeting"

    async def answer(self, turn: Turn) -> Events:
        current = await self.services.meetings.current(turn.conversation_id)
        if current is None:
            turn.say(await self._nothing_booked(turn))
            return leave_form()
        if turn.entity("cancel_confirmed") is None:
            turn.say("utter_cancel_ask", when=when(current, turn))
            return leave_form()
        return await self.cancel(turn)

    async def _nothing_booked(self, turn: Turn) -> str:
        """What else can be given up: the booking under way, or a place on the waiting list."""
        if turn.is_in_form:
            return "utter_stopped"
        stopped = await self.services.meetings.stop_waiting(turn.conversation_id)
        return "utter_waiting_stopped" if stopped else "utter_no_meeting"

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
    """A "yes" to the freed time under which its button stands; outside a form, to the cancellation just asked about, or
    to what is held for the person; else to nothing we know."""

    action = "action_affirm"

    async def answer(self, turn: Turn) -> Events:
        if (offer_id := turn.entity(OFFER_ENTITY)) is not None:
            return await self._take(turn, offer_id)
        if (told := turn.entity(ANSWER_ENTITY)) is not None:
            return await answer_reminder(self.desk, turn, told) or back_to_form(turn)
        if turn.previous_action() == CancelMeeting.action:
            return await CancelMeeting(self.desk).cancel(turn)
        if (events := await yes_to_session(self.desk, turn)) is not None:
            return events
        if (held := await self.services.meetings.waiting_list.told(turn.conversation_id)) is not None:
            return await self._take(turn, held.id)
        turn.say("utter_yes_to_what")
        return []

    async def _take(self, turn: Turn, offer_id: str) -> Events:
        had_one = await self.services.meetings.current(turn.conversation_id) is not None
        try:
            meeting = await self.services.meetings.take_offer(turn.conversation_id, offer_id)
        except (OfferGone, SlotTaken):
            turn.say("utter_offer_gone")
            return back_to_form(turn)
        show(meeting, turn, "utter_meeting_moved" if had_one else "utter_meeting_booked")
        return leave_form() if turn.form == MEETING_FORM else back_to_form(turn)


class Deny(DeskAction):
    """A "no" to a freed time; outside a form, to the cancellation just asked about: the meeting is then kept."""

    action = "action_deny"

    async def answer(self, turn: Turn) -> Events:
        if (offer_id := turn.entity(OFFER_ENTITY)) is not None:
            return await self._leave(turn, offer_id)
        current = await self.services.meetings.current(turn.conversation_id)
        if current is not None and turn.previous_action() == CancelMeeting.action:
            turn.say("utter_meeting_kept", when=when(current, turn))
        elif not await no_to_session(self.desk, turn):
            if (held := await self.services.meetings.waiting_list.told(turn.conversation_id)) is not None:
                return await self._leave(turn, held.id)
            turn.say("utter_yes_to_what")
        return []

    async def _leave(self, turn: Turn, offer_id: str) -> Events:
        try:
            await self.services.meetings.decline_offer(turn.conversation_id, offer_id)
        except OfferGone:
            turn.say("utter_offer_gone")
        else:
            turn.say("utter_offer_left")
        return back_to_form(turn)


def back_to_form(turn: Turn) -> Events:
    """What was asked before is asked again."""
    return [FollowupAction(turn.form)] if turn.form else []


def when(meeting: Meeting, turn: Turn) -> str:
    """Day and hour here, then the person's own."""
    return say_both_zones(meeting.starts_at, turn.language, meeting.timezone, turn.timezone)


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
        choices=[turn.choice("utter_label_reminders", button_payload("set_reminders"))],
        links=turn.services.meeting_links.links(meeting, turn.language),
        files=[file],
        topic="meeting",
    )
