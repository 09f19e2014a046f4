"""What is offered when the assistant is not sure: the closest topics, which of two, a second request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.contract import ALSO_ASKED, BETWEEN
from bot.domain.requests import TASKS
from bot.knowledge.steps import steps
from tests.actions.rasa_side import ActionServer

LANGUAGES = ("fr", "en", "es")
# Telegram and small telephones cut a longer one.
MAX_TITLE = 20


def ranked(*intents: str) -> list[dict[str, Any]]:
    return [{"name": intent, "confidence": 0.1} for intent in intents]


class TestNotUnderstood:
    async def test_the_three_closest_topics_are_offered_and_small_talk_is_none(self, server: ActionServer) -> None:
        ranking = ranked("nlu_fallback", "greet", "ask_sin", "out_of_scope", "book_meeting", "inform", "ask_bank")
        talk = (await server.talk()).hears("blurb", "nlu_fallback", intent_ranking=[*ranking, *ranked("ask_taxes")])
        result = await talk.run("action_not_understood")
        assert result.names == ["utter_closest_topics"]
        payloads = [choice.payload for choice in result.replies[0].choices]
        assert payloads == ["/ask_sin", "/book_meeting", "/ask_bank", "/help"]

    async def test_once_another_wording_twice_a_person(self, server: ActionServer) -> None:
        talk = await server.talk()
        once = await talk.hears("blurb", "nlu_fallback").run("action_not_understood")
        twice = await talk.hears("blarb", "nlu_fallback", intent_ranking=ranked("ask_sin")).run("action_not_understood")
        assert once.names == ["utter_not_understood"]
        assert twice.names == ["utter_still_not_understood"]
        assert [choice.payload for choice in twice.replies[0].choices] == ["/talk_to_human", "/help"]

    async def test_something_understood_in_between_starts_again(self, server: ActionServer) -> None:
        talk = await server.talk()
        await talk.hears("blurb", "nlu_fallback").run("action_not_understood")
        await talk.hears("bonjour", "greet").run("action_greet")
        again = await talk.hears("blarb", "nlu_fallback").run("action_not_understood")
        assert again.names == ["utter_not_understood"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_topic_has_a_button_that_fits(server: ActionServer, language: str) -> None:
    talk = await server.talk(language)
    for topic in sorted(TASKS | steps().keys()):
        result = await talk.hears("?", "greet", **{ALSO_ASKED: topic}).run("action_offer_other")
        (choice,) = result.replies[0].choices
        assert choice.payload == f"/{topic}"
        assert 0 < len(choice.title) <= MAX_TITLE, choice.title


@pytest.mark.parametrize("language", LANGUAGES)
async def test_which_of_two_names_both_and_answers_neither(server: ActionServer, language: str) -> None:
    talk = (await server.talk(language)).hears("?", "ask_bank", **{BETWEEN: ["ask_bank", "cancel_meeting"]})
    result = await talk.run("action_ask_which")
    assert [choice.payload for choice in result.replies[0].choices] == ["/ask_bank", "/cancel_meeting", "/help"]
    assert len(result.replies) == 1


async def test_what_is_no_request_is_not_offered(server: ActionServer) -> None:
    result = await (await server.talk()).hears("?", "ask_bank", **{ALSO_ASKED: "greet"}).run("action_offer_other")
    assert result.replies == []
