"""Reads which of the offered meeting times a person wants: "jeudi 14 h 30", "half past two", "la segunda"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot.domain.spoken.clocks import Clock, find_clocks, read_part
from bot.domain.spoken.days import Mention, NoSuchDay, Settled, Vague, after_correction, settle
from bot.domain.spoken.line import Line, Phrases
from bot.domain.spoken.phrases import find_days
from bot.domain.spoken.words import CORRECTIONS, COURTESY, SMALL, word_set

# Two weekdays at once are written out as dates, as far as times are searched.
SEARCHED_DAYS = 70

LONGEST_RANGE = timedelta(days=31)
_INSTEAD_OF = Phrases("0: au lieu de, instead of, en lugar de, en vez de, rather than, plutot que")

_NEGATIONS = word_set("pas not ni sauf except excepto menos salvo")
_AFTER = word_set("apres after despues partir desde depuis past")
_BEFORE = word_set("avant before antes until jusqu hasta")
_CHOICES = word_set("""
one ones choix choice option opcion opciones slot plage hora horario heure horaire disponible available libre time
proposition propuesta
""")
_LINKS = word_set("le la el the on a las at los de l in por en dans al")
_NUMBERED = word_set("numero number option opcion choix num # °")
_CHOSEN = _NUMBERED | word_set("le la el the l los no")

_ORDINAL_WORDS = {
    **dict.fromkeys(word_set("premier premiere first primero primera primer earliest soonest"), 1),
    **dict.fromkeys(word_set("deuxieme second seconde segundo segunda 2ieme"), 2),
    **dict.fromkeys(word_set("troisieme third tercero tercera tercer"), 3),
    **dict.fromkeys(word_set("quatrieme fourth cuarta cuarto"), 4),
    **dict.fromkeys(word_set("cinquieme fifth quinta quinto"), 5),
    **dict.fromkeys(word_set("sixieme sixth sexta sexto"), 6),
    **dict.fromkeys(word_set("dernier derniere last ultimo ultima latest"), -1),
}

_FEMININE = {"uno": 1, "dos": 2, "deux": 2, "tres": 3, "trois": 3}
_AFTER_ORDINAL = SMALL | COURTESY | _CHOICES | word_set("works")
_SOONEST = Phrases("""
1: plus tot, mas temprano, mas temprana, lo antes posible, cuanto antes, asap, as soon as possible, mas pronto
-1: le plus tard, la plus tard, lo mas tarde, la mas tarde, as late as possible
""")


@dataclass(frozen=True)
class Spoken:
    """What was said about a time; None and () where nothing was. `part` is morning, afternoon or evening.

    `weekday` is a weekday alone (Monday is 0); any other way of naming days gives `days`. `ordinal` counts the offered
    times from 1, the last one being -1. A bare number gives both `hour` and `ordinal`: only the offer can tell.
    """

    days: tuple[date, ...] = ()
    weekday: int | None = None
    hour: int | None = None
    minute: int | None = None
    part: str | None = None
    ordinal: int | None = None


def read_time(text: str, today: date) -> Spoken | None:
    """What a message says about the time wanted; None when it says nothing."""
    line = Line(text)
    mentions = [m for m in find_days(line, today) if m.toward >= 0 and not _is_refused(line, m.start)]
    in_days = {i for m in mentions for i in range(m.start, m.end)}
    clocks = [
        c for c in find_clocks(line) if not _is_refused(line, c.start) and in_days.isdisjoint(range(c.start, c.end))
    ]
    bare = _bare_number(line)
    if bare is not None:
        return bare
    mentions = after_correction(line, mentions, CORRECTIONS | _NEGATIONS)
    hour, minute, part = _hour(line, clocks)
    if hour is None and part is None:
        mentions = [m for m in mentions if not _is_an_ordinal(line, m)]
    days, weekday = _days(mentions, today)
    if hour is None and len(mentions) == 1 and mentions[0].is_bare_day:
        named, day = mentions[0].weekday, mentions[0].day
        # "Lundi 10", when no Monday near is a 10th: it is the hour.
        if named is not None and day is not None and day < 24 and (days[0].weekday() != named or days[0] < today):
            days, weekday, hour = (), named, day
    ordinal = _ordinal(line, mentions)
    said = Spoken(days, weekday, hour, minute, part, ordinal)
    return None if said == Spoken() else said


def pick(spoken: Spoken, offered: Sequence[datetime]) -> list[int]:
    """The offered times that fit, by index. The ordinal counts only when nothing else was said, or fits."""
    has_more = bool(spoken.days) or any(x is not None for x in (spoken.weekday, spoken.minute, spoken.part))
    nth = _nth(spoken.ordinal, len(offered))
    if spoken.hour is None and not has_more:
        return nth
    fits = [i for i, when in enumerate(offered) if _fits_day(spoken, when) and _fits_part(spoken, when)]
    fits = _fits_hour(spoken, offered, fits)
    if spoken.hour is not None and spoken.hour == spoken.ordinal and not has_more:
        return sorted({*fits, *nth})
    # "Le 1er" is the first of the month, else the first one offered.
    is_first = spoken.days and spoken.ordinal is not None and spoken.hour is None and spoken.part is None
    return nth if is_first and not fits else fits


def _nth(ordinal: int | None, count: int) -> list[int]:
    if ordinal is None or count == 0:
        return []
    if ordinal < 0:
        return [count + ordinal] if count + ordinal >= 0 else []
    return [ordinal - 1] if 1 <= ordinal <= count else []


def _fits_day(spoken: Spoken, when: datetime) -> bool:
    if spoken.days:
        return when.date() in spoken.days
    return spoken.weekday in {None, when.weekday()}


def _fits_part(spoken: Spoken, when: datetime) -> bool:
    # The afternoon and the evening overlap: "la tarde" lasts until dark.
    hours = {"morning": range(0, 12), "afternoon": range(12, 20), "evening": range(17, 24)}
    if spoken.part == "morning" and spoken.hour == 12:
        return True
    return spoken.part is None or when.hour in hours[spoken.part]


def _fits_hour(spoken: Spoken, offered: Sequence[datetime], fits: list[int]) -> list[int]:
    """Those at the hour said; without minutes the full hour first. From 1 to 6 the afternoon is tried too."""
    if spoken.hour is None:
        return fits
    hours = [spoken.hour, spoken.hour + 12] if 1 <= spoken.hour <= 6 else [spoken.hour]
    for hour in hours:
        at_hour = [i for i in fits if offered[i].hour == hour]
        if spoken.minute is not None:
            found = [i for i in at_hour if offered[i].minute == spoken.minute]
        else:
            found = [i for i in at_hour if offered[i].minute == 0] or at_hour
        if found:
            return found
    return []


def _bare_number(line: Line) -> Spoken | None:
    """ "10" and nothing else: an hour, or the tenth one offered."""
    first = 1 if line.at(0) == "#" else 0
    number = line.number(first)
    if number is None or number.is_ordinal or not all(line.is_end(i) for i in range(number.end, len(line))):
        return None
    if first:
        return Spoken(ordinal=number.value)
    return Spoken(hour=number.value, ordinal=number.value or None) if number.value < 24 else None


def _days(mentions: Sequence[Mention], today: date) -> tuple[tuple[date, ...], int | None]:
    if len(mentions) == 1 and mentions[0].is_weekday_only and not mentions[0].weeks:
        return (), mentions[0].weekday
    days: set[date] = set()
    for mention in mentions:
        if mention.is_weekday_only and not mention.weeks:
            days |= {d for n in range(SEARCHED_DAYS) if (d := today + timedelta(days=n)).weekday() == mention.weekday}
        else:
            days |= _days_of(settle(mention, today), mention)
    named = [m for m in mentions if m.names_a_day]
    if named and len(named) < len(mentions):
        return _days(named, today)
    return tuple(sorted(days)), None


def _days_of(settled: Settled | NoSuchDay | Vague, mention: Mention) -> set[date]:
    if isinstance(settled, Settled):
        days = {settled.day}
        if mention.until is not None and mention.day is not None:
            days.add(settled.day + timedelta(days=mention.until - mention.day))
        return days
    if isinstance(settled, NoSuchDay) or settled.first is None or settled.last is None:
        return set()
    length = settled.last - settled.first
    return {settled.first + timedelta(days=n) for n in range(length.days + 1)} if length < LONGEST_RANGE else set()


def _hour(line: Line, clocks: Sequence[Clock]) -> tuple[int | None, int | None, str | None]:
    """The hour, the minute and the part of the day. After a correction the last hour counts."""
    part = _part(line, clocks)
    clocks, limit = _without_limits(line, clocks)
    if not clocks:
        return None, None, part or limit
    clock = clocks[-1] if _is_corrected(line, clocks) else clocks[0]
    hour = clock.hour
    if clock.part is not None:
        return hour, clock.minute, clock.part
    if part in {"afternoon", "evening"} and 1 <= hour <= 7:
        hour += 12
    is_at_odds = (part == "morning" and hour > 12) or (part in {"afternoon", "evening"} and hour < 12)
    return hour, clock.minute, None if is_at_odds else part


def _without_limits(line: Line, clocks: Sequence[Clock]) -> tuple[list[Clock], str | None]:
    """ "After 4" is no hour but a part of the day, as near as can be said."""
    kept, limit = [], None
    for clock in clocks:
        at = clock.start - 1
        while at >= clock.start - 3 and line.at(at) in {"las", "de", "del", "a", "la", "el"}:
            at -= 1
        before = line.at(at)
        if before in _AFTER:
            hour = clock.hour + 12 if clock.hour <= 6 and clock.part is None else clock.hour
            limit = "evening" if hour >= 17 else "afternoon" if hour >= 12 else limit
        elif before in _BEFORE:
            limit = "morning" if 7 <= clock.hour <= 12 else limit
        else:
            kept.append(clock)
    return kept, limit


def _is_corrected(line: Line, clocks: Sequence[Clock]) -> bool:
    between = (line.at(i) for a, b in pairwise(clocks) for i in range(a.end, b.start))
    return any(word in CORRECTIONS for word in between)


def _part(line: Line, clocks: Sequence[Clock]) -> str | None:
    in_clock = {i for clock in clocks for i in range(clock.start, clock.end)}
    for i in range(len(line)):
        found = read_part(line, i)
        if found is not None and i not in in_clock and not _is_refused(line, i):
            return found[0]
    return None


def _is_refused(line: Line, start: int) -> bool:
    """ "Pas lundi", "instead of 2 pm"."""
    at = start
    while at > start - 4 and line.at(at - 1) in _LINKS:
        at -= 1
    if line.at(at - 1) in _NEGATIONS:
        return True
    return any(found is not None and found[1] >= at for k in range(at - 3, at) if (found := _INSTEAD_OF.at(line, k)))


def _is_an_ordinal(line: Line, mention: Mention) -> bool:
    """ "The first", in words and alone, is the first one offered; "le 1er" is a day."""
    return (
        mention.is_bare_day
        and mention.weekday is None
        and mention.day == 1
        and line.tokens[mention.start].kind == "word"
    )


def _ordinal(line: Line, mentions: Sequence[Mention]) -> int | None:
    """ "Le premier", "the second one", "la 2", "option 3", "el último"."""
    extreme = next((found for i in range(len(line)) if (found := _SOONEST.at(line, i)) is not None), None)
    if extreme is not None:
        return extreme[0]
    taken = {
        i for m in mentions if not (m.is_bare_day and m.day == 1 and m.weekday is None) for i in range(m.start, m.end)
    }
    for i in range(len(line)):
        if i not in taken and (nth_ := _ordinal_at(line, i)) is not None:
            return nth_
    return None


def _ordinal_at(line: Line, i: int) -> int | None:
    before, token = line.at(i - 1), line.tokens[i]
    is_chosen = before in _CHOSEN
    if not (line.is_end(i + 1) or line.at(i + 1) in _AFTER_ORDINAL):
        return None
    if token.kind == "number" and token.is_ordinal:
        return token.value if 1 <= token.value <= 10 and (is_chosen or i == 0) else None
    if token.kind == "number":
        # "A la 1" is an hour.
        is_la = before == "la" and line.at(i - 2) != "a"
        return token.value if (before in _NUMBERED or is_la) and 1 <= token.value <= 10 else None
    number = line.number(i)
    if before in _NUMBERED and number is not None and number.value <= 10:
        return number.value
    if before == "la" and line.at(i - 2) != "a" and token.text in _FEMININE:
        return _FEMININE[token.text]
    if token.text in _ORDINAL_WORDS and (is_chosen or i == 0):
        return _ORDINAL_WORDS[token.text]
    return None
