"""Training messages are put together without copies, and come out the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from rasa.shared.nlu.training_data import training_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa_ext.training_data import share_messages


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    training_data.copy = copy


def parts() -> list[TrainingData]:
    return [
        TrainingData(
            training_examples=[Message.build(f"{part} {n}", f"ask_{part}") for n in range(3)],
            lookup_tables=[{"name": part, "elements": ["a", "b"]}],
            responses={f"utter_{part}": [{"text": part}]},
        )
        for part in ("sin", "bank")
    ]


def merged() -> TrainingData:
    first, second = parts()
    return TrainingData().merge(first, second)


def test_the_same_data_come_out() -> None:
    copied = merged()
    share_messages()
    shared = merged()
    assert shared.fingerprint() == copied.fingerprint()
    assert shared.lookup_tables == copied.lookup_tables
    assert shared.responses == copied.responses


def test_messages_are_shared_and_lists_are_not() -> None:
    share_messages()
    first, second = parts()
    whole = first.merge(second)
    assert whole.training_examples[0] is first.training_examples[0]
    assert len(first.training_examples) == 3
    assert len(whole.training_examples) == 6
    assert list(first.responses) == ["utter_sin"]
