"""Days said from today or by the name of the day: "demain", "in 3 weeks", "vendredi en huit", "fin novembre".

A reader looks at token `i` and a few after it, and answers None when its phrase does not start there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.domain.spoken.days import Mention, Settled, Vague, add_to, settle, take_third
from bot.domain.spoken.explicit import (
    MARKS_OF_A_SUM,
    day_then_month,
    may_be_a_day,
    month_then_day,
    numeric_date,
    read_year,
)
from bot.domain.spoken.line import Line, Number, Phrases
from bot.domain.spoken.periods import direction_before, read_direction, read_period, read_third, read_unit, span_of
from bot.domain.spoken.words import (
    ARRIVING,
    ARTICLES,
    LAST_WORDS,
    NEXT_WORDS,
    PARTS_OF_TODAY,
    THIS_WORDS,
    UNITS,
    word_set,
)

_ABOUT = word_set("environ about around juste exactly exactement encore peu pres como approximativement")
_FEW = word_set("quelques few couple unos unas algunos algunas varios varias plusieurs several par some")
_MONTH_CUES = word_set("in en by of since depuis desde until till before after")
# Too short, or too much like other words, to be months without a cue.
_MONTHS_AFTER_CUES = word_set("may march dec nov oct sept sep jan feb janv fev dic ene")
# Easter Monday, Black Friday, Santo Domingo: other days, or no day.
_BEFORE_FEASTS = word_set("santo black easter good cyber")


def known_day(line: Line, i: int, today: date) -> Mention | None:
    """Today, tomorrow, the day before yesterday, this morning, Christmas."""
    shifted = _SHIFTS.at(line, i)
    if shifted is not None:
        shift, end = shifted
        if line.at(i) == "manana" and line.at(i - 1) == "la":
            return None
        if line.has(end, "en", "huit") or line.has(end, "en", "ocho"):
            return Mention(i, end + 2 + (line.at(end + 2) == "dias"), on=add_to(today, shift + 7, "day"))
        return Mention(i, end, on=add_to(today, shift, "day"))
    if line.at(i) in THIS_WORDS and line.at(i + 1) in PARTS_OF_TODAY:
        return Mention(i, i + 2, on=today)
    if line.at(i) in THIS_WORDS and line.at(i + 1) in {"apres", "avant"} and line.at(i + 2) == "midi":
        return Mention(i, i + 3, on=today)
    feast = _FEASTS.at(line, i)
    if feast is not None:
        month, day = divmod(feast[0], 100)
        year, end = read_year(line, feast[1])
        return Mention(i, end, day, month, year, is_sure=False, toward=direction_before(line, i))
    return None


_SHIFTS = Phrases("""
-2: avant hier, avanthier, day before yesterday, antes de ayer, anteayer, antier, antes ayer, ante ayer
-1: hier, yesterday, yesteday, yesturday, yersterday, ayer, anoche, last night, nuit derniere
0: aujourd hui, aujourd ui, aujourdhui, ajd, auj, ojd, aujourdui, aujourduit, hoy, oy
0: today, todays, 2day, tonight, tonite
1: demain, demin, dmain, demainn, tomorrow, tomorow, tommorow, tommorrow, tomorro, tomorroww, tmrw, tmr, 2moro, 2morrow
1: 2mrw, manana, maniana
2: apres demain, apresdemain, apredemain, apre demain, aprs demain, day after tomorrow, day after tmrw, pasado manana
2: pasadomanana
""")

# Month and day as one number.
_FEASTS = Phrases("""
1225: christmas, xmas, noel, navidad
1224: christmas eve, nochebuena, veille de noel
1231: new year s eve, new years eve, nochevieja
101: new year s day, new years day, jour de l an, ano nuevo, nouvel an
""")


def read_duration(line: Line, i: int, today: date) -> Mention | None:
    """Dans 3 semaines, in 3 weeks, en 10 días, il y a une semaine, 3 days ago, hace dos días, a week from Friday."""
    after = _after_sign(line, i)
    if after is None:
        return _trailing_duration(line, i, today)
    sign, at = after
    at = line.skip(at + (line.at(at) == "a" and line.at(at + 1) == "peu"), _ABOUT)
    if line.at(at) in _FEW or (line.at(at) in {"a", "un"} and line.at(at + 1) in _FEW):
        at = line.skip(at + (line.at(at) in {"a", "un"}), _FEW | {"de", "of"})
        if line.at(at) in UNITS:
            return Mention(i, at + 1, span=Vague(), toward=sign)
        return None
    first = line.number(at, or_a=True)
    if first is None or first.is_ordinal:
        return None
    at, count = first.end, first.value
    second = line.number(at + 1) if line.at(at) in {"a", "ou", "or", "o", "to", "-"} else None
    if second is not None:
        at = second.end
    unit = UNITS.get(line.at(at))
    if unit is None:
        return None
    end = at + 1
    if line.at(end) == "ago" or line.at(end) == "atras":
        sign, end = -1, end + 1
    # "In two weeks' time", "dans 3 jours ouvrables": still about that day.
    begin, finish = add_to(today, sign * count, unit), add_to(today, sign * second.value, unit) if second else None
    if begin is None:
        return None
    if second is not None and finish is not None:
        return Mention(i, end, span=Vague(min(begin, finish), max(begin, finish)), toward=sign)
    if unit == "month" and line.at(end) in {"et", "y"} and line.at(end + 1) in {"demi", "medio"}:
        return Mention(i, end + 2, on=begin + timedelta(days=sign * 15), toward=sign)
    return Mention(i, end, on=begin, toward=sign)


def _after_sign(line: Line, i: int) -> tuple[int, int] | None:
    """What says that a duration lies ahead (1) or behind (-1), and where the duration starts."""
    signed = _SIGNS.at(line, i)
    if signed is not None:
        return signed
    # "I have been here for 3 weeks".
    if line.at(i) == "for" and ({"been", "here", "arrived"} & {line.at(i - k) for k in (1, 2, 3)}):
        return -1, i + 1
    return None


_SIGNS = Phrases("""
1: dentro de, reste, restent, falta, faltan, dans, within, ds, in, en, d ici, dici, de aqui a, after
-1: il y a, y a, ya, ca fait, cela fait, depuis, desde hace, hace, llevo, llevamos, since, been here
""")


def _trailing_duration(line: Line, i: int, today: date) -> Mention | None:
    """3 days ago, 2 weeks from now, dos semanas atrás, a week from Friday."""
    number = line.number(i, or_a=True)
    if line.has(i, "week", "from"):
        number = Number(1, i, is_ordinal=False, is_digits=False)
    if number is None or number.is_ordinal or line.digits(i - 1) is not None:
        return None
    unit = UNITS.get(line.at(number.end))
    if unit is None:
        return None
    end = number.end + 1
    if line.at(end) in {"ago", "atras"} or line.has(end, "plus", "tot"):
        begin = add_to(today, -number.value, unit)
        return None if begin is None else Mention(i, end + 1 + (line.at(end) == "plus"), on=begin, toward=-1)
    if line.at(end) in {"from", "after", "on"}:
        if line.has(end, "from", "now"):
            base: date | None = today
            end += 2
        else:
            inner = known_day(line, end + 1, today) or weekday_phrase(line, end + 1, today)
            if inner is None:
                return None
            settled = settle(inner, today)
            base, end = (settled.day if isinstance(settled, Settled) else None), inner.end
        later = None if base is None else add_to(base, number.value, unit)
        return None if later is None else Mention(i, end, on=later, toward=1)
    return None


def relative_period(line: Line, i: int, today: date) -> Mention | None:
    """La semaine prochaine, fin du mois, early next week, lundi de la semaine prochaine (read by the weekday)."""
    third, at = read_third(line, i)
    period = read_period(line, at)
    if period is None and third is not None:
        unit, end = read_unit(line, at)
        # "Mi mes" is "my month".
        is_whole = line.at(at) in {"mois", "semaine"} if line.at(i) == "mi" else at > i + 1
        if unit in {"month", "year", "week"} and is_whole:
            period = (unit, 0, end)
    if period is None:
        return None
    unit_, shift, end = period
    span = span_of(unit_, shift, today)
    if unit_ == "week":
        weekday = line.weekday(line.skip(end, frozenset({"on", "le", "el", ","})))
        if weekday is not None and span.first is not None and third is None:
            at = line.skip(end, frozenset({"on", "le", "el", ","}))
            return Mention(i, at + 1, on=span.first + timedelta(days=weekday))
    return Mention(i, end, span=span if third is None else take_third(span, third), toward=shift)


def weekday_phrase(line: Line, i: int, today: date) -> Mention | None:
    """Lundi, next Monday, el lunes que viene, vendredi en huit, jeudi le 26 novembre, Monday of next week."""
    toward, at = 0, i
    if line.at(i) in NEXT_WORDS | LAST_WORDS | THIS_WORDS:
        toward = 1 if line.at(i) in NEXT_WORDS else -1 if line.at(i) in LAST_WORDS else 0
        at = i + 1
        if line.has(i, "this", "past"):
            toward, at = -1, i + 2
    is_short = line.weekday(at) is None
    weekday = line.weekday(at, may_be_short=True)
    if weekday is None or line.at(at - 1) in _BEFORE_FEASTS or line.at(at + 1) in {"santo", "saint", "paques"}:
        return None
    end = at + 1 + (line.at(at + 1) == "." and is_short)
    after, end = read_direction(line, end)
    toward = toward or after
    later = _WEEKS_LATER.at(line, end)
    if later is not None and not is_short:
        return Mention(i, later[1], weekday=weekday, weeks=later[0], toward=1)
    # The day of the month that follows.
    number_at = line.skip(end, word_set(", le el the du dia l . on de"))
    dated = day_then_month(line, number_at, today) or month_then_day(line, number_at, today)
    dated = dated or numeric_date(line, number_at, today)
    if dated is not None and dated.on is None:
        return replace(dated, start=i, weekday=weekday, toward=toward or dated.toward)
    if dated is not None:
        return replace(dated, start=i)
    if not is_short:
        number = line.number(number_at)
        is_day = number is not None and (line.at(number_at - 1) != "," or number.is_ordinal)
        # "The Tuesday one".
        is_day = is_day and line.at(number_at) != "one"
        if (
            number is not None
            and is_day
            and 1 <= number.value <= 31
            and may_be_a_day(line, number.end, number.is_digits)
        ):
            return Mention(i, number.end, day=number.value, weekday=weekday, toward=toward)
    period_at = line.skip(end, ARTICLES | {","})
    period = read_period(line, period_at)
    if period is not None and period[0] == "week" and not is_short:
        first = span_of("week", period[1], today).first
        assert first is not None
        return Mention(i, period[2], on=first + timedelta(days=weekday))
    if is_short and not _is_surely_weekday(line, at, end):
        return None
    return Mention(i, end, weekday=weekday, toward=toward)


_WEEKS_LATER = Phrases("""
1: en huit, en 8, en huit jours, en ocho, en ocho dias
2: en quinze, en 15, en quinze jours, en quince, en quince dias
""")


def _is_surely_weekday(line: Line, i: int, end: int) -> bool:
    """ "Mon", "vie" or "sat" are words too: what shows that they are days."""
    before = line.at(i - 1)
    if len(line) == 1 or before in {"on", "next", "last"} or line.at(end) in PARTS_OF_TODAY:
        return True
    if line.at(i) in {"fri", "wed", "weds", "thu", "thurs", "thur", "tues", "lun", "sab"}:
        return len(line) <= 2 or before in ARRIVING or before in THIS_WORDS
    return False


def month_alone(line: Line, i: int, today: date) -> Mention | None:
    """Décembre, fin novembre, mid-January, la première semaine de mars, en mars 2027."""
    third, at = read_third(line, i)
    nth_week = None
    if third is None:
        number = line.number(i)
        is_last = line.at(i) in LAST_WORDS
        week_at = number.end if number is not None else i + 1
        if (is_last or (number is not None and number.is_ordinal)) and UNITS.get(line.at(week_at)) == "week":
            nth_week = -1 if number is None else number.value
            at = line.skip(week_at + 1, ARTICLES)
    toward_before = 0
    if line.at(at) in NEXT_WORDS | LAST_WORDS | THIS_WORDS:
        toward_before = 1 if line.at(at) in NEXT_WORDS else -1 if line.at(at) in LAST_WORDS else 0
        at += 1
    is_before_year = len(line.at(at + 1)) == 4 and 2000 <= (line.digits(at + 1) or 0) <= 2100
    is_after_cue = (at > i or line.at(i - 1) in _MONTH_CUES) and line.at(at) in _MONTHS_AFTER_CUES
    month = line.month(at, is_beside_number=is_before_year or is_after_cue)
    is_place = line.at(at + 1) in {"iles", "rivieres"}
    if month is None or is_place or (line.at(at) == "may" and line.at(at - 1) in THIS_WORDS):
        return None
    year, end = read_year(line, at + 1)
    toward, end = read_direction(line, end)
    return Mention(
        i,
        end,
        month=month,
        year=year,
        third=third,
        nth_week=nth_week,
        toward=toward or toward_before or direction_before(line, i),
    )


def year_alone(line: Line, i: int, today: date) -> Mention | None:
    value = line.digits(i)
    if value is None or not 2000 <= value <= 2100 or len(line.at(i)) != 4 or line.at(i + 1) in MARKS_OF_A_SUM:
        return None
    if line.at(i + 1) in {"-", "/", "."} and line.is_glued(i + 1):
        return None
    if len(line) == 1 or line.at(i - 1) in {"en", "in", "since", "depuis", "desde", "annee", "year", "ano"}:
        return Mention(i, i + 1, year=value)
    return None
