"""A stock Rasa's project, put together from ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from scripts.benchmark.stock import (
    TEMPLATES,
    assemble,
    digest_of,
    domain_of,
    learned_in,
    progress_of,
    rules_of,
    thinned,
)

INTENTS: list[Any] = [{"book_meeting": {"use_entities": []}}, "greet", "find_organisation", "restart"]
FORMS = yaml.safe_load((TEMPLATES / "forms.yml").read_text(encoding="utf-8"))


def a_checkout(root: Path, *examples: str) -> Path:
    """`root` with one intent, said in these ways."""
    domain, nlu = root / "nlu_data" / "domain", root / "nlu_data" / "nlu" / "fr"
    domain.mkdir(parents=True)
    nlu.mkdir(parents=True)
    (domain / "intents.yml").write_text("intents: [greet]")
    (domain / "domain.yml").write_text("entities: [region]")
    said = "".join(f"- {example}\n" for example in examples)
    (nlu / "one.yml").write_text(yaml.safe_dump({"nlu": [{"intent": "greet", "examples": said}]}))
    return root


def test_every_intent_has_an_answer_and_a_rule_or_a_form() -> None:
    domain = domain_of(INTENTS, ["region"], FORMS)
    rules = rules_of(["book_meeting", "greet", "find_organisation", "restart"], FORMS)["rules"]
    asked = [step["intent"] for rule in rules for step in rule["steps"] if "intent" in step]
    # Rasa itself answers a restart, and refuses a rule that says otherwise.
    assert sorted(asked) == ["book_meeting", "find_organisation", "greet", "nlu_fallback"]
    said = {step["action"] for rule in rules for step in rule["steps"] if step.get("action", "").startswith("utter_")}
    assert said <= domain["responses"].keys()


def test_every_question_of_a_form_has_its_words() -> None:
    slots = [slot for form in FORMS["forms"].values() for slot in form["required_slots"]]
    assert all(f"utter_ask_{slot}" in FORMS["responses"] and slot in FORMS["slots"] for slot in slots)


def test_thinned_messages_keep_some_of_every_intent() -> None:
    groups = [{"intent": "a", "examples": "- 1\n- 2\n- 3\n"}, {"intent": "b", "examples": "- 4\n"}]
    words = {"lookup": "a", "examples": "- 5\n- 6\n"}
    messages = {"nlu": [*groups, words]}
    assert [group["examples"] for group in thinned(messages, 2)["nlu"]] == ["- 1\n- 3\n", "- 4\n", "- 5\n- 6\n"]
    assert thinned(messages, 1) == messages


def test_project_has_the_messages_and_epochs_asked_for(tmp_path: Path) -> None:
    project = tmp_path / "project"
    assert assemble(project, 7, root=a_checkout(tmp_path, "salut", "allô, ça va?")) == 2
    config = yaml.safe_load((project / "config.yml").read_text(encoding="utf-8"))
    epochs = {step["epochs"] for step in [*config["pipeline"], *config["policies"]] if "epochs" in step}
    assert epochs == {7}
    copied = yaml.safe_load((project / "data/nlu/fr/one.yml").read_text(encoding="utf-8"))
    assert copied["nlu"][0]["examples"] == "- salut\n- allô, ça va?\n"
    assert yaml.safe_load((project / "domain.yml").read_text(encoding="utf-8"))["entities"] == ["region"]


def test_word_lists_go_along_and_are_no_messages(tmp_path: Path) -> None:
    root, project = a_checkout(tmp_path, "salut"), tmp_path / "project"
    lists = root / "nlu_data" / "lexicon" / "fr"
    lists.mkdir(parents=True)
    (lists / "words.yml").write_text(yaml.safe_dump({"nlu": [{"lookup": "greet", "examples": "- salut\n- allô\n"}]}))
    assert assemble(project, 1, root=root) == 1
    assert (project / "data/lexicon/fr/words.yml").exists()


def test_another_message_other_epochs_or_another_version_is_another_model(tmp_path: Path) -> None:
    one, other = a_checkout(tmp_path / "one", "salut"), a_checkout(tmp_path / "other", "bonjour")
    projects = {
        "first": (one, 100),
        "again": (one, 100),
        "said otherwise": (other, 100),
        "shorter": (one, 2),
    }
    digests = {}
    for name, (root, epochs) in projects.items():
        assemble(tmp_path / name, epochs, root=root)
        digests[name] = digest_of(tmp_path / name, ["rasa==3.6.21"])
    assert digests["first"] == digests["again"]
    assert len({*digests.values(), digest_of(tmp_path / "first", ["rasa==3.6.22"])}) == 4


def test_progress_names_the_component_and_its_share() -> None:
    log = "Starting to train component 'DIETClassifier'.\nEpochs:   3%|  |\rEpochs:  42%|██ |"
    assert progress_of("") == "reading the messages"
    assert progress_of(log) == "DIETClassifier 42 %"
    assert progress_of(log + "\nStarting to train component 'TEDPolicy'.") == "TEDPolicy"


def test_what_diet_learned_is_its_last_word() -> None:
    assert learned_in("t_loss=6.45, i_acc=0.352]\rEpochs: 100%| t_loss=7.85, i_acc=0.982]") == 0.982
    assert learned_in("t_loss=0.8, acc=0.5") is None
