"""CSV files that come and go through the console: what a spreadsheet needs to read one, and one that is refused."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.console.pages import render
from bot.domain.csv_tables import CsvRefused

# So that a spreadsheet reads accents; the import takes it away.
_BYTE_ORDER_MARK = "\ufeff"
MAX_SHOWN_PROBLEMS = 300


def as_file(text: str, name: str) -> web.Response:
    """The text as a file to keep."""
    return web.Response(
        text=_BYTE_ORDER_MARK + text,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


async def chosen_file(request: web.Request) -> bytes:
    """The file of the form, empty when none was chosen."""
    chosen = (await request.post()).get("file")
    return chosen.file.read() if isinstance(chosen, web.FileField) else b""


def refused_page(request: web.Request, refused: CsvRefused, template: str, **more: Any) -> web.Response:
    """Every problem of a file, each with its line and column."""
    shown = refused.problems[:MAX_SHOWN_PROBLEMS]
    context = {"problems": shown, "unshown": len(refused.problems) - len(shown), **more}
    return render(request, template, context, status=422)
