"""Telephone numbers hold together on one line, and each sentence that names one finds it."""

from __future__ import annotations

import yaml

from bot.i18n.catalogue import default_catalogue
from bot.knowledge.contacts import CONTACTS, contacts


def test_numbers_hold_together_on_one_line() -> None:
    assert contacts()["sos"] == "1\u00a0800\u00a0363-9010"
    assert contacts()["mifi"] == "1\u00a0877\u00a0864-9191"
    assert not any(" " in number for number in contacts().values())


def test_each_number_has_its_source_and_day() -> None:
    for key, entry in yaml.safe_load(CONTACTS.read_text(encoding="utf-8")).items():
        assert entry["source"].startswith("https://"), key
        assert entry["checked"], key


def test_the_emergency_numbers_are_filled_in_each_language() -> None:
    for language in ("fr", "en", "es"):
        said = default_catalogue().say("utter_emergency", language, contacts())
        for number in ("911", "988", "811", contacts()["sos"]):
            assert number in said
