"""A person asks for a human; staff take, answer and close in the console; the person hears it live."""

from __future__ import annotations

import re

import aiohttp
import pytest

from tests.e2e.house import House
from tests.e2e.people import WidgetPerson
from tests.emulators.telegram import TelegramEmulator

pytestmark = pytest.mark.asyncio(loop_scope="session")

_HIDDEN = re.compile(r'name="(csrf|reply_id)"[^>]*value="([^"]+)"')


class StaffMember:
    """Works in the console with plain forms, as a browser without JavaScript does."""

    def __init__(self, house: House) -> None:
        self._url = house.url
        self._email, self._password = house.sign_in()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> StaffMember:
        await self.posts("/staff/sign-in", "/staff/sign-in", email=self._email, password=self._password)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def sees(self, path: str) -> str:
        async with self._session.get(self._url + path) as answer:
            assert answer.status == 200, path
            return await answer.text()

    async def posts(self, page: str, path: str, **values: str) -> str:
        hidden = dict(_HIDDEN.findall(await self.sees(page)))
        async with self._session.post(self._url + path, data={**hidden, **values}) as answer:
            assert answer.status == 200, (path, answer.status, await answer.text())
            return await answer.text()

    async def finds(self, words: str) -> str:
        """The address of the conversation whose page holds these words."""
        listed = await self.sees("/staff/")
        for path in dict.fromkeys(re.findall(r'href="(/staff/conversations/[^"/]+)"', listed)):
            if words in await self.sees(path):
                return str(path)
        raise AssertionError(f"no conversation with {words!r}")


async def test_staff_take_answer_and_give_back_a_widget_conversation(house: House) -> None:
    async with WidgetPerson(house.url, "fr") as person, StaffMember(house) as staff:
        await person.writes("question de test numéro quarante-deux")
        assert "J’avertis" in await person.writes("je veux parler à quelqu'un")
        page = await staff.finds("numéro quarante-deux")
        await staff.posts(page, f"{page}/take")
        await person.hears("vous répond")
        await person.sends("bonjour, vous êtes là?")
        assert "bonjour, vous êtes là?" in await staff.sees(page)
        await staff.posts(page, f"{page}/reply", text="Oui, je suis là.")
        heard = await person.hears("Oui, je suis là.")
        assert heard["from"] == "staff"
        await staff.posts(page, f"{page}/close")
        await person.hears("je reprends")
        assert "donne accès sans frais aux soins" in await person.writes("comment avoir la carte soleil?")


async def test_staff_answer_reaches_telegram_once(house: House, telegram: TelegramEmulator) -> None:
    person = telegram.person(language="es")
    await person.writes("/start")
    await person.waits_for("Passerelle", 20)
    await person.writes("quiero hablar con una persona, mensaje sesenta y seis")
    await person.waits_for("Aviso a", 20)
    async with StaffMember(house) as staff:
        page = await staff.finds("sesenta y seis")
        await staff.posts(page, f"{page}/take")
        await staff.posts(page, f"{page}/reply", text="Buenos días, le leo.")
        await person.waits_for("Buenos días, le leo.", 20)
        await staff.posts(page, f"{page}/close")
        await person.waits_for("sigo yo", 20)
    assert sum("Buenos días, le leo." in text for text in person.texts) == 1
