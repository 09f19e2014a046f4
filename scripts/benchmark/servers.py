"""What is measured, each in processes of its own: a stock Rasa, ours, and the whole house with its Rasa.

All listen on loopback ports found free, write beside a temporary folder, and end with the block that started them.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import yaml

from bot.contract import RASA_CHANNEL
from bot.gateway.channels.widget import token_address
from bot.supervisor import free_port
from scripts.benchmark import stock
from scripts.prepare import MODEL, RASA, RASA_ENVIRONMENT, ROOT

READY_SECONDS = 240.0
STOP_SECONDS = 8.0
LOOPBACK = "127.0.0.1"
# The clock of the house: a Monday morning in Montréal, so that every run answers alike.
NOW = "2026-11-23T10:00:00-05:00"
_POLL_SECONDS = 0.05
_RASA_MODULE = "bot.rasa_ext.without_tensorflow"
_NO_LIMIT = "1000000"

Probe = Callable[[], Awaitable[bool]]


class NotStarted(Exception):
    """One sentence: what did not start, with the end of what it said."""


@dataclass(frozen=True)
class Launch:
    """How a program is started. `name` is also that of its log."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    cwd: Path


class Server:
    """A running program and its children. `started_in` is from its start to its first right answer, in seconds."""

    def __init__(self, launch: Launch, process: subprocess.Popen[bytes], url: str) -> None:
        self.launch = launch
        self.url = url
        self.started_in = 0.0
        self._process = process

    def processes(self) -> list[psutil.Process]:
        own = psutil.Process(self._process.pid)
        return [own, *own.children(recursive=True)]

    def memory(self) -> int:
        """Bytes that are resident, of all its processes together."""
        return sum(process.memory_info().rss for process in self.processes())

    def cpu_seconds(self) -> float:
        return sum(map(cpu_of, self.processes()))

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None


def cpu_of(process: psutil.Process) -> float:
    """Seconds of the processors that it has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def running(launch: Launch, url: str, is_ready: Probe) -> AsyncIterator[Server]:
    """Up and answering inside the block; no process of it is left after. Raises NotStarted."""
    log = launch.folder / f"{launch.name}.log"
    began = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 (ended below, whatever happens)
            launch.command,
            cwd=launch.cwd,
            env=dict(launch.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = Server(launch, process, url)
    try:
        while not await is_ready():
            if server.has_ended or time.monotonic() - began > READY_SECONDS:
                raise NotStarted(f"{launch.name} did not start. It said:\n{_end_of(log)}")
            await asyncio.sleep(_POLL_SECONDS)
        server.started_in = time.monotonic() - began
        yield server
    finally:
        _end(process)


def _end_of(log: Path) -> str:
    """Without Rasa's answers to our own asking."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([line for line in lines if "No agent loaded" not in line][-12:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks it to end, and ends what is left. Not awaited: a cancelled block ends it all the same."""
    try:
        own = psutil.Process(process.pid)
        all_of_it = [*own.children(recursive=True), own]
    except psutil.NoSuchProcess:
        all_of_it = []
    process.terminate()
    _, left = psutil.wait_procs(all_of_it, timeout=STOP_SECONDS)
    for straggler in left:
        straggler.kill()
    process.wait()


def stock_rasa(
    model: Path, folder: Path, session: aiohttp.ClientSession, *, with_api: bool = False
) -> tuple[Launch, str, Probe]:
    """As `rasa init` and `rasa run` give it, with the REST channel."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    command = [
        *(str(stock.PYTHON), "-m", "rasa", "run", "--interface", LOOPBACK, "--port", str(port)),
        *("--model", str(model), "--credentials", str(stock.TEMPLATES / "credentials.yml")),
        *("--endpoints", str(stock.TEMPLATES / "endpoints.yml")),
        *(("--enable-api",) if with_api else ()),
    ]
    launch = Launch("stock-rasa", command, _environment() | stock.ENVIRONMENT, folder, folder)
    body = {"sender": "first", "message": "bonjour"}
    return launch, url, lambda: _answers(session, f"{url}/webhooks/rest/webhook", body)


def our_rasa(folder: Path, session: aiohttp.ClientSession) -> tuple[Launch, str, Probe]:
    """Our model under the same HTTP API as stock's, without the app: to see what messages are taken for."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    command = [
        *(str(RASA / "bin" / "python"), "-m", _RASA_MODULE, "run", "--enable-api"),
        *("--interface", LOOPBACK, "--port", str(port), "--model", str(MODEL)),
        *("--endpoints", str(stock.TEMPLATES / "endpoints.yml"), "--credentials", "credentials.yml"),
    ]
    # As bot/supervisor.py runs it.
    environment = _environment() | RASA_ENVIRONMENT | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    body = {"text": "bonjour"}
    return (
        Launch("our-rasa", command, environment, folder, ROOT),
        url,
        lambda: _answers(session, f"{url}/model/parse", body),
    )


def house(
    folder: Path, first_turn: Callable[[str], Awaitable[bool]], session: aiohttp.ClientSession
) -> tuple[Launch, str, Probe]:
    """Everything, as `make run` starts it, on a database of its own. Ready when a first person is answered."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    environment = _environment() | {
        "PYTHONPATH": str(ROOT),
        "PASSERELLE_VAR": str(folder),
        "PASSERELLE_PORT": str(port),
        "PASSERELLE_NOW": NOW,
        "PASSERELLE_MESSAGES_PER_MINUTE": _NO_LIMIT,
        "PASSERELLE_NEW_CONVERSATIONS_PER_MINUTE": _NO_LIMIT,
        "PASSERELLE_CONNECTIONS_PER_ADDRESS": _NO_LIMIT,
    }

    async def is_ready() -> bool:
        return await _answers(session, f"{url}/ready", None) and await first_turn(url)

    # Not in the checkout: its .env may name a real database, or a real bot.
    return Launch("house", (sys.executable, "-m", "bot", "up"), environment, folder, folder), url, is_ready


def rasa_of(house: Server) -> tuple[psutil.Process, str]:
    """The Rasa that the house runs, and where it listens."""
    for process in house.processes():
        command = process.cmdline()
        if _RASA_MODULE in command:
            return process, f"http://{LOOPBACK}:{command[command.index('--port') + 1]}"
    raise NotStarted("The house runs no Rasa.")


def our_rasa_in_memory(house: Server, session: aiohttp.ClientSession) -> tuple[Launch, str, Probe]:
    """The house's Rasa once more, with conversations kept in memory, as stock's are. It uses the same actions."""
    process, _ = rasa_of(house)
    command = process.cmdline()
    port = free_port()
    command[command.index("--port") + 1] = str(port)
    place = command.index("--endpoints") + 1
    endpoints = yaml.safe_load((ROOT / command[place]).read_text(encoding="utf-8"))
    endpoints.pop("tracker_store", None)
    in_memory = house.launch.folder / "endpoints-in-memory.yml"
    in_memory.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    command[place] = str(in_memory)
    url = f"http://{LOOPBACK}:{port}"
    launch = Launch("our-rasa-in-memory", command, process.environ(), house.launch.folder, ROOT)
    return launch, url, lambda: _answers(session, f"{url}/webhooks/{RASA_CHANNEL}/understand", {"text": "bonjour"})


def conversation_id(folder: Path, token: str) -> str:
    """Which conversation of the house this token opens."""
    row = _one_row(folder / "passerelle.db", "SELECT id FROM conversations WHERE address = ?", token_address(token))
    assert row is not None
    return str(row[0])


def events_of(folder: Path, conversation: str) -> int:
    """How many events Rasa keeps of a conversation."""
    row = _one_row(folder / "rasa.db", "SELECT COUNT(*) FROM events WHERE sender_id = ?", conversation)
    return int(row[0]) if row else 0


def _one_row(path: Path, query: str, value: str) -> tuple[Any, ...] | None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        row: tuple[Any, ...] | None = database.execute(query, (value,)).fetchone()
        return row


async def _answers(session: aiohttp.ClientSession, url: str, body: Mapping[str, str] | None) -> bool:
    """Whether it answers 200 with something."""
    try:
        async with session.request("GET" if body is None else "POST", url, json=body) as answer:
            return answer.status == 200 and bool(await answer.read() not in (b"", b"[]"))
    except (aiohttp.ClientError, TimeoutError):
        return False


def _environment() -> dict[str, str]:
    """What any program needs, and none of our settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
