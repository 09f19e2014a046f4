"""The people of the Telegram emulator: what they do reaches the bot, what it says is in `received`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulators.telegram import TelegramEmulator

SECONDS = 5.0
# What each kind of message carries in an update.
_CONTENTS: dict[str, Any] = {
    "voice": {"file_id": "f", "file_unique_id": "u", "duration": 3},
    "photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}],
    "sticker": {
        "file_id": "f", "file_unique_id": "u", "type": "regular", "width": 9, "height": 9,
        "is_animated": False, "is_video": False,
    },
    "document": {"file_id": "f", "file_unique_id": "u"},
    "contact": {"phone_number": "+15145550000", "first_name": "Ana"},
    "video": {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9, "duration": 3},
    "video_note": {"file_id": "f", "file_unique_id": "u", "length": 9, "duration": 3},
    "audio": {"file_id": "f", "file_unique_id": "u", "duration": 3},
    "poll": {
        "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
        "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": False,
        "members_only": False,
    },
    "dice": {"emoji": "🎲", "value": 3},
}  # fmt: skip


async def until(is_true: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """What `is_true` returns once it is true. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (result := is_true()):
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        await asyncio.sleep(0.005)
    return result


@dataclass(frozen=True)
class Document:
    name: str
    mime: str
    content: bytes


@dataclass
class BotMessage:
    """What the bot said. The keyboard is the one shown now: empty once it was taken off."""

    id: int
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    document: Document | None = None

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    def data(self, title: str) -> str | None:
        return next((b["callback_data"] for row in self.keyboard for b in row if b["text"] == title), None)

    def marked(self, kind: str) -> list[str]:
        """The pieces of text of this kind: "bold", "text_link"…"""
        units = self.text.encode("utf-16-le")
        spans = [(e["offset"] * 2, (e["offset"] + e["length"]) * 2) for e in self.entities if e["type"] == kind]
        return [units[start:end].decode("utf-16-le") for start, end in spans]


@dataclass
class Person:
    """Someone in a private chat with the bot."""

    telegram: TelegramEmulator
    id: int
    name: str
    language: str | None
    received: list[BotMessage] = field(default_factory=list)
    has_blocked: bool = False

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.received]

    async def writes(self, text: str, *, update_id: int | None = None) -> int:
        """Sends a text; returns its update id, which given again makes a repeat."""
        entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text[:1] == "/" else []
        return self.telegram.tell_bot("message", self._message(text=text, entities=entities), update_id)

    async def asks(self, text: str) -> BotMessage:
        """Sends a text; the first thing the bot says after it."""
        before = len(self.received)
        await self.writes(text)
        await until(lambda: len(self.received) > before, f"an answer to {self.name}")
        return self.received[before]

    async def presses(self, title: str, *, update_id: int | None = None) -> str:
        """Takes the newest button of this title, waiting for it to show; returns the callback's id."""
        message = await until(lambda: self._with_button(title), f"a button {title!r} for {self.name}")
        return self.calls_back(message, message.data(title), update_id=update_id)

    def calls_back(self, message: BotMessage, data: str | None, *, update_id: int | None = None) -> str:
        """Any callback data, as a modified Telegram could send."""
        said = {"message_id": message.id, "date": int(time.time()), "chat": self.as_json(), "text": message.text}
        callback_id = str(self.telegram.next_id("update"))
        query = {"id": callback_id, "from": self._user(), "chat_instance": "1", "data": data, "message": said}
        self.telegram.tell_bot("callback_query", query, update_id)
        return callback_id

    async def edits(self, text: str) -> None:
        edited = self._message(text=text, edit_date=int(time.time()))
        self.telegram.tell_bot("edited_message", edited)

    async def sends(self, kind: str, **more: Any) -> None:
        """A voice, photo, sticker, document, contact, video, poll…"""
        self.telegram.tell_bot("message", self._message(**{kind: _CONTENTS[kind]}, **more))

    async def shares(self, latitude: float, longitude: float, *, venue: str | None = None, **more: Any) -> int:
        """A position on the map, by its own or as that of a venue, which Telegram sends as both."""
        where = {"latitude": latitude, "longitude": longitude, **more}
        shown = {"venue": {"location": where, "title": venue, "address": ""}} if venue else {}
        return self.telegram.tell_bot("message", self._message(location=where, **shown))

    async def walks(self, latitude: float, longitude: float) -> None:
        """A live position moves: Telegram edits the message."""
        where = {"latitude": latitude, "longitude": longitude, "live_period": 900}
        self.telegram.tell_bot("edited_message", self._message(location=where, edit_date=int(time.time())))

    async def blocks(self) -> None:
        self.has_blocked = True
        self._changes_membership("member", "kicked")

    async def unblocks(self) -> None:
        self.has_blocked = False
        self._changes_membership("kicked", "member")

    async def waits_for(self, what: int | str | Callable[[BotMessage], Any], seconds: float = SECONDS) -> BotMessage:
        """The message that makes that many, or contains these words, or satisfies the function."""

        def found() -> BotMessage | None:
            if isinstance(what, int):
                return self.received[what - 1] if len(self.received) >= what else None
            matches = (lambda message: what in message.text) if isinstance(what, str) else what
            return next((message for message in self.received if matches(message)), None)

        try:
            message: BotMessage = await until(found, "", seconds)
            return message
        except AssertionError:
            raise AssertionError(f"{self.name} waited for {what!r} and received {self.texts}") from None

    def forgets(self) -> None:
        """Empties `received`."""
        self.received.clear()

    @property
    def buttons(self) -> list[str]:
        """Every button shown now, oldest first."""
        return [title for message in self.received for title in message.buttons]

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def _with_button(self, title: str) -> BotMessage | None:
        return next((message for message in reversed(self.received) if message.data(title) is not None), None)

    def _user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | ({"language_code": self.language} if self.language else {})

    def _message(self, **content: Any) -> dict[str, Any]:
        number = self.telegram.next_id("message")
        return {
            "message_id": number, "date": int(time.time()), "chat": self.as_json(), "from": self._user(), **content
        }  # fmt: skip

    def _changes_membership(self, old: str, new: str) -> None:
        bot = {"id": 123, "is_bot": True, "first_name": "Passerelle", "username": "passerelle_bot"}

        def member(status: str) -> dict[str, Any]:
            return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})

        change = {"chat": self.as_json(), "from": self._user(), "date": int(time.time())}
        self.telegram.tell_bot(
            "my_chat_member", change | {"old_chat_member": member(old), "new_chat_member": member(new)}
        )


@dataclass
class Group:
    """A group, supergroup or channel the bot was put in."""

    telegram: TelegramEmulator
    id: int
    kind: str
    received: list[BotMessage] = field(default_factory=list)
    has_blocked: bool = False
    is_left: bool = False

    async def hears(self, person: Person, text: str) -> None:
        """Someone writes in it."""
        number = self.telegram.next_id("message")
        said = {"message_id": number, "date": int(time.time()), "chat": self.as_json(), "text": text}
        if self.kind == "channel":
            self.telegram.tell_bot("channel_post", said)
        else:
            user = {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": person.language}
            self.telegram.tell_bot("message", said | {"from": user})

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, "title": "Groupe"}
