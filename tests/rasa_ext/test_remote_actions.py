"""Answers of the action server are judged as Rasa judges them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.rasa_ext.remote_actions import check_schema_once

STOCK = RemoteAction._validate_action_result
ANSWERS: list[tuple[dict[str, Any], bool]] = [
    ({"events": [], "responses": []}, True),
    ({"events": [{"event": "slot", "name": "region", "value": "06"}], "responses": [{"text": "Bonjour"}]}, True),
    ({"events": [{"event": "slot", "timestamp": None, "name": "region", "value": None}]}, True),
    ({"events": [{"event": "active_loop", "name": None}]}, True),
    ({"events": [{"event": "no such event"}]}, False),
    ({"events": "none"}, False),
    ({"responses": ["Bonjour"]}, False),
]


@pytest.fixture(params=["stock", "ours"])
def judged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], bool]:
    monkeypatch.setattr(RemoteAction, "_validate_action_result", STOCK)
    if request.param == "ours":
        check_schema_once()
    return RemoteAction("action_any", None)._validate_action_result


@pytest.mark.parametrize(("answer", "is_valid"), ANSWERS)
def test_judged_the_same(judged: Callable[[dict[str, Any]], bool], answer: dict[str, Any], is_valid: bool) -> None:
    if is_valid:
        assert judged(answer)
    else:
        with pytest.raises(ValidationError):
            judged(answer)
