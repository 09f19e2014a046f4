"""Only organisations whose existence was confirmed are shown, with what was confirmed of them."""

from __future__ import annotations

import pytest
import yaml

from bot.knowledge.organisations import ORGANISATIONS, directory
from bot.knowledge.places import region_names

ENTRIES = {entry["id"]: entry for entry in yaml.safe_load(ORGANISATIONS.read_text(encoding="utf-8"))["organisations"]}


def test_only_confirmed_ones_are_shown() -> None:
    shown = {organisation.id for organisation in directory().organisations}
    confirmed = {key for key, entry in ENTRIES.items() if entry["existence_confidence"] == "confirmed"}
    assert shown == confirmed
    assert len(shown) < len(ENTRIES)


def test_a_website_is_shown_only_when_its_address_was_confirmed() -> None:
    for organisation in directory().organisations:
        is_confirmed = ENTRIES[organisation.id]["website_confidence"] == "confirmed"
        assert (organisation.website is not None) == is_confirmed, organisation.id
        if organisation.website:
            assert organisation.website.startswith(("https://", "http://"))


@pytest.mark.parametrize("region", region_names())
def test_each_region_has_some_within_the_limit(region: str) -> None:
    here = directory().in_region(region)
    assert 1 <= len(here) <= 5
    assert all(organisation.region == region and organisation.city for organisation in here)
    assert directory().in_region(region, limit=1) == here[:1]


def test_those_most_surely_open_then_those_who_welcome_come_first() -> None:
    for region in region_names():
        here = directory().in_region(region, limit=100)
        ranks = [(not each.is_open_confirmed, "accueil" not in each.services) for each in here]
        assert ranks == sorted(ranks)


def test_an_unknown_region_has_none() -> None:
    assert directory().in_region("99") == []


def test_the_directory_says_when_it_was_read_and_where_else_to_ask() -> None:
    assert directory().checked.isoformat() == "2026-11-21"
    assert directory().fallback_url.startswith("https://www.211")
