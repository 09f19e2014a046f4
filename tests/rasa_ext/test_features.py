"""A message in numbers: always the same ones, in the precision of the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.rasa_ext.features import MessageFeatures

TEXTS = ["je cherche un logement", "où trouver un logement à louer", "I need a flat", "busco un piso", "merci beaucoup"]
TABLES = [{"name": "ask_housing", "elements": ["logement", "flat"]}, {"name": "ask_bank", "elements": ["compte"]}]


@pytest.fixture(scope="module")
def features() -> MessageFeatures:
    return MessageFeatures.learn(TEXTS, TABLES, min_df=1)


def test_one_row_per_text_of_single_precision(features: MessageFeatures) -> None:
    dense, sparse = features.of(["un logement", ""])
    assert dense.shape == (2, 512)
    assert sparse.shape[0] == 2
    assert dense.dtype == sparse.dtype == np.float32
    assert np.linalg.norm(dense[0]) == pytest.approx(1, abs=1e-5)
    assert not dense[1].any()


def test_a_mended_slip_is_close_to_what_is_meant(features: MessageFeatures) -> None:
    dense, _ = features.of(["je cherche un logement", "je cherche un logemnt", "merci beaucoup"])
    assert dense[0] @ dense[1] > dense[0] @ dense[2] + 0.3


def test_written_and_read_again_they_are_the_same(features: MessageFeatures, tmp_path: Path) -> None:
    features.save(tmp_path)
    again = MessageFeatures.load(tmp_path)
    for before, after in zip(features.of(TEXTS), again.of(TEXTS), strict=True):
        difference = abs(before - after)
        assert difference.max() < 1e-6
