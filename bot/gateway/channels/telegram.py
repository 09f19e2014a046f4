"""Telegram: the one file that knows python-telegram-bot. It listens (polling or webhook) and delivers.

Updates are read here rather than by `telegram.ext`, whose poller tells Telegram that an update was received before
anything is done with it: we say so once the person's words are in the store. See docs/telegram.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from enum import StrEnum
from typing import Any

from aiohttp import web
from telegram import Bot, BotCommand, Chat, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.constants import ChatMemberStatus, ChatType, ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bot.domain.messages import File
from bot.gateway.channels.telegram_format import Bubble, bubbles, buttons
from bot.gateway.channels.telegram_inbox import COMMANDS, Inbox, Sender, Switchboard
from bot.gateway.channels.telegram_intake import Intake, webhook_body, webhook_secret
from bot.gateway.channels.telegram_limits import LONGEST_LISTENING, LONGEST_SENDING, Pace, Recent, backoff
from bot.gateway.courier import Later, Refused, Unreachable, log_crash
from bot.i18n.languages import FRENCH, LANGUAGES, known
from bot.services.outbox import Delivery
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "channel_post"]
_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
POLL_SECONDS = 25
STOP_SECONDS = 0.7
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

ReadFile = Callable[[str], Awaitable[bytes | None]]


class State(StrEnum):
    STOPPED = "stopped"
    CONNECTING = "connecting"
    LISTENING = "listening"
    REFUSED = "refused"


class TelegramChannel:
    """`read_file` gives the bytes behind a File's url. A courier only delivers: no switchboard, and no `start`."""

    def __init__(self, wiring: Wiring, switchboard: Switchboard | None, read_file: ReadFile | None = None) -> None:
        settings = wiring.settings
        if not settings.telegram_bot_token:
            raise ValueError("TELEGRAM_BOT_TOKEN is not set")
        _hush()
        self.state = State.STOPPED
        self._wiring = wiring
        self._inbox = Inbox(wiring, switchboard) if switchboard else None
        self._intake = Intake(wiring.services.conversations)
        self._read_file = read_file
        self._public_url = settings.public_url
        self._uses_webhook = (settings.public_url or "").startswith("https://")
        self._secret = webhook_secret(settings)
        self._requests = (HTTPXRequest(2), HTTPXRequest(16, read_timeout=10, pool_timeout=10))
        api = settings.telegram_api_url.rstrip("/")
        self._bot = Bot(
            settings.telegram_bot_token.get_secret_value().strip(),
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._listening: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._offset: int | None = None
        self._left = Recent()
        self._pace = Pace()
        # Bubbles of a message already sent, when a later one had to wait.
        self._sent: dict[str, int] = {}

    async def start(self) -> None:
        """Begins to listen, in the background: a Telegram that can't be reached stops nothing else."""
        for request in self._requests:
            await request.initialize()
        self.state = State.CONNECTING
        self._listening = asyncio.create_task(self._listen(), name="telegram")

    async def stop(self) -> None:
        self.state = State.STOPPED
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        if self._offset is not None:
            with contextlib.suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._bot.get_updates(offset=self._offset, limit=1, timeout=0)
        if self._errands:
            _, late = await asyncio.wait(self._errands, timeout=STOP_SECONDS)
            for errand in late:
                errand.cancel()
        for request in self._requests:
            await request.shutdown()

    async def _listen(self) -> None:
        failures, was_connected = 0, False
        while True:
            try:
                if self.state is State.CONNECTING:
                    await self._connect()
                    self.state, was_connected = State.LISTENING, True
                    logger.info("telegram listening: webhook=%s", self._uses_webhook)
                if self._uses_webhook:
                    return
                await self._poll()
                failures = 0
                continue
            except InvalidToken:
                # Once connected, it is more likely a proxy's 404 than a token taken back.
                if not was_connected:
                    self.state = State.REFUSED
                    logger.error("telegram refused TELEGRAM_BOT_TOKEN: nothing is received from Telegram")
                    return
                wait, problem = LONGEST_LISTENING, "token refused"
            except RetryAfter as error:
                wait, problem = _seconds(error), "asked to wait"
            except Conflict:
                self.state = State.CONNECTING
                wait, problem = LONGEST_LISTENING, "another program reads this bot's messages"
            except TelegramError as error:
                # Of a webhook it dislikes Telegram says why; other errors' words may hold the token.
                reason = error.message if isinstance(error, BadRequest) else type(error).__name__
                wait, problem = backoff(failures, LONGEST_LISTENING), reason
            except Exception as error:
                log_crash("telegram not read", error)
                wait, problem = LONGEST_LISTENING, type(error).__name__
            failures += 1
            logger.warning("telegram not reached (%s), trying again in %.1f s", problem, wait)
            await asyncio.sleep(wait)

    async def _connect(self) -> None:
        await self._bot.get_me()
        if self._uses_webhook:
            url = f"{(self._public_url or '').rstrip('/')}{WEBHOOK_PATH}"
            await self._bot.set_webhook(url, secret_token=self._secret, allowed_updates=UPDATES)
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)
        for language in LANGUAGES:
            await self._name_commands(language)

    async def _name_commands(self, language: str) -> None:
        try:
            says = [BotCommand(name, self._wiring.catalogue.say(f"telegram.{name}", language)) for name in COMMANDS]
            await self._bot.set_my_commands(says, language_code=None if language == FRENCH else language)
        except (TelegramError, KeyError) as error:
            # Telegram knows fewer languages than people speak.
            logger.warning("telegram commands not named in %s: %s", language, type(error).__name__)

    async def _poll(self) -> None:
        updates = await self._bot.get_updates(self._offset, timeout=POLL_SECONDS, allowed_updates=UPDATES)
        for update in updates:
            while not await self._take(update):
                await asyncio.sleep(backoff(self._intake.failures(update.update_id), LONGEST_LISTENING))
            self._offset = update.update_id + 1

    async def webhook_handler(self, request: web.Request) -> web.Response:
        """POST /telegram/webhook. Telegram sends an update again until it is answered 200."""
        body = await webhook_body(request, self._secret)
        if not self._uses_webhook or self.state is State.STOPPED:
            return web.Response(status=503)
        try:
            update = Update.de_json(json.loads(body), self._bot)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("telegram update not understood: %s", type(error).__name__)
            return web.Response(status=400)
        return web.Response(status=200 if await self._take(update) else 500)

    async def _take(self, update: Update) -> bool:
        chat = update.effective_chat
        return await self._intake.take(update.update_id, chat.id if chat else 0, lambda: self._deal_with(update, chat))

    async def _deal_with(self, update: Update, chat: Chat | None) -> None:
        query, member, message, inbox = update.callback_query, update.my_chat_member, update.message, self._inbox
        if query is not None:
            self._soon(self._bot.answer_callback_query(query.id))
        if chat is None or inbox is None:
            return
        sender = Sender(chat.id, update.effective_user.language_code if update.effective_user else None)
        is_gone = member is not None and member.new_chat_member.status in _GONE
        if chat.type != ChatType.PRIVATE:
            if is_gone:
                self._left.discard(chat.id)
            elif self._left.add(chat.id):
                self._soon(self._leave(sender))
        elif query is not None:
            if await inbox.choice(sender, query.data) and query.message is not None:
                self._soon(self._bot.edit_message_reply_markup(chat.id, query.message.message_id))
        elif member is not None:
            await (inbox.blocked(sender) if is_gone else inbox.unblocked(sender))
        elif update.edited_message is not None:
            # A shared position "edits" itself as the person walks.
            if update.edited_message.text is not None:
                await inbox.edited(sender)
        elif message is not None and message.text is not None:
            await inbox.text(sender, update.update_id, message.text)
        elif message is not None and message.location is not None:
            # That of a venue, or where a live position begins, too.
            await inbox.location(sender, update.update_id, (message.location.latitude, message.location.longitude))
        elif message is not None and message.effective_attachment:
            await inbox.not_text(sender, message.media_group_id)

    async def _leave(self, sender: Sender) -> None:
        words = self._wiring.catalogue.say("utter_private_only", known(sender.language) or FRENCH)
        try:
            with contextlib.suppress(BadRequest, Forbidden):
                await self._bot.send_message(sender.chat, words)
            await self._bot.leave_chat(sender.chat)
        except TelegramError:
            self._left.discard(sender.chat)
            raise

    def _soon(self, call: Coroutine[Any, Any, Any]) -> None:
        """For what the person need not wait for, and may fail."""

        async def errand() -> None:
            try:
                await call
            except TelegramError as error:
                logger.info("telegram call failed: %s", type(error).__name__)

        task = asyncio.create_task(errand())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def deliver(self, delivery: Delivery) -> None:
        """Sends one message of ours. Raises Later, Unreachable, Refused (see Courier)."""
        chat = int(delivery.conversation.address)
        try:
            await self._send(delivery, chat)
        except RetryAfter as error:
            wait = _seconds(error) + 0.1
            self._pace.silence(chat, wait)
            raise Later(wait, "RetryAfter") from None
        except (Forbidden, ChatMigrated, BadRequest) as error:
            self._sent.pop(delivery.id, None)
            raise (Refused if isinstance(error, BadRequest) and not _is_gone(error) else Unreachable) from None
        except TelegramError as error:
            # Its words may hold the token: the name of its class says enough.
            raise Later(backoff(delivery.attempts, LONGEST_SENDING), type(error).__name__) from None
        self._sent.pop(delivery.id, None)

    async def _send(self, delivery: Delivery, chat: int) -> None:
        reply = delivery.message.reply
        texts = bubbles(reply, self._public_url)
        rows = [[InlineKeyboardButton(button.title, callback_data=button.data)] for button in buttons(delivery.message)]
        parts: list[Bubble | File] = [*texts, *reply.files]
        for place, part in enumerate(parts):
            if place < self._sent.get(delivery.id, 0):
                continue
            if isinstance(part, Bubble):
                is_last = place == len(texts) - 1
                await self._send_text(chat, part, InlineKeyboardMarkup(rows) if rows and is_last else None)
            else:
                await self._send_file(delivery, chat, part)
            self._sent[delivery.id] = place + 1

    async def _send_text(self, chat: int, bubble: Bubble, keyboard: InlineKeyboardMarkup | None) -> None:
        for words, mode in ((bubble.html, ParseMode.HTML), (bubble.plain, None)):
            await self._pace.turn(chat)
            try:
                await self._bot.send_message(
                    chat, words, parse_mode=mode, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
                )
                return
            except BadRequest as error:
                if _is_gone(error) or mode is None:
                    raise

    async def _send_file(self, delivery: Delivery, chat: int, file: File) -> None:
        content = await self._read_file(file.url) if self._read_file else None
        if content is None:
            logger.warning("file not found, not sent: %s seq=%s", delivery.conversation.id, delivery.message.seq)
            return
        await self._pace.turn(chat)
        await self._bot.send_document(chat, content, filename=file.name)


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _is_gone(error: BadRequest) -> bool:
    return any(words in error.message.lower() for words in ("chat not found", "user not found", "peer_id_invalid"))


def _hush() -> None:
    """python-telegram-bot and httpx log addresses (with the token) and updates (with people's words)."""
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", category=PTBDeprecationWarning)
