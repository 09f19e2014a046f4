"""The console's sessions: what is refused says what to change, attendance by day, everyone told of a cancellation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.domain.messages import Author
from bot.domain.sessions import RegistrationState
from tests.console.stage import NOW, Stage, Visitor, staged
from tests.factories import a_session, montreal, session_days, with_sessions
from tests.fakes import FakeClock

VALID = {
    "organisation": "Carrefour",
    "region": "06",
    "place": "1, rue Principale",
    "seats": "10",
    **{f"day_{n}": f"2027-01-{11 + n}" for n in range(4)},
    **{f"from_{n}": "09:00" for n in range(4)},
    **{f"to_{n}": "15:00" for n in range(4)},
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def stage(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr("bot.wiring.Clock", lambda _start: clock)
    async with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
async def marie(stage: Stage) -> Visitor:
    return await stage.a_visitor("Marie Roy")


async def sessions(stage: Stage) -> list[Any]:
    return [room.session for room in await stage.wiring.services.sessions.rooms()]


async def with_people(stage: Stage, number: int) -> list[str]:
    await with_sessions(stage.wiring.house, a_session("s"))
    people = [await stage.a_person() for _ in range(number)]
    for person in people:
        await stage.wiring.services.sessions.register(person, "s")
    return people


async def test_a_session_is_added(stage: Stage, marie: Visitor) -> None:
    answer, _ = await marie.submit("/sessions", "/sessions/add", None, **VALID)
    assert answer.status == 303
    [added] = await sessions(stage)
    assert added.begins_at == montreal("2027-01-11 09:00")
    assert (added.seats, added.language, len(added.days)) == (10, "fr", 4)
    _, page = await marie.get("/sessions")
    assert "La session est ajoutée." in page
    assert "Carrefour" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"organisation": " "}, "Organisme"),
        ({"region": "42"}, "de 01 à 17"),
        ({"seats": "0"}, "de 1 à 200"),
        ({"seats": "201"}, "de 1 à 200"),
        ({"place": ""}, "écrivez une adresse"),
        ({"to_0": "08:00"}, "finit avant de commencer"),
        ({"day_0": "2026-12-01"}, "déjà passé"),
        ({"day_0": "2027-01-12"}, "chevauche"),
        ({"to_0": ""}, "n’est pas une journée"),
        ({f"{part}_{n}": "" for part in ("day", "from", "to") for n in range(4)}, "Journées"),
    ],
)
async def test_what_is_wrong_is_refused_with_what_to_change(
    stage: Stage, marie: Visitor, changed: dict[str, str], sentence: str
) -> None:
    answer, page = await marie.submit("/sessions", "/sessions/add", None, **VALID | changed)
    assert answer.status == 422
    assert sentence in page
    assert 'value="2027-01-14"' in page or "day_0" in changed, "the form comes back filled"
    assert await sessions(stage) == []


async def test_another_length_is_asked_about_once(stage: Stage, marie: Visitor) -> None:
    short = VALID | {"to_0": "14:30"}
    answer, page = await marie.submit("/sessions", "/sessions/add", None, **short)
    assert answer.status == 409
    assert "23,5 heures" in page
    assert await sessions(stage) == []
    answer, _ = await marie.submit("/sessions", "/sessions/add", None, **short, despite="23,5")
    assert answer.status == 303
    assert len(await sessions(stage)) == 1


async def test_the_file_comes_back_the_same_and_adds(stage: Stage, marie: Visitor) -> None:
    await with_sessions(stage.wiring.house, a_session("s"))
    answer, text = await marie.get("/sessions/export")
    assert answer.content_type == "text/csv"
    assert (await import_file(marie, text))[0] == 303
    more = text + 'soir,Carrefour,13,,yes,12,"2027-03-01 18:00-21:00; 2027-03-03 18:00-21:00"\r\n'
    assert (await import_file(marie, more))[0] == 303
    assert {session.id for session in await sessions(stage)} == {"s", "soir"}
    _, page = await marie.get("/sessions")
    assert "Ajoutées\u00a0: 1; modifiées\u00a0: 0." in page


async def import_file(visitor: Visitor, text: str) -> tuple[int, str]:
    form = aiohttp.FormData({"csrf": (await visitor.fields("/sessions"))["csrf"]})
    form.add_field("file", text.encode(), filename="sessions.csv", content_type="text/csv")
    response = await visitor.http.post(visitor.stage.address + "/sessions/import", data=form, allow_redirects=False)
    return response.status, await response.text()


async def test_one_wrong_line_and_nothing_is_imported(stage: Stage, marie: Visitor) -> None:
    people = await with_people(stage, 2)
    _, text = await marie.get("/sessions/export")
    text = text.replace(",2,", ",1,") + 'soir,Carrefour,13,,yes,12,"2027-03-01 18:00-21:00"\r\n'
    status, page = await import_file(marie, text)
    assert (status, "Ligne 2" in page, "au moins 2" in page) == (422, True, True)
    assert {session.id for session in await sessions(stage)} == {"s"}
    wrong = text + "x,,99,,no,0,hier\r\n"
    status, page = await import_file(marie, wrong)
    assert (status, page.count("Ligne 4")) == (422, 5)
    assert await stage.texts(people[0], Author.SYSTEM) == []


async def test_a_new_place_is_told_to_whoever_is_registered(stage: Stage, marie: Visitor) -> None:
    [person] = await with_people(stage, 1)
    _, text = await marie.get("/sessions/export")
    assert (await import_file(marie, text.replace("1, rue Principale", "2, rue Neuve")))[0] == 303
    [told] = await stage.texts(person, Author.SYSTEM)
    assert "2, rue Neuve" in told


async def test_attendance_is_marked_by_day_and_completes(stage: Stage, marie: Visitor, clock: FakeClock) -> None:
    [person] = await with_people(stage, 1)
    [registration] = (await stage.wiring.services.sessions.sheet("s")).registrations
    days = [day.day.isoformat() for day in session_days()]
    clock.set(montreal("2027-01-14 16:00"))
    marie = await stage.a_visitor("Nadia Ben")  # the other's session is over
    fields = [("day", day) for day in days] + [("present", f"{registration.id}|{day}") for day in days[:3]]
    token = [("csrf", (await marie.fields("/sessions/s"))["csrf"])]
    address = f"{stage.address}/sessions/s"
    answer = await marie.http.post(f"{address}/attendance", data=token + fields, allow_redirects=False)
    assert answer.status == 303
    _, page = await marie.get("/sessions/s")
    assert page.count(" checked") == 3
    which = [("registration", registration.id)]
    answer = await marie.http.post(f"{address}/complete", data=token + fields + which, allow_redirects=False)
    assert answer.status == 409
    assert "jeu. 14" in await answer.text()
    last = [("present", f"{registration.id}|{days[3]}")]
    answer = await marie.http.post(f"{address}/complete", data=token + fields + last + which, allow_redirects=False)
    assert answer.status == 303
    [done] = (await stage.wiring.services.sessions.sheet("s")).registrations
    assert (done.state, done.completed_on) == (RegistrationState.COMPLETED, date(2027, 1, 14))
    assert len(await stage.texts(person, Author.SYSTEM)) == 1


async def test_a_request_is_accepted(stage: Stage, marie: Visitor) -> None:
    [person] = await with_people(stage, 1)
    [registration] = (await stage.wiring.services.sessions.sheet("s")).registrations
    answer, _ = await marie.submit("/sessions/s", "/sessions/s/confirm", None, registration=registration.id)
    assert answer.status == 303
    assert len(await stage.texts(person, Author.SYSTEM)) == 1
    _, page = await marie.get("/sessions/s")
    assert "Confirmée" in page


async def test_seats_change_within_what_is_held(stage: Stage, marie: Visitor) -> None:
    await with_people(stage, 3)
    answer, page = await marie.submit("/sessions/s", "/sessions/s/seats", None, seats="1")
    assert (answer.status, "au moins 2" in page) == (409, True)
    answer, _ = await marie.submit("/sessions/s", "/sessions/s/seats", None, seats="douze")
    assert answer.status == 422
    answer, _ = await marie.submit("/sessions/s", "/sessions/s/seats", None, seats="3")
    assert answer.status == 303
    _, page = await marie.get("/sessions/s")
    assert "Place offerte, réponse attendue\u00a0: 1" in page


async def test_a_session_is_cancelled_once_it_was_ticked(stage: Stage, marie: Visitor) -> None:
    [person] = await with_people(stage, 1)
    answer, _ = await marie.submit("/sessions/s", "/sessions/s/cancel", None)
    assert answer.status == 422
    assert await stage.texts(person, Author.SYSTEM) == []
    answer, _ = await marie.submit("/sessions/s", "/sessions/s/cancel", None, sure="yes")
    assert answer.status == 303
    assert len(await stage.texts(person, Author.SYSTEM)) == 1


@pytest.mark.parametrize("path", ["/sessions/nothing", "/sessions/nothing/seats"])
async def test_what_does_not_exist_is_said_not_to(marie: Visitor, path: str) -> None:
    answer, _ = await (
        marie.get(path) if path.endswith("nothing") else marie.submit("/sessions", path, None, seats="3")
    )
    assert answer.status == 404


async def test_nobody_sees_it_who_is_not_signed_in(stage: Stage) -> None:
    answer, _ = await (await stage.a_visitor()).get("/sessions")
    assert answer.status == 303
    assert "sign-in" in answer.headers["Location"]
