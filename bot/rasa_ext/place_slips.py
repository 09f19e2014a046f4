"""Places written with a slip: "Longeuil", "Sherbroke", "trois riviere", "Gatino". Asked by PlaceFinder.

A word is compared with the words that places are made of. What is an ordinary word of French, English or Spanish
(wordfreq's lists, CC BY-SA 4.0, read at training; of them those that look like a place are kept, and the most frequent
ones) or of our own vocabulary is never taken for a slip, nor is what looks more like a frequent word ("masion").
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wordfreq import get_frequency_dict, top_n_list

from bot.rasa_ext.sound import sound_of
from bot.rasa_ext.speller import fold, listed_languages

# Of each language.
FREQUENT_WORDS = 2_000
# Letters of a name (spaces left out) from which one slip is mended, and two.
ONE_SLIP, TWO_SLIPS = 5, 9
# One word heard as another is written: from so many letters.
HEARD = 5
# A name written in two words that is one ("Drummond ville").
GLUED = 8
_SHORTEST_SLIP = 4
# So many letters of a name, written well, leave no doubt about the rest.
_TELLING = 8
# A word this short that is as near to a frequent word as to a place means the frequent word.
_SHORT = 7
# Words that the lists lack.
_NO_SLIPS = frozenset({"montrealers", "montrealeses", "prevaux", "thurs"})
_SAINT = {"st": "saint", "ste": "saint", "sainte": "saint"}
# People do not miss the first letter, but for one that sounds the same or two that changed places.
_INITIAL = str.maketrans("ckqzgv", "cccsjw")


@dataclass(frozen=True)
class Slip:
    """Words `start` to `end` of the message mean one of the forms; `letters` tells how many are wrong."""

    start: int
    end: int
    letters: int
    forms: tuple[str, ...]


class PlaceSlips:
    """`forms`: ways to write places, as `plain` gives them. `ordinary`: words that look like theirs and are others."""

    def __init__(self, forms: Iterable[str], ordinary: Iterable[str] = (), frequent: Iterable[str] = ()) -> None:
        self.ordinary = frozenset(ordinary)
        self.frequent = tuple((_bits(word), word) for word in sorted(frequent))
        # Names by their words, and by the first of them.
        self._forms: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._glued: dict[str, str] = {}
        # By first letter and length, with the letters as bits.
        self._alike: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        self._heard: dict[str, set[str]] = defaultdict(set)
        pieces: set[str] = set()
        for form in sorted(set(forms)):
            words = _same_saint(form.split())
            if not words or not all(word.isalpha() for word in words) or _letters(words) < ONE_SLIP:
                continue
            glued = "".join(words)
            self._forms[words[0]].append((words, form))
            pieces.update(words)
            if len(words) > 1:
                self._forms[glued].append(((glued,), form))
                pieces.add(glued)
            if len(glued) >= GLUED:
                self._glued[glued] = form
        self._pieces = frozenset(pieces)
        for piece in sorted(pieces):
            for initial in {_initial(piece), _initial(piece[1:])}:
                self._alike[initial, len(piece)].append((_bits(piece), piece))
            if len(piece) >= HEARD:
                self._heard[sound_of(piece)].add(piece)

    @classmethod
    def learn(cls, forms: Iterable[str], ours: Iterable[str]) -> PlaceSlips:
        """`ours`: words of our own vocabulary."""
        forms = tuple(forms)
        bare = cls(forms)
        vocabulary = _NO_SLIPS.union(map(fold, ours))
        frequent: set[str] = set()
        for language in listed_languages():
            vocabulary = vocabulary.union(map(fold, get_frequency_dict(language, "small")))
            frequent.update(map(fold, top_n_list(language, FREQUENT_WORDS)))
        ordinary = {word for word in vocabulary if word not in bare._pieces and bare._near(word)}
        kept = {word for word in frequent if len(word) >= _SHORTEST_SLIP and word.isalpha()}
        return cls(forms, ordinary, kept - bare._pieces)

    def save(self, file: Path) -> None:
        words = {"ordinary": sorted(self.ordinary), "frequent": [word for _, word in self.frequent]}
        file.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, file: Path, forms: Iterable[str]) -> PlaceSlips:
        words = json.loads(file.read_text(encoding="utf-8"))
        return cls(forms, words["ordinary"], words["frequent"])

    def find(self, words: Sequence[str]) -> list[Slip]:
        """No two share a word; in the order they are written. The longest first, then the fewest wrong letters."""
        taken: set[int] = set()
        kept = []
        found = self._all(_same_saint(words))
        for slip in sorted(found, key=lambda slip: (slip.start - slip.end, slip.letters, slip.start)):
            if taken.isdisjoint(range(slip.start, slip.end)):
                taken.update(range(slip.start, slip.end))
                kept.append(slip)
        return sorted(kept, key=lambda slip: slip.start)

    def _all(self, words: Sequence[str]) -> Iterator[Slip]:
        found: dict[tuple[int, int, int], list[str]] = defaultdict(list)
        near = [self._near(word) for word in words]
        for start in range(len(words)):
            for first in near[start]:
                for form, written in self._forms.get(first, ()):
                    end = start + len(form)
                    letters = self._wrong_letters(words[start:end], form, near[start:end])
                    if letters is not None:
                        found[start, end, letters].append(written)
            for end in (start + 2, start + 3):
                glued = "".join(words[start:end])
                if end <= len(words) and glued in self._glued:
                    found[start, end, 0].append(self._glued[glued])
        for (start, end, letters), forms in found.items():
            yield Slip(start, end, letters, tuple(forms))

    def _wrong_letters(self, words: Sequence[str], form: tuple[str, ...], near: Sequence[dict[str, int]]) -> int | None:
        """How many letters are wrong; None when these words are not that name."""
        if len(words) != len(form):
            return None
        wrong = 0
        told = _letters(meant for word, meant in zip(words, form, strict=True) if word == meant)
        for word, meant, close in zip(words, form, near, strict=True):
            if word == meant:
                continue
            if meant not in close:
                return None
            # "trois riviere", "bas saint lauren": the rest of the name says which; but "ciudades de Quebec" is no city.
            is_told = (told >= _TELLING and not word.startswith(meant)) or (
                told >= _SHORTEST_SLIP and meant in (f"{word}s", f"{word}e")
            )
            if not is_told and (word in self.ordinary or word in self._pieces):
                return None
            if told < _SHORTEST_SLIP and self._means_frequent_word(word, close[meant]):
                return None
            wrong += close[meant]
        length = min(_letters(words), _letters(form))
        allowed = 2 if length >= TWO_SLIPS else 1 if length >= ONE_SLIP else 0
        return wrong if wrong <= allowed else None

    def _means_frequent_word(self, word: str, wrong: int) -> bool:
        """Whether a frequent word is nearer than `wrong` letters; for a short one, as near."""
        most = wrong if len(word) <= _SHORT else wrong - 1
        bits = _bits(word)
        return most > 0 and any(
            (bits ^ letters).bit_count() <= 2 * most
            and abs(len(word) - len(frequent)) <= most
            and _wrong_letters(word, frequent, most) <= most
            for letters, frequent in self.frequent
        )

    def _near(self, word: str) -> dict[str, int]:
        """The words of places that this one could be, and how many letters differ."""
        found = {word: 0} if word in self._pieces else {}
        if len(word) < _SHORTEST_SLIP - 1:
            return found
        most = 2 if len(word) >= TWO_SLIPS - 2 else 1
        bits, initial = _bits(word), _initial(word)
        for length in range(len(word) - most, len(word) + most + 1):
            for letters, piece in self._alike.get((initial, length), ()):
                # One wrong letter changes two bits at most.
                if (bits ^ letters).bit_count() <= 2 * most and piece != word:
                    wrong = _wrong_letters(word, piece, most)
                    if wrong <= most:
                        found[piece] = wrong
        if len(word) >= HEARD:
            for piece in self._heard.get(sound_of(word), ()):
                found[piece] = min(found.get(piece, 1), 1)
        return found


def _same_saint(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(_SAINT.get(word, word) for word in words)


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))


def _bits(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _initial(word: str) -> str:
    return word[:1].translate(_INITIAL)


def _wrong_letters(one: str, other: str, most: int) -> int:
    """Letters left out, added, changed, or two in each other's place; `most` + 1 when there are more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, meant in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != meant))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == meant:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
