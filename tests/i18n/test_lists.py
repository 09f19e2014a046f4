"""Lists and names of languages as each language writes them."""

from __future__ import annotations

import pytest

from bot.i18n.lists import language_codes, say_language, say_list


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "un, deux et trois"), ("en", "un, deux and trois"), ("es", "un, deux y trois")]
)
def test_the_last_is_joined_by_a_word(language: str, said: str) -> None:
    assert say_list(["un", "deux", "trois"], language) == said
    assert say_list(["un"], language) == "un"
    assert say_list([], language) == ""


def test_a_language_has_its_name_in_each() -> None:
    assert [say_language("es", language) for language in ("fr", "en", "es")] == ["espagnol", "Spanish", "español"]
    assert say_language("xx", "fr") == "xx"


def test_codes_are_of_two_or_three_letters() -> None:
    assert {"fr", "en", "es", "ht", "uk"} <= language_codes()
    assert all(code.isalpha() and 2 <= len(code) <= 3 for code in language_codes())
