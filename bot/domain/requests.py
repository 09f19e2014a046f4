"""Requests: which intents are one, and where one message makes two (its parts, in French, English and Spanish)."""

from __future__ import annotations

import re

TASKS = frozenset(
    {
        *("book_meeting", "reschedule_meeting", "cancel_meeting", "my_meetings", "register_session", "cancel_session"),
        *("start_plan", "show_plan", "mark_done", "find_organisation", "talk_to_human", "report_difficulty"),
        *("give_feedback", "set_language", "set_reminders", "ask_privacy", "export_my_data", "erase_my_data"),
    }
)
"""What the assistant does."""
_QUESTIONS = "ask_"

MIN_WORDS = 2
"""A part with fewer words ("svp", "thanks") asks nothing of its own."""
MAX_PARTS = 6
"""A story has more sentences than requests: what comes after is left with the last part."""

# "M. Tremblay" is no end.
_SENTENCE_END = re.compile(r"(?:(?<=[?!;])|(?<=\w\w\.))\s+(?=[^\W\d_]|[¿¡])|\n+")
# A conjunction ends a part only where a new request can begin after it.
_JOINED = re.compile(
    r"""
    (?:,\s*)?\s(?:
        et\s+(?:aussi|puis|ensuite|sinon|en\s+plus|après|est[ -]ce|comment|où|ou\s+est|quand|combien|quels?|quelles?|
            je\s+(?:veux|voudrais|cherche|dois)|j['’](?:aimerais|ai\s+besoin)|il\s+me\s+faut|pour\s+l)
      | and\s+(?:also|then|how|where|when|what|which|can|could|do|is|i\s+(?:need|want|would|also)|i['’]d)
      | y\s+(?:también|tambien|además|ademas|luego|cómo|como|dónde|donde|cuándo|cuando|cuánto|cuanto|cuál|cual|qué|que|
            quiero|quisiera|necesito|puedo|si\s+puedo)
    )\b
    | ,\s(?:puis|sinon|aussi|also|plus|también|tambien|además|ademas)\s(?=\w+\s\w+)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_request(intent: str) -> bool:
    """Whether a person who means this wants something: a task, or an answer. Facts and small talk do not."""
    return intent in TASKS or intent.startswith(_QUESTIONS)


def parts_of(text: str) -> list[str]:
    """The parts that may each be a request; one part, the text itself, when there is nothing to part."""
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        start = 0
        for joint in _JOINED.finditer(sentence):
            parts.append(sentence[start : joint.start()])
            start = joint.start()
        parts.append(sentence[start:])
    asked = [part.strip(" ,") for part in parts]
    asked = [part for part in asked if len(part.split()) >= MIN_WORDS]
    if len(asked) > MAX_PARTS:
        asked[MAX_PARTS - 1 :] = [" ".join(asked[MAX_PARTS - 1 :])]
    return asked or [text]
