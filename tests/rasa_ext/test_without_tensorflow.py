"""Rasa runs without TensorFlow, and says why when its configuration asks for it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
import tensorflow.keras.layers as layers
from tensorflow_addons.anything import Whatever

from bot.contract import TURN_PATH, turn_request
from bot.rasa_ext.without_tensorflow import (
    ABSENT,
    NEED_TENSORFLOW,
    Absent,
    TensorFlowIsAbsent,
    refuse_what_needs_tensorflow,
    stand_in,
)

ROOT = Path(__file__).resolve().parents[2]
WORDS = "hello, je m'appelle Aminata"

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: fr
pipeline:
  - name: bot.rasa_ext.intent_classifier.SentenceIntentClassifier
    min_df: 1
  - name: bot.rasa_ext.language.LanguageDetector
  - name: bot.rasa_ext.places.PlaceExtractor
  - name: FallbackClassifier
    threshold: 0.12
  - name: bot.rasa_ext.emergency_guard.EmergencyGuardClassifier
policies:
  - name: RulePolicy
"""
DOMAIN = """
version: "3.1"
intents: [greet, thanks, emergency]
entities: [language, region, ambiguous_place]
slots:
  language: {type: text, mappings: [{type: from_entity, entity: language}]}
responses:
  utter_greet: [{text: "Bonjour!"}]
  utter_thanks: [{text: "De rien."}]
  utter_emergency: [{text: "Appelez le 911."}]
"""
DATA = """
version: "3.1"
nlu:
- intent: greet
  examples: "- bonjour\\n- hello\\n- hola\\n"
- intent: thanks
  examples: "- merci\\n- thank you\\n- gracias\\n"
- intent: emergency
  examples: "- au secours\\n- help me he has a knife\\n"
rules:
- rule: greet
  steps: [{intent: greet}, {action: utter_greet}]
- rule: thanks
  steps: [{intent: thanks}, {action: utter_thanks}]
- rule: emergency
  steps: [{intent: emergency}, {action: utter_emergency}]
"""


def test_stand_ins_bear_what_class_definitions_do_with_them() -> None:
    class Layer(layers.Dense):
        @tf.function(experimental_relax_shapes=True)
        def call(self, inputs: tf.Tensor | None, others: dict[str, tf.Tensor] | tf.RaggedTensor) -> tf.Tensor:
            return inputs

    assert Layer.call(None, 3, {}) == 3
    assert Whatever is Absent
    assert tf.keras.layers.Dense[int] is Absent


def test_stand_ins_hold_no_inner_names() -> None:
    with pytest.raises(AttributeError):
        tf.__wrapped__  # noqa: B018
    with pytest.raises(AttributeError):
        Absent.__wrapped__  # noqa: B018


def test_standing_in_twice_is_once() -> None:
    before = len(sys.meta_path)
    stand_in()
    assert len(sys.meta_path) == before


def test_nothing_of_tensorflow_is_installed() -> None:
    from importlib.metadata import distributions

    assert ABSENT.isdisjoint({str(d.metadata["Name"]).lower().replace("-", "_") for d in distributions()})


@pytest.mark.parametrize("component", NEED_TENSORFLOW)
def test_component_that_needs_tensorflow_is_refused_by_name(tmp_path: Path, component: str) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"pipeline:\n  - name: {component}\n    epochs: 5\n")
    with pytest.raises(TensorFlowIsAbsent, match=f"config.yml, line 2: {component} needs TensorFlow"):
        refuse_what_needs_tensorflow(config)


def test_our_configuration_and_comments_about_tensorflow_are_accepted(tmp_path: Path) -> None:
    refuse_what_needs_tensorflow(ROOT / "config.yml")
    config = tmp_path / "config.yml"
    config.write_text("pipeline: []  # no DIETClassifier here\n")
    refuse_what_needs_tensorflow(config)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot.rasa_ext.without_tensorflow", *arguments]


def environment() -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def rasa(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment(), capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Rasa project with our whole pipeline."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "config.yml").write_text(CONFIG)
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data").mkdir()
    (folder / "data" / "all.yml").write_text(DATA)
    (folder / "endpoints.yml").write_text("nlg:\n  type: bot.rasa_ext.nlg.CatalogueGenerator\n")
    (folder / "credentials.yml").write_text("bot.rasa_ext.channel.PasserelleInput: {}\n")
    return folder


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """`rasa run` on a free port, its output in `run.log`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    arguments = command("run", "--interface", "127.0.0.1", "--port", str(port), "--endpoints", "endpoints.yml")
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [*arguments, "--credentials", "credentials.yml"], cwd=folder, env=environment(), stdout=log, stderr=log
        )
        try:
            until_ready(process, base)
            yield base
        finally:
            process.terminate()
            process.wait(30)


def until_ready(process: subprocess.Popen[bytes], base: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if asked(f"{base}/webhooks/passerelle/")["is_ready"]:
                return
        time.sleep(0.2)  # another process: nothing tells when it is ready
    raise AssertionError(f"Rasa is not ready; exit code {process.poll()}")


def asked(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


@pytest.mark.slow
def test_rasa_validates_trains_and_answers_and_keeps_words_out_of_its_log(project: Path) -> None:
    validated = rasa(project, "data", "validate")
    assert validated.returncode == 0, validated.stderr
    trained = rasa(project, "train")
    assert trained.returncode == 0, trained.stderr
    with running(project) as base:
        for number, text in enumerate([WORDS, "merci", "me quiero matar"]):
            body = turn_request("ana", f"m{number}", text, language="fr", timezone=None, channel="widget")
            answer = asked(base + TURN_PATH, body)
            assert answer["status"] == "answered"
        assert answer["replies"][0]["text"] == "Appelez le 911."
    log = (project / "run.log").read_text(encoding="utf-8")
    assert "Rasa server is up and running" in log
    assert "Aminata" not in log
    assert "matar" not in log


@pytest.mark.slow
def test_diet_in_the_configuration_stops_training_with_a_sentence(project: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("pipeline:\n  - name: DIETClassifier\n")
    refused = rasa(project, "train", "--config", str(tmp_path / "mine.yml"))
    assert refused.returncode == 1
    assert "DIETClassifier needs TensorFlow" in refused.stderr
    assert "Traceback" not in refused.stderr
