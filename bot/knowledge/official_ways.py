"""Which official page goes with what is done elsewhere, from `official_ways.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from bot.knowledge.steps import BadKnowledge, Step, steps

OFFICIAL_WAYS = Path(__file__).with_name("official_ways.yml")


@cache
def official_ways() -> Mapping[str, Step]:
    """Intent to the step that holds the page. Raises BadKnowledge for a step that does not exist."""
    named = yaml.safe_load(OFFICIAL_WAYS.read_text(encoding="utf-8"))
    for intent, step in named.items():
        if step not in steps():
            raise BadKnowledge(f"{OFFICIAL_WAYS.name}, {intent}: {step} is no step")
    return {intent: steps()[step] for intent, step in named.items()}
