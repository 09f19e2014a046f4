"""The same booking over Telegram, against a Bot API emulator."""

from __future__ import annotations

import pytest

from tests.e2e.house import House
from tests.emulators.telegram import TelegramEmulator

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 20


@pytest.mark.parametrize(
    ("language", "book", "date_asked", "arrival", "place_asked", "place", "mode", "times", "booked"),
    [
        (
            "fr",
            "je veux réserver un rendez-vous",
            "date de votre arrivée",
            "3 décembre",
            "ville ou région",
            "Québec ville",
            "À distance",
            "Quelle heure",
            "C’est réservé",
        ),
        (
            "en",
            "I want to book a meeting",
            "arrival date",
            "December 3",
            "city or region",
            "Longueuil",
            "At a distance",
            "Which time",
            "It’s booked",
        ),
        (
            "es",
            "quiero reservar una cita",
            "fecha de llegada",
            "3 de diciembre",
            "ciudad o región",
            "Laval",
            "A distancia",
            "Qué horario",
            "Cita reservada",
        ),
    ],
    ids=["fr", "en", "es"],
)
async def test_a_meeting_is_booked_on_telegram(
    house: House,
    telegram: TelegramEmulator,
    language: str,
    book: str,
    date_asked: str,
    arrival: str,
    place_asked: str,
    place: str,
    mode: str,
    times: str,
    booked: str,
) -> None:
    person = telegram.person(language=language)
    await person.writes("/start")
    await person.waits_for("Bonjour! Hello! ¡Hola!", SECONDS)
    await person.writes(book)
    await person.waits_for(date_asked, SECONDS)
    await person.writes(arrival)
    await person.waits_for(place_asked, SECONDS)
    await person.writes(place)
    await person.waits_for(lambda message: mode in message.buttons, SECONDS)
    await person.presses(mode)
    offered = await person.waits_for(times, SECONDS)
    await person.presses(offered.buttons[0])
    await person.waits_for(booked, SECONDS)
    file = await person.waits_for(lambda message: message.document is not None, SECONDS)
    assert file.document is not None
    assert b"BEGIN:VCALENDAR" in file.document.content
