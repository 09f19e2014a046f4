"""Calls of the action server, without what makes them slow: three habits of Rasa's that cost half a turn.

- It checks each answer against a schema, and each time the schema itself against the schema of schemas. Here the
  schema, which never changes, is checked once; every answer still is.
- It posts every event of the session. Our actions look at slots, the latest message and what came just before it.
- It opens a connection for each call. Here one session per endpoint keeps its connections.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cache
from itertools import islice
from typing import Any

import aiohttp
import rasa
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

RECENT_EVENTS = 60
"""Several turns. Rasa's SDK reads the slots to validate and a form's state from the last of them."""
_open_session = EndpointConfig.session


@cache
def _validator() -> Draft202012Validator:
    schema = RemoteAction.action_response_format_spec()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """True. Raises jsonschema's ValidationError, naming what is wrong with the answer."""
    _validator().validate(result)
    return True


def _action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What is posted: as Rasa posts it, but for the events before the `RECENT_EVENTS`."""
    recent = islice(tracker.events, max(len(tracker.events) - RECENT_EVENTS, 0), None)
    state = tracker.current_state(EventVerbosity.NONE) | {"events": [event.as_dict() for event in recent]}
    call = {"next_action": self._name, "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}
    if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(self.name()):
        call["domain"] = domain.as_dict()
    return call


def _kept_session(self: EndpointConfig) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
    loop = asyncio.get_running_loop()
    kept = self.__dict__.get("kept_session")
    if kept is None or kept[0] is not loop or kept[1].closed:
        kept = self.__dict__["kept_session"] = (loop, _open_session(self))
    return nullcontext(kept[1])


def call_actions_fast() -> None:
    """From here on. Doing it twice is once."""
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
    EndpointConfig.session = _kept_session
