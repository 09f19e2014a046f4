"""What bench found, as a page, as figures, and as targets reached or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scripts.benchmark.command import about_stock
from scripts.benchmark.figures import (
    Spread,
    Target,
    as_json,
    at_least,
    at_most,
    described,
    megabytes,
    table,
    targets_table,
)
from scripts.benchmark.stock import StockModel

_COLUMNS = {"stock": "stock Rasa", "ours": "our Rasa", "in_memory": "our Rasa, in memory", "widget": "widget"}
_HOW = (
    "The same people write the same messages of `tests/nlu/` to each, in conversations of several turns; rounds take "
    "turns. Made by `make bench`."
)
_COLUMNS_SAID = (
    "*Stock Rasa*: `rasa run`, REST channel, conversations in memory, answers from the domain. *Our Rasa*: as the "
    "house runs it, from its channel’s request to its answer: conversations in SQLite, actions over HTTP, which use "
    "the app’s database. *In memory*: the same, but for conversations kept in memory as stock keeps them. *Widget*: "
    "the whole house, from sending a message over the WebSocket to `turn_end`. The app’s processor time under "
    "*our Rasa* is that of its actions; the clients’ is in none."
)
_COST_SAID = (
    "Start: warm, from the command to the answer to a first message; ours is the whole house (`python -m bot up`, to a "
    "first person’s answer at the widget). Memory: resident, after all rounds."
)


@dataclass(frozen=True)
class Speed:
    """Turns of one person alone, and of many together; processor time is that of one turn among many.

    `unanswered` is what was written and got no answer.
    """

    alone: Spread
    together: Spread
    per_second: float
    rasa_cpu_ms: float
    app_cpu_ms: float
    turns: int
    unanswered: Sequence[str]


@dataclass(frozen=True)
class Measures:
    """`speeds`: stock, ours, in_memory, widget. `long`: a conversation of many events beside new ones, in ms."""

    speeds: Mapping[str, Speed]
    start_seconds: Mapping[str, float]
    memory: Mapping[str, int]
    model_size: Mapping[str, int]
    long: Mapping[str, Any]


def targets(measures: Measures) -> list[Target]:
    """Those of the project that this run can judge. Ours is as the house runs it: SQLite, actions over HTTP."""
    stock, ours, long = measures.speeds["stock"], measures.speeds["ours"], measures.long
    return [
        at_least("messages/s at 16 clients, × stock", ours.per_second / stock.per_second, 2),
        at_most("p50 of a turn, 1 client, % of stock", 100 * ours.alone.p50 / stock.alone.p50, 50, " %"),
        at_most("p50 of a turn, 16 clients, % of stock", 100 * ours.together.p50 / stock.together.p50, 50, " %"),
        at_most("p95 of a turn, 1 client, % of stock", 100 * ours.alone.p95 / stock.alone.p95, 100, " %"),
        at_most("p95 of a turn, 16 clients, % of stock", 100 * ours.together.p95 / stock.together.p95, 100, " %"),
        at_most(
            "memory of Rasa + app, % of stock Rasa", 100 * measures.memory["ours"] / measures.memory["stock"], 50, " %"
        ),
        at_most(
            "start to the first answer, whole house, % of stock Rasa",
            100 * measures.start_seconds["ours"] / measures.start_seconds["stock"],
            30,
            " %",
        ),
        at_most(
            f"turn at Rasa, {long['events']} events, % of a new conversation",
            100 * long["rasa_long"]["p50"] / long["rasa_new"]["p50"],
            125,
            " %",
        ),
        at_most(
            f"turn at the widget, {long['events']} events, % of a new conversation",
            100 * long["widget_long"]["p50"] / long["widget_new"]["p50"],
            125,
            " %",
        ),
    ]


def report(measures: Measures, model: StockModel, where: dict[str, Any]) -> str:
    """The page, in Markdown."""
    speeds, long = measures.speeds, measures.long
    alone = speeds["widget"].alone.p50 - speeds["ours"].alone.p50
    together = speeds["widget"].together.p50 - speeds["ours"].together.p50
    return "\n\n".join(
        [
            "# Speed and memory, beside a stock Rasa",
            described(where),
            f"{about_stock(model)} {_HOW}",
            "![Ours beside stock](bench.png)",
            targets_table(targets(measures)),
            "## One turn",
            table(("", *_COLUMNS.values()), list(_speed_rows([speeds[name] for name in _COLUMNS]))),
            _COLUMNS_SAID,
            f"**The app’s own share** (widget in → widget out, minus Rasa): {alone:.1f} ms with 1 client, "
            f"{together:.1f} ms with 16, by the medians.",
            "## Start, memory, size",
            table(("", "stock Rasa", "ours"), list(_cost_rows(measures))),
            _COST_SAID,
            "## A long conversation",
            table(
                ("", "new conversation, p50 / p95", f"{long['events']} events, p50 / p95"),
                [
                    (title, _both(long[f"{key}_new"]), _both(long[f"{key}_long"]))
                    for title, key in (("turn at our Rasa", "rasa"), ("turn at the widget", "widget"))
                ],
            ),
            f"It was filled through the widget, in {long['turns']} turns; its events are those that Rasa keeps.",
        ]
    )


def _both(times: Mapping[str, float]) -> str:
    return f"{times['p50']:.1f} / {times['p95']:.1f} ms"


def as_data(measures: Measures, model: StockModel, where: dict[str, Any]) -> dict[str, Any]:
    """The same, for programs and for the picture."""
    return {
        "machine": where,
        "stock_epochs": model.epochs,
        "stock_messages": model.messages,
        "stock_is_of_this_data": model.is_of_this_data,
        **asdict(measures),
        "targets": as_json(targets(measures)),
    }


def _speed_rows(speeds: Sequence[Speed]) -> Iterator[Sequence[str]]:
    for title, clients in (("1 client", "alone"), ("16 clients", "together")):
        for name in ("p50", "p95", "p99"):
            yield f"{title}, {name}", *(f"{getattr(getattr(speed, clients), name):.1f} ms" for speed in speeds)
    yield "messages/s, 16 clients", *(f"{speed.per_second:.0f}" for speed in speeds)
    yield "processor time of a turn: Rasa", *(f"{speed.rasa_cpu_ms:.1f} ms" for speed in speeds)
    yield "processor time of a turn: app", *(f"{speed.app_cpu_ms:.1f} ms" for speed in speeds)
    yield "turns measured", *(str(speed.turns) for speed in speeds)
    yield "messages without an answer", *(str(len(speed.unanswered)) for speed in speeds)


def _cost_rows(measures: Measures) -> Iterator[Sequence[str]]:
    yield "start to the first answer", *(f"{measures.start_seconds[name]:.1f} s" for name in ("stock", "ours"))
    memory = measures.memory
    yield (
        "memory",
        megabytes(memory["stock"]),
        f"{megabytes(memory['ours'])}: Rasa {megabytes(memory['rasa'])}, app {megabytes(memory['app'])}",
    )
    yield "model", *(megabytes(measures.model_size[name]) for name in ("stock", "ours"))
