"""E-mail addresses as people type them in a message. Used by actions, and by Rasa to know a message that gives one."""

from __future__ import annotations

import re

# Letters only where mail servers take them without an extension (SMTPUTF8, which many refuse).
_ADDRESS = re.compile(
    r"(?<![\w.+@-])[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_+-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w@-])"
)
_LIKE_ONE = re.compile(r"[^\s@]+@\S+|\S+@[^\s@]+\.\w+")
MAX_CHARS = 254
# Of a message that gives an address, the words around it: "mon courriel est …", "please write to me at …".
WORDS_AROUND = 5


def read_address(text: str) -> str | None:
    """The one address of the text; None when there is none that could be written to, or several."""
    found = [match[0] for match in _ADDRESS.finditer(text) if ".." not in match[0]]
    return found[0] if len(set(found)) == 1 and len(found[0]) <= MAX_CHARS else None


def gives_address(text: str) -> bool:
    """Whether the message does little else than give an address, well written or not."""
    like_one = _LIKE_ONE.findall(text)
    return len(like_one) == 1 and "?" not in text and len(text.split()) <= WORDS_AROUND + 1


def masked(address: str) -> str:
    """ "m…@example.org": enough to know one's own."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
