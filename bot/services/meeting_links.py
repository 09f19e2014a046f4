"""Moving and cancelling a meeting from outside the chat, by its link. Called by the page behind it and by actions.

The link holds until the meeting ends; what is done by it is said in the chat, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.contract import button_payload
from bot.domain.calendar_links import Event, google_link, outlook_link
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.meeting_links import PREFIX, link_digest, link_token
from bot.domain.meetings import Meeting, MeetingState, Mode, Offer, Wish
from bot.domain.messages import Author, Choice, Link
from bot.services.house import House
from bot.services.meetings import MeetingService, NoMeeting, SlotTaken, say_when
from bot.services.reminders import place_of
from bot.store.unit_of_work import Unit

_MOVE_OR_CANCEL = (
    ("utter_label_move", button_payload("reschedule_meeting")),
    ("utter_label_cancel", button_payload("cancel_meeting")),
)
_BOOK_OR_PERSON = (
    ("utter_choose_time", button_payload("book_meeting")),
    ("utter_label_human", button_payload("talk_to_human")),
)


class LinkOver(Exception):
    """No meeting has this link, or it is over or cancelled: nobody is told which."""


@dataclass(frozen=True)
class Linked:
    """The meeting behind a link, and whose it is."""

    meeting: Meeting
    conversation: Conversation


class MeetingLinkService:
    def __init__(self, house: House, meetings: MeetingService) -> None:
        self._house = house
        self._meetings = meetings

    def path(self, meeting: Meeting) -> str:
        """On the public address. Whoever has it may move and cancel this meeting."""
        return PREFIX + link_token(self._house.outside.key, meeting.id)

    def links(self, meeting: Meeting, language: str) -> tuple[Link, ...]:
        """What a confirmation offers: calendars on the web, and the meeting's own page."""
        say, (google, outlook) = self._house.catalogue.say, self.calendars(meeting, language)
        return (
            Link(say("utter_label_google", language), google),
            Link(say("utter_label_outlook", language), outlook),
            Link(say("utter_label_link", language), self.path(meeting)),
        )

    def calendars(self, meeting: Meeting, language: str) -> tuple[str, str]:
        """The addresses of Google's and of Outlook's calendar with this meeting filled in."""
        say = self._house.catalogue.say
        event = Event(
            title=say("utter_meeting_title", language, {"org": meeting.agent.organisation}),
            details=say("utter_meeting_bring", language),
            place=meeting.agent.office if meeting.mode is Mode.IN_PERSON else None,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )
        return google_link(event), outlook_link(event)

    async def open(self, token: str) -> Linked:
        """Raises LinkOver."""
        digest = link_digest(token)
        async with self._house.work() as unit:
            meeting = await unit.meetings.by_link_digest(digest)
            conversation = await unit.conversations.get(meeting.conversation_id) if meeting else None
        is_over = (
            meeting is None or meeting.state is not MeetingState.BOOKED or meeting.ends_at <= self._house.clock.now()
        )
        if meeting is None or conversation is None or is_over:
            raise LinkOver
        return Linked(meeting, conversation)

    async def offer(self, linked: Linked) -> Offer:
        """The times to which the meeting may be moved."""
        return await self._meetings.offer(await self._wish(linked), linked.conversation.id)

    async def move(self, token: str, starts_at: datetime) -> Meeting:
        """Moves it to one of the times offered. Raises LinkOver, SlotTaken."""
        linked = await self.open(token)
        if linked.meeting.starts_at == starts_at:
            return linked.meeting  # sent twice
        offer = await self.offer(linked)
        free = next((time for time in offer.times if time.starts_at == starts_at), None)
        if free is None:
            raise SlotTaken
        wish = replace(await self._wish(linked), mode=offer.mode)
        told = self._told(linked, "utter_link_moved", _MOVE_OR_CANCEL)
        try:
            meeting = await self._meetings.move(linked.conversation.id, wish, free.agent.id, starts_at, also=told)
        except NoMeeting:
            raise LinkOver from None
        await self._house.bell.ring(linked.conversation.id)
        return meeting

    async def cancel(self, token: str) -> Meeting:
        """Raises LinkOver."""
        linked = await self.open(token)
        told = self._told(linked, "utter_link_cancelled", _BOOK_OR_PERSON)
        try:
            meeting = await self._meetings.cancel(linked.conversation.id, also=told)
        except NoMeeting:
            raise LinkOver from None
        await self._house.bell.ring(linked.conversation.id)
        return meeting

    async def _wish(self, linked: Linked) -> Wish:
        meeting = linked.meeting
        async with self._house.work() as unit:
            waiting = await unit.waiting_list.entry(linked.conversation.id)
        if waiting is not None:
            return waiting.wish
        return Wish(meeting.arrival, meeting.agent.region, meeting.mode, linked.conversation.language)

    def _told(
        self, linked: Linked, name: str, buttons: tuple[tuple[str, str], ...]
    ) -> Callable[[Unit, Meeting], Awaitable[None]]:
        """Says in the chat what was done; the meeting that was booked in between instead is left alone."""
        house = self._house

        async def say(unit: Unit, meeting: Meeting) -> None:
            if meeting.id != linked.meeting.id:
                raise LinkOver
            conversation = await house.conversation(unit, linked.conversation.id)
            language = conversation.language
            values = {"when": say_when(meeting, conversation), "place": place_of(house, meeting, language)}
            is_ours = conversation.handled_by is HandledBy.ASSISTANT
            choices = [Choice(house.catalogue.say(label, language), payload) for label, payload in buttons]
            reply = replace(
                house.sentence(name, language, **values), choices=tuple(choices) if is_ours else (), topic="meeting"
            )
            await house.say(unit, conversation, Author.SYSTEM, reply, language)

        return say
