"""Keeps Rasa running as a child of `python -m bot up`: starts it, restarts it when it dies, ends it with us."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import aiohttp

from bot.contract import RASA_CHANNEL
from bot.settings import ROOT, Settings

logger = logging.getLogger(__name__)

STOP_SECONDS = 3.0
START_SECONDS = 120.0
# Dying this soon after its start is a fault that another start will not mend.
TOO_SOON_SECONDS = 20.0
MAX_EARLY_DEATHS = 3
_PR_SET_PDEATHSIG = 1


class RasaDied(Exception):
    """Rasa ended again and again right after its start. `log` says why."""

    def __init__(self, log: Path) -> None:
        super().__init__(str(log))
        self.log = log


class RasaMissing(Exception):
    """Its environment or the model is not there."""

    def __init__(self, missing: Path) -> None:
        super().__init__(str(missing))
        self.missing = missing


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RasaProcess:
    """`port` is Rasa's own; `actions_port` is where it finds our actions."""

    def __init__(self, settings: Settings, port: int, actions_port: int) -> None:
        self._settings = settings
        self._port = port
        self._actions_port = actions_port
        self._python = ROOT / ".venv-rasa" / "bin" / "python"
        self._model = settings.models / "passerelle.tar.gz"
        self.log = settings.var / "log" / "rasa.log"
        self.url = f"http://127.0.0.1:{port}"
        self.process: asyncio.subprocess.Process | None = None
        self._is_stopping = False

    async def run(self) -> None:
        """Until cancelled or stopped. Raises RasaMissing, RasaDied."""
        for needed in (self._python, self._model):
            if not needed.exists():
                raise RasaMissing(needed)
        early_deaths = 0
        self.log.parent.mkdir(parents=True, exist_ok=True)
        while not self._is_stopping:
            began = time.monotonic()
            with self.log.open("ab") as log:
                self.process = await self._start(log)
                code = await self.process.wait()
            if self._is_stopping:
                return
            logger.error("rasa ended by itself (code %s), starting it again", code)
            early_deaths = early_deaths + 1 if time.monotonic() - began < TOO_SOON_SECONDS else 0
            if early_deaths >= MAX_EARLY_DEATHS:
                raise RasaDied(self.log)

    async def _start(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(str(self._python), "-m", "bot.rasa_ext.without_tensorflow", "run"),
            *("--interface", "127.0.0.1", "--port", str(self._port)),
            *("--model", str(self._model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
            cwd=ROOT,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()) if sys.platform == "linux" else None,
        )

    def _environment(self) -> dict[str, str]:
        """Rasa gets what it needs, and none of our secrets but its own database."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "PASSERELLE_ACTIONS_URL": f"http://127.0.0.1:{self._actions_port}/webhook",
            "PASSERELLE_TRACKER_URL": self._settings.tracker_store_url,
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONWARNINGS": "ignore",
            # A turn is short: threads of the numeric libraries only wait for each other.
            "OMP_NUM_THREADS": "1",
            # At DEBUG Rasa writes what people write.
            "LOG_LEVEL": "INFO",
        }

    async def ready(self) -> None:
        """Returns once Rasa answers and has read its model. Raises TimeoutError."""
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while time.monotonic() < deadline:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    # The first message of all is slow: it is ours, not a person's.
                    body = {"text": "bonjour"}
                    async with session.post(f"{self.url}/webhooks/{RASA_CHANNEL}/understand", json=body) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise TimeoutError

    async def stop(self) -> None:
        """Asks it to end, and ends it after `STOP_SECONDS`."""
        self._is_stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _die_with(parent: int) -> Callable[[], None]:
    """Run in the child: the kernel ends it when we die, even by kill -9."""
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
