"""The page behind the link of a meeting: date and hour, and plain forms to move or cancel it, without the chat.

The token in the address is all the authority there is: no cookie. Fetching a page changes nothing, since mail programs
open links before people do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.domain.meetings import FreeTime, Mode, Offer, spread
from bot.gateway.limits import RateLimit
from bot.gateway.origin import address_of
from bot.gateway.pages import page_context, preferred_language
from bot.i18n.dates import say_both_zones
from bot.i18n.languages import FRENCH
from bot.services.meeting_links import Linked, LinkOver
from bot.services.meetings import SlotTaken, say_when
from bot.services.reminders import place_of
from bot.services.session_seats import zone_of
from bot.wiring import Wiring

TEMPLATE = "meeting.html"
# Of one address, in a minute: many people may share it, and nobody can try out 256 bits at this pace.
PER_MINUTE = 60
SHOWN = 8
# Neither kept nor found by a search.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
Handler = Callable[[web.Request], Awaitable[web.Response]]


def routes(wiring: Wiring) -> Sequence[web.RouteDef]:
    page = _Page(wiring, RateLimit(PER_MINUTE, 60))
    return (
        web.get("/m/{token}", page.guarded(page.show)),
        web.get("/m/{token}/move", page.guarded(page.list_times)),
        web.post("/m/{token}/move", page.guarded(page.move)),
        web.get("/m/{token}/cancel", page.guarded(page.ask_to_cancel)),
        web.post("/m/{token}/cancel", page.guarded(page.cancel)),
    )


@dataclass(frozen=True)
class _Page:
    wiring: Wiring
    limit: RateLimit

    def guarded(self, handler: Handler) -> Handler:
        """A link that is over, or never was, gets one and the same page; too many requests get another."""
        return partial(self._answer, handler)

    async def _answer(self, handler: Handler, request: web.Request) -> web.Response:
        if not self.limit.allows(address_of(request, self.wiring.settings)):
            return self._render(request, "busy", _language_of(request), status=429)
        try:
            return await handler(request)
        except LinkOver:
            return self._render(request, "over", _language_of(request), status=404)

    async def show(self, request: web.Request) -> web.Response:
        linked = await self._linked(request)
        links = self.wiring.services.meeting_links
        google, outlook = links.calendars(linked.meeting, linked.conversation.language)
        file = f"/files/meetings/{linked.meeting.file_key}.ics"
        return self._render_for(
            request, "shown", linked, google=google, outlook=outlook, file=file, is_moved="moved" in request.query
        )

    async def list_times(self, request: web.Request) -> web.Response:
        return await self._list_times(request, await self._linked(request))

    async def move(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        linked = await self._linked(request)
        chosen = _moment((await request.post()).get("time"))
        if chosen is None:
            return await self._list_times(request, linked, problem="none", status=422)
        try:
            await self.wiring.services.meeting_links.move(token, chosen)
        except SlotTaken:
            return await self._list_times(request, linked, problem="taken", status=409)
        raise web.HTTPSeeOther(f"/m/{token}?moved")

    async def ask_to_cancel(self, request: web.Request) -> web.Response:
        return self._render_for(request, "ask", await self._linked(request))

    async def cancel(self, request: web.Request) -> web.Response:
        linked = await self._linked(request)
        await self.wiring.services.meeting_links.cancel(request.match_info["token"])
        return self._render_for(request, "cancelled", linked)

    async def _linked(self, request: web.Request) -> Linked:
        return await self.wiring.services.meeting_links.open(request.match_info["token"])

    async def _list_times(
        self, request: web.Request, linked: Linked, *, problem: str | None = None, status: int = 200
    ) -> web.Response:
        offer = await self.wiring.services.meeting_links.offer(linked)
        page = _number(request.query.get("page"))
        times = spread(offer.times)
        shown = sorted(times[page * SHOWN : (page + 1) * SHOWN], key=lambda free: free.starts_at)
        return self._render_for(
            request,
            "times",
            linked,
            status=status,
            problem=problem,
            times=[_as_choice(free, offer, linked) for free in shown],
            more=page + 1 if len(times) > (page + 1) * SHOWN else None,
            is_remote_instead=offer.mode is Mode.REMOTE and linked.meeting.mode is Mode.IN_PERSON,
        )

    def _render_for(
        self, request: web.Request, step: str, linked: Linked, *, status: int = 200, **values: Any
    ) -> web.Response:
        language = linked.conversation.language
        known = {
            "token": request.match_info["token"],
            "when": say_when(linked.meeting, linked.conversation),
            "place": place_of(self.wiring.house, linked.meeting, language),
            "org": linked.meeting.agent.organisation,
            "is_demonstration": linked.meeting.agent.is_demonstration,
        }
        return self._render(request, step, language, status=status, **known | values)

    def _render(
        self, request: web.Request, step: str, language: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        context = page_context(language) | {"step": step} | values
        response = aiohttp_jinja2.render_template(TEMPLATE, request, context, status=status)
        response.headers.update(HEADERS)
        return response


def _as_choice(free: FreeTime, offer: Offer, linked: Linked) -> dict[str, str]:
    conversation = linked.conversation
    said = say_both_zones(free.starts_at, conversation.language, free.zone(offer.mode), zone_of(conversation))
    return {"value": free.starts_at.astimezone(UTC).isoformat(), "said": said}


def _language_of(request: web.Request) -> str:
    return preferred_language(request) or FRENCH


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _moment(text: object) -> datetime | None:
    """An instant as the form sends it; None when it is none."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
