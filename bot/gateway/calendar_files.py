"""The calendar file of a meeting, at an address nobody can guess."""

from __future__ import annotations

import re
from datetime import datetime

from icalendar import Calendar, Event

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


def calendar_file(meeting: Meeting, catalogue: Catalogue, language: str, now: datetime) -> bytes:
    """An iCalendar file (RFC 5545): stable UID, sequence raised at each change, cancelled when the meeting is."""
    event = Event()
    event.add("uid", f"{meeting.id}@passerelle")
    event.add("sequence", meeting.revision)
    event.add("dtstamp", now)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", catalogue.say("utter_meeting_title", language, {"org": meeting.agent.organisation}))
    is_cancelled = meeting.state is MeetingState.CANCELLED
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    if meeting.mode is Mode.IN_PERSON and meeting.agent.office:
        event.add("location", meeting.agent.office)
    event.add("description", catalogue.say("utter_meeting_bring", language))
    calendar = Calendar()
    calendar.add("prodid", "-//Passerelle//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body
