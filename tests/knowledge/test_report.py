"""What editors are told of facts, links and languages, from the day on which it is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.situations import Situation
from bot.knowledge.answers import answer
from bot.knowledge.report import AGES, STATES, Report, Topic, report_on
from bot.knowledge.steps import OWNERS, Line, OfficialLink, Step, steps
from tests.knowledge.content_kit import (
    BUS,
    CLINIC,
    SCHOOL,
    SHELF_LIVES,
    TODAY,
    TOPICS,
    a_fact,
    a_line,
    a_topic,
)


def translated(name: str, french: str, language: str) -> str:
    """As many words as the French has, in another language."""
    return french if language == "fr" else f"{french[:-1]} {language}" if " " not in french else french.swapcase()


def report(*steps: Step, today: date = TODAY, language: str = "fr") -> Report:
    return report_on(steps or TOPICS, SHELF_LIVES, today, translated, language)


def only(step: Step) -> Topic:
    return report(step).topics[0]


class TestFacts:
    def test_a_fact_is_withdrawn_from_the_day_after_its_last(self) -> None:
        fee = report().in_state("withdrawn")[0]

        assert [fact.key for fact in report().in_state("withdrawn")] == ["fee"]
        assert (fee.topic, fee.owner, fee.withdrawn_since) == ("ask_school", "family", date(2026, 12, 2))
        assert fee.lines == ("cost", "more.fee")

    @pytest.mark.parametrize(
        ("today", "state"),
        [
            (date(2026, 10, 1), "current"),
            (date(2026, 10, 2), "due"),
            (date(2026, 12, 1), "due"),
            (date(2026, 12, 2), "withdrawn"),
        ],
    )
    def test_a_fact_is_due_sixty_days_before_and_on_its_last_day(self, today: date, state: str) -> None:
        facts = {fact.key: fact for fact in report(SCHOOL, today=today).facts}

        assert (facts["fee"].state, facts["fee"].last_day) == (state, date(2026, 12, 1))
        assert (facts["fee"].withdrawn_since is not None) == (state == "withdrawn")

    @pytest.mark.parametrize("days", [0, 1, 400])
    def test_it_says_withdrawn_exactly_when_the_answer_leaves_the_line_out(self, days: int) -> None:
        today = TODAY - timedelta(days=2) + timedelta(days=days)
        left_out = {line.key for line in answer(SCHOOL, Situation(today), SHELF_LIVES).withdrawn}

        assert {key for fact in report(SCHOOL, today=today).in_state("withdrawn") for key in fact.lines} == left_out

    def test_what_ends_first_comes_first(self) -> None:
        early = report(SCHOOL, CLINIC, today=date(2026, 11, 30))
        assert [(fact.key, fact.last_day) for fact in early.in_state("due")] == [
            ("fee", date(2026, 12, 1)),
            ("phone", date(2026, 12, 5)),
        ]

    def test_what_was_never_checked_is_from_memory_and_does_not_age(self) -> None:
        bus = report(BUS, today=date(2040, 1, 1))

        assert [fact.key for fact in bus.in_state("memory")] == ["habit"]
        assert (bus.topics[0].count("from-memory"), bus.topics[0].count("confirmed")) == (1, 0)
        assert bus.topics[0].oldest_check is None

    def test_the_oldest_check_of_a_topic(self) -> None:
        assert only(SCHOOL).oldest_check == date(2025, 8, 3)
        assert (only(SCHOOL).count("confirmed"), only(SCHOOL).count("from-memory")) == (2, 0)


class TestAges:
    @pytest.mark.parametrize(
        ("checked", "since"),
        [
            (TODAY, 0),
            (TODAY + timedelta(days=1), 0),
            (date(2026, 9, 4), 0),
            (date(2026, 9, 3), 3),
            (date(2025, 12, 4), 6),
            (date(2025, 12, 3), 12),
            (date(2024, 12, 4), 18),
            (date(2024, 12, 3), 24),
            (date(2000, 1, 1), 24),
            (None, None),
        ],
    )
    def test_a_fact_is_in_the_group_of_its_age(self, checked: date | None, since: int | None) -> None:
        topic = a_topic("ask_thing", "Chose", "work", {"fact": a_fact(checked)}, a_line("what", "fact"))

        assert [group.since for group in report(topic).by_age() if group.total] == [since]

    def test_every_fact_is_counted_once_by_age_and_state(self) -> None:
        groups = report().by_age()

        assert [group.since for group in groups] == [0, *AGES, None]
        assert [group.until for group in groups] == [*AGES, None, None]
        assert sum(group.total for group in groups) == len(report().facts) == 4
        counted = {state: sum(group.counts[state] for group in groups) for state in STATES}
        assert counted == {"current": 1, "due": 1, "withdrawn": 1, "memory": 1}


class TestLinks:
    def test_pages_that_nobody_opened_and_languages_without_a_page(self) -> None:
        topic = only(SCHOOL)

        assert topic.pages == 2
        assert topic.missing_pages == {"fr": 0, "en": 1, "es": 2}
        assert [(link.name, link.urls) for link in topic.unseen_links] == [
            ("Autre page", ("https://other.example.test/",))
        ]

    def test_one_address_for_two_languages_is_named_once(self) -> None:
        link = OfficialLink("page", "Page", {"fr": "https://x.test", "en": "https://x.test"}, is_confirmed=False)
        assert only(replace(SCHOOL, links=(link,))).unseen_links[0].urls == ("https://x.test",)


class TestLanguages:
    FRENCH = "Un deux trois quatre cinq six sept huit neuf dix."

    def step(self, english: str, *, part: str = "says") -> Topic:
        line = a_line("what", "habit", text=self.FRENCH, key="said")
        lines: dict[str, tuple[Line, ...]] = {"says": (), "more": (), part: (line,)}
        step = replace(BUS, says=lines["says"], more=lines["more"])
        sentences = {("fr", self.FRENCH): self.FRENCH, ("en", self.FRENCH): english, ("es", self.FRENCH): "a " * 10}
        made = report_on(
            [step], SHELF_LIVES, TODAY, lambda name, french, language: sentences.get((language, french), french)
        )
        return made.topics[0]

    @pytest.mark.parametrize("part", ["says", "more"])
    @pytest.mark.parametrize(("words", "is_equal"), [(6, False), (7, True), (10, True), (14, True), (15, False)])
    def test_a_language_that_says_less_or_more_is_told(self, words: int, is_equal: bool, part: str) -> None:
        topic = self.step("word " * words, part=part)

        assert topic.words["en"].parts == ((words, 0) if part == "says" else (0, words))
        assert topic.unequal == (() if is_equal else ("en",))

    def test_a_line_still_in_french_is_told(self) -> None:
        topic = self.step(self.FRENCH)

        assert topic.words["en"].untranslated == 1 and topic.unequal == ("en",)
        assert topic.words["fr"].untranslated == 0

    def test_signs_are_no_words_and_placeholders_are(self) -> None:
        assert self.step("Cost\u00a0: {fee}\u00a0$ – that’s “it”!").words["en"].first == 4

    def test_titles_are_in_the_language_asked_for(self) -> None:
        assert {topic.title for topic in report(CLINIC, language="en").topics} == {"Cliniqu en"}


class TestTheWhole:
    def test_topics_stand_as_in_a_dictionary(self) -> None:
        assert [topic.title for topic in report().topics] == ["Clinique", "École", "Zone de bus"]

    def test_an_owner_sees_their_own(self) -> None:
        family = report().of_owner("family")

        assert [topic.id for topic in family.topics] == ["ask_school"]
        assert len(family.facts) == 2 and sum(group.total for group in family.by_age()) == 2
        assert report().of_owner(None) == report()
        assert report().of_owner("work").topics == ()

    def test_our_own_topics_on_the_day_of_their_last_check(self) -> None:
        checks = [fact.checked for step in steps().values() for fact in step.facts.values() if fact.checked]
        ours = report(*steps().values(), today=max(checks))

        assert {topic.id for topic in ours.topics} == steps().keys()
        assert len(ours.facts) == sum(len(step.facts) for step in steps().values())
        assert ours.in_state("withdrawn") == []
        assert sum(len(ours.of_owner(owner).topics) for owner in OWNERS) == len(ours.topics)
