"""Where a request comes from: its address behind trusted proxies, and the site of the page that made it."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from bot.settings import Settings


def address_of(request: web.Request, settings: Settings) -> str:
    """The client's address. X-Forwarded-For is believed for as many proxies as the settings say, no more."""
    # Some proxies add a header of their own after the client's: all of them are one list (RFC 9110, 5.3).
    headers = ",".join(request.headers.getall("X-Forwarded-For", ()))
    forwarded = [part.strip() for part in headers.split(",") if part.strip()]
    if settings.trusted_proxies and len(forwarded) >= settings.trusted_proxies:
        return forwarded[-settings.trusted_proxies]
    return request.remote or "unknown"


def is_allowed_origin(request: web.Request, settings: Settings) -> bool:
    """A browser says its page's site: it must be ours or on the list. A client without Origin is no browser."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if origin.rstrip("/") in {allowed.rstrip("/") for allowed in settings.allowed_origins}:
        return True
    site = _site(origin)
    return bool(site) and site in {_site(settings.public_url or ""), request.host}


def _site(url: str) -> str:
    """Host and port; empty when the address has none, as the "null" of a sandboxed page."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
