"""The language of a message, and when a conversation changes its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa_ext.language import EXAMPLES, LanguageDetector, asks_for_language, decide, named_language
from bot.rasa_ext.language_model import LanguageModel, examples_in
from scripts.language_report import untold
from tests.rasa_ext.kit import a_message, ranked

LANGUAGES = ("fr", "en", "es")
CONFIG = LanguageDetector.get_default_config()
MARGIN = CONFIG["margin"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return LanguageModel.learn(examples_in(EXAMPLES))


@pytest.fixture(scope="module")
def detector(model: LanguageModel, tmp_path_factory: pytest.TempPathFactory) -> LanguageDetector:
    storage = LocalModelStorage(tmp_path_factory.mktemp("model"))
    detector = LanguageDetector(CONFIG, storage, Resource("language"))
    detector.model = model
    return detector


def heard(detector: LanguageDetector, text: str, intent: str, current: str | None) -> dict[str, Any]:
    message = a_message(text, metadata={"language": current}, **ranked(**{intent: 0.9}))
    (entity,) = detector.process([message])[0].get("entities")
    return entity


@pytest.mark.parametrize("current", [None, *LANGUAGES])
@pytest.mark.parametrize(
    ("word", "language"),
    [
        *(("merci", "fr"), ("bonjour", "fr"), ("oui", "fr"), ("demain", "fr"), ("svp", "fr"), ("slt", "fr")),
        *(("Hello", "en"), ("thanks", "en"), ("yes", "en"), ("tomorrow", "en"), ("please", "en"), ("pls", "en")),
        *(("hola", "es"), ("gracias", "es"), ("sí", "es"), ("mañana", "es"), ("BUENAS TARDES", "es"), ("ayuda", "es")),
        *(("merciiiii", "fr"), ("komen", "fr"), ("jveu", "fr"), ("doughter", "en"), ("tmrw", "en"), ("kiero", "es")),
    ],
)
def test_short_words_tell_their_language(model: LanguageModel, word: str, language: str, current: str | None) -> None:
    assert decide(model.hear(word), current, MARGIN) == language


@pytest.mark.parametrize("current", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        *("ok", "OK 👍", "no", "RAMQ", "RAMQ?", "NAS", "SIN", "CLSC", "stop", "wifi", "visa", "covid", "WhatsApp"),
        *("Montréal", "Trois-Rivières", "Saint-Jérôme", "Quebec City", "Laval", "rive-sud", "South Shore"),
        *("H2X 1Y4", "h2x1y4", "J1H", "14h", "3 pm", "514 555-0199", "2026-12-01", "😀", "?", ""),
        *("rendez-vous", "aide sociale"),
    ],
)
def test_what_tells_nothing_changes_nothing(model: LanguageModel, text: str, current: str) -> None:
    assert decide(model.hear(text), current, MARGIN) == current


@pytest.mark.parametrize(
    ("text", "current"),
    [
        ("I need to déplacer mon rendez-vous", "en"),
        ("Is there un organisme d'accueil in Joliette?", "en"),
        ("Can I prendre rendez-vous avec mon agent next week?", "en"),
        ("landlord wants a deposit, c'est légal?", "fr"),
        ("legal clinic gratuite, is there one à Gatineau?", "fr"),
        ("any community center para inmigrantes en Laval?", "es"),
        ("sign me up para Objectif intégration", "es"),
        ("quiero el NAS, what do I bring?", "es"),
    ],
)
def test_mixed_message_keeps_the_language_of_the_conversation(model: LanguageModel, text: str, current: str) -> None:
    assert decide(model.hear(text), current, MARGIN) == current


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Où est-ce que je demande la carte d'assurance maladie?", "fr"),
        ("I arrived in Trois-Rivières with my wife, where is the CLSC?", "en"),
        ("Llegué a Saint-Jérôme con mi hijo, ¿dónde está la CPE?", "es"),
    ],
)
@pytest.mark.parametrize("current", LANGUAGES)
def test_whole_sentence_changes_the_conversation(model: LanguageModel, text: str, language: str, current: str) -> None:
    assert decide(model.hear(text), current, MARGIN) == language


def test_french_when_nothing_is_known(model: LanguageModel) -> None:
    assert decide(model.hear("👍"), None, MARGIN) == "fr"


def test_what_is_learned_is_read_again(tmp_path: Path) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("language")
    trained = LanguageDetector(CONFIG, storage, resource)
    trained.train(TrainingData([]))
    loaded = LanguageDetector.load(CONFIG, storage, resource, None)
    for text in ("bonjour, jveu 1 rdv", "my doughter is 4", "¿kiero saver?"):
        assert loaded.model.hear(text) == trained.model.hear(text)


def test_web_words_suffice_without_messages_of_our_own() -> None:
    model = LanguageModel.learn([])
    assert decide(model.hear("hello, je m'appelle Aminata"), None, MARGIN) == "fr"


@pytest.mark.parametrize(
    ("text", "current", "wanted"),
    [
        ("on peut parler espagnol ?", "fr", "es"),
        ("English please", "fr", "en"),
        ("prefiero en español", "en", "es"),
        ("pas en anglais, en espagnol", "fr", "es"),
        ("en français, pas l'anglais", "en", "fr"),
        ("English, not French", "fr", "en"),
        ("je voudrais continuer en anglais", "fr", "en"),
        ("can we switch to French?", "en", "fr"),
        ("¿podemos hablar en francés?", "es", "fr"),
        ("hablame en ingles", "es", "en"),
        ("in Spanish, not in English... sorry, in Spanish", "en", "es"),
    ],
)
def test_announced_language_wins_over_the_one_it_is_said_in(
    detector: LanguageDetector, text: str, current: str, wanted: str
) -> None:
    entity = heard(detector, text, "set_language", current)
    assert (entity["value"], entity["is_announced"]) == (wanted, True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *(("English please", "en"), ("en français svp", "fr"), ("español por favor", "es"), ("Français?", "fr")),
        *(("on peut parler espagnol ?", "es"), ("can we speak French", "fr"), ("¿podemos hablar en inglés?", "en")),
        *(("speak english pls", "en"), ("parlez en français s’il vous plaît", "fr"), ("passez à l'anglais", "en")),
    ],
)
def test_language_is_announced_whatever_the_classifier_says(detector: LanguageDetector, text: str, wanted: str) -> None:
    entity = heard(detector, text, "nlu_fallback", "fr")
    assert (entity["value"], entity["is_announced"]) == (wanted, True)


@pytest.mark.parametrize(
    "text",
    [
        *("je parle espagnol", "cours d'anglais", "English school", "clases de francés", "apprendre le français"),
        *("je cherche quelqu'un qui parle anglais", "do you speak Spanish at the clinic?", "svp", "en", ""),
    ],
)
def test_language_that_is_only_mentioned_is_not_asked_for(text: str) -> None:
    assert not asks_for_language(text)


def test_language_named_in_another_request_announces_nothing(detector: LanguageDetector) -> None:
    entity = heard(detector, "Je cherche un cours d'anglais", "ask_studies", "fr")
    assert (entity["value"], entity["is_announced"]) == ("fr", False)


def test_request_to_change_that_names_no_language(detector: LanguageDetector) -> None:
    entity = heard(detector, "je peux changer de langue?", "set_language", "fr")
    assert (entity["value"], entity["is_announced"]) == ("fr", False)


def test_metadata_of_a_region_is_its_language(detector: LanguageDetector) -> None:
    assert heard(detector, "ok", "affirm", "es-CO")["value"] == "es"


def test_entities_found_before_are_kept(detector: LanguageDetector) -> None:
    message = a_message("Laval", entities=[{"entity": "region"}], **ranked(inform=0.9))
    assert [entity["entity"] for entity in detector.process([message])[0].get("entities")] == ["region", "language"]


def test_no_language_is_named_in_an_ordinary_message() -> None:
    assert named_language("bonjour") is None


# Measured on tests/nlu (make language-report), messages that mix languages or tell none left out; floors about a point
# below.
@pytest.mark.parametrize(
    ("words", "without_prior", "with_another_prior"),
    [((1, 3), 0.955, 0.92), ((4, 7), 0.99, 0.982), ((8, 999), 0.995, 0.99)],
)
def test_accuracy_on_held_out_messages(
    model: LanguageModel,
    held_out: list[dict[str, str]],
    words: tuple[int, int],
    without_prior: float,
    with_another_prior: float,
) -> None:
    fewest, most = words
    left_out = untold()
    rows = [r for r in held_out if r["kind"] != "mixed" and r["text"] not in left_out]
    rows = [r for r in rows if fewest <= len(r["text"].split()) <= most]
    alone = [decide(model.hear(r["text"]), None, MARGIN) == r["lang"] for r in rows]
    others = [
        decide(model.hear(r["text"]), current, MARGIN) == r["lang"]
        for r in rows
        for current in LANGUAGES
        if current != r["lang"]
    ]
    assert sum(alone) / len(alone) >= without_prior
    assert sum(others) / len(others) >= with_another_prior


@pytest.mark.parametrize(("is_mixed", "floor"), [(False, 0.98), (True, 0.82)])
def test_conversation_keeps_its_language_on_held_out_messages(
    model: LanguageModel, held_out: list[dict[str, str]], is_mixed: bool, floor: float
) -> None:
    rows = [r for r in held_out if (r["kind"] == "mixed") == is_mixed]
    kept = [decide(model.hear(r["text"]), r["lang"], MARGIN) == r["lang"] for r in rows]
    assert sum(kept) / len(kept) >= floor


def test_named_language_is_the_right_one_on_held_out_requests() -> None:
    lines = (ROOT / "tests/nlu/announced_languages.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert sum(named_language(row["text"]) == row["lang"] for row in rows) / len(rows) >= 0.95
