"""Objectif intégration over the whole program: a seat, the list, a freed seat, leaving; and what comes first."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.conftest import NOW
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 20
ONE_SEAT = "Petite salle de démonstration"
PAGES = 10


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One in which nobody else has taken the only seat."""
    running = House(tmp_path_factory.mktemp("sessions"), {"PASSERELLE_NOW": NOW})
    await running.start()
    yield running
    await running.stop()


async def test_a_freed_seat_goes_to_who_waits_in_spanish(house: House) -> None:
    async with (
        WidgetPerson(house.url, "es", "America/Bogota") as ana,
        WidgetPerson(house.url, "es", "America/Bogota") as luis,
    ):
        shown = await to_sessions(ana)
        assert f"{ONE_SEAT}, Montréal (Passerelle (démonstration)). Lugares libres: 1" in shown
        registered = await chooses(ana, ONE_SEAT)
        assert "Su **solicitud** está anotada" in registered
        assert "Nada está confirmado todavía" in registered
        assert "lunes 28 de diciembre de 2026, 9:00" in registered
        assert "En total: 24 horas" in registered

        await to_sessions(luis)
        waiting = await chooses(luis, ONE_SEAT)
        assert "Lista de espera" in waiting
        assert "Su posición: 1" in waiting
        assert "Su posición: 1" in await luis.writes("¿qué citas tengo?")

        await ana.writes("ya no puedo ir a la sesión, quiero cancelar mi inscripción")
        assert "ya no está en la sesión del lunes 28 de diciembre" in await ana.presses("Cancelar inscripción")

        offered = await luis.hears("Se liberó un lugar", SECONDS)
        assert "lunes 28 de diciembre de 2026, 9:00" in offered["text"]
        assert "martes 24 de noviembre de 2026" in offered["text"], "a day to answer"
        assert [choice["title"] for choice in offered["choices"]] == ["Tomar el lugar", "No, gracias"]
        assert "Su **solicitud** está anotada" in await luis.presses("Tomar el lugar")
        assert "lunes 28 de diciembre" in await luis.writes("¿qué citas tengo?")

        await luis.writes("quiero retirarme de la sesión")
        assert "ya no está en la sesión" in await luis.presses("Cancelar inscripción")
        again = await ana.writes("quiero inscribirme en una sesión de Objectif intégration")
        assert f"{ONE_SEAT}, Montréal (Passerelle (démonstration)). Lugares libres: 1" in again
        await ana.writes("dejémoslo")


async def test_who_refuses_a_freed_seat_leaves_it_to_the_next(house: House) -> None:
    async with (
        WidgetPerson(house.url, "es") as ana,
        WidgetPerson(house.url, "es") as luis,
        WidgetPerson(house.url, "es") as eva,
    ):
        for rank, person in enumerate((ana, luis, eva)):
            await to_sessions(person)
            said = await chooses(person, ONE_SEAT)
            assert (f"Su posición: {rank}" if rank else "está anotada") in said
        await ana.writes("cancelar mi inscripción a la sesión")
        await ana.presses("Cancelar inscripción")
        await luis.hears("Se liberó un lugar", SECONDS)
        assert "Su posición: 1" in await eva.writes("¿qué citas tengo?")
        await luis.presses("No, gracias")
        await eva.hears("Se liberó un lugar", SECONDS)
        await eva.presses("Tomar el lugar")
        await eva.writes("cancelar mi inscripción a la sesión")
        assert "ya no está en la sesión" in await eva.presses("Cancelar inscripción")


@pytest.mark.parametrize(
    ("language", "asks", "adult", "status", "little", "course"),
    [
        (
            "fr",
            "je veux m'inscrire à une session Objectif intégration",
            "j'ai 29 ans",
            "Études",
            "un peu seulement",
            "Cours de français",
        ),
        (
            "en",
            "I want to register for an Objectif intégration session",
            "I'm 29 years old",
            "Studies",
            "only a little",
            "French courses",
        ),
        (
            "es",
            "quiero inscribirme en una sesión de Objectif intégration",
            "tengo 29 años",
            "Estudios",
            "solo un poco",
            "Cursos de francés",
        ),
    ],
    ids=["fr", "en", "es"],
)
async def test_whose_french_is_not_enough_yet_is_shown_a_course(
    house: House, language: str, asks: str, adult: str, status: str, little: str, course: str
) -> None:
    async with WidgetPerson(house.url, language) as person:
        await person.writes(asks)
        await person.writes(adult)
        await person.presses(status)
        await person.writes(little)
        assert course in [choice["title"] for choice in person.said[-1]["choices"]]


async def to_sessions(person: WidgetPerson) -> str:
    """Every question is answered but the last."""
    await person.writes("quiero inscribirme en una sesión de Objectif intégration")
    await person.writes("tengo 34 años")
    await person.presses("Residencia perm.")
    await person.presses("Sí, puedo")
    return await person.writes("en Montreal")


async def chooses(person: WidgetPerson, place: str) -> str:
    """Turns the pages until this place is shown, and takes its button."""
    for _ in range(PAGES):
        shown = person.said[-1]
        lines = [line for line in shown["text"].splitlines() if line[:1].isdigit()]
        number = next((n for n, line in enumerate(lines) if place in line), None)
        if number is not None:
            return await person.presses(shown["choices"][number]["title"])
        await person.presses("Otras sesiones")
    raise AssertionError(f"{place} is on no page")
