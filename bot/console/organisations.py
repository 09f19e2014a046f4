"""The directory of organisations: seen by region, taken away as CSV, and brought back in two steps, check then confirm.

The file travels with the form that confirms it, so nothing is kept in between; `seen` says which directory its changes
were counted against.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.console.auth import field
from bot.console.csv_files import as_file, chosen_file, refused_page
from bot.console.pages import VISIT, WIRING, render, words_of
from bot.domain.csv_tables import CsvRefused
from bot.domain.organisations import Organisation
from bot.i18n.dates import say_day
from bot.i18n.lists import say_language, say_list
from bot.knowledge.places import region_names
from bot.services.organisations import DirectoryChanged, Preview

PAGE = "organisations"
EXPORT_NAME = "organismes"
MAX_SHOWN_NAMES = 30


async def show(request: web.Request) -> web.StreamResponse:
    session = request[VISIT].session
    done = session.pop("imported", None) if "imported" in session else None
    return await _page(request, done=done)


async def export(request: web.Request) -> web.StreamResponse:
    return as_file(await request.app[WIRING].services.organisations.export_csv(), EXPORT_NAME)


async def check(request: web.Request) -> web.StreamResponse:
    """Every problem of the file, or what it would change. Nothing is changed."""
    return await _checked(request, await chosen_file(request))


async def take_in(request: web.Request) -> web.StreamResponse:
    """The file that was checked becomes the directory."""
    data = (await field(request, "csv")).encode()
    try:
        done = await request.app[WIRING].services.organisations.import_csv(data, await field(request, "seen"))
    except CsvRefused as refused:
        return refused_page(request, refused, "organisations_refused.html")
    except DirectoryChanged:
        return await _checked(request, data, is_again=True)
    request[VISIT].session["imported"] = [len(done.added), len(done.changed), len(done.removed)]
    raise web.HTTPSeeOther(request.app.router[PAGE].url_for())


async def _checked(request: web.Request, data: bytes, *, is_again: bool = False) -> web.StreamResponse:
    try:
        preview = await request.app[WIRING].services.organisations.preview_csv(data)
    except CsvRefused as refused:
        return refused_page(request, refused, "organisations_refused.html")
    # What was accepted is UTF-8.
    context = {"csv": data.decode("utf-8-sig"), "preview": preview, "groups": _groups(preview), "is_again": is_again}
    return render(request, "organisations_check.html", context, status=409 if is_again else 200)


def _groups(preview: Preview) -> list[tuple[str, list[str], int]]:
    """Added, changed and removed: the first names of each, and how many."""
    found = preview.changes
    named = (("added", found.added), ("changed", found.changed), ("removed", found.removed))
    return [(kind, [each.name for each in listed[:MAX_SHOWN_NAMES]], len(listed)) for kind, listed in named]


async def _page(request: web.Request, *, done: list[int] | None) -> web.Response:
    regions = region_names()
    region = request.query.get("region", "")
    every = await request.app[WIRING].services.organisations.all()
    shown = [each for each in every if each.region == region] if region in regions else every
    context = {
        "regions": regions,
        "region": region if region in regions else "",
        "entries": [_entry(request, each) for each in shown],
        "done": done,
    }
    return render(request, "organisations.html", context)


def _entry(request: web.Request, organisation: Organisation) -> dict[str, Any]:
    """What the list says of one, in the language of the reader."""
    language, say = words_of(request).language, request.app[WIRING].catalogue.say
    return {
        "it": organisation,
        "region": region_names().get(organisation.region, organisation.region),
        "services": say_list([say(f"utter_service_{each}", language) for each in organisation.services], language),
        "clientele": say_list([say(f"utter_clientele_{each}", language) for each in organisation.clientele], language),
        "languages": say_list([say_language(each, language) for each in organisation.languages], language),
        "checked": say_day(organisation.checked, language, weekday=False),
    }
