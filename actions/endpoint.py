"""Where Rasa posts its actions: rasa-sdk's executor behind an aiohttp handler, on a private address."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.registry import all_actions
from actions.turn import Desk
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

# Rasa posts the whole tracker with each action.
MAX_BODY = 32 * 1024 * 1024


def actions_app(wiring: Wiring) -> web.Application:
    """POST /webhook runs one action; GET /health answers when it can."""
    executor = ActionExecutor()
    for action in all_actions(Desk(wiring.services, wiring.catalogue, wiring.settings)):
        executor.register_action(action)

    async def webhook(request: web.Request) -> web.Response:
        call = await request.json()
        name = call.get("next_action")
        call["domain"] = call.get("domain") or {}
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return web.json_response({"error": rejection.message, "action_name": rejection.action_name}, status=400)
        except ActionNotFoundException as unknown:
            logger.exception("no such action: %s", name)
            return web.json_response({"error": unknown.message, "action_name": unknown.action_name}, status=404)
        except Exception:
            # The outermost place of an action: the person still gets an answer.
            logger.exception("action failed: action=%s conversation=%s", name, call.get("sender_id"))
            return web.json_response(_apology())
        return web.json_response(result.model_dump() if result else {"events": [], "responses": []})

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"is_ready": True})

    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes([web.post("/webhook", webhook), web.get("/health", health)])
    return app


def _apology() -> dict[str, Any]:
    return {"events": [], "responses": [{"response": "utter_action_failed"}]}
