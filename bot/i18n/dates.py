"""Dates, hours and amounts as people of each language write them.

Names of days and months come from Babel, the habits of Québec from `locales/<code>/language.yml`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from bot.i18n.languages import BABEL_LOCALES, about

_FIRST = re.compile(r"\b1 ")
# Point and comma, to be changed for those of each language.
_PLAIN = "en_CA"


def _format(day: date, pattern: str, language: str) -> str:
    text = format_date(day, pattern, locale=BABEL_LOCALES[language])
    first = about(language).dates.first
    return _FIRST.sub(first, text, count=1) if first and day.day == 1 else text


def say_day(day: date, language: str, *, weekday: bool = True, article: bool = False) -> str:
    """ "mardi 1er décembre 2026", "Tuesday, December 1, 2026", "martes 1 de diciembre de 2026".

    `article` is for a day that follows "by": French and Spanish say "le", "el".
    """
    patterns = about(language).dates
    said = _format(day, patterns.day if weekday else patterns.day_alone, language)
    return f"{patterns.article}{said}" if article else said


def say_short_day(day: date, language: str) -> str:
    """ "jeu. 3 déc.", for a button."""
    return _format(day, about(language).dates.short_day, language)


def say_day_of_year(day: date, language: str) -> str:
    """ "30 avril", for a date that comes back every year."""
    return _format(day, about(language).dates.day_of_year, language)


def say_month(day: date, language: str) -> str:
    """ "novembre", as inside a sentence."""
    return format_date(day, "LLLL", locale=BABEL_LOCALES[language])


def say_weekday(weekday: int, language: str, *, is_short: bool = False) -> str:
    """ "lundi" or "lun.", by itself; Monday is 0."""
    names = get_day_names("abbreviated" if is_short else "wide", "stand-alone", BABEL_LOCALES[language])
    return str(names[weekday])


def say_hour(moment: datetime | time, language: str) -> str:
    """ "14 h 30", "2:30 p.m.", "14:30"; noon has its word."""
    hour, minute, forms = moment.hour, moment.minute, about(language).hours
    if (hour, minute) == (12, 0):
        return forms.noon
    return (forms.other if minute else forms.whole).format(
        hour=hour if forms.clock == 24 else hour % 12 or 12,
        minute=f"{minute:02}",
        half=forms.morning if hour < 12 else forms.afternoon,
    )


def say_moment(moment: datetime, language: str) -> str:
    """Day and hour in full, in the moment's own zone."""
    return _at(say_day(moment.date(), language), say_hour(moment, language), language)


def say_button_day(day: date, language: str) -> str:
    """ "3 déc.", for a label."""
    return _format(day, about(language).dates.button_day, language)


def say_button_moment(moment: datetime, language: str) -> str:
    """ "3 déc., 10 h 30", for a button of 20 characters."""
    return _at(say_button_day(moment.date(), language), say_hour(moment, language), language)


def _at(day: str, hour: str, language: str) -> str:
    return about(language).dates.moment.format(day=day, hour=hour)


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
        other = _at(say_short_day(away.date(), language), other, language)
    return f"{shown} ({other})"


def say_money(dollars: float, language: str) -> str:
    """ "1 250,50 $", "$1,250.50", "$1250.50"; whole amounts without cents."""
    amount = _figure(abs(dollars), "#,##0.00" if dollars % 1 else "#,##0", language)
    return ("-" if dollars < 0 else "") + about(language).figures.money.format(number=amount)


def say_number(number: float, language: str) -> str:
    return _figure(number, "#,##0.###", language)


def say_percent(percent: float, language: str) -> str:
    """3.1 is 3.1 %."""
    return about(language).figures.percent.format(number=_figure(percent, "#,##0.##", language))


def _figure(number: float, pattern: str, language: str) -> str:
    forms = about(language).figures
    group = forms.group if abs(number) >= forms.group_from else ""
    whole, _, part = format_decimal(number, pattern, locale=_PLAIN).partition(".")
    return whole.replace(",", group) + (forms.decimal + part if part else "")
