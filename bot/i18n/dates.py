"""Dates, hours and amounts as people of each language write them (Babel, with Québec's habits)."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from bot.i18n.languages import BABEL_LOCALES

NO_BREAK = "\u00a0"
_DAY = {"fr": "EEEE d MMMM y", "en": "EEEE, MMMM d, y", "es": "EEEE d 'de' MMMM 'de' y"}
_DAY_ALONE = {"fr": "d MMMM y", "en": "MMMM d, y", "es": "d 'de' MMMM 'de' y"}
_SHORT_DAY = {"fr": "EEE d MMM", "en": "EEE, MMM d", "es": "EEE d MMM"}
_BUTTON_DAY = {"fr": "d MMM", "en": "MMM d", "es": "d MMM"}
_DAY_OF_YEAR = {"fr": "d MMMM", "en": "MMMM d", "es": "d 'de' MMMM"}
_ARTICLE = {"fr": "le ", "en": "", "es": "el "}
_FIRST = re.compile(r"\b1 ")
_NOON = {"fr": "midi", "en": "noon", "es": "mediodía"}
_AT = {"fr": "{day}, {hour}", "en": "{day}, {hour}", "es": "{day}, {hour}"}


def _format(day: date, pattern: str, language: str) -> str:
    text = format_date(day, pattern, locale=BABEL_LOCALES[language])
    if language == "fr" and day.day == 1:
        return _FIRST.sub(f"1er{NO_BREAK}", text, count=1)
    return text


def say_day(day: date, language: str, *, weekday: bool = True, article: bool = False) -> str:
    """ "mardi 1er décembre 2026", "Tuesday, December 1, 2026", "martes 1 de diciembre de 2026".

    `article` is for a day that follows "by": French and Spanish say "le", "el".
    """
    said = _format(day, (_DAY if weekday else _DAY_ALONE)[language], language)
    return f"{_ARTICLE[language]}{said}" if article else said


def say_short_day(day: date, language: str) -> str:
    """ "jeu. 3 déc.", for a button."""
    return _format(day, _SHORT_DAY[language], language)


def say_day_of_year(day: date, language: str) -> str:
    """ "30 avril", for a date that comes back every year."""
    return _format(day, _DAY_OF_YEAR[language], language)


def say_month(day: date, language: str) -> str:
    """ "novembre", as inside a sentence."""
    return format_date(day, "LLLL", locale=BABEL_LOCALES[language])


def say_hour(moment: datetime, language: str) -> str:
    """ "14 h 30", "2:30 p.m.", "14:30"; noon has its word."""
    hour, minute = moment.hour, moment.minute
    if (hour, minute) == (12, 0):
        return _NOON[language]
    if language == "fr":
        return f"{hour}{NO_BREAK}h" + (f"{NO_BREAK}{minute:02}" if minute else "")
    if language == "en":
        shown = f"{hour % 12 or 12}" + (f":{minute:02}" if minute else "")
        return f"{shown}{NO_BREAK}{'a.m.' if hour < 12 else 'p.m.'}"
    return f"{hour}:{minute:02}"


def say_moment(moment: datetime, language: str) -> str:
    """Day and hour in full, in the moment's own zone."""
    return _AT[language].format(day=say_day(moment.date(), language), hour=say_hour(moment, language))


def say_button_moment(moment: datetime, language: str) -> str:
    """ "3 déc., 10 h 30", for a button of 20 characters."""
    day = _format(moment.date(), _BUTTON_DAY[language], language)
    return _AT[language].format(day=day, hour=say_hour(moment, language))


def say_both_zones(moment: datetime, language: str, here: ZoneInfo, there: ZoneInfo | None) -> str:
    """The moment in Québec, then in brackets in the person's own zone, with its day when it differs."""
    local = moment.astimezone(here)
    shown = say_moment(local, language)
    if there is None:
        return shown
    away = moment.astimezone(there)
    if away.utcoffset() == local.utcoffset():
        return shown
    other = say_hour(away, language)
    if away.date() != local.date():
        other = _AT[language].format(day=say_short_day(away.date(), language), hour=other)
    return f"{shown} ({other})"


def say_money(dollars: float, language: str) -> str:
    """ "1 250,50 $", "$1,250.50", "$1250.50"; whole amounts without cents."""
    cents = ".00" if dollars % 1 else ""
    pattern = f"#,##0{cents}{NO_BREAK}¤" if language == "fr" else f"¤#,##0{cents}"
    # Babel's Spanish of Mexico would write "CAD" for our dollar; ours is the same point and comma.
    locale = Locale.parse("fr_CA" if language == "fr" else "en_CA")
    text = format_currency(dollars, "CAD", pattern, locale=locale, currency_digits=False)
    return _grouped_in_spanish(text, dollars) if language == "es" else text


def say_number(number: float, language: str) -> str:
    text = format_decimal(number, locale=BABEL_LOCALES[language])
    return _grouped_in_spanish(text, number) if language == "es" else text


def _grouped_in_spanish(text: str, number: float) -> str:
    """Four figures in one piece, more in groups parted by a space (RAE): half of readers take a comma for decimals."""
    return text.replace(",", NO_BREAK if abs(number) >= 10_000 else "")


def say_percent(percent: float, language: str) -> str:
    """3.1 is 3.1 %."""
    text = format_percent(percent / 100, "#,##0.##%", locale=BABEL_LOCALES[language])
    return text if language == "en" else text.replace("%", f"{NO_BREAK}%").replace(f"{NO_BREAK}{NO_BREAK}", NO_BREAK)
