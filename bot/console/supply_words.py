"""What the supply pages say of an entry, and how a form becomes the cells of one line, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from multidict import MultiMapping

from bot.console.pages import Words
from bot.domain.meetings import QUEBEC, Agent, Mode, OpeningHours, clocks
from bot.domain.supply import AgentAbsence, Booked, ClosedDay, Concerned, Entry, Office, Proposal, Supply, Table
from bot.domain.supply_cells import COLUMNS, DAY_NAMES, NO, YES, in_order, to_cells
from bot.i18n.dates import say_both_zones, say_button_moment, say_day, say_hour, say_moment, say_weekday
from bot.i18n.lists import say_language, say_list
from bot.knowledge.places import region_names

# Those of Québec; a file may name any other.
TIMEZONES = ("America/Toronto", "America/Halifax", "America/Blanc-Sablon")
_DAY = timedelta(days=1)


def cells_of(table: Table, form: MultiMapping[Any]) -> dict[str, str]:
    """The form as one line of a file. What was not sent is empty."""

    def text(name: str) -> str:
        value = form.get(name, "")
        return " ".join(value.replace("\0", "").split()) if isinstance(value, str) else ""

    cells = {column: text(column) for column in COLUMNS[table]}
    if table is Table.AGENTS:
        days = ((name, text(f"hours_{day}")) for day, name in enumerate(DAY_NAMES))
        cells["hours"] = "; ".join(f"{name} {hours}" for name, hours in days if hours)
        spoken = (*form.getall("languages", []), text("other_languages"))
        cells["languages"] = ";".join(each for each in spoken if isinstance(each, str) and each)
        cells |= {name: YES if text(name) else NO for name in ("remote", "active")}
    if table is Table.ABSENCES:
        cells |= {name: f"{text(f'{name}_day')} {text(f'{name}_hour')}".strip() for name in ("begins", "ends")}
    return cells


def form_of(entry: Entry) -> dict[str, Any]:
    """The fields of the form that shows this entry."""
    form: dict[str, Any] = dict(to_cells(entry))
    if isinstance(entry, Agent):
        form["languages"] = list(entry.languages)
        form |= {name: YES if form[name] == YES else "" for name in ("remote", "active")}
        for day in range(len(DAY_NAMES)):
            ranges = (f"{h.opens:%H:%M}-{h.closes:%H:%M}" for h in in_order(entry) if h.weekday == day)
            form[f"hours_{day}"] = ", ".join(ranges)
    if isinstance(entry, AgentAbsence):
        for name in ("begins", "ends"):
            form[f"{name}_day"], form[f"{name}_hour"] = form[name].split(" ")
    return form


def listed(table: Table, supply: Supply, region: str, now: datetime, words: Words) -> list[dict[str, Any]]:
    """The lines of a list: by region for agents and offices; what is over is left out of the others."""
    found: list[dict[str, Any]] = []
    for entry in supply.entries(table).values():
        match entry:
            case Agent() | Office() if region in region_names() and entry.region != region:
                continue
            case AgentAbsence() if entry.away.ends_at <= now:
                continue
            case ClosedDay() if entry.day < now.astimezone(QUEBEC).date():
                continue
        found.append({"it": entry, "name": say_entry(entry, supply, words), **_details(entry, supply, now, words)})
    return found


def _details(entry: Entry, supply: Supply, now: datetime, words: Words) -> dict[str, Any]:
    match entry:
        case Agent():
            office = supply.offices.get(entry.office_id or "")
            return {
                "id": entry.id,
                "region": region_names().get(entry.region, entry.region),
                "office": office.name if office else entry.office,
                "languages": say_list([say_language(each, words.language) for each in entry.languages], words.language),
                "hours": say_hours(entry.hours, words.language),
                "away": [_span(away.begins_at, away.ends_at, words) for away in entry.absences if away.ends_at > now],
            }
        case Office():
            there = sum(agent.office_id == entry.id for agent in supply.agents.values())
            region = region_names().get(entry.region, entry.region)
            return {"id": entry.id, "region": region, "agents": there}
        case AgentAbsence():
            return {"id": entry.id, "when": _span(entry.away.begins_at, entry.away.ends_at, words)}
        case ClosedDay():
            return {"id": entry.id, "when": say_day(entry.day, words.language)}


def say_entry(entry: Entry, supply: Supply, words: Words) -> str:
    """Its name, for a list or a notice."""
    match entry:
        case AgentAbsence():
            agent = supply.agents.get(entry.agent_id)
            name = agent.name if agent else entry.agent_id
            return f"{name}, {_span(entry.away.begins_at, entry.away.ends_at, words)}"
        case ClosedDay():
            return say_day(entry.day, words.language)
    return entry.name


def _span(begins_at: datetime, ends_at: datetime, words: Words) -> str:
    """Two days when they are whole, else two moments."""
    begins, ends = begins_at.astimezone(QUEBEC), ends_at.astimezone(QUEBEC)
    is_whole = begins.time() == ends.time() == datetime.min.time()
    if is_whole and ends.date() - begins.date() == _DAY:
        return say_day(begins.date(), words.language)
    first, last = (
        (say_day(day, words.language, weekday=False) for day in (begins.date(), ends.date() - _DAY))
        if is_whole
        else (say_button_moment(moment, words.language) for moment in (begins, ends))
    )
    return f"{first} – {last}"


def say_hours(hours: tuple[OpeningHours, ...], language: str) -> str:
    """ "lun.–ven. 9 h–12 h, 13 h–16 h 30": days that follow each other with the same hours are said once."""
    days = {day: [(h.opens, h.closes) for h in hours if h.weekday == day] for day in range(len(DAY_NAMES))}
    parts = []
    # Monday and Tuesday go together when what they are is the same.
    for opened, group in groupby(sorted(days), key=lambda day: sorted(days[day])):
        same = list(group)
        if not opened:
            continue
        first, last = (say_weekday(day, language, is_short=True) for day in (same[0], same[-1]))
        ranges = ", ".join(f"{say_hour(opens, language)}–{say_hour(closes, language)}" for opens, closes in opened)
        parts.append(f"{first if len(same) == 1 else f'{first}–{last}'} {ranges}")
    return "; ".join(parts)


def say_concerned(each: Concerned, words: Words) -> Mapping[str, str]:
    booked = each.booked
    return {
        "when": say_both_zones(booked.starts_at, words.language, clocks(each.agent, booked.mode), None),
        "agent": each.agent.name,
        "cause": each.cause.value,
        "mode": booked.mode.value,
        "due": say_day(booked.due, words.language),
        "language": say_language(booked.language, words.language),
    }


def say_proposal(proposal: Proposal, booked: Booked, words: Words) -> Mapping[str, Any]:
    zone = clocks(proposal.agent, proposal.mode)
    return {
        "when": say_moment(proposal.starts_at.astimezone(zone), words.language),
        "agent": proposal.agent.name,
        "mode": proposal.mode.value,
        "is_other_mode": proposal.mode is not booked.mode,
        "is_remote": proposal.mode is Mode.REMOTE,
        "is_late": not proposal.is_in_time_for(booked),
        "speaks": proposal.speaks(booked),
    }
