"""One line in languages that the assistant does not speak: which it does, and that a person can help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

OWN_WORDS = Path(__file__).with_name("own_words.yml")


@cache
def own_words() -> Mapping[str, str]:
    """The line by the CLDR code of its language."""
    words: dict[str, str] = yaml.safe_load(OWN_WORDS.read_text(encoding="utf-8"))
    return words
