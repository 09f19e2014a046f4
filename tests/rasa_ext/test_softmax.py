"""Our logistic regression against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.rasa_ext.softmax import SoftmaxWeights, fit_softmax

CLASSES = ["book", "greet", "thanks"]


@pytest.fixture(scope="module")
def examples() -> tuple[np.ndarray, csr_matrix, list[str]]:
    """Ninety examples, classes of unequal size, a dense and a sparse block."""
    random = np.random.default_rng(7)
    labels = ["book"] * 60 + ["greet"] * 20 + ["thanks"] * 10
    centres = random.normal(size=(3, 6))
    dense = np.vstack([centres[CLASSES.index(label)] + random.normal(size=6) for label in labels])
    sparse = csr_matrix(random.binomial(1, 0.2, size=(90, 12)) * random.random((90, 12)))
    return dense.astype(np.float32), sparse.astype(np.float32), labels


@pytest.mark.parametrize("strength", [0.5, 10.0])
def test_same_likelihoods_as_scikit_learn(examples: tuple[np.ndarray, csr_matrix, list[str]], strength: float) -> None:
    dense, sparse, labels = examples
    ours = fit_softmax(dense, sparse, labels, strength=strength, iterations=2000)
    both = hstack([csr_matrix(dense), sparse], format="csr")
    theirs = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000, tol=1e-6).fit(both, labels)
    assert ours.classes == list(theirs.classes_) == CLASSES
    np.testing.assert_allclose(ours.likelihoods(dense, sparse), theirs.predict_proba(both), atol=5e-3)


def test_likelihoods_add_up_to_one_and_bear_great_scores() -> None:
    weights = SoftmaxWeights(["a", "b"], np.array([[1e4, -1e4]]), np.zeros((1, 2)), np.zeros(2))
    likely = weights.likelihoods(np.array([[1.0], [-1.0]]), csr_matrix((2, 1)))
    np.testing.assert_allclose(likely, [[1, 0], [0, 1]], atol=1e-9)


def test_few_examples_weigh_as_much_as_many() -> None:
    dense = np.zeros((10, 1), dtype=np.float32)
    labels = ["many"] * 9 + ["few"]
    weights = fit_softmax(dense, csr_matrix((10, 1), dtype=np.float32), labels, strength=10.0, iterations=100)
    likely = weights.likelihoods(dense[:1], csr_matrix((1, 1)))
    np.testing.assert_allclose(likely, [[0.5, 0.5]], atol=1e-2)
