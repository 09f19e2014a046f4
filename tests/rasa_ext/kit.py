"""Rasa's objects, made by hand, and a compiled catalogue."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message


def a_message(text: str, **data: Any) -> Message:
    return Message(data={TEXT: text, **data})


def ranked(**confidences: float) -> dict[str, Any]:
    """The `intent` and `intent_ranking` of a classifier, best first: `ranked(greet=0.8, thanks=0.1)`."""
    ranking = [{"name": name, "confidence": confidence} for name, confidence in confidences.items()]
    return {"intent": ranking[0], "intent_ranking": ranking}


def write_catalogue(folder: Path, language: str, sentences: Mapping[tuple[str, str], str]) -> None:
    """A compiled gettext catalogue: (name, French) to translation."""
    entries = sorted({"": "Content-Type: text/plain; charset=UTF-8\n"}.items()) + sorted(
        (f"{name}\x04{french}", translation) for (name, french), translation in sentences.items()
    )
    texts = [[text.encode() for text in column] for column in zip(*entries, strict=True)]
    offset, tables, strings = 28 + 16 * len(entries), b"", b""
    for column in texts:
        for text in column:
            tables += struct.pack("<2I", len(text), offset + len(strings))
            strings += text + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    target = folder / language / "LC_MESSAGES"
    target.mkdir(parents=True)
    (target / "assistant.mo").write_bytes(header + tables + strings)
