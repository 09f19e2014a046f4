"""A meeting from before departure to its reminders, and a time given up by one person that is held for the next."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from icalendar import Calendar

from bot.domain.meetings import Absence
from bot.domain.waiting_list import OfferState, Why
from bot.wiring import wired
from tests.e2e.conftest import NOW, TOKEN
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson
from tests.emulators.telegram import TelegramEmulator
from tests.factories import montreal, settings_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 20
# Scheduled jobs look at their own pace.
SCHEDULED = 60
# Of "mardi 24 novembre 2026, 9 h (14 h)": the hour in Montréal and the one in Dakar.
BOTH_ZONES = re.compile(r"(\d+) h(?: \d+)? \((\d+) h(?: \d+)?\)")
DAKAR_IS_AHEAD = 5


def plain(text: str) -> str:
    """With plain spaces."""
    return text.replace("\u00a0", " ")


def assert_both_zones(text: str) -> None:
    hours = BOTH_ZONES.findall(plain(text))
    assert hours, text
    assert all(int(there) == int(here) + DAKAR_IS_AHEAD for here, there in hours), text


async def test_a_meeting_booked_from_dakar_follows_the_arrival_is_moved_and_cancelled(house: House) -> None:
    async with WidgetPerson(house.url, "fr", "Africa/Dakar") as awa:
        await awa.writes("je suis encore à Dakar, je veux réserver un rendez-vous avant de partir")
        assert "au plus tard le jeudi 10 décembre 2026, le 5e jour ouvrable" in await awa.writes(
            "j'arrive le 3 décembre"
        )
        await awa.writes("à Laval")
        offered = await awa.writes("à distance")
        assert "heure de Montréal" in offered
        assert len(BOTH_ZONES.findall(plain(offered))) == 3
        assert_both_zones(offered)
        booked = await awa.presses(awa.said[-1]["choices"][0]["title"])
        assert "C’est réservé" in booked
        assert_both_zones(booked)
        first = await event_of(house, awa)

        changed = await awa.writes("j'arrive finalement le 15 décembre")
        assert "arrivée mardi 15 décembre 2026" in changed
        assert "au plus tard le mardi 22 décembre 2026" in changed
        assert "Votre rendez-vous reste réservé" in changed
        assert_both_zones(changed)

        assert_both_zones(await awa.writes("je veux déplacer mon rendez-vous"))
        moved = await awa.writes("le jeudi 17 décembre à 10 h")
        assert "C’est déplacé : **jeudi 17 décembre 2026, 10 h (15 h)**" in plain(moved)
        second = await event_of(house, awa)
        assert (second["UID"], second["STATUS"]) == (first["UID"], "CONFIRMED")
        assert second["SEQUENCE"] > first["SEQUENCE"]
        assert second.decoded("DTSTART") == montreal("2026-12-17 10:00")

        asked = await awa.writes("je veux annuler mon rendez-vous")
        assert "jeudi 17 décembre 2026, 10 h (15 h)" in plain(asked)
        file = file_of(awa)
        assert "C’est annulé" in await awa.presses("Annuler la rencontre")
        cancelled = await event_at(house, file)
        assert (cancelled["UID"], cancelled["STATUS"]) == (first["UID"], "CANCELLED")
        assert cancelled["SEQUENCE"] > second["SEQUENCE"]


async def test_reminders_come_on_telegram_when_it_is_time_and_are_answered(tmp_path: Path) -> None:
    """The house is started anew at each hour, as after a power cut: what is planned is kept."""
    async with TelegramEmulator(TOKEN) as telegram:
        telling = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url}
        awa = telegram.person("Awa", language="fr")
        async with AsyncExitStack() as stack:
            await up(stack, tmp_path, NOW, telling)
            await awa.writes("/start")
            await awa.waits_for("Bonjour! Hello! ¡Hola!", SECONDS)
            for text, answer in (
                ("je veux réserver un rendez-vous", "date de votre arrivée"),
                ("le 3 décembre", "au plus tard le jeudi 10 décembre 2026"),
                ("Laval", "en personne ou à distance"),
                ("à distance", "Quelle heure"),
                ("la première", "C’est réservé"),
                ("j'arrive finalement le 15 décembre", "au plus tard le mardi 22 décembre 2026"),
                (
                    "je dois déplacer mon rendez-vous",
                    lambda message: message.text.count("Quelle heure") and awa.buttons,
                ),
            ):
                await awa.writes(text)
                await awa.waits_for(answer, SECONDS)
            await awa.writes("le jeudi 26 novembre à 14 h")
            moved = await awa.waits_for("C’est déplacé", SECONDS)
            assert "jeudi 26 novembre 2026, 14 h" in plain(moved.text)

        awa.forgets()
        async with AsyncExitStack() as stack:
            await up(stack, tmp_path, "2026-11-25T14:00:00-05:00", telling)
            tomorrow = await awa.waits_for("Demain, votre rendez-vous", SCHEDULED)
            assert "jeudi 26 novembre 2026, 14 h" in plain(tomorrow.text)
            assert tomorrow.buttons == ["J’y serai", "Déplacer", "Annuler", "Je suis en retard"]
            await awa.presses("J’y serai")
            await awa.waits_for("C’est noté. À bientôt!", SECONDS)

        awa.forgets()
        async with AsyncExitStack() as stack:
            await up(stack, tmp_path, "2026-11-26T12:00:00-05:00", telling)
            await awa.waits_for("Aujourd’hui, votre rendez-vous", SCHEDULED)
            await awa.presses("Annuler")
            asked = await awa.waits_for("l’annuler?", SECONDS)
            assert "jeudi 26 novembre 2026, 14 h" in plain(asked.text)
            await awa.presses("Annuler la rencontre")
            await awa.waits_for("C’est annulé", SECONDS)
            reminders = [text for text in awa.texts if "votre rendez-vous : " in plain(text)]
            assert len(reminders) == 1, "each is said once"


async def test_a_time_given_up_is_held_for_who_waits_in_order(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        house = await up(stack, tmp_path, NOW, {})
        wednesday = montreal("2026-11-25 09:00")
        await leave_one_time(house, "demo-06-3", wednesday, before=montreal("2026-12-02 00:00"))
        leaver, first, second = [
            await stack.enter_async_context(WidgetPerson(house.url, "en", zone))
            for zone in ("America/Toronto", "Europe/London", "America/Winnipeg")
        ]

        offered = await asks_for_a_time(leaver)
        assert offered.count("–") == 1, "the only time left"
        assert "It’s booked" in await leaver.presses(leaver.said[-1]["choices"][0]["title"])

        for waiting in (first, second):
            offered = await asks_for_a_time(waiting)
            assert "nothing is open by Tuesday, December 1, 2026" in offered
            assert "Wednesday, December 2, 2026, 9 a.m." in plain(offered)
            assert "You’re on the waiting list" in await waiting.presses("Wait for a place")
            assert "You’re on the waiting list" in await waiting.writes("when is my appointment?")

        async with wired(settings_in(house.var, now=NOW)) as wiring:
            board = await wiring.services.promise.board("06")
            assert len(board.waiting) == 2, "the coordinator sees them at once"

        await leaver.writes("cancel my meeting")
        assert "It’s cancelled" in await leaver.writes("yes")
        told = plain((await first.hears("An earlier time has opened up", SCHEDULED))["text"])
        assert "Wednesday, November 25, 2026, 9 a.m. (2 p.m.)" in told
        assert "until 4" in told, "an hour, on the person's clocks"
        assert not [message for message in second.said if "has opened up" in message["text"]]

        assert "goes to someone else" in await first.presses("No, thank you")
        told = plain((await second.hears("An earlier time has opened up", SCHEDULED))["text"])
        assert "Wednesday, November 25, 2026, 9 a.m. (8 a.m.)" in told
        taken = plain(await second.presses("Take this time"))
        assert "It’s booked: **Wednesday, November 25, 2026, 9 a.m. (8 a.m.)**" in taken

        async with wired(settings_in(house.var, now=NOW)) as wiring:
            waiting_list = wiring.services.meetings.waiting_list
            assert len(await waiting_list.in_order()) == 1, "who said no keeps their place"
            offers = sorted(await waiting_list.offers(montreal("2026-11-23 00:00")), key=lambda one: one.offered_at)
        assert [one.state for one in offers] == [OfferState.DECLINED, OfferState.TAKEN]
        assert [one.starts_at for one in offers] == [wednesday, wednesday]
        why = [Why.from_text(one.reason) for one in offers]
        assert [(one.place, one.already_asked) for one in why] == [(1, 0), (2, 1)]


async def up(stack: AsyncExitStack, var: Path, now: str, settings: dict[str, str]) -> House:
    """A house of its own, stopped when the stack is left."""
    house = House(var, {"PASSERELLE_NOW": now, **settings})
    stack.push_async_callback(house.stop)
    await house.start()
    return house


async def leave_one_time(house: House, agent_id: str, start: datetime, before: datetime) -> None:
    """Everybody is away until then; this agent alone is there for one meeting."""
    begins = montreal("2026-11-23 00:00")
    async with wired(settings_in(house.var, now=NOW)) as wiring, wiring.house.work() as unit:
        for agent in await unit.meetings.agents():
            there = [start, start + agent.length] if agent.id == agent_id else []
            for away in zip([begins, *there[1:]], [*there[:1], before], strict=True):
                await unit.meetings.add_absence(agent.id, Absence(*away), "")


async def asks_for_a_time(person: WidgetPerson) -> str:
    for text in ("I want to book a meeting", "I arrive November 24", "Montreal"):
        await person.writes(text)
    return await person.writes("online please")


def file_of(person: WidgetPerson) -> str:
    """The newest file that was given."""
    url: str = next(message["files"][0]["url"] for message in reversed(person.said) if message["files"])
    return url


async def event_of(house: House, person: WidgetPerson) -> Any:
    return await event_at(house, file_of(person))


async def event_at(house: House, url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(house.url + url) as answer:
        assert answer.status == 200
        return Calendar.from_ical(await answer.read()).walk("VEVENT")[0]
