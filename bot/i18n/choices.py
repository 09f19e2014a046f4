"""The buttons that choose a language, one for each in its own name: in the first words, in an answer, on Telegram."""

from __future__ import annotations

from bot.contract import button_payload
from bot.domain.messages import Choice
from bot.i18n.languages import LANGUAGES


def language_choices(besides: str | None = None) -> tuple[Choice, ...]:
    """`besides` is a language that needs no button: the one that is spoken."""
    return tuple(Choice(name, set_language_payload(code)) for code, name in LANGUAGES.items() if code != besides)


def set_language_payload(language: str) -> str:
    return button_payload("set_language", language=language)
