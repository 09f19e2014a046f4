"""Keeps every message, then decides who answers it: a person when one holds the conversation, else Rasa.

A message is settled only with its answer, in one transaction. What Rasa cannot take stays pending in the store, the
person is told once, and it is answered when Rasa is back, after a restart too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from bot.contract import EMERGENCY_INTENT, STOP_WAITING
from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Choice, Incoming, Message, Reply
from bot.gateway.limits import RateLimit
from bot.gateway.locks import ConversationLocks
from bot.gateway.rasa_client import Answered, RasaClient, RasaUnavailable, TurnFailed
from bot.i18n.choices import language_choices, set_language_payload
from bot.i18n.languages import LANGUAGES
from bot.knowledge.contacts import contacts
from bot.knowledge.emergency import hears_danger
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# Someone in danger waits no longer than this for the numbers, whatever Rasa or an earlier message does.
DANGER_SECONDS = 3.0
# What is under way is given this to end, at a stop.
STOP_SECONDS = 2.0
# With several gateways, another one may have died while it held a message: everyone looks at this pace.
LOOK_FOR_LEFT_SECONDS = 30.0
_LEAVE = frozenset({STOP_WAITING, "/stop", "/restart"})
_LANGUAGES = {set_language_payload(code): code for code in LANGUAGES}


class Switchboard:
    """`start` picks up what an earlier process left; `stop` leaves what is not answered yet to the next one."""

    def __init__(self, wiring: Wiring, rasa: RasaClient, locks: ConversationLocks) -> None:
        self._conversations = wiring.services.conversations
        self._handoffs = wiring.services.handoffs
        self._catalogue = wiring.catalogue
        self._organisation = wiring.settings.organisation
        self._rasa = rasa
        self._locks = locks
        self._warned = RateLimit(1, 60)
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: set[asyncio.Task[Answered]] = set()
        self._stopping = asyncio.Event()
        # Conversations that a task answers here, and those of them in which something arrived since it last looked.
        self._answering: set[str] = set()
        self._look_again: set[str] = set()
        # What was received here and whose `turn_end` was not told yet.
        self._owed: defaultdict[str, dict[int, Message]] = defaultdict(dict)
        self._told_of_delay: set[str] = set()
        self._listeners: dict[str, set[Callable[[str, Message], None]]] = {}

    async def start(self) -> None:
        self._spawn(self._pick_up())

    async def stop(self) -> None:
        """What waits is ended; what is in the middle of a transaction ends it, since cutting it costs a connection."""
        self._stopping.set()
        for call in self._calls:
            call.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def receive(self, incoming: Incoming) -> bool:
        """Keeps the message and answers it in the background; False for a repeat. Raises UnknownConversation."""
        received = await self._conversations.receive(incoming)
        message = received.message
        self._owed[message.conversation_id][message.seq] = message
        self._see_to(message.conversation_id)
        if received.is_new and self._is_danger(message):
            self._spawn(self._answer_danger_in_time(message))
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

    async def hear_refused(self, conversation_id: str, text: str) -> None:
        """A message that was refused (too long, too fast) is still listened to: danger is answered, once a minute."""
        if hears_danger(text) and self._warned.allows(conversation_id):
            conversation = await self._conversations.get(conversation_id)
            await self._conversations.tell(conversation_id, [self._emergency(conversation.language)])
            await self._handoffs.mark_urgent(conversation_id)

    def watch(self, conversation_id: str, listener: Callable[[str, Message], None]) -> Callable[[], None]:
        """Calls `listener("typing"|"turn_end", message)` as turns begin and end here; returns what stops it."""
        self._listeners.setdefault(conversation_id, set()).add(listener)

        def stop() -> None:
            listeners = self._listeners.get(conversation_id, set())
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(conversation_id, None)

        return stop

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell_watchers(self, kind: str, message: Message) -> None:
        for listener in tuple(self._listeners.get(message.conversation_id, ())):
            listener(kind, message)

    def _end(self, message: Message) -> None:
        """The assistant has said all it says to this message."""
        owed = self._owed.get(message.conversation_id, {})
        owed.pop(message.seq, None)
        if not owed:
            self._owed.pop(message.conversation_id, None)
        self._tell_watchers("turn_end", message)

    async def _pick_up(self) -> None:
        """Answers what is still pending, now and whenever something was left behind."""
        while not self._stopping.is_set():
            try:
                for conversation_id in await self._conversations.with_pending():
                    self._see_to(conversation_id)
            except Exception:
                # The outermost loop: a database away for a moment must not end it.
                logger.exception("could not look for pending messages")
            await self._pause(LOOK_FOR_LEFT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Shorter when the switchboard stops."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _see_to(self, conversation_id: str) -> None:
        """Has the conversation answered: by a new task, or by the one that is at it."""
        self._look_again.add(conversation_id)
        if conversation_id not in self._answering:
            self._answering.add(conversation_id)
            self._spawn(self._answer_all(conversation_id))

    async def _answer_all(self, conversation_id: str) -> None:
        """Answers the conversation's pending messages, in order, until none is left."""
        pause = RETRY_SECONDS
        try:
            while conversation_id in self._look_again and not self._stopping.is_set():
                self._look_again.discard(conversation_id)
                try:
                    is_done = await self._answer_pending(conversation_id)
                    pause = RETRY_SECONDS
                except Exception:
                    # The outermost place of a turn: the message stays pending and is looked at again.
                    logger.exception("could not answer: conversation=%s", conversation_id)
                    is_done = False
                    pause = min(2 * pause, LOOK_FOR_LEFT_SECONDS)
                if not is_done:
                    # Without the lock: another gateway may try meanwhile.
                    await self._pause(pause)
                    self._look_again.add(conversation_id)
        finally:
            self._answering.discard(conversation_id)

    async def _answer_pending(self, conversation_id: str) -> bool:
        """False when Rasa could not take one: the others wait behind it."""
        async with self._locks.hold(conversation_id):
            while not self._stopping.is_set():
                owed = tuple(self._owed.get(conversation_id, {}).values())
                pending = await self._conversations.pending(conversation_id)
                if not pending:
                    # Another gateway answered these, or they came twice.
                    for message in owed:
                        if message.seq in self._owed.get(conversation_id, {}):
                            self._end(message)
                    return True
                if not await self._answer(pending[0]):
                    return False
            return False

    async def _answer(self, message: Message) -> bool:
        """False when Rasa could not take it now."""
        conversation = await self._conversations.get(message.conversation_id)
        if conversation.handled_by is not HandledBy.ASSISTANT and await self._hears_danger(message):
            # Before the message is settled: a crash in between says the numbers twice rather than never.
            await self._conversations.tell(conversation.id, [self._emergency(conversation.language)])
            await self._handoffs.mark_urgent(conversation.id)
        if await self._conversations.route(message) is not HandledBy.ASSISTANT:
            await self._while_a_person_holds(message)
        elif message.payload == STOP_WAITING:
            await self._conversations.settle(message)
            self._end(message)
        else:
            return await self._ask_rasa(conversation, message)
        return True

    async def _ask_rasa(self, conversation: Conversation, message: Message) -> bool:
        """One try. False when Rasa could not take it."""
        if conversation.id not in self._told_of_delay:
            self._tell_watchers("typing", message)
        try:
            answered = await self._run_turn(conversation, message)
        except RasaUnavailable as reason:
            logger.warning("rasa unavailable: conversation=%s reason=%s", conversation.id, reason)
            await self._while_rasa_is_away(conversation, message)
            return False
        except TurnFailed:
            logger.exception("turn failed: conversation=%s seq=%s", conversation.id, message.seq)
            replies, language = [], None
        else:
            replies, language = list(answered.replies), answered.language
        replies = replies or [self._without_rasa(conversation, message)]
        self._told_of_delay.discard(conversation.id)
        if await self._conversations.answer(message, replies, language):
            self._end(message)
        return True

    async def _run_turn(self, conversation: Conversation, message: Message) -> Answered:
        """A call that `stop` may end: the message stays pending, and Rasa knows its id."""
        call = asyncio.create_task(self._rasa.turn(conversation, message))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await call

    async def _while_rasa_is_away(self, conversation: Conversation, message: Message) -> None:
        """Tells the person, once per outage. In danger the numbers are the answer, at once."""
        for waiting in await self._conversations.pending(conversation.id):
            if self._is_danger(waiting):
                await self._answer_danger(conversation, waiting)
                if waiting.seq == message.seq:
                    return
        if conversation.id not in self._told_of_delay:
            self._told_of_delay.add(conversation.id)
            if not await self._was_told_of_delay(message):
                await self.say(conversation.id, "utter_rasa_down")

    async def _was_told_of_delay(self, message: Message) -> bool:
        """By an earlier process, or another gateway."""
        notices = {self._catalogue.say("utter_rasa_down", language) for language in LANGUAGES}
        since = await self._conversations.messages_after(message.conversation_id, message.seq)
        return any(said.author is Author.SYSTEM and said.text in notices for said in since)

    async def _answer_danger_in_time(self, message: Message) -> None:
        """The numbers, when the message has no answer yet after `DANGER_SECONDS`."""
        await self._pause(DANGER_SECONDS)
        try:
            waiting = await self._conversations.pending(message.conversation_id)
            if any(other.seq == message.seq for other in waiting):
                await self._answer_danger(await self._conversations.get(message.conversation_id), message)
        except Exception:
            # The outermost place: whoever answers the conversation looks for danger too.
            logger.exception("could not answer danger: conversation=%s", message.conversation_id)

    async def _answer_danger(self, conversation: Conversation, message: Message) -> None:
        if await self._conversations.answer(message, [self._emergency(conversation.language)], None):
            self._end(message)
        await self._handoffs.mark_urgent(conversation.id)

    async def _while_a_person_holds(self, message: Message) -> None:
        """The message is staff's, already. The person may always leave, and choose a language."""
        if message.payload in _LEAVE:
            await self._handoffs.leave(message.conversation_id)
        elif message.payload in _LANGUAGES:
            await self._conversations.set_language(message.conversation_id, _LANGUAGES[message.payload])
            await self.say(message.conversation_id, "utter_language_set")
        self._end(message)

    def _is_danger(self, message: Message) -> bool:
        """What the guard says, asking nobody."""
        if message.payload is not None:
            return message.payload.startswith(f"/{EMERGENCY_INTENT}")
        return hears_danger(message.text)

    async def _hears_danger(self, message: Message) -> bool:
        """What the guard says, else the classifier."""
        if message.payload is not None or self._is_danger(message):
            return self._is_danger(message)
        try:
            return await self._rasa.hears_emergency(message.text)
        except (RasaUnavailable, TurnFailed):
            return False

    def _without_rasa(self, conversation: Conversation, message: Message) -> Reply:
        """What is said when Rasa's turn failed or said nothing."""
        if self._is_danger(message):
            return self._emergency(conversation.language)
        return self._apology(conversation.language)

    def _emergency(self, language: str) -> Reply:
        return Reply(self._catalogue.say("utter_emergency", language, contacts()), topic=EMERGENCY_INTENT)

    def _apology(self, language: str) -> Reply:
        text = self._catalogue.say("utter_action_failed", language)
        title = self._catalogue.say("utter_label_human", language)
        return Reply(text, choices=(Choice(title, "/talk_to_human"),))
