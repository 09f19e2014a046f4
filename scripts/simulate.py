"""A year of first meetings on a virtual clock, beside the best possible assignment: `make simulate`.

Prints the checks and writes docs/simulation.md, docs/benchmarks/simulation.json and .png; with other agents, arrivals,
seed or hours than the page's, into var/simulation/. `--needed 0.99`: how many agents are needed for that share, into
docs/benchmarks/simulation-needed.json and the page.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from scripts.benchmark.command import stopped_like_ctrl_c
from scripts.benchmark.figures import as_json, machine, targets_table
from scripts.prepare import RASA, ROOT
from scripts.simulation import assumptions as assumed
from scripts.simulation.agenda import Broken
from scripts.simulation.assumptions import Asked
from scripts.simulation.needed import NeverEnough, Tried, needed
from scripts.simulation.problem import best_of
from scripts.simulation.replay import replay
from scripts.simulation.report import needed_words, page
from scripts.simulation.results import Results, checks, results
from scripts.simulation.world import make_world

DOCS = ROOT / "docs"
OTHER = ROOT / "var" / "simulation"
NOT_ASKED = "Not asked yet: `make simulate NEEDED=0.99`."
_SHOWS_EVERY = 5.0


def simulate(asked: Asked, command: str) -> int:
    """0 when every check is reached."""
    where, began = machine(), time.monotonic()
    world = make_world(asked)
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)  # the year is made of millions of short-lived objects
    year = asyncio.run(replay(world, _Progress(len(world.people), began)))
    print("The best possible assignment…", flush=True)
    found = results(year, best_of(year))
    seconds = time.monotonic() - began
    at_work = sum(os.times()[:4])
    for refused in found.refused[:10]:
        print(f"refused: {refused}")
    figures, written = _places(asked)
    reached = checks(found, seconds)
    data = {
        "command": command,
        "machine": where,
        "seconds": round(seconds),
        "processor_seconds": round(at_work),
        "asked": asdict(asked),
        "checks": as_json(reached),
        "results": found.as_data(),
    }
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    drawn = (str(RASA / "bin" / "python"), str(ROOT / "scripts" / "simulation" / "picture.py"), str(figures))
    subprocess.run(drawn, cwd=ROOT, check=True)
    print(f"\n{write_page(figures, written)}\n\n{targets_table(reached)}\n")
    print(f"Written to {written.relative_to(ROOT)}, {figures.relative_to(ROOT)} and .png.")
    return 0 if all(one.is_reached for one in reached) else 1


def write_page(figures: Path, written: Path) -> str:
    """The page, from the figures of the last year replayed and of the last time that agents were asked for."""
    data: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    said = page(
        Results.from_data(data["results"]),
        Asked(**data["asked"]),
        data["command"],
        data["machine"],
        data["seconds"],
        data["processor_seconds"],
        _needed_before(figures),
        str(figures.with_suffix(".png").relative_to(written.parent)),
    )
    written.write_text(said + "\n", encoding="utf-8")
    return said


def find_needed(asked: Asked, share: float) -> int:
    number, tried = needed(asked, share, lambda said: print(said, flush=True))
    figures, written = _places(asked)
    path = _needed_path(figures)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {
        "share": share,
        "asked": asdict(asked),
        "agents": number,
        "tried": {agents: asdict(one) for agents, one in sorted(tried.items())},
    }
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    print(f"\n{_needed_before(figures)}\n\nWritten to {path.relative_to(ROOT)}.")
    if figures.exists():
        write_page(figures, written)
        print(f"{written.relative_to(ROOT)} says it too.")
    return 0


class _Progress:
    """One line now and then: the virtual day, who asked so far, and how long it took."""

    def __init__(self, people: int, began: float) -> None:
        self._people = people
        self._began = self._shown = began

    def __call__(self, at: datetime, asked: int) -> None:
        now = time.monotonic()
        if now - self._shown >= _SHOWS_EVERY:
            self._shown = now
            print(f"{at.date()}: {asked} asked, of {self._people} and more; {now - self._began:.0f} s", flush=True)


def _places(asked: Asked) -> tuple[Path, Path]:
    """The figures and the page: those that are kept, when nothing else was asked."""
    if asked == Asked():
        return DOCS / "benchmarks" / "simulation.json", DOCS / "simulation.md"
    return OTHER / "simulation.json", OTHER / "simulation.md"


def _needed_path(figures: Path) -> Path:
    return figures.with_name("simulation-needed.json")


def _needed_before(figures: Path) -> str:
    """What was found the last time that it was asked."""
    path = _needed_path(figures)
    if not path.exists():
        return NOT_ASKED
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    tried = {int(agents): Tried(**one) for agents, one in data["tried"].items()}
    return needed_words(data["share"], Asked(**data["asked"]), data["agents"], tried)


def _asked_in(asked: Asked) -> str:
    """The make command that asks for this."""
    told = {name: value for name, value in asdict(asked).items() if value != getattr(Asked(), name)}
    names = {"agents": "AGENTS", "arrivals": "ARRIVALS", "seed": "SEED", "places_a_day": "PLACES"}
    return " ".join(("make simulate", *(f"{names[name]}={value}" for name, value in told.items())))


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError("a share between 0 and 1, as 0.99")
    return share


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1")
    return number


def main(arguments: Sequence[str]) -> int:
    stopped_like_ctrl_c()
    parser = argparse.ArgumentParser(description="A year of first meetings, replayed.")
    parser.add_argument("--agents", type=_number, default=assumed.AGENTS)
    parser.add_argument("--arrivals", type=_number, default=assumed.ARRIVALS)
    parser.add_argument("--seed", type=int, default=assumed.SEED)
    hours = "hours a day that each agent keeps for first meetings, 1 to 6"
    parser.add_argument("--places", type=int, choices=range(1, 7), default=assumed.PLACES_A_DAY, help=hours)
    parser.add_argument("--needed", type=_share, default=None, help="how many agents are needed for this share")
    parser.add_argument(
        "--page", action="store_true", help="write the page again from its figures; nothing is replayed"
    )
    told = parser.parse_args(arguments)
    asked = Asked(told.agents, told.arrivals, told.seed, told.places)
    if told.page:
        write_page(*_places(asked))
        return 0
    try:
        return find_needed(asked, told.needed) if told.needed else simulate(asked, _asked_in(asked))
    except Broken as broken:
        print(f"simulate: {broken}", file=sys.stderr)
    except NeverEnough:
        print("simulate: no number of agents gives that share.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
