"""Numbers in a message, with their unit when it is told: "4 ans", "twenty-five kids", "900 $".

Dates, hours, telephone and file numbers and postal codes are none: dates and hours have a grammar of their own
(`bot/domain/spoken/`), and the others count nothing. A number in words goes up to a hundred; "deux cents" is left out
rather than read as two. Used by `words.py` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.spoken.words import MONTHS, SHORT_MONTHS, word_set
from bot.i18n.languages import LANGUAGES
from bot.knowledge.words import Piece

_UNTIL_20 = {
    "fr": """zero un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept
        dix_huit dix_neuf""",
    "en": """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen|forteen fifteen
        sixteen seventeen eighteen nineteen""",
    "es": """cero un|una|uno dos tres cuatro|quatro cinco seis siete ocho nueve diez once doce trece catorce quince
        dieciseis|diez_y_seis diecisiete|diez_y_siete dieciocho|diez_y_ocho diecinueve|diez_y_nueve""",
}
_TENS = {
    "fr": """20:vingt 30:trente 40:quarante 50:cinquante 60:soixante 70:septante 80:quatre_vingt|quatre_vingts|huitante
        90:nonante""",
    "en": "20:twenty 30:thirty 40:forty|fourty 50:fifty 60:sixty 70:seventy 80:eighty 90:ninety",
    "es": "20:veinte 30:treinta 40:cuarenta 50:cincuenta 60:sesenta 70:setenta 80:ochenta 90:noventa",
}
_HUNDRED = {"fr": "cent", "en": "a_hundred|one_hundred", "es": "cien"}
_AND = {"fr": ("_", "_et_"), "en": ("_",), "es": ("_y_", "_i_")}
# "soixante et onze", "quatre-vingt-dix-sept".
_FRENCH_TEENS = {60: "soixante", 80: "quatre_vingt"}
_SPANISH_TWENTIES = "veintiuno|veintiun|veintiuna veintidos veintitres veinticuatro veinticinco veintiseis veintisiete"
_SPANISH_TWENTIES += " veintiocho veintinueve"

# Articles too, and "neuf" is also "new": numbers only before a unit.
_NEEDS_UNIT = word_set("un une neuf one uno una")
# Ordinary words of another language ("très", "once", "mal au dos", "sept."): numbers in messages of their own only.
_OWN_ONLY = word_set("once tres dos sept cent un uno una une cien") | {"a hundred"}
_THOUSAND = word_set("mille mil thousand k")
_BEYOND = word_set("cent cents hundred hundreds ciento cientos cientas million millions millon millones milliard")
_CLOCK = word_set("am pm")

UNITS = {
    word: unit
    for unit, written in {
        "dollar": "$ dollar dollars dolar dolares dollards piastres piasses piastre bucks cad",
        "euro": "€ euro euros",
        "percent": "% pourcent percent porciento",
        "year": "an ans annee annees anne year years yr yrs yo ano anos anio anios yeras",
        "month": "mois moi month months mes meses mths",
        "week": "semaine semaines semene week weeks wk wks semana semanas",
        "day": "jour jours day days dia dias",
        "hour": "heure heures h hour hours hr hrs hora horas",
        "minute": "minute minutes min mins minuto minutos",
        "child": "enfant enfants enfan zenfan zenfants child children childs kid kids boys girls hijo hijos hija hijas"
        " nino ninos nina ninas bebe bebes baby babies fils fille filles garcon garcons son sons daughter daughters"
        " ijos",
        "person": "personne personnes person persons people persona personas adulte adultes adult adults adulto"
        " adultos",
    }.items()
    for word in written.split()
}
_AGE_AFTER = (("old",), ("of", "age"), ("de", "edad"), ("d", "age"))
_AGE_BEFORE = word_set("age agee ages agees aged")
_PER_CENT = {("pour", "cent"), ("por", "ciento"), ("per", "cent")}
_HALF = (("½",), ("1", "2"), ("et", "demi"), ("et", "demie"), ("and", "a", "half"), ("y", "medio"), ("y", "media"))

# Short names that are words too ("3 mar", "2 set") are left out.
_MONTHS = frozenset(MONTHS) | (frozenset(SHORT_MONTHS) - word_set("mar set ago"))
_DIGITS = re.compile(
    r"""(?<![^\W_])(?<![^\W\d_]-)                                             # not "T4", "covid-19"
    (?:\d{1,3}(?:[\ \u00a0\u202f.,']\d{3})+(?!\d)(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?!\d)
    """,
    re.VERBOSE,
)
# What is made of digits and counts nothing.
_CODES = re.compile(
    r"""\S+@\S+ | https?://\S+ | www\.\S+
    | \b[a-z]\d[a-z][ -]?\d[a-z]\d\b                                         # postal code
    | (?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b                       # telephone
    | \b\d{3}[ .-]\d{3}[ .-]\d{3}\b | \d{7,}                                  # social insurance, files
    | \b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b | \b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b # dates
    | (?<!\d\s)\b\d{1,2}/\d{1,2}\b                                          # 28/11, 24/7; not 4 1/2
    | \b\d{1,2}\s?[h:]\s?\d{2}\b | \b\d{1,2}\s?[ap]\.m\b                      # 10 h 30, 14:30, 9 a.m.
    """,
    re.VERBOSE | re.IGNORECASE,
)
# 2000 is more often an amount.
_YEARS = frozenset(range(1940, 2050)) - {2000}
_GROUPS = re.compile(r"[ \u00a0\u202f.,'](?=\d{3}(?!\d))")


@dataclass(frozen=True)
class Number:
    start: int
    end: int
    value: float
    unit: str | None


def number_words(language: str) -> dict[str, int]:
    """Every number from nought to a hundred as it is said, words between spaces."""
    said: dict[str, int] = {}

    def add(value: int, written: str) -> None:
        for each in written.split("|"):
            said.setdefault(each.replace("_", " "), value)

    small = _UNTIL_20[language].split()
    for value, written in enumerate(small):
        add(value, written)
    for ten, written in (pair.split(":") for pair in _TENS[language].split()):
        add(int(ten), written)
        for each in written.split("|"):
            for joint in _AND[language]:
                for unit in range(1, 10):
                    for name in small[unit].split("|"):
                        add(int(ten) + unit, f"{each}{joint}{name}")
    if language == "fr":
        for ten, written in _FRENCH_TEENS.items():
            for joint in _AND[language]:
                for unit in range(10, 20):
                    add(ten + unit, f"{written}{joint}{small[unit]}")
    if language == "es":
        for value, written in enumerate(_SPANISH_TWENTIES.split(), start=21):
            add(value, written)
    add(100, _HUNDRED[language])
    return said


def is_of_own_language_only(words: str) -> bool:
    return words in _OWN_ONLY


_IN_WORDS = {word for language in LANGUAGES for said in number_words(language) for word in said.split()}
_IN_WORDS -= word_set("et y i a un une uno una")


def in_digits(text: str, pieces: Sequence[Piece]) -> list[Number]:
    """The numbers written in digits, in order."""
    codes = [found.span() for found in _CODES.finditer(text)]
    found: list[Number] = []
    for match in _DIGITS.finditer(text):
        # The half of the number before it: "4 1/2".
        is_part = bool(found) and match.start() < found[-1].end
        if is_part or any(start < match.end() and match.start() < end for start, end in codes):
            continue
        after = next((i for i, piece in enumerate(pieces) if piece.start >= match.end()), len(pieces))
        before = next((i for i in range(len(pieces) - 1, -1, -1) if pieces[i].end <= match.start()), -1)
        written = _GROUPS.sub("", match.group()).replace(",", ".")
        if number := _counted(pieces, before, after, match.span(), float(written)):
            is_year = number.unit is None and match.group().isdecimal() and number.value in _YEARS
            found.append(Number(number.start, number.end, number.value, "calendar_year") if is_year else number)
    return found


def in_words(pieces: Sequence[Piece], first: int, last: int, value: int) -> Number | None:
    """The number said by the pieces from `first` up to `last`; None when they say none, or only a part of one."""
    span = (pieces[first].start, pieces[last - 1].end)
    said = " ".join(piece.text for piece in pieces[first:last])
    before = _text(pieces, first - 1)
    after = _text(pieces, last)
    if (
        before in _BEYOND | _THOUSAND
        or after in _BEYOND
        or (value == 100 and (before in _IN_WORDS or after in _IN_WORDS))
    ):
        return None
    number = _counted(pieces, first - 1, last, span, value)
    return None if number and number.unit is None and said in _NEEDS_UNIT else number


def _counted(pieces: Sequence[Piece], before: int, after: int, span: tuple[int, int], value: float) -> Number | None:
    """The number with what follows it: a half, thousands, a unit. `before` and `after` are the neighbours' places."""
    start, end = span
    for half in _HALF:
        if _are(pieces, after, half):
            value, after, end = value + 0.5, after + len(half), pieces[after + len(half) - 1].end
            break
    if _text(pieces, after) in _THOUSAND:
        if _text(pieces, after + 1) in _IN_WORDS or _text(pieces, after + 1).isdecimal():
            return None
        value, after, end = value * 1000, after + 1, pieces[after].end
    follows = _text(pieces, after)
    if _is_day(pieces, before, after) or follows in _CLOCK or follows in _BEYOND:
        return None
    if _text(pieces, before) == "$":
        return Number(pieces[before].start, end, value, "dollar")
    if (follows, _text(pieces, after + 1)) in _PER_CENT:
        return Number(start, pieces[after + 1].end, value, "percent")
    unit = UNITS.get(follows)
    if unit is None:
        is_glued = after < len(pieces) and pieces[after].start == end and follows.isalpha()
        return None if is_glued else Number(start, end, value, None)
    end = pieces[after].end
    if unit == "year" and (
        follows == "yo"
        or any(_are(pieces, after + 1, said) for said in _AGE_AFTER)
        or {_text(pieces, before), _text(pieces, before - 1)} & _AGE_BEFORE
    ):
        unit = "age"
    return Number(start, end, value, unit)


def _is_day(pieces: Sequence[Piece], before: int, after: int) -> bool:
    """Whether a month stands beside: "3 décembre", "3 de diciembre", "the 3rd of December", "December 3"."""
    following = _text(pieces, after + 1) if _text(pieces, after) in ("de", "of", "d") else _text(pieces, after)
    return following in _MONTHS or _text(pieces, before) in MONTHS


def _are(pieces: Sequence[Piece], start: int, said: tuple[str, ...]) -> bool:
    return tuple(piece.text for piece in pieces[start : start + len(said)]) == said


def _text(pieces: Sequence[Piece], at: int) -> str:
    """Empty outside of the message."""
    return pieces[at].text if 0 <= at < len(pieces) else ""
