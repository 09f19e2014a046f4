"""Telegram's HTML, as strict as Telegram: https://core.telegram.org/bots/api#html-style."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "s": "strikethrough",
    "code": "code", "pre": "pre", "a": "text_link",
}  # fmt: skip
_TAG = re.compile(r'<(/?)([a-z]+)(?: href="([^"<>]*)")?>')


class BadHtml(ValueError):
    """Telegram would refuse the message."""


def read_html(html: str) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities, offsets in UTF-16 units. Raises BadHtml."""
    text, entities, opened, place = "", [], [], 0
    while place < len(html):
        if html[place] != "<":
            end = html.find("<", place)
            end = len(html) if end < 0 else end
            text += unescape(html[place:end])
            place = end
            continue
        tag = _TAG.match(html, place)
        if tag is None or tag[2] not in _KINDS:
            raise BadHtml("unsupported start tag")
        if not tag[1]:
            opened.append((tag[2], _units(text), unescape(tag[3] or "")))
        elif not opened or opened[-1][0] != tag[2]:
            raise BadHtml("unexpected end tag")
        else:
            name, offset, url = opened.pop()
            entity: dict[str, Any] = {"type": _KINDS[name], "offset": offset, "length": _units(text) - offset}
            entities.append(entity | ({"url": url} if url else {}))
        place = tag.end()
    if opened:
        raise BadHtml("can't find end tag")
    return text, sorted(entities, key=lambda entity: entity["offset"])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
