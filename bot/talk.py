"""The assistant in a terminal, over the widget's protocol: `make talk`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import uuid
from typing import Any

import aiohttp


async def talk(url: str, language: str) -> int:
    """Reads lines from the terminal until its end. A number takes that button."""
    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/chat/ws") as socket:
            await socket.send_json({"type": "hello", "token": None, "after": 0, "language": language})
            choices: list[dict[str, str]] = []
            listening = asyncio.create_task(_listen(socket, choices))
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                await socket.send_json(_frame(line.strip(), choices))
            await asyncio.sleep(2)
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
    except aiohttp.ClientError:
        print(f"passerelle: nobody answers at {url}. Start it first: make run", file=sys.stderr)
        return 1
    return 0


def _frame(line: str, choices: list[dict[str, str]]) -> dict[str, Any]:
    if line.isdigit() and 0 < int(line) <= len(choices):
        chosen = choices[int(line) - 1]
        return {"type": "choose", "id": str(uuid.uuid4()), "payload": chosen["payload"], "title": chosen["title"]}
    return {"type": "message", "id": str(uuid.uuid4()), "text": line}


async def _listen(socket: aiohttp.ClientWebSocketResponse, choices: list[dict[str, str]]) -> None:
    async for frame in socket:
        said = frame.json()
        if said["type"] == "error":
            print(f"! {said['text']}", flush=True)
        if said["type"] != "message" or said["from"] == "person":
            continue
        print(f"\n{said['from']}: {said['text']}")
        for link in said["links"]:
            print(f"   {link['title']}: {link['url']}")
        for file in said["files"]:
            print(f"   {file['name']}: {file['url']}")
        choices[:] = said["choices"]
        for number, choice in enumerate(choices, start=1):
            print(f"   [{number}] {choice['title']}")
        sys.stdout.flush()
