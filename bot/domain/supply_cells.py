"""What a coordinator writes of the supply, in a form or a line of a CSV file: every cell is read and checked here.

`docs/operations.md` documents the columns for people. A refusal says which cell and what was found there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import available_timezones

from bot.domain.csv_tables import SHOWN_CHARS, Problem, has_hidden_characters
from bot.domain.emergency import fold
from bot.domain.meetings import QUEBEC, Absence, Agent, OpeningHours
from bot.domain.supply import AgentAbsence, ClosedDay, Entry, Office, Supply, Table, seated
from bot.domain.working_days import SATURDAY

COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.AGENTS: (
        *("id", "name", "organisation", "region", "office", "remote", "languages"),
        *("meeting_minutes", "most_a_day", "active", "hours"),
    ),
    Table.OFFICES: ("id", "name", "region", "address", "timezone"),
    Table.ABSENCES: ("id", "agent", "begins", "ends", "reason"),
    Table.CLOSED_DAYS: ("day", "reason"),
}
# Who names a line; a line of absences without one is a new absence.
KEY: Mapping[Table, str] = {
    Table.AGENTS: "id",
    Table.OFFICES: "id",
    Table.ABSENCES: "id",
    Table.CLOSED_DAYS: "day",
}
MAX_CHARS = {
    **{"id": 64, "name": 100, "organisation": 200, "address": 300, "reason": 200},
    **{"languages": 200, "hours": 1000},
}
DAY_NAMES = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
YES, NO = "yes", "no"
LEAST_MINUTES, MOST_MINUTES = 5, 480
MOST_A_DAY = 50
# Nobody plans further; a year typed wrong is seen.
FARTHEST = timedelta(days=3 * 366)
_OPTIONAL: Mapping[Table, frozenset[str]] = {
    Table.AGENTS: frozenset({"office", "most_a_day", "hours"}),
    Table.OFFICES: frozenset({"address"}),
    Table.ABSENCES: frozenset({"id", "reason"}),
    Table.CLOSED_DAYS: frozenset(),
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DIGITS = re.compile(r"\d{1,4}", re.ASCII)
_YES, _NO = frozenset({"yes", "oui", "si", "1", "true"}), frozenset({"no", "non", "0", "false"})
_OPENING = re.compile(r"([^\W\d]+)\.?(?:\s*[-–]\s*([^\W\d]+)\.?)?\s+(\d.*)")
_TIME = r"(\d{1,2})\s*(?:[:hH]\s*(\d{2})?)?"
_RANGE = re.compile(rf"{_TIME}\s*[-–]\s*{_TIME}", re.ASCII)
_MOMENT = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})(?:[T\s]+{_TIME})?", re.ASCII)
_NAMES = (
    ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
)


@dataclass(frozen=True)
class Vocabulary:
    """What a cell may hold."""

    regions: frozenset[str]
    languages: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """Beside what the cells are read: `supply` is all the rest, and `before` the entry that they change."""

    supply: Supply
    vocabulary: Vocabulary
    now: datetime
    before: Entry | None = None


def read_entry(
    table: Table, line: int, cells: Mapping[str, str], reading: Reading
) -> tuple[list[Problem], Entry | None]:
    """Everything that is wrong, or the entry. A form is line 0."""
    cells = dict(cells)
    if re.fullmatch(r"\d", cells.get("region", "")):
        cells["region"] = f"0{cells['region']}"  # spreadsheets take the zero away
    found = list(_unreadable(table, cells))
    if not found:
        found = list(_problems(table, cells, reading))
    if found:
        return [Problem(line, column, kind, value[:SHOWN_CHARS]) for column, kind, value in found], None
    return [], _entry(table, cells, reading)


def to_cells(entry: Entry) -> dict[str, str]:
    """Each column's text. What `read_entry` makes of it is the same entry."""
    match entry:
        case Office():
            return {
                "id": entry.id,
                "name": entry.name,
                "region": entry.region,
                "address": entry.address or "",
                "timezone": entry.timezone,
            }
        case AgentAbsence():
            begins, ends = entry.away.begins_at.astimezone(QUEBEC), entry.away.ends_at.astimezone(QUEBEC)
            return {
                "id": entry.id,
                "agent": entry.agent_id,
                "begins": f"{begins:%Y-%m-%d %H:%M}",
                "ends": f"{ends:%Y-%m-%d %H:%M}",
                "reason": entry.reason,
            }
        case ClosedDay():
            return {"day": entry.id, "reason": entry.reason}
        case Agent():
            return {
                "id": entry.id,
                "name": entry.name,
                "organisation": entry.organisation,
                "region": entry.region,
                "office": entry.office_id or "",
                "remote": YES if entry.is_remote else NO,
                "languages": ";".join(entry.languages),
                "meeting_minutes": str(entry.meeting_minutes),
                "most_a_day": str(entry.most_a_day or ""),
                "active": YES if entry.is_active else NO,
                "hours": "; ".join(
                    f"{DAY_NAMES[each.weekday]} {each.opens:%H:%M}-{each.closes:%H:%M}" for each in in_order(entry)
                ),
            }


def in_order(agent: Agent) -> list[OpeningHours]:
    return sorted(agent.hours, key=lambda each: (each.weekday, each.opens))


_Wrong = tuple[str, str, str]


def _unreadable(table: Table, cells: Mapping[str, str]) -> Iterator[_Wrong]:
    for column in COLUMNS[table]:
        cell = cells[column]
        if not cell:
            if column not in _OPTIONAL[table]:
                yield column, "missing", ""
        elif has_hidden_characters(cell):
            yield column, "control", ""
        elif len(cell) > MAX_CHARS.get(column, SHOWN_CHARS):
            yield column, "too_long", str(MAX_CHARS.get(column, SHOWN_CHARS))


def _problems(table: Table, cells: Mapping[str, str], reading: Reading) -> Iterator[_Wrong]:
    if (key := cells.get("id")) and not _ID.fullmatch(key):
        yield "id", "bad_id", key
    if "region" in cells and cells["region"] not in reading.vocabulary.regions:
        yield "region", "bad_region", cells["region"]
    if "name" in cells and not any(c.isalnum() for c in cells["name"]):
        yield "name", "bad_name", cells["name"]
    match table:
        case Table.OFFICES:
            yield from _office_problems(cells, reading)
        case Table.AGENTS:
            yield from _agent_problems(cells, reading)
        case Table.ABSENCES:
            yield from _absence_problems(cells, reading)
        case Table.CLOSED_DAYS:
            yield from _closed_day_problems(cells, reading)


def _office_problems(cells: Mapping[str, str], reading: Reading) -> Iterator[_Wrong]:
    if cells["timezone"] not in _timezones():
        yield "timezone", "bad_timezone", cells["timezone"]
    elsewhere = (
        agent
        for agent in reading.supply.agents.values()
        if agent.office_id == cells["id"] and agent.region != cells["region"] in reading.vocabulary.regions
    )
    if (agent := next(elsewhere, None)) is not None:
        yield "region", "agents_there", agent.name


def _agent_problems(cells: Mapping[str, str], reading: Reading) -> Iterator[_Wrong]:
    supply = reading.supply
    office = supply.offices.get(cells["office"])
    if cells["office"] and office is None:
        yield "office", "unknown_office", cells["office"]
    elif office is not None and cells["region"] in reading.vocabulary.regions and office.region != cells["region"]:
        yield "office", "other_region", office.name
    for column in ("remote", "active"):
        if _yes_no(cells[column]) is None:
            yield column, "bad_yes_no", cells[column]
    spoken = _listed(cells["languages"])
    if not spoken:
        yield "languages", "missing", ""
    yield from (("languages", "unknown_language", each) for each in spoken if each not in reading.vocabulary.languages)
    minutes = _number(cells["meeting_minutes"])
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        yield "meeting_minutes", "bad_minutes", cells["meeting_minutes"]
    if cells["most_a_day"] and not 1 <= _number(cells["most_a_day"]) <= MOST_A_DAY:
        yield "most_a_day", "bad_most", cells["most_a_day"]
    wrong, hours = read_hours(cells["hours"])
    yield from (("hours", kind, value) for kind, value in wrong)
    if not wrong and hours and minutes <= MOST_MINUTES and all(_minutes(each) < minutes for each in hours):
        yield "hours", "none_long_enough", str(minutes)
    has_office = office.address is not None if office else _old_office(cells, reading) is not None
    if _yes_no(cells["remote"]) is False and not has_office and not (cells["office"] and office is None):
        yield "remote", "no_way", ""


def _absence_problems(cells: Mapping[str, str], reading: Reading) -> Iterator[_Wrong]:
    if (agent := reading.supply.agents.get(cells["agent"])) is None:
        yield "agent", "unknown_agent", cells["agent"]
    begins, ends = read_moment(cells["begins"]), read_moment(cells["ends"], is_end=True)
    for column, moment in (("begins", begins), ("ends", ends)):
        if moment is None:
            yield column, "bad_moment", cells[column]
        elif moment > reading.now + FARTHEST:
            yield column, "far", cells[column]
    if begins is None or ends is None:
        return
    if ends <= begins:
        yield "ends", "ends_first", cells["ends"]
    elif ends <= reading.now:
        yield "ends", "past", cells["ends"]
    elif agent is not None:
        for other in reading.supply.absences.values():
            is_same_agent = other.agent_id == agent.id and other.id != cells["id"]
            if is_same_agent and other.away.begins_at < ends and begins < other.away.ends_at:
                yield "begins", "absent_already", to_cells(other)["begins"] + " – " + to_cells(other)["ends"]


def _closed_day_problems(cells: Mapping[str, str], reading: Reading) -> Iterator[_Wrong]:
    day, today = read_day(cells["day"]), reading.now.astimezone(QUEBEC).date()
    if day is None:
        yield "day", "bad_day", cells["day"]
    elif day < today:
        yield "day", "past", cells["day"]
    elif day > today + FARTHEST:
        yield "day", "far", cells["day"]
    elif not reading.supply.without(Table.CLOSED_DAYS, {cells["day"]}).closed.is_working_day(day):
        yield "day", "closed_already", cells["day"]


def _entry(table: Table, cells: Mapping[str, str], reading: Reading) -> Entry:
    match table:
        case Table.OFFICES:
            return Office(cells["id"], cells["name"], cells["region"], cells["address"] or None, cells["timezone"])
        case Table.ABSENCES:
            begins, ends = read_moment(cells["begins"]), read_moment(cells["ends"], is_end=True)
            if begins is None or ends is None:
                raise ValueError(cells)
            return AgentAbsence(cells["id"], cells["agent"], Absence(begins, ends), cells["reason"])
        case Table.CLOSED_DAYS:
            return ClosedDay(date.fromisoformat(cells["day"]), cells["reason"])
    before = reading.before if isinstance(reading.before, Agent) else None
    agent = Agent(
        id=cells["id"],
        name=cells["name"],
        organisation=cells["organisation"],
        region=cells["region"],
        languages=_listed(cells["languages"]),
        hours=read_hours(cells["hours"])[1],
        meeting_minutes=_number(cells["meeting_minutes"]),
        office=_old_office(cells, reading),
        is_remote=_yes_no(cells["remote"]) is True,
        is_demonstration=before is not None and before.is_demonstration,
        office_id=cells["office"] or None,
        most_a_day=_number(cells["most_a_day"]) if cells["most_a_day"] else None,
        is_active=_yes_no(cells["active"]) is True,
    )
    return replace(seated(agent, reading.supply.offices), absences=before.absences if before else ())


def _old_office(cells: Mapping[str, str], reading: Reading) -> str | None:
    """An address that was put down before there were offices is kept until an office is chosen."""
    before = reading.before
    if cells["office"] or not isinstance(before, Agent) or before.office_id is not None:
        return None
    return before.office


def read_hours(cell: str) -> tuple[list[tuple[str, str]], tuple[OpeningHours, ...]]:
    """ "lun 9:00-12:00, 13:00-16:30; mar-ven 9:00-12:00": what is wrong, with what was found; and the openings."""
    wrong: list[tuple[str, str]] = []
    found: list[OpeningHours] = []
    for part in (part.strip() for part in cell.split(";")):
        if not part:
            continue
        told = _OPENING.fullmatch(part)
        days = _weekdays(told[1], told[2]) if told else ()
        if told is None or not days:
            wrong.append(("bad_hours", part))
            continue
        if days[-1] >= SATURDAY:
            wrong.append(("weekend", part))
            continue
        for text in (text.strip() for text in told[3].split(",")):
            kind, times = _read_range(text)
            if times is None:
                wrong.append((kind, part))
                continue
            for weekday in days:
                new = OpeningHours(weekday, *times)
                if any(_overlap(new, other) for other in found):
                    wrong.append(("overlap", f"{DAY_NAMES[weekday]} {text}"))
                else:
                    found.append(new)
    return wrong, tuple(sorted(found, key=lambda each: (each.weekday, each.opens)))


def _read_range(text: str) -> tuple[str, tuple[time, time] | None]:
    told = _RANGE.fullmatch(text)
    if told is None:
        return "bad_hours", None
    from_hour, from_minute, to_hour, to_minute = (int(number or 0) for number in told.groups())
    if max(from_hour, to_hour) > 23 or max(from_minute, to_minute) > 59:
        return "bad_hour", None
    opens, closes = time(from_hour, from_minute), time(to_hour, to_minute)
    return ("", (opens, closes)) if opens < closes else ("ends_first", None)


def _weekdays(first: str, last: str | None) -> tuple[int, ...]:
    """Monday is 0; from one day to another that follows it in the week."""
    begins = _weekday(first)
    ends = begins if last is None else _weekday(last)
    return () if begins is None or ends is None else tuple(range(begins, ends + 1))


def _weekday(word: str) -> int | None:
    """By its name in any of our languages, or its first three letters or more."""
    folded = fold(word)
    if len(folded) < 3:
        return None
    return next((names.index(name) for names in _NAMES for name in names if name.startswith(folded)), None)


def _overlap(one: OpeningHours, other: OpeningHours) -> bool:
    return one.weekday == other.weekday and one.opens < other.closes and other.opens < one.closes


def _minutes(opening: OpeningHours) -> int:
    opens, closes = opening.opens, opening.closes
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


def read_moment(text: str, *, is_end: bool = False) -> datetime | None:
    """ "2027-01-11 9:00" on Montréal's clocks. A day alone is all of that day."""
    told = _MOMENT.fullmatch(text)
    day = read_day(told[1]) if told else None
    if told is None or day is None:
        return None
    if told[2] is None:
        return datetime.combine(day + timedelta(days=1) if is_end else day, time(), QUEBEC)
    hour, minute = int(told[2]), int(told[3] or 0)
    return datetime.combine(day, time(hour, minute), QUEBEC) if hour <= 23 and minute <= 59 else None


def read_day(text: str) -> date | None:
    """None for what is no day of these centuries."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2999 else None


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _yes_no(cell: str) -> bool | None:
    word = fold(cell)
    return True if word in _YES else False if word in _NO else None


def _number(cell: str) -> int:
    """0 for what is no whole number."""
    return int(cell) if _DIGITS.fullmatch(cell) else 0


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for part in re.split(r"[;,\s]+", cell) if (word := part.strip().lower())))
