"""What is said to whoever writes in a language that the assistant does not speak."""

from __future__ import annotations

import pytest

from bot.contract import OTHER_LANGUAGE
from bot.i18n.languages import LANGUAGES
from bot.i18n.lists import say_language
from bot.knowledge.own_words import own_words
from tests.actions.rasa_side import ActionServer

ACTION = "action_other_language"
MAX_CHOICES = 4


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_message_says_it_in_the_three_languages(server: ActionServer, language: str) -> None:
    talk = (await server.talk(language)).hears("waan ku baahanahay", "nlu_fallback", **{OTHER_LANGUAGE: "so"})
    (reply,) = (await talk.run(ACTION)).replies
    french, english, spanish = reply.text.split("\n")
    assert "somali" in french and "interprète" in french
    assert "Somali" in english and "interpreter" in english
    assert "somalí" in spanish and "intérprete" in spanish
    assert all("211" in line and "200" in line and "911" in line for line in (french, english, spanish))
    assert reply.topic == "ask_interpreter"


async def test_first_line_is_in_their_own_language_where_there_is_one(server: ActionServer) -> None:
    talk = (await server.talk()).hears("preciso de ajuda", "nlu_fallback", **{OTHER_LANGUAGE: "pt"})
    (reply,) = (await talk.run(ACTION)).replies
    own, french, *_ = reply.text.split("\n")
    assert own == own_words()["pt"]
    assert "portugais" in french


@pytest.mark.parametrize(("language", "others"), [("fr", ("en", "es")), ("en", ("fr", "es")), ("es", ("fr", "en"))])
async def test_buttons_change_the_language_or_reach_a_person(
    server: ActionServer, language: str, others: tuple[str, str]
) -> None:
    talk = (await server.talk(language)).hears("ich verstehe nicht", "nlu_fallback", **{OTHER_LANGUAGE: "de"})
    result = await talk.run(ACTION)
    (reply,) = result.replies
    payloads = [choice.payload for choice in reply.choices]
    changes = [f'/set_language{{"language":"{other}"}}' for other in others]
    assert payloads == [*changes, "/ask_interpreter", "/talk_to_human"]
    assert len(payloads) <= MAX_CHOICES and result.events == []


async def test_a_form_stays_open(server: ActionServer) -> None:
    talk = await server.talk()
    talk.loop = "meeting_form"
    await talk.hears("ich verstehe nicht", "nlu_fallback", **{OTHER_LANGUAGE: "de"}).run(ACTION)
    assert talk.loop == "meeting_form"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_that_has_words_of_its_own_has_a_name(language: str) -> None:
    assert [code for code in own_words() if say_language(code, language) == code] == []
