"""A new house begins with organisations whose existence was confirmed, and with what was confirmed of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.organisations import ORGANISATIONS, directory, read_directory
from bot.knowledge.places import region_names
from bot.knowledge.steps import BadKnowledge

DATA = yaml.safe_load(ORGANISATIONS.read_text(encoding="utf-8"))
ENTRIES = {entry["id"]: entry for entry in DATA["organisations"]}


def test_only_confirmed_ones_are_shown() -> None:
    shown = {organisation.id for organisation in directory().organisations}
    confirmed = {key for key, entry in ENTRIES.items() if entry["existence_confidence"] == "confirmed"}
    assert shown == confirmed
    assert len(shown) < len(ENTRIES)


def test_a_website_is_shown_only_when_its_address_was_confirmed() -> None:
    for organisation in directory().organisations:
        is_confirmed = ENTRIES[organisation.id]["website_confidence"] == "confirmed"
        assert (organisation.website is not None) == is_confirmed, organisation.id


def test_services_and_languages_are_those_that_a_source_says() -> None:
    for organisation in directory().organisations:
        entry = ENTRIES[organisation.id]
        assert list(organisation.services) == entry["services_confirmed"], organisation.id
        if entry["languages_confidence"] != "confirmed":
            assert organisation.languages == ("fr",), organisation.id


def test_each_region_has_some() -> None:
    assert {organisation.region for organisation in directory().organisations} == region_names().keys()


def test_the_directory_says_when_it_was_read_and_where_else_to_ask() -> None:
    assert directory().checked.isoformat() == "2026-11-21"
    assert {organisation.checked for organisation in directory().organisations} == {directory().checked}
    assert directory().fallback_url.startswith("https://www.211")


Break = Callable[[dict[str, Any]], object]
FIRST = DATA["organisations"][0]["id"]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (lambda data: data["organisations"][0].update(region_code="18"), f"{FIRST}, region: bad_region 18"),
        (lambda data: data["organisations"][0].update(website="aibsl.org"), f"{FIRST}, website: bad_website"),
        (lambda data: data["organisations"][0].update(services_confirmed=["danse"]), f"{FIRST}, services: unknown"),
        (lambda data: data["organisations"][0].pop("city"), f"{FIRST}: KeyError\\('city'\\)"),
        (lambda data: data["organisations"].append(data["organisations"][0]), f"{FIRST}: two organisations"),
        (lambda data: data["meta"].update(researched="hier"), "cannot be read"),
        (lambda data: data["meta"]["fallback"].update(url="http://211"), "no https address"),
    ],
)
def test_a_broken_file_is_refused_with_its_key(tmp_path: Path, breaks: Break, told: str) -> None:
    data = yaml.safe_load(ORGANISATIONS.read_text(encoding="utf-8"))
    breaks(data)
    broken = tmp_path / "organisations.yml"
    broken.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadKnowledge, match=told):
        read_directory(broken)
