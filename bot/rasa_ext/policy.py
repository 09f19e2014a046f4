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

from bot.contract import ALSO_ASKED, ASK_WHICH_ACTION, BETWEEN, OFFER_OTHER_ACTION

_ASIDES = frozenset({ASK_WHICH_ACTION, OFFER_OTHER_ACTION})
# Whoever is in danger is offered nothing else.
_LAST_WORDS = frozenset({"action_emergency"})


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
    last = tracker.latest_action_name
    if last in _ASIDES:
        return ACTION_LISTEN_NAME
    said = message.parse_data or {}
    if last == ACTION_LISTEN_NAME:
        return ASK_WHICH_ACTION if said.get(BETWEEN) and not tracker.active_loop_name else None
    is_silent = predicted in (None, ACTION_LISTEN_NAME)
    if is_silent and said.get(ALSO_ASKED) and not _did_since_message(tracker, _ASIDES | _LAST_WORDS):
        return OFFER_OTHER_ACTION
    return None


def _did_since_message(tracker: DialogueStateTracker, actions: frozenset[str]) -> bool:
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, ActionExecuted) and event.action_name in actions:
            return True
    return False
