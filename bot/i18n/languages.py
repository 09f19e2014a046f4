"""The languages Passerelle speaks: those of `locales/*/language.yml`, read once, as both programs need them at once.

French comes first: it is shown when all else fails. To add one: docs/add-a-language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.i18n.language_files import FRENCH, Language, read_languages

__all__ = ["BABEL_LOCALES", "COMPLETE", "FRENCH", "LANGUAGES", "LOCALES", "about", "known"]

LOCALES = Path(__file__).resolve().parents[2] / "locales"
_LANGUAGES = read_languages(LOCALES)

# Their names, each in itself.
LANGUAGES: Mapping[str, str] = {code: each.name for code, each in _LANGUAGES.items()}
# How Babel names them: names of days and months, lists, names of languages.
BABEL_LOCALES: Mapping[str, str] = {code: each.babel for code, each in _LANGUAGES.items()}
# Those that lack nothing: knowledge without them is refused. Of the others, what is missing is said in French.
COMPLETE = tuple(code for code, each in _LANGUAGES.items() if each.is_complete)


def about(language: str) -> Language:
    """All that its file says. Raises KeyError for one that we do not speak."""
    return _LANGUAGES[language]


def known(language: str | None) -> str | None:
    """The code when we speak it ("es-CO" is "es"), else None."""
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if code in LANGUAGES else None
