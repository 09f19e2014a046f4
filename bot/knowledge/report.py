"""What content editors watch: the age of facts, what is withdrawn or soon will be, links, parity between languages.

Pure: drawn by the console's content page and by `make knowledge-report`, both through `bot/console/content_report.py`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from bot.domain.time_limits import add_months
from bot.i18n.languages import FRENCH, LANGUAGES
from bot.knowledge.answers import ShelfLives
from bot.knowledge.steps import Fact, Line, Step

# `Catalogue.translate`: a sentence's name, its French and a language.
Translate = Callable[[str, str, str], str]
State = Literal["withdrawn", "due", "current", "memory"]
STATES: tuple[State, ...] = ("current", "due", "withdrawn", "memory")

DUE_DAYS = 60
# Where one group of ages ends and the next begins, in months since the check.
AGES = (3, 6, 12, 18, 24)
# A translation with fewer or more words than this, in percent of the French, says less or more than the French does.
LEAST_PERCENT, MOST_PERCENT = 70, 140


@dataclass(frozen=True)
class CheckedFact:
    """A fact of a topic, today. `lines` are the keys of the lines that stand on it.

    `last_day` is the last on which it may be said; None for what was never checked, which does not age.
    """

    topic: str
    title: str
    owner: str
    key: str
    fact: Fact
    state: State
    last_day: date | None
    lines: tuple[str, ...]

    @property
    def withdrawn_since(self) -> date | None:
        return self.last_day + timedelta(days=1) if self.state == "withdrawn" and self.last_day else None


@dataclass(frozen=True)
class UnseenLink:
    """A page that nobody has opened yet."""

    topic: str
    title: str
    owner: str
    name: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class WordCount:
    """Words of every line, whoever it is for. `untranslated`: lines still shown in French."""

    first: int
    more: int
    untranslated: int

    @property
    def parts(self) -> tuple[int, int]:
        return self.first, self.more


@dataclass(frozen=True)
class Topic:
    """`pages` is how many official pages it has; `missing_pages`, by language, how many are not in that language."""

    id: str
    title: str
    owner: str
    facts: tuple[CheckedFact, ...]
    pages: int
    missing_pages: Mapping[str, int]
    unseen_links: tuple[UnseenLink, ...]
    words: Mapping[str, WordCount]

    def in_state(self, state: State) -> list[CheckedFact]:
        return [fact for fact in self.facts if fact.state == state]

    def count(self, confidence: str) -> int:
        return sum(fact.fact.confidence == confidence for fact in self.facts)

    @property
    def oldest_check(self) -> date | None:
        return min((fact.fact.checked for fact in self.facts if fact.fact.checked), default=None)

    @property
    def unequal(self) -> tuple[str, ...]:
        """The languages that say less than the French, or more, or leave lines in French."""
        french = self.words[FRENCH]
        return tuple(
            language
            for language, count in self.words.items()
            if count.untranslated or any(_is_unequal(*both) for both in zip(count.parts, french.parts, strict=True))
        )


@dataclass(frozen=True)
class AgeGroup:
    """Facts checked at least `since` months ago and less than `until`; `since` is None for those never checked."""

    since: int | None
    until: int | None
    counts: Mapping[State, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Report:
    """`topics` are in the order of their titles."""

    today: date
    topics: tuple[Topic, ...]

    def of_owner(self, owner: str | None) -> Report:
        """What one owner looks after; everything for None."""
        return self if owner is None else replace(self, topics=tuple(t for t in self.topics if t.owner == owner))

    @property
    def facts(self) -> list[CheckedFact]:
        return [fact for topic in self.topics for fact in topic.facts]

    def in_state(self, state: State) -> list[CheckedFact]:
        """Those whose time ends, or ended, first come first."""
        found = [fact for fact in self.facts if fact.state == state]
        return sorted(found, key=lambda fact: fact.last_day or date.max)

    @property
    def unseen_links(self) -> list[UnseenLink]:
        return [link for topic in self.topics for link in topic.unseen_links]

    def by_age(self) -> list[AgeGroup]:
        """Youngest first; those never checked come last."""
        found = Counter((self._group(fact), fact.state) for fact in self.facts)
        bounds = [*zip((0, *AGES), (*AGES, None), strict=True), (None, None)]
        return [
            AgeGroup(since, until, {state: found[index, state] for state in STATES})
            for index, (since, until) in enumerate(bounds)
        ]

    def _group(self, fact: CheckedFact) -> int:
        checked = fact.fact.checked
        if checked is None:
            return len(AGES) + 1
        return sum(add_months(checked, months) <= self.today for months in AGES)


def report_on(
    steps: Iterable[Step], shelf_lives: ShelfLives, today: date, translate: Translate, language: str = FRENCH
) -> Report:
    """Of every step; titles and names of links in `language`."""
    topics = [_topic(step, shelf_lives, today, translate, language) for step in steps]
    return Report(today, tuple(sorted(topics, key=lambda topic: (_folded(topic.title), topic.id))))


def _folded(title: str) -> str:
    """As a dictionary orders it: É stands with E."""
    return "".join(c for c in unicodedata.normalize("NFD", title.casefold()) if not unicodedata.combining(c))


def _topic(step: Step, shelf_lives: ShelfLives, today: date, translate: Translate, language: str) -> Topic:
    title = translate(f"{step.id}.title", step.title, language)
    return Topic(
        id=step.id,
        title=title,
        owner=step.owner,
        facts=tuple(_checked(step, title, key, shelf_lives, today) for key in step.facts),
        pages=len(step.links),
        missing_pages={code: sum(code not in link.urls for link in step.links) for code in LANGUAGES},
        unseen_links=tuple(
            UnseenLink(
                step.id,
                title,
                step.owner,
                translate(f"{step.id}.link.{link.key}", link.title, language),
                tuple(dict.fromkeys(link.urls.values())),
            )
            for link in step.links
            if not link.is_confirmed
        ),
        words={code: _count(step, translate, code) for code in LANGUAGES},
    )


def _checked(step: Step, title: str, key: str, shelf_lives: ShelfLives, today: date) -> CheckedFact:
    fact = step.facts[key]
    last_day = shelf_lives.last_day(fact.checked, fact.kind) if fact.checked else None
    state: State = "current"
    if last_day is None:
        state = "memory"
    elif not shelf_lives.is_fresh(fact, today):
        state = "withdrawn"
    elif last_day <= today + timedelta(days=DUE_DAYS):
        state = "due"
    lines = tuple(line.key for line in step.lines if key in line.facts)
    return CheckedFact(step.id, title, step.owner, key, fact, state, last_day, lines)


def _count(step: Step, translate: Translate, language: str) -> WordCount:
    def said(lines: Sequence[Line]) -> list[str]:
        return [translate(f"{step.id}.{line.key}", line.text, language) for line in lines]

    first, more = said(step.says), said(step.more)
    untranslated = (
        0
        if language == FRENCH
        else sum(text == line.text for text, line in zip([*first, *more], step.lines, strict=True))
    )
    return WordCount(sum(map(_words, first)), sum(map(_words, more)), untranslated)


def _words(text: str) -> int:
    """A placeholder is a word; a sign between no-break spaces is none."""
    return sum(any(letter.isalnum() for letter in piece) for piece in text.split())


def _is_unequal(words: int, french: int) -> bool:
    return not LEAST_PERCENT * french <= 100 * words <= MOST_PERCENT * french
