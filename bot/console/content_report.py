"""Draws the report on content: its tables and chart as HTML, its CSV files, its summary. For the console's content
page (`content.py`) and for `scripts/knowledge_report.py`, which has no server."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from bot.console.pages import Words
from bot.i18n.dates import say_day
from bot.i18n.languages import FRENCH, LANGUAGES
from bot.i18n.lists import say_language, say_list
from bot.knowledge.answers import ShelfLives
from bot.knowledge.report import DUE_DAYS, LEAST_PERCENT, MOST_PERCENT, STATES, AgeGroup, Report, State
from bot.knowledge.steps import CONFIDENCES
from bot.settings import ROOT

_STATIC = Path(__file__).parent / "static"
_STYLES = (ROOT / "bot/gateway/static/tokens.css", _STATIC / "console.css", _STATIC / "content.css")
# A spreadsheet would run these as a formula.
_FORMULA = re.compile(r"[=+\-@\t\r]")
# What separates cells for a spreadsheet in French; others take commas.
_DELIMITERS = {"fr": ";"}
Cell = object


@dataclass(frozen=True)
class Segment:
    """A part of a bar; `x` and `width` are percentages of the chart's width."""

    state: State
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    group: AgeGroup
    segments: tuple[Segment, ...]


class Drawing:
    """One report in one language. Nothing of it needs a request."""

    def __init__(self, templates: jinja2.Environment, words: Words, report: Report, shelf_lives: ShelfLives) -> None:
        self._templates = templates
        self._words = words
        self._report = report
        self._shelf_lives = shelf_lives
        names = templates.get_template("content_names.html").make_module(words.context())
        self._names: Any = names

    def fragment(self) -> Markup:
        """The body of the page, under its heading."""
        return Markup(self._render("content_report.html"))

    def page(self) -> str:
        """A page that needs no other file."""
        style = "\n".join(file.read_text(encoding="utf-8") for file in _STYLES)
        return self._render("content_alone.html", style=Markup(style))

    def summary(self) -> str:
        return self._render("content_summary.txt")

    def topics_csv(self) -> str:
        """One line a topic."""
        name = {code: say_language(code, self._words.language) for code in LANGUAGES}
        others = [code for code in LANGUAGES if code != FRENCH]
        columns = [
            *((column,) for column in ("topic", "title", "owner")),
            *((f"facts_{confidence}",) for confidence in CONFIDENCES),
            *((column,) for column in ("oldest_check", "withdrawn", "withdrawn_since", "due", "due_day")),
            *((column,) for column in ("pages", "unseen_links")),
            *((column, name[code]) for column in ("missing_pages", "words_first", "words_more") for code in LANGUAGES),
            *(("untranslated", name[code]) for code in others),
            ("unequal",),
        ]
        rows: list[Sequence[Cell]] = []
        for topic in self._report.topics:
            withdrawn, due = topic.in_state("withdrawn"), topic.in_state("due")
            rows.append(
                [
                    topic.id,
                    topic.title,
                    self._name("owner_name", topic.owner),
                    *(topic.count(confidence) for confidence in CONFIDENCES),
                    topic.oldest_check,
                    len(withdrawn),
                    min((fact.withdrawn_since for fact in withdrawn if fact.withdrawn_since), default=None),
                    len(due),
                    min((fact.last_day for fact in due if fact.last_day), default=None),
                    topic.pages,
                    len(topic.unseen_links),
                    *(topic.missing_pages[code] for code in LANGUAGES),
                    *(topic.words[code].first for code in LANGUAGES),
                    *(topic.words[code].more for code in LANGUAGES),
                    *(topic.words[code].untranslated for code in others),
                    self._languages(topic.unequal),
                ]
            )
        return self._csv([self._name("column_name", *column) for column in columns], rows)

    def facts_csv(self) -> str:
        """One line a fact, for whoever reads the sources again."""
        columns = (
            *("topic", "title", "owner", "fact", "text", "kind", "confidence", "state", "checked", "last_day"),
            *("withdrawn_since", "lines", "source", "published"),
        )
        rows = [
            [
                one.topic,
                one.title,
                self._name("owner_name", one.owner),
                one.key,
                one.fact.text,
                self._name("kind_name", one.fact.kind),
                self._name("confidence_name", one.fact.confidence),
                self._name("state_name", one.state),
                one.fact.checked,
                one.last_day,
                one.withdrawn_since,
                " ".join(one.lines),
                one.fact.source,
                one.fact.published,
            ]
            for one in self._report.facts
        ]
        return self._csv([self._name("column_name", column) for column in columns], rows)

    def _render(self, template: str, **more: object) -> str:
        counts = {state: len(self._report.in_state(state)) for state in STATES}
        context = {
            **self._words.context(),
            "report": self._report,
            "counts": counts,
            "bars": bars(self._report.by_age()),
            "states": STATES,
            "languages": LANGUAGES,
            "shelf_lives": self._shelf_lives.months,
            "due_days": DUE_DAYS,
            "parity": (LEAST_PERCENT, MOST_PERCENT),
            "day": self._day,
            "said_languages": self._languages,
            **more,
        }
        return self._templates.get_template(template).render(context)

    def _day(self, day: date) -> str:
        return say_day(day, self._words.language, weekday=False)

    def _languages(self, codes: Sequence[str]) -> str:
        return say_list([say_language(code, self._words.language) for code in codes], self._words.language)

    def _name(self, macro: str, *values: str) -> str:
        """What a macro of content_names.html says, as plain text."""
        return Markup(getattr(self._names, macro)(*values)).unescape()

    def _csv(self, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
        written = io.StringIO()
        delimiter = _DELIMITERS.get(self._words.language, ",")
        writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)
        return written.getvalue()


def bars(groups: Sequence[AgeGroup]) -> list[Bar]:
    """The longest bar is as wide as the chart."""
    longest = max((group.total for group in groups), default=0)
    drawn = []
    for group in groups:
        segments: list[Segment] = []
        counted = 0
        for state, count in group.counts.items():
            if count:
                segments.append(Segment(state, round(100 * counted / longest, 3), round(100 * count / longest, 3)))
                counted += count
        drawn.append(Bar(group, tuple(segments)))
    return drawn


def _cell(value: Cell) -> str:
    """Days as 2026-11-21; nothing for None; what a spreadsheet would run is made text."""
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
