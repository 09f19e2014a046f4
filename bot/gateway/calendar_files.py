"""The calendar file of a meeting, at an address nobody can guess."""

from __future__ import annotations

import re
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress

from bot.domain.meetings import Meeting, MeetingState, Mode
from bot.i18n.catalogue import Catalogue

PREFIX = "/files/meetings/"
SUFFIX = ".ics"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def key_of(url: str) -> str | None:
    """The file key in a path such as /files/meetings/KEY.ics."""
    if not (url.startswith(PREFIX) and url.endswith(SUFFIX)):
        return None
    key = url[len(PREFIX) : -len(SUFFIX)]
    return key if _KEY.fullmatch(key) else None


def method_of(meeting: Meeting) -> str:
    return "CANCEL" if meeting.state is MeetingState.CANCELLED else "PUBLISH"


def calendar_file(
    meeting: Meeting,
    catalogue: Catalogue,
    language: str,
    now: datetime,
    *,
    organizer: str | None = None,
) -> bytes:
    """An iCalendar file (RFC 5545): stable UID, sequence raised at each change, cancelled when the meeting is.

    `organizer` is the address that a published event and its cancellation share (RFC 5546, 3.2.1 and 3.2.5).
    """
    event = Event()
    event.add("uid", f"{meeting.id}@passerelle")
    event.add("sequence", meeting.revision)
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", catalogue.say("utter_meeting_title", language, {"org": meeting.agent.organisation}))
    event.add("status", "CANCELLED" if meeting.state is MeetingState.CANCELLED else "CONFIRMED")
    if organizer is not None:
        by = vCalAddress(f"mailto:{organizer}")
        by.params["CN"] = meeting.agent.organisation
        event.add("organizer", by)
    if meeting.mode is Mode.IN_PERSON and meeting.agent.office:
        event.add("location", meeting.agent.office)
    event.add("description", catalogue.say("utter_meeting_bring", language))
    calendar = Calendar()
    calendar.add("prodid", "-//Passerelle//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(meeting))
    calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body
