"""A language is added to a copy of the checkout as data alone, and the whole program answers in it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from bot.i18n.catalogue import default_catalogue
from tests.e2e.conftest import NOW
from tests.e2e.fourth_language import (
    CODE,
    DANGER,
    NAME,
    Copy,
    copy_with_language,
    share_turned,
    turned,
)
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The rest of an answer: names of offices, dates, addresses.
MOSTLY = 0.8


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return copy_with_language(tmp_path_factory.mktemp("fourth"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(copy: Copy) -> AsyncIterator[House]:
    running = House(copy.root.parent / "var", {"PASSERELLE_NOW": NOW}, root=copy.root)
    await running.start()
    yield running
    await running.stop()


def own(name: str) -> str:
    """The longest piece of a sentence of the assistant between placeholders, in the made-up language."""
    pieces = default_catalogue().french(name).replace("}", "{").split("{")[::2]
    return turned(max(pieces, key=len)).strip()


async def test_nothing_but_data_was_changed(copy: Copy) -> None:
    changed = copy.changed()
    assert {f"locales/{CODE}/language.yml", f"nlu_data/nlu/{CODE}/all.yml", "bot/knowledge/glossary.csv"} <= changed
    is_data = re.compile(r"locales/qx/.*|locales/../LC_MESSAGES/.*|nlu_data/nlu/.*|bot/knowledge/.*\.(yml|csv)")
    assert [name for name in changed if not is_data.fullmatch(name)] == []


async def test_it_answers_books_and_reads_a_date_in_the_language(house: House) -> None:
    async with WidgetPerson(house.url, CODE, greeting=own("utter_greet")[:20]) as person:
        notice = person.said[-1] if person.said[-1]["choices"] else await person.hears(own("utter_notice"))
        assert [choice["title"] for choice in notice["choices"]] == ["Français", "English", "Español", NAME]

        assert own("utter_greet_again") in await person.writes(turned("bonjour"))

        step = await person.writes(turned("comment avoir la carte d'assurance maladie?"))
        assert share_turned(step) > MOSTLY, step
        assert person.said[-1]["topic"] == "ask_health_insurance"
        more = await person.presses(own("utter_label_more"))
        assert share_turned(more) > MOSTLY and more != step, more

        assert own("utter_ask_arrival_date") in await person.writes(turned("je veux prendre un rendez-vous"))
        noted = await person.writes("3 erbmecedq")
        assert "ĵaŭdo, la 3-a de Decembro 2026" in noted
        assert own("utter_arrival_noted") in noted and own("utter_ask_region") in noted

        danger = await person.writes(DANGER)
        assert "911" in danger and share_turned(danger) > MOSTLY, danger
        assert person.said[-1]["topic"] == "emergency"


async def test_the_language_is_asked_for_by_its_name_or_heard(house: House) -> None:
    for said in (f"on peut parler {NAME.lower()}en?", turned("bonjour, je cherche un logement")):
        async with WidgetPerson(house.url, "fr") as person:
            await person.writes(said)
            answer = person.said[-1]
            assert answer["language"] == CODE and share_turned(answer["text"]) > MOSTLY, answer


async def test_pages_and_menus_offer_it(house: House) -> None:
    async with aiohttp.ClientSession() as browser:
        words = await (await browser.get(f"{house.url}/chat/words")).json()
        page = await (await browser.get(f"{house.url}/?lang={CODE}")).text()
        console = await (await browser.get(f"{house.url}/staff/sign-in?lang={CODE}")).text()
    assert list(words) == ["fr", "en", "es", CODE]
    assert words[CODE]["language"] == {"name": NAME, "locale": "eo", "direction": "rtl"}
    assert words[CODE]["send"] == turned(words["fr"]["send"])
    for html in (page, console):
        assert f'<html lang="{CODE}" dir="rtl">' in html
        assert f'lang="{CODE}"' in html and NAME in html
    assert "franca, angla, hispana kaj Kuksi" in page
