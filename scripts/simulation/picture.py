"""Draws simulation.png from simulation.json, beside it. Run by simulate in Rasa's environment, which has matplotlib."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt  # type: ignore[import-not-found]

OURS, BEST, PEOPLE = "#0b6e4f", "#8a8f98", "#d9dde3"


def draw(figures: dict[str, Any], path: Path) -> None:
    """Two charts, one above the other: a line for ours, dashes for the best, bars for the people of the week."""
    plt.switch_backend("Agg")  # a file, no window
    weeks = [(date.fromisoformat(week), group) for week, group in figures["results"]["weeks"].items()]
    days, groups = [week for week, _ in weeks], [group for _, group in weeks]
    chart, axes = plt.subplots(2, 1, figsize=(12, 7.2), sharex=True, layout="constrained")
    for axis, name in zip(axes, ("offered", "held"), strict=True):
        behind = axis.twinx()
        behind.bar(days, [group["people"] for group in groups], width=5.5, color=PEOPLE)
        behind.set_ylabel("people", fontsize=9)
        behind.set_zorder(0)
        axis.set_zorder(1)
        axis.patch.set_visible(False)
        shares = [[100 * group[key] / group["people"] for group in groups] for key in (f"best_{name}", name)]
        axis.plot(
            days, shares[0], color=BEST, linestyle="--", marker="o", markersize=5, label="best possible, with hindsight"
        )
        axis.plot(days, shares[1], color=OURS, marker=".", markersize=5, label="the booking code")
        lowest = max(0.0, min(map(min, shares)) - 5)
        axis.set_title(f"{name} within five working days, % of people due that week", fontsize=10)
        axis.legend(loc="lower right", fontsize=9, framealpha=0.9)
        axis.grid(axis="y", alpha=0.3)
        axis.set_yticks([tick for tick in axis.get_yticks() if tick <= 100])
        axis.set_ylim(lowest, 101)
    asked = figures["asked"]
    chart.suptitle(
        f"{asked['arrivals']} people, {asked['agents']} agents, {asked['places_a_day']} hours a day each",
        fontsize=12,
        fontweight="bold",
    )
    chart.savefig(path, dpi=110)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    draw(json.loads(source.read_text(encoding="utf-8")), source.with_suffix(".png"))
