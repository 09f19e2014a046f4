"""What we compare ourselves with is what Rasa gives by default."""

from __future__ import annotations

from pathlib import Path

import rasa.engine.recipes.config_files
import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_stock_pipeline_and_policies_are_rasas_own_defaults() -> None:
    folder = Path(next(iter(rasa.engine.recipes.config_files.__path__)))
    theirs = yaml.safe_load((folder / "default_config.yml").read_text(encoding="utf-8"))
    ours = yaml.safe_load((ROOT / "benchmarks/stock/config.yml").read_text(encoding="utf-8"))
    assert (ours["pipeline"], ours["policies"]) == (theirs["pipeline"], theirs["policies"])
