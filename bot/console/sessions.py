"""Objectif intégration in the console: the sessions, one added or brought in by CSV, and one session's people and days.

A refused form comes back as it was sent, with what to change; nothing of it is kept.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from bot.console.auth import field
from bot.console.pages import VISIT, WIRING, render, words_of
from bot.domain.csv_tables import CsvRefused
from bot.domain.meetings import QUEBEC
from bot.domain.session_drafts import CELLS, NO, YES, Wrong, hours, read_draft
from bot.domain.sessions import MAX_SEATS, SEATED, UNDER_WAY, RegistrationState, Room, Session
from bot.i18n.dates import say_day, say_hour, say_number, say_short_day
from bot.knowledge.places import region_names
from bot.services.session_seats import TooFewSeats
from bot.services.sessions import HoursMissing, NoSuchRegistration, NoSuchSession, SessionService, Sheet

PAGE, ONE = "sessions", "session"
EXPORT_NAME = "sessions.csv"
MAX_SHOWN_PROBLEMS = 300
# Rows of the form: a session of evenings has eight. A file may hold more.
ROWS = 12
WHOLE = 24
_BYTE_ORDER_MARK = "\ufeff"
_ORDER = tuple(RegistrationState)


async def show(request: web.Request) -> web.StreamResponse:
    session = request[VISIT].session
    done = session.pop("sessions_done", None) if "sessions_done" in session else None
    return await _list(request, done=done)


async def add(request: web.Request) -> web.StreamResponse:
    """Refused with a sentence for each thing to change; another length than 24 hours is asked about once."""
    form = await request.post()
    cells = _cells(form)
    now = request.app[WIRING].clock.now()
    wrong, session = read_draft(str(uuid.uuid4()), cells, region_names().keys(), now)
    if session is None:
        return await _list(request, form=form, wrong=wrong, status=422)
    length = say_number(hours(session), words_of(request).language)
    if hours(session) != WHOLE and form.get("despite") != length:
        return await _list(request, form=form, length=length, status=409)
    await _service(request).add(session)
    _done(request, "added")
    raise web.HTTPSeeOther(request.app.router[PAGE].url_for())


async def export(request: web.Request) -> web.StreamResponse:
    return web.Response(
        text=_BYTE_ORDER_MARK + await _service(request).export_csv(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{EXPORT_NAME}"'},
    )


async def take_in(request: web.Request) -> web.StreamResponse:
    """Every line of the file, or none."""
    chosen = (await request.post()).get("file")
    data = chosen.file.read() if isinstance(chosen, web.FileField) else b""
    try:
        done = await _service(request).import_csv(data, region_names().keys())
    except CsvRefused as refused:
        shown = refused.problems[:MAX_SHOWN_PROBLEMS]
        context = {"problems": shown, "unshown": len(refused.problems) - len(shown)}
        return render(request, "sessions_refused.html", context, status=422)
    _done(request, "imported", done.added, done.changed)
    raise web.HTTPSeeOther(request.app.router[PAGE].url_for())


async def show_one(request: web.Request) -> web.StreamResponse:
    session = request[VISIT].session
    done = session.pop("sessions_done", None) if "sessions_done" in session else None
    return await _one(request, done=done)


async def mark(request: web.Request) -> web.StreamResponse:
    """The attendance of the days shown as check boxes."""
    await _mark(request)
    raise _back(request, "marked")


async def _mark(request: web.Request) -> None:
    form = await request.post()
    present: dict[str, set[date]] = defaultdict(set)
    try:
        days = [date.fromisoformat(str(day)) for day in form.getall("day", [])]
        for box in form.getall("present", []):
            registration, _, day = str(box).partition("|")
            present[registration].add(date.fromisoformat(day))
    except ValueError as broken:
        raise web.HTTPBadRequest from broken
    await _found(_service(request).mark_attendance(_id(request), present, days))


async def change_seats(request: web.Request) -> web.StreamResponse:
    seats = await field(request, "seats")
    if not (seats.isascii() and seats.isdigit() and 1 <= int(seats) <= MAX_SEATS):
        return await _one(request, wrong=Wrong("seats", "bad_seats", seats[:20]), status=422)
    try:
        await _found(_service(request).change_seats(_id(request), int(seats)))
    except TooFewSeats as refused:
        return await _one(request, wrong=Wrong("seats", "too_few", str(refused.held)), status=409)
    raise _back(request, "seats")


async def cancel(request: web.Request) -> web.StreamResponse:
    """Once it was ticked that everyone is told."""
    if await field(request, "sure") != YES:
        return await _one(request, wrong=Wrong("sure", "not_sure"), status=422)
    await _found(_service(request).cancel(_id(request)))
    raise _back(request, "cancelled")


async def confirm(request: web.Request) -> web.StreamResponse:
    await _found(_service(request).confirm(await field(request, "registration")))
    raise _back(request, "confirmed")


async def complete(request: web.Request) -> web.StreamResponse:
    """Only for whoever was there every hour. What is ticked beside the button is kept first."""
    await _mark(request)
    try:
        await _found(_service(request).complete(await field(request, "registration")))
    except HoursMissing as missing:
        language = words_of(request).language
        days = ", ".join(say_short_day(day, language) for day in missing.days)
        return await _one(request, wrong=Wrong("registration", "hours_missing", days), status=409)
    raise _back(request, "completed")


def _service(request: web.Request) -> SessionService:
    return request.app[WIRING].services.sessions


def _id(request: web.Request) -> str:
    return request.match_info["session"]


async def _found(doing: Awaitable[None]) -> None:
    """What is not there, or no more, is a page that does not exist."""
    try:
        await doing
    except (NoSuchSession, NoSuchRegistration) as absent:
        raise web.HTTPNotFound from absent


def _done(request: web.Request, *what: str | int) -> None:
    request[VISIT].session["sessions_done"] = list(what)


def _back(request: web.Request, what: str) -> web.HTTPSeeOther:
    _done(request, what)
    return web.HTTPSeeOther(request.app.router[ONE].url_for(session=_id(request)))


def _cells(form: MultiMapping[Any]) -> dict[str, str]:
    """The form as one line of a file."""
    cells = {name: " ".join(str(form.get(name, "")).split()) for name in CELLS}
    days = (tuple(str(form.get(f"{part}_{row}", "")) for part in ("day", "from", "to")) for row in range(ROWS))
    written = [f"{day} {begins}-{ends}" for day, begins, ends in days if day or begins or ends]
    return {**cells, "online": YES if form.get("online") else NO, "days": "; ".join(written)}


async def _list(
    request: web.Request,
    *,
    done: Sequence[Any] | None = None,
    form: Mapping[str, Any] | None = None,
    wrong: Sequence[Wrong] = (),
    length: str = "",
    status: int = 200,
) -> web.Response:
    rooms = await _service(request).rooms()
    now = request.app[WIRING].clock.now()
    context = {
        "to_come": [_line(request, room) for room in rooms if room.session.ends_at > now],
        "over": [_line(request, room) for room in reversed(rooms) if room.session.ends_at <= now],
        "regions": region_names(),
        "done": done,
        "form": form or {},
        "wrong": wrong,
        "length": length,
        "rows": ROWS,
        "most_seats": MAX_SEATS,
    }
    return render(request, "sessions.html", context, status=status)


def _line(request: web.Request, room: Room) -> dict[str, Any]:
    language, session = words_of(request).language, room.session
    return {
        "it": session,
        "first": say_day(session.days[0].day, language),
        "last": say_day(session.days[-1].day, language),
        "region": region_names().get(session.region, session.region),
        "held": room.held,
        "waiting": room.waiting,
    }


@dataclass(frozen=True)
class _Person:
    """A row of the table. `present` holds the days that were ticked."""

    it: Any
    present: frozenset[date]
    can_complete: bool


async def _one(
    request: web.Request, *, done: Sequence[Any] | None = None, wrong: Wrong | None = None, status: int = 200
) -> web.Response:
    try:
        sheet = await _service(request).sheet(_id(request))
    except NoSuchSession as absent:
        raise web.HTTPNotFound from absent
    language, now, session = words_of(request).language, request.app[WIRING].clock.now(), sheet.session
    today = now.astimezone(QUEBEC).date()
    context = {
        "session": session,
        "region": region_names().get(session.region, session.region),
        "hours": say_number(hours(session), language),
        "is_whole": hours(session) == WHOLE,
        "days": [
            {
                "day": day.day,
                "short": say_short_day(day.day, language),
                "full": say_day(day.day, language),
                "begins": say_hour(day.begins_at.astimezone(QUEBEC), language),
                "ends": say_hour(day.ends_at.astimezone(QUEBEC), language),
                "is_open": day.day <= today,
            }
            for day in session.days
        ],
        "people": {state.value: _people(sheet, state, today) for state in _ORDER},
        "held": sum(registration.state in SEATED for registration in sheet.registrations),
        "under_way": sum(registration.state in UNDER_WAY for registration in sheet.registrations),
        "is_open": session.is_open(now),
        "can_cancel": not session.is_cancelled and session.ends_at > now,
        "most_seats": MAX_SEATS,
        "done": done,
        "wrong": wrong,
    }
    return render(request, "session.html", context, status=status)


def _people(sheet: Sheet, state: RegistrationState, today: date) -> list[_Person]:
    found = []
    for registration in sheet.registrations:
        if registration.state is state:
            marked = sheet.attendance.get(registration.id, {})
            present = frozenset(day for day, was_present in marked.items() if was_present)
            found.append(_Person(registration, present, _is_over(sheet.session, today)))
    return found


def _is_over(session: Session, today: date) -> bool:
    return session.days[-1].day <= today
