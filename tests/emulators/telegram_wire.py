"""How the Bot API emulator reads what the bot calls, answers it, and fails when a test wants it to."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.emulators.telegram_people import Document

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Call:
    """One call of the bot, kept whether it was answered or made to fail."""

    method: str
    values: dict[str, Any]
    at: float


@dataclass
class Failure:
    """`status` is answered; without one the connection is dropped, before the call is done or after it."""

    method: str
    times: int
    chat: int | None
    status: int | None
    description: str
    retry_after: int | None
    is_done_first: bool


class Failures(list[Failure]):
    """What is still to go wrong."""

    def take(self, method: str, chat: int | None) -> Failure | None:
        """The failure of this call, counted."""
        for failure in self:
            if failure.method == method and failure.chat in (None, chat):
                failure.times -= 1
                if failure.times <= 0:
                    self.remove(failure)
                return failure
        return None


class ApiError(Exception):
    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    allowed: list[str] = field(default_factory=list)


class Flood:
    """Telegram's own limits: 30 messages a second, and one a second in a chat with bursts of a few more."""

    def __init__(self) -> None:
        self._sent: list[tuple[float, int]] = []

    def count(self, chat: int) -> None:
        """Raises ApiError when this message is one too many."""
        now = time.monotonic()
        recent = [(at, to) for at, to in self._sent if at > now - 5]
        if sum(at > now - 1 for at, _ in recent) >= 30 or sum(to == chat for _, to in recent) >= 10:
            raise ApiError(429, "Too Many Requests: retry after 1", 1)
        self._sent = [*recent, (now, chat)]


async def push(session: aiohttp.ClientSession, webhook: Webhook, routes: dict[str, str], update: Any) -> int:
    """Posts an update to the webhook; the status of its answer, 0 without one."""
    url = webhook.url
    for public_url, to in routes.items():
        url = url.replace(public_url, to)
    headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
    try:
        async with session.post(url, json=update, headers=headers) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


async def read_values(request: web.Request) -> dict[str, Any]:
    """The parameters, from JSON, a form or a multipart form; what is JSON inside a form is read."""
    if request.content_type == "application/json":
        return dict(await request.json())
    values: dict[str, Any] = dict(request.query)
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            values[key] = Document(value.filename, value.content_type, value.file.read())
        elif isinstance(value, str) and value[:1] in ("{", "["):
            values[key] = _json(value)
        else:
            values[key] = value
    return values


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_int(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


def error_answer(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.status, "description": error.description}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.json_response(body, status=error.status)


def hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
