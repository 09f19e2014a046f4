"""Sign-in, sessions, and what nobody sees without them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.console.stage import PASSWORD, Stage, Visitor, staged


def cookie_of(response: aiohttp.ClientResponse) -> str:
    """The session's cookie, as the header has it."""
    return next(value for value in response.headers.getall("Set-Cookie") if value.startswith("passerelle_staff="))


async def test_signs_in_and_goes_to_the_list(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")
    visitor = await stage.a_visitor()

    answer = await visitor.sign_in(f"  {email.upper()} ")

    assert (answer.status, answer.headers["Location"]) == (303, "/staff/")
    response, html = await visitor.get("/")
    assert response.status == 200 and "Marie Tremblay" in html


async def test_the_session_cookie_is_kept_from_scripts_other_sites_and_other_paths(stage: Stage) -> None:
    visitor = await stage.a_visitor()
    cookie = cookie_of(await visitor.sign_in(await stage.a_member_of_staff("Marie Tremblay")))

    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/staff" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie


async def test_the_cookie_is_secure_on_https(tmp_path: Path) -> None:
    async with staged(tmp_path, public_url="https://passerelle.test") as stage:
        visitor = await stage.a_visitor()
        response, _ = await visitor.get("/sign-in")

        assert "Secure" in cookie_of(response)


@pytest.mark.parametrize(("email", "password"), [("marie@organisme.test", "autre chose"), ("x@y.test", PASSWORD)])
async def test_a_wrong_email_or_password_is_refused_in_the_same_words(stage: Stage, email: str, password: str) -> None:
    await stage.a_member_of_staff("Marie Tremblay")
    visitor = await stage.a_visitor()

    response, html = await visitor.submit("/sign-in", "/sign-in", email=email, password=password)

    assert response.status == 401
    assert "Le courriel ou le mot de passe ne convient pas." in html
    assert f'value="{email}"' in html
    assert password not in html


async def test_the_sixth_failure_is_told_to_wait_even_with_the_right_password(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")
    visitor = await stage.a_visitor()
    for _ in range(5):
        assert (await visitor.sign_in(email, "pas celui-ci")).status == 401

    response, html = await visitor.submit("/sign-in", "/sign-in", email=email, password=PASSWORD)

    assert response.status == 429
    assert "Trop d’essais. Réessayez dans 15\u00a0minutes." in html
    assert response.headers["Retry-After"] == "900"


async def test_guesses_sent_all_at_once_are_throttled_too(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")
    visitor = await stage.a_visitor()
    fields = await visitor.fields("/sign-in")

    answers = await asyncio.gather(
        *(visitor.post("/sign-in", {**fields, "email": email, "password": f"essai {n}"}) for n in range(12))
    )

    assert sorted(response.status for response, _ in answers) == [401] * 5 + [429] * 7


async def test_signing_in_well_does_not_count_as_a_failure(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")

    for _ in range(7):
        assert (await (await stage.a_visitor()).sign_in(email)).status == 303


async def test_an_old_session_is_worth_nothing_after_sign_in(stage: Stage) -> None:
    """No fixation: the cookie known before sign-in does not become signed in, nor does its token pass."""
    visitor = await stage.a_visitor()
    fields = await visitor.fields("/sign-in")
    before = {cookie.key: cookie.value for cookie in visitor.http.cookie_jar}
    await visitor.sign_in(await stage.a_member_of_staff("Marie Tremblay"))
    response, _ = await visitor.post("/sign-out", fields)
    assert response.status == 403

    thief = await stage.a_visitor()
    thief.http.cookie_jar.update_cookies(before, response.url)
    response, _ = await thief.get("/")

    assert response.headers["Location"].startswith("/staff/sign-in")


async def test_sign_out_ends_every_session_of_the_account(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")
    here, elsewhere = await stage.a_visitor(), await stage.a_visitor()
    await here.sign_in(email)
    await elsewhere.sign_in(email)

    response, _ = await here.submit("/", "/sign-out")

    assert response.headers["Location"] == "/staff/sign-in"
    for visitor in (here, elsewhere):
        assert (await visitor.get("/"))[0].status == 303


async def test_a_disabled_account_is_out_at_its_next_request(stage: Stage, marie: Visitor) -> None:
    await stage.wiring.services.staff.disable("marie@organisme.test")

    response, _ = await marie.get("/")

    assert response.status == 303


async def test_a_session_ends_after_its_hours(stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    later = stage.wiring.clock.now().replace(year=2027)
    monkeypatch.setattr(stage.wiring.clock, "now", lambda: later)

    response, _ = await marie.get("/")

    assert response.headers["Location"] == "/staff/sign-in?next=/staff/"


@pytest.mark.parametrize("what", ["", "/live", "/take", "/reply", "/close"])
async def test_nothing_of_a_conversation_is_visible_without_sign_in(stage: Stage, what: str) -> None:
    conversation_id = await stage.someone_waits(says="phrase secrète")
    visitor = await stage.a_visitor()
    path = f"/conversations/{conversation_id}{what}"

    for response, html in (await visitor.get(path), await visitor.post(path, {"text": "x"})):
        assert response.status in (200, 303, 401, 404)
        assert "phrase secrète" not in html and "Montréal" not in html
    assert await stage.wiring.services.handoffs.current(conversation_id) is not None


async def test_the_list_is_not_streamed_without_sign_in(stage: Stage) -> None:
    await stage.someone_waits(says="phrase secrète")
    visitor = await stage.a_visitor()

    response, text = await visitor.get("/live")

    assert response.content_type == "text/event-stream"
    assert text.split() == ["event:", "signed-out", "data:"]


async def test_sign_in_leads_to_the_page_first_asked_for(stage: Stage) -> None:
    conversation_id = await stage.someone_waits()
    visitor = await stage.a_visitor()
    page = f"/staff/conversations/{conversation_id}"
    response, _ = await visitor.get(f"/conversations/{conversation_id}")
    assert response.headers["Location"] == f"/staff/sign-in?next={page}"
    _, html = await visitor.get(f"/sign-in?next={page}")
    assert f'name="next" value="{page}"' in html

    answer = await visitor.sign_in(await stage.a_member_of_staff("Marie Tremblay"), next=page)

    assert answer.headers["Location"] == page


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.test/", "//evil.test/staff/", "/chat", "/staff/../chat", "/staffx", "/staff//evil.test",
     "/staff/\\evil", "/staff/%2e%2e/", "/staff/\r\nSet-Cookie: a=b", "javascript:alert(1)"],
)  # fmt: skip
async def test_sign_in_leads_nowhere_but_under_staff(stage: Stage, elsewhere: str) -> None:
    visitor = await stage.a_visitor()

    answer = await visitor.sign_in(await stage.a_member_of_staff("Marie Tremblay"), next=elsewhere)

    assert answer.headers["Location"] == "/staff/"


@pytest.mark.parametrize("token", [None, "", "é", "x" * 43])
@pytest.mark.parametrize("what", ["take", "reply", "close"])
async def test_a_form_without_the_right_token_does_nothing(
    stage: Stage, marie: Visitor, what: str, token: str | None
) -> None:
    conversation_id = await stage.someone_waits()
    fields = {"text": "mot perdu?", **({} if token is None else {"csrf": token})}

    response, html = await marie.post(f"/conversations/{conversation_id}/{what}", fields)

    assert response.status == 403
    assert "mot perdu?" in html
    handoff = await stage.wiring.services.handoffs.current(conversation_id)
    assert handoff is not None and handoff.staff_id is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "garbage"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused_even_with_the_token(
    stage: Stage, marie: Visitor, headers: dict[str, str]
) -> None:
    response, _ = await marie.submit("/", "/sign-out", headers=headers)

    assert response.status == 403


async def test_sign_in_needs_the_token_too(stage: Stage) -> None:
    email = await stage.a_member_of_staff("Marie Tremblay")
    visitor = await stage.a_visitor()

    response, _ = await visitor.post("/sign-in", {"email": email, "password": PASSWORD})

    assert response.status == 403


async def test_the_address_is_the_one_the_trusted_proxies_saw(tmp_path: Path) -> None:
    """One address that fails does not close the door of another, and can't choose its own name."""
    async with staged(tmp_path, trusted_proxies=1) as stage:
        visitor = await stage.a_visitor()
        statuses = []
        for n in range(7):
            forwarded = {"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.9"}
            response, _ = await visitor.submit(
                "/sign-in", "/sign-in", forwarded, email=f"nobody-{n}@x.test", password="pas celui-ci"
            )
            statuses.append(response.status)

        assert statuses == [401] * 5 + [429] * 2
        elsewhere = {"X-Forwarded-For": "203.0.113.10"}
        response, _ = await visitor.submit("/sign-in", "/sign-in", elsewhere, email="a@x.test", password="non")
        assert response.status == 401


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/static/console.css", "/static/nothing", "/live"])
async def test_every_response_carries_the_headers(stage: Stage, marie: Visitor, path: str) -> None:
    response = await marie.http.get(stage.address + path)

    assert response.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    cached = "no-cache" if path in ("/static/console.css", "/live") else "no-store"
    assert response.headers["Cache-Control"] == cached
    response.close()
