"""The link of one meeting: unguessable, the same each time it is told, known to the database by its digest only."""

from __future__ import annotations

import base64
import hashlib
import hmac

PREFIX = "/m/"


def link_token(key: bytes, meeting_id: str) -> str:
    """256 bits that nobody can tell without the key."""
    made = hmac.digest(key, f"meeting link {meeting_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def link_digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
