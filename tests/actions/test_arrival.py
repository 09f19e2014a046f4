"""The arrival date in a booking: what is read, what is asked again, and why. Today is Thursday, December 3, 2026."""

from __future__ import annotations

import pytest

from tests.actions.rasa_side import ActionServer, Result, Talk

LANGUAGES = ("fr", "en", "es")


async def asked(server: ActionServer, language: str = "fr") -> Talk:
    """A booking in which the date of arrival is asked."""
    talk = await server.talk(language)
    result = await talk.takes("/book_meeting").run("action_begin_booking")
    assert result.names == ["utter_ask_arrival_date"]
    return talk


def titles(result: Result) -> list[str]:
    return [choice.title for choice in result.replies[-1].choices]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "le 1er décembre"),
        ("fr", "avant-hier"),
        ("en", "December 1st"),
        ("en", "Dec 1 2026, thanks"),
        ("es", "el 1 de diciembre"),
        ("es", "llegué el martes"),
    ],
)
async def test_a_day_is_read_and_the_due_day_said(server: ActionServer, language: str, text: str) -> None:
    talk = await asked(server, language)
    result = await talk.answers(text)
    if talk.slots["arrival_is_right"] is None:
        assert "utter_ask_arrival_is_right" in result.names
        result = await talk.answers("oui", "affirm")
    assert talk.slots["arrival_date"] == "2026-12-01"
    assert talk.slots["arrival_is_right"] is True
    due = {
        "fr": "le mardi 8 décembre 2026",
        "en": "Tuesday, December 8, 2026",
        "es": "el martes 8 de diciembre de 2026",
    }
    assert due[language] in result.text
    assert result.names[-1] == "utter_ask_region"


@pytest.mark.parametrize(
    ("language", "text", "month", "days"),
    [
        ("fr", "le 31 novembre", "novembre", ["30 novembre", "1er\u00a0décembre"]),
        ("en", "November 31", "November", ["November 30", "December 1"]),
        ("es", "el 31 de noviembre", "noviembre", ["30 de noviembre", "1 de diciembre"]),
    ],
)
async def test_a_day_that_does_not_exist_is_explained_and_mended_by_a_button(
    server: ActionServer, language: str, text: str, month: str, days: list[str]
) -> None:
    talk = await asked(server, language)
    result = await talk.answers(text)
    assert result.names == ["utter_arrival_impossible"]
    assert month in result.text.lower() or month in result.text
    assert "30" in result.text
    assert titles(result) == days
    await talk.chooses_from(result, days[1])
    assert talk.slots["arrival_date"] == "2026-12-01"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("day", "name"), [("2019-12-01", "utter_arrival_too_old"), ("2099-12-01", "utter_arrival_too_far")]
)
async def test_a_year_that_cannot_be_meant(server: ActionServer, language: str, day: str, name: str) -> None:
    talk = await asked(server, language)
    result = await talk.answers(day)
    assert result.names == [name]
    assert day[:4] in result.text
    assert talk.slots["arrival_date"] is None
    assert talk.slots["requested_slot"] == "arrival_date"


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "je suis déjà là"), ("en", "I'm already here"), ("es", "ya estoy aquí")]
)
async def test_already_here_is_asked_since_when(server: ActionServer, language: str, text: str) -> None:
    talk = await asked(server, language)
    result = await talk.answers(text)
    assert result.names == ["utter_ask_arrival_day"]
    assert len(titles(result)) == 2
    await talk.chooses_from(result, titles(result)[1])
    assert talk.slots["arrival_date"] == "2026-12-02"


async def test_already_here_has_its_button(server: ActionServer) -> None:
    talk = await asked(server)
    result = await talk.chooses('/inform{"already_here":"yes"}')
    assert result.names == ["utter_ask_arrival_day"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "fin janvier"), ("en", "next month"), ("es", "pronto"), ("fr", "je ne sais pas encore")],
)
async def test_no_day_yet_is_asked_for_the_day(server: ActionServer, language: str, text: str) -> None:
    talk = await asked(server, language)
    assert (await talk.answers(text)).names == ["utter_arrival_vague"]


@pytest.mark.parametrize("intent", ["inform", "nlu_fallback"])
async def test_no_date_at_all_says_how_to_write_one(server: ActionServer, intent: str) -> None:
    talk = await asked(server)
    assert (await talk.answers("bleu", intent)).names == ["utter_arrival_not_understood"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("c’est quoi le NAS?", "ask_sin"),
        ("êtes-vous ouverts le 24 décembre pour les questions de logement?", "ask_housing"),
        ("je vais me tuer ce soir", "emergency"),
        ("annuler", "stop"),
        ("je cherche un logement avec deux chambres pour ma famille le 15 décembre", "ask_housing"),
        ("I want to talk to someone tomorrow", "talk_to_human"),
        ("quiero hablar con alguien mañana", "talk_to_human"),
        ("je veux parler à quelqu’un demain", "talk_to_human"),
    ],
)
async def test_a_question_is_no_answer(server: ActionServer, text: str, intent: str) -> None:
    """No event: Rasa then answers the question, and asks again."""
    talk = await asked(server)
    assert (await talk.answers(text, intent)).events == []
    assert talk.slots["arrival_date"] is None


async def test_after_a_question_the_date_is_asked_again_plainly(server: ActionServer) -> None:
    talk = await asked(server)
    await talk.hears("c’est quoi le NAS?", "ask_sin").run("action_answer_step")
    assert (await talk.run("action_ask_arrival_date")).names == ["utter_ask_arrival_date"]


class TestUnsure:
    async def asked_if_right(self, server: ActionServer) -> Talk:
        """ "05/12" is December 5 or May 12."""
        talk = await asked(server)
        result = await talk.answers("05/12/2026")
        if "utter_ask_arrival_is_right" not in result.names:
            pytest.fail(f"05/12/2026 was taken as sure: {talk.slots['arrival_date']}")
        return talk

    async def test_yes(self, server: ActionServer) -> None:
        talk = await self.asked_if_right(server)
        result = await talk.answers("oui", "affirm")
        assert result.names == ["utter_arrival_noted", "utter_ask_region"]

    async def test_no_asks_again(self, server: ActionServer) -> None:
        talk = await self.asked_if_right(server)
        result = await talk.answers("non", "deny")
        assert talk.slots["arrival_date"] is None
        assert "utter_ask_arrival_date" in result.names or "utter_arrival_not_understood" in result.names

    @pytest.mark.parametrize(("text", "is_sure"), [("non, le 15 décembre 2026", True), ("non, le 2 décembre", None)])
    async def test_the_right_date_at_once(self, server: ActionServer, text: str, is_sure: bool | None) -> None:
        """A day already past is asked about once more."""
        talk = await self.asked_if_right(server)
        result = await talk.answers(text, "deny")
        assert talk.slots["arrival_date"] in ("2026-12-15", "2026-12-02")
        assert talk.slots["arrival_is_right"] is is_sure
        assert result.names[-1] == ("utter_ask_region" if is_sure else "utter_ask_arrival_is_right")

    async def test_what_is_neither_is_asked_again(self, server: ActionServer) -> None:
        talk = await self.asked_if_right(server)
        assert (await talk.answers("hein", "nlu_fallback")).names == ["utter_ask_arrival_is_right"]


async def test_an_arrival_long_past_promises_no_day(server: ActionServer) -> None:
    talk = await asked(server)
    result = await talk.answers("le 2 novembre 2026")
    assert result.names == ["utter_ask_region"]


@pytest.mark.parametrize("payload", ["31-12-2026", "", "2026-02-30"])
async def test_a_button_that_names_no_day_is_no_answer(server: ActionServer, payload: str) -> None:
    talk = await asked(server)
    assert (await talk.chooses(f'/inform{{"arrival_date":"{payload}"}}')).events == []
