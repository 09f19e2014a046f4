"""A stock Rasa to compare ourselves with: what `rasa init` makes, trained on our messages, with TensorFlow.

Its project is put together from `benchmarks/stock/`, the messages and word lists that ours learns from, and the intents
of the domain: each intent has a rule and an answer, and the two forms ask their questions. The trained model is kept in
`models/stock/` under the hash of all that, because training takes long.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from scripts.prepare import RASA_ENVIRONMENT, ROOT, STOCK, cpu_of_children

PYTHON = STOCK / "bin" / "python"
TEMPLATES = ROOT / "benchmarks" / "stock"
MODELS = ROOT / "models" / "stock"
WORK = ROOT / "var" / "stock"
LOGS = ROOT / "var" / "log"
ENVIRONMENT = {**RASA_ENVIRONMENT, "TF_CPP_MIN_LOG_LEVEL": "3"}
FALLBACK = "nlu_fallback"
EPOCHS = 100
QUICK_EPOCHS = 2
# Of the messages, when all that is wanted is to see that everything runs.
QUICK_SHARE = 8
# Rasa itself answers these.
_BY_DEFAULT = frozenset({"restart", "back", "session_start"})

# Of nlu_data/: what both learn from. Rasa's RegexFeaturizer reads the word lists, as lookup tables.
_LEARNED_FROM = ("nlu", "lexicon")
_EPOCHS = re.compile(r"^(\s*epochs:) \d+$", re.MULTILINE)
_COMPONENT = re.compile(r"Starting to train component '(\w+)'")
_LEARNED = re.compile(r"i_acc=([\d.]+)")
_BAR = re.compile(r"Epochs:\s+(\d+)%")
_LOG_TAIL = 20_000
_PROGRESS_SECONDS = 15


class TrainingFailed(Exception):
    """One sentence: where the reason is."""


@dataclass(frozen=True)
class StockModel:
    """`seconds` is what the training took, `cpu_seconds` what it cost: the two tell a busy machine.

    `learned` is the share of its own messages that DIET got right in its last epoch: near 1, more epochs add little.
    """

    path: Path
    epochs: int
    messages: int
    seconds: float
    cpu_seconds: float
    learned: float | None = None
    is_of_this_data: bool = True


def stock_model(epochs: int = EPOCHS, one_in: int = 1, *, keep: bool = False) -> StockModel:
    """The model trained on the data as it is now; trained first when there is none. Raises TrainingFailed.

    `one_in` takes every so many messages only. `keep` is content with the newest model of as many epochs, though the
    data changed since.
    """
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        project = Path(folder)
        messages = assemble(project, epochs, one_in)
        name = digest_of(project, _pins())
        model = _kept(MODELS / f"{name}.json")
        if model is None and keep:
            records = sorted(MODELS.glob("*.json"), key=lambda record: record.stat().st_mtime, reverse=True)
            older = filter(None, map(_kept, records))
            model = next((replace(old, is_of_this_data=False) for old in older if old.epochs == epochs), None)
        if model is None:
            MODELS.mkdir(parents=True, exist_ok=True)
            facts = {"epochs": epochs, "messages": messages, **_train(project, name)}
            (MODELS / f"{name}.json").write_text(json.dumps(facts))
            model = StockModel(MODELS / f"{name}.tar.gz", **facts)
    return model


def _kept(record: Path) -> StockModel | None:
    path = record.with_suffix(".tar.gz")
    return StockModel(path, **json.loads(record.read_text())) if record.exists() and path.exists() else None


def assemble(project: Path, epochs: int, one_in: int = 1, root: Path = ROOT) -> int:
    """Writes the whole project into an empty folder; how many messages it has."""
    messages = 0
    sources = [path for name in _LEARNED_FROM for path in sorted((root / "nlu_data" / name).rglob("*.yml"))]
    for path in sources:
        data = thinned(_yaml(path), one_in)
        messages += sum(len(group["examples"].splitlines()) for group in data["nlu"] if "intent" in group)
        copy = project / "data" / path.relative_to(root / "nlu_data")
        copy.parent.mkdir(parents=True, exist_ok=True)
        _write(copy, data)
    for name in ("credentials.yml", "endpoints.yml"):
        shutil.copy(TEMPLATES / name, project / name)
    shutil.copy(TEMPLATES / "stories.yml", project / "data" / "stories.yml")
    config = (TEMPLATES / "config.yml").read_text(encoding="utf-8")
    (project / "config.yml").write_text(_EPOCHS.sub(rf"\1 {epochs}", config), encoding="utf-8")
    forms = _yaml(TEMPLATES / "forms.yml")
    intents = _yaml(root / "nlu_data" / "domain" / "intents.yml")["intents"]
    entities = _yaml(root / "nlu_data" / "domain" / "domain.yml").get("entities", [])
    _write(project / "domain.yml", domain_of(intents, entities, forms))
    _write(project / "data" / "rules.yml", rules_of(intent_names(intents), forms))
    return messages


def thinned(messages: Mapping[str, Any], one_in: int) -> dict[str, Any]:
    """Every so many examples of each intent; word lists stay whole."""
    groups = [
        {**group, "examples": "".join(group["examples"].splitlines(keepends=True)[::one_in])}
        if "intent" in group
        else group
        for group in messages["nlu"]
    ]
    return {**messages, "nlu": groups}


def intent_names(intents: Sequence[str | Mapping[str, Any]]) -> list[str]:
    return [intent if isinstance(intent, str) else next(iter(intent)) for intent in intents]


def domain_of(
    intents: Sequence[str | Mapping[str, Any]], entities: Sequence[str], forms: Mapping[str, Any]
) -> dict[str, Any]:
    """Every intent has one short answer; the forms bring theirs."""
    answers = {f"utter_{name}": [{"text": f"({name})"}] for name in [*intent_names(intents), FALLBACK]}
    return {
        "version": "3.1",
        "intents": list(intents),
        "entities": list(entities),
        "slots": forms["slots"],
        "forms": forms["forms"],
        "responses": {**answers, **forms["responses"]},
        # As rasa init writes it.
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def rules_of(intents: Sequence[str], forms: Mapping[str, Any]) -> dict[str, Any]:
    """The forms' rules, and for every other intent its answer."""
    begun = {step["intent"] for rule in forms["rules"] for step in rule["steps"] if "intent" in step}
    answered = [
        {"rule": f"{name} is answered", "steps": [{"intent": name}, {"action": f"utter_{name}"}]}
        for name in [*intents, FALLBACK]
        if name not in begun | _BY_DEFAULT
    ]
    return {"version": "3.1", "rules": [*forms["rules"], *answered]}


def digest_of(project: Path, pins: Sequence[str]) -> str:
    """Sixteen characters that change when a file of the project or a pinned version does."""
    digest = hashlib.sha256("\n".join(pins).encode())
    for path in sorted(p for p in project.rglob("*") if p.is_file()):
        digest.update(path.relative_to(project).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def progress_of(log: str) -> str:
    """What the training does now: "DIETClassifier 42 %"."""
    components = list(_COMPONENT.finditer(log))
    if not components:
        return "reading the messages"
    bars = _BAR.findall(log, components[-1].end())
    return f"{components[-1][1]} {bars[-1]} %" if bars else components[-1][1]


def learned_in(log: str) -> float | None:
    """The last accuracy that DIET said of itself."""
    said = _LEARNED.findall(log)
    return float(said[-1]) if said else None


def _train(project: Path, name: str) -> dict[str, Any]:
    """What it took, and what came of it."""
    command = [
        *(str(PYTHON), "-m", "rasa", "train", "--config", "config.yml", "--domain", "domain.yml", "--data", "data"),
        *("--out", str(MODELS), "--fixed-model-name", name),
    ]
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"stock-{name}.log"
    began, cpu = time.monotonic(), cpu_of_children()
    with path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=project, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=os.environ | ENVIRONMENT
        )
        try:
            _wait_for(process, _shower(path, began))
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise TrainingFailed(f"Training a stock Rasa failed. The reason is at the end of {path.relative_to(ROOT)}.")
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(cpu_of_children() - cpu, 1),
        "learned": learned_in(path.read_text(encoding="utf-8", errors="replace")),
    }


def _wait_for(process: subprocess.Popen[bytes], show: Callable[[], None]) -> None:
    while process.poll() is None:
        try:
            process.wait(1 if sys.stdout.isatty() else _PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            show()


def _shower(log: Path, began: float) -> Callable[[], None]:
    start, end = ("\r", "    ") if sys.stdout.isatty() else ("", "\n")

    def show() -> None:
        doing, seconds = progress_of(_tail_of(log)), time.monotonic() - began
        print(f"{start}Training a stock Rasa… {seconds:.0f} s, {doing}", end=end, flush=True)

    return show


def _tail_of(path: Path) -> str:
    """All of what names components, which is early, and the last of the rest."""
    text = path.read_text(encoding="utf-8", errors="replace")
    named = "\n".join(match[0] for match in _COMPONENT.finditer(text[:-_LOG_TAIL]))
    return f"{named}\n{text[-_LOG_TAIL:]}"


def _pins() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [str(pin) for pin in project["dependency-groups"]["stock"]]


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
