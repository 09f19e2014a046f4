"""Who speaks with a person: one state per conversation, exactly one speaker at any time.

assistant -> waiting -> staff -> assistant. The store keeps the state in one row, changed only through `after`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.messages import Channel


class HandledBy(StrEnum):
    ASSISTANT = "assistant"
    WAITING = "waiting"
    STAFF = "staff"


class Event(StrEnum):
    PERSON_ASKED = "person_asked"
    PERSON_LEFT = "person_left"
    STAFF_TOOK = "staff_took"
    STAFF_CLOSED = "staff_closed"


_NEXT = {
    (HandledBy.ASSISTANT, Event.PERSON_ASKED): HandledBy.WAITING,
    (HandledBy.WAITING, Event.PERSON_LEFT): HandledBy.ASSISTANT,
    (HandledBy.WAITING, Event.STAFF_TOOK): HandledBy.STAFF,
    (HandledBy.STAFF, Event.PERSON_LEFT): HandledBy.ASSISTANT,
    (HandledBy.STAFF, Event.STAFF_CLOSED): HandledBy.ASSISTANT,
}


class NoSuchStep(Exception):
    """The event does not exist in this state; nothing changed."""

    def __init__(self, handled_by: HandledBy, event: Event) -> None:
        super().__init__(f"{event} in {handled_by}")
        self.handled_by = handled_by
        self.event = event


def after(handled_by: HandledBy, event: Event) -> HandledBy:
    """The state that follows `event`. Raises NoSuchStep when the event means nothing here."""
    try:
        return _NEXT[handled_by, event]
    except KeyError:
        raise NoSuchStep(handled_by, event) from None


@dataclass(frozen=True)
class Conversation:
    """One person on one channel. `address` is the Telegram chat id, or a hash of the widget's token.

    `is_reachable` is false once the person blocked the bot: nothing more is sent until they write again.
    """

    id: str
    channel: Channel
    address: str
    language: str
    timezone: str | None
    handled_by: HandledBy
    last_seq: int
    is_reachable: bool = True
