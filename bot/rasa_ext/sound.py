"""How a message sounds, roughly: "komen trouvé une mézon" and "comment trouver une maison" become much alike.

Many people write by ear. The rules are those of French above all, where one sound has most spellings; they do no harm
in English and Spanish, since they are only compared with themselves.
"""

from __future__ import annotations

import re

from bot.rasa_ext.speller import fold

# In this order. Digits stand for the nasal vowels.
_RULES = tuple(
    (re.compile(spelt), sound)
    for spelt, sound in (
        (r"(.)\1+", r"\1"),
        (r"ph", "f"),
        (r"qu|ck|k", "k"),
        (r"sch|sh|ch", "x"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"z", "s"),
        (r"gu(?=[eiy])", "g"),
        (r"g(?=[eiy])", "j"),
        (r"w", "v"),
        (r"eaux?|aux?", "o"),
        (r"oi|oy", "wa"),
        (r"ou|oo", "u"),
        (r"ai|ei|ay|ey|ee", "e"),
        (r"y", "i"),
        (r"th", "t"),
        (r"h", ""),
        # What is not heard at the end of a word.
        (r"ent\b", "2"),
        (r"(?<=\w\w)(?:er|ez|es|et)\b", "e"),
        (r"[stdxp]+\b", ""),
        (r"e\b", ""),
        (r"[ae][mn](?=[^aeiou]|\b)", "2"),
        (r"i[mn](?=[^aeiou]|\b)", "3"),
        (r"o[mn](?=[^aeiou]|\b)", "4"),
        (r"(.)\1+", r"\1"),
    )
)


def sound_of(text: str) -> str:
    """The text as it would be heard, in lower case and without accents."""
    heard = fold(text)
    for spelt, sound in _RULES:
        heard = spelt.sub(sound, heard)
    return heard
