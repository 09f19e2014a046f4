"""Which of our languages each word of a message tells: what `LanguageDetector` decides from.

Two tables, learned at training. Words: how likely each is in each of our languages, in films, books and the web
(wordfreq's small lists, CC BY-SA 4.0, read at training, never copied into the repository) and in our own messages,
whose folder is their language. Runs of letters, for words that are in neither: "doughter", "kiero", "komen".
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import yaml
from wordfreq import get_frequency_dict

from bot.i18n.languages import LANGUAGES, about
from bot.knowledge.places import places
from bot.rasa_ext.speller import fold, listed_languages

CODES = tuple(LANGUAGES)
# Of each language in turn, how much less likely a word is there than in its likeliest language (natural log).
Weighed = tuple[float, ...]
Example = tuple[str, str]
"""A message and its language."""

# Marks that one language alone writes: Spanish opens a question.
_MARKS = {mark: code for code in CODES for mark in about(code).marks}
_MARK_WEIGHT = 6.0
_TOLD_BY_MARK = {mark: tuple(0.0 if code == own else _MARK_WEIGHT for code in CODES) for mark, own in _MARKS.items()}
# Letters and digits ("m8", "a2m1"), an apostrophe inside; a mark of one language.
_WORD = re.compile("|".join([r"[^\W_]+(?:['’][^\W\d_]+)*", *map(re.escape, _MARKS)]))
# "14h", "3rd", "2e", "J1H", "h2x1y4": figures, hours and postal codes tell nothing.
_FIGURES = re.compile(r"\d+(?:h\d*|am|pm|km|kg|er|e|st|nd|rd|th|x|m|g)?|[a-z]\d[a-z](?:\d[a-z]\d)?|\d[a-z]\d")
_LENGTHENED = re.compile(r"(.)\1{2,}")
_ACRONYM_LENGTH = range(2, 6)
# Names that newcomers use in all three languages: they tell nothing of the language.
_NEUTRAL_NAMES = """
pm, ok, okay, no, stop, email, internet, telegram, wifi, hotel, taxi, metro, bus, bank, visa, covid, bixi, iphone, zoom
canada, toronto, ottawa, google, facebook, whatsapp, instagram, youtube, uber, netflix, tiktok, chatgpt
ramq, nas, saaq, csq, caq, crrc, clsc, cpe, mifi, aai, praida, pfsi, arrima, carte opus, carte soleil
bail, garderie, permis, passeport, rendez-vous, aide sociale, allocation famille, caisse populaire, classe d'accueil
demandeur d'asile, emploi-québec, revenu québec, service canada, services québec, francisation, francisation québec
accompagnement, accompagnement québec, objectif, intégration, objectif intégration, carte, soleil
"""
# Borrowed everywhere, yet whoever opens with one writes in its language: frequencies alone leave them undecided.
_OPENERS = {word: code for code in CODES for word in about(code).openers}
_OPENER_WEIGHT = 4.0
# "xqzt" is spelt like no language, its letters would name one at random; "jsp" and "pls" are short forms.
_SHORT_FORM = 3
_UNSPELT = re.compile(r"[b-df-hj-np-tv-xz0-9']+")

# How much the web's words and our own count; how likely a word is in a language whose lists lack it; how far one word
# may tell.
_WEB, _OURS = 0.5, 0.4
_UNSEEN = 1e-8
_MOST = 7.0
# A word of our own that was seen once may be anyone's: its letters count as a third of a sighting.
_LETTERS = 0.3
_FOLDED_ALIAS = 0.5
_LONGEST_RUN = 4
# Of another letter after letters never seen: one of so many.
_ALPHABET = 60
_NOVELTY = 3
# A run of letters seen less is left to the shorter one in it.
_SEEN_ENOUGH = 0.02
_EDGE = "^{}$"
# Tables are kept in bytes: sixteenths.
_UNIT = 16


_NOISE: Weighed = (0.0,) * len(CODES)


class LanguageModel:
    """Weighs the words of a message. Names of places and of offices are left out."""

    def __init__(self, words: dict[str, bytes], runs: dict[str, bytes]) -> None:
        self._words = words
        self._runs = runs
        self._neutral = _by_first_word(
            [name for place in places() for name in (place.name, *place.variants)] + re.split(r"[,\n]", _NEUTRAL_NAMES)
        )

    @classmethod
    def learn(cls, examples: Iterable[Example]) -> LanguageModel:
        model = cls({}, {})
        web = [_web_words(code) for code in CODES]
        ours = model._our_words(examples)
        model._runs = _weigh_runs([_Letters(web[i], ours[i]) for i in range(len(CODES))])
        totals = [sum(counts.values()) or 1.0 for counts in ours]
        for word in {word for counts in (*web, *ours) for word in counts}:
            spelt = model._likely_by_letters(word) if any(word in counts for counts in ours) else (0.0,) * len(CODES)
            likely = [
                _WEB * web[i].get(word, 0.0) + _OURS * (ours[i][word] + _LETTERS * spelt[i]) / totals[i] + _UNSEEN
                for i in range(len(CODES))
            ]
            model._words[word] = _packed([math.log(value) for value in likely], _MOST)
        return model

    def _our_words(self, examples: Iterable[Example]) -> list[Counter[str]]:
        counts: dict[str, Counter[str]] = {code: Counter() for code in CODES}
        for text, code in examples:
            for word in self.words(text):
                _count(counts[code], word, 1.0)
        return [counts[code] for code in CODES]

    def hear(self, text: str) -> list[tuple[str, Weighed]]:
        """Each word that counts, and what it tells."""
        return [(word, self._weigh(word)) for word in self.words(text)]

    def _weigh(self, word: str) -> Weighed:
        if word in _TOLD_BY_MARK:
            return _TOLD_BY_MARK[word]
        known = self._words.get(word)
        if len(word) > _SHORT_FORM and word not in _OPENERS and _UNSPELT.fullmatch(fold(word)):
            return _NOISE
        weighed = tuple(value / _UNIT for value in known) if known else self._weigh_letters(word)
        opened = _OPENERS.get(word)
        if not opened:
            return weighed
        return tuple(0.0 if code == opened else _OPENER_WEIGHT for code in CODES)

    def _weigh_letters(self, word: str) -> Weighed:
        written = _EDGE.format(word)
        sums = [0] * len(CODES)
        for end in range(2, len(written) + 1):
            for start in range(max(0, end - _LONGEST_RUN), end):
                run = self._runs.get(written[start:end])
                if run:
                    for i, value in enumerate(run):
                        sums[i] += value
                    break
        least = min(sums)
        return tuple(min((value - least) / _UNIT, _MOST) for value in sums)

    def _likely_by_letters(self, word: str) -> Weighed:
        likely = [math.exp(-value) for value in self._weigh_letters(word)]
        return tuple(value / sum(likely) for value in likely)

    def words(self, text: str) -> Iterator[str]:
        """The words that may tell something, in lower case; "j'ai" is "j'" and "ai"."""
        words = _WORD.findall(text)
        folded = [word.lower() if word.isascii() else fold(word) for word in words]
        is_shouted = text.isupper()
        i = 0
        while i < len(words):
            names = self._neutral.get(folded[i], ())
            skipped = next((len(name) for name in names if folded[i : i + len(name)] == name), 0)
            word = words[i]
            is_acronym = word.isupper() and len(word) in _ACRONYM_LENGTH and not is_shouted
            # The social insurance number in English; "without" in Spanish.
            is_neutral = skipped or is_acronym or word == "SIN" or _FIGURES.fullmatch(folded[i])
            if not is_neutral:
                yield from _parts(_LENGTHENED.sub(r"\1", word.lower()))
            i += skipped or 1

    def save(self, file: Path) -> None:
        np.savez(
            file,
            words=np.frombuffer("\n".join(self._words).encode(), dtype=np.uint8),
            weighed=np.frombuffer(b"".join(self._words.values()), dtype=np.uint8),
            runs=np.frombuffer("\n".join(self._runs).encode(), dtype=np.uint8),
            weighed_runs=np.frombuffer(b"".join(self._runs.values()), dtype=np.uint8),
        )

    @classmethod
    def load(cls, file: Path) -> LanguageModel:
        with np.load(file, allow_pickle=False) as arrays:
            return cls(
                _table(arrays["words"].tobytes(), arrays["weighed"].tobytes()),
                _table(arrays["runs"].tobytes(), arrays["weighed_runs"].tobytes()),
            )


def examples_in(folder: Path) -> list[Example]:
    """The messages of Rasa's files in the folder of each language."""
    found = []
    for code in CODES:
        for path in sorted((folder / code).glob("*.yml")):
            for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).get("nlu") or ():
                lines = (line.strip() for line in str(block.get("examples") or "").splitlines())
                found += [(line[2:], code) for line in lines if line.startswith("- ")]
    return found


class _Letters:
    """How likely a word is by its letters: runs of up to four, each length mixed with the shorter one."""

    def __init__(self, web: dict[str, float], ours: Counter[str]) -> None:
        seen: Counter[str] = Counter()
        for word, frequency in web.items():
            seen[word] += (frequency * 1e6) ** 0.5
        for word, count in ours.items():
            seen[word] += 3 * math.log1p(count)
        self.runs: list[dict[str, float]] = [defaultdict(float) for _ in range(_LONGEST_RUN)]
        self._before: list[dict[str, float]] = [defaultdict(float) for _ in range(_LONGEST_RUN)]
        self._kinds: list[dict[str, int]] = [defaultdict(int) for _ in range(_LONGEST_RUN)]
        for word, weight in seen.items():
            written = _EDGE.format(word)
            for end in range(2, len(written) + 1):
                for length in range(1, min(end, _LONGEST_RUN) + 1):
                    self.runs[length - 1][written[end - length : end]] += weight
        for length, runs in enumerate(self.runs):
            for run, weight in runs.items():
                self._before[length][run[:-1]] += weight
                self._kinds[length][run[:-1]] += 1
        self._known: dict[str, float] = {}

    def after(self, run: str) -> float:
        """How likely the last letter is after the others."""
        known = self._known.get(run)
        if known is None:
            shorter = self.after(run[1:]) if len(run) > 1 else 1 / _ALPHABET
            known = shorter
            length = len(run) - 1
            before = self._before[length].get(run[:-1], 0.0)
            if before:
                novel = _NOVELTY * self._kinds[length][run[:-1]]
                known = (self.runs[length].get(run, 0.0) + novel * shorter) / (before + novel)
            self._known[run] = known
        return known


def _weigh_runs(letters: Sequence[_Letters]) -> dict[str, bytes]:
    runs: dict[str, bytes] = {}
    for length in range(_LONGEST_RUN):
        seen: Counter[str] = Counter()
        for one in letters:
            seen.update(one.runs[length])
        enough = 0.0 if length == 0 else _SEEN_ENOUGH * sum(seen.values()) / len(seen)
        for run, weight in seen.items():
            if weight > enough:
                runs[run] = _packed([math.log(one.after(run)) for one in letters], 255 / _UNIT)
    return runs


def _web_words(code: str) -> dict[str, float]:
    """None for a language that wordfreq has no list of: our own messages then tell it alone."""
    words: Counter[str] = Counter()
    if code not in listed_languages():
        return words
    for word, frequency in get_frequency_dict(code, "small").items():
        for part in _parts(word):
            _count(words, part, frequency)
    return words


def _count(counts: Counter[str], word: str, times: float) -> None:
    """The word, and half as often as people write it without its accents."""
    counts[word] += times
    folded = fold(word)
    if folded != word:
        counts[folded] += times * _FOLDED_ALIAS


def _parts(word: str) -> Iterator[str]:
    """ "l'école" is "l'" and "école"; "don't" is "don'" and "'t": what follows an apostrophe is short in English."""
    *before, last = word.replace("’", "'").split("'")
    for part in before:
        yield f"{part}'"
    if last:
        yield f"'{last}" if before and len(last) <= 2 else last


def _packed(likely: Sequence[float], most: float) -> bytes:
    best = max(likely)
    return bytes(round(min(best - value, most) * _UNIT) for value in likely)


def _table(keys: bytes, values: bytes) -> dict[str, bytes]:
    if not keys:
        return {}
    size = len(CODES)
    rows = (values[i : i + size] for i in range(0, len(values), size))
    return dict(zip(keys.decode().split("\n"), rows, strict=True))


def _by_first_word(names: Iterable[str]) -> dict[str, list[list[str]]]:
    """The words of each name, longest names first."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for words in sorted((_WORD.findall(fold(name)) for name in names), key=len, reverse=True):
        if words and words not in found[words[0]]:
            found[words[0]].append(words)
    return dict(found)
