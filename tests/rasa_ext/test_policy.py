"""What no rule can say: an aside takes the place of the rules' prediction, once, and silence follows it."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.contract import (
    ALSO_ASKED,
    ASK_WHICH_ACTION,
    BETWEEN,
    EMERGENCY_INTENT,
    GIVE_NUMBERS_ACTION,
    MAYBE_DANGER,
    OFFER_OTHER_ACTION,
    OTHER_LANGUAGE,
    OTHER_LANGUAGE_ACTION,
)
from bot.rasa_ext.policy import aside_due

LISTEN = "action_listen"
ANSWER = "action_answer_step"
TWO = {ALSO_ASKED: "ask_sin"}
EITHER = {BETWEEN: ["ask_sin", "ask_bank"]}
MAYBE = {MAYBE_DANGER: True}
FOREIGN = {OTHER_LANGUAGE: "pt"}
IN_FORM = (ActiveLoop("meeting_form"), ActionExecuted(LISTEN))


def tracker(parsed: dict[str, Any], *after: Event, intent: str = "ask_bank") -> DialogueStateTracker:
    said = UserUttered("…", {"name": intent}, parse_data={"intent": {"name": intent}, **parsed})
    return DialogueStateTracker.from_events("awa", [ActionExecuted(LISTEN), said, *after])


@pytest.mark.parametrize(
    ("said", "predicted", "expected"),
    [
        pytest.param(tracker({}), ANSWER, None, id="an ordinary message"),
        pytest.param(tracker(EITHER), ANSWER, ASK_WHICH_ACTION, id="either of two is asked before anything"),
        pytest.param(tracker(EITHER, ActionExecuted(ASK_WHICH_ACTION)), None, LISTEN, id="then silence"),
        pytest.param(tracker(TWO), ANSWER, None, id="the first request is answered first"),
        pytest.param(tracker(TWO, ActionExecuted(ANSWER)), LISTEN, OFFER_OTHER_ACTION, id="then the other is offered"),
        pytest.param(tracker(TWO, ActionExecuted(ANSWER)), None, OFFER_OTHER_ACTION, id="also where no rule speaks"),
        pytest.param(tracker(TWO, ActionExecuted(ANSWER)), "meeting_form", None, id="a form asks its question first"),
        pytest.param(tracker(TWO, ActionExecuted(ANSWER), ActionExecuted(OFFER_OTHER_ACTION)), None, LISTEN, id="once"),
        pytest.param(tracker(TWO, ActionExecuted("action_emergency")), LISTEN, None, id="never after a danger"),
        pytest.param(
            tracker(EITHER, ActiveLoop("meeting_form"), ActionExecuted(LISTEN)), "meeting_form", None, id="in a form"
        ),
        pytest.param(tracker(MAYBE), ANSWER, None, id="a doubtful danger is answered first"),
        pytest.param(tracker(MAYBE, ActionExecuted(ANSWER)), LISTEN, GIVE_NUMBERS_ACTION, id="then come the numbers"),
        pytest.param(
            tracker(MAYBE | TWO, ActionExecuted(ANSWER), ActionExecuted(GIVE_NUMBERS_ACTION)),
            None,
            OFFER_OTHER_ACTION,
            id="and then the other request",
        ),
        pytest.param(
            tracker(MAYBE, ActionExecuted(ANSWER), ActionExecuted(GIVE_NUMBERS_ACTION)), None, LISTEN, id="numbers once"
        ),
        pytest.param(
            tracker(MAYBE, ActionExecuted(ASK_WHICH_ACTION)), None, GIVE_NUMBERS_ACTION, id="numbers beside a question"
        ),
        pytest.param(tracker(FOREIGN), ANSWER, OTHER_LANGUAGE_ACTION, id="another language is told before anything"),
        pytest.param(tracker(FOREIGN | EITHER), ANSWER, OTHER_LANGUAGE_ACTION, id="and nothing is asked of it"),
        pytest.param(tracker(FOREIGN, *IN_FORM), "meeting_form", OTHER_LANGUAGE_ACTION, id="in a form too"),
        pytest.param(tracker(FOREIGN, ActionExecuted(OTHER_LANGUAGE_ACTION)), ANSWER, LISTEN, id="followed by silence"),
        pytest.param(tracker(FOREIGN, intent=EMERGENCY_INTENT), ANSWER, None, id="a danger wins over its language"),
    ],
)
def test_asides(said: DialogueStateTracker, predicted: str | None, expected: str | None) -> None:
    assert aside_due(said, predicted) == expected


def test_before_any_message_there_is_none() -> None:
    assert aside_due(DialogueStateTracker.from_events("awa", []), None) is None
