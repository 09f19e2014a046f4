"""What no rule can say: an aside takes the place of the rules' prediction, once, and silence follows it."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.contract import ALSO_ASKED, ASK_WHICH_ACTION, BETWEEN, OFFER_OTHER_ACTION
from bot.rasa_ext.policy import aside_due

LISTEN = "action_listen"
ANSWER = "action_answer_step"
TWO = {ALSO_ASKED: "ask_sin"}
EITHER = {BETWEEN: ["ask_sin", "ask_bank"]}


def tracker(parsed: dict[str, Any], *after: Event) -> DialogueStateTracker:
    said = UserUttered("…", {"name": "ask_bank"}, parse_data={"intent": {"name": "ask_bank"}, **parsed})
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
    ],
)
def test_asides(said: DialogueStateTracker, predicted: str | None, expected: str | None) -> None:
    assert aside_due(said, predicted) == expected


def test_before_any_message_there_is_none() -> None:
    assert aside_due(DialogueStateTracker.from_events("awa", []), None) is None
