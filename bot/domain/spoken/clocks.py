"""Finds the hours written in a message: "14 h 30", "half past two", "las 3 de la tarde", "midi"."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.spoken.line import Line, Phrases
from bot.domain.spoken.words import COURTESY, HOUR_WORDS, SMALL, UNITS, word_set

_PARTS = {
    **dict.fromkeys(word_set("matin matinee morning mornin mornings matins manana avantmidi matina"), "morning"),
    **dict.fromkeys(word_set("aprem apresmidi afternoon afternoons tarde tardecita aprm arvo"), "afternoon"),
    **dict.fromkeys(word_set("soir soiree evening noche night soirs evenings"), "evening"),
}

_NOT_A_PART = word_set("good bon bonne mas muy demasiado tan last media plus")
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

_LENGTH = word_set("dans in pendant for durante il hace en fait depuis since dentro per par cada toutes todas every")


@dataclass(frozen=True)
class Clock:
    """An hour as written in tokens `start` to `end`."""

    start: int
    end: int
    hour: int
    minute: int | None = None
    part: str | None = None


def read_part(line: Line, i: int) -> tuple[str, int] | None:
    """A part of the day and where its words end. Greetings and "más tarde" are none."""
    word, before = line.at(i), line.at(i - 1)
    if word in {"apres", "aprs", "apre"} and line.at(i + 1) == "midi":
        return "afternoon", i + 2
    if word == "avant" and line.at(i + 1) == "midi":
        return "morning", i + 2
    if word == "tonight":
        return "evening", i + 1
    if word not in _PARTS or before in _NOT_A_PART:
        return None
    # "La mañana" is the morning, "mañana" tomorrow.
    if word == "manana" and before not in {"la", "esta"}:
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
    if line.has(i - 1, "la", "una"):
        return _with_minutes(line, i, i + 1, 1)
    number = line.number(i)
    if number is None or number.is_ordinal or number.value > 23:
        return None
    return _clock_from(line, i, number.value, number.end, number.is_digits)


def _clock_from(line: Line, i: int, hour: int, end: int, is_digits: bool) -> Clock | None:
    has_at = _has_at(line, i)
    if is_digits and line.at(end) in {":", "."} and line.is_glued(end) and line.is_glued(end + 1):
        return _clock_in_figures(line, i, hour, end, has_at)
    if is_digits and (line.at(end) in {"/", "$", "%", "°"} or line.at(i - 1) in {"$", "/", "#", "+", ".", "-"}):
        return None
    if line.at(end) in HOUR_WORDS:
        return _clock_with_unit(line, i, hour, end, has_at)
    sharp = _SHARP.at(line, end)
    if sharp is not None or line.at(end) in {"am", "pm"}:
        return _with_part(line, i, sharp[1] if sharp is not None else end, hour, None)
    quarter = _QUARTERS.at(line, end)
    # "3 et demi" is the size of a flat: French needs the word "heures", or "à".
    if quarter is not None and (has_at or line.at(end) in {"y", "menos"}) and line.at(i - 1) not in {"un", "los"}:
        return _shifted(line, i, quarter[1], hour, quarter[0])
    spelled = _clock_spelled(line, i, hour, end, is_digits, has_at)
    if spelled is not None:
        return spelled
    clock = _with_part(line, i, end, hour, None)
    # "3 de la tarde", "10 du matin".
    if line.at(end) in {"de", "du", "in"} and clock.part is not None and hour:
        return clock
    is_counting = line.at(end) in UNITS or not (line.is_end(end) or line.at(end) in _AFTER_HOUR)
    is_followed_by_time = read_part(line, end) is not None or line.weekday(end) is not None
    return clock if has_at and (is_followed_by_time or not is_counting) else None


_AFTER_HOUR = (
    SMALL
    | COURTESY
    | word_set("""
demain tomorrow manana works work va me conviene parfait perfecto perfect prefiero mejor plutot on not today hoy
""")
)


def _has_at(line: Line, i: int) -> bool:
    """ "At 10", "à 10", "a las 10", "las 10", "a la 1"."""
    if line.at(i - 1) == "la":
        return line.at(i - 2) == "a" and line.at(i) == "1"
    return line.at(i - 1) in _AT or line.has(i - 2, "make", "it")


def _clock_in_figures(line: Line, i: int, hour: int, end: int, has_at: bool) -> Clock | None:
    """10:30, 10:30:00, at 10.30."""
    minute, after = line.digits(end + 1), end + 2
    if minute is None or minute > 59 or len(line.at(end + 1)) != 2 or line.at(after) in {"/", "-"}:
        return None
    is_alone = i == 0 and after >= len(line)
    if line.at(end) == "." and not (has_at or is_alone or line.at(after) in HOUR_WORDS | {"am", "pm"}):
        return None
    if line.at(after) == "." and line.is_glued(after + 1):
        return None
    if line.at(after) == ":" and line.digits(after + 1) is not None:
        after += 2
    after += line.at(after) in HOUR_WORDS
    return _with_part(line, i, after, hour, minute)


def _clock_spelled(line: Line, i: int, hour: int, end: int, is_digits: bool, has_at: bool) -> Clock | None:
    """Ten thirty, ten past two, las diez y veinte."""
    if line.at(end) in {"past", "after"} and not is_digits and hour in {5, 10, 20}:
        of = line.number(end + 1)
        return _shifted(line, i, of.end, of.value, hour) if of is not None and 1 <= of.value <= 12 else None
    minute = line.number(end + 1) if line.at(end) == "y" and has_at else line.number(end)
    if minute is None or minute.is_ordinal or minute.is_digits != is_digits or not hour:
        return None
    is_alone = i == 0 and minute.end >= len(line)
    rounded = {0, 10, 15, 20, 30, 40, 45, 50} if has_at else {0, 15, 30, 45}
    if minute.value not in rounded or (is_digits and not has_at and not is_alone):
        return None
    return _with_part(line, i, minute.end, hour, minute.value)


def _clock_with_unit(line: Line, i: int, hour: int, end: int, has_at: bool) -> Clock | None:
    """14 h 30, 10 heures et demie, las 15 horas; never how long something lasts."""
    unit = line.at(end)
    if _is_a_length(line, i, end) or unit in {"hours", "hour"} or (unit in {"horas", "hora"} and not has_at):
        return None
    minute = line.number(end + 1)
    if minute is None or minute.value > 59 or minute.is_ordinal:
        return _with_minutes(line, i, end + 1, hour)
    is_minute = len(line.at(end + 1)) == 2 if minute.is_digits else minute.value >= 5
    is_counting = UNITS.get(line.at(minute.end)) not in {None, "minute"}
    is_day = line.month(minute.end, is_beside_number=True) is not None
    if not is_minute or is_counting or is_day:
        return _with_minutes(line, i, end + 1, hour)
    return _with_part(line, i, minute.end + (line.at(minute.end) in UNITS), hour, minute.value)


def _is_a_length(line: Line, i: int, end: int) -> bool:
    """Dans 2 heures, 35 h par semaine, 2 heures de route."""
    if line.at(i - 1) in _LENGTH and (line.at(i - 1), line.at(end)) != ("en", "h"):
        return True
    if line.at(end + 1) in {"par", "per", "semaine", "/"} or (line.at(end + 1) == "a" and line.at(end) != "h"):
        return True
    return line.at(end + 1) in {"de", "d", "of"} and _with_part(line, i, end + 1, hour=1, minute=None).part is None


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
    part = read_part(line, at)
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
