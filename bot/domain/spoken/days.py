"""Finds the days a message speaks of, and settles which date each one is.

`find_days` reads what is written ("le 15", "lundi en huit", "fin novembre"); `settle` gives the date, once the reader
knows whether the message speaks of the past.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.domain.spoken.words import ARRIVING, COURTESY, SMALL, UNITS, Line

# A past day is taken without words of the past only when it is this near.
NEAR_PAST = timedelta(days=60)
# "Since December 3", said in November, is nearly a year ago: perhaps a slip.
SURELY_MEANT = timedelta(days=300)
WEEK = timedelta(days=7)

_NEXT = frozenset("prochain prochaine next proximo proxima suivant suivante siguiente entrante coming upcoming".split())
_LAST = frozenset("dernier derniere passe passee last pasado pasada past ultimo ultima".split())
_THIS = frozenset("ce cet cette this este esta".split())
_ARTICLES = frozenset("le la el l the de du del d of en in los las".split())
_TO_MONTH = frozenset("de du del d of the mois mes month".split())
_TO_YEAR = frozenset(", . de del of du en l year ano annee".split())
_THIRDS = {
    **dict.fromkeys("debut early beginning start principio principios inicio inicios comienzo comienzos".split(), 0),
    **dict.fromkeys("mi mid milieu middle mediados mediado mitad".split(), 1),
    **dict.fromkeys("fin late end final finales fines finale".split(), 2),
}
_NUMBERED_WEEKS = {1: (1, 7), 2: (8, 14), 3: (15, 21), 4: (22, 28)}
_FEW = frozenset("quelques few couple unos unas algunos algunas varios varias plusieurs several par some".split())
_TODAY = frozenset(
    "aujourdhui ajd auj ojd aujourdui aujourduit today todays 2day hoy oy tonight tonite".split()
)
_TOMORROW = frozenset("demain demin dmain tomorrow tomorow tommorow tommorrow tmrw tmr 2moro 2morrow tomorro".split())
_YESTERDAY = frozenset("hier yesterday yesteday yesturday ayer anoche yersterday".split())
_PARTS_OF_TODAY = frozenset("matin soir nuit aprem apresmidi midi morning afternoon evening manana tarde noche".split())
_MARKS_OF_A_SUM = frozenset("$ % € £ # / ° +".split())
# Before "12/3" or "3-12": what makes it a date and not a fraction or a score.
_BEFORE_NUMERIC = _ARTICLES | ARRIVING | _THIS | frozenset("on : , ( - le el al es est c is for pour para date fecha".split())
_BEFORE_DAY = frozenset("le el al del du".split())
_COUNTED = frozenset(
    """ans annees enfant enfants personne personnes dollars dollar piece pieces years year kids kid children people
    persons hijos hijo ninos personas dormitorios dormitorio habitaciones cuartos cuarto km kg valises valise maletas pm
    am percent pourcent fois times veces euros pesos et 1 y rue avenue street calle and heures heure hour hours h hs
    hr hrs hres horas hora o""".split()
) | frozenset(UNITS) - {"j", "day", "jour", "dia", "min", "mo", "moi"}
_AFTER_DAY_WORD = SMALL | COURTESY | ARRIVING | frozenset(
    """matin soir probably hopefully normalement normalmente probablement probablemente maybe peut quiza prochain next
    proximo exactement exactamente exactly sharp pile demain then""".split()
)


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
        last_day = min(mention.day, 28)
        year, is_likely = _likely_year(mention.month, last_day, today, toward)
        is_sure = is_sure and is_likely
    days = monthrange(year, mention.month)[1]
    if not 1 <= mention.day <= days:
        return NoSuchDay(mention.month, year, days)
    day = date(year, mention.month, mention.day)
    return Settled(day, is_sure and mention.weekday in {None, day.weekday()})


def _likely_year(month: int, day: int, today: date, toward: int) -> tuple[int, bool]:
    """The year meant, and whether the odds are for it."""
    ahead = today.year if (month, day) >= (today.month, today.day) else today.year + 1
    behind = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    to_come, gone = date(ahead, month, day) - today, today - date(behind, month, day)
    if toward < 0:
        return behind, gone <= SURELY_MEANT
    if toward == 0 and gone <= NEAR_PAST and gone < to_come:
        return behind, False
    return ahead, to_come <= gone or toward > 0


def _bare_day(day: int, weekday: int | None, today: date, toward: int) -> date:
    """The nearest such day of a month; with a weekday, the one that falls on it if there is one within the year."""
    step = -1 if toward < 0 else 1
    year, month = today.year, today.month
    found: list[date] = []
    for _ in range(13):
        if day <= monthrange(year, month)[1]:
            candidate = date(year, month, day)
            if (candidate - today).days * step >= 0:
                if weekday in {None, candidate.weekday()}:
                    return candidate
                found.append(candidate)
        year, month = _shift(year, month, step)
    return found[0]


def _weekday(weekday: int, today: date, toward: int) -> date:
    """The next such weekday, today excluded; the last one for the past."""
    if toward < 0:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _month_or_year(mention: Mention, today: date, toward: int) -> Vague:
    if mention.month is None:
        year = mention.year or today.year
        return Vague(date(year, 1, 1), date(year, 12, 31))
    year = mention.year or _likely_year(
        mention.month, 1 if toward < 0 else monthrange(today.year, mention.month)[1], today, toward
    )[0] if mention.month != 2 or mention.year else _likely_year(2, 1 if toward < 0 else 28, today, toward)[0]
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
        days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
        # The hour of the day is not known: 24 hours are a day, fewer are today.
        return today + timedelta(days=count * days if days else abs(count) // 24 * (1 if count > 0 else -1))
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
    is_alone = i == 0 and end >= len(line)
    has_article = line.at(i - 1) in _BEFORE_DAY or line.has(i - 2, "on", "the") or line.weekday(i - 1, may_be_short=True)
    has_cue = line.at(i - 1) in _BEFORE_NUMERIC or i == 0 or line.weekday(i - 1, may_be_short=True) is not None
    if (first, second) == (24, 7) and not (is_alone or has_article is not False and has_article is not None):
        return None
    if not has_cue or line.digits(i - 1) is not None:
        return None
    if separator != "/" and not (is_alone or line.at(i - 1) in _BEFORE_DAY | {"on"}):
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
    is_sure = True
    if month is not None and line.at(at) in {"sept", "set", "ago"} and not number.is_digits:
        month = None
    if month is not None and number.value not in range(0, 60):
        return None
    if month is None:
        period = read_period(line, line.skip(number.end, _ARTICLES))
        if period is not None and period[0] == "month" and at > number.end and number.value <= 31:
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
    return Mention(i, end, number.value, month, year, is_sure=is_sure, toward=toward or _direction_before(line, i))


def _month_then_day(line: Line, i: int, today: date) -> Mention | None:
    """December 3rd, 2026; diciembre 3; décembre le 3."""
    month = line.month(i, is_beside_number=True)
    if month is None:
        return None
    at = line.skip(i + 1, frozenset(". the le el ,".split()), 2)
    number = line.number(at)
    if number is None or not 0 <= number.value <= 59 or number.value == 0 or (at > i + 2 and line.at(i + 1) == ","):
        return None
    if line.at(i) in {"mar", "set", "may", "march", "ago", "mars"} and not number.is_digits and not number.is_ordinal:
        return None
    if line.at(number.end) in _MARKS_OF_A_SUM or line.at(number.end) == ":" or line.at(number.end) in _COUNTED - {"y", "et", "and", "o", "1"}:
        return None
    year, end = _year(line, number.end)
    # "décembre 26" may be a year.
    could_be_year = not number.is_ordinal and year is None and number.value in {today.year % 100, today.year % 100 + 1}
    toward, end = _direction(line, end)
    is_english = line.at(i) in {"december", "november", "october", "september", "january", "february", "july", "june"}
    return Mention(
        i, end, number.value, month, year, is_sure=is_english or not could_be_year,
        toward=toward or _direction_before(line, i),
    )


def _year(line: Line, i: int) -> tuple[int | None, int]:
    """A year after a month, and where it ends."""
    at = line.skip(i, _TO_YEAR)
    value = line.digits(at)
    if value is not None and len(line.at(at)) == 4 and 1900 <= value <= 2100:
        return value, at + 1
    if line.at(at) in {"'", "’"}:
        return None, i
    return None, i + 1 if line.at(i) == "." and line.is_glued(i) else i


def _is_part_of_a_number(line: Line, i: int) -> bool:
    """A decimal, a sum of money, the end of a telephone number or of a time of day."""
    if line.digits(i) is None:
        return False
    before = line.at(i - 1)
    if before in {"$", "#", "/", "+"} or (before in {"-", ".", ",", ":"} and line.is_glued(i) and line.digits(i - 2) is not None):
        return True
    return line.digits(i - 1) is not None and line.digits(i) is not None and i > 0 and line.at(i - 1) != ""


def _known_day(line: Line, i: int, today: date) -> Mention | None:
    """Today, tomorrow, the day before yesterday, this morning, Christmas."""
    for phrase, shift in _SHIFTS:
        if line.has(i, *phrase):
            end = i + len(phrase)
            if phrase == ("manana",) and line.at(i - 1) == "la":
                return None
            if shift is None:
                continue
            day = today + timedelta(days=shift)
            for eight in (("en", "huit"), ("en", "ocho")):
                if line.has(end, *eight):
                    return Mention(i, end + 2 + (line.at(end + 2) == "dias"), on=day + WEEK)
            return Mention(i, end, on=day)
    if line.at(i) in _THIS and line.at(i + 1) in _PARTS_OF_TODAY:
        return Mention(i, i + 2, on=today)
    if line.at(i) in _THIS and line.has(i + 1, "apres", "midi") or line.has(i, "cet", "avant", "midi"):
        return Mention(i, i + 3, on=today)
    if line.has(i, "last", "night") or line.has(i, "nuit", "derniere"):
        return Mention(i, i + 2, on=today - timedelta(days=1))
    for phrase, month, day_of_month in _FEASTS:
        if line.has(i, *phrase):
            year, end = _year(line, i + len(phrase))
            return Mention(i, end, day_of_month, month, year, is_sure=False, toward=_direction_before(line, i))
    return None


_SHIFTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("day", "after", "tomorrow"), 2), (("day", "after", "tmrw"), 2), (("day", "before", "yesterday"), -2),
    (("apres", "demain"), 2), (("apresdemain",), 2), (("apredemain",), 2), (("apre", "demain"), 2),
    (("aprs", "demain"), 2), (("avant", "hier"), -2), (("avanthier",), -2), (("pasado", "manana"), 2),
    (("pasadomanana",), 2), (("antes", "de", "ayer"), -2), (("anteayer",), -2), (("antier",), -2), (("antes", "ayer"), -2),
    (("ante", "ayer"), -2), (("aujourd", "hui"), 0), (("aujourd", "ui"), 0), (("hui",), 0),
    *(((word,), 0) for word in sorted(_TODAY)),
    *(((word,), 1) for word in sorted(_TOMORROW)), (("manana",), 1), (("maniana",), 1),
    *(((word,), -1) for word in sorted(_YESTERDAY)),
)
_FEASTS = (
    (("christmas", "eve"), 12, 24), (("nochebuena",), 12, 24), (("veille", "de", "noel"), 12, 24),
    (("new", "year", "s", "eve"), 12, 31), (("new", "years", "eve"), 12, 31), (("nochevieja",), 12, 31),
    (("new", "year", "s", "day"), 1, 1), (("new", "years", "day"), 1, 1), (("jour", "de", "l", "an"), 1, 1),
    (("ano", "nuevo"), 1, 1), (("nouvel", "an"), 1, 1),
    (("christmas",), 12, 25), (("xmas",), 12, 25), (("noel",), 12, 25), (("navidad",), 12, 25),
)  # fmt: skip


def _duration(line: Line, i: int, today: date) -> Mention | None:
    """Dans 3 semaines, in 3 weeks, en 10 días, il y a une semaine, 3 days ago, hace dos días, a week from Friday."""
    after = _after_sign(line, i)
    if after is None:
        return _trailing_duration(line, i, today)
    sign, at = after
    at = line.skip(at, frozenset("environ about unos unas around another como a peu pres the juste exactly encore".split()) - _FEW)
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
    for phrase, sign in _SIGNS:
        if line.has(i, *phrase):
            return sign, i + len(phrase)
    # "I have been here for 3 weeks".
    if line.at(i) == "for" and ({"been", "here", "arrived"} & {line.at(i - k) for k in (1, 2, 3)}):
        return -1, i + 1
    return None


_SIGNS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("dentro", "de"), 1), (("il", "y", "a"), -1), (("y", "a"), -1), (("ya",), -1), (("ca", "fait"), -1),
    (("cela", "fait"), -1), (("depuis",), -1), (("desde", "hace"), -1), (("hace",), -1), (("llevo",), -1),
    (("llevamos",), -1), (("since",), -1), (("reste",), 1), (("restent",), 1), (("falta",), 1), (("faltan",), 1),
    (("dans",), 1), (("within",), 1), (("ds",), 1), (("in",), 1), (("en",), 1), (("d", "ici"), 1), (("dici",), 1),
    (("de", "aqui", "a"), 1), (("after",), 1),
)  # fmt: skip


def _trailing_duration(line: Line, i: int, today: date) -> Mention | None:
    """3 days ago, 2 weeks from now, dos semanas atrás, a week from Friday."""
    number = line.number(i, or_a=True)
    if number is None or number.is_ordinal or line.digits(i - 1) is not None:
        return None
    unit = UNITS.get(line.at(number.end))
    if unit is None:
        return None
    end = number.end + 1
    if line.at(end) in {"ago", "atras", "plus"} and line.at(end) != "plus":
        begin = _add(today, -number.value, unit)
        return None if begin is None else Mention(i, end + 1, on=begin, toward=-1)
    if line.has(end, "plus", "tot"):
        begin = _add(today, -number.value, unit)
        return None if begin is None else Mention(i, end + 2, on=begin, toward=-1)
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
        begin = None if base is None else _add(base, number.value, unit)
        return None if begin is None else Mention(i, end, on=begin, toward=1)
    return None


def read_period(line: Line, i: int) -> tuple[str, int, int] | None:
    """Next month, la semaine prochaine, la semana que viene: (unit, how many ahead, end)."""
    at = i
    shift: int | None = None
    if line.has(i, "week", "after", "next"):
        return "week", 2, i + 3
    if line.has(i, "month", "after", "next"):
        return "month", 2, i + 3
    if line.at(i) in _NEXT | _LAST | _THIS:
        shift = 1 if line.at(i) in _NEXT else -1 if line.at(i) in _LAST else 0
        at = i + 1
    unit, end = _unit(line, at)
    if unit is None:
        return None
    toward, end_after = _direction(line, end)
    if toward and shift in {None, 0}:
        if unit == "month" and line.at(at) == "mes" and line.at(end) in {"prochaines", "prochains"}:
            return None
        return unit, toward, end_after
    if shift is None:
        return ("weekend", 0, end) if unit == "weekend" else None
    return unit, shift, end


def _unit(line: Line, i: int) -> tuple[str | None, int]:
    for phrase in (("week", "end"), ("fin", "de", "semaine"), ("fin", "de", "semana"), ("weekend",), ("finde",)):
        if line.has(i, *phrase):
            return "weekend", i + len(phrase)
    unit = UNITS.get(line.at(i))
    return (unit, i + 1) if unit in {"week", "month", "year"} else (None, i)


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
        if unit in {"month", "year", "week"} and at > i + 1 - (line.at(i) == "mi"):
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
    if weekday is None:
        return None
    end = at + 1 + (line.at(at + 1) == "." and is_short)
    after, end = _direction(line, end)
    toward = toward or after
    for words, weeks in ((("en", "huit"), 1), (("en", "quinze"), 2), (("en", "ocho"), 1), (("en", "quince"), 2)):
        if line.has(end, *words) and not is_short:
            return Mention(i, end + 2 + (line.at(end + 2) in {"dias", "jours"}), weekday=weekday, weeks=weeks, toward=1)
    # The day of the month that follows.
    number_at = line.skip(end, frozenset(", le el the du dia l . on de".split()))
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
    is_with_cue = toward or at > i or len(line) <= 2 or line.at(end) in _PARTS_OF_TODAY or line.at(i - 1) == "on"
    is_with_cue = is_with_cue or (line.at(i) in {"fri", "wed", "thu", "thurs", "tues", "tue"} and line.at(i - 1) in ARRIVING)
    if is_short and not is_with_cue:
        return None
    if is_short and line.at(at) in {"mon", "vie", "mar", "mer", "sun", "sat", "dim", "jeu", "ven"} and not (
        line.at(i - 1) == "on" or line.at(end) in _PARTS_OF_TODAY or len(line) == 1 or (at > i and line.at(i) in {"next", "last", "this"})
    ):
        return None
    return Mention(i, end, weekday=weekday, toward=toward)


def _direction(line: Line, i: int) -> tuple[int, int]:
    """Prochain, dernier, que viene, after what they belong to."""
    for phrase in (("que", "viene"), ("que", "entra"), ("qui", "vient"), ("a", "venir"), ("ki", "vient")):
        if line.has(i, *phrase):
            return 1, i + 2
    if line.at(i) in _NEXT and not (line.at(i) == "next" and line.at(i + 1) in UNITS):
        return 1, i + 1
    if line.at(i) in _LAST and not line.has(i, "pasado", "manana"):
        return -1, i + 1
    return 0, i


def _direction_before(line: Line, i: int) -> int:
    return 1 if line.at(i - 1) in _NEXT else -1 if line.at(i - 1) in _LAST else 0


def _bare_day_phrase(line: Line, i: int, today: date) -> Mention | None:
    """Le 15, el quince, the 15th; a message that is a number and nothing else."""
    number = line.number(i)
    if number is None or not 1 <= number.value <= 31 or _is_part_of_a_number(line, i):
        return None
    before = line.at(i - 1)
    is_alone = i == 0 and line.is_end(number.end) and all(line.is_end(k) for k in range(number.end, min(number.end + 3, len(line)))) and number.end >= len(line) - 3
    if is_alone and number.is_digits:
        return Mention(i, number.end, day=number.value)
    after_the = before == "the" and (number.is_ordinal or line.is_end(number.end)) and number.value > 0
    after_on = before in {"on", "dia", "jour"} and (number.is_ordinal or before != "on") and number.is_digits
    english = number.is_ordinal and number.is_digits and line.at(i).isdigit() and before in ARRIVING | {"by", "since", "until"}
    if not (before in _BEFORE_DAY or after_the or after_on or english):
        if not (before in {"next", "prochain", "proximo"} and number.is_digits and line.at(i - 2) in _BEFORE_DAY):
            return None
    if not number.is_digits and number.value == 1 and not _says_arrival_before(line, i):
        return None
    if not number.is_digits and before in {"al", "du", "del"}:
        return None
    if not _may_be_bare_day(line, i, number.end, number.is_digits and (before != "the")):
        return None
    toward, end = _direction(line, number.end)
    return Mention(i, end, day=number.value, toward=toward or _direction_before(line, i))


def _says_arrival_before(line: Line, i: int) -> bool:
    """ "Le premier" is a day only beside arriving: "mon mari part le premier" is not."""
    return i <= 1 and i + 1 >= len(line) or any(line.at(i - k) in ARRIVING | {"es", "est"} for k in (2, 3))


def _may_be_bare_day(line: Line, i: int, end: int, is_digits: bool) -> bool:
    after = line.at(end)
    if after in _MARKS_OF_A_SUM or (after in {".", ",", ":", "-"} and line.is_glued(end) and line.is_glued(end + 1) and line.digits(end + 1) is not None):
        return False
    if line.digits(end) is not None or (after == "1" and line.at(end + 1) == "/"):
        return False
    if after in {"et", "and", "y"} and line.at(end + 1) in {"demi", "demie", "quart", "medio", "media", "cuarto", "half"}:
        return False
    if after in {"por", "per", "pour"} and line.at(end + 1) in {"ciento", "cent", "cents"}:
        return False
    if after in {"et", "y", "and", "o"}:
        return True
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
    month = line.month(at, is_beside_number=has_cue and line.at(at) in {"may", "march", "dec", "nov", "oct", "sept", "sep", "jan", "feb", "janv", "fev", "dic", "ene"})
    if month is None:
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
    _numeric, _day_then_month, _weekday_phrase, _month_then_day, _known_day, _duration, _month_alone, _period,
    _bare_day_phrase, _year_alone,
)  # fmt: skip
