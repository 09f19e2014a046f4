"""Reads the day a person arrives in Québec, as they say it.

Called by the meeting form and by the plan. The day is exact or the person is asked: `is_sure` says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from bot.domain.spoken.clocks import find_clocks
from bot.domain.spoken.days import Mention, NoSuchDay, Settled, Vague, after_correction, settle
from bot.domain.spoken.line import Line
from bot.domain.spoken.phrases import find_days
from bot.domain.spoken.words import (
    ARRIVING,
    CORRECTIONS,
    COURTESY,
    LAST_WORDS,
    NEXT_WORDS,
    PARTS_OF_TODAY,
    SMALL,
    THIS_WORDS,
    word_set,
)

__all__ = ["AlreadyHere", "Day", "NoSuchDay", "Vague", "read_arrival", "speaks_of_arriving"]

_ARTICLES = word_set("le la el l the on de du del au d mois mes month los las of")
_RANGE = word_set("au a al to through hasta until le el - – the thru jusqu")
_SINCE = word_set("depuis since desde depui dpuis")
_AFTER = word_set("apres after despues")
_FROM = word_set("partir compter starting")
_BEFORE = word_set("avant before antes")
_BY = word_set("ici by jusqu until")
_NOT = word_set("pas not")
_ROUGHLY = word_set("vers around hacia about environ alrededor approximately by ici until jusqu")
_ONE_DAY = timedelta(days=1)
# What else has a date: a day beside one of these is not surely the arrival.
_OTHERS = re.compile(
    r"expir|venc|bail|lease|rendez|rdv|rencontre|meeting|appointment|apptmt|cita|contra|exam|session|sesion|cours|curso"
    r"|school|ecole|escuela|part(?:s|ons)?$|leav|salgo|salimos|birthday|turned|retour|return|visa|permi"
)
_BORN = word_set("nee born naci nacio nacido nacida naissance birthday nacimiento anniversaire cumpleanos birth")
_PAST = word_set("arrived landed came got moved entered aterrizamos llegaron vine vinimos llegado yegue flew")
_BEING = word_set("suis sommes est sont etais etions es")
_ARRIVES = re.compile(r"(?:j|l)?arr?iv|lleg|yeg|land|atter|aterriz|debarqu")
_COMES = word_set("vol vols flight vuelo vengo venimos viens venons coming come came")
_OTHER_SMALL = word_set("""
avant apres before after antes despues partir compter starting mois mes month vers around hacia between environ
exactement exactly sure seguro prevu prevue prevista previsto planned normalement probablement probablemente probably
semaine week semana of not voulais quise end
""")
_SMALL = (
    SMALL | COURTESY | ARRIVING | _OTHER_SMALL | CORRECTIONS | PARTS_OF_TODAY | NEXT_WORDS | LAST_WORDS | THIS_WORDS
)

_PLACE = r"""(?:(?:au|a|en|in|to|at)\ )?
    (?:quebec|qc|canada|montreal|mtl|laval|gatineau|sherbrooke|longueuil|trois\ rivieres|saguenay|levis)"""
_HERE = re.compile(
    rf"""\b(?:
    (?:suis|chui|sommes|on\ est|jsuis)\ (?:bien\ |enfin\ |actuellement\ |maintenant\ )?
        (?:deja\ )?(?:arrivee?s?|la(?=$|\ (?:depuis|deja|maintenant|et|avec|je|j|on|nous|merci)\b)|ici(?!\ pour)
            |sur\ place|installee?s?|debarquee?s?|{_PLACE})
    |deja\ (?:arrivee?s?|la|ici|sur\ place|au\ pays|{_PLACE})|(?:viens|venons|vient)\ (?:juste\ )?d\ ?arriver
    |(?:already|now)\ (?:here|arrived|landed|settled|{_PLACE})
    |(?:i\ ?m|i\ am|we\ are|we\ ?re|im)\ (?:already\ |now\ |finally\ )?(?:here(?!\ (?:to|for))|{_PLACE})
    |(?:just|have|ve|already|i|we)\ (?:already\ |just\ )?(?:arrived|landed|got\ here)
    |ya\ (?:estoy|estamos|llegue|llegamos|yegue|vivo|aqui|aca|me\ encuentro)
    |(?:estoy|estamos)\ (?:ya|aqui(?!\ para)|aca|{_PLACE})
    |here\ already
    |acab(?:o|amos)\ de\ (?:llegar|aterrizar)|recien\ (?:llegue|llegada|llegado|llegamos)|(?:he|hemos)\ llegado
    )\b""",
    re.VERBOSE,
)
# Answers of one word.
_HERE_ALONE = word_set("deja ya already llegue yegue llegamos arrivee arrivees arrives arrived landed")
_NOT_HERE = re.compile(
    r"""\b(?:pas\ (?:encore\ )?(?:arrive|la|ici|sur)|pas\ encore|not\ (?:yet\ )?(?:here|in|arrived|there)|not\ yet
    |n\ t\ (?:arrived|landed)|(?:todavia|aun)\ no|no\ (?:he|hemos)\ llegado|no\ (?:estoy|estamos))\b""",
    re.VERBOSE,
)
_IF = re.compile(r"\b(?:quand|une fois|lorsque|when|once|if|cuando|si)\b")
_UNDECIDED = re.compile(
    r"""\b(?:bientot|soon|pronto|prontito|idk|jsp|plus\ tard|later|mas\ (?:tarde|adelante)
    |(?:sais|sait|savons|c)\ pas(?:\ (?:exactement|trop|vraiment|merci))?$
    |(?:sais|savons)\ pas\ (?:encore|quand|la\ date|le\ jour)
    |(?:don\ t|dont|do\ not)\ (?:know|have)(?:\ exactly)?$|(?:don\ t|dont|do\ not)\ know\ (?:yet|when)
    |(?:don\ t|dont|do\ not)\ (?:know|have)\ (?:a|the|my)\ (?:exact\ )?(?:date|day|ticket)
    |not\ sure(?:\ yet)?$
    |no\ (?:lo\ )?se(?:\ (?:exactamente|bien))?$|no\ (?:lo\ )?se\ (?:todavia|aun|cuando|la\ fecha|el\ dia)
    |(?:aun|todavia)\ no(?:\ lo)?\ se
    |(?:pas|aucune)\ (?:encore\ )?(?:de\ )?date|no\ date|sin\ fecha|no\ tengo\ (?:la\ )?fecha
    |aucune\ idee|no\ idea|ni\ idea|ca\ depend|depende|it\ depends|depends\ on|recently|recemment|recientemente
    |hace\ poco|il\ y\ a\ peu|(?:next|this|in|the|last)\ (?:summer|winter|fall|autumn|spring)|printemps|primavera
    |(?:cet|l|en)\ (?:ete|automne|hiver)|(?:en|este|el|proximo)\ (?:verano|otono|invierno))\b""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Day:
    """One day. When `is_sure` is false the person is asked whether it is the right one.

    `words_left` counts the words that are neither the date nor what goes with one ("j'arrive", "since", "merci"): a
    large count means that the message speaks of something else too.
    """

    day: date
    is_sure: bool
    words_left: int


@dataclass(frozen=True)
class AlreadyHere:
    """The person is in Québec, and gave no day."""


def read_arrival(text: str, today: date) -> Day | NoSuchDay | Vague | AlreadyHere | None:
    """The day of arrival a message tells; None when it tells nothing of the kind."""
    line = Line(text)
    words = " ".join(token.text for token in line.tokens if token.kind != "mark")
    found = find_days(line, today)
    mentions = [m for m in _without_ranges(line, found) if not _is_born(line, m) and not _is_denied(line, m)]
    is_here = bool(_HERE.search(words)) and not _NOT_HERE.search(words) and not _IF.search(words)
    if not mentions:
        return _without_a_day(line, words, is_here=is_here)
    chosen, is_certain = _choose(line, mentions, today)
    is_past = is_here or _speaks_of_past(line, chosen, mentions)
    settled = settle(chosen, today, is_past=is_past)
    if not isinstance(settled, NoSuchDay):
        settled = _limited(line, chosen, settled, today)
    if not isinstance(settled, Settled):
        return settled
    is_sure = is_certain and settled.is_sure and _is_about_arriving(line)
    return Day(settled.day, is_sure, _words_left(line, found))


def _without_a_day(line: Line, words: str, *, is_here: bool) -> Vague | AlreadyHere | None:
    if _NOT_HERE.search(words):
        return Vague()
    if is_here or words in _HERE_ALONE or any(token.raw in {"llegué", "arrivé"} for token in line.tokens):
        return AlreadyHere()
    return Vague() if _UNDECIDED.search(words) else None


def _without_ranges(line: Line, mentions: Sequence[Mention]) -> list[Mention]:
    """Leaves out "du lundi au vendredi": opening hours, not a day."""
    dropped: set[int] = set()
    for k, (a, b) in enumerate(pairwise(mentions)):
        between = [line.at(i) for i in range(a.end, b.start)]
        is_range = all(word in _RANGE for word in between)
        if a.is_weekday_only and b.is_weekday_only and is_range:
            dropped |= {k, k + 1}
    return [m for k, m in enumerate(mentions) if k not in dropped]


def _is_born(line: Line, mention: Mention) -> bool:
    at = _before_articles(line, mention.start)
    return any(line.at(k) in _BORN for k in (at, at - 1, at - 2)) or line.at(at) in {"ne", "nes"}


def _is_denied(line: Line, mention: Mention) -> bool:
    return line.at(_before_articles(line, mention.start)) in _NOT


def _before_articles(line: Line, start: int) -> int:
    """Where the last word before a mention and its articles stands."""
    at = start - 1
    while at > start - 5 and line.at(at) in _ARTICLES:
        at -= 1
    return at


def _choose(line: Line, mentions: Sequence[Mention], today: date) -> tuple[Mention, bool]:
    """The mention that is the arrival, and whether it surely is."""
    group = after_correction(line, mentions, CORRECTIONS)
    with_day = [m for m in group if m.names_a_day] or group
    if len({_day_of(m, today) for m in with_day}) == 1:
        best = max(with_day, key=lambda m: (m.is_sure and m.day is not None and m.month is not None, -m.start))
        return best, True
    tied = _tied(line, with_day)
    if len(tied) == 1:
        return tied[0], True
    first = (tied or with_day)[0]
    after = next((m for m in with_day if m.start > first.start and m.month is not None), None)
    # "Le 3 ou le 4 décembre".
    if first.is_bare_day and first.weekday is None and after is not None and after.start - first.end <= 3:
        first = replace(first, month=after.month, year=after.year)
    return first, False


def _day_of(mention: Mention, today: date) -> object:
    settled = settle(mention, today)
    return settled.day if isinstance(settled, Settled) else settled


def _tied(line: Line, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions nearest to a word of arriving; failing that, to a flight or to coming."""
    arriving = [i for i in range(len(line)) if _ARRIVES.match(line.at(i)) or _is_since(line, i, mentions)]
    coming = [i for i in range(len(line)) if line.at(i) in _COMES]
    near = {_nearest(line, i, mentions) for i in arriving or coming}
    return [mentions[k] for k in sorted(near)]


def _is_since(line: Line, i: int, mentions: Sequence[Mention]) -> bool:
    return line.at(i) in _SINCE and mentions[_nearest(line, i, mentions)].start - 3 <= i


def _nearest(line: Line, i: int, mentions: Sequence[Mention]) -> int:
    """The mention a word goes with: the nearest, one in the same clause first, one after it at equal distance."""
    low, high = 0, len(mentions)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if mentions[middle].start <= i else (low, middle)
    choices = [k for k in (low - 1, low) if 0 <= k < len(mentions)]

    def distance(k: int) -> float:
        m = mentions[k]
        first, last = (m.end, i) if m.end <= i else (i + 1, m.start)
        breaks = sum(
            line.at(j) in {",", ".", ";", "et", "and", "y", "!", "?"} for j in range(first, min(last, first + 40))
        )
        return last - first + 6 * breaks + (0.5 if m.end <= i else 0)

    return min(choices, key=distance)


def _speaks_of_past(line: Line, chosen: Mention, mentions: Sequence[Mention]) -> bool:
    if line.at(_before_articles(line, chosen.start)) in _SINCE or line.at(chosen.start) in _SINCE:
        return True
    others = [m for m in mentions if m.start != chosen.start]
    starts = [m.start for m in mentions]
    own = starts.index(chosen.start) if chosen.start in starts else 0
    return any(not others or _nearest(line, i, mentions) == own for i in _past_words(line))


def _past_words(line: Line) -> Iterable[int]:
    """Folding makes one of "j'arrive" and "arrivé", "llegue" and "llegué": the accent or the words around tell."""
    for i, token in enumerate(line.tokens):
        before = {line.at(i - k) for k in (1, 2, 3)}
        if token.text in _PAST:
            yield i
        elif token.text in {
            "arrive",
            "arrives",
            "arrivee",
            "arrivees",
            "atterri",
            "debarque",
            "debarquee",
            "debarques",
        }:
            if before & _BEING or token.raw in {"arrivé", "arrivés", "débarqué"}:
                yield i
        elif token.text in {"llegue", "llego", "entre", "aterrice", "llegamos"}:
            is_to_come = before & {"cuando", "que", "antes"}
            if token.raw in {"llegué", "llegó", "entré", "aterricé"} or (token.text == "llegue" and not is_to_come):
                yield i


def _limited(line: Line, mention: Mention, settled: Settled | Vague, today: date) -> Settled | Vague:
    """ "After the 15th" and "the week of the 7th" give no day; "around the 15th" gives one to confirm."""
    at = _before_articles(line, mention.start)
    word = line.at(at)
    first, last = (settled.day, settled.day) if isinstance(settled, Settled) else (settled.first, settled.last)
    if first is None or last is None:
        return settled
    if word in _AFTER and mention.toward >= 0:
        return Vague(last + _ONE_DAY, None)
    if word in _FROM or (word in _BEFORE and line.at(at - 1) in _NOT | {"no"}):
        return Vague(first, None)
    if word in _BEFORE:
        return Vague(None, first - _ONE_DAY)
    if word in _BY and today <= last:
        return Vague(today, last)
    if word in {"semaine", "week", "semana"} and at < mention.start - 1 and isinstance(settled, Settled):
        monday = first - timedelta(days=first.weekday())
        return Vague(monday, monday + timedelta(days=6))
    if word in _ROUGHLY and isinstance(settled, Settled):
        return Settled(settled.day, is_sure=False)
    return settled


def speaks_of_arriving(text: str) -> bool:
    """Whether the message names an arrival, a flight, a coming: a day in it is then no other's."""
    return any(_ARRIVES.match(token.text) or token.text in _COMES for token in Line(text).tokens)


def _is_about_arriving(line: Line) -> bool:
    words = [token.text for token in line.tokens]
    return any(_ARRIVES.match(word) for word in words) or not any(_OTHERS.match(word) for word in words)


def _words_left(line: Line, mentions: Sequence[Mention]) -> int:
    taken = {i for m in mentions for i in range(m.start, m.end)}
    taken |= {i for c in find_clocks(line) for i in range(c.start, c.end)}
    return sum(line.is_word(i) and i not in taken and line.at(i) not in _SMALL for i in range(len(line)))
