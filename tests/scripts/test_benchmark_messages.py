"""What people write in a measure: held-out messages, in conversations that are always the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benchmark.messages import ENDING, LANGUAGES, HeldOut, held_out, plain_questions, talks

MESSAGES = [
    HeldOut(f"{language} {intent} {number}", intent, language, kind)
    for language in LANGUAGES
    for intent in ("ask_sin", "greet", "talk_to_human", "restart")
    for number, kind in enumerate(["clean", "sms", "typos"])
]


def test_the_same_messages_make_the_same_talks() -> None:
    assert talks(MESSAGES, 12, 4) == talks(list(MESSAGES), 12, 4)


def test_more_talks_begin_with_the_same_ones() -> None:
    """So that one person and many write the same."""
    assert talks(MESSAGES, 12, 2)[:3] == talks(MESSAGES, 3, 2)


def test_languages_take_turns_and_do_not_mix() -> None:
    made = talks(MESSAGES, 6, 3)
    assert [talk.language for talk in made] == ["fr", "en", "es"] * 2
    assert all(text.startswith(talk.language) for talk in made for text in talk.texts)


def test_talks_go_round_when_there_are_few_messages() -> None:
    made = talks(MESSAGES, 30, 5)
    assert len(made) == 30
    assert {len(talk.texts) for talk in made} == {5}


def test_nothing_that_ends_a_conversation_is_written() -> None:
    written = " ".join(text for talk in talks(MESSAGES, 30, 5) for text in talk.texts)
    assert not any(intent in written for intent in ENDING)


def test_a_long_conversation_is_made_of_plain_questions() -> None:
    assert plain_questions(MESSAGES, "es") == ["es ask_sin 0"]


def test_held_out_messages_are_read_in_their_three_files(tmp_path: Path) -> None:
    for language in LANGUAGES:
        row = {"text": f"a {language}", "intent": "greet", "lang": language}
        (tmp_path / f"{language}.jsonl").write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    assert held_out(tmp_path) == [HeldOut(f"a {language}", "greet", language, "clean") for language in LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_repository_has_enough_of_them(language: str) -> None:
    assert len(plain_questions(held_out(), language)) >= 20
