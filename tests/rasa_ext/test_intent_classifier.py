"""The classifier: trained on a little, written, read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa_ext.intent_classifier import SentenceIntentClassifier
from tests.rasa_ext.kit import a_message

EXAMPLES = {
    "greet": ["bonjour", "salut à tous", "hello there", "good morning", "hola", "buenas tardes"],
    "thanks": ["merci beaucoup", "merci bien", "thank you", "thanks a lot", "muchas gracias", "se lo agradezco"],
    "ask_housing": [
        *("je cherche un logement", "trouver un appartement à louer", "I need an apartment"),
        *("where can I find a place to rent", "busco un apartamento", "alquilar una vivienda"),
    ],
    "emergency": ["je vais me tuer", "il me frappe, aidez-moi", "I want to die", "there is a fire", "me quiero morir"],
}
CONFIG: dict[str, Any] = {**SentenceIntentClassifier.get_default_config(), "min_df": 1}


def trained(folder: Path, **config: Any) -> tuple[SentenceIntentClassifier, LocalModelStorage, Resource]:
    storage, resource = LocalModelStorage.create(folder), Resource("classifier")
    classifier = SentenceIntentClassifier.create(CONFIG | config, storage, resource, None)
    messages = [a_message(text, intent=intent) for intent, texts in EXAMPLES.items() for text in texts]
    lexicon = [{"name": "ask_housing", "elements": ["bail", "studio", "roommate", "arriendo"]}]
    classifier.train(TrainingData(messages, lookup_tables=lexicon))
    return classifier, storage, resource


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[SentenceIntentClassifier, LocalModelStorage, Resource]:
    return trained(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("good afternoon", "greet"),
        ("mil gracias", "thanks"),
        ("busco donde vivir", "ask_housing"),
        ("chercher un apartement", "ask_housing"),
        ("merci bocoup", "thanks"),
        ("un studio", "ask_housing"),
    ],
)
def test_ranks_what_it_has_not_read(model: Any, text: str, intent: str) -> None:
    ranking, _ = model[0].rank(text)
    assert ranking[0]["name"] == intent
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1, abs=1e-5)


def test_read_again_it_ranks_the_same(model: Any) -> None:
    classifier, storage, resource = model
    again = SentenceIntentClassifier.load(CONFIG, storage, resource, None)
    for text in ("un logement", "merçi", "hola buenas", "xyz", "🙂"):
        (before, danger), (after, again_danger) = classifier.rank(text), again.rank(text)
        assert danger == pytest.approx(again_danger)
        assert [entry["name"] for entry in after] == [entry["name"] for entry in before]
        np.testing.assert_allclose(
            [entry["confidence"] for entry in after], [entry["confidence"] for entry in before], atol=1e-5
        )


def test_model_holds_arrays_and_json_and_no_pickle(model: Any) -> None:
    _, storage, resource = model
    with storage.read_from(resource) as folder:
        assert sorted(path.name for path in folder.rglob("*")) == ["danger.npz", "idf.npz", "intents.npz", "known.json"]
        for path in folder.glob("*.npz"):
            with np.load(path, allow_pickle=False) as arrays:
                assert all(arrays[name].dtype.kind in "fU" for name in arrays.files)


def test_nothing_written_has_no_intent(model: Any) -> None:
    message = model[0].process([a_message("  ")])[0]
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("intent_ranking") == []


def test_message_carries_the_best_intent_and_the_ranking(model: Any) -> None:
    message = model[0].process([a_message("hello")])[0]
    assert message.get("intent") == message.get("intent_ranking")[0]
    assert message.as_dict(only_output_properties=True).keys() >= {"intent", "intent_ranking"}


def test_ranking_is_as_long_as_asked(tmp_path: Path) -> None:
    classifier, _, _ = trained(tmp_path, ranking=2)
    assert len(classifier.rank("hello")[0]) == 2


def test_intent_said_to_be_likelier_gains_where_nothing_tells(model: Any, tmp_path: Path) -> None:
    biased, _, _ = trained(tmp_path, likelier={"thanks": 4.0})
    odds = {}
    for name, classifier in (("as it is", model[0]), ("biased", biased)):
        confidence = {entry["name"]: entry["confidence"] for entry in classifier.rank("qwzx")[0]}
        odds[name] = confidence["thanks"] / confidence["greet"]
    assert odds["biased"] == pytest.approx(4 * odds["as it is"], rel=1e-3)


@pytest.mark.parametrize(
    ("text", "is_danger"), [("il veut me frapper", True), ("je veux mourir", True), ("merci", False)]
)
def test_danger_is_told_beside_the_intent(model: Any, text: str, is_danger: bool) -> None:
    message = model[0].process([a_message(text)])[0]
    assert (message.get("danger") > 0.5) is is_danger


class TestTwoRequests:
    """One request is the intent, the other is kept beside it, and small talk is no request."""

    @pytest.fixture(scope="class")
    def classifier(self, tmp_path_factory: pytest.TempPathFactory) -> SentenceIntentClassifier:
        examples = {
            **EXAMPLES,
            "ask_bank": ["ouvrir un compte en banque", "compte bancaire", "open a bank account"],
        }
        storage, resource = LocalModelStorage.create(tmp_path_factory.mktemp("two")), Resource("classifier")
        classifier = SentenceIntentClassifier.create(CONFIG | {"part": 0.3}, storage, resource, None)
        messages = [a_message(text, intent=intent) for intent, texts in examples.items() for text in texts]
        classifier.train(TrainingData(messages))
        return classifier

    @pytest.mark.parametrize(
        ("text", "requests"),
        [
            ("Je cherche un logement. Comment ouvrir un compte en banque?", {"ask_housing", "ask_bank"}),
            ("open a bank account and where can I find an apartment", {"ask_bank", "ask_housing"}),
            ("Bonjour à tous! Je cherche un logement.", set()),
            ("Je cherche un logement. Un appartement à louer.", set()),
        ],
    )
    def test_heard(self, classifier: SentenceIntentClassifier, text: str, requests: set[str]) -> None:
        message = classifier.process([a_message(text)])[0]
        also = message.get("also_asked")
        assert message.get("intent") == message.get("intent_ranking")[0]
        assert ({message.get("intent")["name"], also} if also else set()) == requests
