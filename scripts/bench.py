"""Speed and memory beside a stock Rasa, and the app's own share: `make bench`.

In one run, on loopback: a stock Rasa, ours as the house runs it, ours with stock's conversations in memory, and the
widget. The same people write the same messages to each; rounds take turns, so that a busy minute hits all alike. Then a
conversation of thousands of events beside new ones. Writes `docs/benchmarks/bench.md`, `.json` and `.png`, or, with
`--quick`, into `var/benchmarks/`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from scripts.benchmark import servers
from scripts.benchmark.bench_report import Measures, Speed, as_data, report
from scripts.benchmark.command import options, place_for, stock_for, stopped_like_ctrl_c, write
from scripts.benchmark.figures import machine, spread
from scripts.benchmark.messages import HeldOut, Talk, held_out, plain_questions, talks
from scripts.benchmark.servers import NotStarted, Server, running
from scripts.benchmark.speakers import (
    Opener,
    RasaSpeaker,
    Round,
    Speaker,
    StockSpeaker,
    WidgetSpeaker,
    run_round,
    timed_turn,
)
from scripts.benchmark.stock import StockModel, TrainingFailed
from scripts.prepare import MODEL, RASA, ROOT

TURNS = 5
CLIENTS = 16
# Nothing here may run longer, the training of stock apart.
LIMIT_SECONDS = 45 * 60


@dataclass(frozen=True)
class Plan:
    """How much is measured. `long_events` is aimed at; `long_turns` and `long_seconds` end the attempt."""

    rounds: int = 3
    talks_alone: int = 40
    talks_together: int = 96
    starts: int = 2
    long_events: int = 5000
    long_turns: int = 2000
    long_seconds: float = 600.0
    compared_turns: int = 60


QUICK = Plan(rounds=1, talks_alone=6, talks_together=32, starts=1, long_events=200, long_turns=60, compared_turns=10)


@dataclass
class Subject:
    """One of what is measured side by side. `cpu` is what its Rasa and its app have used so far, in seconds."""

    name: str
    opened: Opener
    cpu: Callable[[], tuple[float, float]]
    alone: Round = field(default_factory=Round)
    together: Round = field(default_factory=Round)
    rasa_cpu: float = 0.0
    app_cpu: float = 0.0

    async def measure(self, plan: Plan, messages: Sequence[HeldOut]) -> None:
        """One round with one person, and one with many."""
        everyone = talks(messages, plan.talks_together, TURNS)
        self.alone.add(await run_round(self.opened, everyone[: plan.talks_alone], 1))
        rasa_before, app_before = self.cpu()
        self.together.add(await run_round(self.opened, everyone, CLIENTS))
        rasa_after, app_after = self.cpu()
        self.rasa_cpu += rasa_after - rasa_before
        self.app_cpu += app_after - app_before

    def speed(self) -> Speed:
        turns = len(self.together.seconds)
        return Speed(
            alone=spread(self.alone.seconds),
            together=spread(self.together.seconds),
            per_second=round(turns / self.together.wall, 1),
            rasa_cpu_ms=round(1000 * self.rasa_cpu / turns, 1),
            app_cpu_ms=round(1000 * self.app_cpu / turns, 1),
            turns=len(self.alone.seconds) + turns,
            unanswered=sorted({*self.alone.unanswered, *self.together.unanswered}),
        )


async def bench(model: StockModel, plan: Plan) -> Measures:
    """Raises NotStarted, TimeoutError."""
    messages = held_out()
    async with asyncio.timeout(LIMIT_SECONDS), AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        greeted = _greeter(session)
        stock = await _started(stack, plan, lambda: servers.stock_rasa(model.path, folder, session))
        house = await _started(stack, plan, lambda: servers.house(folder, greeted, session))
        in_memory = await _started(stack, Plan(starts=1), lambda: servers.our_rasa_in_memory(house, session))
        rasa, rasa_url = servers.rasa_of(house)

        async def known(talk: Talk) -> str:
            """A conversation that the app knows."""
            person = await WidgetSpeaker.opened(session, house.url, talk.language)
            await person.close()
            return servers.conversation_id(folder, person.token)

        async def stock_opened(talk: Talk) -> Speaker:
            return StockSpeaker(session, stock.url)

        async def rasa_opened(talk: Talk) -> Speaker:
            return RasaSpeaker(session, rasa_url, await known(talk), talk.language)

        async def in_memory_opened(talk: Talk) -> Speaker:
            return RasaSpeaker(session, in_memory.url, await known(talk), talk.language)

        async def widget_opened(talk: Talk) -> Speaker:
            return await WidgetSpeaker.opened(session, house.url, talk.language)

        def house_cpu(own: Callable[[], float] = lambda: servers.cpu_of(rasa)) -> tuple[float, float]:
            """Of the house's Rasa, or of one outside it, and of the app."""
            return own(), house.cpu_seconds() - servers.cpu_of(rasa)

        subjects = {
            "stock": Subject("a stock Rasa", stock_opened, lambda: (stock.cpu_seconds(), 0.0)),
            "ours": Subject("our Rasa", rasa_opened, house_cpu),
            "in_memory": Subject("our Rasa, in memory", in_memory_opened, lambda: house_cpu(in_memory.cpu_seconds)),
            "widget": Subject("the widget", widget_opened, house_cpu),
        }
        for subject in subjects.values():
            await run_round(subject.opened, talks(messages, 6, TURNS), 2)
        for number in range(1, plan.rounds + 1):
            for subject in subjects.values():
                print(f"Round {number} of {plan.rounds}: {subject.name}…", flush=True)
                await subject.measure(plan, messages)
        stock_memory, house_memory, rasa_memory = stock.memory(), house.memory(), rasa.memory_info().rss
        long = await _long_conversation(plan, messages, session, house, folder, rasa_url)
    return Measures(
        speeds={name: subject.speed() for name, subject in subjects.items()},
        start_seconds={"stock": round(stock.started_in, 2), "ours": round(house.started_in, 2)},
        memory={"stock": stock_memory, "ours": house_memory, "rasa": rasa_memory, "app": house_memory - rasa_memory},
        model_size={"stock": model.path.stat().st_size, "ours": MODEL.stat().st_size},
        long=long,
    )


def _greeter(session: aiohttp.ClientSession) -> Callable[[str], Awaitable[bool]]:
    """Whether a first person is answered at the widget."""

    async def greeted(url: str) -> bool:
        person = await WidgetSpeaker.opened(session, url, "fr")
        try:
            return await person.say("bonjour")
        finally:
            await person.close()

    return greeted


async def _started(
    stack: AsyncExitStack, plan: Plan, made: Callable[[], tuple[servers.Launch, str, servers.Probe]]
) -> Server:
    """Started and ended first, so that the start that counts is a warm one, then left running."""
    for _ in range(plan.starts - 1):
        launch, url, is_ready = made()
        print(f"Starting {launch.name}, to warm the disk…", flush=True)
        async with running(launch, url, is_ready):
            pass
    launch, url, is_ready = made()
    print(f"Starting {launch.name}…", flush=True)
    server = await stack.enter_async_context(running(launch, url, is_ready))
    print(f"Answered {server.started_in:.1f} s after its start.", flush=True)
    return server


async def _long_conversation(
    plan: Plan, messages: Sequence[HeldOut], session: aiohttp.ClientSession, house: Server, folder: Path, rasa_url: str
) -> dict[str, Any]:
    """Turn times in a conversation that has lasted for thousands of events, beside those of new ones."""
    questions = plain_questions(messages, "fr")
    print("Filling a long conversation…", flush=True)
    veteran = await WidgetSpeaker.opened(session, house.url, "fr")
    conversation = servers.conversation_id(folder, veteran.token)
    began, turns = time.monotonic(), 0
    while servers.events_of(folder, conversation) < plan.long_events:
        if turns >= plan.long_turns or time.monotonic() - began > plan.long_seconds:
            break
        await timed_turn(veteran, questions[turns % len(questions)])
        turns += 1
    print("Comparing it with new ones…", flush=True)
    veteran_at_rasa = RasaSpeaker(session, rasa_url, conversation, "fr")
    times: dict[str, list[float]] = {"widget_long": [], "widget_new": [], "rasa_long": [], "rasa_new": []}
    for turn in range(plan.compared_turns):
        if turn % TURNS == 0:
            newcomer = await WidgetSpeaker.opened(session, house.url, "fr")
            newcomer_at_rasa = RasaSpeaker(session, rasa_url, servers.conversation_id(folder, newcomer.token), "fr")
        question = questions[turn % len(questions)]
        pairs: tuple[tuple[str, Speaker], ...] = (
            ("widget_long", veteran),
            ("widget_new", newcomer),
            ("rasa_long", veteran_at_rasa),
            ("rasa_new", newcomer_at_rasa),
        )
        for name, speaker in pairs:
            seconds, _ = await timed_turn(speaker, question)
            times[name].append(seconds)
        if turn % TURNS == TURNS - 1:
            await newcomer.close()
    events = servers.events_of(folder, conversation)
    await veteran.close()
    return {"events": events, "turns": turns, **{name: asdict(spread(taken)) for name, taken in times.items()}}


def draw(figures: Path) -> None:
    """The picture, beside the figures; matplotlib is in Rasa's environment."""
    command = (str(RASA / "bin" / "python"), str(ROOT / "scripts" / "benchmark" / "picture.py"), str(figures))
    subprocess.run(command, cwd=ROOT, check=True)


def main(arguments: Sequence[str]) -> int:
    stopped_like_ctrl_c()
    asked = options(arguments, "Speed and memory beside a stock Rasa.")
    try:
        model = stock_for(asked)
        where = machine()
        measures = asyncio.run(bench(model, QUICK if asked.quick else Plan()))
    except (TrainingFailed, NotStarted) as reason:
        print(f"bench: {reason}", file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"bench: given up after {LIMIT_SECONDS // 60} minutes.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    place = place_for(asked)
    write(place, "bench", report(measures, model, where), as_data(measures, model, where))
    draw(place / "bench.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
