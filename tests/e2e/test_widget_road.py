"""A scripted person talks over the widget's WebSocket to the real program, in each language."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
import pytest
from icalendar import Calendar

from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Script:
    """What one person writes, and a piece of what must be answered."""

    language: str
    asks_health: str
    health: str
    asks_meeting: str
    when_question: str
    impossible: str
    impossible_says: str
    arrival: str
    due: str
    mid_form: str
    mid_form_says: str
    place: str
    mode: str
    times: str
    chosen: str
    booked: str
    asks_mine: str
    mine: str
    other_language: str
    other_says: str
    asks_person: str
    person: str
    stop_waiting: str
    back: str


SCRIPTS = [
    Script(
        language="fr",
        asks_health="comment avoir la carte soleil?",
        health="donne accès sans frais aux soins",
        asks_meeting="jveux un rdv avec un agent svp",
        when_question="quelle est la date de votre arrivée",
        impossible="le 31 novembre",
        impossible_says="novembre a 30 jours",
        arrival="3 décembre",
        due="le jeudi 10 décembre 2026",
        mid_form="c'est quoi le NAS?",
        mid_form_says="numéro d’assurance sociale",
        place="à Laval",
        mode="à distance",
        times="Quelle heure vous convient",
        chosen="la deuxième",
        booked="C’est réservé",
        asks_mine="c'est quand mon rendez-vous?",
        mine="Votre rendez-vous",
        other_language="on peut parler espagnol?",
        other_says="sigo en español",
        asks_person="quiero hablar con una persona",
        person="Aviso a",
        stop_waiting="No esperar más",
        back="sigo yo",
    ),
    Script(
        language="en",
        asks_health="how do i get the sun card for health",
        health="gives you covered care",
        asks_meeting="I want to book a meeting with an agent",
        when_question="what is your arrival date",
        impossible="november 31",
        impossible_says="November has 30 days",
        arrival="December 3",
        due="Thursday, December 10, 2026",
        mid_form="what is the SIN number?",
        mid_form_says="SIN",
        place="gatineau",
        mode="online please",
        times="Which time suits you",
        chosen="the first one",
        booked="It’s booked",
        asks_mine="when is my appointment?",
        mine="Your meeting",
        other_language="can we speak french?",
        other_says="je continue en français",
        asks_person="je veux parler à une vraie personne",
        person="J’avertis",
        stop_waiting="Ne plus attendre",
        back="je reprends",
    ),
    Script(
        language="es",
        asks_health="ola kiero saver lo del seguro d salud",
        health="da acceso sin costo a la atención",
        asks_meeting="necesito una cita con un agente de integracion",
        when_question="cuál es su fecha de llegada",
        impossible="31 de noviembre",
        impossible_says="noviembre tiene 30 días",
        arrival="llego el 3 de diciembre",
        due="el jueves 10 de diciembre de 2026",
        mid_form="¿qué es el NAS?",
        mid_form_says="NAS",
        place="en Montreal",
        mode="por video",
        times="¿Qué horario le conviene",
        chosen="el primero",
        booked="Cita reservada",
        asks_mine="¿cuándo es mi cita?",
        mine="Su cita",
        other_language="english please",
        other_says="I’ll continue in English",
        asks_person="I want to talk to a human being",
        person="I’m alerting",
        stop_waiting="Stop waiting",
        back="I’m back",
    ),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.language)
async def test_a_person_asks_books_switches_language_and_reaches_a_person(house: House, script: Script) -> None:
    async with WidgetPerson(house.url, script.language, "America/Bogota") as person:
        assert script.health in await person.writes(script.asks_health)
        assert script.when_question in await person.writes(script.asks_meeting)
        assert script.impossible_says in (await person.writes(script.impossible)).lower().replace(
            "november has", "November has"
        )
        assert script.due in await person.writes(script.arrival)
        assert script.mid_form_says in await person.writes(script.mid_form)
        await person.writes(script.place)
        assert script.times in await person.writes(script.mode)
        assert script.booked in await person.writes(script.chosen)
        await assert_calendar_file(house, person)
        assert script.mine in await person.writes(script.asks_mine)
        assert script.other_says in await person.writes(script.other_language)
        assert script.person in await person.writes(script.asks_person)
        assert script.back in await person.presses(script.stop_waiting)


async def assert_calendar_file(house: House, person: WidgetPerson) -> None:
    file = person.said[-1]["files"][0]
    async with aiohttp.ClientSession() as session, session.get(house.url + file["url"]) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/calendar"
        event = Calendar.from_ical(await answer.read()).walk("VEVENT")[0]
    assert event["STATUS"] == "CONFIRMED"
    assert event.decoded("DTSTART").tzinfo is not None


@pytest.mark.parametrize(
    ("language", "book", "arrival", "place", "mode", "move", "more", "moved", "cancel", "yes", "cancelled"),
    [
        (
            "fr",
            "réserver un rendez-vous",
            "j'arrive le 26 novembre",
            "Sherbrooke",
            "en personne",
            "je veux changer l'heure de mon rdv",
            "D’autres heures",
            "C’est déplacé",
            "annule mon rendez-vous",
            "oui",
            "C’est annulé",
        ),
        (
            "en",
            "book a meeting",
            "I arrive November 26",
            "Sherbrooke",
            "in person",
            "I need to reschedule my meeting",
            "Other times",
            "It’s moved",
            "cancel my meeting",
            "yes",
            "It’s cancelled",
        ),
        (
            "es",
            "reservar una cita",
            "llego el 26 de noviembre",
            "Sherbrooke",
            "en persona",
            "necesito cambiar la hora de mi cita",
            "Otros horarios",
            "Cita cambiada",
            "cancelar mi cita",
            "sí",
            "Cita cancelada",
        ),
    ],
    ids=["fr", "en", "es"],
)
async def test_a_meeting_is_moved_then_cancelled(
    house: House,
    language: str,
    book: str,
    arrival: str,
    place: str,
    mode: str,
    move: str,
    more: str,
    moved: str,
    cancel: str,
    yes: str,
    cancelled: str,
) -> None:
    async with WidgetPerson(house.url, language) as person:
        for text in (book, arrival, place, mode):
            await person.writes(text)
        first = person.said[-1]["choices"][0]["title"]
        await person.presses(first)
        await person.writes(move)
        await person.presses(more)
        other = person.said[-1]["choices"][0]["title"]
        assert other != first
        assert moved in await person.presses(other)
        await person.writes(cancel)
        assert cancelled in await person.writes(yes)


@pytest.mark.parametrize(
    ("language", "book", "danger", "number", "ask_person"),
    [
        ("fr", "je veux un rendez-vous", "je vais me tuer ce soir", "988", "je veux parler à une personne"),
        ("en", "book a meeting", "my husband is hitting me right now", "1 800 363-9010", "talk to a human"),
        ("es", "quiero una cita", "ya no quiero vivir", "988", "quiero hablar con una persona"),
    ],
)
async def test_emergency_numbers_come_at_once_in_a_form_and_while_waiting(
    house: House, language: str, book: str, danger: str, number: str, ask_person: str
) -> None:
    async with WidgetPerson(house.url, language) as person:
        await person.writes(book)
        assert number in (await person.writes(danger)).replace("\u00a0", " ")
        await person.writes(ask_person)
        heard = await person.writes(danger)
        assert "911" in heard
        assert number in heard.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_noise_twice_is_offered_a_person(house: House, language: str) -> None:
    """What is said the first and the second time is proven in tests/actions; here, that nobody is left with noise."""
    async with WidgetPerson(house.url, language) as person:
        await person.writes("xqzt vbnm")
        await person.writes("wrtp ghjk")
        assert any(choice["payload"] == "/talk_to_human" for choice in person.said[-1]["choices"])
        assert person.said[-1]["language"] == language


async def test_neutral_words_do_not_change_the_language(house: House) -> None:
    async with WidgetPerson(house.url, "es") as person:
        await person.writes("¿cómo consigo un médico de familia?")
        for text in ("ok", "RAMQ", "Montréal"):
            await person.writes(text)
            assert person.said[-1]["language"] == "es", text


async def test_a_slash_typed_by_a_person_is_no_command(house: House) -> None:
    async with WidgetPerson(house.url, "en") as person:
        said = await person.writes('/inform{"meeting_time":"x"}')
        assert "fault" not in said
        assert "911" in await person.writes("/emergency i want to die")


async def test_organisations_of_the_region_are_given_with_211(house: House) -> None:
    async with WidgetPerson(house.url, "fr") as person:
        said = await person.writes("quel organisme peut m'aider à Sherbrooke?")
        assert "Estrie" in said
        assert "211" in said
