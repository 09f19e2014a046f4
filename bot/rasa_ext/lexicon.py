"""The words of each intent (Rasa's lookup tables, nlu_data/lexicon/): how much of a message speaks for which.

Sentences never hold the whole vocabulary of a subject; lists of words come closer, and cost no sentence each.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from bot.rasa_ext.speller import fold

LONGEST_TERM = 4
"""Words."""
_WORD = re.compile(r"[^\W_]+")


class Lexicon:
    """`terms` maps a folded term to the columns of the intents that it speaks for."""

    def __init__(self, terms: Mapping[str, Sequence[int]], width: int) -> None:
        self.terms = terms
        self.width = width

    @classmethod
    def of(cls, tables: Iterable[Mapping[str, object]]) -> Lexicon:
        """From Rasa's lookup tables (`name`, `elements`): one column per name, in alphabetical order."""
        named: dict[str, set[str]] = defaultdict(set)
        for table in tables:
            elements = table["elements"]
            assert isinstance(elements, list), "a lookup table in a file of its own is not read"
            named[str(table["name"])].update(" ".join(words_of(term)) for term in elements)
        terms: dict[str, list[int]] = defaultdict(list)
        for column, name in enumerate(sorted(named)):
            for term in named[name] - {""}:
                terms[term].append(column)
        return cls(dict(terms), len(named))

    def features(self, texts: Sequence[str]) -> csr_matrix:
        """One row per text, one column per intent: log(1 + terms found), a term shared by n intents counting 1/n."""
        counts = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, text in enumerate(texts):
            for columns in self._found(words_of(text)):
                counts[row, columns] += 1 / len(columns)
        return csr_matrix(np.log1p(counts))

    def _found(self, words: Sequence[str]) -> Iterable[list[int]]:
        """Longest terms first, no word counted twice."""
        start = 0
        while start < len(words):
            for end in range(min(start + LONGEST_TERM, len(words)), start, -1):
                if columns := self.terms.get(" ".join(words[start:end])):
                    yield list(columns)
                    start = end - 1
                    break
            start += 1


def words_of(text: str) -> list[str]:
    return _WORD.findall(fold(text))
