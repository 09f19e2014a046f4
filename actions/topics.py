"""Offering a topic by its name: the closest ones when a message is not understood, which of two, a second request."""

from __future__ import annotations

from collections.abc import Iterable

from actions.steps import step_choice
from actions.turn import DeskAction, Events, Turn
from bot.contract import ALSO_ASKED, ASK_WHICH_ACTION, BETWEEN, OFFER_OTHER_ACTION
from bot.domain.messages import Choice
from bot.domain.requests import TASKS, is_request
from bot.knowledge.steps import steps

MAX_CLOSEST = 3
HELP = "/help"


def topic_choice(turn: Turn, intent: str) -> Choice:
    """A button that asks for the topic. The intent must be one."""
    if intent in TASKS:
        return turn.choice(f"utter_topic_{intent}", f"/{intent}")
    return step_choice(steps()[intent], turn)


def topic_choices(turn: Turn, intents: Iterable[str]) -> list[Choice]:
    """A button for each, and one for everything else."""
    return [*(topic_choice(turn, intent) for intent in intents), turn.choice("utter_label_other_topic", HELP)]


class NotUnderstood(DeskAction):
    """Once: the closest topics, or say it another way. Twice in a row: a person."""

    action = "action_not_understood"

    async def answer(self, turn: Turn) -> Events:
        closest = [intent for intent in turn.ranking if is_request(intent)][:MAX_CLOSEST]
        if turn.previous_action() == self.action:
            turn.say("utter_still_not_understood")
        elif closest:
            turn.say("utter_closest_topics", choices=topic_choices(turn, closest))
        else:
            turn.say("utter_not_understood")
        return []


class AskWhich(DeskAction):
    """Two topics are equally likely: which one? Nothing is answered before."""

    action = ASK_WHICH_ACTION

    async def answer(self, turn: Turn) -> Events:
        between = [intent for intent in turn.parsed(BETWEEN) or () if is_request(intent)]
        turn.say("utter_ask_which", choices=topic_choices(turn, between))
        return []


class OfferOther(DeskAction):
    """The message asked two things: the first was answered, the second is a button."""

    action = OFFER_OTHER_ACTION

    async def answer(self, turn: Turn) -> Events:
        also = turn.parsed(ALSO_ASKED)
        if isinstance(also, str) and is_request(also):
            turn.say("utter_offer_other", choices=[topic_choice(turn, also)])
        return []
