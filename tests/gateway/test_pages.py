"""What the gateway serves besides the conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.fake_rasa import FakeRasa
from tests.gateway.widget_kit import Gateway, gateway


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as rasa:
        yield rasa


@pytest.fixture
async def door(tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path, rasa) as door:
        yield door


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "fr"),
        ("", "es-CO,es;q=0.9", "es"),
        ("", "pt-BR, en;q=0.5", "en"),
        ("", "zz", "fr"),
        ("?lang=en", "es", "en"),
        ("?lang=zz", "es", "es"),
    ],
)
async def test_home_speaks_the_language_of_the_browser(
    door: Gateway, query: str, accepted: str | None, language: str
) -> None:
    page = await door.get(f"/{query}", headers={"Accept-Language": accepted} if accepted else {})
    assert page.status == 200
    assert f'<html lang="{language}"' in await page.text()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/widget.js", "text/javascript"),
        ("/static/widget.css", "text/css"),
        ("/static/tokens.css", "text/css"),
        ("/chat/words", "application/json"),
    ],
)
async def test_other_sites_may_read_what_the_widget_needs(door: Gateway, path: str, kind: str) -> None:
    answer = await door.get(path)
    assert (answer.status, answer.content_type) == (200, kind)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_words_are_complete_in_each_language(door: Gateway) -> None:
    words = await (await door.get("/chat/words")).json()
    assert set(words) == {"fr", "en", "es"}
    assert words["fr"].keys() == words["en"].keys() == words["es"].keys()
    assert words["fr"] != words["en"] != words["es"]


@pytest.mark.parametrize("path", ["/", "/widget.js", "/health", "/nothing/here", "/files/meetings/none.ics"])
async def test_every_answer_tells_a_browser_what_it_may_do(door: Gateway, path: str) -> None:
    headers = (await door.get(path)).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_page_holds_nothing_that_its_policy_forbids(door: Gateway) -> None:
    page = await (await door.get("/")).text()
    assert "style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page


async def test_alive_without_rasa_ready_with_it(door: Gateway, rasa: FakeRasa) -> None:
    assert (await door.get("/health")).status == 200
    assert (await door.get("/ready")).status == 200
    rasa.is_ready = False
    assert (await door.get("/ready")).status == 503
    await rasa.stop()
    assert (await door.get("/ready")).status == 503
    assert (await door.get("/health")).status == 200


async def test_browsers_asking_for_an_icon_find_no_error(door: Gateway) -> None:
    assert (await door.get("/favicon.ico")).status == 204


async def test_rasa_cannot_be_reached_through_the_gateway(door: Gateway) -> None:
    for path in ("/webhooks/passerelle/turn", "/webhooks/rest/webhook", "/webhook", "/model/parse"):
        assert (await door.get(path)).status == 404
