"""The promise board: people by due date, the share met within five working days, no-shows, agents' load, the waiting
list with why each was asked; and how meetings ended, put down here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.console.auth import field
from bot.console.csv_files import as_file
from bot.console.pages import VISIT, WIRING, Words, reference, render, words_of
from bot.domain.csv_tables import written
from bot.domain.meetings import QUEBEC, montreal_day
from bot.domain.promise import Person, Share, Shows, Standing, total
from bot.domain.waiting_list import TimeOffer, Waiting, Why
from bot.i18n.dates import say_button_day, say_button_moment, say_day, say_moment, say_percent, say_short_day
from bot.i18n.lists import say_language
from bot.knowledge.places import region_names
from bot.services.meetings import NoMeeting, NotOver
from bot.services.promise import Board

PAGE = "promise"
_DONE = "promise_done"
# Who has to be looked at, in this order.
WATCHED = (Standing.LATE, Standing.TODAY, Standing.AT_RISK)
MAX_SHOWN = 50
# The drawing of a chart, in its own units.
CHART_WIDTH, CHART_HEIGHT, BAR_SHARE = 480, 160, 0.7


@dataclass(frozen=True)
class Column:
    """A bar of a chart by week; nothing is drawn where nothing is known."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: str
    is_known: bool


async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def mark(request: web.Request) -> web.StreamResponse:
    """A meeting was held, on a day; or nobody came."""
    meetings, meeting_id = request.app[WIRING].services.meetings, request.match_info["meeting"]
    try:
        if await field(request, "do") == "missed":
            await meetings.mark_missed(meeting_id)
            done = "missed"
        else:
            await meetings.mark_held(meeting_id, date.fromisoformat(await field(request, "on")))
            done = "held"
    except ValueError:
        return await _page(request, error="no_day", status=422)
    except NotOver:
        return await _page(request, error="not_over", status=409)
    except NoMeeting:
        return await _page(request, error="gone", status=409)
    request[VISIT].session[_DONE] = done
    raise web.HTTPSeeOther(request.app.router[PAGE].url_for().with_query(_chosen(request)))


async def export(request: web.Request) -> web.StreamResponse:
    board, name = await _board(request), request.match_info["file"]
    columns, lines = _TABLES[name](board)
    return as_file(written(columns, lines), f"passerelle-{name}")


async def _board(request: web.Request) -> Board:
    return await request.app[WIRING].services.promise.board(_region(request))


def _region(request: web.Request) -> str | None:
    asked = request.query.get("region", "")
    return asked if asked in region_names() else None


def _chosen(request: web.Request) -> dict[str, str]:
    region = _region(request)
    return {"region": region} if region else {}


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    board, words, session = await _board(request), words_of(request), request[VISIT].session
    to_confirm = board.who(Standing.TO_CONFIRM)
    groups = [(standing.value, board.who(standing)) for standing in WATCHED]
    region_shares = [total([part for part in board.by_region if part.region == code]) for code in _codes(board)]
    context = {
        "regions": region_names(),
        "region": _region(request) or "",
        "chosen": _chosen(request),
        "today": say_day(board.today, words.language),
        "groups": [(kind, [_person(p, words) for p in found[:MAX_SHOWN]], len(found)) for kind, found in groups],
        "to_confirm": [_person(person, words) for person in to_confirm[:MAX_SHOWN]],
        "number_to_confirm": len(to_confirm),
        "whole": _share(total(board.weeks), words),
        "weeks": [_share(part, words) for part in board.weeks],
        "week_columns": _columns([(part.week, part.share) for part in board.weeks], words),
        "by_region": [_share(part, words) for part in region_shares if part.due],
        "shows": [_shows(each, words) for each in board.shows],
        "show_columns": _columns([(each.week, each.share) for each in board.shows], words),
        "missed": _percent(_missed_share(board.shows), words),
        "loads": _loads(board, words),
        "waiting": [_waiting(place, one, words) for place, one in enumerate(board.waiting, start=1)],
        "offers": [_offer(each, words) for each in reversed(board.offers)][:MAX_SHOWN],
        "number_of_offers": len(board.offers),
        "error": error,
        "done": session.pop(_DONE) if _DONE in session else None,
        "chart": {"width": CHART_WIDTH, "height": CHART_HEIGHT},
    }
    return render(request, "promise.html", context, status=status)


def _codes(board: Board) -> list[str | None]:
    return list(dict.fromkeys(part.region for part in board.by_region))


def _person(person: Person, words: Words) -> dict[str, Any]:
    meeting = person.meeting
    return {
        "id": person.conversation_id,
        "region": region_names().get(person.region, person.region),
        "language": say_language(person.language, words.language),
        "due": say_short_day(person.due, words.language),
        "booked": say_button_moment(meeting.starts_at.astimezone(QUEBEC), words.language) if meeting else None,
        "is_late": meeting is not None and montreal_day(meeting.starts_at) > person.due,
        "agent": meeting.agent_name if meeting else None,
        "meeting_id": meeting.meeting_id if meeting else None,
        "on": montreal_day(meeting.starts_at).isoformat() if meeting else None,
        "missed": person.missed,
        "is_waiting": person.is_waiting,
    }


def _percent(share: float | None, words: Words) -> str:
    return "–" if share is None else say_percent(round(100 * share, 1), words.language)


def _share(part: Share, words: Words) -> dict[str, Any]:
    return {
        "it": part,
        "week": say_short_day(part.week, words.language),
        "region": region_names().get(part.region or "", ""),
        "share": _percent(part.share, words),
        "drawn": round(100 * (part.share or 0), 1),
    }


def _shows(each: Shows, words: Words) -> dict[str, Any]:
    return {"it": each, "week": say_short_day(each.week, words.language), "share": _percent(each.share, words)}


def _missed_share(every: Sequence[Shows]) -> float | None:
    missed, known = sum(each.missed for each in every), sum(each.missed + each.held for each in every)
    return missed / known if known else None


def _columns(shares: Sequence[tuple[date, float | None]], words: Words) -> list[Column]:
    """From 0 to 100 %, the full height of the chart."""
    step = CHART_WIDTH / len(shares)
    return [
        Column(
            x=round(step * at + step * (1 - BAR_SHARE) / 2, 1),
            y=round(CHART_HEIGHT * (1 - (share or 0)), 1),
            width=round(step * BAR_SHARE, 1),
            height=round(CHART_HEIGHT * (share or 0), 1),
            middle=round(step * (at + 0.5), 1),
            label=say_button_day(week, words.language),
            value=_percent(share, words),
            is_known=share is not None,
        )
        for at, (week, share) in enumerate(shares)
    ]


def _loads(board: Board, words: Words) -> list[dict[str, Any]]:
    """The fullest first."""
    ordered = sorted(board.loads, key=lambda load: (-(load.share or 0), load.agent.region, load.agent.name))
    return [
        {
            "agent": load.agent,
            "region": region_names().get(load.agent.region, load.agent.region),
            "booked": load.booked,
            "room": load.room,
            "share": _percent(load.share, words),
            "drawn": round(min(100.0, 100 * (load.share or 0)), 1),
        }
        for load in ordered
    ]


def _waiting(place: int, one: Waiting, words: Words) -> dict[str, Any]:
    return {
        "place": place,
        "id": one.conversation_id,
        "region": region_names().get(one.wish.region, one.wish.region),
        "language": say_language(one.wish.language, words.language),
        "due": say_short_day(one.due, words.language),
        "joined": words.moment(one.joined_at),
        "has": words.moment(one.sooner_than) if one.sooner_than else None,
    }


def _offer(offer: TimeOffer, words: Words) -> dict[str, Any]:
    why = Why.from_text(offer.reason)
    return {
        "id": offer.conversation_id,
        "when": say_moment(offer.starts_at.astimezone(QUEBEC), words.language),
        "offered": words.moment(offer.offered_at),
        "state": offer.state.value,
        "why": why,
        "due": say_short_day(date.fromisoformat(why.due), words.language),
        "joined": words.moment(datetime.fromisoformat(why.joined_at)),
    }


_Table = tuple[Sequence[str], Iterable[Mapping[str, str]]]


def _people_table(board: Board) -> _Table:
    columns = (
        "person",
        "region",
        "language",
        "arrival",
        "due",
        "standing",
        "booked_for",
        "held_on",
        "missed",
        "waiting",
    )
    places = {one.conversation_id: place for place, one in enumerate(board.waiting, start=1)}
    return columns, (
        {
            "person": reference(person.conversation_id),
            "region": person.region,
            "language": person.language,
            "arrival": person.arrival.isoformat(),
            "due": person.due.isoformat(),
            "standing": person.standing(board.now, board.closed).value,
            "booked_for": _written(person.meeting.starts_at) if person.meeting else "",
            "held_on": person.held_on.isoformat() if person.held_on else "",
            "missed": str(person.missed),
            "waiting": str(places.get(person.conversation_id, "")),
        }
        for person in board.people
    )


def _weeks_table(board: Board) -> _Table:
    columns = ("week", "region", "due", "in_time", "late", "unmet", "to_confirm", "share")
    return columns, (
        {
            "week": part.week.isoformat(),
            "region": part.region or "all",
            **{name: str(getattr(part, name)) for name in ("due", "in_time", "late", "unmet", "to_confirm")},
            "share": "" if part.share is None else f"{part.share:.4f}",
        }
        for part in (*board.weeks, *board.by_region)
    )


def _agents_table(board: Board) -> _Table:
    return ("agent", "name", "region", "booked", "room", "share"), (
        {
            "agent": load.agent.id,
            "name": load.agent.name,
            "region": load.agent.region,
            "booked": str(load.booked),
            "room": str(load.room),
            "share": "" if load.share is None else f"{load.share:.4f}",
        }
        for load in board.loads
    )


def _offers_table(board: Board) -> _Table:
    columns = ("person", "agent", "time", "offered_at", "state", "answered_at", "due", "joined_at", "place", "waiting")
    passed = ("already_asked", "not_suited", "too_short")
    return (*columns, *passed), (
        {
            "person": reference(offer.conversation_id),
            "agent": offer.agent_id,
            "time": _written(offer.starts_at),
            "offered_at": _written(offer.offered_at),
            "state": offer.state.value,
            "answered_at": _written(offer.answered_at) if offer.answered_at else "",
            **{name: str(getattr(why, name)) for name in ("due", "joined_at", "place", "waiting", *passed)},
        }
        for offer, why in ((each, Why.from_text(each.reason)) for each in board.offers)
    )


def _written(moment: datetime) -> str:
    """In Montréal."""
    return f"{moment.astimezone(QUEBEC):%Y-%m-%d %H:%M}"


_TABLES = {"people": _people_table, "weeks": _weeks_table, "agents": _agents_table, "offers": _offers_table}
