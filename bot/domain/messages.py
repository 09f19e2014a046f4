"""What travels in a conversation: an incoming message, a reply, and the message as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    WIDGET = "widget"
    TELEGRAM = "telegram"


class Author(StrEnum):
    PERSON = "person"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


def storable(text: str) -> str:
    """The text without what no database keeps: NUL, and halves of a character cut in two."""
    return text.replace("\0", "").encode(errors="ignore").decode()


@dataclass(frozen=True)
class Choice:
    """A button. `payload` comes back as it is when the person takes it."""

    title: str
    payload: str


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class File:
    """A file the person may download; `url` is a path on the public address."""

    name: str
    url: str
    mime: str


@dataclass(frozen=True)
class Reply:
    """One bubble said to a person, already in their language. Text is plain, `**bold**` and line breaks only."""

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    files: tuple[File, ...] = ()
    topic: str | None = None


@dataclass(frozen=True)
class Incoming:
    """What a channel received. Either `text` (typed) or `payload` with its `title` (a choice taken).

    `message_id` is the channel's own and never changes on a repeat: a second arrival is the same message.
    """

    conversation_id: str
    message_id: str
    text: str
    payload: str | None = None


@dataclass(frozen=True)
class Message:
    """A message as it is kept. `seq` grows by one per conversation; `at` is UTC."""

    conversation_id: str
    seq: int
    author: Author
    reply: Reply
    language: str
    at: datetime
    message_id: str | None = None
    payload: str | None = None

    @property
    def text(self) -> str:
        return self.reply.text
