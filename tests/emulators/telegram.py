"""A Bot API server for tests: https://core.telegram.org/bots/api, as far as this project uses it.

async with TelegramEmulator() as telegram:
    settings = Settings(telegram_bot_token=telegram.token, telegram_api_url=telegram.url, ...)
    ana = telegram.person("Ana", language="es")
    await ana.writes("Hola")
    await ana.waits_for("Bienvenida")
    await ana.presses("Sí")
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.emulators.telegram_html import BadHtml, read_html
from tests.emulators.telegram_people import BotMessage, Document, Group, Person, until
from tests.emulators.telegram_wire import (
    ApiError,
    Call,
    Failure,
    Failures,
    Flood,
    Webhook,
    as_int,
    error_answer,
    hang_up,
    push,
    read_values,
)

BOT = {"id": 123, "is_bot": True, "first_name": "Passerelle", "username": "passerelle_bot"}
MAX_TEXT, MAX_CALLBACK_DATA = 4096, 64


class TelegramEmulator:
    """`limits` makes it answer 429 as Telegram does, over 30 messages a second and one a second in a chat."""

    def __init__(self, token: str = "123:abc", *, limits: bool = False) -> None:
        self.token = token
        self.url = ""
        self.calls: list[Call] = []
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook = Webhook()
        # What the webhook answered to each delivery.
        self.webhook_answers: list[int] = []
        self.answered: dict[str, str | None] = {}
        self._flood = Flood() if limits else None
        self._chats: dict[int, Person | Group] = {}
        self._failures = Failures()
        self._routes: dict[str, str] = {}
        self._updates: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._ids = {"update": 1000, "message": 0, "chat": 5000}
        self._pusher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._pusher = asyncio.create_task(self._push())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pusher is not None:
            self._pusher.cancel()
        await self._runner.cleanup()

    # What a test says.

    def person(self, name: str = "Ana", language: str | None = "fr") -> Person:
        person = Person(self, self.next_id("chat"), name, language)
        self._chats[person.id] = person
        return person

    def group(self, kind: str = "supergroup") -> Group:
        group = Group(self, -self.next_id("chat"), kind)
        self._chats[group.id] = group
        return group

    def fails(
        self,
        method: str,
        status: int | None = 500,
        description: str = "Internal Server Error",
        *,
        retry_after: int | None = None,
        times: int = 1,
        chat: int | None = None,
    ) -> None:
        """The next calls of this method (to this chat) are answered so, and do nothing."""
        if retry_after is not None:
            status, description = 429, f"Too Many Requests: retry after {retry_after}"
        self._failures.append(Failure(method, times, chat, status, description, retry_after, False))

    def drops(self, method: str, *, times: int = 1, after: bool = False) -> None:
        """The connection closes: before the call is done, or `after`, so that only the answer is lost."""
        self._failures.append(Failure(method, times, None, None, "", None, after))

    def mends(self) -> None:
        """No failure is left."""
        self._failures.clear()

    def routes(self, public_url: str, to: str) -> None:
        """The webhook's https address, and where it really is."""
        self._routes[public_url] = to

    @property
    def has_failures(self) -> bool:
        """Whether some of what `fails` and `drops` asked for has yet to happen."""
        return bool(self._failures)

    def called(self, method: str) -> list[dict[str, Any]]:
        return [call.values for call in self.calls if call.method == method]

    async def waits_for(self, method: str, times: int = 1, seconds: float = 5) -> list[dict[str, Any]]:
        """The calls of this method, once there are that many."""
        await until(lambda: len(self.called(method)) >= times, f"{times} x {method}", seconds)
        return self.called(method)

    @property
    def unread(self) -> list[int]:
        """Ids of the updates that the bot has not said it received."""
        return [update["update_id"] for update in self._updates]

    def next_id(self, kind: str) -> int:
        self._ids[kind] += 1
        return self._ids[kind]

    def tell_bot(self, kind: str, content: dict[str, Any], update_id: int | None = None) -> int:
        """Queues an update; the same `update_id` again is a repeat."""
        update_id = update_id or self.next_id("update")
        self._updates.append({"update_id": update_id, kind: content})
        self._news.set()
        return update_id

    # What the bot says.

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return error_answer(ApiError(401, "Unauthorized"))
        values = await read_values(request)
        self.calls.append(Call(method, values, time.monotonic()))
        failure = self._failures.take(method, as_int(values.get("chat_id")))
        try:
            if failure is not None and not failure.is_done_first:
                if failure.status is None:
                    return hang_up(request)
                raise ApiError(failure.status, failure.description, failure.retry_after)
            handler: Callable[[dict[str, Any]], Any] | None = getattr(self, f"_on_{method.lower()}", None)
            if handler is None:
                raise ApiError(404, "Not Found")
            result = await handler(values)
        except ApiError as error:
            return error_answer(error)
        if failure is not None:
            return hang_up(request)
        return web.json_response({"ok": True, "result": result})

    async def _on_getme(self, _: dict[str, Any]) -> Any:
        return BOT

    async def _on_getupdates(self, values: dict[str, Any]) -> Any:
        if self.webhook.url:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = as_int(values.get("offset")) or 0
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        if not self._updates:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), as_int(values.get("timeout")) or 0)
            except TimeoutError:
                return []
        return self._updates[: as_int(values.get("limit")) or 100]

    async def _on_sendmessage(self, values: dict[str, Any]) -> Any:
        text, entities = str(values.get("text", "")), list[dict[str, Any]]()
        if values.get("parse_mode") == "HTML":
            try:
                text, entities = read_html(text)
            except BadHtml as error:
                raise ApiError(400, f"Bad Request: can't parse entities: {error}") from None
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
            raise ApiError(400, "Bad Request: message is too long")
        keyboard = (values.get("reply_markup") or {}).get("inline_keyboard", [])
        for button in (button for row in keyboard for button in row):
            if not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_DATA:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        return self._say(values, BotMessage(self.next_id("message"), text, entities, keyboard))

    async def _on_senddocument(self, values: dict[str, Any]) -> Any:
        document = values.get("document")
        if not isinstance(document, Document):
            raise ApiError(400, "Bad Request: there is no document in the request")
        return self._say(values, BotMessage(self.next_id("message"), "", document=document))

    def _say(self, values: dict[str, Any], message: BotMessage) -> Any:
        chat = self._chat(values)
        if chat.has_blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if self._flood is not None:
            self._flood.count(chat.id)
        chat.received.append(message)
        said = {"message_id": message.id, "date": int(time.time()), "chat": chat.as_json(), "from": BOT}
        if message.document is not None:
            return said | {"document": {"file_id": "f", "file_unique_id": "u", "file_name": message.document.name}}
        return said | {"text": message.text, "entities": message.entities}

    async def _on_answercallbackquery(self, values: dict[str, Any]) -> Any:
        self.answered[str(values["callback_query_id"])] = values.get("text")
        return True

    async def _on_editmessagereplymarkup(self, values: dict[str, Any]) -> Any:
        for message in self._chat(values).received:
            if message.id == as_int(values["message_id"]):
                keyboard = (values.get("reply_markup") or {}).get("inline_keyboard", [])
                if keyboard == message.keyboard:
                    raise ApiError(400, "Bad Request: message is not modified")
                message.keyboard = keyboard
                return True
        raise ApiError(400, "Bad Request: message to edit not found")

    async def _on_setmycommands(self, values: dict[str, Any]) -> Any:
        self.commands[values.get("language_code") or ""] = values["commands"]
        return True

    async def _on_getmycommands(self, values: dict[str, Any]) -> Any:
        return self.commands.get(values.get("language_code") or "", [])

    async def _on_setwebhook(self, values: dict[str, Any]) -> Any:
        if not values["url"].startswith("https://"):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = Webhook(values["url"], values.get("secret_token") or "", values.get("allowed_updates") or [])
        self._news.set()
        return True

    async def _on_deletewebhook(self, values: dict[str, Any]) -> Any:
        self.webhook = Webhook()
        if values.get("drop_pending_updates") == "true":
            self._updates.clear()
        return True

    async def _on_getwebhookinfo(self, _: dict[str, Any]) -> Any:
        return {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
            "allowed_updates": self.webhook.allowed,
        }

    async def _on_leavechat(self, values: dict[str, Any]) -> Any:
        chat = self._chat(values)
        if isinstance(chat, Group):
            chat.is_left = True
        return True

    async def _on_sendchataction(self, values: dict[str, Any]) -> Any:
        self._chat(values)
        return True

    def _chat(self, values: dict[str, Any]) -> Person | Group:
        chat = self._chats.get(as_int(values.get("chat_id")) or 0)
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        return chat

    async def _push(self) -> None:
        """Gives the updates to the webhook, one after the other, each until it is answered 200."""
        async with aiohttp.ClientSession() as session:
            while True:
                if not (self.webhook.url and self._updates):
                    await asyncio.sleep(0.01)
                    continue
                update = self._updates[0]
                status = await push(session, self.webhook, self._routes, update)
                self.webhook_answers.append(status)
                if status == 200:
                    self._updates.remove(update)
                else:
                    await asyncio.sleep(0.05)
