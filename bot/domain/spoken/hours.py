"""Reads which of the offered meeting times a person wants: "jeudi 14 h 30", "half past two", "la segunda"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.spoken.days import CORRECTIONS, Mention, NoSuchDay, Settled, Vague, after_correction, find_days, settle
from bot.domain.spoken.words import COURTESY, HOUR_WORDS, SMALL, UNITS, Line, Phrases, word_set

# Two weekdays at once are written out as dates, as far as times are searched.
SEARCHED_DAYS = 70
LONGEST_RANGE = timedelta(days=31)

_PARTS = {
    **dict.fromkeys(word_set("matin matinee morning mornin mornings matins manana avantmidi matina"), "morning"),
    **dict.fromkeys(word_set("aprem apresmidi afternoon afternoons tarde tardecita aprm arvo"), "afternoon"),
    **dict.fromkeys(word_set("soir soiree evening noche night soirs evenings"), "evening"),
}
_AT = word_set("a at las vers around hacia after before apres avant")
_OF_PART = word_set("de du la l in the en por del d au a")
_NOON = Phrases("""
12: medio dia, mediodia, midi, noon, midday, 12 noon
0: media noche, medianoche, minuit, midnight
""")
_SHARP = Phrases("0: o clock, oclock, en punto, pile, sharp, tapantes, horas, precises")
# Minutes before or after the hour.
_QUARTERS = Phrases("""
15: et quart, et un quart, y cuarto
30: et demie, et demi, y media, y medio, and a half
-5: moins cinq, menos cinco
-10: moins dix, menos diez
-15: moins le quart, moins quart, moins un quart, menos cuarto
-20: moins vingt, menos veinte
""")
_TO_THE_HOUR = Phrases("""
30: half past
15: quarter past, quarter after
-15: quarter to, quarter of, quarter till, cuarto para las, cuarto para la, un cuarto a
""")
_NOT_FROM: tuple[tuple[str, ...], ...] = (("au", "lieu", "de"), ("instead", "of"), ("en", "lugar", "de"), ("en", "vez", "de"), ("rather", "than"))
_NEGATIONS = word_set("pas not sauf except excepto menos salvo")
_AFTER = word_set("apres after despues partir desde depuis past")
_BEFORE = word_set("avant before antes until jusqu hasta")
_LENGTH = word_set("dans in pendant for durante il hace en fait depuis since dentro per par cada toutes todas every")
_CHOICES = word_set("""one ones choix option opcion slot plage hora horario heure horaire disponible available libre time proposition
    propuesta opciones choice""")
_ORDINAL_WORDS = {
    **dict.fromkeys(word_set("premier premiere first primero primera primer earliest soonest"), 1),
    **dict.fromkeys(word_set("deuxieme second seconde segundo segunda 2ieme"), 2),
    **dict.fromkeys(word_set("troisieme third tercero tercera tercer"), 3),
    **dict.fromkeys(word_set("quatrieme fourth cuarta cuarto"), 4),
    **dict.fromkeys(word_set("cinquieme fifth quinta quinto"), 5),
    **dict.fromkeys(word_set("sixieme sixth sexta sexto"), 6),
    **dict.fromkeys(word_set("dernier derniere last ultimo ultima latest"), -1),
}
_SOONEST = Phrases("1: plus tot, mas temprano, mas temprana, lo antes posible, cuanto antes, asap, as soon as possible, mas pronto")


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


@dataclass(frozen=True)
class Clock:
    """An hour as written in tokens `start` to `end`."""

    start: int
    end: int
    hour: int
    minute: int | None = None
    part: str | None = None


def read_time(text: str, today: date) -> Spoken | None:
    """What a message says about the time wanted; None when it says nothing."""
    line = Line(text)
    mentions = [m for m in find_days(line, today) if m.toward >= 0 and not _is_refused(line, m.start)]
    clocks = [c for c in find_clocks(line) if not _is_refused(line, c.start) and not _overlaps(c, mentions)]
    bare = _bare_number(line)
    if bare is not None:
        return bare
    mentions, _ = after_correction(line, mentions, CORRECTIONS | _NEGATIONS)
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
    """Those at the hour said; without minutes, the full hour before the others. From 1 to 6 the afternoon is tried too."""
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
    words = [i for i in range(len(line)) if line.is_word(i)]
    value = line.digits(words[0]) if len(words) == 1 else None
    if value is None or any(not line.is_end(i) and line.at(i) != "#" for i in range(len(line)) if i != words[0]):
        return None
    if line.at(0) == "#":
        return Spoken(ordinal=value)
    return Spoken(hour=value, ordinal=value if value else None) if value < 24 else None


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
        while at >= clock.start - 3 and line.at(at) in {"las", "de", "a", "la"}:
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
    between = (line.at(i) for a, b in zip(clocks, clocks[1:], strict=False) for i in range(a.end, b.start))
    return any(word in {"non", "no", "plutot", "mejor", "pardon", "perdon", "sorry", "actually", "sino"} for word in between)


def _part(line: Line, clocks: Sequence[Clock]) -> str | None:
    in_clock = {i for clock in clocks for i in range(clock.start, clock.end)}
    for i in range(len(line)):
        found = _part_at(line, i)
        if found is not None and i not in in_clock:
            return found[0]
    return None


def _part_at(line: Line, i: int) -> tuple[str, int] | None:
    """A part of the day and where its words end. Greetings and "más tarde" are none."""
    word, before = line.at(i), line.at(i - 1)
    if word in {"apres", "aprs", "apre"} and line.at(i + 1) == "midi":
        return "afternoon", i + 2
    if word == "avant" and line.at(i + 1) == "midi":
        return "morning", i + 2
    if word == "tonight":
        return "evening", i + 1
    if word not in _PARTS or before in {"good", "bon", "bonne", "mas", "muy", "demasiado", "tan", "last", "media", "plus"}:
        return None
    if word == "manana" and before not in {"la", "esta", "tempranito", "buena"}:
        return None
    return _PARTS[word], i + 1


def find_clocks(line: Line) -> list[Clock]:
    """The hours written in a message, in order, none overlapping."""
    found: list[Clock] = []
    i = 0
    while i < len(line):
        clock = _clock(line, i)
        if clock is None:
            i += 1
        else:
            found.append(clock)
            i = clock.end
    return found


def _clock(line: Line, i: int) -> Clock | None:
    noon = _NOON.at(line, i)
    if noon is not None and line.at(i - 1) not in {"apres", "avant", "aprs", "apre", "cet"}:
        return _with_minutes(line, i, noon[1], noon[0])
    shifted = _TO_THE_HOUR.at(line, i)
    if shifted is not None:
        number = line.number(shifted[1])
        if number is not None and 1 <= number.value <= 23:
            return _shifted(line, i, number.end, number.value, shifted[0])
    number = line.number(i)
    if number is None or number.is_ordinal or number.value > 23:
        return None
    return _clock_from(line, i, number.value, number.end, number.is_digits)


def _clock_from(line: Line, i: int, hour: int, end: int, is_digits: bool) -> Clock | None:
    has_at = _has_at(line, i)
    if is_digits and line.at(end) in {":", "."} and line.is_glued(end) and line.is_glued(end + 1):
        minute = line.digits(end + 1)
        is_time = minute is not None and minute < 60 and len(line.at(end + 1)) == 2
        is_point = line.at(end) == "." and not (has_at or line.at(end + 2) in {"am", "pm"})
        if not is_time or is_point or line.at(end + 2) in {"/", "-"} or (line.at(end + 2) == "." and line.is_glued(end + 3)):
            return None
        after = end + 2
        if line.at(after) == ":" and line.digits(after + 1) is not None:
            after += 2
        after += line.at(after) in HOUR_WORDS
        return _with_part(line, i, after, hour, minute)
    if is_digits and (line.at(end) in {"/", "$", "%", "°"} or line.at(i - 1) in {"$", "/", "#", "+", ".", "-"}):
        return None
    if line.at(end) in HOUR_WORDS:
        return _clock_with_unit(line, i, hour, end, has_at)
    sharp = _SHARP.at(line, end)
    if sharp is not None:
        return _with_part(line, i, sharp[1], hour, None)
    if line.at(end) in {"am", "pm"}:
        return _with_part(line, i, end, hour, None)
    quarter = _QUARTERS.at(line, end)
    # "3 et demi" is the size of a flat: French needs the word "heures", or "à".
    if quarter is not None and (has_at or line.at(end) in {"y", "menos"}) and line.at(i - 1) not in {"un", "une", "los"}:
        return _shifted(line, i, quarter[1], hour, quarter[0])
    if line.at(end) in {"past", "after"} and line.number(end + 1) is not None and not is_digits and hour in {5, 10, 20}:
        of = line.number(end + 1)
        if of is not None and of.value <= 12:
            return _shifted(line, i, of.end, of.value, hour)
    minute_ = line.number(end + 1) if line.at(end) == "y" and has_at else line.number(end)
    if minute_ is not None and not minute_.is_ordinal and minute_.value in {10, 15, 20, 30, 40, 45, 50} and hour:
        if (has_at or not is_digits and minute_.value in {15, 30, 45}) and minute_.is_digits == is_digits:
            return _with_part(line, i, minute_.end, hour, minute_.value)
    with_part = _with_part(line, i, end, hour, None)
    if line.at(end) in {"de", "du", "in"} and with_part.part is not None and hour:
        return with_part
    if has_at and line.at(end) not in UNITS and (line.is_end(end) or line.at(end) in _AFTER_HOUR or _part_at(line, end) or line.weekday(end) is not None):
        return with_part
    return None


_AFTER_HOUR = SMALL | COURTESY | word_set("demain tomorrow manana works work va me conviene parfait perfecto perfect prefiero mejor plutot on not today hoy")


def _has_at(line: Line, i: int) -> bool:
    """ "At 10", "à 10", "a las 10", "las 10", "a la 1"."""
    if line.at(i - 1) == "la":
        return line.at(i - 2) == "a" and line.at(i) in {"1", "una", "uno", "one"}
    if line.at(i - 1) == "las":
        return True
    return line.at(i - 1) in _AT or line.has(i - 2, "make", "it")


def _clock_with_unit(line: Line, i: int, hour: int, end: int, has_at: bool) -> Clock | None:
    """14 h 30, 10 heures et demie, las 15 horas; never how long something lasts."""
    unit, before = line.at(end), line.at(i - 1)
    if before in _LENGTH or line.at(i - 2) in {"il", "hace"} or line.at(end + 1) in {"par", "per", "semaine", "de", "d", "of"} and (
        _with_part(line, i, end + 1, hour, None).part is None
    ):
        if before not in {"en", "for", "pour"} or unit not in {"h"}:
            return None
    if unit in {"hours", "hour", "heur"} or (unit in {"horas", "hora"} and not has_at) or line.at(end + 1) in {"/", "a"}:
        if not (line.at(end + 1) == "a" and unit == "h"):
            return None
    minute = line.number(end + 1)
    if minute is not None and minute.value < 60 and not minute.is_ordinal:
        is_minute = minute.is_digits and len(line.at(end + 1)) == 2 or not minute.is_digits and minute.value >= 5
        is_counted = UNITS.get(line.at(minute.end)) not in {None, "minute"}
        if is_minute and not is_counted and line.month(minute.end, is_beside_number=True) is None:
            after = minute.end + (UNITS.get(line.at(minute.end)) == "minute")
            return _with_part(line, i, after, hour, minute.value)
    return _with_minutes(line, i, end + 1, hour)


def _with_minutes(line: Line, start: int, end: int, hour: int) -> Clock:
    quarter = _QUARTERS.at(line, end)
    if quarter is not None:
        return _shifted(line, start, quarter[1], hour, quarter[0])
    return _with_part(line, start, end, hour, None)


def _shifted(line: Line, start: int, end: int, hour: int, minutes: int) -> Clock:
    if minutes < 0:
        return _with_part(line, start, end, (hour - 1) % 24, 60 + minutes)
    return _with_part(line, start, end, hour, minutes)


def _with_part(line: Line, start: int, end: int, hour: int, minute: int | None) -> Clock:
    """Reads "pm", "de la tarde", "du matin" after an hour, and turns it to 24 hours."""
    if line.at(end) in {"am", "pm"}:
        is_pm = line.at(end) == "pm"
        hour = hour % 12 + (12 if is_pm else 0) if hour <= 12 else hour
        return Clock(start, end + 1, hour, minute, "morning" if hour < 12 else "afternoon" if hour < 18 else "evening")
    sharp = _SHARP.at(line, end)
    end = end if sharp is None else sharp[1]
    at = line.skip(end, _OF_PART)
    part = _part_at(line, at)
    if part is None or (at == end and hour > 12):
        return Clock(start, end, hour, minute)
    name = part[0]
    if name != "morning" and 1 <= hour < 12:
        hour += 12
    if name == "evening" and hour == 12:
        hour = 0
    if name == "morning" and hour > 12:
        return Clock(start, end, hour, minute)
    return Clock(start, part[1], hour, minute, name)


def _is_refused(line: Line, start: int) -> bool:
    """ "Pas lundi", "instead of 2 pm"."""
    at = start
    while at > start - 4 and line.at(at - 1) in {"le", "la", "el", "the", "on", "a", "las", "at", "los", "de", "l"}:
        at -= 1
    if line.at(at - 1) in _NEGATIONS:
        return True
    return any(line.has(k, *phrase) for phrase in _NOT_FROM for k in range(start - 5, start) if k >= 0 and k + len(phrase) >= at)


def _is_an_ordinal(line: Line, mention: Mention) -> bool:
    """ "The first", in words and alone, is the first one offered; "le 1er" is a day."""
    return mention.is_bare_day and mention.weekday is None and mention.day == 1 and line.tokens[mention.start].kind == "word"


def _overlaps(clock: Clock, mentions: Sequence[Mention]) -> bool:
    return any(clock.start < m.end and m.start < clock.end for m in mentions)


def _ordinal(line: Line, mentions: Sequence[Mention]) -> int | None:
    """ "Le premier", "the second one", "la 2", "option 3", "el último"."""
    if any(_SOONEST.at(line, i) for i in range(len(line))):
        return 1
    taken = {i for m in mentions if not (m.is_bare_day and m.day == 1 and m.weekday is None) for i in range(m.start, m.end)}
    for i in range(len(line)):
        if i not in taken and (nth_ := _ordinal_at(line, i)) is not None:
            return nth_
    return None


def _ordinal_at(line: Line, i: int) -> int | None:
    before, token = line.at(i - 1), line.tokens[i]
    is_chosen = before in {"le", "la", "el", "the", "l", "los", "numero", "number", "option", "opcion", "choix", "no", "#", "°", "num"}
    end = i + 1
    is_complete = line.is_end(end) or line.at(end) in SMALL | COURTESY | _CHOICES or line.at(end) in {"works", "svp", "va", "me"}
    if not is_complete:
        return None
    if token.kind == "number" and token.is_ordinal:
        return token.value if 1 <= token.value <= 10 and (is_chosen or i == 0) else None
    if token.kind == "number":
        is_named = before in {"numero", "number", "option", "opcion", "choix", "#", "°", "num"}
        is_la = before == "la" and line.at(i - 2) != "a" and token.value > 0
        return token.value if (is_named or is_la) and token.value <= 10 else None
    if before == "la" and token.text in {"una", "uno", "dos", "tres", "deux", "trois"} and line.at(i - 2) != "a":
        return {"una": 1, "uno": 1, "dos": 2, "deux": 2}.get(token.text, 3)
    if token.text in _ORDINAL_WORDS and (is_chosen or i == 0):
        return _ORDINAL_WORDS[token.text]
    return None
