"""The promise board: who is to be met, how it ended put down, and the files."""

from __future__ import annotations

import pytest

from bot.domain.messages import Author
from tests.console.stage import Stage, Visitor
from tests.factories import a_wish, an_agent, montreal, with_agents

PAGE = "/promise"


async def a_meeting(stage: Stage, starts: str = "2026-12-04 09:00") -> tuple[str, str]:
    """Its id and the person's."""
    await with_agents(stage.wiring.house, an_agent())
    person = await stage.a_person("es")
    wish = a_wish(language="es")
    meeting = await stage.wiring.services.meetings.book(person, wish, "agent-1", montreal(starts))
    return meeting.id, person


@pytest.fixture
async def over(stage: Stage) -> tuple[str, str]:
    """A meeting whose hour has passed: it was on Friday the 4th, and it is the 8th."""
    found = await a_meeting(stage)
    stage.wiring.clock._shift += montreal("2026-12-08 10:00") - stage.wiring.clock.now()
    return found


async def test_an_empty_board_says_so(marie: Visitor) -> None:
    response, html = await marie.get(PAGE)
    assert response.status == 200
    assert "Toutes les rencontres passées sont notées." in html
    assert "Aucune heure libérée n’a été proposée." in html
    assert 'aria-current="page"' in html


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_the_board_shows_who_waits_and_why(stage: Stage, marie: Visitor, language: str) -> None:
    _, person = await a_meeting(stage)
    first, second = await stage.a_person(), await stage.a_person()
    meetings = stage.wiring.services.meetings
    await meetings.wait(first, a_wish(language="es"), None)
    await meetings.wait(second, a_wish(language="es"), None)
    await meetings.cancel(person)
    _, html = await marie.get(f"{PAGE}?lang={language}")
    assert first[:6].upper() in html and second[:6].upper() in html
    told = {"fr": "Rang 1 sur 2", "en": "Place 1 of 2", "es": "Lugar 1 de 2"}
    assert told[language] in html
    _, text = await marie.get(f"{PAGE}/offers.csv")
    assert text.splitlines()[1].startswith(f"{first[:6].upper()},agent-1,2026-12-04 09:00,")


async def test_a_meeting_is_put_down_as_held(stage: Stage, over: tuple[str, str], marie: Visitor) -> None:
    meeting_id, _ = over
    _, html = await marie.get(PAGE)
    assert "Rencontres à confirmer\u00a0: 1" in html and 'value="2026-12-04"' in html
    response, _ = await marie.submit(PAGE, f"{PAGE}/meetings/{meeting_id}", None, do="held", on="2026-12-04")
    assert response.status == 303
    _, html = await marie.get(PAGE)
    assert "C’est noté\u00a0: la rencontre a eu lieu." in html
    assert "Rencontrées en 5 jours ouvrables\u00a0: 100\u00a0%" in html


async def test_who_did_not_come_is_written_to(stage: Stage, over: tuple[str, str], marie: Visitor) -> None:
    meeting_id, person = over
    response, _ = await marie.submit(PAGE, f"{PAGE}/meetings/{meeting_id}", None, do="missed")
    assert response.status == 303
    _, html = await marie.get(PAGE)
    assert "Absences au rendez-vous\u00a0: 100\u00a0%" in html
    assert "No nos vimos en su cita" in (await stage.texts(person, Author.ASSISTANT))[-1]


@pytest.mark.parametrize(("on", "status"), [("2026-12-31", 409), ("", 422), ("hier", 422)])
async def test_a_day_that_cannot_be_is_refused(
    stage: Stage, over: tuple[str, str], marie: Visitor, on: str, status: int
) -> None:
    response, html = await marie.submit(PAGE, f"{PAGE}/meetings/{over[0]}", None, do="held", on=on)
    assert (response.status, 'role="alert"' in html) == (status, True)
    assert "Rencontres à confirmer\u00a0: 1" in html


async def test_a_meeting_to_come_or_unknown_is_not_put_down(stage: Stage, marie: Visitor) -> None:
    meeting_id, _ = await a_meeting(stage)
    for each in (meeting_id, "nobody"):
        response, _ = await marie.submit(PAGE, f"{PAGE}/meetings/{each}", None, do="missed")
        assert response.status == 409


@pytest.mark.parametrize("file", ["people", "weeks", "agents", "offers"])
async def test_every_table_is_a_file(stage: Stage, over: tuple[str, str], marie: Visitor, file: str) -> None:
    response, text = await marie.get(f"{PAGE}/{file}.csv?region=06")
    assert response.headers["Content-Disposition"] == f'attachment; filename="passerelle-{file}.csv"'
    lines = text.splitlines()
    assert len({len(line.split(",")) for line in lines}) == 1
    assert len(lines) == {"people": 2, "weeks": 25, "agents": 2, "offers": 1}[file]


async def test_nobody_comes_in_without_an_account_or_a_token(stage: Stage, marie: Visitor) -> None:
    stranger = await stage.a_visitor()
    for path in (PAGE, f"{PAGE}/people.csv"):
        assert (await stranger.get(path))[0].status == 303
    assert (await stranger.post(f"{PAGE}/meetings/x", {}))[0].status == 401
    assert (await marie.post(f"{PAGE}/meetings/x", {}))[0].status == 403
