"""A session as a coordinator writes it, in the console's form or in a CSV file: every cell is checked the same way.

`docs/operations.md` documents the columns for people. Days are on Montréal's clocks: "2027-01-11 9:00-16:00; …".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.csv_tables import (
    SHOWN_CHARS,
    CsvRefused,
    Problem,
    decoded,
    has_hidden_characters,
    rows,
    written,
)
from bot.domain.meetings import QUEBEC
from bot.domain.sessions import MAX_SEATS, Session, SessionDay

CELLS = ("organisation", "region", "place", "online", "seats", "days")
COLUMNS = ("id", *CELLS)
MAX_CHARS = {"id": 64, "organisation": 200, "place": 300, "days": 2000}
MAX_DAYS = 30
YES, NO = "yes", "no"
# Sessions are given in French only (M, L'Écho de Laval 2021): nothing else can be written.
LANGUAGE = "fr"
_REQUIRED = frozenset({"organisation", "region", "seats", "days"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(\d{1,2})[:h](\d{2})?\s*[-–]\s*(\d{1,2})[:h](\d{2})?")


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a cell; `value` is what was found there."""

    column: str
    kind: str
    value: str = ""


def read_draft(
    session_id: str, cells: Mapping[str, str], regions: Collection[str], now: datetime
) -> tuple[list[Wrong], Session | None]:
    """Everything that is wrong, or the session."""
    found: list[Wrong] = []
    region = f"0{cells['region']}" if re.fullmatch(r"\d", cells["region"]) else cells["region"]
    for column in CELLS:
        cell = cells[column]
        if not cell:
            found += [Wrong(column, "missing")] if column in _REQUIRED else []
        elif has_hidden_characters(cell):
            found.append(Wrong(column, "control"))
        elif len(cell) > MAX_CHARS.get(column, len(cell)):
            found.append(Wrong(column, "too_long", str(MAX_CHARS[column])))
    if any(wrong.kind != "missing" for wrong in found):
        return found, None
    if region and region not in regions:
        found.append(Wrong("region", "bad_region", cells["region"][:SHOWN_CHARS]))
    if cells["online"] not in ("", YES, NO):
        found.append(Wrong("online", "bad_online", cells["online"][:SHOWN_CHARS]))
    is_online = cells["online"] == YES
    if not cells["place"] and not is_online:
        found.append(Wrong("place", "no_place"))
    seats = int(cells["seats"]) if re.fullmatch(r"\d{1,3}", cells["seats"], re.ASCII) else 0
    if cells["seats"] and not 1 <= seats <= MAX_SEATS:
        found.append(Wrong("seats", "bad_seats", cells["seats"][:SHOWN_CHARS]))
    days = list(_days(cells["days"], now, found))
    if found:
        return found, None
    place, language = cells["place"] or None, LANGUAGE
    return [], Session(
        session_id, cells["organisation"], region, place, is_online, language, seats, tuple(sorted(days))
    )


def _days(cell: str, now: datetime, found: list[Wrong]) -> Iterator[SessionDay]:
    """The days of a cell; what is wrong with them is added to `found`."""
    read: list[SessionDay] = []
    for text in (part.strip() for part in cell.split(";")):
        if not text:
            continue
        day = _day(text)
        shown = text[:SHOWN_CHARS]
        if day is None:
            found.append(Wrong("days", "bad_day", shown))
        elif day.ends_at <= day.begins_at:
            found.append(Wrong("days", "ends_first", shown))
        elif day.begins_at <= now:
            found.append(Wrong("days", "past", shown))
        elif any(day.begins_at < other.ends_at and other.begins_at < day.ends_at for other in read):
            found.append(Wrong("days", "overlap", shown))
        elif any(day.day == other.day for other in read):
            found.append(Wrong("days", "same_day", shown))
        else:
            read.append(day)
    if len(read) > MAX_DAYS:
        found.append(Wrong("days", "too_many_days", str(MAX_DAYS)))
    if cell and not read and not any(wrong.column == "days" for wrong in found):
        found.append(Wrong("days", "missing"))
    yield from read


def _day(text: str) -> SessionDay | None:
    """None for what is no day with two hours."""
    told = _DAY.fullmatch(text)
    if told is None:
        return None
    try:
        day = date.fromisoformat(told[1])
        begins, ends = time(int(told[2]), int(told[3] or 0)), time(int(told[4]), int(told[5] or 0))
    except ValueError:
        return None
    return SessionDay(
        datetime.combine(day, begins, QUEBEC).astimezone(UTC), datetime.combine(day, ends, QUEBEC).astimezone(UTC)
    )


def to_cells(session: Session) -> dict[str, str]:
    """Each column's text."""
    return {
        "id": session.id,
        "organisation": session.organisation,
        "region": session.region,
        "place": session.place or "",
        "online": YES if session.is_online else NO,
        "seats": str(session.seats),
        "days": "; ".join(_say(day) for day in session.days),
    }


def _say(day: SessionDay) -> str:
    begins, ends = day.begins_at.astimezone(QUEBEC), day.ends_at.astimezone(QUEBEC)
    return f"{begins:%Y-%m-%d %H:%M}-{ends:%H:%M}"


def write_csv(sessions: Iterable[Session]) -> str:
    return written(COLUMNS, map(to_cells, sessions))


def read_csv(data: bytes, known: Sequence[Session], regions: Collection[str], now: datetime) -> tuple[Session, ...]:
    """The sessions that the file adds or changes; a line that says what is known already adds nothing.

    Raises CsvRefused with every problem, in the order of the lines.
    """
    problems: list[Problem] = []
    found: list[Session] = []
    lines: dict[str, int] = {}
    before = {session.id: session for session in known}
    text = decoded(data)
    for line, cells in rows(text, COLUMNS, problems):
        key = cells["id"]
        if lines.setdefault(key, line) != line:
            problems.append(Problem(line, "id", "taken", f"{key} ({lines[key]})"))
        elif not key:
            problems.append(Problem(line, "id", "missing"))
        elif not _ID.fullmatch(key) or len(key) > MAX_CHARS["id"]:
            problems.append(Problem(line, "id", "bad_id", key[:SHOWN_CHARS]))
        if key in before and _is_same(cells, before[key]):
            continue
        if key in before and not before[key].is_open(now):
            problems.append(Problem(line, "id", "closed", key))
            continue
        wrong, session = read_draft(key, cells, regions, now)
        problems += [Problem(line, each.column, each.kind, each.value) for each in wrong]
        found += [session] if session is not None else []
    if not problems and not lines:
        problems.append(Problem(1, None, "empty"))
    if problems:
        raise CsvRefused(problems)
    return tuple(found)


def line_of(data: bytes, session_id: str) -> int:
    """The line of a file, read before, on which a session stands."""
    return next(line for line, cells in rows(decoded(data), COLUMNS, []) if cells["id"] == session_id)


def _is_same(cells: Mapping[str, str], session: Session) -> bool:
    """Whether the line says of the session what is known; a zero that a spreadsheet took away counts for nothing."""
    return {**cells, "region": cells["region"].zfill(2)} == to_cells(session)


def hours(session: Session) -> float:
    return session.length / timedelta(hours=1)
