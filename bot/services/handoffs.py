"""Hand-overs: asked for by a person, taken, answered and closed by staff. Called by actions, gateway and console."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.conversations import Conversation, Event, after
from bot.domain.handoffs import Handoff, HandoffState, Team, next_opening
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Author, Message, Reply, storable
from bot.domain.working_days import ClosedDays
from bot.services.house import House, UnknownConversation
from bot.store.unit_of_work import Unit

MAX_REPLY_CHARS = 4000


class NoTeam(Exception):
    """No team answers for this region, nor for all of Québec."""


class AlreadyTaken(Exception):
    """Somebody else answers this person."""

    def __init__(self, staff_name: str | None) -> None:
        super().__init__(staff_name)
        self.staff_name = staff_name


class HandoffAlreadyClosed(Exception):
    """The hand-over is over; nothing can be said in it."""


class EmptyReply(Exception):
    """There is nothing in the reply to send."""


class ReplyTooLong(Exception):
    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(frozen=True)
class Asked:
    """`back_at` is when the team is next there (Montréal time), None when it is there now."""

    handoff: Handoff
    back_at: datetime | None
    is_new: bool


@dataclass(frozen=True)
class DeskLine:
    """One line of the console's list."""

    handoff: Handoff
    conversation: Conversation
    last: Message | None


@dataclass(frozen=True)
class OpenConversation:
    """What the console shows of one conversation; `handoff` is None once it is closed."""

    conversation: Conversation
    handoff: Handoff | None
    messages: Sequence[Message]


class HandoffService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def ask(self, conversation_id: str, region: str | None, *, is_urgent: bool = False) -> Asked:
        """Opens the hand-over for a person, or returns the one that is open, urgent from now on when this one is.

        Raises NoTeam, UnknownConversation.
        """
        house = self._house
        now = house.clock.now()
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            handoff = await unit.handoffs.open_for(conversation_id)
            is_new = handoff is None
            if handoff is None:
                team = await unit.handoffs.team_for(region)
                if team is None:
                    raise NoTeam(region)
                handoff = Handoff(
                    id=str(uuid.uuid4()),
                    conversation_id=conversation_id,
                    team=team,
                    state=HandoffState.WAITING,
                    asked_at=now,
                    is_urgent=is_urgent,
                )
                await unit.handoffs.add(handoff)
                await self._move(unit, conversation, Event.PERSON_ASKED)
            elif is_urgent and not handoff.is_urgent:
                await unit.handoffs.mark_urgent(handoff.id)
                handoff = replace(handoff, is_urgent=True)
            back_at = await self._back_at(unit, handoff.team, now)
        await house.bell.ring(conversation_id)
        return Asked(handoff, back_at, is_new)

    async def leave(self, conversation_id: str) -> bool:
        """The person stops waiting, or ends the exchange. False when no hand-over was open."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            handoff = await unit.handoffs.open_for(conversation_id)
            if handoff is None:
                return False
            await unit.handoffs.close(handoff.id, house.clock.now())
            await self._move(unit, conversation, Event.PERSON_LEFT)
            back = house.sentence("utter_handoff_left", conversation.language)
            await house.say(unit, conversation, Author.SYSTEM, back, conversation.language)
        await house.bell.ring(conversation_id)
        return True

    async def mark_urgent(self, conversation_id: str) -> None:
        """An emergency was heard while a person holds or awaits the conversation."""
        house = self._house
        async with house.work() as unit:
            handoff = await unit.handoffs.open_for(conversation_id)
            if handoff is not None:
                await unit.handoffs.mark_urgent(handoff.id)
        await house.bell.ring(conversation_id)

    async def take(self, conversation_id: str, staff_id: str) -> Handoff:
        """Gives the conversation to this member of staff and tells the person.

        Raises AlreadyTaken (with who was first), HandoffAlreadyClosed, UnknownConversation. Taking twice is once.
        """
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            handoff = await self._open(unit, conversation_id)
            if not await unit.handoffs.take(handoff.id, staff_id, house.clock.now()):
                if handoff.staff_id == staff_id:
                    return handoff
                raise AlreadyTaken(handoff.staff_name)
            await self._move(unit, conversation, Event.STAFF_TOOK)
            taken = await self._open(unit, conversation_id)
            who = {"name": taken.staff_name, "org": taken.team.name}
            hello = Reply(house.catalogue.say("utter_staff_took", conversation.language, who))
            await house.say(unit, conversation, Author.SYSTEM, hello, conversation.language)
        await house.bell.ring(conversation_id)
        return taken

    async def reply(self, conversation_id: str, staff_id: str, text: str, reply_id: str) -> Message:
        """Says `text` to the person, once for each `reply_id` (made by the form, so that a second click is the first).

        Raises EmptyReply, ReplyTooLong, AlreadyTaken (someone else holds it), HandoffAlreadyClosed.
        """
        house = self._house
        text = storable(text).strip()
        if not text:
            raise EmptyReply
        if len(text) > MAX_REPLY_CHARS:
            raise ReplyTooLong(MAX_REPLY_CHARS)
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            said = await unit.conversations.message_by_id(conversation_id, f"staff:{reply_id}")
            if said is not None:
                return said
            handoff = await self._open(unit, conversation_id)
            if handoff.staff_id != staff_id:
                raise AlreadyTaken(handoff.staff_name)
            message = await house.say(
                unit, conversation, Author.STAFF, Reply(text), conversation.language, message_id=f"staff:{reply_id}"
            )
        await house.bell.ring(conversation_id)
        return message

    async def close(self, conversation_id: str, staff_id: str) -> None:
        """Gives the conversation back to the assistant and tells the person. Raises as `reply`."""
        house = self._house
        async with house.work() as unit:
            conversation = await house.conversation(unit, conversation_id)
            handoff = await self._open(unit, conversation_id)
            if handoff.staff_id != staff_id:
                raise AlreadyTaken(handoff.staff_name)
            await unit.handoffs.close(handoff.id, house.clock.now())
            await self._move(unit, conversation, Event.STAFF_CLOSED)
            who = {"name": handoff.staff_name}
            back = Reply(house.catalogue.say("utter_staff_left", conversation.language, who))
            await house.say(unit, conversation, Author.SYSTEM, back, conversation.language)
        await house.bell.ring(conversation_id)

    async def desk(self) -> Sequence[DeskLine]:
        """Every open hand-over: waiting first (urgent, then oldest), then those taken."""
        async with self._house.work() as unit:
            handoffs = await unit.handoffs.all_open()
            conversations = await unit.handoffs.conversations_open()
            last = await unit.conversations.last_texts(list(conversations))
        return [
            DeskLine(handoff, conversations[handoff.conversation_id], last.get(handoff.conversation_id))
            for handoff in handoffs
            if handoff.conversation_id in conversations
        ]

    async def open_conversation(self, conversation_id: str, after: int = 0) -> OpenConversation:
        """With the messages that follow number `after`. Raises UnknownConversation."""
        async with self._house.work() as unit:
            conversation = await unit.conversations.get(conversation_id)
            if conversation is None:
                raise UnknownConversation(conversation_id)
            handoff = await unit.handoffs.open_for(conversation_id)
            messages = await unit.conversations.messages_after(conversation_id, after)
        return OpenConversation(conversation, handoff, messages)

    async def current(self, conversation_id: str) -> Handoff | None:
        async with self._house.work() as unit:
            return await unit.handoffs.open_for(conversation_id)

    async def _open(self, unit: Unit, conversation_id: str) -> Handoff:
        handoff = await unit.handoffs.open_for(conversation_id)
        if handoff is None:
            raise HandoffAlreadyClosed
        return handoff

    async def _move(self, unit: Unit, conversation: Conversation, event: Event) -> None:
        state = after(conversation.handled_by, event)
        await unit.conversations.change(conversation.id, self._house.clock.now(), handled_by=state.value)

    async def _back_at(self, unit: Unit, team: Team, now: datetime) -> datetime | None:
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        return next_opening(team, now, closed, QUEBEC)
