"""The answer to every `ask_*`: a first message fitted to the person, "more" on request, and what people ask next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rasa_sdk.events import SlotSet

from actions.turn import DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.messages import Choice, Link
from bot.domain.situations import STATUSES, Situation
from bot.domain.working_days import ClosedDays
from bot.i18n.dates import say_day, say_day_of_year, say_money, say_number, say_percent
from bot.knowledge.answers import Answer, answer, limit_days
from bot.knowledge.contacts import NO_BREAK
from bot.knowledge.steps import PARTS, Figure, Line, Step, steps
from bot.knowledge.words import counted_as, status_names

HUMAN = "/talk_to_human"
# With these and the way to a person, four buttons: more do not fit a small telephone.
MAX_NEXT = 3
MAX_LINKS = 2
# What a button under an answer asks for, as the entity `detail`.
MORE, STATUS = "more", "status"
DASH = "–"


class AnswerStep(DeskAction):
    """What it is, then the lines that act, the official page, source and date, and what comes next."""

    action = "action_answer_step"

    async def answer(self, turn: Turn) -> Events:
        step = steps()[turn.intent]
        told = told_status(turn)
        situation = self._situation(turn, told)
        fitted = answer(step, situation, self.desk.settings.shelf_lives)
        match turn.entity("detail"):
            case "status":
                turn.say("utter_ask_status", choices=status_choices(step, turn), topic=step.id)
            case "more" if fitted.more:
                self._say_more(step, fitted, situation, turn)
            case _:
                self._say_first(step, fitted, situation, turn)
        return [SlotSet("status", told)] if told else []

    def _situation(self, turn: Turn, told: str | None) -> Situation:
        arrival = turn.slot("arrival_date") if turn.slot("arrival_is_right") else None
        status = told or turn.slot("status")
        return Situation(
            today=self.services.meetings.today(),
            status=counted_as(status) if status else None,
            arrival=date.fromisoformat(arrival) if arrival else None,
            region=turn.slot("region"),
        )

    def _say_first(self, step: Step, fitted: Answer, situation: Situation, turn: Turn) -> None:
        said = fitted.first
        what = say_lines(step, [line for line in said if line.part == "what"], situation, turn)
        withdrawn = turn.sentence("utter_step_withdrawn", title=turn.translate(f"{step.id}.title", step.title))
        turn.say_text("".join(what) or withdrawn, topic=step.id)
        details = []
        if concerns_others(step, situation, said):
            details.append(turn.sentence("utter_step_not_concerned", status=status_name(situation.status or "", turn)))
            said = tuple(line for line in said if line.part != "you")
        details += say_lines(step, [line for line in said if line.part != "what"], situation, turn)
        details += notices(step, said, turn, is_incomplete=bool(fitted.withdrawn))
        choices = [turn.choice("utter_label_more", button_payload(step.id, detail=MORE))] if fitted.more else []
        turn.say_text(
            "\n".join(details),
            topic=step.id,
            links=step_links(step, turn),
            choices=[*choices, *next_choices(step, fitted, turn, MAX_NEXT - len(choices))],
        )

    def _say_more(self, step: Step, fitted: Answer, situation: Situation, turn: Turn) -> None:
        more = sorted(fitted.more, key=lambda line: PARTS.index(line.part))
        lines = [*say_lines(step, more, situation, turn), *notices(step, more, turn)]
        turn.say_text(
            "\n".join(lines),
            topic=step.id,
            links=step_links(step, turn),
            choices=next_choices(step, fitted, turn, MAX_NEXT),
        )


def concerns_others(step: Step, situation: Situation, said: Iterable[Line]) -> bool:
    """Whether the step is not for the person's status, and no line speaks of it."""
    status = situation.status
    return status is not None and status not in step.concerns and not any(status in line.statuses for line in said)


def told_status(turn: Turn) -> str | None:
    """The status that the person told as their own; None when they told several, or one that is not to be kept."""
    told = {entity["value"] for entity in turn.all_details("status") if entity.get("is_own", True)}
    return told.pop() if len(told) == 1 and told <= status_names().keys() else None


def status_name(status: str, turn: Turn) -> str:
    return turn.translate(f"status.{status}", status_names()[status])


def say_lines(step: Step, lines: Iterable[Line], situation: Situation, turn: Turn) -> list[str]:
    """Each line with its label, said once for lines that follow each other; what it is has none."""
    lines = list(lines)
    days = limit_days(step, lines, situation, ClosedDays())
    values = step_values(step, turn.language) | {key: say_day_only(day, turn.language) for key, day in days.items()}
    said = []
    for line, before in zip(lines, [None, *lines], strict=False):
        text = turn.translate(f"{step.id}.{line.key}", line.text).format_map(values)
        if before is not None and before.part == line.part:
            said.append(f"{DASH} {text}")
        else:
            said.append(text if line.part == "what" else turn.sentence(f"utter_label_{line.part}", text=text))
    return said


def notices(step: Step, lines: Iterable[Line], turn: Turn, *, is_incomplete: bool = False) -> list[str]:
    """Where the lines come from and when that was last read, and what should be asked at the source."""
    facts = [fact for line in lines for fact in step.facts_under(line)]
    said = []
    if any(fact.confidence != "confirmed" for fact in facts):
        said.append(turn.sentence("utter_label_check"))
    if is_incomplete:
        said.append(turn.sentence("utter_label_withdrawn"))
    checked = min((fact.checked for fact in facts if fact.checked), default=step.checked)
    source = turn.translate(f"{step.id}.source", step.source)
    said.append(turn.sentence("utter_label_source", source=source, checked=say_day_only(checked, turn.language)))
    return said


def step_links(step: Step, turn: Turn) -> list[Link]:
    return [
        Link(turn.translate(f"{step.id}.link.{link.key}", link.title), link.url(turn.language))
        for link in step.links[:MAX_LINKS]
    ]


def next_choices(step: Step, fitted: Answer, turn: Turn, room: int) -> list[Choice]:
    """The status when it would change the answer, what people ask next, and a person."""
    choices = []
    if fitted.depends_on_status:
        choices.append(turn.choice("utter_label_status", button_payload(step.id, detail=STATUS)))
    choices += [step_choice(steps()[name], turn) for name in step.related]
    return [*choices[:room], turn.choice("utter_label_human", HUMAN)]


def status_choices(step: Step, turn: Turn) -> list[Choice]:
    """One for each status; the step is then answered for it."""
    return [
        *(turn.choice(f"utter_status_{status}", button_payload(step.id, status=status)) for status in STATUSES),
        turn.choice("utter_label_human", HUMAN),
    ]


def step_choice(step: Step, turn: Turn) -> Choice:
    """A button that asks for the step."""
    return Choice(turn.translate(f"{step.id}.short", step.short), button_payload(step.id))


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
    if figure.unit == "digits":
        return str(int(value))
    if figure.unit == "dollar":
        return say_money(value, language)
    if figure.unit == "percent":
        return say_percent(value, language)
    return say_number(value, language)


def say_day_only(day: date, language: str) -> str:
    """The day without its weekday."""
    return say_day(day, language, weekday=False)
