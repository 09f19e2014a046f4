"""Mends one slip per word: the nearest known word at one edit, else the word as it is.

Known words are those of the training messages plus the most frequent ones of our languages (wordfreq; its lists
are CC BY-SA 4.0, read at training, never copied into the repository).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from wordfreq import available_languages, top_n_list, word_frequency

from bot.i18n.languages import LANGUAGES

FREQUENT_WORDS = 30_000
MIN_LENGTH = 4
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def fold(text: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def listed_languages() -> list[str]:
    """Our languages that wordfreq has lists of; what it knows of the others is nothing."""
    available = available_languages("small")
    return [language for language in LANGUAGES if language in available]


class Speller:
    """`weights`: each known word (folded) and how likely it is."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Speller:
        weights: Counter[str] = Counter()
        for language in listed_languages():
            for word in top_n_list(language, FREQUENT_WORDS):
                folded = fold(word)
                if folded.isalpha():
                    weights[folded] = max(weights[folded], word_frequency(word, language))
        seen = Counter(word for text in texts for word in _WORD.findall(fold(text)))
        total = sum(seen.values()) or 1
        for word, count in seen.items():
            if count > 1 or word in weights:
                # A word that newcomers use is likelier than its frequency in films and books says.
                weights[word] = max(weights[word], 3 * count / total)
        return cls(dict(weights))

    def mend(self, text: str) -> str:
        """The text folded, each unknown word replaced by its likeliest neighbour."""
        return _WORD.sub(lambda found: self._mend_word(found.group()), fold(text))

    def _mend_word(self, word: str) -> str:
        if len(word) < MIN_LENGTH or word in self.weights:
            return word
        known = [near for near in _one_edit_from(word) if near in self.weights]
        return max(known, key=self.weights.__getitem__) if known else word


def _one_edit_from(word: str) -> Iterable[str]:
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            if tail:
                yield head + letter + tail[1:]
            yield head + letter + tail
