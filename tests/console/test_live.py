"""The streams: whole state at once, what changes as it changes, and an end when there is nothing more to say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

import aiohttp
import pytest

from bot.console import live
from bot.console.pages import Words
from tests.console.stage import Stage, Visitor

SOON = 5.0


class Events:
    """What a stream says, one event at a time."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._lines = response.content

    async def next(self, *names: str) -> tuple[str, str]:
        """The next event, or the next of one of these names. Raises StopAsyncIteration at the end of the stream."""
        async with asyncio.timeout(SOON):
            while True:
                name, data = await self._one()
                if not names or name in names:
                    return name, data

    async def _one(self) -> tuple[str, str]:
        name, data = "", []
        while line := (await self._lines.readline()).decode():
            key, _, value = line.rstrip("\r\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                data.append(value)
            elif not key and name:
                return name, "\n".join(data)
        raise StopAsyncIteration


@asynccontextmanager
async def listening(visitor: Visitor, path: str = "/live") -> AsyncIterator[Events]:
    response = await visitor.http.get(visitor.stage.address + path)
    assert response.status == 200 and response.content_type == "text/event-stream"
    try:
        yield Events(response)
    finally:
        response.close()


async def test_the_whole_list_comes_first_then_each_change(stage: Stage, marie: Visitor) -> None:
    await stage.someone_waits(says="déjà là")

    async with listening(marie) as events:
        name, html = await events.next()
        assert name == "list" and "déjà là" in html

        conversation_id = await stage.someone_waits("en", says="just arrived")
        _, html = await events.next("list")
        assert "déjà là" in html and "just arrived" in html
        assert 'data-title="(2) Passerelle – Conversations"' in html
        assert "Nouvelle personne en attente\u00a0: anglais, Accueil Montréal." in html

        await stage.says(conversation_id, "still here")
        _, html = await events.next("list")
        assert "still here" in html and "just arrived" not in html

        await marie.act(conversation_id, "take")
        _, html = await events.next("list")
        assert 'data-title="(1) Passerelle – Conversations"' in html and "Vous répondez" in html


async def test_each_sees_the_list_in_their_language_and_their_own_as_theirs(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")
    luc = await stage.a_visitor("Luc Gagnon")
    await luc.get("/?lang=en")

    async with listening(marie) as hers, listening(luc) as his:
        assert "Vous répondez" in (await hers.next())[1]
        assert "Marie Tremblay is replying" in (await his.next())[1]


async def test_waiting_time_ticks(stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.someone_waits()
    async with listening(marie) as events:
        assert "Attend depuis moins d’une minute" in (await events.next("list"))[1]
        now = stage.wiring.clock.now()
        monkeypatch.setattr(stage.wiring.clock, "now", lambda: now + timedelta(minutes=4))
        await stage.wiring.bell.ring("another conversation")

        assert "Attend depuis 4\u00a0min" in (await events.next("list"))[1]


async def test_a_conversation_sends_what_follows(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits(says="premier")
    await stage.says(conversation_id, "deuxième")

    async with listening(marie, f"/conversations/{conversation_id}/live?after=1") as events:
        name, html = await events.next()
        assert name == "messages" and "deuxième" in html and "premier" not in html
        assert 'data-speaks="waiting"' in (await events.next("panel"))[1]
        assert json.loads((await events.next("waiting"))[1]) == {
            "title": f"(1) Passerelle – Conversation {conversation_id[:6].upper()}",
            "waiting": "Conversations (en attente\u00a0: 1)",
        }

        await marie.act(conversation_id, "take")
        assert "Marie Tremblay" in (await events.next("messages"))[1]
        assert 'data-speaks="me"' in (await events.next("panel"))[1]

        await stage.says(conversation_id, "troisième")
        name, html = await events.next("messages")
        assert "troisième" in html and "deuxième" not in html


@pytest.mark.parametrize("after", ["", "?after=-1", "?after=x", "?after=²", "?after=99999999999999999999"])
async def test_a_reconnection_without_memory_brings_everything(stage: Stage, marie: Visitor, after: str) -> None:
    conversation_id = await stage.someone_waits(says="premier")

    async with listening(marie, f"/conversations/{conversation_id}/live{after}") as events:
        assert "premier" in (await events.next("messages"))[1]


async def test_people_who_wait_elsewhere_are_counted_in_a_conversation(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.a_person()

    async with listening(marie, f"/conversations/{conversation_id}/live") as events:
        assert '"waiting": "Conversations (en attente\u00a0: 0)"' in (await events.next("waiting"))[1]
        await stage.someone_waits()
        assert '"waiting": "Conversations (en attente\u00a0: 1)"' in (await events.next("waiting"))[1]


async def test_a_conversation_that_does_not_exist_is_gone(stage: Stage, marie: Visitor) -> None:
    async with listening(marie, "/conversations/unknown/live") as events:
        assert await events.next() == ("gone", "")
        with pytest.raises(StopAsyncIteration):
            await events.next()


async def test_a_stream_ends_with_its_session(stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    async with listening(marie) as events:
        await events.next("list")
        await stage.wiring.services.staff.disable("marie@organisme.test")
        await stage.someone_waits(says="phrase secrète")

        assert await events.next() == ("signed-out", "")
        with pytest.raises(StopAsyncIteration):
            await events.next()


async def test_a_silent_stream_beats(stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.0)
    conversation_id = await stage.a_person()
    async with listening(marie, f"/conversations/{conversation_id}/live") as events:
        await events.next("waiting")
        await stage.wiring.bell.ring(conversation_id)

        assert await events.next() == ("beat", "")


async def test_streams_end_when_the_console_stops(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    async with listening(marie) as one, listening(marie, f"/conversations/{conversation_id}/live") as two:
        await one.next("list")
        await two.next("waiting")
        began = monotonic()

        await stage.stop()

        assert monotonic() - began < SOON
        for events in (one, two):
            with pytest.raises((StopAsyncIteration, aiohttp.ClientError)):
                await events.next()


async def test_a_fault_in_a_stream_ends_it_and_says_nothing_of_people(
    stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    conversation_id = await stage.someone_waits()

    async def breaks(*_: object) -> None:
        raise RuntimeError("phrase secrète")

    monkeypatch.setattr(stage.wiring.services.handoffs, "open_conversation", breaks)
    async with listening(marie, f"/conversations/{conversation_id}/live") as events:
        with pytest.raises(StopAsyncIteration):
            await events.next()

    assert "stream failed" in caplog.text and "phrase secrète" not in caplog.text


async def test_the_list_is_read_once_for_all_who_look(stage: Stage, marie: Visitor) -> None:
    """Twenty streams, one message: the database is asked once or twice, not twenty times."""
    conversation_id = await stage.someone_waits()
    streams = [await marie.http.get(f"{stage.address}/live") for _ in range(20)]
    everyone = [Events(stream) for stream in streams]
    for events in everyone:
        await events.next("list")
    read, readings = stage.wiring.services.handoffs.desk, 0

    async def counted() -> object:
        nonlocal readings
        readings += 1
        return await read()

    stage.wiring.services.handoffs.desk = counted  # type: ignore[method-assign, assignment]
    await stage.says(conversation_id, "pour tout le monde")

    for events in everyone:
        assert "pour tout le monde" in (await events.next("list"))[1]
    assert readings <= 2
    for stream in streams:
        stream.close()


async def test_waiting_is_said_in_hours_and_days(stage: Stage) -> None:
    words, now = Words(stage.wiring.catalogue, "fr"), stage.wiring.clock.now()

    def ago(**since: int) -> str:
        return words.lasted(now - timedelta(**since), now)

    assert [ago(seconds=59), ago(seconds=-5)] == ["moins d’une minute"] * 2
    assert ago(minutes=59) == "59\u00a0min"
    assert ago(minutes=65) == "1\u00a0h\u00a005"
    assert ago(days=2, hours=3) == "2\u00a0j\u00a03\u00a0h"
