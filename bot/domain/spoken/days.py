"""Finds the days a message speaks of, and settles which date each one is.

`find_days` reads what is written ("le 15", "lundi en huit", "fin novembre"); `settle` gives the date, once the reader
knows whether the message speaks of the past.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.domain.spoken.words import ARRIVING, COURTESY, SMALL, UNITS, Line, Number, Phrases, word_set

CORRECTIONS = word_set(
    """non no nope nan plutot mejor perdon pardon sorry actually finalement oops oups disculpe disculpa rather
    correction wait mean meant dire decir sino trompe equivoque mistake digo bien desole desolee finalmente"""
)
# A past day is taken without words of the past only when it is this near.
NEAR_PAST = timedelta(days=60)
# "Since December 3", said in November, is nearly a year ago: perhaps a slip.
SURELY_MEANT = timedelta(days=300)
WEEK = timedelta(days=7)

_NEXT = word_set("prochain prochaine next proximo proxima suivant suivante siguiente entrante coming upcoming")
_LAST = word_set("dernier derniere passe passee last pasado pasada past ultimo ultima")
_THIS = word_set("ce cet cette this este esta")
_ARTICLES = word_set("le la el l the de du del d of en in los las")
_TO_MONTH = word_set("de du del d of the mois mes month")
_TO_YEAR = word_set(", . de del of du en l year ano annee")
_THIRDS = {
    **dict.fromkeys(word_set("debut early beginning start principio principios inicio inicios comienzo comienzos"), 0),
    **dict.fromkeys(word_set("mi mid milieu middle mediados mediado mitad"), 1),
    **dict.fromkeys(word_set("fin late end final finales fines finale"), 2),
}
_NUMBERED_WEEKS = {1: (1, 7), 2: (8, 14), 3: (15, 21), 4: (22, 28)}
_ABOUT = word_set("environ about around juste exactly exactement encore peu pres como approximativement")
_FEW = word_set("quelques few couple unos unas algunos algunas varios varias plusieurs several par some")
_PARTS_OF_TODAY = word_set("matin soir nuit aprem apresmidi midi morning afternoon evening manana tarde noche")
_TO_DAY = word_set("et and y au al a to - – hasta")
_OR = word_set("ou or o")
# Easter Monday, Black Friday, Santo Domingo: other days, or no day.
_BEFORE_FEASTS = word_set("santo black easter good cyber")
_MARKS_OF_A_SUM = word_set("$ % € £ # / ° +")
# Months only beside figures: they are also verbs, numbers or small words.
_OTHER_WORDS = word_set("may march mar sept set ago")
# Before "12/3" or "3-12": what makes it a date and not a fraction or a score.
_BEFORE_NUMERIC = _ARTICLES | ARRIVING | _THIS | word_set("on : , ( - le el al es est c is for pour para date fecha")
_BEFORE_DAY = word_set("le el al del du")
_COUNTED = word_set("""ans annees enfant enfants personne personnes dollars dollar piece pieces years year kids kid children people
    persons hijos hijo ninos personas dormitorios dormitorio habitaciones cuartos cuarto km kg valises valise maletas pm
    am percent pourcent fois times veces euros pesos rue avenue street calle heures heure hour hours h hs
    hr hrs hres horas hora""") | frozenset(UNITS) - {"j", "day", "jour", "dia", "min", "mo", "moi"}
_HALVES = word_set("demi demie quart medio media cuarto half")
_OF_THE = word_set("de la du del d l")
_AFTER_DAY_WORD = SMALL | COURTESY | ARRIVING | word_set("""matin soir probably hopefully normalement normalmente probablement probablemente maybe peut quiza prochain next
    proximo exactement exactamente exactly sharp pile demain then""")


@dataclass(frozen=True)
class NoSuchDay:
    """31 February: `days` is how many that month has that year."""

    month: int
    year: int
    days: int


@dataclass(frozen=True)
class Vague:
    """A time but no day: "fin novembre", "next week", "pronto". The bounds are those said, None where open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Mention:
    """One time as written in tokens `start` to `end`. `toward`: -1 past or 1 to come, when its own words say so."""

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    weeks: int = 0
    on: date | None = None
    span: Vague | None = None
    third: int | None = None
    nth_week: int | None = None
    toward: int = 0
    is_sure: bool = True
    until: int | None = None
    is_either: bool = False

    @property
    def is_bare_day(self) -> bool:
        return self.day is not None and self.month is None and self.on is None

    @property
    def is_weekday_only(self) -> bool:
        return self.weekday is not None and self.day is None and self.on is None

    @property
    def names_a_day(self) -> bool:
        return self.on is not None or self.day is not None or self.weekday is not None


@dataclass(frozen=True)
class Settled:
    day: date
    is_sure: bool


def find_days(line: Line, today: date) -> list[Mention]:
    """The times written in a message, in order, none overlapping."""
    found: list[Mention] = []
    i = 0
    while i < len(line):
        mention = next((m for read in _READERS if (m := read(line, i, today)) is not None), None)
        if mention is None:
            i += 1
        else:
            found.append(mention)
            i = mention.end
    return found


def settle(mention: Mention, today: date, *, is_past: bool = False) -> Settled | NoSuchDay | Vague:
    """The date a mention means. `is_past`: the words around it speak of the past."""
    toward = mention.toward or (-1 if is_past else 0)
    if mention.span is not None:
        return mention.span
    if mention.on is not None:
        return Settled(mention.on, is_sure=False)
    if mention.day is None:
        if mention.weekday is not None:
            return Settled(_weekday(mention.weekday, today, toward) + mention.weeks * WEEK, is_sure=False)
        return _month_or_year(mention, today, toward)
    if mention.month is None:
        return Settled(_bare_day(mention.day, mention.weekday, today, toward), is_sure=False)
    year, is_sure = mention.year, mention.is_sure
    if year is None:
        year, is_likely = _likely_year(mention.month, mention.day, today, toward)
        is_sure = is_sure and is_likely
    days = monthrange(year, mention.month)[1]
    if not 1 <= mention.day <= days:
        return NoSuchDay(mention.month, year, days)
    day = date(year, mention.month, mention.day)
    if mention.until is not None and mention.is_either:
        return Settled(day, is_sure=False)
    if mention.until is not None:
        return Vague(day, date(year, mention.month, min(max(mention.until, mention.day), days)))
    # A weekday that agrees settles what was open, and one that does not opens it.
    return Settled(day, is_sure if mention.weekday is None else mention.weekday == day.weekday())


def after_correction(line: Line, mentions: Sequence[Mention], words: frozenset[str]) -> tuple[list[Mention], bool]:
    """What follows the last of these words ("non, plutôt"), with the month or the day it takes from what it corrects."""
    for k in range(len(mentions) - 1, 0, -1):
        before, after = mentions[k - 1], mentions[k]
        if any(line.at(i) in words for i in range(before.end, after.start)):
            if after.is_bare_day and after.weekday is None and before.month is not None:
                after = replace(after, month=before.month, year=before.year, is_sure=False)
            elif after.day is None and after.month is not None and after.third is None and before.day is not None:
                after = replace(after, day=before.day, is_sure=False)
            return [after, *mentions[k + 1 :]], True
    return list(mentions), False


def _likely_year(month: int, day: int, today: date, toward: int) -> tuple[int, bool]:
    """The year meant, and whether the odds are for it."""
    ahead = today.year if (month, day) >= (today.month, today.day) else today.year + 1
    behind = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    to_come, gone = _within(ahead, month, day) - today, today - _within(behind, month, day)
    if toward < 0:
        return behind, gone <= SURELY_MEANT
    if toward == 0 and gone <= NEAR_PAST and gone < to_come:
        return behind, False
    return ahead, to_come <= gone or toward > 0


def _within(year: int, month: int, day: int) -> date:
    """That day, or the nearest one the month has."""
    return date(year, month, min(max(day, 1), monthrange(year, month)[1]))


def _bare_day(day: int, weekday: int | None, today: date, toward: int) -> date:
    """The nearest such day of a month; with a weekday, one near that falls on it if there is one."""
    step = -1 if toward < 0 else 1
    ahead = _months_with(day, today, step)
    if weekday is None or ahead[0].weekday() == weekday:
        return ahead[0]
    near = [ahead[1], *(d for d in _months_with(day, today, -step)[:1] if abs(d - today) <= NEAR_PAST)]
    return next((d for d in near if d.weekday() == weekday), ahead[0])


def _months_with(day: int, today: date, step: int) -> list[date]:
    """That day in the months that have it, from today on or back."""
    found: list[date] = []
    year, month = today.year, today.month
    while len(found) < 2:
        if day <= monthrange(year, month)[1]:
            candidate = date(year, month, day)
            if (candidate - today).days * step >= 0:
                found.append(candidate)
        year, month = _shift(year, month, step)
    return found


def _weekday(weekday: int, today: date, toward: int) -> date:
    """The next such weekday, today excluded; the last one for the past."""
    if toward < 0:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _month_or_year(mention: Mention, today: date, toward: int) -> Vague:
    if mention.month is None:
        year = mention.year or today.year
        return Vague(date(year, 1, 1), date(year, 12, 31))
    year = mention.year or _likely_year(mention.month, 1 if toward < 0 else 31, today, toward)[0]
    days = monthrange(year, mention.month)[1]
    if mention.nth_week is not None:
        first, last = _NUMBERED_WEEKS.get(mention.nth_week, (days - 6, days))
        return Vague(date(year, mention.month, first), date(year, mention.month, last))
    whole = Vague(date(year, mention.month, 1), date(year, mention.month, days))
    return whole if mention.third is None else _third(whole, mention.third)


def _third(whole: Vague, third: int) -> Vague:
    assert whole.first is not None and whole.last is not None
    length = ((whole.last - whole.first).days + 1) // 3
    bounds = [whole.first, whole.first + timedelta(days=length), whole.first + timedelta(days=2 * length)]
    last = whole.last if third == 2 else bounds[third + 1] - timedelta(days=1)
    return Vague(bounds[third], last)


def _shift(year: int, month: int, by: int) -> tuple[int, int]:
    months = year * 12 + month - 1 + by
    return months // 12, months % 12 + 1


def _add(today: date, count: int, unit: str) -> date | None:
    """None beyond the calendar."""
    try:
        if unit in {"month", "year"}:
            year, month = _shift(today.year, today.month, count * (12 if unit == "year" else 1))
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        # The hour of the day is not known: 24 hours are a day, fewer are today.
        if unit == "hour":
            count, unit = (abs(count) // 24) * (1 if count > 0 else -1), "day"
        return today + timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}.get(unit, 0))
    except (ValueError, OverflowError):
        return None


# Readers: one kind of phrase each. They look at token `i` and a few after it.


def _numeric(line: Line, i: int, today: date) -> Mention | None:
    """2026-12-03, 3/12/2026, 3-12-26, 3.12.2026, 3/12, 03 12 2026."""
    numbers, separator, end = _run_of_numbers(line, i)
    if len(numbers) == 3:
        return _three_numbers(numbers, separator, i, end, today)
    if len(numbers) != 2 or separator == " ":
        return None
    first, second = numbers
    is_alone = i == 0 and all(line.is_end(k) for k in range(end, len(line)))
    is_after_weekday = line.weekday(i - 1, may_be_short=True) is not None
    has_article = line.at(i - 1) in _BEFORE_DAY or line.has(i - 2, "on", "the")
    if (first, second) == (24, 7) and not (has_article or is_after_weekday):
        return None
    if not (i == 0 or line.at(i - 1) in _BEFORE_NUMERIC or is_after_weekday):
        return None
    if separator != "/" and not (is_alone or has_article or line.at(i - 1) == "on"):
        return None
    if not (line.is_end(end) or line.at(end) in SMALL | COURTESY | ARRIVING):
        return None
    return _day_and_month(first, second, None, i, end, is_sure=separator == "/")


def _run_of_numbers(line: Line, i: int) -> tuple[list[int], str, int]:
    """Numbers joined by one separator: the numbers, the separator and where the run ends."""
    first = line.digits(i)
    if first is None or (line.is_glued(i) and line.at(i - 1) in {"-", "/", ".", "+"}):
        return [], "", i
    separator = line.at(i + 1) if line.at(i + 1) in {"-", "/", "."} else " "
    numbers, end = [first], i + 1
    while len(numbers) < 4:
        at = end if separator == " " else end + 1
        is_joined = separator == " " or line.at(end) == separator
        number = line.digits(at)
        if not is_joined or number is None or (separator == "." and not line.is_glued(at)):
            break
        numbers.append(number)
        end = at + 1
    if separator == " " and not (len(numbers) == 3 and len(line.at(i + 2)) == 4 and 2000 <= numbers[2] <= 2100):
        return [], "", i
    if any(len(line.at(k)) > 2 for k in range(i, end)) and len(numbers) == 2:
        return [], "", i
    return numbers, separator, end


def _three_numbers(numbers: list[int], separator: str, start: int, end: int, today: date) -> Mention | None:
    a, b, c = numbers
    if a > 31 and 1900 <= a <= 2100:
        return _day_and_month(c, b, a, start, end, is_sure=True, may_swap=False)
    if c >= 1900:
        return _day_and_month(a, b, c, start, end, is_sure=True) if c <= 2100 else None
    if not 0 <= c <= 99:
        return None
    if abs(2000 + c - today.year) > 2 and abs(2000 + a - today.year) <= 2:
        return _day_and_month(c, b, 2000 + a, start, end, is_sure=False, may_swap=False)
    return _day_and_month(a, b, 2000 + c, start, end, is_sure=True)


def _day_and_month(
    day: int, month: int, year: int | None, start: int, end: int, *, is_sure: bool, may_swap: bool = True
) -> Mention | None:
    """Day first in this product, unless only month first makes sense."""
    if month > 12 and day <= 12 and may_swap:
        return _day_and_month(month, day, year, start, end, is_sure=False, may_swap=False)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    could_swap = may_swap and day <= 12 and day != month
    return Mention(start, end, day, month, year, is_sure=is_sure and not could_swap)


def _day_then_month(line: Line, i: int, today: date) -> Mention | None:
    """3 décembre 2026, the 3rd of December, tres de diciembre del 2026, le 3 du 12, le 15 du mois prochain."""
    number = line.number(i)
    if number is None or number.value > 99 or _is_part_of_a_number(line, i):
        return None
    at = line.skip(number.end, _TO_MONTH)
    if line.at(at) == "." or line.at(at) == ",":
        at = line.skip(at + 1, _TO_MONTH) if number.is_ordinal or line.at(at) == "." else at
    month = line.month(at, is_beside_number=True)
    if month is not None and (number.value > 59 or _is_a_verb(line, number, at)):
        month = None
    if month is None:
        period = read_period(line, line.skip(number.end, _ARTICLES))
        if period is not None and period[0] == "month" and at > number.end and 1 <= number.value <= 31:
            year, month = _shift(today.year, today.month, period[1])
            days = monthrange(year, month)[1]
            if number.value > days:
                return Mention(i, period[2], number.value, month, year)
            return Mention(i, period[2], on=date(year, month, number.value))
        value = line.digits(number.end + 1)
        is_spoken = line.at(number.end) in {"du", "del"} and line.at(i - 1) in {"le", "el", "the", "dia"}
        if not (is_spoken and value is not None and 1 <= value <= 12 and number.value <= 31):
            return None
        month, at = value, number.end + 1
    year, end = _year(line, at + 1)
    toward, end = _direction(line, end)
    return Mention(i, end, number.value, month, year, toward=toward or _direction_before(line, i))


def _is_a_verb(line: Line, number: Number, month_at: int) -> bool:
    """ "Three may come", "dix sept", "2 days ago": no month."""
    word = line.at(month_at)
    return month_at == number.end and not number.is_digits and not number.is_ordinal and word in _OTHER_WORDS


def _month_then_day(line: Line, i: int, today: date) -> Mention | None:
    """December 3rd, 2026; diciembre 3; décembre le 3."""
    month = line.month(i, is_beside_number=True)
    if month is None:
        return None
    at = line.skip(i + 1, word_set(". the le el ,"), 2)
    number = line.number(at)
    if number is None or not 0 <= number.value <= 59 or number.value == 0:
        return None
    if line.at(i) in _OTHER_WORDS | {"mars"} and not number.is_digits and not number.is_ordinal:
        return None
    after_comma = line.at(i + 1) == "," and not number.is_ordinal
    if not _may_be_bare_day(line, i, number.end, number.is_digits and not after_comma):
        return None
    year, end = _year(line, number.end)
    # "décembre 26" may be a year.
    could_be_year = not number.is_ordinal and year is None and number.value in {today.year % 100, today.year % 100 + 1}
    until, is_either, end = _second_day(line, end, number.value)
    toward, end = _direction(line, end)
    is_english = line.at(i) in {"december", "november", "october", "september", "january", "february", "july", "june"}
    return Mention(
        i, end, number.value, month, year, is_sure=is_english or not could_be_year,
        toward=toward or _direction_before(line, i), until=until, is_either=is_either,
    )


def _second_day(line: Line, i: int, first: int) -> tuple[int | None, bool, int]:
    """December 3 to 5, December 3 or 4: the other day, whether it is a choice, and where it ends."""
    joint = line.at(i)
    number = line.number(line.skip(i + 1, frozenset({"the", "el", "le"}), 1)) if joint in _TO_DAY | _OR else None
    if number is None or not number.is_digits or not first < number.value <= 31 or not line.is_end(number.end):
        return None, False, i
    return number.value, joint in _OR, number.end


def _year(line: Line, i: int) -> tuple[int | None, int]:
    """A year after a month, and where it ends."""
    at = line.skip(i, _TO_YEAR)
    value = line.digits(at)
    if value is not None and len(line.at(at)) == 4 and 1900 <= value <= 2100:
        return value, at + 1
    if line.at(at) in {"'", "’"}:
        return None, i
    return None, i + 1 if line.at(i) == "." and line.is_glued(i) else i


def _days_then_month(line: Line, i: int, today: date) -> Mention | None:
    """3-5 décembre, between 3 and 5 December, el 3 o el 4 de diciembre."""
    first = line.number(i)
    if first is None or _is_part_of_a_number(line, i):
        return None
    joint = line.at(first.end)
    if joint not in _TO_DAY | _OR:
        return None
    at = line.skip(first.end + 1, frozenset({"le", "el", "the"}))
    last = line.number(at)
    if last is None or last.value <= first.value:
        return None
    dated = _day_then_month(line, at, today)
    if dated is None or dated.day is None or dated.month is None or not 1 <= first.value <= dated.day <= 31:
        return None
    return replace(dated, start=i, day=first.value, until=dated.day, is_either=joint in _OR, is_sure=False)


def _is_part_of_a_number(line: Line, i: int) -> bool:
    """A decimal, a sum of money, the end of a telephone number or of a time of day."""
    if line.digits(i) is None:
        return False
    before = line.at(i - 1)
    if before in {"$", "#", "/", "+"} or (before in {"-", ".", ",", ":"} and line.is_glued(i) and line.digits(i - 2) is not None):
        return True
    return False


def _known_day(line: Line, i: int, today: date) -> Mention | None:
    """Today, tomorrow, the day before yesterday, this morning, Christmas."""
    shifted = _SHIFTS.at(line, i)
    if shifted is not None:
        shift, end = shifted
        if line.at(i) == "manana" and line.at(i - 1) == "la":
            return None
        if line.has(end, "en", "huit") or line.has(end, "en", "ocho"):
            return Mention(i, end + 2 + (line.at(end + 2) == "dias"), on=_add(today, shift + 7, "day"))
        return Mention(i, end, on=_add(today, shift, "day"))
    if line.at(i) in _THIS and line.at(i + 1) in _PARTS_OF_TODAY:
        return Mention(i, i + 2, on=today)
    if line.at(i) in _THIS and line.at(i + 1) in {"apres", "avant"} and line.at(i + 2) == "midi":
        return Mention(i, i + 3, on=today)
    feast = _FEASTS.at(line, i)
    if feast is not None:
        month, day = divmod(feast[0], 100)
        year, end = _year(line, feast[1])
        return Mention(i, end, day, month, year, is_sure=False, toward=_direction_before(line, i))
    return None


_SHIFTS = Phrases("""
-2: avant hier, avanthier, day before yesterday, antes de ayer, anteayer, antier, antes ayer, ante ayer
-1: hier, yesterday, yesteday, yesturday, yersterday, ayer, anoche, last night, nuit derniere
0: aujourd hui, aujourd ui, aujourdhui, ajd, auj, ojd, aujourdui, aujourduit, today, todays, 2day, hoy, oy, tonight, tonite
1: demain, demin, dmain, tomorrow, tomorow, tommorow, tommorrow, tomorro, tmrw, tmr, 2moro, 2morrow, manana, maniana
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


def _duration(line: Line, i: int, today: date) -> Mention | None:
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
    begin, finish = _add(today, sign * count, unit), _add(today, sign * second.value, unit) if second else None
    if begin is None:
        return None
    if second is not None and finish is not None:
        return Mention(i, end, span=Vague(min(begin, finish), max(begin, finish)), toward=sign)
    if line.at(end) in {"et", "y", "and"} and line.at(end + 1) in {"demi", "demie", "medio", "media"} and unit == "month":
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
-1: il y a, y a, ya, ca fait, cela fait, depuis, desde hace, hace, llevo, llevamos, since
""")


def _trailing_duration(line: Line, i: int, today: date) -> Mention | None:
    """3 days ago, 2 weeks from now, dos semanas atrás, a week from Friday."""
    number = line.number(i, or_a=True)
    if number is None or number.is_ordinal or line.digits(i - 1) is not None:
        return None
    unit = UNITS.get(line.at(number.end))
    if unit is None:
        return None
    end = number.end + 1
    if line.at(end) in {"ago", "atras"} or line.has(end, "plus", "tot"):
        begin = _add(today, -number.value, unit)
        return None if begin is None else Mention(i, end + 1 + (line.at(end) == "plus"), on=begin, toward=-1)
    if line.at(end) in {"from", "after", "on"}:
        if line.has(end, "from", "now"):
            base: date | None = today
            end += 2
        else:
            inner = _known_day(line, end + 1, today) or _weekday_phrase(line, end + 1, today)
            if inner is None:
                return None
            settled = settle(inner, today)
            base, end = (settled.day if isinstance(settled, Settled) else None), inner.end
        later = None if base is None else _add(base, number.value, unit)
        return None if later is None else Mention(i, end, on=later, toward=1)
    return None


def read_period(line: Line, i: int) -> tuple[str, int, int] | None:
    """Next month, la semaine prochaine, la semana que viene: (unit, how many ahead, end)."""
    at = i
    shift: int | None = None
    if line.has(i, "week", "after", "next"):
        return "week", 2, i + 3
    if line.has(i, "month", "after", "next"):
        return "month", 2, i + 3
    if line.at(i - 1) in {"and", "y", "et"} and line.at(i - 2) in {"first", "primer", "premier"}:
        return None
    if line.at(i) in _NEXT | _LAST | _THIS:
        shift = 1 if line.at(i) in _NEXT else -1 if line.at(i) in _LAST else 0
        at = i + 1
    unit, end = _unit(line, at)
    if unit is None:
        return None
    toward, end_after = _direction(line, end)
    if toward and shift in {None, 0}:
        return unit, toward, end_after
    if shift is None:
        return ("weekend", 0, end) if unit == "weekend" else None
    return unit, shift, end


def _unit(line: Line, i: int) -> tuple[str | None, int]:
    weekend = _WEEKEND.at(line, i)
    if weekend is not None:
        return "weekend", weekend[1]
    unit = UNITS.get(line.at(i))
    return (unit, i + 1) if unit in {"week", "month", "year"} else (None, i)


_WEEKEND = Phrases("0: week end, weekend, fin de semaine, fin de semana, finde")


def _span(unit: str, shift: int, today: date) -> Vague:
    if unit == "month":
        year, month = _shift(today.year, today.month, shift)
        return Vague(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    if unit == "year":
        return Vague(date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))
    monday = today - timedelta(days=today.weekday()) + shift * WEEK
    return Vague(monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))


def _period(line: Line, i: int, today: date) -> Mention | None:
    """La semaine prochaine, fin du mois, early next week, lundi de la semaine prochaine (read by the weekday)."""
    third, at = _third_of(line, i)
    period = read_period(line, at)
    if period is None and third is not None:
        unit, end = _unit(line, at)
        # "Mi mes" is "my month".
        is_whole = line.at(at) in {"mois", "semaine"} if line.at(i) == "mi" else at > i + 1
        if unit in {"month", "year", "week"} and is_whole:
            period = (unit, 0, end)
    if period is None:
        return None
    unit_, shift, end = period
    span = _span(unit_, shift, today)
    if unit_ == "week":
        weekday = line.weekday(line.skip(end, frozenset({"on", "le", "el", ","})))
        if weekday is not None and span.first is not None and third is None:
            at = line.skip(end, frozenset({"on", "le", "el", ","}))
            return Mention(i, at + 1, on=span.first + timedelta(days=weekday))
    return Mention(i, end, span=span if third is None else _third(span, third), toward=shift)


def _third_of(line: Line, i: int) -> tuple[int | None, int]:
    third = _THIRDS.get(line.at(i))
    if third is None:
        return None, i
    if line.has(i, "fin", "de", "semaine") or line.has(i, "fin", "de", "semana"):
        return None, i
    if line.at(i) in {"start", "beginning"} and line.at(i + 1) != "of":
        return None, i
    return third, line.skip(i + 1, _ARTICLES)


def _weekday_phrase(line: Line, i: int, today: date) -> Mention | None:
    """Lundi, next Monday, el lunes que viene, vendredi en huit, jeudi le 26 novembre, Monday of next week."""
    toward, at = 0, i
    if line.at(i) in _NEXT | _LAST | _THIS:
        toward = 1 if line.at(i) in _NEXT else -1 if line.at(i) in _LAST else 0
        at = i + 1
        if line.has(i, "this", "past"):
            toward, at = -1, i + 2
    is_short = line.weekday(at) is None
    weekday = line.weekday(at, may_be_short=True)
    if weekday is None or line.at(at - 1) in _BEFORE_FEASTS or line.at(at + 1) in {"santo", "saint", "paques"}:
        return None
    end = at + 1 + (line.at(at + 1) == "." and is_short)
    after, end = _direction(line, end)
    toward = toward or after
    for words, weeks in ((("en", "huit"), 1), (("en", "quinze"), 2), (("en", "ocho"), 1), (("en", "quince"), 2)):
        if line.has(end, *words) and not is_short:
            return Mention(i, end + 2 + (line.at(end + 2) in {"dias", "jours"}), weekday=weekday, weeks=weeks, toward=1)
    # The day of the month that follows.
    number_at = line.skip(end, word_set(", le el the du dia l . on de"))
    dated = _day_then_month(line, number_at, today) or _month_then_day(line, number_at, today)
    dated = dated or _numeric(line, number_at, today)
    if dated is not None and dated.on is None:
        return replace(dated, start=i, weekday=weekday, toward=toward or dated.toward)
    if dated is not None:
        return replace(dated, start=i)
    if not is_short:
        number = line.number(number_at)
        if number is not None and 1 <= number.value <= 31 and _may_be_bare_day(line, number_at, number.end, number.is_digits):
            if not (line.at(number_at - 1) == "," and not number.is_ordinal):
                return Mention(i, number.end, day=number.value, weekday=weekday, toward=toward)
    period_at = line.skip(end, _ARTICLES | {","})
    period = read_period(line, period_at)
    if period is not None and period[0] == "week" and not is_short:
        first = _span("week", period[1], today).first
        assert first is not None
        return Mention(i, period[2], on=first + timedelta(days=weekday))
    if is_short and not _is_surely_weekday(line, at, end):
        return None
    return Mention(i, end, weekday=weekday, toward=toward)


def _is_surely_weekday(line: Line, i: int, end: int) -> bool:
    """ "Mon", "vie" or "sat" are words too: what shows that they are days."""
    before = line.at(i - 1)
    if len(line) == 1 or before in {"on", "next", "last"} or line.at(end) in _PARTS_OF_TODAY:
        return True
    if line.at(i) in {"fri", "wed", "weds", "thu", "thurs", "thur", "tues", "lun", "sab"}:
        return len(line) <= 2 or before in ARRIVING or before in _THIS
    return False


def _direction(line: Line, i: int) -> tuple[int, int]:
    """Prochain, dernier, que viene, after what they belong to."""
    to_come = _TO_COME.at(line, i)
    if to_come is not None:
        return to_come
    if line.at(i) in {"next", "last"} and line.at(i + 1) in UNITS:
        return 0, i
    if line.at(i) in _NEXT:
        return 1, i + 1
    if line.at(i) in _LAST and not line.has(i, "pasado", "manana"):
        return -1, i + 1
    return 0, i


_TO_COME = Phrases("1: que viene, que entra, qui vient, ki vient, a venir")


def _direction_before(line: Line, i: int) -> int:
    return 1 if line.at(i - 1) in _NEXT else -1 if line.at(i - 1) in _LAST else 0


def _bare_day_phrase(line: Line, i: int, today: date) -> Mention | None:
    """Le 15, el quince, the 15th; a message that is a number and nothing else."""
    number = line.number(i)
    if number is None or not 1 <= number.value <= 31 or _is_part_of_a_number(line, i):
        return None
    before = line.at(i - 1)
    is_alone = i == 0 and all(line.is_end(k) for k in range(number.end, len(line)))
    if is_alone and number.is_digits and not number.is_ordinal:
        return Mention(i, number.end, day=number.value)
    if number.is_ordinal and not _is_a_date_ordinal(line, i, number):
        return None
    is_english = before == "the" and (number.is_ordinal or (number.is_digits and line.is_end(number.end)))
    is_named = before in {"dia", "jour"} and number.is_digits
    is_short = number.is_digits and number.is_ordinal and before in ARRIVING | {"on", "by", "since", "until"}
    is_next = before in _NEXT and number.is_digits and line.at(i - 2) in _BEFORE_DAY
    if not (before in _BEFORE_DAY or is_english or is_named or is_short or is_next):
        return None
    if not number.is_digits and before in {"al", "du", "del"}:
        return None
    if not _may_be_bare_day(line, i, number.end, number.is_digits and before != "the"):
        return None
    toward, end = _direction(line, number.end)
    return Mention(i, end, day=number.value, toward=toward or _direction_before(line, i))


def _is_a_date_ordinal(line: Line, i: int, number: Number) -> bool:
    """The 1er and the 3rd are days; "le 2e" and "el segundo" are not, nor is the first who leaves."""
    if number.is_digits:
        ending = line.tokens[i].raw.lstrip("0123456789")
        return ending in {"st", "nd", "rd", "th"} or (number.value == 1 and ending in {"er", "ro", "ero", "o"})
    if number.value > 1 and line.at(i - 1) != "the":
        return False
    if line.at(i) not in {"premier", "primero"} and line.at(i - 1) != "the" or line.at(number.end) in {"day", "jour", "dia"}:
        return False
    says_when = any(line.at(i - k) in ARRIVING | {"es", "est", "on"} for k in (2, 3))
    return says_when or (i <= 1 and number.end >= len(line))


def _may_be_bare_day(line: Line, i: int, end: int, is_digits: bool) -> bool:
    """Whether a number counts nothing: what follows is no unit, no sum, no hour."""
    after = line.at(end)
    is_decimal = after in {".", ",", ":", "-"} and line.is_glued(end) and line.is_glued(end + 1)
    if after in _MARKS_OF_A_SUM or (is_decimal and line.digits(end + 1) is not None):
        return False
    if after in {"1", "2", "3"} and line.at(end + 1) == "/":
        return False
    if after in {"et", "and", "y"}:
        return line.at(end + 1) not in _HALVES
    if after in {"por", "per", "pour"} and line.at(end + 1) in {"ciento", "cent", "cents"}:
        return False
    if after in {"de", "du", "del", "d"} and line.at(line.skip(end, _OF_THE)) in _PARTS_OF_TODAY | {"apres"}:
        return False
    if after in _COUNTED:
        return False
    return is_digits or line.is_end(end) or after in _AFTER_DAY_WORD or line.weekday(end) is not None


def _month_alone(line: Line, i: int, today: date) -> Mention | None:
    """Décembre, fin novembre, mid-January, la première semaine de mars, en mars 2027."""
    third, at = _third_of(line, i)
    nth_week = None
    if third is None:
        number = line.number(i)
        is_last = line.at(i) in _LAST
        if (number is not None and number.is_ordinal or is_last) and UNITS.get(line.at(number.end if number else i + 1)) == "week":
            nth_week = -1 if number is None else number.value
            at = line.skip((number.end if number else i + 1) + 1, _ARTICLES)
    toward_before = 0
    if line.at(at) in _NEXT | _LAST | _THIS:
        toward_before = 1 if line.at(at) in _NEXT else -1 if line.at(at) in _LAST else 0
        at += 1
    has_cue = at > i or line.at(i - 1) in {"in", "en", "by", "of", "since", "depuis", "desde", "until", "till", "before", "after"}
    is_before_year = len(line.at(at + 1)) == 4 and 2000 <= (line.digits(at + 1) or 0) <= 2100
    month = line.month(at, is_beside_number=is_before_year or has_cue and line.at(at) in {"may", "march", "dec", "nov", "oct", "sept", "sep", "jan", "feb", "janv", "fev", "dic", "ene"})
    is_place = line.at(at + 1) in {"iles", "rivieres"}
    if month is None or is_place or (line.at(at) == "may" and line.at(at - 1) in _THIS):
        return None
    year, end = _year(line, at + 1)
    toward, end = _direction(line, end)
    return Mention(
        i, end, month=month, year=year, third=third, nth_week=nth_week,
        toward=toward or toward_before or _direction_before(line, i),
    )


def _year_alone(line: Line, i: int, today: date) -> Mention | None:
    value = line.digits(i)
    if value is None or not 2000 <= value <= 2100 or len(line.at(i)) != 4 or line.at(i + 1) in _MARKS_OF_A_SUM:
        return None
    if line.at(i + 1) in {"-", "/", "."} and line.is_glued(i + 1):
        return None
    if len(line) == 1 or line.at(i - 1) in {"en", "in", "since", "depuis", "desde", "annee", "year", "ano"}:
        return Mention(i, i + 1, year=value)
    return None


_READERS: tuple[Callable[[Line, int, date], Mention | None], ...] = (
    _numeric, _days_then_month, _day_then_month, _weekday_phrase, _month_then_day, _known_day, _duration, _month_alone, _period,
    _bare_day_phrase, _year_alone,
)  # fmt: skip
