"""Takes Telegram's updates in: only Telegram's, each once, in order within a chat, again when it went wrong."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from aiohttp import web

from bot.gateway.channels.telegram_limits import Recent
from bot.gateway.courier import log_crash
from bot.services.conversations import ConversationService
from bot.settings import Settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_UPDATE_BYTES = 262_144
# An update that still fails after this many tries, while the store answers, is our fault: left and logged.
TRIES = 3


class Intake:
    def __init__(self, conversations: ConversationService) -> None:
        self._conversations = conversations
        self._taken = Recent()
        self._failures: Counter[int] = Counter()
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def take(self, update_id: int, chat: int, deal: Callable[[], Awaitable[None]]) -> bool:
        """Calls `deal`, unless this update was dealt with. False when it must come again."""
        lock = self._chats.setdefault(chat, asyncio.Lock())
        async with lock:
            if update_id in self._taken:
                return True
            try:
                await deal()
            except Exception as error:  # the outermost loop for one update
                log_crash(f"telegram update {update_id} failed", error)
                self._failures[update_id] += 1
                if self._failures[update_id] < TRIES or not await self._store_answers():
                    return False
                logger.error("telegram update %s left unanswered", update_id)
            self._failures.pop(update_id, None)
            self._taken.add(update_id)
            return True

    def failures(self, update_id: int) -> int:
        return self._failures[update_id]

    async def _store_answers(self) -> bool:
        try:
            await self._conversations.with_pending()
        except Exception:
            return False
        return True


def webhook_secret(settings: Settings) -> str:
    """What only Telegram and we know: the setting, or one made from this machine's key."""
    if settings.telegram_webhook_secret:
        return settings.telegram_webhook_secret.get_secret_value()
    return hmac.new(settings.key, b"telegram webhook", hashlib.sha256).hexdigest()


async def webhook_body(request: web.Request, secret: str) -> bytes:
    """The body of a request that Telegram made. Raises web.HTTPUnauthorized, web.HTTPRequestEntityTooLarge."""
    given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
    if not hmac.compare_digest(given, secret.encode()):
        raise web.HTTPUnauthorized
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_UPDATE_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_UPDATE_BYTES, len(body))
    return bytes(body)
