"""The rules' policy, without one habit of Rasa's: a `restart` goes through our rules like any other intent.

Stock RulePolicy runs `action_restart` for that intent before it looks at an open form, so that one misread answer
("the first one") would throw a half-booked meeting away.
"""

from __future__ import annotations

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import USER_INTENT_RESTART
from rasa.shared.core.trackers import DialogueStateTracker


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class FormsFirstRulePolicy(RulePolicy):
    """RulePolicy in which an open form hears a `restart` before it ends."""

    @staticmethod
    def _find_action_from_default_actions(tracker: DialogueStateTracker) -> tuple[str | None, str | None]:
        if tracker.latest_message and tracker.latest_message.intent.get("name") == USER_INTENT_RESTART:
            return None, None
        return RulePolicy._find_action_from_default_actions(tracker)
