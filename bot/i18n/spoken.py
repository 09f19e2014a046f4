"""Words of time and place of a language that the grammars of `bot/domain` do not know, said in French for them.

French, English and Spanish need none: the grammars are written for them. A language that is added brings its words as
data (`spoken` in its `language.yml`). Actions read dates, hours and how to meet through it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.i18n.languages import about


def in_grammar_words(text: str, language: str) -> str:
    """The text with each such word replaced, the longest first; the same text when the language has none."""
    spoken = _spoken(language)
    if spoken is None:
        return text
    pattern, french = spoken
    return pattern.sub(lambda found: french[_fold(found.group())], _fold(text))


@cache
def _spoken(language: str) -> tuple[re.Pattern[str], dict[str, str]] | None:
    french = {_fold(written): said for written, said in about(language).spoken.items()}
    if not french:
        return None
    longest_first = sorted(french, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"), french


def _fold(text: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
