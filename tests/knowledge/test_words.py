"""Statuses, services and papers load, have forms in each language, and a broken file is refused by key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.i18n.catalogue import default_catalogue
from bot.i18n.languages import COMPLETE
from bot.knowledge.words import WORDS, Form, cut, read_words, status_names, words

Change = Callable[[dict[str, Any]], object]


def forms(kind: str, name: str, language: str) -> dict[str, Form]:
    (word,) = [word for word in words().words if (word.kind, word.id) == (kind, name)]
    return {form.words: form for form in word.forms[language]}


@pytest.mark.parametrize(("kind", "at_least"), [("status", 15), ("service", 35), ("paper", 40)])
def test_there_are_enough_of_each_kind_in_each_language(kind: str, at_least: int) -> None:
    of_kind = [word for word in words().words if word.kind == kind]
    assert len(of_kind) >= at_least
    assert len({word.id for word in of_kind}) == len(of_kind)
    assert all(word.forms[language] for word in of_kind for language in COMPLETE)


def test_every_status_of_the_needs_assessment_is_one() -> None:
    assert {
        "permanent_resident", "selected_abroad", "temporary_worker", "student", "asylum_seeker", "refugee", "sponsored",
        "citizen", "visitor", "none_or_unsure",
    } <= {word.id for word in words().words if word.kind == "status"}  # fmt: skip


def test_what_could_harm_is_heard_and_never_said_back() -> None:
    assert not {"none_or_unsure", "refused_claimant"} & status_names().keys()
    assert len(status_names()) >= 15


@pytest.mark.parametrize("language", COMPLETE)
def test_each_status_has_a_name_of_its_own_in_each_language(language: str) -> None:
    said = [default_catalogue().translate(f"status.{key}", name, language) for key, name in status_names().items()]
    assert len(set(said)) == len(said)
    if language != "fr":
        assert not set(said) & set(status_names().values())


def test_choices_and_perhapses_are_spelt_out_and_folded() -> None:
    assert {"residente permanente", "residents permanents", "resident permanent"} <= forms(
        "status", "permanent_resident", "fr"
    ).keys()
    assert {"permis de travail ferme", "permis ferme"} <= forms("paper", "closed_work_permit", "fr").keys()


def test_acronyms_count_in_capitals_where_they_are_words() -> None:
    assert forms("paper", "sin", "en")["sin"].capitals == "elsewhere"
    assert forms("paper", "sin", "es")["sin"].capitals == "always"
    assert forms("paper", "passport", "en")["passport"].capitals == "never"
    assert not forms("paper", "lease", "fr")["bail"].is_foreign


def test_a_text_is_cut_into_folded_words_that_know_where_they_stand() -> None:
    text = "L’œuvre: N.A.S. e\u0301te\u0301 RL-1, 4ans"
    pieces = cut(text)
    assert [piece.text for piece in pieces] == ["l", "oeuvre", "nas", "ete", "rl", "1", "4", "ans"]
    assert [text[piece.start : piece.end] for piece in pieces][1:4] == ["œuvre", "N.A.S.", "e\u0301te\u0301"]


BROKEN: list[tuple[Change, str]] = [
    (lambda d: d["papers"]["lease"].pop("es"), r"words\.yml, papers\.lease\.es: is missing"),
    (lambda d: d["papers"]["lease"].update(name="bail"), r"papers\.lease: a status that is kept"),
    (lambda d: d["statuses"]["student"].pop("name"), r"statuses\.student: a status that is kept"),
    (lambda d: d["papers"]["lease"].update(de=["mietvertrag"]), r"papers\.lease: de means nothing"),
    (lambda d: d["papers"]["lease"].update(en=[False]), r"papers\.lease\.en: False is no text"),
    (lambda d: d["papers"]["lease"].update(en=["a (b"]), r"papers\.lease\.en: a \(b cannot be read"),
    (lambda d: d["papers"]["lease"].update(en=["passport"]), r"“passport” is (lease|passport) too"),
    (lambda d: d["papers"].update({"Le bail": d["papers"].pop("lease")}), r"papers\.Le bail: an id is"),
    (lambda d: d["whose"]["mine"].append(True), r"whose\.mine: True is no text"),
    (lambda d: d["whose"].update(theirs=["x"]), r"whose: "),
    (lambda d: d.pop("lookalikes"), r"has not the sections"),
]


@pytest.mark.parametrize(("change", "reason"), BROKEN)
def test_a_broken_file_is_refused_by_key(change: Change, reason: str, tmp_path: Path) -> None:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    change(data)
    broken = tmp_path / "words.yml"
    broken.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        read_words(broken)


def test_what_is_not_yaml_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "words.yml"
    broken.write_text("statuses: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.yml: not YAML"):
        read_words(broken)
