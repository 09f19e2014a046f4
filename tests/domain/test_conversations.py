"""One speaker at any time: every state with every event."""

from __future__ import annotations

import pytest

from bot.domain.conversations import Event, HandledBy, NoSuchStep, after

ASSISTANT, WAITING, STAFF = HandledBy.ASSISTANT, HandledBy.WAITING, HandledBy.STAFF
STEPS = {
    (ASSISTANT, Event.PERSON_ASKED): WAITING,
    (ASSISTANT, Event.PERSON_LEFT): None,
    (ASSISTANT, Event.STAFF_TOOK): None,
    (ASSISTANT, Event.STAFF_CLOSED): None,
    (WAITING, Event.PERSON_ASKED): None,
    (WAITING, Event.PERSON_LEFT): ASSISTANT,
    (WAITING, Event.STAFF_TOOK): STAFF,
    (WAITING, Event.STAFF_CLOSED): None,
    (STAFF, Event.PERSON_ASKED): None,
    (STAFF, Event.PERSON_LEFT): ASSISTANT,
    (STAFF, Event.STAFF_TOOK): None,
    (STAFF, Event.STAFF_CLOSED): ASSISTANT,
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("handled_by", HandledBy)
def test_each_event_leads_to_one_state_or_is_refused(handled_by: HandledBy, event: Event) -> None:
    expected = STEPS[handled_by, event]
    if expected is not None:
        assert after(handled_by, event) is expected
        return
    with pytest.raises(NoSuchStep) as refused:
        after(handled_by, event)
    assert (refused.value.handled_by, refused.value.event) == (handled_by, event)


@pytest.mark.parametrize("handled_by", HandledBy)
def test_the_assistant_can_always_be_reached_again(handled_by: HandledBy) -> None:
    reached = {handled_by}
    for _ in HandledBy:
        reached |= {state for (start, _event), state in STEPS.items() if start in reached and state}
    assert ASSISTANT in reached
