"""Calls of the action server: what is posted, and answers judged as Rasa judges them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.rasa_ext.remote_actions import RECENT_EVENTS, call_actions_fast

DOMAIN = Domain.from_yaml('{version: "3.1", slots: {region: {type: text, mappings: [{type: custom}]}}}')
PATCHED = (
    (RemoteAction, "_validate_action_result"),
    (RemoteAction, "_action_call_format"),
    (EndpointConfig, "session"),
)
ANSWERS: list[tuple[dict[str, Any], bool]] = [
    ({"events": [], "responses": []}, True),
    ({"events": [{"event": "slot", "name": "region", "value": "06"}], "responses": [{"text": "Bonjour"}]}, True),
    ({"events": [{"event": "slot", "timestamp": None, "name": "region", "value": None}]}, True),
    ({"events": [{"event": "active_loop", "name": None}]}, True),
    ({"events": [{"event": "no such event"}]}, False),
    ({"events": "none"}, False),
    ({"responses": ["Bonjour"]}, False),
]


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa's own methods are back after each test."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))


@pytest.fixture(params=["stock", "ours"])
def judged(request: pytest.FixtureRequest) -> Callable[[dict[str, Any]], bool]:
    if request.param == "ours":
        call_actions_fast()
    return RemoteAction("action_any", None)._validate_action_result


@pytest.mark.parametrize(("answer", "is_valid"), ANSWERS)
def test_judged_the_same(judged: Callable[[dict[str, Any]], bool], answer: dict[str, Any], is_valid: bool) -> None:
    if is_valid:
        assert judged(answer)
    else:
        with pytest.raises(ValidationError):
            judged(answer)


def a_tracker(turns: int) -> DialogueStateTracker:
    events = [e for n in range(turns) for e in (ActionExecuted("action_listen"), UserUttered(f"message {n}"))]
    return DialogueStateTracker.from_events("ana", [SlotSet("region", "06"), *events], slots=DOMAIN.slots)


def posted(tracker: DialogueStateTracker) -> dict[str, Any]:
    endpoint = EndpointConfig("http://127.0.0.1", enable_selective_domain=True)
    return RemoteAction("action_any", endpoint)._action_call_format(tracker, DOMAIN)


def test_a_short_conversation_is_posted_as_rasa_posts_it() -> None:
    tracker = a_tracker(5)
    stock = posted(tracker)
    call_actions_fast()
    assert posted(tracker) == stock


def test_of_a_long_one_only_the_last_events_are_posted_and_all_slots() -> None:
    call_actions_fast()
    call = posted(a_tracker(200))
    assert len(call["tracker"]["events"]) == RECENT_EVENTS
    assert call["tracker"]["events"][-1]["text"] == "message 199"
    assert call["tracker"]["slots"]["region"] == "06"


def test_calls_share_a_connection_and_a_failing_one_is_told() -> None:
    connections: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        connections.append(request.transport)
        return web.json_response({"events": [], "responses": []}, status=500 if "fail" in request.path else 200)

    async def scene() -> None:
        app = web.Application()
        app.router.add_post("/{tail:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        for _ in range(3):
            assert await endpoint.request(json={}) == {"events": [], "responses": []}
        with pytest.raises(Exception, match="500"):
            await EndpointConfig(f"http://127.0.0.1:{port}/fail").request(json={})
        await runner.cleanup()

    call_actions_fast()
    asyncio.run(scene())
    assert len({id(transport) for transport in connections[:3]}) == 1
