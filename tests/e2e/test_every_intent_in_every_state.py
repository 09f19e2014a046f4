"""Every intent in every state of a conversation, over the real Rasa: no silence, no crash, no slot filled by chance.

Generated: 69 intents times the states below. Messages go in where the gateway sends them, as `/intent`, so that each
intent is exercised whatever the classifier thinks of a sentence.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from bot.contract import TURN_PATH, turn_request
from bot.i18n.catalogue import Catalogue
from bot.settings import ROOT
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")


def intents() -> list[str]:
    listed = yaml.safe_load((ROOT / "nlu_data/domain/intents.yml").read_text(encoding="utf-8"))["intents"]
    return [next(iter(intent)) if isinstance(intent, dict) else intent for intent in listed]


TO_REGION = ("/book_meeting", "le 3 décembre")
TO_MODE = (*TO_REGION, "à Laval")
TO_TIME = (*TO_MODE, "à distance")
TO_ADULT = ("/register_session",)
TO_STATUS = (*TO_ADULT, '/inform{"is_adult":"yes"}')
TO_FRENCH = (*TO_STATUS, '/inform{"status":"student"}')
TO_SESSION_REGION = (*TO_FRENCH, '/inform{"french_level":"intermediate"}')
TO_SESSION = (*TO_SESSION_REGION, "à Laval")
# What is said to get there, and the slot that is then asked for.
STATES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "idle": ((), None),
    "after an answer": (("/ask_sin",), None),
    "after a doubt": (("/nlu_fallback",), None),
    "asked for the arrival": (("/book_meeting",), "arrival_date"),
    "asked whether the arrival is right": (("/book_meeting", "3/12"), "arrival_is_right"),
    "asked for the region": (TO_REGION, "region"),
    "asked how to meet": (TO_MODE, "meeting_mode"),
    "asked for a time": (TO_TIME, "meeting_time"),
    "asked where, for organisations": (("/find_organisation",), "region"),
    "asked for their age, for a session": (TO_ADULT, "session_adult"),
    "asked for their status, for a session": (TO_STATUS, "session_status"),
    "asked for their French, for a session": (TO_FRENCH, "session_french"),
    "asked where, for a session": (TO_SESSION_REGION, "region"),
    "asked for a session": (TO_SESSION, "session_choice"),
    "registered": ((*TO_SESSION, "la première"), None),
    "booked": ((*TO_TIME, "la première"), None),
}
ANSWERS = frozenset(
    {
        *("arrival_date", "arrival_is_right", "region", "meeting_mode", "meeting_time"),
        *("session_adult", "session_status", "session_french", "session_choice"),
    }
)
# Yes is an answer to some questions, a place may stand in a fact, and a meeting that is moved is known already.
MAY_ANSWER = frozenset({"affirm", "deny", "inform", "reschedule_meeting"})
SIDE_QUESTIONS = ("ask_", "register_session", "cancel_session", "start_plan", "show_plan", "give_feedback")


@dataclass
class Conversation:
    """One person's, as Rasa sees it. `asked` is the slot that the open form asked for; `slots_set` those that the last
    message gave another value than they had.
    """

    rasa: str
    database: str
    http: aiohttp.ClientSession
    sender: str
    turns: int = 0
    known: dict[str, Any] = field(default_factory=dict)
    slots_set: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    asked: str | None = None

    async def hears(self, text: str) -> list[dict[str, Any]]:
        before = self._last_event()
        self.turns += 1
        body = turn_request(
            self.sender,
            f"{self.sender}-{self.turns}",
            text,
            language="fr",
            timezone="America/Toronto",
            channel="widget",
        )
        async with self.http.post(self.rasa + TURN_PATH, json=body) as answer:
            assert answer.status == 200, (text, await answer.text())
            replies: list[dict[str, Any]] = (await answer.json())["replies"]
        self._read(before)
        return replies

    def _last_event(self) -> int:
        with sqlite3.connect(self.database) as rows:
            return int(rows.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])

    def _read(self, after: int) -> None:
        self.slots_set = {}
        with sqlite3.connect(self.database) as rows:
            found = rows.execute(
                "SELECT data FROM events WHERE sender_id = ? AND id > ? ORDER BY id", (self.sender, after)
            )
            events = [json.loads(data) for (data,) in found]
        for event in events:
            if event["event"] == "active_loop":
                self.loop = event["name"]
            elif event["event"] == "slot" and event["name"] == "requested_slot":
                self.asked = event["value"]
            elif event["event"] == "slot" and event["value"] != self.known.get(event["name"]):
                self.slots_set[event["name"]] = self.known[event["name"]] = event["value"]


@dataclass
class Desk:
    """Opens conversations, at the widget's door so that they exist in our tables too."""

    house: House
    http: aiohttp.ClientSession

    async def conversation_in(self, state: str) -> Conversation:
        steps, asked = STATES[state]
        conversation = await self._new()
        for step in steps:
            await conversation.hears(step)
        assert conversation.asked == asked, f"{state}: {conversation.asked} is asked"
        return conversation

    async def _new(self) -> Conversation:
        async with WidgetPerson(self.house.url, "fr", "America/Toronto"):
            with sqlite3.connect(self.house.var / "passerelle.db") as rows:
                (sender,) = rows.execute("SELECT id FROM conversations ORDER BY rowid DESC LIMIT 1").fetchone()
        words = self.house.rasa().cmdline()
        port = words[words.index("--port") + 1]
        return Conversation(f"http://127.0.0.1:{port}", str(self.house.var / "rasa.db"), self.http, sender)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(house: House) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as http:
        yield Desk(house, http)


@pytest.fixture(scope="module")
def failure() -> str:
    """What is said when an action failed: never, here."""
    return Catalogue().say("utter_action_failed", "fr")


@pytest.mark.parametrize("state", STATES)
async def test_each_intent_is_answered(desk: Desk, failure: str, state: str) -> None:
    _, asked = STATES[state]
    conversation = await desk.conversation_in(state)
    for intent in intents():
        if conversation.asked != asked or state in ("idle", "booked", "registered"):
            conversation = await desk.conversation_in(state)
        replies = await conversation.hears(f"/{intent}")
        where = f"{intent}, {state}"
        assert replies and all(reply["text"].strip() for reply in replies), where
        assert failure not in [reply["text"] for reply in replies], where
        filled = {name for name, value in conversation.slots_set.items() if name in ANSWERS and value is not None}
        assert not filled or intent in MAY_ANSWER, f"{where}: {filled}"
        # Whoever is being registered has nothing to cancel but that.
        is_aside = intent.startswith(SIDE_QUESTIONS) and not (intent == "cancel_session" and "session" in state)
        if asked and is_aside:
            assert conversation.asked == asked, f"{where}: the form went on with {conversation.asked}"
        if intent in ("stop", "restart"):
            assert conversation.loop is None, where
        if intent == "emergency":
            assert "911" in replies[0]["text"], where


SENTENCES = (
    "je ne sais pas trop quoi vous dire là-dessus honnêtement",
    "pourquoi vous me demandez ça?",
    "mon cousin m'a dit que les appartements coûtent cher",
    "asdkjh qwe zzz",
    "👍👍",
    "est-ce que ma fille peut aller à l'école tout de suite?",
    "merci, vous êtes gentil",
)


@pytest.mark.parametrize("state", [name for name, (_, asked) in STATES.items() if asked])
async def test_a_sentence_that_is_no_answer_fills_nothing(desk: Desk, failure: str, state: str) -> None:
    _, asked = STATES[state]
    conversation = await desk.conversation_in(state)
    for sentence in SENTENCES:
        if conversation.asked != asked:
            conversation = await desk.conversation_in(state)
        replies = await conversation.hears(sentence)
        assert replies and failure not in [reply["text"] for reply in replies], sentence
        filled = {name for name, value in conversation.slots_set.items() if name in ANSWERS and value is not None}
        assert not filled, f"{sentence!r}, {state}: {filled}"


@pytest.mark.parametrize("word", ["stop", "annuler", "cancel", "cancelar", "on arrête"])
async def test_stop_always_stops(desk: Desk, word: str) -> None:
    for state, (_, asked) in STATES.items():
        if asked:
            conversation = await desk.conversation_in(state)
            await conversation.hears(word)
            assert conversation.loop is None, f"{word}, {state}"


@pytest.mark.parametrize(
    "correction", ["non, plutôt le 5 décembre", "pardon, je voulais dire le 5 décembre", "I meant December 5"]
)
async def test_a_corrected_arrival_is_heard_while_its_date_is_checked(desk: Desk, correction: str) -> None:
    conversation = await desk.conversation_in("asked whether the arrival is right")
    await conversation.hears(correction)
    assert conversation.slots_set["arrival_date"] == "2026-12-05"


async def test_a_person_who_waits_hears_of_nothing_twice_and_is_never_refused(house: House) -> None:
    """While a person is waited for, messages are theirs; danger alone is answered."""
    async with WidgetPerson(house.url, "fr", "America/Toronto") as person:
        await person.writes("je veux parler à une personne")
        before = len(person.said)
        for text in ("comment avoir le NAS?", "bonjour", "le 3 décembre", "non"):
            await person.sends(text)
        await person.sends("je vais me tuer ce soir")
        await person.hears("911")
        said = [message["text"] for message in person.said[before:] if message["from"] != "person"]
        assert len(said) == 1, said
