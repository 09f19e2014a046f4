"""Supply in the console: agents, offices, absences and closed days, each a list and a form; and the meetings that their
agents can no longer hold. CSV files are in `supply_files.py`, what pages say of an entry in `supply_words.py`.

A refused form comes back as it was sent, each field with what to change; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.console.auth import field
from bot.console.pages import VISIT, WIRING, render, words_of
from bot.console.supply_words import (
    TIMEZONES,
    cells_of,
    form_of,
    listed,
    say_concerned,
    say_entry,
    say_proposal,
)
from bot.domain.csv_tables import Problem
from bot.domain.meetings import Mode, Taken
from bot.domain.supply import Supply, Table
from bot.i18n.dates import say_weekday
from bot.i18n.languages import LANGUAGES
from bot.knowledge.places import region_names
from bot.services.meetings import NoMeeting, SlotTaken
from bot.services.supply import CellsRefused, NoSuchEntry, OfficeInUse, Review, SupplyService

PAGE, TABLE, NEW, ONE, MOVES = "supply", "supply_table", "supply_new", "supply_one", "supply_moves"
_DONE = "supply_done"
WORKING_WEEK = range(5)


async def show(request: web.Request) -> web.StreamResponse:
    """The agents, to begin with."""
    raise web.HTTPFound(request.app.router[TABLE].url_for(table=Table.AGENTS))


async def show_table(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def _list(request: web.Request, *, error: tuple[str, ...] = (), status: int = 200) -> web.Response:
    table, words = table_of(request), words_of(request)
    supply = await service(request).load()
    region = request.query.get("region", "")
    context = {
        **await shared(request, table),
        "lines": listed(table, supply, region, request.app[WIRING].clock.now(), words),
        "regions": region_names(),
        "region": region if region in region_names() else "",
        "error": error,
    }
    return render(request, "supply.html", context, status=status)


async def show_new(request: web.Request) -> web.StreamResponse:
    """An empty form; an absence begun from an agent's page has its agent."""
    table = table_of(request)
    empty = {"timezone": TIMEZONES[0], "meeting_minutes": "60", "active": "yes", "languages": ["fr"]}
    return await _form(request, table, None, {**empty, "agent": request.query.get("agent", "")})


async def show_one(request: web.Request) -> web.StreamResponse:
    table, entry_id = table_of(request), _entry_id(request)
    entry = (await service(request).load()).entries(table).get(entry_id)
    if entry is None:
        raise web.HTTPNotFound
    return await _form(request, table, entry_id, form_of(entry))


async def save(request: web.Request) -> web.StreamResponse:
    """Adds or changes one entry. When that concerns booked meetings, they come next."""
    table, entry_id = table_of(request), request.match_info.get("entry")
    form = await request.post()
    try:
        saved = await service(request).save(table, entry_id, cells_of(table, form))
    except CellsRefused as refused:
        sent = {**form, "languages": form.getall("languages", [])}
        return await _form(request, table, entry_id, sent, refused.problems)
    except NoSuchEntry as gone:
        raise web.HTTPNotFound from gone
    words = words_of(request)
    _say_done(request, "saved", say_entry(saved.entry, await service(request).load(), words), saved.newly)
    raise web.HTTPSeeOther(_url(request, MOVES) if saved.newly else _url(request, TABLE, table=table))


async def remove(request: web.Request) -> web.StreamResponse:
    table, entry_id = table_of(request), _entry_id(request)
    supply = await service(request).load()
    entry = supply.entries(table).get(entry_id)
    try:
        await service(request).remove(table, entry_id)
    except OfficeInUse as used:
        return await _list(request, error=("in_use", ", ".join(agent.name for agent in used.agents)), status=409)
    except NoSuchEntry as gone:
        raise web.HTTPNotFound from gone
    if entry is not None:
        _say_done(request, "removed", say_entry(entry, supply, words_of(request)))
    raise web.HTTPSeeOther(_url(request, TABLE, table=table))


async def show_moves(request: web.Request) -> web.StreamResponse:
    return await _moves(request)


async def decide(request: web.Request) -> web.StreamResponse:
    """Moves one meeting to the time that was proposed, or keeps it."""
    meeting_id = request.match_info["meeting"]
    try:
        seen = (await field(request, "agent"), datetime.fromisoformat(await field(request, "starts_at")))
        if await field(request, "do") == "keep":
            await service(request).keep(meeting_id, seen)
            _say_done(request, "kept")
        else:
            await _move(request, meeting_id, seen)
            _say_done(request, "moved")
    except ValueError as broken:
        raise web.HTTPBadRequest from broken
    except NoMeeting:
        return await _moves(request, error="gone", status=409)
    except SlotTaken:
        return await _moves(request, error="taken", status=409)
    raise web.HTTPSeeOther(_url(request, MOVES))


async def _move(request: web.Request, meeting_id: str, seen: Taken) -> None:
    starts_at = datetime.fromisoformat(await field(request, "to_starts_at"))
    if starts_at.tzinfo is None:
        raise ValueError(starts_at)
    to_agent, mode = await field(request, "to_agent"), Mode(await field(request, "to_mode"))
    await service(request).move(meeting_id, seen, to_agent, starts_at, mode)


async def _moves(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    reviews = await service(request).reviews()
    context = {
        **await shared(request, None),
        "number": len(reviews),
        "reviews": [_review(request, each) for each in reviews],
        "error": error,
    }
    return render(request, "supply_moves.html", context, status=status)


def _review(request: web.Request, review: Review) -> dict[str, Any]:
    words, booked, proposal = words_of(request), review.concerned.booked, review.proposal
    return {
        "it": booked,
        "said": say_concerned(review.concerned, words),
        "proposal": proposal,
        "proposed": say_proposal(proposal, booked, words) if proposal else None,
        "starts_at": booked.starts_at.isoformat(),
    }


async def _form(
    request: web.Request,
    table: Table,
    entry_id: str | None,
    form: Mapping[str, Any],
    problems: Sequence[Problem] = (),
) -> web.Response:
    supply, words = await service(request).load(), words_of(request)
    entry = supply.entries(table).get(entry_id or "")
    if entry_id is not None and entry is None:
        raise web.HTTPNotFound
    zones = [*TIMEZONES, *([form["timezone"]] if form.get("timezone") not in ("", None, *TIMEZONES) else [])]
    context = {
        **await shared(request, table),
        "entry_id": entry_id,
        "name": say_entry(entry, supply, words) if entry else "",
        "form": form,
        "problems": problems,
        "wrong": {column: [each for each in problems if each.column == column] for column in _columns(problems)},
        "regions": region_names(),
        "offices": list(supply.offices.values()),
        "old_office": _old_office(supply, entry_id) if table is Table.AGENTS else None,
        "agents": list(supply.agents.values()),
        "agent_absences": _absences(request, supply, entry_id) if table is Table.AGENTS else [],
        "known_languages": list(LANGUAGES),
        "zones": zones,
        "weekdays": [say_weekday(day, words.language) for day in WORKING_WEEK],
    }
    return render(request, "supply_form.html", context, status=422 if problems else 200)


def _columns(problems: Sequence[Problem]) -> set[str]:
    return {each.column for each in problems if each.column}


def _old_office(supply: Supply, entry_id: str | None) -> str | None:
    """An address that was put down before there were offices."""
    agent = supply.agents.get(entry_id or "")
    return agent.office if agent is not None and agent.office_id is None else None


def _absences(request: web.Request, supply: Supply, entry_id: str | None) -> list[dict[str, Any]]:
    lines = listed(Table.ABSENCES, supply, "", request.app[WIRING].clock.now(), words_of(request))
    return [line for line in lines if line["it"].agent_id == entry_id]


async def shared(request: web.Request, table: Table | None) -> dict[str, Any]:
    """What the head of every page of the supply shows."""
    session = request[VISIT].session
    return {
        "table": table.value if table else None,
        "tables": [each.value for each in Table],
        "to_review": await service(request).number_to_review(),
        "done": session.pop(_DONE) if _DONE in session else None,
    }


def _say_done(request: web.Request, *what: str | int) -> None:
    request[VISIT].session[_DONE] = list(what)


def say_imported(request: web.Request, added: int, changed: int) -> None:
    _say_done(request, "imported", added, changed)


def service(request: web.Request) -> SupplyService:
    return request.app[WIRING].services.supply


def table_of(request: web.Request) -> Table:
    try:
        return Table(request.match_info["table"])
    except ValueError as unknown:
        raise web.HTTPNotFound from unknown


def _entry_id(request: web.Request) -> str:
    return request.match_info["entry"]


def _url(request: web.Request, name: str, **parts: str) -> Any:
    return request.app.router[name].url_for(**parts)
