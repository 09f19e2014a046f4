"""Keeps every message, then decides who answers it: a person when one holds the conversation, else Rasa.

A message is settled only with its answer, in one transaction. What Rasa cannot take stays pending in the store, the
person is told once, and it is answered when Rasa is back, after a restart too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bot.contract import EMERGENCY_INTENT, STOP_WAITING
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Choice, Incoming, Message, Reply
from bot.gateway.locks import ConversationLocks
from bot.gateway.rasa_client import RasaClient, RasaUnavailable, TurnFailed
from bot.i18n.languages import LANGUAGES
from bot.knowledge.contacts import contacts
from bot.knowledge.emergency import emergency_guard
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# With several gateways, another one may have died while it held a message: everyone looks at this pace.
LOOK_FOR_LEFT_SECONDS = 30.0
_LEAVE = frozenset({STOP_WAITING, "/stop", "/restart"})
_LANGUAGES = {f'/set_language{{"language":"{code}"}}': code for code in LANGUAGES}


class Switchboard:
    """`start` picks up what an earlier process left; `stop` lets the turns under way end."""

    def __init__(self, wiring: Wiring, rasa: RasaClient, locks: ConversationLocks) -> None:
        self._conversations = wiring.services.conversations
        self._handoffs = wiring.services.handoffs
        self._catalogue = wiring.catalogue
        self._organisation = wiring.settings.organisation
        self._rasa = rasa
        self._locks = locks
        self._tasks: set[asyncio.Task[None]] = set()
        self._told_of_delay: set[str] = set()
        self._listeners: dict[str, set[Callable[[str, Message], None]]] = {}

    async def start(self) -> None:
        self._spawn(self._pick_up())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def receive(self, incoming: Incoming) -> bool:
        """Keeps the message and answers it in the background; False for a repeat. Raises UnknownConversation."""
        received = await self._conversations.receive(incoming)
        self._spawn(self._answer_all(incoming.conversation_id))
        return received.is_new

    async def greet(self, conversation: Conversation) -> None:
        """The first words: who speaks, what is kept, and the choice of a language."""
        language = conversation.language
        notice = self._catalogue.say("utter_notice", language, {"org": self._organisation})
        await self._conversations.tell(
            conversation.id,
            [Reply(self._catalogue.say("utter_greet", language)), Reply(notice, choices=language_choices())],
        )

    async def say(self, conversation_id: str, name: str, **values: object) -> None:
        """One sentence of the catalogue, as a system message, in the conversation's language."""
        conversation = await self._conversations.get(conversation_id)
        await self._conversations.tell(
            conversation_id, [Reply(self._catalogue.say(name, conversation.language, values))]
        )

    def watch(self, conversation_id: str, listener: Callable[[str, Message], None]) -> Callable[[], None]:
        """Calls `listener("typing"|"turn_end", message)` as turns begin and end here; returns what stops it."""
        self._listeners.setdefault(conversation_id, set()).add(listener)

        def stop() -> None:
            listeners = self._listeners.get(conversation_id, set())
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(conversation_id, None)

        return stop

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell_watchers(self, kind: str, message: Message) -> None:
        for listener in tuple(self._listeners.get(message.conversation_id, ())):
            listener(kind, message)

    async def _pick_up(self) -> None:
        """Answers what is still pending, now and whenever something was left behind."""
        while True:
            try:
                for conversation_id in await self._conversations.with_pending():
                    self._spawn(self._answer_all(conversation_id))
            except Exception:
                # The outermost loop: a database away for a moment must not end it.
                logger.exception("could not look for pending messages")
            await asyncio.sleep(LOOK_FOR_LEFT_SECONDS)

    async def _answer_all(self, conversation_id: str) -> None:
        """Answers the conversation's pending messages, in order, one task at a time."""
        try:
            async with self._locks.hold(conversation_id):
                for message in await self._conversations.pending(conversation_id):
                    await self._answer(message)
        except Exception:
            # The outermost place of a turn: the message stays pending and is looked for again.
            logger.exception("could not answer: conversation=%s", conversation_id)

    async def _answer(self, message: Message) -> None:
        if await self._conversations.route(message) is not HandledBy.ASSISTANT:
            await self._while_a_person_holds(message)
            return
        if message.payload == STOP_WAITING:
            await self._conversations.settle(message)
            self._tell_watchers("turn_end", message)
            return
        while not await self._ask_rasa(message):
            await asyncio.sleep(RETRY_SECONDS)
            if await self._conversations.route(message) is not HandledBy.ASSISTANT:
                await self._while_a_person_holds(message)
                return

    async def _ask_rasa(self, message: Message) -> bool:
        """One try. False when Rasa could not take it."""
        conversation = await self._conversations.get(message.conversation_id)
        self._tell_watchers("typing", message)
        try:
            answered = await self._rasa.turn(conversation, message)
        except RasaUnavailable as reason:
            logger.warning("rasa unavailable: conversation=%s reason=%s", conversation.id, reason)
            return await self._tell_of_delay(conversation, message)
        except TurnFailed:
            logger.error("turn failed: conversation=%s seq=%s", conversation.id, message.seq)
            replies, language = [self._apology(conversation.language)], None
        else:
            replies = list(answered.replies) or [self._apology(conversation.language)]
            language = answered.language
        await self._conversations.answer(message, replies, language)
        self._told_of_delay.discard(conversation.id)
        self._tell_watchers("turn_end", message)
        return True

    async def _tell_of_delay(self, conversation: Conversation, message: Message) -> bool:
        """Once per outage and conversation. In danger the numbers are the answer, at once: True."""
        if emergency_guard().hears_danger(message.text):
            await self._conversations.answer(message, [self._emergency(conversation.language)], None)
            self._tell_watchers("turn_end", message)
            return True
        if conversation.id not in self._told_of_delay:
            self._told_of_delay.add(conversation.id)
            await self.say(conversation.id, "utter_rasa_down")
        return False

    async def _while_a_person_holds(self, message: Message) -> None:
        """The message is staff's, already. The guard still listens, and the person may always leave."""
        if message.payload in _LEAVE:
            await self._handoffs.leave(message.conversation_id)
        elif message.payload in _LANGUAGES:
            await self._conversations.set_language(message.conversation_id, _LANGUAGES[message.payload])
            await self.say(message.conversation_id, "utter_language_set")
        elif await self._hears_danger(message):
            conversation = await self._conversations.get(message.conversation_id)
            await self._conversations.tell(message.conversation_id, [self._emergency(conversation.language)])
            await self._handoffs.mark_urgent(message.conversation_id)
        self._tell_watchers("turn_end", message)

    async def _hears_danger(self, message: Message) -> bool:
        if message.payload is not None:
            return message.payload.startswith(f"/{EMERGENCY_INTENT}")
        if emergency_guard().hears_danger(message.text):
            return True
        try:
            return await self._rasa.hears_emergency(message.text)
        except (RasaUnavailable, TurnFailed):
            return False

    def _emergency(self, language: str) -> Reply:
        return Reply(self._catalogue.say("utter_emergency", language, contacts()), topic=EMERGENCY_INTENT)

    def _apology(self, language: str) -> Reply:
        text = self._catalogue.say("utter_action_failed", language)
        title = self._catalogue.say("utter_label_human", language)
        return Reply(text, choices=(Choice(title, "/talk_to_human"),))


def language_choices() -> tuple[Choice, ...]:
    """One button per language, in its own name."""
    return tuple(Choice(LANGUAGES[code], payload) for payload, code in _LANGUAGES.items())
