"""A message in numbers: what it means (sentence encoder), how it is written and how it sounds (runs of characters), and
which subjects its words belong to (lexicon).

Everything learned is kept as arrays and JSON, no pickle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.rasa_ext.encoder import encode
from bot.rasa_ext.lexicon import Lexicon
from bot.rasa_ext.sound import sound_of
from bot.rasa_ext.speller import Speller, fold

NGRAMS = (2, 5)
WRITTEN_RUNS = 14_000
SOUNDED_RUNS = 12_000


class MessageFeatures:
    """Learned once from the training messages and the lexicon; then gives the same numbers for the same text."""

    def __init__(self, speller: Speller, lexicon: Lexicon, written: TfidfVectorizer, sounded: TfidfVectorizer) -> None:
        self._speller = speller
        self._lexicon = lexicon
        self._written = written
        self._sounded = sounded

    @classmethod
    def learn(cls, texts: Sequence[str], lookup_tables: Iterable[Mapping[str, Any]], min_df: int) -> MessageFeatures:
        """Runs of characters that stand in fewer than `min_df` messages are left out."""
        lexicon = Lexicon.of(lookup_tables)
        speller = Speller.learn([*texts, *lexicon.terms])
        written = _runs(min_df=min_df, max_features=WRITTEN_RUNS).fit([speller.mend(text) for text in texts])
        sounded = _runs(min_df=min_df, max_features=SOUNDED_RUNS).fit([sound_of(text) for text in texts])
        return cls(speller, lexicon, written, sounded)

    def of(self, texts: Sequence[str]) -> tuple[np.ndarray, csr_matrix]:
        """One row per text: 512 dense numbers of length 1 together, and the sparse ones."""
        mended = [self._speller.mend(text) for text in texts]
        sparse = hstack(
            [
                self._written.transform(mended),
                self._sounded.transform([sound_of(text) for text in texts]),
                self._lexicon.features(mended),
            ]
        )
        # In the precision of the weights: otherwise all of these are converted each time.
        return _meaning(texts, mended), csr_matrix(sparse, dtype=np.float32)

    def save(self, folder: Path) -> None:
        known = {
            "words": self._speller.weights,
            "lexicon": {"terms": self._lexicon.terms, "width": self._lexicon.width},
            "written": _vocabulary(self._written),
            "sounded": _vocabulary(self._sounded),
        }
        (folder / "known.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "idf.npz", written=self._written.idf_, sounded=self._sounded.idf_)

    @classmethod
    def load(cls, folder: Path) -> MessageFeatures:
        known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
        vectorizers = {}
        with np.load(folder / "idf.npz", allow_pickle=False) as idf:
            for name in ("written", "sounded"):
                vectorizers[name] = _runs(vocabulary=known[name])
                vectorizers[name].idf_ = idf[name]
        return cls(Speller(known["words"]), Lexicon(**known["lexicon"]), **vectorizers)


def _runs(**options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=NGRAMS, sublinear_tf=True, dtype=np.float32, **options)


def _vocabulary(vectorizer: TfidfVectorizer) -> dict[str, int]:
    return {run: int(column) for run, column in vectorizer.vocabulary_.items()}


def _meaning(texts: Sequence[str], mended: Sequence[str]) -> np.ndarray:
    """The text's vector, averaged with that of its mended form where the speller changed a word."""
    changed = [i for i, (text, other) in enumerate(zip(texts, mended, strict=True)) if fold(text) != other]
    # In one batch: a short sentence costs little more than reading the encoder's weights.
    vectors = encode([*texts, *(mended[i] for i in changed)])
    vectors, mended_vectors = vectors[: len(texts)], vectors[len(texts) :]
    vectors[changed] = (vectors[changed] + mended_vectors) / 2
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)
