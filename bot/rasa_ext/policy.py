"""The rules' policy, and what no rule can say: asides that depend on the message rather than on its intent.

Stock RulePolicy runs `action_restart` for that intent before it looks at an open form, so that one misread answer
("the first one") would throw a half-booked meeting away: here a `restart` goes through our rules like any other intent.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, USER_INTENT_RESTART
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
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

# What is said in place of the answer, and what is said after it, in this order.
_INSTEAD = frozenset({ASK_WHICH_ACTION, OTHER_LANGUAGE_ACTION})
_AFTERWARDS = {GIVE_NUMBERS_ACTION: MAYBE_DANGER, OFFER_OTHER_ACTION: ALSO_ASKED}
# Whoever is in danger is offered nothing else.
_LAST_WORDS = "action_emergency"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class FormsFirstRulePolicy(RulePolicy):
    """RulePolicy in which an open form hears a `restart` before it ends, and every request of a message is heard."""

    @staticmethod
    def _find_action_from_default_actions(tracker: DialogueStateTracker) -> tuple[str | None, str | None]:
        if tracker.latest_message and tracker.latest_message.intent.get("name") == USER_INTENT_RESTART:
            return None, None
        return RulePolicy._find_action_from_default_actions(tracker)

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input:
            # No rule of ours names a text in place of an intent: looking for one is half the cost of a prediction.
            return None, None, False
        found: tuple[str | None, str | None, bool] = super()._find_action_from_rules(tracker, domain, False)
        return found

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The rules' prediction; an aside takes its place where one is due, and is followed by silence."""
        prediction = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        likeliest = max(prediction.probabilities)
        predicted = domain.action_names_or_texts[prediction.max_confidence_index] if likeliest > 0 else None
        aside = aside_due(tracker, predicted)
        if aside is None:
            return prediction
        return self._rule_prediction(self._prediction_result(aside, tracker, domain), "")


def aside_due(tracker: DialogueStateTracker, predicted: str | None) -> str | None:
    """The action that takes the place of `predicted` (None: no rule speaks); None when there is no aside."""
    message = tracker.latest_message
    if message is None:
        return None
    last, said = tracker.latest_action_name, message.parse_data or {}
    if last == ACTION_LISTEN_NAME:
        if said.get(OTHER_LANGUAGE) and message.intent.get("name") != EMERGENCY_INTENT:
            # In a form too, which stays open: what was said is no answer to its question.
            return OTHER_LANGUAGE_ACTION
        return ASK_WHICH_ACTION if said.get(BETWEEN) and not tracker.active_loop_name else None
    if last in _INSTEAD | _AFTERWARDS.keys() or predicted in (None, ACTION_LISTEN_NAME):
        done = _done_since_message(tracker)
        due = [action for action, key in _AFTERWARDS.items() if said.get(key) and action not in done]
        if due and _LAST_WORDS not in done:
            return due[0]
        return ACTION_LISTEN_NAME if last in _INSTEAD | _AFTERWARDS.keys() else None
    return None


def _done_since_message(tracker: DialogueStateTracker) -> set[str | None]:
    done: set[str | None] = set()
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted):
            done.add(event.action_name)
    return done
