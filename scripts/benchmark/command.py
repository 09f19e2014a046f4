"""What the commands nlu_compare and bench share: what they may be asked, stock's model, and where they write."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from scripts.benchmark.stock import EPOCHS, QUICK_EPOCHS, QUICK_SHARE, StockModel, stock_model
from scripts.prepare import ROOT


def write(folder: Path, name: str, page: str, data: dict[str, Any]) -> None:
    """The page and its figures, side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(page + "\n", encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"\n{page}\n\nWritten to {(folder / name).relative_to(ROOT)}.md and .json.")


def stopped_like_ctrl_c() -> None:
    """A SIGTERM ends us as Ctrl-C does: by way of every `finally`, so that nothing that we started outlives us."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def options(arguments: Sequence[str], description: str) -> argparse.Namespace:
    """What nlu_compare and bench may be asked."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few messages, few epochs: see that everything runs")
    parser.add_argument("--keep", action="store_true", help="the newest stock model, though the messages changed since")
    parser.add_argument("--epochs", type=int, default=None, help=f"of stock's training; {EPOCHS} unless told")
    return parser.parse_args(arguments)


def stock_for(asked: argparse.Namespace) -> StockModel:
    """Raises TrainingFailed."""
    epochs = asked.epochs or (QUICK_EPOCHS if asked.quick else EPOCHS)
    return stock_model(epochs, QUICK_SHARE if asked.quick else 1, keep=asked.keep)


def place_for(asked: argparse.Namespace) -> Path:
    return ROOT / "var" / "benchmarks" if asked.quick else ROOT / "docs" / "benchmarks"


def about_stock(model: StockModel) -> str:
    """For a report: what stock is, and what would make the comparison unfair."""
    said = (
        f"Stock: `rasa init`’s pipeline and policies (`benchmarks/stock/`), {model.epochs} epochs, trained on "
        f"{model.messages} messages and our word lists, as lookup tables: they cost it some milliseconds a message."
    )
    if model.epochs != EPOCHS:
        said += f" **Left alone, stock trains {EPOCHS} epochs.**"
    if model.learned is not None:
        said += f" In the last one its DIET got {model.learned:.1%} of its own messages right."
    if not model.is_of_this_data:
        said += " **Stock was trained before the messages last changed (`KEEP=1`).**"
    return said
