"""When a message is in a language the assistant does not speak: what exists for it, in the three that it does."""

from __future__ import annotations

from babel import Locale

from actions.answers import HUMAN, step_choice, step_values
from actions.turn import DeskAction, Events, Turn
from bot.contract import OTHER_LANGUAGE, OTHER_LANGUAGE_ACTION
from bot.domain.messages import Choice
from bot.i18n.languages import BABEL_LOCALES, LANGUAGES
from bot.knowledge.own_words import own_words
from bot.knowledge.steps import steps

INTERPRETER = "ask_interpreter"


class AnswerOtherLanguage(DeskAction):
    """One message: a line in the person's own language where we have one, then French, English and Spanish."""

    action = OTHER_LANGUAGE_ACTION

    async def answer(self, turn: Turn) -> Events:
        written = str(turn.parsed(OTHER_LANGUAGE))
        lines = [self._sentence(written, language) for language in LANGUAGES]
        if own := own_words().get(written):
            lines.insert(0, own)
        turn.say_text("\n".join(lines), choices=other_language_choices(turn), topic=INTERPRETER)
        return []

    def _sentence(self, written: str, language: str) -> str:
        values = step_values(steps()[INTERPRETER], language) | {"name": language_name(written, language)}
        return self.desk.catalogue.say("utter_other_language", language, values)


def language_name(code: str, language: str) -> str:
    """ "portugais", "Portuguese", "portugués"; the code of a language that nobody has named."""
    return str(Locale.parse(BABEL_LOCALES[language]).languages.get(code, code))


def other_language_choices(turn: Turn) -> list[Choice]:
    """Our languages but the one that the conversation stays in: four buttons are the most that people read."""
    return [
        *(
            Choice(name, f'/set_language{{"language":"{language}"}}')
            for language, name in LANGUAGES.items()
            if language != turn.language
        ),
        step_choice(steps()[INTERPRETER], turn),
        turn.choice("utter_label_human", HUMAN),
    ]
