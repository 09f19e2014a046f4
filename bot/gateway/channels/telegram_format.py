"""A reply as Telegram shows it: HTML and plain text of at most 4 096 characters, and a keyboard. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bot.domain.messages import Link, Message, Reply

# https://core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing", in UTF-16 units.
MAX_CHARS = 4096
# The widget reads `**bold**` the same way: within one line.
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_BUTTON = re.compile(r"(\d{1,9}):(\d{1,3})", re.ASCII)


@dataclass(frozen=True)
class Bubble:
    """The same words twice: `plain` is sent when Telegram refuses the HTML."""

    html: str
    plain: str


@dataclass(frozen=True)
class Button:
    title: str
    data: str


def bubbles(reply: Reply, public_url: str | None = None) -> list[Bubble]:
    """The text, then a line for each link; several bubbles when it is too long for one."""
    lines = [Bubble(_html(piece), _plain(piece)) for line in reply.text.split("\n") for piece in _cut(line)]
    lines += [_link(link, public_url) for link in reply.links]
    packed = [bubble for bubble in map(_join, _pack(lines)) if bubble.plain]
    if not packed and reply.choices:
        # Telegram has no keyboard without a text.
        return [Bubble("…", "…")]
    return packed


def buttons(message: Message) -> list[Button]:
    """One button for each choice; Telegram refuses callback data over 64 bytes, so it carries only where to look."""
    return [Button(choice.title, f"{message.seq}:{index}") for index, choice in enumerate(message.reply.choices)]


def button_place(data: str | None) -> tuple[int, int] | None:
    """The message and the choice that a button's data names, None when we never made such data."""
    found = _BUTTON.fullmatch(data or "")
    return (int(found[1]), int(found[2])) if found else None


def _html(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(text, quote=False))


def _plain(text: str) -> str:
    return _BOLD.sub(r"\1", text)


def _link(link: Link, public_url: str | None) -> Bubble:
    url = f"{public_url.rstrip('/')}{link.url}" if public_url and link.url.startswith("/") else link.url
    if not url.startswith(("https://", "http://")):
        return Bubble(_html(link.title), _plain(link.title))
    return Bubble(f'<a href="{escape(url)}">{escape(link.title, quote=False)}</a>', f"{link.title} — {url}")


def _pack(lines: Sequence[Bubble]) -> Iterator[list[Bubble]]:
    packed: list[Bubble] = []
    size = 0
    for line in lines:
        length = _length(line.plain) + 1
        if packed and size + length > MAX_CHARS:
            yield packed
            packed, size = [], 0
        packed.append(line)
        size += length
    yield packed


def _join(lines: Sequence[Bubble]) -> Bubble:
    return Bubble("\n".join(line.html for line in lines).strip(), "\n".join(line.plain for line in lines).strip())


def _cut(line: str) -> Iterator[str]:
    """Pieces that fit, cut at a space where there is one."""
    while _length(line) >= MAX_CHARS:
        size = 0
        for end, char in enumerate(line):  # noqa: B007
            size += _length(char)
            if size >= MAX_CHARS:
                break
        space = line.rfind(" ", 1, end)
        end = space if space > 0 else end
        yield line[:end]
        line = line[end:].lstrip(" ")
    yield line


def _length(text: str) -> int:
    return sum(2 if char > "\uffff" else 1 for char in text)
