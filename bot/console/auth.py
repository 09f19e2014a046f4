"""Who may see the console: sessions, the guard in front of every view, sign-in and sign-out.

The session is an encrypted cookie. It names an account and its `session_epoch`; the account is read again at every
request, so a sign-out, a new password or a disabled account ends every session at once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp_session
from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from bot.console.pages import VISIT, WIRING, Handler, Visit, account_of, problem, render, words_of
from bot.domain.staff import Account
from bot.i18n.languages import known
from bot.services.staff import SignInRefused, TooManyFailures
from bot.settings import Settings
from bot.wiring import Wiring

SIGN_IN = "sign_in"
STATIC = "static"
# Reached without an account; all else needs one.
_OPEN = {SIGN_IN, STATIC}
_COOKIE = "passerelle_staff"
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_-]+)*/?")


def keep_sessions(app: web.Application, settings: Settings) -> None:
    is_https = settings.env == "production" or (settings.public_url or "").startswith("https:")
    storage = EncryptedCookieStorage(
        hashlib.blake2b(settings.key, digest_size=32, person=b"console-session").digest(),
        cookie_name=_COOKIE,
        max_age=settings.session_hours * 3600,
        path="/staff",
        secure=is_https,
        httponly=True,
        samesite="Strict",
    )
    aiohttp_session.setup(app, storage)


async def signed_in(wiring: Wiring, session: aiohttp_session.Session) -> Account | None:
    """The account of a session that is still good, now."""
    if "staff" not in session or wiring.clock.now() >= datetime.fromisoformat(session["until"]):
        return None
    return await wiring.services.staff.signed_in(session["staff"], session["epoch"])


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nobody passes without an account, nor posts without the session's token."""
    name = request.match_info.route.name
    if name == STATIC:
        return await handler(request)
    visit = request[VISIT] = Visit(await aiohttp_session.get_session(request))
    language = known(request.query.get("lang"))
    if language and language != visit.language:
        visit.session["language"] = language
    visit.account = await signed_in(request.app[WIRING], visit.session)
    if request.match_info.http_exception is not None:
        return await handler(request)
    pgettext = words_of(request).pgettext
    if visit.account is None and name not in _OPEN:
        if name in ("live", "conversation_live"):
            return await handler(request)  # a stream says so itself: the browser hides the status of one from its page
        if request.method == "POST":
            over = pgettext(
                "console.problem.session_over", "Votre session est terminée. Connectez-vous, puis recommencez."
            )
            return problem(request, 401, over, unsent=await field(request, "text"))
        raise web.HTTPSeeOther(request.app.router[SIGN_IN].url_for().with_query(next=request.path))
    if request.method == "POST" and not await _is_ours(request, visit):
        if not visit.csrf:
            visit.session["csrf"] = secrets.token_urlsafe(32)
        old = pgettext(
            "console.problem.old_form", "Cette page date d’une autre session. Revenez en arrière et recommencez."
        )
        return problem(request, 403, old, unsent=await field(request, "text"))
    return await handler(request)


async def _is_ours(request: web.Request, visit: Visit) -> bool:
    """Whether a form comes from a page we gave to this session."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    # Under `Referrer-Policy: no-referrer` browsers say "null" for our own forms: the token decides then.
    origin = request.headers.get("Origin", "null")
    public = request.app[WIRING].settings.public_url
    ours = {request.host, urlsplit(public).netloc} if public else {request.host}
    if origin != "null" and urlsplit(origin).netloc not in ours:
        return False
    given = (await field(request, "csrf")).encode()
    return bool(visit.csrf) and hmac.compare_digest(given, visit.csrf.encode())


async def field(request: web.Request, name: str) -> str:
    """A field of the form, "" when absent. Raises HTTPBadRequest when it can't be read."""
    try:
        value = (await request.post()).get(name, "")
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    # PostgreSQL takes no NUL in a text.
    return value.replace("\0", "") if isinstance(value, str) else ""


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    if visit.account is not None:
        raise web.HTTPSeeOther(_next(request, request.query.get("next", "")))
    if not visit.csrf:
        visit.session["csrf"] = secrets.token_urlsafe(32)
    return _form(request, request.query.get("next", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    wiring = request.app[WIRING]
    email, after = await field(request, "email"), await field(request, "next")
    pgettext = words_of(request).pgettext
    try:
        account = await wiring.services.staff.sign_in(email, await field(request, "password"), address(request))
    except SignInRefused:
        wrong = pgettext("console.sign_in.refused", "Le courriel ou le mot de passe ne convient pas.")
        return _form(request, after, email=email, error=wrong, status=401)
    except TooManyFailures as closed:
        minutes = max(1, round(closed.wait / timedelta(minutes=1)))
        wait = pgettext(
            "console.sign_in.wait", "Trop d’essais. Réessayez dans {minutes}\u00a0minutes.", minutes=minutes
        )
        response = _form(request, after, email=email, error=wait, status=429)
        response.headers["Retry-After"] = str(int(closed.wait.total_seconds()))
        return response
    language = request[VISIT].language
    # A session of its own: whoever knew the one before knows nothing of this one.
    session = await aiohttp_session.new_session(request)
    session["language"] = language
    session["staff"] = account.id
    session["epoch"] = account.session_epoch
    session["until"] = (wiring.clock.now() + timedelta(hours=wiring.settings.session_hours)).isoformat()
    session["csrf"] = secrets.token_urlsafe(32)
    raise web.HTTPSeeOther(_next(request, after))


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Ends every session of the account, on every machine."""
    visit = request[VISIT]
    await request.app[WIRING].services.staff.sign_out(account_of(request))
    language = visit.language
    visit.session.invalidate()
    visit.session["language"] = language
    raise web.HTTPSeeOther(request.app.router[SIGN_IN].url_for())


def address(request: web.Request) -> str:
    """Where the request comes from, behind the proxies that the settings trust."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = request.app[WIRING].settings.trusted_proxies
    return hops[-trusted] if 0 < trusted <= len(hops) else request.remote or ""


def _next(request: web.Request, asked: str) -> str:
    """The page first asked for when it is one of ours, else the list."""
    home = str(request.app.router["list"].url_for())
    base = home.rstrip("/")
    is_ours = asked.startswith(f"{base}/") and _PLAIN_PATH.fullmatch(asked.removeprefix(base))
    return asked if is_ours else home


def _form(request: web.Request, after: str, *, email: str = "", error: str = "", status: int = 200) -> web.Response:
    return render(request, "sign_in.html", {"next": after, "email": email, "error": error}, status=status)
