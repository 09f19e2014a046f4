"""Calendars on the web: what their links carry."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from bot.domain.calendar_links import Event, google_link, outlook_link
from tests.factories import montreal

EVENT = Event(
    "Premier rendez-vous : l’accueil & co",
    "À apporter : papiers",
    "1, rue Principale",
    montreal("2026-12-04 09:00"),
    montreal("2026-12-04 10:00"),
)


def asked(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def test_google() -> None:
    link = google_link(EVENT)
    assert link.startswith("https://calendar.google.com/calendar/render?")
    assert asked(link) == {
        "action": "TEMPLATE",
        "text": EVENT.title,
        "dates": "20261204T140000Z/20261204T150000Z",
        "details": EVENT.details,
        "location": "1, rue Principale",
    }


def test_outlook_has_no_plus_for_a_space() -> None:
    link = outlook_link(EVENT)
    assert link.startswith("https://outlook.live.com/calendar/0/deeplink/compose?")
    assert "+" not in link
    told = asked(link)
    assert (told["startdt"], told["enddt"]) == ("2026-12-04T14:00:00Z", "2026-12-04T15:00:00Z")
    assert (told["subject"], told["location"]) == (EVENT.title, EVENT.place)


def test_at_a_distance_there_is_no_place() -> None:
    event = replace(EVENT, place=None)
    assert "location" not in asked(google_link(event)) | asked(outlook_link(event))
