"""Held-out messages, and conversations made of them: always the same ones for the same data."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.i18n.languages import COMPLETE
from scripts.prepare import ROOT

# Those of which messages are held out.
LANGUAGES = COMPLETE
SEED = 20261122
# They hand the conversation over, end it or wipe it: the next turn would measure something else.
ENDING = frozenset({"talk_to_human", "emergency", "restart", "stop", "erase_my_data"})


@dataclass(frozen=True)
class HeldOut:
    text: str
    intent: str
    language: str
    kind: str


@dataclass(frozen=True)
class Talk:
    """What one person writes, in order."""

    language: str
    texts: tuple[str, ...]


def held_out(folder: Path = ROOT / "tests" / "nlu") -> list[HeldOut]:
    """All of tests/nlu/<language>.jsonl."""
    messages = []
    for language in LANGUAGES:
        for line in (folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                messages.append(HeldOut(row["text"], row["intent"], row["lang"], row.get("kind", "clean")))
    return messages


def talks(messages: Sequence[HeldOut], count: int, turns: int) -> list[Talk]:
    """`count` conversations of `turns` messages, each in one language, the languages in turn."""
    chance = random.Random(SEED)  # noqa: S311 (a sample, no secret)
    pools: dict[str, list[str]] = {}
    for language in LANGUAGES:
        pools[language] = [m.text for m in messages if m.language == language and m.intent not in ENDING]
        chance.shuffle(pools[language])
    made = []
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        pool, first = pools[language], number // len(LANGUAGES) * turns
        made.append(Talk(language, tuple(pool[(first + turn) % len(pool)] for turn in range(turns))))
    return made


def plain_questions(messages: Sequence[HeldOut], language: str) -> list[str]:
    """Clean questions that have an answer: what a very long conversation is made of."""
    return [m.text for m in messages if m.language == language and m.kind == "clean" and m.intent.startswith("ask_")]
