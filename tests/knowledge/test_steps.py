"""The steps load, stand on facts, stay short in each language, and a broken file is refused by name and key."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.situations import STAGES
from bot.domain.time_limits import Span, TimeLimit
from bot.i18n.catalogue import default_catalogue
from bot.i18n.languages import COMPLETE
from bot.knowledge.steps import STEPS, BadKnowledge, OfficialLink, Step, placeholders, read_steps, steps

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
        assert all((fact.text, fact.source, fact.published)), key
        assert (fact.checked is None) == (fact.confidence == "from-memory"), key


def test_an_answer_stands_on_facts_and_every_figure_on_one(step: Step) -> None:
    for line in step.lines:
        # Without a fact: a telephone, what is not known, what to bring where it is to be confirmed.
        assert line.facts or (line.part != "what" and not placeholders(line.text) & {*step.figures, *step.limits})
    used = {name for line in step.lines for name in line.facts}
    assert used <= step.facts.keys()
    assert {figure.fact for figure in step.figures.values()} <= used
    assert {limit.fact for limit in step.limits.values()} <= used


def test_there_is_an_official_page_in_each_language(step: Step) -> None:
    assert step.links
    for link in step.links:
        for language in COMPLETE:
            assert link.url(language).startswith("https://")


def test_related_steps_exist_and_are_others(step: Step) -> None:
    assert set(step.related) <= steps().keys() - {step.id}


def test_no_sentence_holds_a_figure_of_its_own(step: Step) -> None:
    """Figures are data beside the sentences; names (T4, 3 ½) and the year of a rule or an amount are none."""
    for line in step.lines:
        assert not re.search(r"(?<![\w{-])(?!20\d\d)\d{2,}(?![\w}½])", line.text), line.key


@pytest.mark.parametrize("language", COMPLETE)
def test_a_steps_short_name_fits_a_button(step: Step, language: str) -> None:
    short = default_catalogue().translate(f"{step.id}.short", step.short, language)
    assert len(short) <= MAX_BUTTON_CHARS, short


def test_a_link_falls_back_on_french_then_on_any() -> None:
    assert OfficialLink("k", "t", {"fr": "https://f", "en": "https://e"}, is_confirmed=True).url("es") == "https://f"
    assert OfficialLink("k", "t", {"en": "https://e"}, is_confirmed=True).url("es") == "https://e"


def a_step() -> dict[str, Any]:
    """A small step that is right."""
    return {
        "id": "ask_thing",
        "title": "Une chose",
        "short": "La chose",
        "stage": "first_week",
        "concerns": ["student"],
        "checked": date(2026, 11, 21),
        "owner": "settlement",
        "source": {"name": "Service", "url": "https://example.test"},
        "figures": {"days": {"value": 3, "unit": "day", "fact": "delay"}},
        "limits": {
            "last": {"nature": "deadline", "after": "arrival", "days": 3, "fact": "delay"},
            "yearly": {"nature": "deadline", "yearly": "04-30", "fact": "delay"},
        },
        "facts": {
            "delay": {
                "fact": "Trois jours.",
                "source": "https://example.test",
                "published": 2026,
                "checked": date(2026, 11, 21),
                "kind": "rule",
                "confidence": "confirmed",
            }
        },
        "says": [
            {"part": "what", "text": "Il faut {days} jours; appelez le {line}.", "facts": ["delay"]},
            {"part": "when", "key": "when.dated", "knows": ["arrival"], "text": "le {last}.", "facts": ["delay"]},
            {"part": "when", "text": "vite, avant le {yearly}.", "facts": ["delay"], "statuses": ["student"]},
        ],
        "more": [{"part": "cost", "key": "more.cost", "text": "rien.", "facts": ["delay"]}],
        "links": [
            {"key": "page", "title": "Page", "url": {"fr": "https://example.test", "en": None}, "confirmed": True}
        ],
        "phones": [{"key": "line", "number": "811", "label": "Santé", "confidence": "confirmed"}],
        "related": [],
        "never_say": [
            {"rule": "Dire dix jours.", "forbids": {"fr": ["dix jours"], "en": ["ten days"], "es": ["diez"]}}
        ],
    }


def written(folder: Path, step: dict[str, Any], name: str = "ask_thing") -> Path:
    (folder / f"{name}.yml").write_text(yaml.safe_dump(step, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_step_is_read(tmp_path: Path) -> None:
    [step] = read_steps(written(tmp_path, a_step())).values()
    assert (step.id, step.checked, step.concerns) == ("ask_thing", date(2026, 11, 21), ("student",))
    assert (step.figures["days"].value, step.facts["delay"].published) == (3.0, "2026")
    assert step.limits["last"].limit == TimeLimit("deadline", "arrival", Span(days=3))
    assert step.limits["yearly"].limit == TimeLimit("deadline", yearly=(4, 30))
    assert [(line.key, line.is_for_everyone) for line in step.lines] == [
        ("what", True), ("when.dated", False), ("when", False), ("more.cost", True),
    ]  # fmt: skip
    assert step.never_say[0].patterns["fr"][0].search("Comptez DIX JOURS.")
    assert step.phones[0].is_confirmed
    assert step.links[0].url("en") == "https://example.test"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        pytest.param(lambda s: s.update(id="ask_other"), "id", id="another name"),
        pytest.param(lambda s: s.update(stage="someday"), "stage", id="no such stage"),
        pytest.param(lambda s: s.update(owner="nobody"), "owner", id="no such owner"),
        pytest.param(lambda s: s.update(concerns=["king"]), "concerns", id="no such status"),
        pytest.param(lambda s: s.update(checked="hier"), "checked", id="no date"),
        pytest.param(lambda s: s["facts"]["delay"].update(confidence="sure"), "facts.delay", id="no such confidence"),
        pytest.param(lambda s: s["facts"]["delay"].update(kind="rumour"), "facts.delay.kind", id="no such kind"),
        pytest.param(lambda s: s["facts"]["delay"].update(checked="hier"), "facts.delay.checked", id="a bad check"),
        pytest.param(lambda s: s["facts"]["delay"].pop("checked"), "checked", id="confirmed, never checked"),
        pytest.param(lambda s: s["facts"]["delay"].pop("source"), "source", id="a fact without source"),
        pytest.param(lambda s: s["figures"]["days"].update(unit="moon"), "figures.days", id="no such unit"),
        pytest.param(lambda s: s["figures"]["days"].pop("value"), "value", id="a figure without value"),
        pytest.param(lambda s: s["figures"]["days"].update(fact="rumour"), "figures.days", id="a figure without fact"),
        pytest.param(lambda s: s["limits"]["last"].update(fact="rumour"), "limits.last", id="a limit without fact"),
        pytest.param(lambda s: s["limits"]["last"].update(nature="hope"), "limits.last.nature", id="no such nature"),
        pytest.param(lambda s: s["limits"]["last"].update(after="The day"), "limits.last.after", id="no such date"),
        pytest.param(lambda s: s["limits"]["last"].update(days=0), "limits.last", id="a limit of no days"),
        pytest.param(lambda s: s["limits"]["last"].pop("days"), "limits.last", id="a limit without span"),
        pytest.param(lambda s: s["limits"]["yearly"].update(yearly="4/30"), "limits.yearly", id="no month and day"),
        pytest.param(lambda s: s["limits"]["yearly"].update(yearly="02-29"), "limits.yearly", id="not every year"),
        pytest.param(lambda s: s["says"][0].update(part="why"), "says", id="no such part"),
        pytest.param(lambda s: s["says"][0].update(part="when"), "says", id="the first part is not what"),
        pytest.param(lambda s: s["says"][0].update(statuses=["student"]), "says", id="what is not for everyone"),
        pytest.param(lambda s: s.update(says=[]), "says", id="nothing is said"),
        pytest.param(lambda s: s["says"][0].update(facts=["rumour"]), "what", id="no such fact"),
        pytest.param(lambda s: s["says"][0].update(text="{price} $"), "what", id="no such figure"),
        pytest.param(lambda s: s["says"][0].update(facts=[]), "what", id="a figure whose fact the line lacks"),
        pytest.param(lambda s: s["says"][1].pop("knows"), "when.dated", id="a date from an unknown arrival"),
        pytest.param(lambda s: s["says"][2].update(statuses=["king"]), "says.when.statuses", id="no such status here"),
        pytest.param(lambda s: s["says"][2].update(stages=["soon"]), "says.when.stages", id="no such stage here"),
        pytest.param(lambda s: s["more"][0].update(key="what"), "what", id="two lines with one key"),
        pytest.param(lambda s: s["links"][0].update(url={"fr": "http://a.test"}), "links.page", id="not https"),
        pytest.param(lambda s: s["links"][0].update(url={"fr": None}), "links.page", id="no address"),
        pytest.param(lambda s: s.update(links=[]), "links", id="no official page"),
        pytest.param(lambda s: s.update(related=["ask_nothing"]), "related", id="no such step"),
        pytest.param(lambda s: s["never_say"][0]["forbids"].pop("es"), "never_say", id="a language not forbidden in"),
        pytest.param(lambda s: s["never_say"][0]["forbids"].update(en=["("]), "never_say", id="no expression"),
        *(pytest.param(lambda s, k=key: s.pop(k), key, id=f"without {key}")
          for key in ("id", "title", "short", "stage", "concerns", "checked", "owner", "source", "facts", "says",
                      "links")),
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


# What a link's title says when its page is in another language, by the reader's language.
IN_ANOTHER = {
    "fr": {"en": "(en anglais)"},
    "en": {"fr": "(in French)"},
    "es": {"fr": "(en francés)", "en": "(en inglés)"},
}


@pytest.mark.parametrize("language", COMPLETE)
def test_a_link_to_a_page_in_another_language_says_so(step: Step, language: str) -> None:
    for link in step.links:
        title = default_catalogue().translate(f"{step.id}.link.{link.key}", link.title, language)
        page = language if link.urls.get(language) else "en" if "/en/" in f"{link.url(language)}/" else "fr"
        # Some offices have one page only, in English, also for who reads French.
        page = "en" if "/en/" in f"{link.url(language)}/" else page
        said = {other for other, words in IN_ANOTHER[language].items() if words in title}
        assert said == ({page} - {language}), (link.key, title)
