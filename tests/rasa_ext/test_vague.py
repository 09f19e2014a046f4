"""What is too vague to be understood for sure still leads near: `tests/nlu/vague.jsonl`, by the trained model.

A careful helper would offer one of the `topics`. Only the ranking is held here, which `action_not_understood` offers
from: whether the person is offered anything depends on how sure the first intent is (`doubt.py`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.domain.requests import is_request
from scripts.nlu_report import load

ROOT = Path(__file__).resolve().parents[2]
VAGUE = ROOT / "tests/nlu/vague.jsonl"
MODEL = ROOT / "models/passerelle.tar.gz"
AT_LEAST = 0.90
OFFERED = 3
pytestmark = pytest.mark.slow


def test_one_of_the_first_requests_is_what_a_careful_helper_would_offer() -> None:
    parse = load(MODEL)
    rows = [json.loads(line) for line in VAGUE.read_text(encoding="utf-8").splitlines()]
    missed = []
    for row in rows:
        offered = [intent for intent in parse(row["text"]).ranking if is_request(intent)][:OFFERED]
        if not set(offered) & set(row["topics"]):
            missed.append(f"{row['text']}: {', '.join(offered)}, none of {', '.join(row['topics'])}")
    assert len(missed) <= (1 - AT_LEAST) * len(rows), f"{len(missed)} of {len(rows)} missed:\n" + "\n".join(missed)
