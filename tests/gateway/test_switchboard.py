"""Who answers a message: Rasa, a person, or nobody yet. Real sockets, a real database, a Rasa that fails as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.domain.conversations import HandledBy
from bot.domain.messages import Author, Choice, Incoming, Reply
from bot.gateway.app import SWITCHBOARD
from bot.knowledge.contacts import contacts
from bot.wiring import wired
from tests.factories import a_member_of_staff, a_team, settings_in, with_teams
from tests.gateway.fake_rasa import Answer, CutOff, FakeRasa, Hang, Refuse, Say, says
from tests.gateway.widget_kit import Frame, Gateway, Visitor, database_held, gateway, listening, types

LANGUAGES = ("fr", "en", "es")
DANGER = {"fr": "mon mari me frappe", "en": "I want to kill myself", "es": "quiero suicidarme"}
STOP_WAITING = Answer((Reply("J’avertis l’équipe.", choices=(Choice("Ne plus attendre", "/stop_waiting"),)),))


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gateway.switchboard.RETRY_SECONDS", 0.02)


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as rasa:
        yield rasa


@pytest.fixture
async def door(tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path, rasa) as door:
        yield door


def emergency(door: Gateway, language: str = "fr") -> str:
    return door.wiring.catalogue.say("utter_emergency", language, contacts())


class TestRasaAway:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_the_person_is_told_once_and_answered_in_order_when_rasa_is_back(
        self, door: Gateway, rasa: FakeRasa, language: str
    ) -> None:
        visitor = await door.visitor(language)
        await rasa.stop()
        for text in ("un", "deux", "trois"):
            await visitor.say(text)
        await visitor.until_said(door.sentence("utter_rasa_down", language))
        await rasa.start()
        await visitor.until_said("echo: trois")
        answers = [text for text in visitor.said if text.startswith("echo")]
        assert answers == ["echo: un", "echo: deux", "echo: trois"]
        assert visitor.said.count(door.sentence("utter_rasa_down", language)) == 1
        assert rasa.texts == ["un", "deux", "trois"]

    async def test_typing_is_not_repeated_at_each_try(self, door: Gateway, rasa: FakeRasa) -> None:
        rasa.will(*[Refuse(503)] * 5)
        visitor = await door.visitor()
        await visitor.say("un")
        assert types(await visitor.until("turn_end")).count("typing") == 1

    async def test_told_again_at_the_next_outage(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        for text in ("un", "deux"):
            rasa.will(Refuse(503))
            assert await visitor.ask(text) == [door.sentence("utter_rasa_down"), f"echo: {text}"]

    async def test_answered_by_the_next_process_and_told_no_second_time(self, tmp_path: Path, rasa: FakeRasa) -> None:
        async with gateway(tmp_path, rasa) as door:
            visitor = await door.visitor()
            await rasa.stop()
            await visitor.say("un")
            await visitor.say("deux")
            await visitor.until_said(door.sentence("utter_rasa_down"))
        async with gateway(tmp_path, rasa) as door:
            back = await door.visitor(token=visitor.token)
            await back.until_said(door.sentence("utter_rasa_down"))
            await back.say("trois")
            await back.until("ack")
            await rasa.start()
            await back.until_said("echo: trois")
            assert await door.kept_of(back, Author.ASSISTANT) == ["echo: un", "echo: deux", "echo: trois"]
            assert (await door.kept_of(back, Author.SYSTEM)).count(door.sentence("utter_rasa_down")) == 1

    async def test_a_slow_rasa_is_not_waited_for_for_ever(self, tmp_path: Path, rasa: FakeRasa) -> None:
        async with gateway(tmp_path, rasa, rasa_timeout=0.1) as door:
            rasa.will(Hang())
            visitor = await door.visitor()
            assert await visitor.ask("un") == [door.sentence("utter_rasa_down"), "echo: un"]
            assert rasa.turns[0]["message_id"] == rasa.turns[1]["message_id"]

    @pytest.mark.parametrize("has_run", [True, False])
    async def test_an_answer_lost_on_the_way_is_asked_for_again(
        self, door: Gateway, rasa: FakeRasa, has_run: bool
    ) -> None:
        rasa.will(CutOff(has_run=has_run))
        visitor = await door.visitor()
        said = await visitor.ask("un")
        assert said.count("echo: un") == 1
        assert {turn["message_id"] for turn in rasa.turns} == {rasa.turns[0]["message_id"]}

    async def test_one_person_waits_alone(self, door: Gateway, rasa: FakeRasa) -> None:
        one, other = await door.visitor(), await door.visitor()
        rasa.will(Hang())
        await one.say("un")
        await rasa.wait_for_turns(1)
        assert await other.ask("deux") == ["echo: deux"]


class TestRasaFailing:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        "step", [Refuse(500), says(), Say({}), Say({"replies": [{"choices": [1]}], "language": "fr"}), Say([])]
    )
    async def test_an_apology_with_a_way_to_a_person(
        self, door: Gateway, rasa: FakeRasa, step: Any, language: str
    ) -> None:
        rasa.will(step)
        visitor = await door.visitor(language)
        await visitor.say("un")
        apology = (await visitor.until("turn_end"))[-2]
        assert apology["text"] == door.sentence("utter_action_failed", language)
        assert apology["choices"] == [
            {"title": door.sentence("utter_label_human", language), "payload": "/talk_to_human"}
        ]
        assert await visitor.ask("deux") == ["echo: deux"]
        assert rasa.texts == ["un", "deux"]

    async def test_the_way_to_a_person_leads_there(self, door: Gateway, rasa: FakeRasa) -> None:
        rasa.will(Refuse(500))
        visitor = await door.visitor()
        await visitor.ask("un")
        await visitor.until("turn_end", id=await visitor.choose("/talk_to_human"))
        assert rasa.texts == ["un", "/talk_to_human"]


class TestDanger:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_the_numbers_are_the_answer_when_rasa_is_down(
        self, door: Gateway, rasa: FakeRasa, language: str
    ) -> None:
        visitor = await door.visitor(language)
        await rasa.stop()
        assert await visitor.ask(DANGER[language]) == [emergency(door, language)]

    async def test_the_numbers_come_when_the_turn_fails(self, door: Gateway, rasa: FakeRasa) -> None:
        rasa.will(Refuse(500))
        visitor = await door.visitor()
        assert await visitor.ask(DANGER["fr"]) == [emergency(door)]

    async def test_danger_does_not_wait_behind_an_earlier_message(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        await rasa.stop()
        await visitor.say("où est la garderie?")
        await visitor.until_said(door.sentence("utter_rasa_down"))
        assert await visitor.ask(DANGER["fr"]) == [emergency(door)]
        await rasa.start()
        await visitor.until_said("echo: où est la garderie?")
        assert rasa.texts == ["où est la garderie?"]

    @pytest.mark.parametrize("before", [[], ["où est la garderie?"]])
    async def test_danger_does_not_wait_for_a_slow_rasa(
        self, door: Gateway, rasa: FakeRasa, before: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.gateway.switchboard.DANGER_SECONDS", 0.05)
        rasa.will(Hang())
        visitor = await door.visitor()
        for text in before:
            await visitor.say(text)
        assert await visitor.ask(DANGER["fr"]) == [emergency(door)]

    async def test_rasa_answers_danger_when_it_can(self, door: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        visitor = await door.visitor()
        assert await visitor.ask(DANGER["fr"]) == [f"echo: {DANGER['fr']}"]
        assert (await visitor.ask("merci")) == ["echo: merci"]
        assert emergency(door) not in visitor.said


class TestPersonHolds:
    @pytest.fixture
    async def visitor(self, door: Gateway, rasa: FakeRasa) -> Visitor:
        """Waits for a person, with the button that stops waiting."""
        await with_teams(door.wiring.house, a_team())
        visitor = await door.visitor()

        async def hand_over(body: Frame) -> None:
            await door.wiring.services.handoffs.ask(body["sender"], None)

        rasa.during = hand_over
        rasa.will(STOP_WAITING)
        await visitor.ask("parler à quelqu’un")
        rasa.during = None
        rasa.turns.clear()
        return visitor

    async def taken(self, door: Gateway, visitor: Visitor) -> None:
        marie = await a_member_of_staff(door.wiring)
        await door.wiring.services.handoffs.take((await door.conversation(visitor)).id, marie.id)

    @pytest.mark.parametrize("is_taken", [False, True])
    async def test_messages_go_to_the_person_and_not_to_rasa(
        self, door: Gateway, rasa: FakeRasa, visitor: Visitor, is_taken: bool
    ) -> None:
        if is_taken:
            await self.taken(door, visitor)
            await visitor.until("state", handled_by="staff")
        assert await visitor.ask("j’attends") == []
        assert rasa.turns == []
        assert "j’attends" in await door.kept_of(visitor, Author.PERSON)

    @pytest.mark.parametrize("is_taken", [False, True])
    @pytest.mark.parametrize("is_rasa_up", [True, False])
    async def test_danger_is_answered_and_marked_urgent(
        self, door: Gateway, rasa: FakeRasa, visitor: Visitor, is_taken: bool, is_rasa_up: bool
    ) -> None:
        if is_taken:
            await self.taken(door, visitor)
            await visitor.until("state", handled_by="staff")
        if not is_rasa_up:
            await rasa.stop()
        assert await visitor.ask(DANGER["fr"]) == [emergency(door)]
        conversation = await door.conversation(visitor)
        handoff = await door.wiring.services.handoffs.current(conversation.id)
        assert handoff is not None
        assert handoff.is_urgent
        assert conversation.handled_by is (HandledBy.STAFF if is_taken else HandledBy.WAITING)
        assert rasa.turns == []

    async def test_danger_that_only_the_classifier_hears(self, door: Gateway, rasa: FakeRasa, visitor: Visitor) -> None:
        rasa.intents["je n’en peux plus de tout ça"] = "emergency"
        assert await visitor.ask("je n’en peux plus de tout ça") == [emergency(door)]
        assert await visitor.ask("merci bien") == []
        assert rasa.understood == ["je n’en peux plus de tout ça", "merci bien"]

    async def test_waiting_may_be_stopped(self, door: Gateway, rasa: FakeRasa, visitor: Visitor) -> None:
        frames = await visitor.until("turn_end", id=await visitor.choose("/stop_waiting"))
        assert door.sentence("utter_handoff_left") in [frame.get("text") for frame in frames]
        assert {"type": "state", "handled_by": "assistant", "organisation": None} in frames
        assert await visitor.ask("bonjour") == ["echo: bonjour"]

    async def test_waiting_may_be_stopped_while_rasa_is_down(
        self, door: Gateway, rasa: FakeRasa, visitor: Visitor
    ) -> None:
        await rasa.stop()
        await visitor.choose("/stop_waiting")
        await visitor.until_said(door.sentence("utter_handoff_left"))

    async def test_stopping_twice_says_nothing_twice(self, door: Gateway, rasa: FakeRasa, visitor: Visitor) -> None:
        await visitor.until("turn_end", id=await visitor.choose("/stop_waiting"))
        await visitor.until("turn_end", id=await visitor.choose("/stop_waiting"))
        assert visitor.said.count(door.sentence("utter_handoff_left")) == 1
        assert rasa.turns == []

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_the_language_button_works(
        self, door: Gateway, rasa: FakeRasa, visitor: Visitor, language: str
    ) -> None:
        payload = f'/set_language{{"language":"{language}"}}'
        await visitor.until("turn_end", id=await visitor.choose(payload))
        await visitor.say("")
        error = (await visitor.until("error"))[-1]
        assert visitor.said[-1] == door.sentence("utter_language_set", language)
        assert error["text"] == door.sentence("utter_empty", language)
        assert rasa.turns == []
        assert (await door.conversation(visitor)).handled_by is HandledBy.WAITING

    async def test_the_assistant_is_back_when_the_person_has_finished(
        self, door: Gateway, rasa: FakeRasa, visitor: Visitor
    ) -> None:
        marie = await a_member_of_staff(door.wiring)
        conversation = await door.conversation(visitor)
        handoffs = door.wiring.services.handoffs
        await handoffs.take(conversation.id, marie.id)
        await handoffs.reply(conversation.id, marie.id, "Bonjour, c’est Marie.", "r1")
        await visitor.until_said("Bonjour, c’est Marie.")
        await handoffs.close(conversation.id, marie.id)
        assert (await visitor.ask("merci"))[-1] == "echo: merci"

    async def test_what_waited_for_rasa_goes_to_the_person_who_took_over(self, door: Gateway, rasa: FakeRasa) -> None:
        await with_teams(door.wiring.house, a_team("06"))
        visitor = await door.visitor()
        await rasa.stop()
        await visitor.say("un")
        await visitor.until_said(door.sentence("utter_rasa_down"))
        await door.wiring.services.handoffs.ask((await door.conversation(visitor)).id, "06")
        await visitor.until("turn_end")
        await rasa.start()
        assert await visitor.ask("deux") == []
        assert rasa.turns == []


class TestKeeping:
    async def test_a_repeat_is_told_apart(self, door: Gateway) -> None:
        visitor = await door.visitor()
        conversation = await door.conversation(visitor)
        switchboard = door.server.app[SWITCHBOARD]
        incoming = Incoming(conversation.id, "id-1", "un")
        assert await switchboard.receive(incoming) is True
        assert await switchboard.receive(incoming) is False

    async def test_a_database_that_comes_back_costs_no_answer(
        self,
        tmp_path: Path,
        rasa: FakeRasa,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
        async with gateway(tmp_path, rasa) as door:
            visitor = await door.visitor()
            answering, is_gone = asyncio.Event(), asyncio.Event()

            async def answer_when_the_database_is_gone(_: Frame) -> None:
                answering.set()
                await is_gone.wait()

            rasa.during = answer_when_the_database_is_gone
            await visitor.say("un")
            await answering.wait()
            async with database_held(tmp_path):
                is_gone.set()
                await a_warning(caplog, "could not answer")
            await visitor.until_said("echo: un")
            assert await visitor.ask("deux") == ["echo: deux"]
            assert await door.kept_of(visitor, Author.ASSISTANT) == ["echo: un", "echo: deux"]


async def a_warning(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Returns when it was logged."""
    async with asyncio.timeout(5):
        while words not in caplog.text:
            await asyncio.sleep(0)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite_url", "postgres_url"])
async def test_two_gateways_answer_one_person_in_order_and_never_twice_at_once(
    tmp_path: Path, rasa: FakeRasa, redis_url: str, database: str, request: pytest.FixtureRequest
) -> None:
    """One store, one Redis, two processes' worth of gateway; a person whose phone changes network at every message."""
    settings = settings_in(tmp_path, database_url=request.getfixturevalue(database), redis_url=redis_url)

    async def turn_takes_a_moment(_: Frame) -> None:
        await asyncio.sleep(0.01)

    rasa.during = turn_takes_a_moment
    async with AsyncExitStack() as stack:
        doors = []
        for _ in range(2):
            wiring = await stack.enter_async_context(wired(settings))
            doors.append(await stack.enter_async_context(listening(wiring, rasa)))
        one = await doors[0].visitor()
        other = await doors[1].visitor(token=one.token)
        visitors = (one, other)
        texts = [f"message {number}" for number in range(12)]
        ids = []
        for number, text in enumerate(texts):
            ids.append(await visitors[number % 2].say(text))
            await visitors[number % 2].until("ack", id=ids[-1])
        # Each hears the whole conversation, and the end of the turns it asked for.
        await one.until("turn_end", id=ids[10])
        await other.until("turn_end", id=ids[11])
        if f"echo: {texts[-1]}" not in one.said:
            await one.until_said(f"echo: {texts[-1]}")
        assert rasa.texts == texts
        assert rasa.most_at_once == 1
        assert await doors[0].kept_of(one, Author.ASSISTANT) == [f"echo: {text}" for text in texts]
        numbers = [message.seq for message in await doors[0].kept(one)]
        assert numbers == list(range(1, 27))
        assert one.said == [message.text for message in await doors[0].kept(one)]


class TestRefusedMessages:
    async def test_danger_in_a_message_that_is_too_long_is_answered_and_the_refusal_said(self, door: Gateway) -> None:
        visitor = await door.visitor("fr")
        await visitor.say("bla " * 800 + DANGER["fr"])
        await visitor.until_said(emergency(door))

    async def test_the_numbers_are_given_once_a_minute(self, door: Gateway) -> None:
        visitor = await door.visitor("fr")
        for _ in range(3):
            await visitor.say("bla " * 800 + DANGER["fr"])
        await visitor.say("bonjour")
        await visitor.until_said("echo: bonjour")
        assert visitor.said.count(emergency(door)) == 1
