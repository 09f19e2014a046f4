"""The directory in the console: seen by region, taken away, and brought back only when every line is right."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import aiohttp
import pytest

from bot.domain.organisations import Organisation
from bot.domain.organisations_csv import MAX_BYTES, write_csv
from bot.knowledge.organisations import directory
from tests.console.stage import Stage, Visitor
from tests.factories import an_organisation

PAGE = "/organisations"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


async def sends(visitor: Visitor, data: bytes, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    """Chooses a file and has it checked."""
    form = aiohttp.FormData({**await visitor.fields(PAGE), **fields})
    form.add_field("file", data, filename="organismes.csv", content_type="text/csv")
    response = await visitor.http.post(f"{visitor.stage.address}{PAGE}/check", data=form, allow_redirects=False)
    return response, await response.text()


async def confirms(visitor: Visitor, html: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    """Sends the form that the check answered with, as a browser does: line breaks as CRLF, in parts."""
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(html[html.index("<main") :])}
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**hidden, **fields}.items():
        form.add_field(name, value.replace("\r\n", "\n").replace("\n", "\r\n"))
    response = await visitor.http.post(f"{visitor.stage.address}{PAGE}/import", data=form, allow_redirects=False)
    return response, await response.text()


async def kept(stage: Stage) -> list[Organisation]:
    return list(await stage.wiring.services.organisations.all())


def a_file(*organisations: Organisation) -> bytes:
    return write_csv(organisations).encode()


async def test_the_list_shows_every_organisation_and_the_menu_leads_to_it(marie: Visitor) -> None:
    _, home = await marie.get("/")
    assert 'href="/staff/organisations"' in home
    response, html = await marie.get(PAGE)
    assert response.status == 200
    assert f"Organismes\u00a0: {len(directory().organisations)}" in html
    assert html.count('<li class="entry">') == len(directory().organisations)
    assert 'aria-current="page"' in html


async def test_the_list_is_searched_by_region(marie: Visitor) -> None:
    _, html = await marie.get(f"{PAGE}?region=13")
    assert html.count('<li class="entry">') == sum(o.region == "13" for o in directory().organisations)
    assert '<option value="13" selected>' in html
    assert "Services\u00a0: " in html and "fiche vérifiée le 21 novembre 2026" in html
    _, every = await marie.get(f"{PAGE}?region=99")
    assert every.count('<li class="entry">') == len(directory().organisations)


async def test_an_empty_region_says_so_and_a_name_is_no_markup(stage: Stage, marie: Visitor) -> None:
    odd = an_organisation(name="<script>x</script>", is_open_confirmed=True)
    await stage.wiring.services.organisations.import_csv(a_file(odd))
    assert "Aucun organisme dans cette région." in (await marie.get(f"{PAGE}?region=06"))[1]
    _, html = await marie.get(PAGE)
    assert "<script>x" not in html and "&lt;script&gt;x" in html
    assert "Ouverture confirmée" in html


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("get", "/export"), ("post", "/check"), ("post", "/import")])
async def test_nobody_comes_in_without_an_account(stage: Stage, method: str, path: str) -> None:
    stranger = await stage.a_visitor()
    response = await stranger.http.request(method, stage.address + PAGE + path, allow_redirects=False)
    assert response.status == (303 if method == "get" else 401)
    assert await kept(stage)


@pytest.mark.parametrize("path", ["/check", "/import"])
async def test_a_form_without_the_token_is_refused(stage: Stage, marie: Visitor, path: str) -> None:
    fields = {"csv": write_csv([an_organisation()]), "seen": ""}
    response, _ = await marie.post(PAGE + path, fields)
    assert response.status == 403
    assert len(await kept(stage)) == len(directory().organisations)


async def test_the_file_that_is_exported_can_be_imported_as_it_is(marie: Visitor) -> None:
    response = await marie.http.get(f"{marie.stage.address}{PAGE}/export")
    data = await response.read()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="organismes.csv"' in response.headers["Content-Disposition"]
    assert data.startswith(b"\xef\xbb\xbfid,name,city,region,")
    checked, html = await sends(marie, data)
    assert checked.status == 200
    assert "Rien à changer" in html
    assert all(f"{word}\u00a0: 0" in html for word in ("Ajoutés", "Modifiés", "Retirés"))
    assert f'action="/staff{PAGE}/import"' not in html


async def test_changes_are_counted_then_confirmed(stage: Stage, marie: Visitor) -> None:
    same, old, gone = (an_organisation(name, name=f"Nom {name}") for name in ("same", "old", "gone"))
    await stage.wiring.services.organisations.import_csv(a_file(same, old, gone))
    mended = an_organisation("old", name='Nom "d’ici" & <ailleurs>', city="Québec")
    response, html = await sends(marie, a_file(same, mended, an_organisation("new", name="=Nom")))
    assert response.status == 200
    assert all(f"{word}\u00a0: 1" in html for word in ("Ajoutés", "Modifiés", "Retirés"))
    assert "Nom gone" in html and "Nom same" not in html[: html.index("<form")]
    assert await kept(stage) == [gone, old, same]

    response, _ = await confirms(marie, html)
    assert (response.status, response.headers["Location"]) == (303, f"/staff{PAGE}")
    assert {each.id: each for each in await kept(stage)} == {
        "same": same,
        "old": mended,
        "new": an_organisation("new", name="=Nom"),
    }
    assert "Ajoutés\u00a0: 1; modifiés\u00a0: 1; retirés\u00a0: 1." in (await marie.get(PAGE))[1]
    assert "C’est importé" not in (await marie.get(PAGE))[1]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ("Ligne 3, colonne phone", "Un numéro s’écrit", "Ligne 4, colonne region", "de 01 à 17")),
        ("en", ("Line 3, column phone", "A number is written", "Line 4, column region", "from 01 to 17")),
        ("es", ("Línea 3, columna phone", "Un número se escribe", "Línea 4, columna region", "de 01 a 17")),
    ],
)
async def test_one_wrong_line_and_nothing_is_imported(
    stage: Stage, marie: Visitor, language: str, told: tuple[str, ...]
) -> None:
    await marie.get(f"/?lang={language}")
    wrong = a_file(an_organisation("a"), an_organisation("b", name="b", phone="x"), an_organisation("c", region="99"))
    response, html = await sends(marie, wrong)
    assert response.status == 422
    assert [text for text in told if text not in html] == []
    assert f'action="/staff{PAGE}/import"' not in html
    assert len(await kept(stage)) == len(directory().organisations)


KINDS: dict[str, dict[str, Any]] = {
    "bad_id": {"organisation_id": "É"},
    "bad_name": {"name": "…"},
    "bad_city": {"city": "?"},
    "bad_website": {"website": "x"},
    "unknown": {"services": ("danse",)},
    "repeated": {"services": ("accueil", "accueil")},
    "missing": {"name": ""},
    "too_long": {"name": "a" * 201},
    "control": {"name": "a\nb"},
}


@pytest.mark.parametrize(
    "data",
    [
        *(a_file(an_organisation(**values)) for values in KINDS.values()),
        a_file(an_organisation()).replace(b"unverified", b"oui"),
        a_file(an_organisation()).replace(b"2026-11-21", b"hier"),
        a_file(an_organisation()).replace(b"2026-11-21", b"2027-01-01"),
        a_file(an_organisation(), an_organisation()),
        a_file(an_organisation()).replace(b"phone", b"fax", 1),
        a_file(an_organisation()).replace(b"phone", b"name", 1),
        a_file(an_organisation()) + b'"x"y\r\n',
        a_file(an_organisation()) + b"x,y\r\n",
        a_file(an_organisation()) + b"\xe9",
        b"",
        b"x" * (MAX_BYTES + 1),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_every_kind_of_problem_has_its_sentence(marie: Visitor, data: bytes, language: str) -> None:
    response, html = await sends(marie, data, lang=language)
    assert response.status == 422
    assert 'class="at"' in html


async def test_very_many_problems_are_counted_and_the_first_shown(marie: Visitor) -> None:
    wrong = a_file(*(an_organisation(f"o{n}", phone="x") for n in range(310)))
    _, html = await sends(marie, wrong)
    assert "Problèmes dans le fichier\u00a0: 310." in html
    assert html.count('class="at"') == 300
    assert "Et d’autres\u00a0: 10." in html


async def test_no_file_and_a_file_that_is_far_too_large(marie: Visitor) -> None:
    response, html = await marie.submit(PAGE, f"{PAGE}/check")
    assert response.status == 422 and "ne contient aucun organisme" in html
    response, html = await sends(marie, b"x" * 2_000_000)
    assert response.status == 413 and "trop lourd" in html


async def test_a_directory_that_changed_meanwhile_is_shown_again(stage: Stage, marie: Visitor) -> None:
    _, html = await sends(marie, a_file(an_organisation("mine")))
    theirs = an_organisation("theirs")
    await stage.wiring.services.organisations.import_csv(a_file(theirs))
    response, again = await confirms(marie, html)
    assert response.status == 409
    assert "La liste a changé entre-temps" in again and "Retirés\u00a0: 1" in again
    assert await kept(stage) == [theirs]
    response, _ = await confirms(marie, again)
    assert response.status == 303
    assert await kept(stage) == [an_organisation("mine")]


async def test_a_confirmation_that_was_tampered_with_is_checked_again(stage: Stage, marie: Visitor) -> None:
    _, html = await sends(marie, a_file(an_organisation("mine")))
    response, refused = await confirms(marie, html, csv=write_csv([an_organisation(website="javascript:x")]))
    assert response.status == 422 and "colonne website" in refused
    assert len(await kept(stage)) == len(directory().organisations)


async def test_choosing_a_language_on_a_refused_form_comes_back_to_the_list_of_organisations(marie: Visitor) -> None:
    _, html = await sends(marie, b"")
    assert f'href="/staff{PAGE}?lang=es"' in html
