"""Three topics of three ages, for the tests of what content editors see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.knowledge.answers import ShelfLives
from bot.knowledge.steps import Fact, Line, OfficialLink, Step

TODAY = date(2026, 12, 3)
SHELF_LIVES = ShelfLives({"amount": 12, "phone": 24, "rule": 18})
SOURCE = "https://www.example.test/page"


def a_fact(checked: date | None, kind: str = "rule", text: str = "Une règle.") -> Fact:
    return Fact(text, SOURCE, "2025-06", checked, kind, "confirmed" if checked else "from-memory")


def a_line(part: str, *facts: str, text: str = "Un deux trois quatre.", key: str = "") -> Line:
    return Line(part=part, key=key or part, text=text, facts=facts)


def a_topic(
    name: str,
    title: str,
    owner: str,
    facts: Mapping[str, Fact],
    *says: Line,
    more: tuple[Line, ...] = (),
    links: tuple[OfficialLink, ...] = (OfficialLink("page", "Page", {"fr": SOURCE}, is_confirmed=True),),
) -> Step:
    return Step(
        id=name, title=title, short=title, stage="first_week", concerns=("student",), source="Service",
        checked=TODAY, owner=owner, figures={}, limits={}, facts=facts, says=says, more=more, links=links, phones=(),
        related=(), never_say=(),
    )  # fmt: skip


# On TODAY: the school's fee is withdrawn since 2 December, its rule holds until 3 February, 62 days away; the clinic's
# telephone is good for two more days; nobody has read the sources of the bus.
SCHOOL = a_topic(
    "ask_school",
    "École",
    "family",
    {
        "fee": a_fact(date(2025, 12, 1), "amount", "L’inscription coûte 10 $ <en 2025>."),
        "rule": a_fact(date(2025, 8, 3)),
    },
    a_line("what", "rule"),
    a_line("cost", "fee", "rule"),
    more=(a_line("you", "fee", key="more.fee"),),
    links=(
        OfficialLink("page", "Page", {"fr": SOURCE, "en": SOURCE}, is_confirmed=True),
        OfficialLink("other", "Autre page", {"fr": "https://other.example.test/"}, is_confirmed=False),
    ),
)
CLINIC = a_topic(
    "ask_clinic", "Clinique", "health", {"phone": a_fact(date(2024, 12, 5), "phone")}, a_line("what", "phone")
)
BUS = a_topic("ask_bus", "Zone de bus", "settlement", {"habit": a_fact(None)}, a_line("what", "habit"))
TOPICS = (BUS, SCHOOL, CLINIC)
