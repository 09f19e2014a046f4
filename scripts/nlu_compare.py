"""Our understanding beside a stock Rasa's, on the same messages: `make nlu-compare`.

Both learn from `nlu_data/nlu` and are asked about `tests/nlu/{fr,en,es}.jsonl`, as written and noised, over the same
HTTP address of Rasa (`/model/parse`). Writes `docs/benchmarks/nlu-compare.md` and `.json`, or, with `--quick`, into
`var/benchmarks/`: a quick run trains stock on a part of the messages and shows only that everything works.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.contract import FALLBACK_INTENT
from scripts.benchmark.command import about_stock, options, place_for, stock_for, stopped_like_ctrl_c, write
from scripts.benchmark.figures import (
    Target,
    as_json,
    at_least,
    at_most,
    described,
    machine,
    megabytes,
    percentile,
    table,
    targets_table,
)
from scripts.benchmark.messages import LANGUAGES, HeldOut, held_out
from scripts.benchmark.noise import CHARACTERS_PER_SLIP, noised
from scripts.benchmark.servers import Launch, NotStarted, Probe, our_rasa, running, stock_rasa
from scripts.benchmark.stock import StockModel, TrainingFailed
from scripts.prepare import MODEL, TRAINING

OUT_OF_SCOPE = "out_of_scope"
REFUSED = frozenset({OUT_OF_SCOPE, FALLBACK_INTENT})
QUICK_MESSAGES = 10
_WARM_UP = 20


@dataclass(frozen=True)
class Taken:
    """What a text was taken for: in the end, and as the likeliest intent before any fallback."""

    intent: str
    guess: str


@dataclass(frozen=True)
class Heard:
    """One message, as written and noised."""

    message: HeldOut
    clean: Taken
    noised: Taken


@dataclass(frozen=True)
class Side:
    """One of the two. Sizes in bytes, latencies in seconds."""

    heard: Sequence[Heard]
    parse_seconds: Sequence[float]
    memory: int
    model_size: int
    training_seconds: float | None
    training_cpu_seconds: float | None


def accuracy(heard: Iterable[Heard], *, with_noise: bool = False, by_guess: bool = False) -> float:
    """Share whose final intent, or whose guess, is the one that was written down; 0 of none."""
    taken = [(h.noised if with_noise else h.clean, h.message.intent) for h in heard]
    rights = [(one.guess if by_guess else one.intent) == wanted for one, wanted in taken]
    return sum(rights) / len(rights) if rights else 0.0


def at_its_best(heard: Sequence[Heard], *, with_noise: bool = False) -> float:
    """With its fallback or without, whichever is right more often: what stock is judged by."""
    return max(accuracy(heard, with_noise=with_noise, by_guess=by_guess) for by_guess in (False, True))


def refusals(heard: Sequence[Heard]) -> tuple[float, float]:
    """Out-of-scope messages that are recognised as such or not answered; messages in scope that are refused so."""
    outside = [h.clean.intent in REFUSED for h in heard if h.message.intent == OUT_OF_SCOPE]
    inside = [h.clean.intent in REFUSED for h in heard if h.message.intent != OUT_OF_SCOPE]
    return sum(outside) / max(len(outside), 1), sum(inside) / max(len(inside), 1)


def in_language(heard: Sequence[Heard], language: str) -> list[Heard]:
    return [h for h in heard if h.message.language == language]


def of_kind(heard: Sequence[Heard], kind: str) -> list[Heard]:
    return [h for h in heard if h.message.kind == kind]


def targets(stock: Side, ours: Side) -> list[Target]:
    """Those of the project that this comparison can judge."""
    found = []
    for language in LANGUAGES:
        theirs, mine = (of_kind(in_language(side.heard, language), "clean") for side in (stock, ours))
        for with_noise, title, points in ((False, "clean", 8), (True, "noised", 10)):
            ahead = 100 * (accuracy(mine, with_noise=with_noise) - at_its_best(theirs, with_noise=with_noise))
            found.append(at_least(f"ahead of stock, {title}, {language}", ahead, points, " points"))
    recognised, refused = refusals(ours.heard)
    found += [
        at_least("out-of-scope recognised", 100 * recognised, 92, " %"),
        at_most("in-scope refused", 100 * refused, 3, " %"),
    ]
    if ours.training_seconds is not None:
        found.append(at_most("training", ours.training_seconds, 180, " s"))
    return found


def report(stock: Side, ours: Side, model: StockModel, where: dict[str, Any]) -> str:
    """The page, in Markdown."""
    return "\n\n".join(
        [
            "# Understanding, beside a stock Rasa",
            described(where),
            f"{about_stock(model)} Both were asked the {len(ours.heard)} messages of `tests/nlu/`, which neither has "
            "seen. Made by `make nlu-compare`.",
            targets_table(targets(stock, ours)),
            "## Accuracy",
            "Right is the final intent, after every fallback. Stock’s own fallback may refuse much: its likeliest "
            "intent is shown too, and *points* are ours over the better of the two. *Noised*: lower case, no accents, "
            f"no punctuation, and a slip on the keyboard every {CHARACTERS_PER_SLIP} characters, the same for both.",
            table(
                ("", "messages", "stock", "stock, no fallback", "ours", "points"),
                list(_accuracy_rows(stock.heard, ours.heard)),
            ),
            "## What it costs",
            table(("", "stock", "ours"), list(_cost_rows(stock, ours))),
            "Latency: one message at a time over Rasa’s `/model/parse`, on loopback. Memory: resident, of the server "
            "after all messages. Processor time tells what a training costs on a busy machine too.",
        ]
    )


def _accuracy_rows(stock: Sequence[Heard], ours: Sequence[Heard]) -> Iterator[Sequence[str]]:
    by_language: list[tuple[str, Callable[[HeldOut], bool]]] = []
    for language in LANGUAGES:
        by_language.append((f"{language}, clean", partial(_is, language=language, kind="clean")))
        by_language.append((f"{language}, all kinds", partial(_is, language=language)))
    by_language.append(("all", _is))
    kinds = sorted({heard.message.kind for heard in ours})
    by_kind: list[tuple[str, Callable[[HeldOut], bool]]] = [(kind, partial(_is, kind=kind)) for kind in kinds]
    for title, belongs in (*by_language, *by_kind):
        yield _row(title, stock, ours, belongs, with_noise=False)
    for title, belongs in by_language:
        yield _row(f"{title}, noised", stock, ours, belongs, with_noise=True)
    outside = sum(heard.message.intent == OUT_OF_SCOPE for heard in ours)
    theirs, mine = refusals(stock), refusals(ours)
    for place, (title, count) in enumerate(
        (("out-of-scope recognised", outside), ("in-scope refused", len(ours) - outside))
    ):
        points = f"{100 * (mine[place] - theirs[place]):+.1f}"
        yield title, str(count), f"{theirs[place]:.3f}", "", f"{mine[place]:.3f}", points


def _is(message: HeldOut, language: str | None = None, kind: str | None = None) -> bool:
    return message.language == (language or message.language) and message.kind == (kind or message.kind)


def _row(
    title: str, stock: Sequence[Heard], ours: Sequence[Heard], belongs: Callable[[HeldOut], bool], *, with_noise: bool
) -> Sequence[str]:
    theirs, mine = ([heard for heard in side if belongs(heard.message)] for side in (stock, ours))
    final, guessed = (accuracy(theirs, with_noise=with_noise, by_guess=by_guess) for by_guess in (False, True))
    share = accuracy(mine, with_noise=with_noise)
    points = f"{100 * (share - at_its_best(theirs, with_noise=with_noise)):+.1f}"
    return title, str(len(mine)), f"{final:.3f}", f"{guessed:.3f}", f"{share:.3f}", points


def _cost_rows(stock: Side, ours: Side) -> Iterator[Sequence[str]]:
    sides = (stock, ours)
    yield "training", *(_seconds(side.training_seconds) for side in sides)
    yield "training, processor time", *(_seconds(side.training_cpu_seconds) for side in sides)
    yield "one message, p50", *(f"{1000 * percentile(side.parse_seconds, 0.5):.1f} ms" for side in sides)
    yield "one message, p95", *(f"{1000 * percentile(side.parse_seconds, 0.95):.1f} ms" for side in sides)
    yield "memory", *(megabytes(side.memory) for side in sides)
    yield "model", *(megabytes(side.model_size) for side in sides)


def _seconds(value: float | None) -> str:
    return "not measured: `make train`" if value is None else f"{value:.0f} s"


def as_data(stock: Side, ours: Side, model: StockModel, where: dict[str, Any]) -> dict[str, Any]:
    """The same, for programs."""

    def side(one: Side) -> dict[str, Any]:
        recognised, refused = refusals(one.heard)
        return {
            "accuracy": {
                f"{language}, {which}": _as_numbers(one.heard, language, kind)
                for language in LANGUAGES
                for which, kind in (("all kinds", None), ("clean", "clean"))
            },
            "out_of_scope_recognised": round(recognised, 4),
            "in_scope_refused": round(refused, 4),
            "parse_p50_ms": round(1000 * percentile(one.parse_seconds, 0.5), 2),
            "parse_p95_ms": round(1000 * percentile(one.parse_seconds, 0.95), 2),
            "memory_bytes": one.memory,
            "model_bytes": one.model_size,
            "training_seconds": one.training_seconds,
            "training_cpu_seconds": one.training_cpu_seconds,
        }

    return {
        "machine": where,
        "stock_epochs": model.epochs,
        "stock_messages": model.messages,
        "stock_is_of_this_data": model.is_of_this_data,
        "messages": len(ours.heard),
        "stock": side(stock),
        "ours": side(ours),
        "targets": as_json(targets(stock, ours)),
    }


def _as_numbers(heard: Sequence[Heard], language: str, kind: str | None) -> dict[str, float]:
    group = [h for h in heard if _is(h.message, language, kind)]
    return {
        f"{'noised' if with_noise else 'as_written'}{'_no_fallback' if by_guess else ''}": round(
            accuracy(group, with_noise=with_noise, by_guess=by_guess), 4
        )
        for with_noise in (False, True)
        for by_guess in (False, True)
    }


async def compare(model: StockModel, messages: Sequence[HeldOut]) -> tuple[Side, Side]:
    """Stock and ours, one after the other. Raises NotStarted."""
    spent = json.loads(TRAINING.read_text()) if TRAINING.exists() else {"seconds": None, "cpu_seconds": None}
    async with aiohttp.ClientSession() as session:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            stock = await _asked(session, stock_rasa(model.path, folder, session, with_api=True), messages)
            ours = await _asked(session, our_rasa(folder, session), messages)
    return (
        Side(*stock, model.path.stat().st_size, model.seconds, model.cpu_seconds),
        Side(*ours, MODEL.stat().st_size, spent["seconds"], spent["cpu_seconds"]),
    )


def taken(parsed: dict[str, Any]) -> Taken:
    """Rasa's answer, read. A fallback puts itself before the intents that it doubts."""
    final = str(parsed["intent"]["name"])
    ranking = [str(entry["name"]) for entry in parsed.get("intent_ranking") or ()]
    return Taken(final, next((name for name in ranking if name != FALLBACK_INTENT), final))


async def _asked(
    session: aiohttp.ClientSession, server: tuple[Launch, str, Probe], messages: Sequence[HeldOut]
) -> tuple[list[Heard], list[float], int]:
    """What the messages are taken for, how long each takes as written, and the memory in the end."""
    launch, url, is_ready = server
    print(f"Asking {launch.name}…", flush=True)
    async with running(launch, url, is_ready) as up:

        async def parse(text: str) -> Taken:
            async with session.post(f"{url}/model/parse", json={"text": text}) as answer:
                answer.raise_for_status()
                return taken(await answer.json())

        for message in messages[:_WARM_UP]:
            await parse(message.text)
        heard, seconds = [], []
        for message in messages:
            began = time.perf_counter()
            clean = await parse(message.text)
            seconds.append(time.perf_counter() - began)
            heard.append(Heard(message, clean, await parse(noised(message.text))))
        return heard, seconds, up.memory()


def main(arguments: Sequence[str]) -> int:
    stopped_like_ctrl_c()
    asked = options(arguments, "Our understanding beside a stock Rasa's.")
    messages = held_out()[:: QUICK_MESSAGES if asked.quick else 1]
    try:
        model = stock_for(asked)
        where = machine()
        stock, ours = asyncio.run(compare(model, messages))
    except (TrainingFailed, NotStarted) as reason:
        print(f"nlu-compare: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    write(place_for(asked), "nlu-compare", report(stock, ours, model, where), as_data(stock, ours, model, where))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
