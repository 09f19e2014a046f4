"""The whole program as a person starts it: `python -m bot up` in a process of its own, with its Rasa."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.settings import ROOT
from bot.supervisor import free_port

READY_SECONDS = 90
STOP_SECONDS = 5
_SIGN_IN = re.compile(r"^  (\S+@\S+)  (\S+)$", re.MULTILINE)


@dataclass
class House:
    """A running Passerelle. `var` is its own; the program and the model are the checkout's, or another folder's."""

    var: Path
    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    root: Path = ROOT
    output: str = ""
    process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PASSERELLE_VAR": str(self.var),
            "PASSERELLE_PORT": str(self.port),
            "PASSERELLE_MESSAGES_PER_MINUTE": "1000",
            "PASSERELLE_NEW_CONVERSATIONS_PER_MINUTE": "1000",
            **self.settings,
        }
        self._ready = asyncio.Event()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "up"),
            cwd=self.root,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait_for(self._ready.wait(), READY_SECONDS)
        assert "Ready in" in self.output, self.output

    async def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.output += line.decode()
            if "Ctrl-C stops" in self.output:
                self._ready.set()
        self._ready.set()

    def sign_in(self) -> tuple[str, str]:
        """E-mail and password of the account that was made for this machine."""
        found = _SIGN_IN.search(self.output)
        assert found, self.output
        return found[1], found[2]

    def rasa(self) -> psutil.Process:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(child for child in children if "bot.rasa_ext.without_tensorflow" in " ".join(child.cmdline()))

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    async def stop(self, with_signal: signal.Signals = signal.SIGINT) -> list[psutil.Process]:
        """Stops it as Ctrl-C does; returns what still runs of it after five seconds."""
        if self.process is None or self.process.returncode is not None:
            return []
        processes = self.processes()
        self.process.send_signal(with_signal)
        _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=STOP_SECONDS)
        for process in alive:
            process.kill()
        await self.process.wait()
        if self._reading is not None:
            await self._reading
        return list(alive)
