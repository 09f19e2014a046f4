"""Answers that need no service: settlement steps, official ways, greetings, and what was not understood."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk.events import ActiveLoop, AllSlotsReset, FollowupAction, SlotSet

from actions.turn import DeskAction, Events, Turn
from bot.contract import GIVE_NUMBERS_ACTION
from bot.domain.messages import Choice, Link
from bot.i18n.dates import say_day, say_day_of_year, say_money, say_number, say_percent
from bot.knowledge.contacts import NO_BREAK, contacts
from bot.knowledge.official_ways import official_ways
from bot.knowledge.places import region_names
from bot.knowledge.steps import Figure, Step, steps
from bot.knowledge.words import status_names

HUMAN = "/talk_to_human"
MAX_RELATED = 2
MAX_LINKS = 2


class AnswerStep(DeskAction):
    """Every `ask_*`: what it is, then the lines that act, the official page, source and date, and what comes next."""

    action = "action_answer_step"

    async def answer(self, turn: Turn) -> Events:
        step = steps()[turn.intent]
        first, second = step_bubbles(step, turn)
        turn.say_text(first, topic=step.id)
        turn.say_text(second, topic=step.id, links=step_links(step, turn), choices=step_choices(step, turn))
        return []


def step_bubbles(step: Step, turn: Turn) -> tuple[str, str]:
    """The two bubbles of a first answer."""
    values = step_values(step, turn.language)

    def words(name: str, french: str) -> str:
        return turn.translate(f"{step.id}.{name}", french).format_map(values)

    lines = []
    for part in step.says[1:]:
        text = words(part.part, part.text)
        lines.append(turn.sentence(f"utter_label_{part.part}", text=text))
    if any(step.facts[name].confidence != "confirmed" for part in step.says for name in part.facts):
        lines.append(turn.sentence("utter_label_check"))
    source = turn.translate(f"{step.id}.source", step.source)
    lines.append(turn.sentence("utter_label_source", source=source, checked=say_day_only(step.checked, turn.language)))
    return words("what", step.says[0].text), "\n".join(lines)


def step_links(step: Step, turn: Turn) -> list[Link]:
    return [
        Link(turn.translate(f"{step.id}.link.{link.key}", link.title), link.url(turn.language))
        for link in step.links[:MAX_LINKS]
    ]


def step_choices(step: Step, turn: Turn) -> list[Choice]:
    related = [steps()[name] for name in step.related[:MAX_RELATED]]
    return [*(step_choice(other, turn) for other in related), turn.choice("utter_label_human", HUMAN)]


def step_choice(step: Step, turn: Turn) -> Choice:
    """A button that asks for the step."""
    return Choice(turn.translate(f"{step.id}.short", step.short), f"/{step.id}")


def step_values(step: Step, language: str) -> dict[str, str]:
    """What fills the placeholders: figures and telephone numbers as people of this language write them."""
    values = {key: say_figure(figure, language) for key, figure in step.figures.items()}
    return values | {phone.key: phone.number.replace(" ", NO_BREAK) for phone in step.phones}


def say_figure(figure: Figure, language: str) -> str:
    if figure.unit == "date":
        text = str(figure.value)
        if len(text) == len("04-30"):
            return say_day_of_year(date(2000, int(text[:2]), int(text[3:])), language)
        return say_day_only(date.fromisoformat(text), language)
    value = float(figure.value)
    if figure.unit == "dollar":
        return say_money(value, language)
    if figure.unit == "percent":
        return say_percent(value, language)
    return say_number(value, language)


def say_day_only(day: date, language: str) -> str:
    """The day without its weekday."""
    return say_day(day, language, weekday=False)


class OfficialWay(DeskAction):
    """What is done with an office or a person rather than here: `utter_<intent>`, with the official page."""

    action = "action_official_way"

    async def answer(self, turn: Turn) -> Events:
        step = official_ways().get(turn.intent)
        links = step_links(step, turn) if step is not None else []
        turn.say(f"utter_{turn.intent}", links=links, org=self.desk.settings.organisation, **phone_numbers())
        return []


class Emergency(DeskAction):
    action = "action_emergency"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_emergency", topic="emergency", **phone_numbers())
        # Then silence: an open form does not ask its question again.
        return [FollowupAction("action_listen")]


class GiveNumbers(DeskAction):
    """After the answer, when the message may have told of a danger: one soft sentence with the numbers."""

    action = GIVE_NUMBERS_ACTION

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_numbers_in_doubt", topic="emergency", **phone_numbers())
        return []


def phone_numbers() -> dict[str, Any]:
    """What fills the telephone placeholders of responses."""
    return dict(contacts())


class Greet(DeskAction):
    action = "action_greet"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_greet_again")
        return []


class Inform(DeskAction):
    """A fact given with no question: a place and a status are kept, so that they are not asked again."""

    action = "action_inform"

    async def answer(self, turn: Turn) -> Events:
        told = turn.entity_details("region")
        region = told["value"] if told is not None and told["value"] in region_names() else None
        place = (told.get("place") or region_names()[region]) if told is not None and region else None
        status = own_status(turn)
        named = turn.translate(f"status.{status}", status_names()[status]) if status else None
        if place and named:
            turn.say("utter_noted_place_and_status", place=place, status=named)
        elif place or named:
            turn.say("utter_noted", value=place or named)
        else:
            turn.say("utter_inform_alone")
        return [SlotSet(name, value) for name, value in (("region", region), ("status", status)) if value]


def own_status(turn: Turn) -> str | None:
    """The status that the person told as their own; None when they told several, or one that is not to be kept."""
    told = {entity["value"] for entity in turn.all_details("status") if entity.get("is_own", True)}
    return told.pop() if len(told) == 1 and told <= status_names().keys() else None


class SetLanguage(DeskAction):
    """The slot is set from what was said; this says so in the new language, or asks which."""

    action = "action_set_language"

    async def answer(self, turn: Turn) -> Events:
        named = turn.entity_details("language")
        if named is None or (not turn.is_choice and not named.get("is_announced")):
            turn.say("utter_choose_language")
            return []
        turn.say("utter_language_set")
        return []


class Stop(DeskAction):
    """Stops what is under way and forgets the unfinished answers; what was booked stays."""

    action = "action_stop"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_stopped" if turn.is_in_form else "utter_nothing_to_stop")
        return leave_form()


def leave_form() -> Events:
    return [
        ActiveLoop(None),
        *(SlotSet(name, None) for name in ("requested_slot", "meeting_time", "times_shown")),
        SlotSet("times_page", 0),
        SlotSet("is_moving", False),
    ]


class Restart(DeskAction):
    """Begins again, in the same language. Takes the place of Rasa's own, which would forget the language."""

    action = "action_restart"

    async def answer(self, turn: Turn) -> Events:
        turn.say("utter_restarted")
        return [ActiveLoop(None), AllSlotsReset(), SlotSet("language", turn.language)]
