"""Knowledge must have every complete language, and may lack one that is still being written."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import yaml

from bot.knowledge import needs, steps, words
from bot.knowledge.needs import NEEDS, read_needs
from bot.knowledge.steps import STEPS, BadKnowledge, read_steps
from bot.knowledge.words import WORDS, read_words


def without_spanish(file: Path, folder: Path) -> Path:
    """The file with every key `es` taken out."""

    def prune(data: object) -> object:
        if isinstance(data, dict):
            return {key: prune(value) for key, value in data.items() if key != "es"}
        return [prune(value) for value in data] if isinstance(data, list) else data

    pruned = folder / file.name
    pruned.write_text(yaml.safe_dump(prune(yaml.safe_load(file.read_text(encoding="utf-8"))), allow_unicode=True))
    return pruned


@pytest.fixture
def unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spanish is not complete yet."""
    modules: tuple[ModuleType, ...] = (needs, steps, words)
    for module in modules:
        monkeypatch.setattr(module, "COMPLETE", ("fr", "en"))


def a_step(folder: Path) -> Path:
    """A folder with one step that forbids something, in French and English, with no step beside it."""
    found = next(path for path in sorted(STEPS.glob("*.yml")) if "never_say:" in path.read_text(encoding="utf-8"))
    step = without_spanish(found, folder)
    data = yaml.safe_load(step.read_text(encoding="utf-8"))
    step.write_text(yaml.safe_dump(data | {"related": []}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


@pytest.mark.usefixtures("unfinished")
def test_what_is_not_written_yet_is_not_heard_and_forbids_nothing(tmp_path: Path) -> None:
    assert all(not word.forms["es"] and word.forms["fr"] for word in read_words(without_spanish(WORDS, tmp_path)).words)
    asked = read_needs(without_spanish(NEEDS, tmp_path))
    assert not asked.forms["es"] and not asked.not_after["es"] and asked.forms["en"]
    (tmp_path / "steps").mkdir()
    (step,) = read_steps(a_step(tmp_path / "steps")).values()
    assert all(rule.patterns["es"] == () and rule.patterns["fr"] for rule in step.never_say)
    assert all(link.url("es").startswith("https://") for link in step.links)


def test_a_complete_language_that_lacks_something_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadKnowledge, match=r"words\.yml, .*\.es: is missing"):
        read_words(without_spanish(WORDS, tmp_path))
    with pytest.raises(BadKnowledge, match=r"needs\.yml, .*\.es: is missing"):
        read_needs(without_spanish(NEEDS, tmp_path))
    (tmp_path / "steps").mkdir()
    with pytest.raises(BadKnowledge, match=r"never_say: .* forbids nothing in es"):
        read_steps(a_step(tmp_path / "steps"))
