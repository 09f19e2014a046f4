"""Rasa without TensorFlow, before any test imports it; and what several tests need, built once."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

# The app's environment has no Rasa: these tests are collected in Rasa's own (pytest.ini beside this file).
HAS_RASA = importlib.util.find_spec("rasa") is not None
collect_ignore_glob = [] if HAS_RASA else ["test_*.py"]

if HAS_RASA:
    from bot.rasa_ext.kernels import choose_kernels
    from bot.rasa_ext.without_tensorflow import stand_in

    choose_kernels()
    stand_in()

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def held_out() -> list[dict[str, str]]:
    """Every held-out message: text, intent, lang, kind."""
    files = [ROOT / "tests/nlu" / f"{language}.jsonl" for language in ("fr", "en", "es")]
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
