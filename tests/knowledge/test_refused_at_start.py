"""A broken file of knowledge is refused when the program starts, with file, key and reason, and nothing is served."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        pytest.param(
            "checked: 2026-11-21\n", "checked: hier\n", "ask_sin.yml, checked: hier is no date", id="bad date"
        ),
        pytest.param(
            "related: [", "related: [ask_nothing, ", "ask_sin.yml, related: ask_nothing is no step", id="step"
        ),
        pytest.param("      es:\n", "      eo:\n", "ask_sin.yml, never_say: ", id="a language is missing"),
        pytest.param("fr: https://", "fr: http://", "ask_sin.yml, links.sin: http://", id="link without https"),
    ],
)
def test_it_names_file_key_and_reason(tmp_path: Path, written: str, instead: str, said: str) -> None:
    for part in ("bot", "actions", "locales"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    broken = tmp_path / "bot/knowledge/steps/ask_sin.yml"
    text = broken.read_text(encoding="utf-8")
    assert written in text
    broken.write_text(text.replace(written, instead, 1), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve", "actions"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
