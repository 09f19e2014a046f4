"""The answer to each step: fitted to what the person said, more on request, nothing too old or forbidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest

from actions.steps import HUMAN, MORE, STATUS, AnswerStep
from actions.turn import Desk
from bot.contract import button_payload
from bot.domain.messages import Reply
from bot.domain.situations import STATUSES
from bot.i18n.dates import say_day
from bot.knowledge.steps import Step, steps
from bot.wiring import Wiring
from tests.actions.rasa_side import ActionServer, Result, entity, replies_of
from tests.actions.test_answers import LANGUAGES, assert_fit_for_people
from tests.fakes import FakeClock

TODAY = date(2026, 11, 20)
# Days from today to arrival that put a person at each stage.
STAGES = {"before_departure": 30, "first_week": -2, "first_month": -20, "first_3_months": -70, "later": -300}
# About 120: labels, source and date counted.
MAX_WORDS = 125
MORE_WORDS = 190


def arriving(days: int | None) -> dict[str, Any]:
    if days is None:
        return {"arrival_date": None, "arrival_is_right": None}
    return {"arrival_date": (TODAY + timedelta(days=days)).isoformat(), "arrival_is_right": True}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_of_the_39_steps_is_answered_in_two_bubbles_with_source_and_date(
    server: ActionServer, language: str
) -> None:
    assert len(steps()) == 39
    talk = await server.talk(language)
    for name, step in steps().items():
        result = await talk.hears("?", name).run("action_answer_step")
        assert_fit_for_people(result)
        assert len(result.replies) == 2, name
        assert {reply.topic for reply in result.replies} == {name}
        details = result.replies[1]
        source = server.wiring.catalogue.translate(f"{name}.source", step.source, language)
        assert source in details.text.splitlines()[-1], name
        assert say_day(date(2026, 11, 21), language, weekday=False) in details.text.splitlines()[-1], name
        assert details.links, name
        assert details.choices[-1].payload == HUMAN
        assert {re.split(r"[/{]", choice.payload)[1] for choice in details.choices[:-1]} <= steps().keys()
        assert result.events == []


async def test_steps_differ_from_one_language_to_another(server: ActionServer) -> None:
    for name in steps():
        said = {
            (await (await server.talk(language)).hears("?", name).run("action_answer_step")).text
            for language in LANGUAGES
        }
        assert len(said) == 3, name


class TestMore:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_it_is_a_button_and_gives_the_rest(self, server: ActionServer, language: str) -> None:
        talk = await server.talk(language)
        first = await talk.hears("?", "ask_driving").run("action_answer_step")
        title = server.wiring.catalogue.say("utter_label_more", language, {})
        more = await talk.takes_choice(first, title).run("action_answer_step")
        assert_fit_for_people(more)
        (reply,) = more.replies
        assert reply.topic == "ask_driving"
        assert reply.links
        said = set(first.text.splitlines())
        assert not said & set(reply.text.splitlines()[:-1]), "what was said is not said again"
        assert button_payload("ask_driving", detail=MORE) not in {choice.payload for choice in reply.choices}


class TestStatus:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_it_is_asked_for_with_a_button_for_each_and_then_fits_the_answer(
        self, server: ActionServer, language: str
    ) -> None:
        talk = await server.talk(language)
        general = await talk.hears("?", "ask_sin").run("action_answer_step")
        asked = await talk.takes_choice(general, server.wiring.catalogue.say("utter_label_status", language, {})).run(
            "action_answer_step"
        )
        assert asked.names == ["utter_ask_status"]
        payloads = [choice.payload for choice in asked.replies[0].choices]
        assert payloads == [*(button_payload("ask_sin", status=status) for status in STATUSES), HUMAN]
        fitted = await talk.takes(button_payload("ask_sin", status="asylum_seeker")).run("action_answer_step")
        assert fitted.slots == {"status": "asylum_seeker"}
        assert fitted.text != general.text
        assert button_payload("ask_sin", detail=STATUS) not in {choice.payload for choice in fitted.replies[1].choices}

    async def test_told_in_the_question_it_is_kept_and_heeded(self, server: ActionServer) -> None:
        talk = await server.talk("en")
        general = await talk.hears("how do I get a SIN?", "ask_sin").run("action_answer_step")
        told = entity("status", "student", is_own=True)
        fitted = await talk.hears("I'm a student, how do I get a SIN?", "ask_sin", told).run("action_answer_step")
        assert fitted.slots == {"status": "student"}
        assert fitted.text != general.text

    async def test_of_someone_else_it_is_not(self, server: ActionServer) -> None:
        talk = await server.talk("en")
        general = await talk.hears("?", "ask_sin").run("action_answer_step")
        told = entity("status", "student", is_own=False)
        other = await talk.hears("my son is a student", "ask_sin", told).run("action_answer_step")
        assert other.events == []
        assert other.text == general.text

    async def test_a_kept_status_is_used_later(self, server: ActionServer) -> None:
        talk = await server.talk("fr")
        told = await talk.takes(button_payload("ask_sin", status="student")).run("action_answer_step")
        again = await talk.hears("le NAS?", "ask_sin").run("action_answer_step")
        assert again.text == told.text

    async def test_one_that_has_its_own_name_counts_as_the_one_whose_answers_hold(self, server: ActionServer) -> None:
        talk = await server.talk("fr")
        talk.slots["status"] = "agricultural_worker"
        farm = await talk.hears("?", "ask_sin").run("action_answer_step")
        talk.slots["status"] = "temporary_worker"
        temporary = await talk.hears("?", "ask_sin").run("action_answer_step")
        assert farm.text == temporary.text

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_step_that_does_not_concern_it_says_so(self, server: ActionServer, language: str) -> None:
        talk = await server.talk(language)
        talk.slots["status"] = "permanent_resident"
        result = await talk.hears("?", "ask_asylum").run("action_answer_step")
        named = server.wiring.catalogue.translate("status.permanent_resident", "résidence permanente", language)
        assert named in result.replies[1].text.splitlines()[0]


class TestArrival:
    @pytest.mark.parametrize(
        ("language", "day"), [("fr", "19 mars 2027"), ("en", "March 19, 2027"), ("es", "19 de marzo de 2027")]
    )
    async def test_a_time_limit_is_told_as_a_day(self, server: ActionServer, language: str, day: str) -> None:
        """Six months after 21 September 2026 end on Sunday 21 March 2027: the Friday before is told."""
        talk = await server.talk(language)
        talk.slots |= {"arrival_date": "2026-09-21", "arrival_is_right": True}
        result = await talk.hears("?", "ask_driving").run("action_answer_step")
        assert day in result.text.replace("\u00a0", " ")

    async def test_a_date_that_was_not_confirmed_counts_for_nothing(self, server: ActionServer) -> None:
        talk = await server.talk("fr")
        general = await talk.hears("?", "ask_driving").run("action_answer_step")
        talk.slots |= {"arrival_date": "2026-09-21", "arrival_is_right": None}
        assert (await talk.hears("?", "ask_driving").run("action_answer_step")).text == general.text


class TestShelfLife:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_what_is_too_old_is_withdrawn_and_the_official_page_stays(
        self, server: ActionServer, clock: FakeClock, language: str
    ) -> None:
        clock.set(datetime(2031, 1, 6, 14, tzinfo=UTC))
        talk = await server.talk(language)
        for name, step in steps().items():
            result = await talk.hears("?", name).run("action_answer_step")
            assert_fit_for_people(result)
            title = server.wiring.catalogue.translate(f"{name}.title", step.title, language)
            withdrawn = server.wiring.catalogue.say("utter_step_withdrawn", language, {"title": title})
            assert result.replies[0].text == withdrawn, name
            assert result.replies[1].links, name
            assert result.replies[1].choices[-1].payload == HUMAN
            what = server.wiring.catalogue.translate(f"{name}.what", step.says[0].text, language)
            assert what.split("{")[0] not in result.text


def every_situation() -> Iterator[dict[str, Any]]:
    for status, days in product((None, *STATUSES), (None, *STAGES.values())):
        yield {"status": status, **arriving(days)}


# Words that stand in nearly every sentence of one language and in none of the others.
FUNCTION_WORDS = {
    "fr": frozenset({"le", "les", "des", "et", "pour", "votre", "vous", "avec", "une", "du", "sur", "aux", "dans"}),
    "en": frozenset({"the", "of", "and", "for", "your", "you", "with", "is", "in", "at", "to", "it", "by", "if"}),
    "es": frozenset({"el", "los", "las", "y", "para", "su", "usted", "con", "una", "del", "por", "se", "al", "si"}),
}


def told_language(text: str) -> str:
    """Which language's function words stand in it most."""
    words = re.findall(r"\w+", text.lower())
    return max(FUNCTION_WORDS, key=lambda language: sum(word in FUNCTION_WORDS[language] for word in words))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_answer_in_every_situation(wiring: Wiring, clock: FakeClock, language: str) -> None:
    """Nothing empty, no placeholder left, no longer than a telephone's patience, a dated source, nothing forbidden."""
    clock.set(datetime.combine(TODAY, time(15), UTC))
    action = AnswerStep(Desk(wiring.services, wiring.catalogue, wiring.settings))
    wrong = []
    for name, step in steps().items():
        seen = set()
        for slots, region, told in product(every_situation(), (None, "06", "03"), ({}, {"detail": MORE})):
            replies = await replies_of(action, language, name, {**slots, "region": region}, told)
            text = "\n".join(reply.text for reply in replies)
            if text not in seen:
                seen.add(text)
                assert_fit_for_people(Result([], [], replies))
                wrong += [f"{name} {slots} {told}: {what}\n{text}" for what in problems(step, replies, language)]
    assert not wrong, "\n\n".join(wrong)


def problems(step: Step, replies: list[Reply], language: str) -> Iterator[str]:
    text = "\n".join(reply.text for reply in replies)
    lines = text.splitlines()
    if any(not line.strip() or re.fullmatch(r"\*\*[^*]*:?\*\*:?\s*", line) for line in lines):
        yield "an empty line"
    if len(text.split()) > (MORE_WORDS if len(replies) == 1 else MAX_WORDS):
        yield f"{len(text.split())} words"
    if not re.search(r"20\d\d", lines[-1]):
        yield "no date of the check"
    for forbidden in step.never_say:
        if any(pattern.search(text) for pattern in forbidden.patterns[language]):
            yield f"must not be said: {forbidden.rule}"
    if told_language(text) != language:
        yield "another language"


def test_a_broken_rule_would_be_caught() -> None:
    """Each rule has something to catch it by, in each language, and none that catches everything."""
    for step in steps().values():
        for rule in step.never_say:
            for language in LANGUAGES:
                assert rule.patterns[language], (step.id, rule.rule)
                assert not any(pattern.search("") for pattern in rule.patterns[language]), (step.id, rule.rule)


async def test_related_steps_are_offered(server: ActionServer) -> None:
    talk = await server.talk("fr")
    for name in steps():
        result = await talk.hears("?", name).run("action_answer_step")
        offered = {choice.payload for choice in result.replies[-1].choices}
        related = {button_payload(other) for other in steps()[name].related}
        assert not related or offered & related, name
