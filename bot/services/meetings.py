"""First meetings: offer free times, book, move, cancel, follow the arrival, put down how they ended.

Called by actions, the console and the scheduler; the calendar file by the gateway. Two people cannot take one time: the
agent is locked while it is looked at, and a unique key backs it.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.contract import button_payload
from bot.domain.conversations import Conversation
from bot.domain.meetings import (
    QUEBEC,
    SEARCHED_AFTER_DUE,
    Meeting,
    MeetingState,
    Mode,
    Offer,
    Taken,
    Wish,
    check_arrival,
    first_day,
    has_room,
    is_open,
    montreal_day,
    offer,
    suits,
)
from bot.domain.messages import Author, Choice
from bot.domain.waiting_list import OfferState, TimeOffer, Waiting
from bot.domain.working_days import MONDAY, ClosedDays, due_date
from bot.i18n.dates import say_both_zones
from bot.services.house import House
from bot.services.reminders import drop_reminders, plan_reminders
from bot.services.waiting_list import OfferGone, WaitingListService
from bot.store.meetings import TimeIsTaken
from bot.store.unit_of_work import StoreUnavailable, Unit

logger = logging.getLogger(__name__)

# What else is done in the transaction that moves or cancels.
Also = Callable[[Unit, Meeting], Awaitable[None]]


class SlotTaken(Exception):
    """Somebody took this time first, or it is no longer one of the agent's."""


class AlreadyBooked(Exception):
    """The person has a meeting; it can be moved."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__(meeting.id)
        self.meeting = meeting


class NoMeeting(Exception):
    """The person has no meeting."""


class NotOver(Exception):
    """The meeting has not begun, or was cancelled: nobody can say yet how it went."""


@dataclass(frozen=True)
class ArrivalChanged:
    """What follows from another arrival date. `meeting` keeps its time."""

    arrival: date
    due: date
    meeting: Meeting | None


class MeetingService:
    def __init__(self, house: House) -> None:
        self._house = house
        self.waiting_list = WaitingListService(house)

    def today(self) -> date:
        """Today in Québec."""
        return montreal_day(self._house.clock.now())

    def check_arrival(self, arrival: date) -> None:
        """Raises ArrivalTooOld, ArrivalTooFar."""
        check_arrival(arrival, self.today())

    def due(self, arrival: date) -> date:
        """The due date that the person is told; closed days added by an administrator are in the offer."""
        return due_date(arrival, ClosedDays())

    async def offer(self, wish: Wish, conversation_id: str | None = None) -> Offer:
        """Free times on or before the due date, else the earliest after it (perhaps none).

        For a person: what is held for them is free, and their own meeting leaves its place.
        """
        async with self._house.work() as unit:
            mine = await self._current(unit, conversation_id) if conversation_id else None
            return await self._offer(unit, wish, conversation_id, mine)

    async def stop_waiting(self, conversation_id: str) -> bool:
        """Takes the person off the waiting list; what was held for them passes on. False when they were not on it."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            waits = await unit.waiting_list.entry(conversation_id) is not None
            held = await unit.waiting_list.open_offer(conversation_id)
            await self._hold_first(unit, await self._leave(unit, conversation_id, held))
        await self.waiting_list.tell()
        return waits

    async def wait(self, conversation_id: str, wish: Wish, sooner_than: datetime | None) -> bool:
        """Puts the person on the list for a time before `sooner_than`; False when what they have is in time."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is not None and not current.is_late:
                return False
            closed = ClosedDays(await unit.meetings.extra_closed_days())
            due = due_date(wish.arrival, closed)
            known = [start for start in (sooner_than, current.starts_at if current else None) if start]
            await self._join(unit, conversation_id, wish, due, min(known, default=None))
        return True

    async def book(self, conversation_id: str, wish: Wish, agent_id: str, starts_at: datetime) -> Meeting:
        """Books one time. Raises SlotTaken, AlreadyBooked. Booking the same time again returns the same meeting."""
        return await self._book_or_move(conversation_id, wish, agent_id, starts_at, is_moving=False)

    async def move(
        self, conversation_id: str, wish: Wish, agent_id: str, starts_at: datetime, *, also: Also | None = None
    ) -> Meeting:
        """Moves the person's meeting; the old time is given up only when the new one is held.

        Raises SlotTaken, NoMeeting.
        """
        return await self._book_or_move(conversation_id, wish, agent_id, starts_at, is_moving=True, also=also)

    async def take_offer(self, conversation_id: str, offer_id: str) -> Meeting:
        """Books the time that was held for the person, or moves their meeting to it. Raises OfferGone, SlotTaken."""
        house = self._house
        async with house.work() as unit:
            await house.conversation(unit, conversation_id)
            held = await self.waiting_list.open_offer(unit, conversation_id, offer_id)
            waiting = await unit.waiting_list.entry(conversation_id)
            if waiting is None:
                raise OfferGone
            wish = replace(waiting.wish, mode=held.mode)
            current = await self._current(unit, conversation_id)
            meeting, freed = await self._place(unit, conversation_id, wish, held.agent_id, held.starts_at, current)
        await self._pass_on(freed)
        return meeting

    async def decline_offer(self, conversation_id: str, offer_id: str) -> None:
        """Raises OfferGone."""
        await self.waiting_list.decline(conversation_id, offer_id)

    async def cancel(self, conversation_id: str, *, also: Also | None = None) -> Meeting:
        """The time goes to the next person who waits. Raises NoMeeting."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is None:
                raise NoMeeting
            held = await unit.waiting_list.open_offer(conversation_id)
            await unit.meetings.lock_agents({current.agent.id, *([held.agent_id] if held else [])})
            await unit.meetings.cancel(current.id)
            await drop_reminders(self._house, unit, current)
            if also is not None:
                await also(unit, current)
            freed = [(current.agent.id, current.starts_at), *await self._leave(unit, conversation_id, held)]
            await self._hold_first(unit, freed)
        await self._pass_on(freed)
        return replace(current, state=MeetingState.CANCELLED, revision=current.revision + 1)

    async def change_arrival(self, conversation_id: str, arrival: date) -> ArrivalChanged:
        """The due date, the list and the reminders follow; a booked meeting keeps its time.

        Raises ArrivalTooOld, ArrivalTooFar.
        """
        self.check_arrival(arrival)
        freed: list[Taken] = []
        async with self._house.work() as unit:
            conversation = await self._house.conversation(unit, conversation_id)
            due = due_date(arrival, ClosedDays(await unit.meetings.extra_closed_days()))
            await unit.waiting_list.change_arrival(conversation_id, arrival, due)
            meeting = await self._current(unit, conversation_id)
            if meeting is not None:
                await unit.meetings.change_arrival(meeting.id, arrival, due)
                meeting = replace(meeting, arrival=arrival, due=due)
                await plan_reminders(self._house, unit, meeting)
                held = await unit.waiting_list.open_offer(conversation_id)
                if held is not None:
                    await unit.meetings.lock_agents([held.agent_id])
                wish = await self._wish_of(unit, conversation, meeting)
                freed = await self._settle(unit, wish, meeting, held)
                await self._hold_first(unit, freed)
        await self._pass_on(freed)
        return ArrivalChanged(arrival, due, meeting)

    async def mark_held(self, meeting_id: str, on: date | None = None) -> Meeting:
        """The meeting took place, on the day it was booked for unless said otherwise. Raises NoMeeting, NotOver."""
        async with self._house.work() as unit:
            meeting, conversation = await self._begun(unit, meeting_id)
            day = on or montreal_day(meeting.starts_at)
            if day > self.today():
                raise NotOver
            await unit.meetings.close(meeting.id, MeetingState.HELD, day)
            held = await unit.waiting_list.open_offer(conversation.id)
            if held is not None:
                await unit.meetings.lock_agents([held.agent_id])
            freed = await self._leave(unit, conversation.id, held)
            await self._hold_first(unit, freed)
        await self._pass_on(freed)
        return replace(meeting, state=MeetingState.HELD, held_on=day)

    async def mark_missed(self, meeting_id: str) -> Meeting:
        """Nobody came: the person is told so kindly and offered a new time, once. Raises NoMeeting, NotOver."""
        house = self._house
        async with house.work() as unit:
            meeting, conversation = await self._begun(unit, meeting_id)
            if meeting.state is MeetingState.MISSED:
                return meeting
            await unit.meetings.close(meeting.id, MeetingState.MISSED, None)
            language = conversation.language
            reply = house.sentence("utter_meeting_missed", language, when=say_when(meeting, conversation))
            choices = tuple(
                Choice(house.catalogue.say(name, language), button_payload(intent))
                for name, intent in (("utter_choose_time", "book_meeting"), ("utter_label_human", "talk_to_human"))
            )
            await house.say(unit, conversation, Author.ASSISTANT, replace(reply, choices=choices), language)
        await house.bell.ring(conversation.id)
        return replace(meeting, state=MeetingState.MISSED, held_on=None)

    async def move_by_staff(
        self, meeting_id: str, seen: Taken, agent_id: str, starts_at: datetime, mode: Mode
    ) -> Meeting:
        """Moves a meeting that its agent can no longer hold: the person is told, and may choose otherwise.

        Raises NoMeeting when it is no longer where it was `seen`, SlotTaken.
        """
        house = self._house
        async with house.work() as unit:
            found = await unit.meetings.get(meeting_id)
            if found is None:
                raise NoMeeting
            conversation = await house.conversation(unit, found.conversation_id)
            current = await self._current(unit, conversation.id)
            if current is None or (current.id, current.agent.id, current.starts_at) != (meeting_id, *seen):
                raise NoMeeting
            wish = Wish(current.arrival, current.agent.region, mode, conversation.language)
            start = starts_at.astimezone(UTC)
            meeting, freed = await self._place(unit, conversation.id, wish, agent_id, start, current)
            language = conversation.language
            values = {
                "before": say_when(current, conversation),
                "when": say_when(meeting, conversation),
                "agent": meeting.agent.name,
                "office": meeting.agent.office or "",
            }
            is_same_time = meeting.starts_at == current.starts_at
            name = "utter_meeting_other_agent" if is_same_time else "utter_meeting_moved_by_staff"
            name += "" if mode is Mode.IN_PERSON else "_remote"
            choices = tuple(
                Choice(house.catalogue.say(label, language), button_payload(intent))
                for label, intent in (
                    ("utter_other_time", "reschedule_meeting"),
                    ("utter_cancel_it", "cancel_meeting"),
                    ("utter_label_human", "talk_to_human"),
                )
            )
            reply = replace(house.sentence(name, language, **values), choices=choices)
            await house.say(unit, conversation, Author.ASSISTANT, reply, language)
        await self._pass_on(freed)
        await house.bell.ring(conversation.id)
        logger.info("meeting moved by staff: meeting=%s", meeting_id)
        return meeting

    async def current(self, conversation_id: str) -> Meeting | None:
        """The meeting that is booked and not over."""
        async with self._house.work() as unit:
            return await self._current(unit, conversation_id)

    async def by_file_key(self, file_key: str) -> Meeting | None:
        async with self._house.work() as unit:
            return await unit.meetings.by_file_key(file_key)

    async def _book_or_move(
        self,
        conversation_id: str,
        wish: Wish,
        agent_id: str,
        starts_at: datetime,
        *,
        is_moving: bool,
        also: Also | None = None,
    ) -> Meeting:
        house = self._house
        start = starts_at.astimezone(UTC)
        async with house.work() as unit:
            if await unit.meetings.is_taken(agent_id, start, conversation_id):
                # Most of those who come late for a time everybody wants end here, and make nobody wait.
                raise SlotTaken
            await house.conversation(unit, conversation_id)
            current = await self._current(unit, conversation_id)
            if current is None and is_moving:
                raise NoMeeting
            if current is not None and (current.agent.id, current.starts_at) == (agent_id, start):
                return current
            if current is not None and not is_moving:
                raise AlreadyBooked(current)
            meeting, freed = await self._place(unit, conversation_id, wish, agent_id, start, current)
            if also is not None:
                await also(unit, meeting)
        await self._pass_on(freed)
        return meeting

    async def _place(
        self,
        unit: Unit,
        conversation_id: str,
        wish: Wish,
        agent_id: str,
        start: datetime,
        current: Meeting | None,
    ) -> tuple[Meeting, list[Taken]]:
        """The meeting is placed then; with it, the times that this freed."""
        held = await unit.waiting_list.open_offer(conversation_id)
        had = [one.agent_id for one in (held,) if one] + [one.agent.id for one in (current,) if one]
        await unit.meetings.lock_agents({agent_id, *had})
        meeting = await self._meeting(unit, conversation_id, wish, agent_id, start)
        try:
            if current is None:
                await unit.meetings.add(meeting, self._house.clock.now())
            else:
                meeting = replace(
                    meeting,
                    id=current.id,
                    file_key=current.file_key,
                    offered_on=current.offered_on,
                    revision=current.revision + 1,
                )
                await unit.meetings.move(meeting)
        except TimeIsTaken as taken:
            raise SlotTaken from taken
        await plan_reminders(self._house, unit, meeting)
        freed = await self._settle(unit, wish, meeting, held)
        if current is not None:
            freed.insert(0, (current.agent.id, current.starts_at))
        await self._hold_first(unit, freed)
        return meeting, freed

    async def _settle(self, unit: Unit, wish: Wish, meeting: Meeting, held: TimeOffer | None) -> list[Taken]:
        """On the list when the meeting is late, off it when in time. What was held and is of no more use is free."""
        conversation_id = meeting.conversation_id
        if held is not None and (held.agent_id, held.starts_at) == (meeting.agent.id, meeting.starts_at):
            await unit.waiting_list.end(held.id, OfferState.TAKEN, self._house.clock.now())
            held = None
        if not meeting.is_late:
            return await self._leave(unit, conversation_id, held)
        waiting = await unit.waiting_list.entry(conversation_id)
        sooner_than = meeting.starts_at
        if waiting is not None:
            # A time at a distance taken for want of another does not change what they would rather have; and what they
            # could have had, and let go, is not offered again.
            wish = replace(wish, mode=waiting.wish.mode, is_mode_firm=waiting.wish.is_mode_firm)
            sooner_than = min(sooner_than, waiting.sooner_than or sooner_than)
        await self._join(unit, conversation_id, wish, meeting.due, sooner_than)
        if held is None or held.starts_at < meeting.starts_at:
            return []
        await unit.waiting_list.end(held.id, OfferState.WITHDRAWN, self._house.clock.now())
        return [(held.agent_id, held.starts_at)]

    async def _join(
        self, unit: Unit, conversation_id: str, wish: Wish, due: date, sooner_than: datetime | None
    ) -> None:
        joined = self._house.clock.now()
        await unit.waiting_list.join(Waiting(conversation_id, wish, due, joined, sooner_than, QUEBEC))

    async def _leave(self, unit: Unit, conversation_id: str, held: TimeOffer | None) -> list[Taken]:
        """Off the list; what was held for them is free."""
        await unit.waiting_list.leave(conversation_id)
        if held is None:
            return []
        await unit.waiting_list.end(held.id, OfferState.WITHDRAWN, self._house.clock.now())
        return [(held.agent_id, held.starts_at)]

    async def _hold_first(self, unit: Unit, freed: list[Taken]) -> None:
        """Holds the first freed time for who waits, in the transaction that frees it: nobody comes between."""
        if freed:
            await self.waiting_list.offer_freed(unit, *freed[0])

    async def _pass_on(self, freed: list[Taken]) -> None:
        """What follows the transaction: the other freed times, and telling. What fails, the scheduler does later."""
        if not freed:
            return
        try:
            await self.waiting_list.pass_on(freed[1:])
        except StoreUnavailable:
            logger.warning("freed times not passed on yet: number=%s", len(freed))

    async def _begun(self, unit: Unit, meeting_id: str) -> tuple[Meeting, Conversation]:
        found = await unit.meetings.get(meeting_id)
        if found is None:
            raise NoMeeting
        conversation = await self._house.conversation(unit, found.conversation_id)
        meeting = await unit.meetings.get(meeting_id)
        if meeting is None:
            raise NoMeeting
        if meeting.state is MeetingState.CANCELLED or meeting.starts_at > self._house.clock.now():
            raise NotOver
        return meeting, conversation

    async def _current(self, unit: Unit, conversation_id: str) -> Meeting | None:
        """The booked meeting. One whose end has passed is put down as over, and leaves room for another."""
        meeting = await unit.meetings.booked_for(conversation_id)
        if meeting is None or meeting.ends_at > self._house.clock.now():
            return meeting
        await unit.meetings.end(meeting)
        return None

    async def _wish_of(self, unit: Unit, conversation: Conversation, meeting: Meeting) -> Wish:
        """What the person wished who has this meeting."""
        waiting = await unit.waiting_list.entry(conversation.id)
        if waiting is not None:
            return waiting.wish
        return Wish(meeting.arrival, meeting.agent.region, meeting.mode, conversation.language)

    async def _offer(self, unit: Unit, wish: Wish, conversation_id: str | None, mine: Meeting | None) -> Offer:
        now = self._house.clock.now()
        agents = await unit.meetings.agents(now)
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        today = self.today()
        monday = datetime.combine(today - timedelta(days=today.weekday() - MONDAY), time(), QUEBEC)
        last = datetime.combine(max(due_date(wish.arrival, closed), today), time(), QUEBEC)
        taken = await unit.meetings.taken(
            monday, last + SEARCHED_AFTER_DUE + timedelta(days=2), besides=conversation_id
        )
        return offer(wish, agents, taken, closed, now, (mine.agent.id, mine.starts_at) if mine else None)

    async def _meeting(self, unit: Unit, conversation_id: str, wish: Wish, agent_id: str, start: datetime) -> Meeting:
        """The meeting as it would be. Raises SlotTaken when it may not be; the agent is locked."""
        now = self._house.clock.now()
        agent = await unit.meetings.agent(agent_id)
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        if (
            agent is None
            or not suits(agent, wish)
            or start <= now
            or montreal_day(start) < first_day(wish, wish.mode, self.today())
            or not is_open(agent, start, closed)
        ):
            raise SlotTaken
        others = await self.waiting_list.others_that_day(unit, agent, start, besides=conversation_id)
        if not has_room(agent, start, others):
            raise SlotTaken
        return Meeting(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            agent=agent,
            starts_at=start,
            mode=wish.mode,
            arrival=wish.arrival,
            due=due_date(wish.arrival, closed),
            offered_on=self.today(),
            state=MeetingState.BOOKED,
            file_key=secrets.token_urlsafe(24),
        )


def say_when(meeting: Meeting, conversation: Conversation) -> str:
    """Its day and hour, here and where the person is."""
    away = ZoneInfo(conversation.timezone) if conversation.timezone else None
    return say_both_zones(meeting.starts_at, conversation.language, meeting.timezone, away)
