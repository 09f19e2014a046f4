"""The page docs/simulation.md, from the results: no figure in it is written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.knowledge.places import region_names
from scripts.benchmark.figures import described, table, targets_table
from scripts.simulation import assumptions as assumed
from scripts.simulation.assumptions import Asked
from scripts.simulation.needed import Tried
from scripts.simulation.results import Group, Results, checks

_HEADER = ("people", "offered", "at best", "held", "at best")


def page(
    found: Results,
    asked: Asked,
    command: str,
    where: Mapping[str, Any],
    seconds: float,
    at_work: float,
    needed: str,
    picture: str,
) -> str:
    """`seconds` on the clock, `at_work` of the processor."""
    return "\n\n".join(
        (
            "# A year of first meetings, replayed",
            f"Written by `{command}`; do not edit. {described(dict(where))}",
            f"{asked.arrivals} people, {asked.agents} agents, {asked.places_a_day} hours a day kept by each for first "
            f"meetings, seed {asked.seed}. Every person asks, is offered times, books, comes or not, and asks again, "
            "through the services that the assistant calls (`bot.services.meetings`, `bot.services.waiting_list`), on "
            "a SQLite database and a virtual clock. Every booking is checked against an agenda that shares no rule "
            "with that code but the closed days and the due date (`scripts/simulation/agenda.py`), and all of them "
            "against the database at the end. The same seed makes the same year.",
            targets_table(checks(found, seconds)),
            f"Of the time taken, {at_work / 60:.1f} min of a processor.",
            f"![Offered and held within five working days, week by week]({picture})",
            "## In the five working days",
            _groups("", {"everybody": found.everybody, "who asked before the due day": found.in_time, **found.abroad}),
            _ABOUT_THE_BEST,
            f"With {_percent(found.taken / found.hours if found.hours else 0)} of the hours taken, this is no hard "
            "year, and how close the booking code comes says little of a hard one. What happens when hours are short "
            "is told below, under *How many agents are needed*.",
            "## The year",
            table(("", ""), _facts(found)),
            "## How many agents are needed",
            needed,
            "## By week of the due date",
            "People who asked before the due day.",
            _groups("week of", {week.isoformat(): group for week, group in found.weeks.items()}),
            "## By region and language",
            _groups("region", {region_names()[code]: group for code, group in found.regions.items()}),
            _groups("language", found.languages),
            "## What is assumed",
            _assumed(asked),
        )
    )


def needed_words(share: float, asked: Asked, agents: int, tried: Mapping[int, Tried]) -> str:
    """`tried`: the replays, by number of agents."""
    rows = [
        (str(number), _percent(one.offered), _percent(one.at_best), _percent(one.held))
        for number, one in sorted(tried.items())
    ]
    return "\n\n".join(
        (
            f"**{agents} agents** offer a time in the five days to {_percent(share)} of the people who ask before "
            f"their due day, with {asked.places_a_day} hours a day each. The search replays the busiest months "
            "alone, July to September, from an empty agenda; it begins at the number with which the best assignment "
            f"would do. Held is lower, whatever the agents: {_percent(assumed.NO_SHOWS)} miss their meeting, and not "
            "every second one fits in the same five days.",
            table(("agents", "offered", "at best", "held"), rows),
            "Where offered is far below the best, hours are short: the booking code refuses nobody, so that whoever is "
            "met after their five days has an hour that the best assignment keeps for somebody else.",
            f"Made by `make simulate NEEDED={share:g}`, seed {asked.seed}, {asked.arrivals} arrivals a year.",
        )
    )


_ABOUT_THE_BEST = (
    "*At best*: the maximum matching of people to (agent, hour), each hour for one person, with all the year known "
    "beforehand, sudden absences included; computed by SciPy, apart from the booking code "
    "(`scripts/simulation/best.py`). Offered: one hour for each person, after they first asked. Held: one hour for "
    "each request whose person came, after they asked it; those who will not come are given none, which no real "
    "service can know. Way to meet, region, arrival and two hours’ notice bind it as they bind the booking code. "
    "Where no agent who speaks the language is free, both may give another one; a line of the next table holds the "
    "best to the language."
)


def _facts(found: Results) -> list[tuple[str, str]]:
    everybody, counted = found.everybody.people, found.counted
    freed = f"{counted.get('freed times offered', 0)}, {counted.get('freed times taken', 0)}"
    return [
        ("people", str(everybody)),
        ("of them, asked on the due day or later", str(everybody - found.in_time.people)),
        ("hours kept for first meetings, in the year, absences taken off", str(found.hours)),
        ("of them, taken by a meeting, held or missed", _percent(found.taken / found.hours if found.hours else 0)),
        ("meetings asked for, after a missed or cancelled one too", str(found.requests)),
        *((f"… {outcome}", str(number)) for outcome, number in sorted(found.outcomes.items())),
        ("met in the way they wished, of first meetings", _percent(found.wished_mode / everybody)),
        ("offered in time and met in their language", _percent(found.in_language / everybody)),
        ("… at best", _percent(found.best_in_language / everybody)),
        ("meetings moved because an agent fell ill", str(counted.get("moved by an absence", 0))),
        ("freed times offered to who waits, and taken", freed),
    ]


def _assumed(asked: Asked) -> str:
    at, p = assumed, _percent
    regions = ", ".join(f"{region_names()[code]} {weight:g}" for code, weight in at.REGIONS.items())
    languages = ", ".join(f"{code} {p(share)}" for code, share in at.LANGUAGES.items())
    made_up = (
        f"the year {at.YEAR}; arrivals by month, in percent: {', '.join(f'{share:g}' for share in at.MONTHS)}",
        f"regions, by weight: {regions}; agents are shared alike, at least one each",
        f"languages: {languages}; all agents speak French, {p(at.SPEAKS_ENGLISH)} English, {p(at.SPEAKS_SPANISH)} "
        f"Spanish; {p(at.IS_REMOTE)} work at a distance too",
        f"{p(at.BEFORE_ARRIVAL)} ask from abroad, 1 to {at.LONGEST_BEFORE} days before they arrive; the others 0 to "
        f"{at.DAYS_AFTER[-1]} days after, most of them in the first two; between 8:00 and 22:00 in Montréal",
        f"in person is wished by {p(at.IN_PERSON_FROM_ABROAD)} of those abroad and {p(at.IN_PERSON_HERE)} of the "
        f"others; {p(at.IS_FIRM)} of them take nothing else",
        f"each agent keeps {asked.places_a_day} hours a day for first meetings; the rest of the day is for people met "
        "before",
        f"absences: two weeks in summer, two other weeks, {at.SINGLE_DAYS} single days, known beforehand; "
        f"{at.SUDDEN_ABSENCES} times a year one to three days, known at 7:30 that day. The closed days of the Québec "
        "administration are kept",
        f"people choose among the three times shown: {_weights(at.CHOOSES)}; {p(at.CANCELS)} cancel; of those who "
        f"missed or cancelled, {p(at.ASKS_AGAIN_AFTER_MISSING)} ask again the next day, {at.MOST_ATTEMPTS} meetings "
        "in all",
        f"a freed time that is offered is taken, refused, or left without an answer: {_weights(at.ANSWERS)}",
        "the scheduler looks for other free times for who waits once a week here, not every two minutes: nobody adds "
        "hours",
    )
    return "\n\n".join(
        (
            f"**From the ministry** (answer to an access request, June 2024, for 2023-24): {at.ARRIVALS} needs "
            f"assessed, {at.AGENTS} agents. To read each as one arrival that asks for a meeting is ours.",
            f"**Set by the project**: {p(at.NO_SHOWS)} do not come, drawn for each meeting alike.",
            "**All the rest is made up**, in `scripts/simulation/assumptions.py`; no table of the ministry gives it:",
            "\n".join(f"- {line};" for line in made_up),
        )
    )


def _weights(weights: Sequence[int]) -> str:
    return ", ".join(f"{weight} %" for weight in weights)


def _groups(title: str, groups: Mapping[str, Group]) -> str:
    rows: Sequence[Sequence[str]] = [
        (
            name,
            str(group.people),
            *(_percent(group.share(column)) for column in ("offered", "best_offered", "held", "best_held")),
        )
        for name, group in groups.items()
    ]
    return table((title, *_HEADER), rows)


def _percent(share: float) -> str:
    """100 only when nobody is left out."""
    shown = f"{100 * share:.1f}"
    return f"{'99.9' if shown == '100.0' and share < 1 else shown.removesuffix('.0')} %"
