"""The sessions offered: three at a time, chosen by button, by number ("la deuxième") or by date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_sdk.events import SlotSet

from actions.answers import phone_numbers
from actions.turn import ANSWER_INTENTS, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Choice
from bot.domain.sessions import Room, Session
from bot.domain.spoken import pick, read_time
from bot.i18n.dates import say_button_moment, say_day, say_moment, say_short_day
from bot.knowledge.places import region_names
from bot.services.sessions import SessionService

SHOWN = 3
MORE = "more"
_SEAT, _WAIT = "seat", "wait"


@dataclass(frozen=True)
class Named:
    """A session as a button names it: `may_wait` when it was shown as full. `begins_at` is on Montréal's clocks."""

    session_id: str
    begins_at: datetime
    may_wait: bool


def name_of(room: Room) -> str:
    begins = room.session.begins_at.astimezone(QUEBEC)
    return f"{_SEAT if room.free else _WAIT}@{room.session.id}@{begins:%Y-%m-%dT%H:%M}"


def named_session(name: str | None) -> Named | None:
    """None when it names none."""
    kind, _, rest = (name or "").partition("@")
    session_id, _, begins = rest.rpartition("@")
    if kind not in (_SEAT, _WAIT) or not session_id:
        return None
    try:
        return Named(session_id, datetime.fromisoformat(begins).replace(tzinfo=QUEBEC), kind == _WAIT)
    except ValueError:
        return None


class AskSessionChoice(DeskAction):
    """Three sessions: with a free seat first, of the person's region, then online, then elsewhere."""

    action = "action_ask_session_choice"

    async def answer(self, turn: Turn) -> Events:
        rooms = await self.services.sessions.offered(turn.slot("region"))
        if not rooms:
            turn.say("utter_register_session", org=self.desk.settings.organisation, **phone_numbers())
            return [SlotSet("sessions_shown", None)]
        page = int(turn.slot("sessions_page") or 0)
        shown = rooms[page * SHOWN : (page + 1) * SHOWN]
        if not shown:
            turn.say("utter_no_more_sessions")
            page, shown = 0, rooms[:SHOWN]
        if turn.asked == "session_choice" and turn.intent in ANSWER_INTENTS and not turn.is_choice:
            turn.say("utter_session_not_understood")
        choices = [
            Choice(title, button_payload("inform", session=name_of(room)))
            for title, room in zip(_titles(shown, turn.language), shown, strict=True)
        ]
        if len(rooms) > SHOWN:
            choices.append(turn.choice("utter_more_sessions", button_payload("inform", session=MORE)))
        lines = [say_line(number, room, turn) for number, room in enumerate(shown, start=1)]
        name = "utter_offer_sessions" if any(room.free for room in rooms) else "utter_offer_sessions_full"
        turn.say(name, sessions="\n".join(lines), choices=choices)
        return [SlotSet("sessions_shown", [name_of(room) for room in shown]), SlotSet("sessions_page", page)]


def say_line(number: int, room: Room, turn: Turn) -> str:
    session, language = room.session, turn.language
    values: dict[str, Any] = {
        "number": number,
        "first": say_moment(session.begins_at.astimezone(QUEBEC), language),
        "last": say_day(session.days[-1].day, language, weekday=False, article=True),
        "place": place_of(session, turn),
        "org": session.organisation,
    }
    if room.free:
        return turn.sentence("utter_session_line", free=room.free, **values)
    return turn.sentence("utter_session_line_full", **values)


def place_of(session: Session, turn: Turn) -> str:
    """Where it is held; the region is named when it is not the person's."""
    if session.place is None:
        return turn.sentence("utter_session_online")
    place = session.place
    if turn.slot("region") not in (None, session.region):
        place = turn.sentence("utter_session_in_region", place=place, region=region_names()[session.region])
    return turn.sentence("utter_session_hybrid", place=place) if session.is_online else place


def _titles(rooms: Sequence[Room], language: str) -> list[str]:
    """Day and hour; with their numbers when two would read the same."""
    local = [room.session.begins_at.astimezone(QUEBEC) for room in rooms]
    titles = [say_button_moment(begins, language) for begins in local]
    if len(set(titles)) == len(titles):
        return titles
    return [f"{number}. {say_short_day(begins.date(), language)}" for number, begins in enumerate(local, start=1)]


async def read_session_answer(turn: Turn, sessions: SessionService) -> Events:
    """The chosen session, or the next page. Empty when the message is no answer.

    What is written is looked for among the sessions shown, then among all.
    """
    chosen = turn.entity("session")
    if chosen == MORE:
        return [SlotSet("session_choice", None), SlotSet("sessions_page", int(turn.slot("sessions_page") or 0) + 1)]
    if chosen is not None:
        return [SlotSet("session_choice", chosen if named_session(chosen) else None)]
    if turn.is_choice:
        return []
    spoken = read_time(turn.text, sessions.today())
    if spoken is not None and (turn.intent in ANSWER_INTENTS or "?" not in turn.text):
        for names in (turn.slot("sessions_shown") or (), await _all(turn, sessions)):
            starts = [named.begins_at for named in map(named_session, names) if named]
            fitting = pick(spoken, starts) if len(starts) == len(names) else []
            if len(fitting) == 1:
                return [SlotSet("session_choice", names[fitting[0]])]
            if spoken.ordinal:
                break
    return [SlotSet("session_choice", None)] if turn.intent in ANSWER_INTENTS else []


async def _all(turn: Turn, sessions: SessionService) -> list[str]:
    return [name_of(room) for room in await sessions.offered(turn.slot("region"))]
