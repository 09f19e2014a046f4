"""The calendar file of a meeting, fetched as a person does and read as a calendar does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from bot.domain.conversations import Conversation
from bot.domain.meetings import Meeting, Mode
from bot.domain.messages import Channel
from bot.gateway.app import read_file
from bot.gateway.calendar_files import key_of
from tests.factories import NOW, a_wish, an_agent, montreal, with_agents
from tests.fakes import FakeClock
from tests.gateway.fake_rasa import FakeRasa
from tests.gateway.widget_kit import Gateway, gateway


@pytest.fixture
async def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    monkeypatch.setattr("bot.wiring.Clock", lambda _start: FakeClock(NOW))
    async with FakeRasa() as rasa, gateway(tmp_path, rasa) as door:
        await with_agents(door.wiring.house, an_agent())
        yield door


async def a_conversation(door: Gateway, language: str = "fr") -> Conversation:
    opened = await door.wiring.services.conversations.open(Channel.WIDGET, f"address {language}", language, None)
    return opened.conversation


async def booked(door: Gateway, conversation: Conversation, mode: Mode = Mode.IN_PERSON) -> Meeting:
    starts_at = montreal("2026-12-04 09:00")
    return await door.wiring.services.meetings.book(conversation.id, a_wish(mode=mode), "agent-1", starts_at)


async def fetched(door: Gateway, meeting: Meeting) -> tuple[Calendar, Event]:
    answer = await door.get(f"/files/meetings/{meeting.file_key}.ics")
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    calendar = Calendar.from_ical(await answer.text())
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_the_meeting_is_there_to_the_minute(door: Gateway) -> None:
    meeting = await booked(door, await a_conversation(door))
    calendar, event = await fetched(door, meeting)
    assert calendar["method"] == "PUBLISH"
    assert event["dtstart"].dt == datetime(2026, 12, 4, 14, 0, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2026, 12, 4, 15, 0, tzinfo=UTC)
    assert event["status"] == "CONFIRMED"
    assert event["location"] == "1, rue Principale"


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_it_is_in_the_persons_language(door: Gateway, language: str) -> None:
    meeting = await booked(door, await a_conversation(door, language))
    _, event = await fetched(door, meeting)
    assert event["summary"] == door.sentence("utter_meeting_title", language, org="Carrefour")
    assert event["description"] == door.sentence("utter_meeting_bring", language)


async def test_a_remote_meeting_has_no_place(door: Gateway) -> None:
    meeting = await booked(door, await a_conversation(door), Mode.REMOTE)
    assert "location" not in (await fetched(door, meeting))[1]


async def test_moved_it_replaces_itself_in_the_calendar(door: Gateway) -> None:
    conversation = await a_conversation(door)
    meeting = await booked(door, conversation)
    _, before = await fetched(door, meeting)
    await door.wiring.services.meetings.move(conversation.id, a_wish(), "agent-1", montreal("2026-12-07 10:00"))
    _, after = await fetched(door, meeting)
    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after["dtstart"].dt == datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


async def test_cancelled_it_leaves_the_calendar(door: Gateway) -> None:
    conversation = await a_conversation(door)
    meeting = await booked(door, conversation)
    await door.wiring.services.meetings.cancel(conversation.id)
    calendar, event = await fetched(door, meeting)
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)


async def test_it_is_downloaded_and_kept_by_no_cache(door: Gateway) -> None:
    meeting = await booked(door, await a_conversation(door))
    headers = (await door.get(f"/files/meetings/{meeting.file_key}.ics")).headers
    assert headers["Content-Disposition"] == "attachment"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["none.ics", "%00.ics", "%ff.ics", "%2e%2e%2fpasserelle.db", "a'b.ics", ".ics", "x" * 999]
)
async def test_no_other_address_gives_anything(door: Gateway, name: str) -> None:
    assert (await door.get(f"/files/meetings/{name}")).status == 404


async def test_telegram_gets_the_same_bytes(door: Gateway) -> None:
    meeting = await booked(door, await a_conversation(door))
    url = f"/files/meetings/{meeting.file_key}.ics"
    assert await read_file(door.wiring, url) == await (await door.get(url)).read()
    assert await read_file(door.wiring, "https://elsewhere.example/x.ics") is None


def test_the_key_is_read_from_the_address_only_when_it_is_one() -> None:
    assert key_of("/files/meetings/a-B_9.ics") == "a-B_9"
    for address in ("/files/meetings/a.ics/", "/files/other/a.ics", "/files/meetings/a/b.ics", "a.ics", ""):
        assert key_of(address) is None


async def test_its_lines_are_those_that_calendars_need(door: Gateway) -> None:
    """Read as bytes, since a library forgives what Google, Apple and Outlook do not."""
    meeting = await booked(door, await a_conversation(door))
    answer = await door.get(f"/files/meetings/{meeting.file_key}.ics")
    raw = await answer.read()
    assert raw.endswith(b"END:VCALENDAR\r\n") and b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    lines = raw.decode().replace("\r\n ", "").split("\r\n")
    assert lines[:1] == ["BEGIN:VCALENDAR"]
    for line in (
        *("VERSION:2.0", "METHOD:PUBLISH", "BEGIN:VEVENT", f"UID:{meeting.id}@passerelle", "SEQUENCE:0"),
        *("DTSTART:20261204T140000Z", "DTEND:20261204T150000Z", "STATUS:CONFIRMED", "LOCATION:1\\, rue Principale"),
    ):
        assert lines.count(line) == 1, line
    for name in ("PRODID", "DTSTAMP", "SUMMARY", "DESCRIPTION"):
        assert sum(line.startswith(f"{name}:") for line in lines) == 1, name
