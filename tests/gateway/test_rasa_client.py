"""What each answer of Rasa means to the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Choice, Message, Reply
from bot.gateway.rasa_client import RasaClient, RasaUnavailable, TurnFailed
from tests.gateway.fake_rasa import Answer, CutOff, FakeRasa, Hang, Refuse, Say, says

CONVERSATION = Conversation("c-1", Channel.TELEGRAM, "7", "es", "America/Bogota", HandledBy.ASSISTANT, 1)


def a_message(text: str = "hola", payload: str | None = None, message_id: str | None = "m-1") -> Message:
    at = datetime(2026, 12, 3, 15, tzinfo=UTC)
    return Message("c-1", 3, Author.PERSON, Reply(text), "es", at, message_id, payload)


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as rasa:
        yield rasa


@pytest.fixture
async def client(rasa: FakeRasa) -> AsyncIterator[RasaClient]:
    async with RasaClient(f"{rasa.url}/", timeout=0.2) as client:
        yield client


async def test_an_answer_is_read_whole(client: RasaClient, rasa: FakeRasa) -> None:
    reply = Reply("**Hola**", choices=(Choice("Sí", "/affirm"),), topic="ask_sin")
    rasa.will(Answer((reply, Reply("dos")), language="fr"))
    answered = await client.turn(CONVERSATION, a_message())
    assert list(answered.replies) == [reply, Reply("dos")]
    assert answered.language == "fr"


async def test_rasa_is_told_who_asks_and_from_where(client: RasaClient, rasa: FakeRasa) -> None:
    await client.turn(CONVERSATION, a_message())
    assert rasa.turns == [
        {
            "sender": "c-1",
            "message_id": "m-1",
            "text": "hola",
            "metadata": {
                "message_id": "m-1",
                "language": "es",
                "timezone": "America/Bogota",
                "channel": "telegram",
            },
        }
    ]


@pytest.mark.parametrize(
    ("text", "payload", "asked"),
    [
        ("/restart", None, "restart"),
        (" //stop", None, "stop"),
        ("/", None, "/"),
        ("Oui", "/affirm", "/affirm"),
        ("911?", None, "911?"),
    ],
)
async def test_only_a_button_is_a_command(
    client: RasaClient, rasa: FakeRasa, text: str, payload: str | None, asked: str
) -> None:
    await client.turn(CONVERSATION, a_message(text, payload))
    assert rasa.texts == [asked]


async def test_a_message_without_an_id_is_known_by_its_number(client: RasaClient, rasa: FakeRasa) -> None:
    await client.turn(CONVERSATION, a_message(message_id=None))
    assert rasa.turns[0]["message_id"] == "3"


async def test_a_repeat_is_answered_with_what_was_said(client: RasaClient, rasa: FakeRasa) -> None:
    first = await client.turn(CONVERSATION, a_message())
    assert await client.turn(CONVERSATION, a_message()) == first


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (Refuse(500), TurnFailed),
        (Refuse(503), RasaUnavailable),
        (Refuse(404), RasaUnavailable),
        (Hang(), RasaUnavailable),
        (CutOff(has_run=False), RasaUnavailable),
        (Say({"replies": []}), TurnFailed),
        (Say({"replies": [{"links": [{}]}], "language": "fr"}), TurnFailed),
        (Say(["no object"]), TurnFailed),
    ],
)
async def test_every_failure_has_its_meaning(
    client: RasaClient, rasa: FakeRasa, step: Any, error: type[Exception]
) -> None:
    rasa.will(step)
    with pytest.raises(error):
        await client.turn(CONVERSATION, a_message())
    assert (await client.turn(CONVERSATION, a_message())).replies == [Reply("echo: hola")]


async def test_rasa_that_is_not_there(client: RasaClient, rasa: FakeRasa) -> None:
    await rasa.stop()
    with pytest.raises(RasaUnavailable):
        await client.turn(CONVERSATION, a_message())
    with pytest.raises(RasaUnavailable):
        await client.hears_emergency("ayuda")
    assert not await client.is_ready()


async def test_emergency_is_heard_without_running_anything(client: RasaClient, rasa: FakeRasa) -> None:
    rasa.intents["ya no aguanto"] = "emergency"
    assert await client.hears_emergency("ya no aguanto")
    assert not await client.hears_emergency("gracias")
    assert rasa.turns == []


async def test_ready_when_rasa_says_so(client: RasaClient, rasa: FakeRasa) -> None:
    assert await client.is_ready()
    rasa.is_ready = False
    assert not await client.is_ready()


async def test_silent_turn_is_an_answer(client: RasaClient, rasa: FakeRasa) -> None:
    rasa.will(says())
    assert (await client.turn(CONVERSATION, a_message())).replies == []
