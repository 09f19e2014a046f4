"""Rasa checks each answer of the action server against a schema, and the schema itself against the schema of schemas:
two fifths of a turn. Here the schema, which never changes, is checked once; every answer still is.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction


@cache
def _validator() -> Draft202012Validator:
    schema = RemoteAction.action_response_format_spec()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """True. Raises jsonschema's ValidationError, naming what is wrong with the answer."""
    _validator().validate(result)
    return True


def check_schema_once() -> None:
    """From here on. Doing it twice is once."""
    RemoteAction._validate_action_result = _validate_action_result
