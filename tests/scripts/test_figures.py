"""Percentiles, targets and tables, from figures to what is printed."""

from __future__ import annotations

import pytest

from scripts.benchmark.figures import (
    Spread,
    at_least,
    at_most,
    described,
    megabytes,
    percentile,
    spread,
    table,
    targets_table,
)

WHERE = {
    "day": "2026-11-22",
    "system": "Linux x86_64",
    "processor": "Some CPU",
    "cores": 2,
    "memory_bytes": 24 * 2**30,
    "load_before": 0.1,
}


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)], ids=lambda value: str(value)
)
def test_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_percentile_of_few_values_is_the_highest_of_them() -> None:
    assert percentile([3.0, 1.0], 0.95) == 3.0
    assert percentile([7.0], 0.5) == 7.0


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_spread_is_in_milliseconds() -> None:
    assert spread([0.001 * n for n in range(1, 101)]) == Spread(50.0, 95.0, 99.0)


@pytest.mark.parametrize(
    ("target", "measured", "is_reached"),
    [
        (at_least("speed", 2.0, 2), "2", True),
        (at_least("speed", 1.999, 2), "2", False),
        (at_most("memory", 50.1, 50, " %"), "50.1 %", False),
        (at_most("memory", 12, 50, " %"), "12 %", True),
    ],
)
def test_target_is_reached_from_its_limit_on(target: object, measured: str, is_reached: bool) -> None:
    assert (target.measured, target.is_reached) == (measured, is_reached)  # type: ignore[attr-defined]


def test_targets_that_are_missed_are_said_to_be() -> None:
    said = targets_table([at_least("speed", 3, 2, " ×"), at_most("start", 42.4, 30, " %")])
    assert "| speed | ≥ 2 × | 3 × | reached |" in said
    assert "| start | ≤ 30 % | 42.4 % | **not reached** |" in said
    assert said.endswith("1 of 2 not reached.")


def test_targets_that_are_all_reached_are_said_to_be() -> None:
    assert targets_table([at_least("speed", 3, 2)]).endswith("All are reached.")


def test_table_has_its_figures_on_the_right() -> None:
    assert table(("", "a"), [("x", "1")]) == "|  | a |\n| --- | ---: |\n| x | 1 |"


@pytest.mark.parametrize(("size", "said"), [(5_242_386, "5.2 MB"), (433_000_000, "433 MB")])
def test_sizes_are_rounded(size: int, said: str) -> None:
    assert megabytes(size) == said


def test_a_busy_machine_is_said_to_be() -> None:
    assert "other programs" not in described(WHERE)
    assert "other programs were running" in described({**WHERE, "load_before": 2.0})
