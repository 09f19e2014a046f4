"""Logistic regression over many classes, on a dense and a sparse block at once.

scikit-learn's own wants one matrix: beside a sparse block, 512 dense columns make it sparse and four times slower to
train. The same loss (L2, balanced classes) and the same solver (L-BFGS, from SciPy) on two blocks; nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class SoftmaxWeights:
    """One column per class: `dense` (dense features × classes), `sparse` (sparse features × classes), `bias`."""

    classes: list[str]
    dense: np.ndarray
    sparse: np.ndarray
    bias: np.ndarray

    def likelihoods(self, dense: np.ndarray, sparse: csr_matrix) -> np.ndarray:
        """One row per example; each adds up to 1."""
        return _softmax(dense @ self.dense + sparse @ self.sparse + self.bias)

    def save(self, path: Path) -> None:
        """Arrays only, no pickle."""
        np.savez(path, classes=np.array(self.classes), dense=self.dense, sparse=self.sparse, bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> SoftmaxWeights:
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["classes"].tolist(), arrays["dense"], arrays["sparse"], arrays["bias"])


def fit_softmax(
    dense: np.ndarray, sparse: csr_matrix, labels: Sequence[str], *, strength: float, iterations: int
) -> SoftmaxWeights:
    """`strength` is scikit-learn's C. Classes weigh the same, however many examples each has."""
    classes = sorted(set(labels))
    targets = np.array([classes.index(label) for label in labels])
    rows, count = np.arange(len(targets)), len(classes)
    balance = (len(targets) / (count * np.bincount(targets, minlength=count)))[targets].astype(np.float32)
    dense = dense.astype(np.float32)
    pool = ThreadPoolExecutor(os.cpu_count())
    forth, back = _parts(sparse.tocsr()), _parts(sparse.T.tocsr())

    def times(parts: list[csr_matrix], matrix: np.ndarray) -> np.ndarray:
        return np.vstack(list(pool.map(lambda part: part @ matrix, parts)))

    border = dense.shape[1]
    shape = (border + sparse.shape[1] + 1, count)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.astype(np.float32).reshape(shape)
        likely = _softmax(dense @ weights[:border] + times(forth, weights[border:-1]) + weights[-1])
        missed = -(balance * np.log(likely[rows, targets] + 1e-12)).sum(dtype=np.float64)
        likely[rows, targets] -= 1
        likely *= balance[:, None]
        gradient = np.vstack([dense.T @ likely, times(back, likely), likely.sum(axis=0, keepdims=True)])
        held = weights.copy()
        held[-1] = 0  # the bias is free
        size = 0.5 * float((held * held).sum(dtype=np.float64))
        return strength * missed + size, (strength * gradient + held).astype(np.float64).ravel()

    found = minimize(
        loss, np.zeros(shape[0] * count), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 8}
    )
    pool.shutdown()
    weights = found.x.astype(np.float32).reshape(shape)
    return SoftmaxWeights(classes, weights[:border], weights[border:-1], weights[-1])


def _parts(matrix: csr_matrix) -> list[csr_matrix]:
    """The rows in as many parts as there are cores, each with about as many numbers: SciPy multiplies on one core."""
    cores = os.cpu_count() or 1
    ends = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, cores + 1)[1:-1])
    bounds = [0, *(int(end) for end in ends), matrix.shape[0]]
    return [matrix[start:end] for start, end in pairwise(bounds)]


def _softmax(scores: np.ndarray) -> np.ndarray:
    likely: np.ndarray = np.exp(scores - scores.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)
