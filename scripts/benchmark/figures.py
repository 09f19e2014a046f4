"""Figures that nlu_compare and bench share: percentiles, targets, tables, and what machine they were taken on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """What was aimed at, and what was measured, in words that stand in a table."""

    title: str
    wanted: str
    measured: str
    is_reached: bool


@dataclass(frozen=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all are not above. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    # The rank by counting: never a value that was not measured.
    rank = -(-round(share * 1_000_000) * len(ordered) // 1_000_000)
    return ordered[max(rank, 1) - 1]


def spread(seconds: Sequence[float]) -> Spread:
    return Spread(*(round(1000 * percentile(seconds, share), 2) for share in (0.5, 0.95, 0.99)))


def at_least(title: str, value: float, limit: float, unit: str = "") -> Target:
    return Target(title, f"≥ {limit:g}{unit}", f"{value:.3g}{unit}", value >= limit)


def at_most(title: str, value: float, limit: float, unit: str = "") -> Target:
    return Target(title, f"≤ {limit:g}{unit}", f"{value:.3g}{unit}", value <= limit)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown: the first column on the left, figures on the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, rule, *rows))


def targets_table(targets: Sequence[Target]) -> str:
    rows = [(t.title, t.wanted, t.measured, "reached" if t.is_reached else "**not reached**") for t in targets]
    missed = sum(not t.is_reached for t in targets)
    verdict = "All are reached." if not missed else f"{missed} of {len(targets)} not reached."
    return f"{table(('target', 'wanted', 'measured', ''), rows)}\n\n{verdict}"


def megabytes(size: float) -> str:
    return f"{size / 1_000_000:.0f} MB" if size >= 10_000_000 else f"{size / 1_000_000:.1f} MB"


def as_json(targets: Sequence[Target]) -> list[dict[str, Any]]:
    return [asdict(target) for target in targets]


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was then."""
    load = os.getloadavg()[0]
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_before": round(load, 2),
    }


def described(where: dict[str, Any]) -> str:
    """One line for a report."""
    busy = "" if where["load_before"] < 0.5 else "; other programs were running, so times are longer than they need be"
    return (
        f"{where['day']}, {where['system']}, {where['processor']}, {where['cores']} cores, "
        f"{where['memory_bytes'] / 2**30:.0f} GiB. Load before the start: {where['load_before']:.2f}{busy}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "processor unknown"
