"""Addresses that open a calendar on the web with an event filled in. Used by actions and by the page of a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


@dataclass(frozen=True)
class Event:
    """What a calendar is told. `place` is None at a distance."""

    title: str
    details: str
    place: str | None
    starts_at: datetime
    ends_at: datetime


def google_link(event: Event) -> str:
    start, end = (moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for moment in (event.starts_at, event.ends_at))
    asked = {"action": "TEMPLATE", "text": event.title, "dates": f"{start}/{end}", "details": event.details}
    return _address(GOOGLE, asked | _place(event))


def outlook_link(event: Event) -> str:
    start, end = (moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (event.starts_at, event.ends_at))
    asked = {"path": "/calendar/action/compose", "rru": "addevent", "subject": event.title, "body": event.details}
    return _address(OUTLOOK, asked | {"startdt": start, "enddt": end} | _place(event))


def _place(event: Event) -> dict[str, str]:
    return {"location": event.place} if event.place else {}


def _address(base: str, asked: dict[str, str]) -> str:
    # Outlook shows a "+" as it is.
    return f"{base}?{urlencode(asked, quote_via=quote)}"
