"""When a message is in a language the assistant does not speak: what exists for it, in those that it does."""

from __future__ import annotations

from actions.steps import HUMAN, step_choice, step_values
from actions.turn import DeskAction, Events, Turn
from bot.contract import OTHER_LANGUAGE, OTHER_LANGUAGE_ACTION
from bot.domain.messages import Choice
from bot.i18n.choices import language_choices
from bot.i18n.languages import LANGUAGES
from bot.i18n.lists import say_language, say_languages
from bot.knowledge.own_words import own_words
from bot.knowledge.steps import steps

INTERPRETER = "ask_interpreter"


class AnswerOtherLanguage(DeskAction):
    """One message: a line in the person's own language where we have one, then one in each of ours."""

    action = OTHER_LANGUAGE_ACTION

    async def answer(self, turn: Turn) -> Events:
        written = str(turn.parsed(OTHER_LANGUAGE))
        lines = [self._sentence(written, language) for language in LANGUAGES]
        if own := own_words().get(written):
            lines.insert(0, own)
        turn.say_text("\n".join(lines), choices=other_language_choices(turn), topic=INTERPRETER)
        return []

    def _sentence(self, written: str, language: str) -> str:
        values = step_values(steps()[INTERPRETER], language)
        values |= {"name": say_language(written, language), "ours": say_languages(language)}
        return self.desk.catalogue.say("utter_other_language", language, values)


def other_language_choices(turn: Turn) -> list[Choice]:
    """Our languages but the one that the conversation stays in: four buttons are the most that people read."""
    return [
        *language_choices(besides=turn.language),
        step_choice(steps()[INTERPRETER], turn),
        turn.choice("utter_label_human", HUMAN),
    ]
