"""Draws bench.png from bench.json, beside it. Run by bench in Rasa's environment, which has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt  # type: ignore[import-not-found]

STOCK, OURS, MEMORY, WIDGET = "#8a8f98", "#0b6e4f", "#58b08c", "#c0652a"
COLUMNS = (
    ("stock", "stock Rasa", STOCK),
    ("ours", "our Rasa", OURS),
    ("in_memory", "our Rasa, in memory", MEMORY),
    ("widget", "widget", WIDGET),
)


def draw(figures: dict[str, Any], path: Path) -> None:
    """Five small charts in a row: less is better in all but messages a second."""
    plt.switch_backend("Agg")  # a file, no window
    chart, axes = plt.subplots(1, 5, figsize=(15, 4.2), layout="constrained")
    speeds = figures["speeds"]
    for axis, key, clients in ((axes[0], "alone", "1 client"), (axes[1], "together", "16 clients")):
        _bars(axis, [(name, speeds[column][key]["p50"], colour) for column, name, colour in COLUMNS], "{:.1f}")
        for place, (column, _, _) in enumerate(COLUMNS):
            low, high = speeds[column][key]["p50"], speeds[column][key]["p95"]
            axis.plot([place, place], [low, high], color="#222222", linewidth=1.5, marker="_", markersize=9)
        axis.set_title(f"one turn, {clients}, ms\n(bar: p50, line: to p95)", fontsize=10)
    _bars(axes[2], [(name, speeds[column]["per_second"], colour) for column, name, colour in COLUMNS], "{:.0f}")
    axes[2].set_title("messages a second,\n16 clients", fontsize=10)
    start, memory = figures["start_seconds"], figures["memory"]
    _bars(axes[3], [("stock Rasa", start["stock"], STOCK), ("Rasa + app", start["ours"], OURS)], "{:.1f}")
    axes[3].set_title("start to the first\nanswer, s", fontsize=10)
    sizes = [("stock Rasa", memory["stock"] / 1e6, STOCK), ("Rasa + app", memory["ours"] / 1e6, OURS)]
    _bars(axes[4], sizes, "{:.0f}")
    axes[4].set_title("memory, MB", fontsize=10)
    where = figures["machine"]
    chart.suptitle(
        f"Ours beside a stock Rasa: {where['day']}, {where['cores']} cores, one run", fontsize=12, fontweight="bold"
    )
    chart.savefig(path, dpi=110)


def _bars(axis: Any, bars: list[tuple[str, float, str]], form: str) -> None:
    drawn = axis.bar(range(len(bars)), [value for _, value, _ in bars], color=[colour for _, _, colour in bars])
    axis.bar_label(drawn, [form.format(value) for _, value, _ in bars], label_type="center", color="white", fontsize=9)
    axis.set_xticks(range(len(bars)), [name.replace(", ", ",\n").replace(" Rasa", "\nRasa") for name, _, _ in bars])
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    draw(json.loads(source.read_text(encoding="utf-8")), source.with_suffix(".png"))
