"""Telephone numbers by key, for the placeholders of sentences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

CONTACTS = Path(__file__).with_name("contacts.yml")
NO_BREAK = "\u00a0"


@cache
def contacts() -> Mapping[str, str]:
    """Key to number, its parts held together on one line."""
    entries = yaml.safe_load(CONTACTS.read_text(encoding="utf-8"))
    return {key: entry["number"].replace(" ", NO_BREAK) for key, entry in entries.items()}
