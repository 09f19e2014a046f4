"""The page behind a meeting's link: moving and cancelling without the chat, for whoever has the link alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from bot.domain.conversations import Conversation
from bot.domain.meeting_links import link_digest
from bot.domain.meetings import Absence, Meeting
from bot.domain.messages import Channel
from bot.gateway import meeting_links
from bot.services.meeting_links import LinkOver
from tests.factories import NOW, a_person, a_wish, an_agent, montreal, with_agents
from tests.fakes import FakeClock
from tests.gateway.fake_rasa import FakeRasa
from tests.gateway.widget_kit import Gateway, gateway

FRIDAY_9, FRIDAY_10 = montreal("2026-12-04 09:00"), montreal("2026-12-04 10:00")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def door(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    monkeypatch.setattr("bot.wiring.Clock", lambda _start: clock)
    async with FakeRasa() as rasa, gateway(tmp_path, rasa) as door:
        await with_agents(door.wiring.house, an_agent())
        yield door


async def opened(door: Gateway, language: str = "fr", timezone: str | None = None) -> Conversation:
    found = await door.wiring.services.conversations.open(Channel.WIDGET, f"of {language}", language, timezone)
    return found.conversation


async def booked(door: Gateway, conversation: Conversation) -> tuple[Meeting, str]:
    meeting = await door.wiring.services.meetings.book(conversation.id, a_wish(), "agent-1", FRIDAY_9)
    return meeting, door.wiring.services.meeting_links.path(meeting)


async def post(door: Gateway, path: str, **values: str) -> aiohttp.ClientResponse:
    response = await door.http.post(door.url + path, data=values, headers=FORM)
    await response.read()
    return response


async def page(response: aiohttp.ClientResponse) -> str:
    return unescape(await response.text())


async def said(door: Gateway, conversation: Conversation) -> list[str]:
    return [message.text for message in await door.wiring.services.conversations.messages_after(conversation.id, 0)]


async def test_it_shows_the_meeting_and_what_can_be_done(door: Gateway) -> None:
    _, path = await booked(door, await opened(door))
    response = await door.get(path)
    text = await page(response)
    assert response.status == 200
    assert "vendredi 4 décembre 2026" in text and "1, rue Principale" in text
    assert f'href="{path}/move"' in text and f'href="{path}/cancel"' in text
    assert "calendar.google.com" in text and "outlook.live.com" in text and ".ics" in text
    assert "<script" not in text
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_every_page_is_in_the_persons_language(door: Gateway, language: str) -> None:
    _, path = await booked(door, await opened(door, language))
    for address in (path, f"{path}/move", f"{path}/cancel"):
        text = await page(await door.get(address, headers={"Accept-Language": "fr, en, es"}))
        assert f'<html lang="{language}"' in text
        title = {"fr": "Votre rendez-vous", "en": "Your meeting", "es": "Su cita"}[language]
        assert f"<title>{title}</title>" in text


async def test_both_zones_are_shown(door: Gateway) -> None:
    _, path = await booked(door, await opened(door, "fr", "Africa/Dakar"))
    assert "(14\u00a0h)" in await page(await door.get(path))
    assert "(15\u00a0h)" in await page(await door.get(f"{path}/move"))


async def test_the_address_tells_nothing_and_is_kept_nowhere(door: Gateway) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    token = path.removeprefix("/m/")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert meeting.id not in path and conversation.id not in path
    other = await a_person(door.wiring)
    await with_agents(door.wiring.house, an_agent("agent-2"))
    second = await door.wiring.services.meetings.book(other.id, a_wish(), "agent-2", FRIDAY_9)
    assert door.wiring.services.meeting_links.path(second) != path
    async with door.wiring.house.work() as unit:
        assert await unit.meetings.by_link_digest(link_digest(token)) == meeting
        assert await unit.meetings.by_link_digest(token) is None


async def test_it_is_moved_and_the_chat_says_so(door: Gateway) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    text = await page(await door.get(f"{path}/move"))
    offered = re.findall(r'name="time" value="([^"]+)"', text)
    assert FRIDAY_10.astimezone(UTC).isoformat() in offered
    assert FRIDAY_9.astimezone(UTC).isoformat() not in offered
    response = await post(door, f"{path}/move", time=FRIDAY_10.astimezone(UTC).isoformat())
    assert (response.status, response.url.path) == (200, path)
    assert "C’est déplacé" in await page(response)
    moved = await door.wiring.services.meetings.current(conversation.id)
    assert moved is not None and (moved.id, moved.starts_at) == (meeting.id, FRIDAY_10)
    (told,) = await said(door, conversation)
    assert told.startswith("Avec votre lien personnel, le rendez-vous a été déplacé")
    async with door.wiring.house.work() as unit:
        assert len(await unit.reminders.of("meeting", meeting.id)) >= 1


async def test_sent_twice_it_is_moved_once(door: Gateway) -> None:
    conversation = await opened(door)
    _, path = await booked(door, conversation)
    for _ in range(2):
        await post(door, f"{path}/move", time=FRIDAY_10.astimezone(UTC).isoformat())
    moved = await door.wiring.services.meetings.current(conversation.id)
    assert moved is not None and moved.revision == 1
    assert len(await said(door, conversation)) == 1


async def test_a_time_that_was_taken_meanwhile_is_refused_and_the_old_one_kept(door: Gateway) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    other = await a_person(door.wiring)
    await door.wiring.services.meetings.book(other.id, a_wish(), "agent-1", FRIDAY_10)
    response = await post(door, f"{path}/move", time=FRIDAY_10.astimezone(UTC).isoformat())
    assert response.status == 409
    assert "vient d’être prise" in await page(response)
    assert await door.wiring.services.meetings.current(conversation.id) == meeting
    assert await said(door, conversation) == []


@pytest.mark.parametrize("time", ["", "demain", "2026-12-04", "2026-12-04T10:00", "9" * 3000])
async def test_no_time_or_no_such_thing_is_asked_again(door: Gateway, time: str) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    assert (await post(door, f"{path}/move", time=time)).status == 422
    assert await door.wiring.services.meetings.current(conversation.id) == meeting


@pytest.mark.parametrize("start", ["2026-12-05T14:00:00+00:00", "2026-12-01T14:00:00+00:00", "2026-12-04T14:30:00Z"])
async def test_what_is_not_offered_cannot_be_taken(door: Gateway, start: str) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    assert (await post(door, f"{path}/move", time=start)).status == 409
    assert await door.wiring.services.meetings.current(conversation.id) == meeting


async def test_it_asks_once_then_cancels_and_the_chat_says_so(door: Gateway) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    asked = await page(await door.get(f"{path}/cancel"))
    assert "Annuler ce rendez-vous" in asked
    assert await door.wiring.services.meetings.current(conversation.id) == meeting, "asking changes nothing"
    response = await post(door, f"{path}/cancel")
    assert response.status == 200 and "C’est annulé" in await page(response)
    assert await door.wiring.services.meetings.current(conversation.id) is None
    (told,) = await said(door, conversation)
    assert told.startswith("Avec votre lien personnel, le rendez-vous a été annulé")
    assert (await post(door, f"{path}/cancel")).status == 404
    assert len(await said(door, conversation)) == 1


async def test_a_link_that_never_was_and_one_that_is_over_look_the_same(door: Gateway, clock: FakeClock) -> None:
    conversation = await opened(door)
    meeting, path = await booked(door, conversation)
    never = await door.get(f"/m/{'A' * 43}")
    clock.set(meeting.ends_at - timedelta(seconds=1))
    assert (await door.get(path)).status == 200
    clock.set(meeting.ends_at)
    over = await door.get(path)
    assert (never.status, over.status) == (404, 404)
    assert await never.text() == await over.text()
    for address in (f"{path}/move", f"{path}/cancel"):
        assert (await door.get(address)).status == 404
        assert (await post(door, address, time=FRIDAY_10.isoformat())).status == 404


async def test_the_link_of_a_cancelled_meeting_does_not_reach_the_next_one(door: Gateway) -> None:
    conversation = await opened(door)
    _, path = await booked(door, conversation)
    await door.wiring.services.meetings.cancel(conversation.id)
    again, other_path = await booked(door, conversation)
    assert other_path != path
    assert (await post(door, f"{path}/cancel")).status == 404
    assert await door.wiring.services.meetings.current(conversation.id) == again


async def test_a_meeting_booked_in_between_is_left_alone(door: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = await opened(door)
    _, path = await booked(door, conversation)
    links, meetings = door.wiring.services.meeting_links, door.wiring.services.meetings
    token = path.removeprefix("/m/")
    linked = await links.open(token)
    await meetings.cancel(conversation.id)
    again, _ = await booked(door, conversation)

    async def as_before(_token: str) -> object:
        return linked

    monkeypatch.setattr(links, "open", as_before)
    with pytest.raises(LinkOver):
        await links.cancel(token)
    with pytest.raises(LinkOver):
        await links.move(token, FRIDAY_10)
    assert await meetings.current(conversation.id) == again
    assert await said(door, conversation) == []


@pytest.mark.parametrize("token", ["%00", "..%2f..", "a'b", "é", "x" * 5000, "%ff"])
async def test_any_address_is_answered(door: Gateway, token: str) -> None:
    assert (await door.get(f"/m/{token}")).status in (400, 404)


async def test_too_many_requests_are_refused(door: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = [(await door.get(f"/m/{n:043}")).status for n in range(meeting_links.PER_MINUTE + 1)]
    assert statuses == [404] * meeting_links.PER_MINUTE + [429]


async def test_the_chat_lists_the_link_once_booked(door: Gateway) -> None:
    meeting, path = await booked(door, await opened(door))
    links = door.wiring.services.meeting_links.links(meeting, "fr")
    assert [link.url.split("?")[0] for link in links] == [
        "https://calendar.google.com/calendar/render",
        "https://outlook.live.com/calendar/0/deeplink/compose",
        path,
    ]


async def test_where_nothing_else_is_free_it_says_so(door: Gateway) -> None:
    conversation = await opened(door)
    _, path = await booked(door, conversation)
    async with door.wiring.house.work() as unit:
        await unit.meetings.add_absence("agent-1", Absence(NOW, NOW + timedelta(days=200)), "away")
    text = await page(await door.get(f"{path}/move"))
    assert "Aucune autre heure n’est libre" in text and 'name="time"' not in text


@pytest.mark.parametrize("number", ["0", "1", "999", "-1", "x", "9" * 50])
async def test_any_page_of_times_is_answered(door: Gateway, number: str) -> None:
    _, path = await booked(door, await opened(door))
    assert (await door.get(f"{path}/move?page={number}")).status == 200
