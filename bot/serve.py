"""Runs the app: every part in one process, or one part of it, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from aiohttp import web

from actions.endpoint import actions_app
from bot.console.app import MOUNT, console_app, standalone_app
from bot.gateway.app import courier_app, gateway_app
from bot.gateway.scheduler import scheduled
from bot.knowledge.official_ways import official_ways
from bot.knowledge.places import region_names
from bot.services.demonstration import add_demonstration_data
from bot.settings import Settings
from bot.wiring import Wiring, wired

logger = logging.getLogger(__name__)

PARTS = ("gateway", "console", "actions", "courier")
SHUTDOWN_SECONDS = 2.0


class PortTaken(Exception):
    """Another program listens on the public port."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


class RasaAddressMissing(Exception):
    """The gateway runs without `up` and nobody said where Rasa is."""


@asynccontextmanager
async def serving(
    settings: Settings, parts: Collection[str], *, rasa_url: str | None, actions_port: int | None = None
) -> AsyncIterator[Wiring]:
    """The chosen parts are up inside the block. Raises PortTaken, RasaAddressMissing, BadKnowledge."""
    official_ways()  # broken knowledge is refused now, with file and key, not at the first question
    async with wired(settings) as wiring, contextlib.AsyncExitStack() as stack:
        if settings.demonstration:
            await add_demonstration_data(wiring.house, region_names())
        if "actions" in parts:
            port = settings.actions_port if actions_port is None else actions_port
            await stack.enter_async_context(listening(actions_app(wiring), settings.actions_host, port))
        if "courier" in parts:
            await stack.enter_async_context(scheduled(wiring))
        if public := _public_app(wiring, parts, rasa_url):
            await stack.enter_async_context(listening(public, settings.host, settings.port))
        yield wiring


def _public_app(wiring: Wiring, parts: Collection[str], rasa_url: str | None) -> web.Application | None:
    if "gateway" in parts:
        if rasa_url is None:
            raise RasaAddressMissing
        app = gateway_app(wiring, rasa_url, with_courier="courier" in parts)
        if "console" in parts:
            app.add_subapp(MOUNT, console_app(wiring))
        return app
    if "console" in parts:
        return standalone_app(wiring)
    if "courier" in parts:
        return courier_app(wiring)
    return None


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serves `app` inside the block. Raises PortTaken."""
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise PortTaken(port) from error
        yield
    finally:
        await runner.cleanup()


async def until_stopped() -> None:
    """Returns at the first Ctrl-C or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await stopped.wait()
