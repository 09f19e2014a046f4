"""Which lines a person gets: fitted to what is known, never guessed, and only what was checked recently enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.situations import Situation
from bot.domain.time_limits import Span, TimeLimit
from bot.domain.working_days import ClosedDays
from bot.knowledge.answers import ShelfLives, answer, limit_days
from bot.knowledge.steps import Fact, Line, OfficialLink, Step, StepLimit

TODAY = date(2026, 11, 22)
CHECKED = date(2026, 11, 21)
SHELF_LIVES = ShelfLives({"amount": 12, "phone": 24, "rule": 18})
FACTS: Mapping[str, Fact] = {
    "rule": Fact("Une règle.", "https://example.test", "2026", CHECKED, "rule", "confirmed"),
    "fee": Fact("Dix dollars.", "https://example.test", "2026", CHECKED, "amount", "confirmed"),
    "memory": Fact("À vérifier.", "https://example.test", "de mémoire", None, "rule", "from-memory"),
}


def a_line(part: str = "you", key: str = "", *, facts: tuple[str, ...] = ("rule",), **wanted: object) -> Line:
    return replace(Line(part=part, key=key or part, text="Texte.", facts=facts), **wanted)  # type: ignore[arg-type]


def a_step(*says: Line, more: tuple[Line, ...] = (), **changes: object) -> Step:
    step = Step(
        id="ask_thing", title="Une chose", short="La chose", stage="first_week", concerns=("student",),
        source="Service", checked=CHECKED, owner="settlement", figures={}, limits={}, facts=FACTS,
        says=(a_line("what"), *says), more=more,
        links=(OfficialLink("page", "Page", {"fr": "https://example.test"}, is_confirmed=True),),
        phones=(), related=(), never_say=(),
    )  # fmt: skip
    return replace(step, **changes)  # type: ignore[arg-type]


def keys(step: Step, **known: object) -> list[str]:
    return [line.key for line in answer(step, Situation(TODAY, **known), SHELF_LIVES).first]  # type: ignore[arg-type]


STUDENT = a_line("you", "you.student", statuses=frozenset({"student"}))
ABROAD = a_line("when", "when.abroad", stages=frozenset({"before_departure"}))
DATED = a_line("when", "when.dated", knows_arrival=True)
MONTREAL = a_line("where", "where.montreal", regions=frozenset({"06"}))


class TestWhatFits:
    STEP = a_step(STUDENT, a_line("you"), ABROAD, DATED, a_line("when"), MONTREAL)

    def test_nothing_known_gets_what_is_for_everyone(self) -> None:
        assert keys(self.STEP) == ["what", "you", "when"]

    def test_a_known_status_is_said_in_place_of_the_general_line(self) -> None:
        assert keys(self.STEP, status="student") == ["what", "you.student", "when"]
        assert keys(self.STEP, status="refugee") == ["what", "you", "when"]

    @pytest.mark.parametrize(
        ("arrival", "line"), [(date(2026, 12, 20), "when.abroad"), (date(2026, 11, 20), "when.dated"), (None, "when")]
    )
    def test_the_arrival_chooses_when(self, arrival: date | None, line: str) -> None:
        assert keys(self.STEP, arrival=arrival) == ["what", "you", line]

    def test_a_region_adds_its_own(self) -> None:
        assert keys(self.STEP, region="06")[-1] == "where.montreal"
        assert "where.montreal" not in keys(self.STEP, region="03")

    def test_on_request_every_line_that_fits_is_said(self) -> None:
        step = a_step(more=(a_line("you", "more.1"), a_line("you", "more.2"), STUDENT))
        assert [line.key for line in answer(step, Situation(TODAY), SHELF_LIVES).more] == ["more.1", "more.2"]
        told = answer(step, Situation(TODAY, status="student"), SHELF_LIVES)
        assert [line.key for line in told.more] == ["more.1", "more.2", "you.student"]

    def test_the_status_is_asked_for_only_when_it_would_change_the_answer(self) -> None:
        assert answer(self.STEP, Situation(TODAY), SHELF_LIVES).depends_on_status
        assert not answer(self.STEP, Situation(TODAY, status="refugee"), SHELF_LIVES).depends_on_status
        assert not answer(a_step(), Situation(TODAY), SHELF_LIVES).depends_on_status


class TestShelfLife:
    FEE = a_line("cost", facts=("rule", "fee"))

    @pytest.mark.parametrize(
        ("today", "said", "withdrawn"),
        [
            (date(2027, 11, 21), ["what", "cost"], []),
            (date(2027, 11, 22), ["what"], ["cost"]),
            (date(2028, 5, 21), ["what"], ["cost"]),
            (date(2028, 5, 22), [], ["what", "cost"]),
        ],
    )
    def test_a_line_is_withdrawn_once_one_of_its_facts_is_too_old(
        self, today: date, said: list[str], withdrawn: list[str]
    ) -> None:
        got = answer(a_step(self.FEE), Situation(today), SHELF_LIVES)
        assert [line.key for line in got.first] == said
        assert [line.key for line in got.withdrawn] == withdrawn

    def test_a_fresh_general_line_is_said_in_place_of_a_stale_particular_one(self) -> None:
        stale = a_line("cost", "cost.student", facts=("fee",), statuses=frozenset({"student"}))
        got = answer(a_step(stale, a_line("cost")), Situation(date(2027, 12, 1), "student"), SHELF_LIVES)
        assert [line.key for line in got.first] == ["what", "cost"]
        assert [line.key for line in got.withdrawn] == ["cost.student"]

    def test_what_was_never_checked_does_not_age(self) -> None:
        step = a_step(a_line("caution", facts=("memory",)))
        assert [line.key for line in answer(step, Situation(date(2040, 1, 1)), SHELF_LIVES).first] == ["caution"]


class TestLimits:
    STEP = a_step(
        limits={
            "licence": StepLimit(TimeLimit("deadline", span=Span(months=6)), "rule"),
            "dismissal": StepLimit(TimeLimit("deadline", "dismissal", Span(days=45)), "rule"),
            "taxes": StepLimit(TimeLimit("deadline", yearly=(4, 30)), "rule"),
            "unused": StepLimit(TimeLimit("deadline", "move", Span(days=30)), "rule"),
        }
    )
    LINES = (replace(DATED, text="{licence} {taxes}"), a_line("caution", text="{dismissal}"))

    def test_each_named_limit_counts_from_its_own_date(self) -> None:
        days = limit_days(self.STEP, self.LINES, Situation(TODAY, arrival=date(2026, 11, 3)), ClosedDays())
        assert days == {
            "licence": date(2027, 5, 3),
            "taxes": date(2027, 4, 30),
            "dismissal": date(2027, 1, 6),
        }
