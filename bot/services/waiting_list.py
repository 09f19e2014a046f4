"""The waiting list: a freed time is held for the next person, told to them by day, then passed on.

Called by the meetings' service when a time is freed, by actions with an answer, and by the scheduler. Locks are taken
in one order: the conversation, then the agents; so a person is told in a transaction of their own, after the one that
held the time.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.contract import button_payload
from bot.domain.meetings import (
    NOTICE,
    QUEBEC,
    SEARCHED_AFTER_DUE,
    Agent,
    Busy,
    Mode,
    Taken,
    free_times,
    has_room,
    is_open,
    montreal_day,
)
from bot.domain.messages import Author, Choice, Reply
from bot.domain.waiting_list import Chosen, OfferState, TimeOffer, Waiting, choose, in_order, is_worth, until, waking
from bot.domain.working_days import ClosedDays
from bot.i18n.dates import say_both_zones, say_hour, say_moment
from bot.services.house import House, UnknownConversation
from bot.store.unit_of_work import Unit
from bot.store.waiting_list import AlreadyHeld

logger = logging.getLogger(__name__)

# Of a button under a freed time: which one it answers.
OFFER_ENTITY = "time_offer"
DAY = timedelta(days=1)


class OfferGone(Exception):
    """This time is not held for this person, or not any more."""


class WaitingListService:
    def __init__(self, house: House) -> None:
        self._house = house

    async def in_order(self) -> Sequence[Waiting]:
        """Everybody who waits, whoever is asked first first."""
        async with self._house.work() as unit:
            return in_order(await unit.waiting_list.entries())

    async def offers(self, since: datetime) -> Sequence[TimeOffer]:
        """Every time held since then, with why for this person (`Why.from_text(offer.reason)`)."""
        async with self._house.work() as unit:
            return await unit.waiting_list.offers(since)

    async def offer_freed(self, unit: Unit, agent_id: str, starts_at: datetime) -> TimeOffer | None:
        """Holds a freed time for the next person; None when it is of use to nobody. The agent is locked.

        At most once in a transaction. `tell` it afterwards.
        """
        now = self._house.clock.now()
        agents = await unit.meetings.agents(now)
        agent = next((one for one in agents if one.id == agent_id), None)
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        if agent is None or starts_at < now + NOTICE or not is_open(agent, starts_at, closed):
            return None
        others = await self.others_that_day(unit, agent, starts_at, besides="")
        if not has_room(agent, starts_at, others):
            return None
        waiting = list(await unit.waiting_list.askable())
        asked = await unit.waiting_list.asked_about(agent_id, starts_at)
        while (chosen := choose(agent, starts_at, waiting, asked, agents, now)) is not None:
            offer = _held(agent, starts_at, chosen, now)
            try:
                await unit.waiting_list.hold(offer)
            except AlreadyHeld:
                if await unit.waiting_list.is_held(agent_id, starts_at):
                    return None
                waiting.remove(chosen.waiting)
                continue
            logger.info("freed time held: offer=%s place=%s", offer.id, chosen.why.place)
            return offer
        return None

    async def others_that_day(self, unit: Unit, agent: Agent, starts_at: datetime, *, besides: str) -> list[datetime]:
        """When the agent's other meetings of that day begin, held times included; `besides` one conversation's own."""
        day = starts_at.astimezone(agent.timezone).date()
        taken = await unit.meetings.taken(starts_at - DAY, starts_at + DAY, agent_id=agent.id, besides=besides)
        return [start for _, start in taken if start.astimezone(agent.timezone).date() == day]

    async def told(self, conversation_id: str) -> TimeOffer | None:
        """The time that is held for this person, once they were told."""
        async with self._house.work() as unit:
            offer = await unit.waiting_list.open_offer(conversation_id)
        return offer if offer is not None and offer.told_at is not None else None

    async def waits(self, conversation_id: str) -> bool:
        async with self._house.work() as unit:
            return await unit.waiting_list.entry(conversation_id) is not None

    async def pass_on(self, freed: Iterable[Taken]) -> None:
        """Holds each of these times for whoever is next, each in a transaction of its own, and tells them."""
        for agent_id, starts_at in freed:
            async with self._house.work() as unit:
                await unit.meetings.lock_agents([agent_id])
                await self.offer_freed(unit, agent_id, starts_at)
        await self.tell()

    async def tell(self) -> None:
        """Tells everybody for whom a time is held and who was not told, once, by day."""
        async with self._house.work() as unit:
            untold = await unit.waiting_list.to_tell(self._house.clock.now())
        for offer in untold:
            await self._tell(offer)

    async def decline(self, conversation_id: str, offer_id: str) -> None:
        """The time goes to the next person; this one keeps waiting. Raises OfferGone."""
        async with self._house.work() as unit:
            await self._house.conversation(unit, conversation_id)
            offer = await self.open_offer(unit, conversation_id, offer_id)
            await self._end(unit, offer, OfferState.DECLINED)
        await self.tell()

    async def open_offer(self, unit: Unit, conversation_id: str, offer_id: str) -> TimeOffer:
        """The time that is held for this person under this id. Raises OfferGone."""
        offer = await unit.waiting_list.open_offer(conversation_id)
        if offer is None or offer.id != offer_id:
            raise OfferGone
        return offer

    async def expire_offers(self) -> None:
        """What nobody answered in time passes on. Several workers may do so at once."""
        async with self._house.work() as unit:
            late = await unit.waiting_list.run_out(self._house.clock.now())
        for offer in late:
            await self._expire(offer)
        await self.tell()

    async def offer_free_times(self) -> None:
        """Looks for free times of use to who waits: hours were added, an absence or a closing ended."""
        async with self._house.work() as unit:
            candidates = await self._of_use(unit)
        await self.pass_on(candidates)

    async def _of_use(self, unit: Unit) -> list[Taken]:
        """For each person in order, the first free time that would be theirs."""
        now = self._house.clock.now()
        waiting = in_order(await unit.waiting_list.askable())
        if not waiting:
            return []
        agents = await unit.meetings.agents(now)
        closed = ClosedDays(await unit.meetings.extra_closed_days())
        today = montreal_day(now)
        last = max(max(one.due, today) for one in waiting) + SEARCHED_AFTER_DUE
        days = [today + n * DAY for n in range((last - today).days + 1)]
        taken = await unit.meetings.taken(now - 2 * DAY, now + (last - today + DAY))
        by_id = {agent.id: agent for agent in agents}
        free = [
            (agent.id, start)
            for agent, start in free_times(agents, days, Busy(agents, taken), closed, now + NOTICE)
            if agent.is_active
        ]
        found: list[Taken] = []
        for one in waiting:
            for agent_id, start in free:
                if (agent_id, start) in found or (one.sooner_than is not None and start >= one.sooner_than):
                    continue
                if choose(by_id[agent_id], start, [one], (), agents, now) is None:
                    continue
                if one.conversation_id not in await unit.waiting_list.asked_about(agent_id, start):
                    found.append((agent_id, start))
                    break
        return found

    async def _end(self, unit: Unit, offer: TimeOffer, state: OfferState) -> bool:
        """The held time is let go of, and held for the next person. The conversation is locked."""
        if not await unit.waiting_list.end(offer.id, state, self._house.clock.now()):
            return False
        await unit.meetings.lock_agents([offer.agent_id])
        await self.offer_freed(unit, offer.agent_id, offer.starts_at)
        return True

    async def _expire(self, offer: TimeOffer) -> None:
        house = self._house
        async with house.work() as unit:
            try:
                conversation = await house.conversation(unit, offer.conversation_id)
            except UnknownConversation:
                return  # erased meanwhile, with all that was theirs
            if not await self._end(unit, offer, OfferState.EXPIRED):
                return
            language = conversation.language
            said = house.sentence("utter_offer_expired", language)
            await house.say(unit, conversation, Author.ASSISTANT, said, language)
        await house.bell.ring(offer.conversation_id)

    async def _tell(self, offer: TimeOffer) -> None:
        house = self._house
        async with house.work() as unit:
            try:
                conversation = await house.conversation(unit, offer.conversation_id)
            except UnknownConversation:
                return
            now = house.clock.now()
            waiting = await unit.waiting_list.entry(offer.conversation_id)
            if waiting is None or not is_worth(waiting, offer.starts_at):
                # Booked in between, in another transaction.
                await self._end(unit, offer, OfferState.WITHDRAWN)
                return
            agent = await unit.meetings.agent(offer.agent_id)
            expires_at = until(now, waiting.timezone)
            if agent is None or not await unit.waiting_list.mark_told(offer.id, now, expires_at):
                return
            reply = self._words(offer, agent, waiting, expires_at, conversation.language, now)
            await house.say(unit, conversation, Author.ASSISTANT, reply, conversation.language)
        await house.bell.ring(offer.conversation_id)

    def _words(
        self, offer: TimeOffer, agent: Agent, waiting: Waiting, expires_at: datetime, language: str, now: datetime
    ) -> Reply:
        say = self._house.catalogue.say
        is_in_person = offer.mode is Mode.IN_PERSON
        zone = waiting.timezone
        end = expires_at.astimezone(zone)
        is_today = end.date() == now.astimezone(zone).date()
        values = {
            "when": say_both_zones(offer.starts_at, language, agent.timezone if is_in_person else QUEBEC, zone),
            "until": say_hour(end, language) if is_today else say_moment(end, language),
            "office": agent.office,
        }
        told = {OFFER_ENTITY: offer.id}
        return Reply(
            say("utter_time_freed" if is_in_person else "utter_time_freed_remote", language, values),
            (
                Choice(say("utter_take_time", language), button_payload("affirm", **told)),
                Choice(say("utter_leave_time", language), button_payload("deny", **told)),
            ),
            topic="meeting",
        )


def _held(agent: Agent, starts_at: datetime, chosen: Chosen, now: datetime) -> TimeOffer:
    zone = chosen.waiting.timezone
    offered_at = waking(now, zone)
    return TimeOffer(
        id=str(uuid.uuid4()),
        conversation_id=chosen.waiting.conversation_id,
        agent_id=agent.id,
        starts_at=starts_at.astimezone(UTC),
        mode=chosen.mode,
        state=OfferState.OPEN,
        reason=chosen.why.as_text(),
        offered_at=offered_at,
        expires_at=until(offered_at, zone),
    )
