"""Supply in the console: forms that say what to change, files in two steps, meetings moved or kept by one button."""

from __future__ import annotations

import re
from html import unescape

import aiohttp
import pytest

from bot.domain.meetings import Meeting
from bot.domain.messages import Author
from bot.domain.supply import Table
from tests.console.stage import Stage, Visitor
from tests.factories import a_wish, an_agent, montreal, with_agents

PAGE = "/supply"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
AGENT = {
    "name": "Agente Un",
    "organisation": "Carrefour",
    "region": "06",
    "office": "",
    "remote": "yes",
    "active": "yes",
    "languages": "fr",
    "meeting_minutes": "60",
    "hours_0": "9:00-12:00, 13:00-16:30",
}


async def booked(stage: Stage) -> Meeting:
    """A meeting on Friday 4 December at 9, in Spanish; another agent is free then."""
    await with_agents(stage.wiring.house, an_agent(), an_agent("agent-2"))
    person = await stage.a_person("es")
    wish = a_wish(language="es")
    return await stage.wiring.services.meetings.book(person, wish, "agent-1", montreal("2026-12-04 09:00"))


async def sends(visitor: Visitor, table: str, text: str) -> tuple[aiohttp.ClientResponse, str]:
    form = aiohttp.FormData(await visitor.fields(f"{PAGE}/{table}"))
    form.add_field("file", text.encode(), filename="x.csv", content_type="text/csv")
    response = await visitor.http.post(f"{visitor.stage.address}{PAGE}/{table}/check", data=form)
    return response, await response.text()


async def adds(visitor: Visitor, table: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    new = f"{PAGE}/{table}/new"
    return await visitor.submit(new, new, None, **fields)


def hidden(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _HIDDEN.findall(html[html.index("<main") :])}


async def test_an_agent_is_added_and_changed_by_form(stage: Stage, marie: Visitor) -> None:
    response, _ = await adds(marie, "agents", **AGENT)
    assert (response.status, response.headers["Location"]) == (303, "/staff/supply/agents")
    _, html = await marie.get(f"{PAGE}/agents")
    assert "C’est enregistré\u00a0: Agente Un." in html
    assert "lun. 9\u00a0h–midi, 13\u00a0h–16\u00a0h\u00a030" in html
    one = f"{PAGE}/agents/entries/agente-un"
    _, form = await marie.get(one)
    assert 'value="09:00-12:00, 13:00-16:30"' in form
    response, _ = await marie.submit(one, one, None, **{**AGENT, "most_a_day": "4", "hours_4": "9:00-10:00"})
    assert response.status == 303
    agent = (await stage.wiring.services.supply.load()).agents["agente-un"]
    assert (agent.most_a_day, len(agent.hours)) == (4, 3)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ("Un jour a 24 heures", "Une rencontre dure de 5 à 480 minutes", "À changer\u00a0: 2")),
        ("en", ("A day has 24 hours", "A meeting lasts from 5 to 480 minutes", "To change: 2")),
        ("es", ("Un día tiene 24 horas", "Una cita dura de 5 a 480 minutos", "Por cambiar: 2")),
    ],
)
async def test_a_refused_form_says_what_to_change_and_loses_nothing(
    stage: Stage, marie: Visitor, language: str, told: tuple[str, ...]
) -> None:
    await marie.get(f"/?lang={language}")
    wrong = {**AGENT, "hours_0": "8:00-33:00", "meeting_minutes": "0", "name": "<b>Un"}
    response, html = await adds(marie, "agents", **wrong)
    assert response.status == 422
    assert [text for text in told if text not in html] == []
    assert 'value="8:00-33:00"' in html and 'value="&lt;b&gt;Un"' in html and "<b>Un" not in html
    assert (await stage.wiring.services.supply.load()).agents == {}


async def test_offices_absences_and_closed_days_come_and_go(stage: Stage, marie: Visitor) -> None:
    await with_agents(stage.wiring.house, an_agent())
    office = {"name": "Bureau", "region": "11", "address": "1, rue X", "timezone": "America/Halifax"}
    absence = {"agent": "agent-1", "begins_day": "2026-12-21", "ends_day": "2027-01-01", "reason": "Vacances"}
    for table, fields in (
        ("offices", office),
        ("absences", absence),
        ("closed_days", {"day": "2026-12-28", "reason": "Pont"}),
    ):
        response, html = await adds(marie, table, **fields)
        assert response.status == 303, html
    _, html = await marie.get(f"{PAGE}/absences")
    assert "Agente agent-1, 21 décembre 2026 – 1er janvier 2027" in html.replace("\u00a0", " ")
    supply = await stage.wiring.services.supply.load()
    for table in (Table.OFFICES, Table.ABSENCES, Table.CLOSED_DAYS):
        (entry_id,) = supply.entries(table)
        page = f"{PAGE}/{table}"
        response, _ = await marie.submit(page, f"{page}/entries/{entry_id}/remove")
        assert response.status == 303
        assert not (await stage.wiring.services.supply.load()).entries(table)


async def test_a_change_over_meetings_leads_to_them_and_one_is_moved(stage: Stage, marie: Visitor) -> None:
    meeting = await booked(stage)
    response, _ = await adds(marie, "absences", agent="agent-1", begins_day="2026-12-04", ends_day="2026-12-04")
    assert (response.status, response.headers["Location"]) == (303, "/staff/supply/moves")
    _, html = await marie.get(f"{PAGE}/moves")
    assert "Des rendez-vous pris ne conviennent plus\u00a0: 1" in html
    assert "Agente agent-1\u00a0: absence" in html and "avec Agente agent-2" in html
    response, _ = await marie.post(f"{PAGE}/moves/{meeting.id}", {**hidden(html), "do": "move"})
    assert response.status == 303
    _, html = await marie.get(f"{PAGE}/moves")
    assert "Rendez-vous à revoir\u00a0: 0" in html
    told = await stage.texts(meeting.conversation_id, Author.ASSISTANT)
    assert "Será con Agente agent-2" in told[-1]


async def test_a_meeting_is_kept_and_an_old_page_moves_nothing(stage: Stage, marie: Visitor) -> None:
    meeting = await booked(stage)
    await adds(marie, "absences", agent="agent-1", begins_day="2026-12-04", ends_day="2026-12-04")
    _, html = await marie.get(f"{PAGE}/moves")
    old = hidden(html)
    await stage.wiring.services.meetings.cancel(meeting.conversation_id)
    response, html = await marie.post(f"{PAGE}/moves/{meeting.id}", {**old, "do": "move"})
    assert response.status == 409 and "Ce rendez-vous a changé entre-temps" in html
    again = await stage.wiring.services.meetings.book(
        meeting.conversation_id, a_wish(language="es"), "agent-2", montreal("2026-12-04 09:00")
    )
    await adds(marie, "absences", agent="agent-2", begins_day="2026-12-04", ends_day="2026-12-04")
    _, html = await marie.get(f"{PAGE}/moves")
    response, _ = await marie.post(f"{PAGE}/moves/{again.id}", {**hidden(html), "do": "keep"})
    assert response.status == 303
    assert "Le rendez-vous reste comme il est." in (await marie.get(f"{PAGE}/moves"))[1]
    assert await stage.wiring.services.meetings.current(meeting.conversation_id) is not None


async def test_a_file_is_checked_then_confirmed(stage: Stage, marie: Visitor) -> None:
    await booked(stage)
    text = "id,agent,begins,ends,reason\n,agent-1,2026-12-04,2026-12-04,Congé\n"
    response, html = await sends(marie, "absences", text)
    assert response.status == 200
    assert "Ajouts\u00a0: 1" in html and "ne conviendront plus\u00a0: 1" in html
    assert (await stage.wiring.services.supply.load()).absences == {}
    response, _ = await marie.post(f"{PAGE}/absences/import", hidden(html))
    assert (response.status, response.headers["Location"]) == (303, "/staff/supply/moves")
    assert len((await stage.wiring.services.supply.load()).absences) == 1


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ("Ligne 3, colonne ends", "La fin vient avant le début", "Rien n’est importé")),
        ("en", ("Line 3, column ends", "The end comes before the beginning", "Nothing is imported")),
        ("es", ("Línea 3, columna ends", "El fin llega antes del inicio", "No se importó nada")),
    ],
)
async def test_one_wrong_line_and_nothing_is_imported(
    stage: Stage, marie: Visitor, language: str, told: tuple[str, ...]
) -> None:
    await booked(stage)
    await marie.get(f"/?lang={language}")
    line = ",agent-1,2026-12-21,2026-12-22,a"
    response, html = await sends(
        marie, "absences", f"id,agent,begins,ends,reason\n{line}\n,agent-2,2026-12-22,2026-12-21,b"
    )
    assert response.status == 422
    assert [text for text in told if text not in html] == []
    assert (await stage.wiring.services.supply.load()).absences == {}


async def test_what_is_exported_can_be_imported_as_it_is(stage: Stage, marie: Visitor) -> None:
    await booked(stage)
    for table in ("agents", "offices"):
        response, text = await marie.get(f"{PAGE}/{table}/export")
        assert "attachment" in response.headers["Content-Disposition"]
        if table == "agents":
            response, html = await sends(marie, table, text)
            assert response.status == 200 and "Rien à changer" in html


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/agents"),
        ("get", "/moves"),
        ("get", "/agents/export"),
        ("post", "/agents/new"),
        ("post", "/agents/check"),
        ("post", "/agents/import"),
        ("post", "/offices/entries/x/remove"),
        ("post", "/moves/x"),
    ],
)
async def test_nobody_comes_in_without_an_account_or_a_token(
    stage: Stage, marie: Visitor, method: str, path: str
) -> None:
    stranger = await stage.a_visitor()
    response = await stranger.http.request(method, stage.address + PAGE + path, allow_redirects=False)
    assert response.status == (303 if method == "get" else 401)
    if method == "post":
        response, _ = await marie.post(PAGE + path, {})
        assert response.status == 403


@pytest.mark.parametrize("path", ["/agents/entries/x", "/chairs", "/offices/entries/x"])
async def test_what_is_not_there_is_a_page_that_does_not_exist(marie: Visitor, path: str) -> None:
    assert (await marie.get(PAGE + path))[0].status == 404


async def test_a_decision_that_cannot_be_read_is_refused(stage: Stage, marie: Visitor) -> None:
    fields = await marie.fields(f"{PAGE}/moves")
    for more in ({}, {"starts_at": "demain"}, {"starts_at": "2026-12-04T14:00:00+00:00", "to_starts_at": "2026-12-04"}):
        response, _ = await marie.post(f"{PAGE}/moves/x", {**fields, "agent": "a", "do": "move", **more})
        assert response.status == 400
