"""What bench found, from figures to targets and the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from scripts.benchmark.bench_report import Measures, Speed, as_data, report, targets
from scripts.benchmark.figures import Spread
from scripts.benchmark.stock import StockModel

MODEL = StockModel(Path("stock.tar.gz"), epochs=100, messages=9000, seconds=5000, cpu_seconds=9000)
WHERE = {
    "day": "2026-11-22",
    "system": "Linux x86_64",
    "processor": "Some CPU",
    "cores": 2,
    "memory_bytes": 24 * 2**30,
    "load_before": 0.0,
}


def speed(p50: float, per_second: float) -> Speed:
    return Speed(Spread(p50, 2 * p50, 3 * p50), Spread(10 * p50, 20 * p50, 30 * p50), per_second, p50, 0.0, 100, [])


MEASURES = Measures(
    speeds={"stock": speed(14, 80), "ours": speed(7, 160), "in_memory": speed(5, 200), "widget": speed(40, 30)},
    start_seconds={"stock": 30.0, "ours": 8.0},
    memory={"stock": 1_200_000_000, "ours": 560_000_000, "rasa": 430_000_000, "app": 130_000_000},
    model_size={"stock": 90_000_000, "ours": 5_200_000},
    long={
        "events": 5010,
        "turns": 700,
        "rasa_new": {"p50": 8.0, "p95": 12.0, "p99": 15.0},
        "rasa_long": {"p50": 12.0, "p95": 14.0, "p99": 20.0},
        "widget_new": {"p50": 40.0, "p95": 60.0, "p99": 70.0},
        "widget_long": {"p50": 50.0, "p95": 61.0, "p99": 70.0},
    },
)


def test_targets_are_shares_of_stock() -> None:
    judged = {target.title: (target.measured, target.is_reached) for target in targets(MEASURES)}
    assert judged["messages/s at 16 clients, × stock"] == ("2", True)
    assert judged["p50 of a turn, 1 client, % of stock"] == ("50 %", True)
    assert judged["memory of Rasa + app, % of stock Rasa"] == ("46.7 %", True)
    assert judged["start to the first answer, whole house, % of stock Rasa"] == ("26.7 %", True)
    assert judged["turn at Rasa, 5010 events, % of a new conversation"] == ("150 %", False)
    assert judged["turn at the widget, 5010 events, % of a new conversation"] == ("125 %", True)


def test_a_slower_tail_is_a_target_missed() -> None:
    slow = replace(MEASURES.speeds["ours"], alone=Spread(7, 28.1, 30))
    judged = targets(replace(MEASURES, speeds={**MEASURES.speeds, "ours": slow}))
    assert next(target.title for target in judged if not target.is_reached) == "p95 of a turn, 1 client, % of stock"


def test_page_shows_the_app_apart_from_rasa() -> None:
    page = report(MEASURES, MODEL, WHERE)
    assert "33.0 ms with 1 client, 330.0 ms with 16" in page
    assert "| 1 client, p50 | 14.0 ms | 7.0 ms | 5.0 ms | 40.0 ms |" in page
    assert "| memory | 1200 MB | 560 MB: Rasa 430 MB, app 130 MB |" in page
    assert "| turn at our Rasa | 8.0 / 12.0 ms | 12.0 / 14.0 ms |" in page


def test_data_can_be_written_and_holds_what_the_picture_draws() -> None:
    data = json.loads(json.dumps(as_data(MEASURES, MODEL, WHERE)))
    assert data["speeds"]["widget"]["alone"]["p95"] == 80
    assert data["machine"]["cores"] == 2
