"""The supply as CSV files: taken away, and brought back in two steps, check then confirm.

The file travels with the form that confirms it, so nothing is kept in between; `seen` says what its changes were held
against.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.console.auth import field
from bot.console.csv_files import as_file, chosen_file, refused_page
from bot.console.pages import render, words_of
from bot.console.supply import MOVES, TABLE, say_imported, service, shared, table_of
from bot.console.supply_words import say_concerned, say_entry
from bot.domain.csv_tables import CsvRefused
from bot.domain.supply import Table
from bot.services.supply import SupplyChanged

MAX_SHOWN_NAMES = 30
FILE_NAMES = {
    Table.AGENTS: "passerelle-agents",
    Table.OFFICES: "passerelle-bureaux",
    Table.ABSENCES: "passerelle-absences",
    Table.CLOSED_DAYS: "passerelle-jours-fermes",
}


async def export(request: web.Request) -> web.StreamResponse:
    table = table_of(request)
    return as_file(await service(request).export_csv(table), FILE_NAMES[table])


async def check(request: web.Request) -> web.StreamResponse:
    """Every problem of the file, or what it would change and which meetings that concerns. Nothing is changed."""
    return await _checked(request, await chosen_file(request))


async def take_in(request: web.Request) -> web.StreamResponse:
    """The file that was checked is put down. When that concerns booked meetings, they come next."""
    table = table_of(request)
    data = (await field(request, "csv")).encode()
    before = await service(request).number_to_review()
    try:
        done = await service(request).import_csv(table, data, await field(request, "seen"))
    except CsvRefused as refused:
        return await _refused(request, refused)
    except SupplyChanged:
        return await _checked(request, data, is_again=True)
    say_imported(request, len(done.added), len(done.changed))
    has_more = await service(request).number_to_review() > before
    url = request.app.router[MOVES].url_for() if has_more else request.app.router[TABLE].url_for(table=table)
    raise web.HTTPSeeOther(url)


async def _checked(request: web.Request, data: bytes, *, is_again: bool = False) -> web.StreamResponse:
    table, words = table_of(request), words_of(request)
    try:
        preview = await service(request).preview_csv(table, data)
    except CsvRefused as refused:
        return await _refused(request, refused)
    changes = preview.changes
    context: dict[str, Any] = {
        **await shared(request, table),
        # What was accepted is UTF-8.
        "csv": data.decode("utf-8-sig"),
        "seen": preview.seen,
        "same": changes.same,
        "has_changes": bool(changes.entries),
        "groups": [
            (kind, [say_entry(each, preview.supply, words) for each in entries[:MAX_SHOWN_NAMES]], len(entries))
            for kind, entries in (("added", changes.added), ("changed", changes.changed))
        ],
        "newly": [say_concerned(each, words) for each in preview.newly],
        "is_again": is_again,
    }
    return render(request, "supply_check.html", context, status=409 if is_again else 200)


async def _refused(request: web.Request, refused: CsvRefused) -> web.Response:
    return refused_page(request, refused, "supply_refused.html", **await shared(request, table_of(request)))
