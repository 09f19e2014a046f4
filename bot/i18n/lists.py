"""Lists and names of languages as each language writes them (Babel)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from babel import Locale
from babel.lists import format_list

from bot.i18n.languages import BABEL_LOCALES, FRENCH, LANGUAGES, about


def say_list(items: Sequence[str], language: str) -> str:
    """ "logement, emploi et francisation"."""
    return format_list(list(items), locale=BABEL_LOCALES[language])


def say_language(code: str, language: str) -> str:
    """The name of the language `code`; the code itself when it has none.

    Babel names every language that many people speak; of one of ours that it leaves out, its file does.
    """
    named = Locale.parse(BABEL_LOCALES[language]).languages.get(code)
    if named is None and code in LANGUAGES:
        return about(code).names.get(language, LANGUAGES[code])
    return str(named or code)


def say_languages(language: str) -> str:
    """Ours: "français, anglais et espagnol"."""
    return say_list([say_language(code, language) for code in LANGUAGES], language)


@cache
def language_codes() -> frozenset[str]:
    """Every language that has a name: two or three letters."""
    return frozenset(code for code in map(str, Locale.parse(FRENCH).languages) if code.isalpha() and len(code) <= 3)
