"""Our channel, over a real Sanic server; only the agent behind it is a fake."""

from __future__ import annotations

import asyncio
import logging
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import InputChannel, UserMessage, register
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from bot.contract import TURN_PATH, turn_request
from bot.rasa_ext.channel import LONG_SESSION, PasserelleInput, begin_session, is_long
from bot.rasa_ext.tracker_store import KeptTrackerStore

DOMAIN = Domain.from_yaml('{version: "3.1", slots: {language: {type: text, mappings: [{type: custom}]}}}')
SECRET = "je m'appelle Aminata et mon NAS est 046 454 286"


# Sanic rewrites its own methods at each start; only so can it start several times in one process.
Sanic.test_mode = True


@dataclass
class FakeAgent:
    """Says back what it was told, in two bubbles; `before` runs first, and may raise or wait."""

    is_loaded: bool = True
    keeps: bool = True
    language: str | None = None
    before: Callable[[UserMessage], Awaitable[None]] | None = None
    tracker_store: TrackerStore = field(default_factory=lambda: InMemoryTrackerStore(DOMAIN))
    heard: list[str] = field(default_factory=list)
    together: int = 0
    most_together: int = 0

    def is_ready(self) -> bool:
        return self.is_loaded

    async def parse_message(self, text: str) -> dict[str, Any]:
        return {"intent": {"name": "greet", "confidence": 0.75}, "text": text}

    async def handle_message(self, message: UserMessage) -> None:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            await self._answer(message)
        finally:
            self.together -= 1

    async def _answer(self, message: UserMessage) -> None:
        self.heard.append(message.text)
        if self.before:
            await self.before(message)
        if not self.keeps:
            return
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        tracker.update(UserUttered(message.text, metadata=message.metadata, message_id=message.message_id))
        if self.language:
            tracker.update(SlotSet("language", self.language))
        tracker.update(BotUttered(f"« {message.text} »", {"buttons": [{"title": "Oui", "payload": "/affirm"}]}))
        extra = {"passerelle": {"links": [{"title": "RAMQ", "url": "https://www.ramq.gouv.qc.ca"}], "topic": "ask_sin"}}
        tracker.update(BotUttered("Autre chose?", {"custom": extra}))
        await self.tracker_store.save(tracker)


async def linger(message: UserMessage) -> None:
    """Lets everything else that is ready run first."""
    for _ in range(50):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Client:
    session: aiohttp.ClientSession
    base: str

    async def turn(self, text: str, message_id: str = "m1", person: str = "ana") -> tuple[int, Any]:
        body = turn_request(person, message_id, text, language="en", timezone=None, channel="widget")
        return await self.post(TURN_PATH, body)

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        async with self.session.post(self.base + path, json=body) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(self.base + path) as response:
            return response.status, await response.json()


@asynccontextmanager
async def serving(agent: FakeAgent | None, channel: InputChannel | None = None) -> AsyncIterator[Client]:
    app = Sanic(f"rasa-{uuid.uuid4().hex}", configure_logging=False)
    app.ctx.agent = agent
    register([channel or PasserelleInput.from_credentials({})], app, route="/webhooks/")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        await server.startup()
        try:
            async with aiohttp.ClientSession() as session:
                yield Client(session, f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.close()
            await server.wait_closed()


def test_message_is_answered_with_all_its_replies() -> None:
    async def scene() -> None:
        async with serving(FakeAgent()) as client:
            status, answer = await client.turn("hello")
        assert (status, answer["status"], answer["language"]) == (200, "answered", "en")
        first, second = answer["replies"]
        assert (first["text"], first["choices"]) == ("« hello »", [{"title": "Oui", "payload": "/affirm"}])
        assert (second["text"], second["topic"]) == ("Autre chose?", "ask_sin")
        assert second["links"] == [{"title": "RAMQ", "url": "https://www.ramq.gouv.qc.ca"}]

    asyncio.run(scene())


def test_language_is_the_one_the_conversation_has_after_the_turn() -> None:
    async def scene() -> None:
        async with serving(FakeAgent(language="es")) as client:
            assert (await client.turn("hola"))[1]["language"] == "es"

    asyncio.run(scene())


def test_repeated_message_gets_the_same_replies_and_runs_once() -> None:
    async def scene() -> None:
        agent = FakeAgent()
        async with serving(agent) as client:
            _, first = await client.turn("hello", "m1")
            await client.turn("and then", "m2")
            status, again = await client.turn("hello", "m1")
        assert (status, again["status"]) == (200, "repeated")
        assert again["replies"] == first["replies"]
        assert agent.heard == ["hello", "and then"]

    asyncio.run(scene())


def test_long_session_is_followed_by_a_new_one_with_each_slot_once_unless_a_form_is_open() -> None:
    tracker = DialogueStateTracker.from_events("ana", [SlotSet("language", "en")], slots=DOMAIN.slots)
    while not is_long(tracker):
        for event in (UserUttered("hello"), SlotSet("language", "es"), BotUttered("hola")):
            tracker.update(event)
    assert len(tracker.events) > LONG_SESSION

    before = len(tracker.events)
    begin_session(tracker)
    begun = list(tracker.events)[before:]
    assert [event.type_name for event in begun] == ["action", "session_started", "slot", "action"]
    assert tracker.get_slot("language") == "es"

    tracker.update(ActiveLoop("meeting_form"))
    assert not is_long(tracker)


def test_thousands_of_events_stay_short_sessions_and_slots_stay(tmp_path: Path) -> None:
    """Over the SQL store: a talkative person's turn never reads more than one session."""

    async def scene() -> None:
        store = KeptTrackerStore(DOMAIN, f"sqlite:///{tmp_path / 'rasa.db'}", dialect="sqlite", query={})
        agent = FakeAgent(language="es", tracker_store=store)
        async with serving(agent) as client:
            for number in range(300):
                status, _ = await client.turn("hello", f"m{number}")
                assert status == 200
        tracker, whole = await store.retrieve("ana"), await store.retrieve_full_tracker("ana")
        assert tracker is not None and whole is not None
        assert len(tracker.events) < LONG_SESSION + 10
        assert len(whole.events) < 300 * 4 + 100
        assert tracker.get_slot("language") == "es"

    asyncio.run(scene())


def test_same_message_sent_twice_at_once_runs_once() -> None:
    async def scene() -> None:
        agent = FakeAgent(before=linger)
        async with serving(agent) as client:
            answers = await asyncio.gather(*(client.turn("hello", "m1") for _ in range(4)))
        assert sorted(answer["status"] for _, answer in answers) == ["answered", "repeated", "repeated", "repeated"]
        assert agent.heard == ["hello"]

    asyncio.run(scene())


def test_turn_that_fails_says_so_and_the_next_one_runs() -> None:
    async def scene() -> None:
        async def fail(message: UserMessage) -> None:
            if message.text == "bad":
                raise ValueError(message.text)

        async with serving(FakeAgent(before=fail)) as client:
            assert await client.turn("bad", "m1") == (500, {"status": "failed", "reason": "error"})
            assert (await client.turn("good", "m2"))[0] == 200

    asyncio.run(scene())


def test_turn_that_left_no_trace_has_failed() -> None:
    async def scene() -> None:
        async with serving(FakeAgent(keeps=False)) as client:
            assert await client.turn("hello") == (500, {"status": "failed", "reason": "not kept"})

    asyncio.run(scene())


@pytest.mark.parametrize("agent", [None, FakeAgent(is_loaded=False)])
def test_without_a_model_nothing_runs(agent: FakeAgent | None) -> None:
    async def scene() -> None:
        async with serving(agent) as client:
            assert await client.turn("hello") == (503, {"status": "failed", "reason": "no model"})
            assert (await client.post("/webhooks/passerelle/understand", {"text": "hello"}))[0] == 503
            assert await client.get("/webhooks/passerelle/") == (200, {"is_ready": False})

    asyncio.run(scene())


def test_two_turns_of_one_person_never_run_at_once() -> None:
    async def scene() -> None:
        agent = FakeAgent(before=linger)
        async with serving(agent) as client:
            answers = await asyncio.gather(*(client.turn(f"t{n}", f"m{n}") for n in range(6)))
        assert agent.most_together == 1
        for n, (_, answer) in enumerate(answers):
            assert answer["replies"][0]["text"] == f"« t{n} »"

    asyncio.run(scene())


def test_two_people_are_answered_at_once() -> None:
    async def scene() -> None:
        agent = FakeAgent()
        both_are_there = asyncio.Event()

        async def wait_for_the_other(message: UserMessage) -> None:
            if agent.together == 2:
                both_are_there.set()
            await asyncio.wait_for(both_are_there.wait(), timeout=10)

        agent.before = wait_for_the_other
        async with serving(agent) as client:
            answers = await asyncio.gather(client.turn("a", person="ana"), client.turn("b", person="ben"))
        assert [status for status, _ in answers] == [200, 200]

    asyncio.run(scene())


def test_no_lock_is_kept_of_people_who_have_been_answered() -> None:
    async def scene() -> None:
        channel = PasserelleInput()
        async with serving(FakeAgent(), channel) as client:
            await asyncio.gather(*(client.turn("hi", f"m{n}", person) for n in range(3) for person in ("ana", "ben")))
        assert channel._running == {}

    asyncio.run(scene())


def test_understanding_runs_no_turn() -> None:
    async def scene() -> None:
        agent = FakeAgent()
        async with serving(agent) as client:
            answer = await client.post("/webhooks/passerelle/understand", {"text": "hello"})
            assert answer == (200, {"intent": "greet", "confidence": 0.75})
            assert await client.get("/webhooks/passerelle/") == (200, {"is_ready": True})
        assert agent.heard == []

    asyncio.run(scene())


@pytest.mark.parametrize("fails", [False, True])
def test_people_s_words_stay_out_of_the_logs(caplog: pytest.LogCaptureFixture, fails: bool) -> None:
    async def fail(message: UserMessage) -> None:
        raise ValueError(f"cannot read {message.text}")

    async def scene() -> None:
        async with serving(FakeAgent(before=fail if fails else None)) as client:
            await client.turn(SECRET, "m-7")

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scene())
    assert "Aminata" not in caplog.text
    assert ("turn failed: conversation=ana message=m-7" in caplog.text) == fails
    assert ("ValueError" in caplog.text) == fails
