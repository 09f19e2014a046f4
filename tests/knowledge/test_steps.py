"""The steps load, stand on facts, stay short in each language, and a broken file is refused by name and key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.i18n.catalogue import default_catalogue
from bot.i18n.languages import LANGUAGES
from bot.knowledge.steps import STAGES, STEPS, BadKnowledge, OfficialLink, Step, placeholders, read_steps, steps

MAX_WORDS = 90
MAX_BUTTON_CHARS = 20
EVERY_STEP = sorted(path.stem for path in STEPS.glob("*.yml"))

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(params=EVERY_STEP)
def step(request: pytest.FixtureRequest) -> Step:
    return steps()[request.param]


def test_every_file_is_a_step() -> None:
    assert len(EVERY_STEP) == 39
    assert sorted(steps()) == EVERY_STEP
    assert {step.stage for step in steps().values()} <= set(STAGES)


def test_every_fact_has_its_source_and_date(step: Step) -> None:
    assert step.checked >= date(2026, 11, 1)
    assert step.source
    assert step.facts
    for key, fact in step.facts.items():
        assert all((fact.text, fact.source, fact.date)), key


def test_an_answer_stands_on_facts_and_every_figure_on_one(step: Step) -> None:
    assert step.says[0].facts
    assert {name for part in step.says for name in part.facts} <= step.facts.keys()
    figures = yaml.safe_load((STEPS / f"{step.id}.yml").read_text(encoding="utf-8")).get("figures") or {}
    assert {figure["fact"] for figure in figures.values()} <= step.facts.keys()


def test_every_placeholder_is_a_figure_or_a_telephone(step: Step) -> None:
    named = set().union(*(placeholders(part.text) for part in step.says))
    assert named <= {*step.figures, *(phone.key for phone in step.phones)}


def test_there_is_an_official_page_in_each_language(step: Step) -> None:
    assert step.links
    for link in step.links:
        for language in LANGUAGES:
            assert link.url(language).startswith("https://")


def test_related_steps_exist_and_are_others(step: Step) -> None:
    assert set(step.related) <= steps().keys() - {step.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_is_short_enough_for_a_telephone(step: Step, language: str) -> None:
    for part in step.says:
        words = default_catalogue().translate(f"{step.id}.{part.part}", part.text, language).split()
        assert len(words) <= MAX_WORDS, part.part


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_steps_short_name_fits_a_button(step: Step, language: str) -> None:
    short = default_catalogue().translate(f"{step.id}.short", step.short, language)
    assert len(short) <= MAX_BUTTON_CHARS, short


def test_a_link_falls_back_on_french_then_on_any() -> None:
    assert OfficialLink("k", "t", {"fr": "https://f", "en": "https://e"}).url("es") == "https://f"
    assert OfficialLink("k", "t", {"en": "https://e"}).url("es") == "https://e"


def a_step() -> dict[str, Any]:
    """A small step that is right."""
    return {
        "id": "ask_thing",
        "title": "Une chose",
        "short": "La chose",
        "stage": "first_week",
        "concerns": ["student"],
        "checked": date(2026, 11, 21),
        "source": {"name": "Service", "url": "https://example.test"},
        "figures": {"days": {"value": 3, "unit": "day", "fact": "delay"}},
        "facts": {
            "delay": {"fact": "Trois jours.", "source": "https://example.test", "date": 2026, "confidence": "confirmed"}
        },
        "says": [{"part": "what", "text": "Il faut {days} jours; appelez le {line}.", "facts": ["delay"]}],
        "links": [{"key": "page", "title": "Page", "url": {"fr": "https://example.test", "en": None}}],
        "phones": [{"key": "line", "number": "811", "label": "Santé", "confidence": "confirmed"}],
        "related": [],
    }


def written(folder: Path, step: dict[str, Any], name: str = "ask_thing") -> Path:
    (folder / f"{name}.yml").write_text(yaml.safe_dump(step, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_step_is_read(tmp_path: Path) -> None:
    [step] = read_steps(written(tmp_path, a_step())).values()
    assert (step.id, step.checked, step.concerns) == ("ask_thing", date(2026, 11, 21), ("student",))
    assert (step.figures["days"].value, step.facts["delay"].date) == (3.0, "2026")
    assert step.phones[0].is_confirmed
    assert step.links[0].url("en") == "https://example.test"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        pytest.param(lambda s: s.update(id="ask_other"), "id", id="another name"),
        pytest.param(lambda s: s.update(stage="someday"), "stage", id="no such stage"),
        pytest.param(lambda s: s.update(checked="hier"), "checked", id="no date"),
        pytest.param(lambda s: s["facts"]["delay"].update(confidence="sure"), "facts.delay", id="no such confidence"),
        pytest.param(lambda s: s["facts"]["delay"].pop("source"), "source", id="a fact without source"),
        pytest.param(lambda s: s["figures"]["days"].update(unit="moon"), "figures.days", id="no such unit"),
        pytest.param(lambda s: s["figures"]["days"].pop("value"), "value", id="a figure without value"),
        pytest.param(lambda s: s["says"][0].update(part="why"), "says", id="no such part"),
        pytest.param(lambda s: s["says"][0].update(part="when"), "says", id="the first part is not what"),
        pytest.param(lambda s: s.update(says=[]), "says", id="nothing is said"),
        pytest.param(lambda s: s["says"][0].update(facts=["rumour"]), "says.what", id="no such fact"),
        pytest.param(lambda s: s["says"][0].update(text="{price} $"), "says.what", id="no such figure"),
        pytest.param(lambda s: s["links"][0].update(url={"fr": "http://a.test"}), "links.page", id="not https"),
        pytest.param(lambda s: s["links"][0].update(url={"fr": None}), "links.page", id="no address"),
        pytest.param(lambda s: s.update(related=["ask_nothing"]), "related", id="no such step"),
        *(pytest.param(lambda s, k=key: s.pop(k), key, id=f"without {key}")
          for key in ("id", "title", "short", "stage", "concerns", "checked", "source", "facts", "says")),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_name_and_key(tmp_path: Path, change: Change, key: str) -> None:
    step = a_step()
    change(step)
    with pytest.raises(BadKnowledge) as refused:
        read_steps(written(tmp_path, step))
    assert str(refused.value).startswith(f"ask_thing.yml, {key}")


def test_a_file_that_is_not_yaml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "ask_thing.yml").write_text("id: [ask_thing", encoding="utf-8")
    with pytest.raises(BadKnowledge, match=r"ask_thing\.yml: not YAML"):
        read_steps(tmp_path)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n"])
def test_a_file_that_holds_no_mapping_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "ask_thing.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BadKnowledge, match=r"ask_thing\.yml"):
        read_steps(tmp_path)
