"""The console's sentences are complete in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.i18n.catalogue import LOCALES
from bot.i18n.languages import COMPLETE

CONSOLE = Path(__file__).resolve().parents[2] / "bot" / "console"
PLACEHOLDER = re.compile(r"{\w+}")


def sentences() -> set[tuple[str, str]]:
    """Name and French of every sentence in the code and the templates."""
    found = extract_from_dir(
        CONSOLE,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")],
        options_map={},
        keywords={"pgettext": ((1, "c"), 2)},
    )
    return {(str(context), str(french)) for _, _, french, _, context in found}


@pytest.mark.parametrize("language", COMPLETE)
def test_every_sentence_is_translated_and_no_other(language: str) -> None:
    with (LOCALES / language / "LC_MESSAGES" / "console.po").open("rb") as file:
        catalogue = [message for message in read_po(file) if message.id]

    assert {(str(message.context), str(message.id)) for message in catalogue} == sentences()
    for message in catalogue:
        assert message.string and not message.fuzzy
        assert sorted(PLACEHOLDER.findall(str(message.id))) == sorted(PLACEHOLDER.findall(str(message.string)))
        if language == "fr":
            assert message.string == message.id
