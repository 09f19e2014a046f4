"""The supply as CSV files, one for each table: what a file adds or changes, all of it or nothing.

A line that is not in the file stays as it is; one that says what is known already changes nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from bot.domain.csv_tables import CsvRefused, Problem, decoded, rows, written
from bot.domain.meetings import Agent
from bot.domain.supply import AgentAbsence, ClosedDay, Entry, Office, Supply, Table
from bot.domain.supply_cells import COLUMNS, KEY, Reading, read_entry, to_cells


@dataclass(frozen=True)
class Changes:
    """What a file adds and changes; `same` counts the lines that say what is known."""

    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    same: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.added, *self.changed)


def write_csv(table: Table, supply: Supply) -> str:
    """What `read_csv` makes of it changes nothing."""
    return written(COLUMNS[table], map(to_cells, sorted(supply.entries(table).values(), key=_order)))


def _order(entry: Entry) -> tuple[str, str, str]:
    match entry:
        case Agent() | Office():
            return entry.region, entry.name, entry.id
        case AgentAbsence():
            return entry.away.begins_at.isoformat(), entry.agent_id, entry.id
        case ClosedDay():
            return entry.id, "", ""


def read_csv(table: Table, data: bytes, reading: Reading) -> Changes:
    """Raises CsvRefused with every problem, in the order of the lines. `reading.supply` is what is known."""
    known, key_column = reading.supply.entries(table), KEY[table]
    problems: list[Problem] = []
    lines: list[tuple[int, dict[str, str]]] = []
    first: dict[str, int] = {}
    for line, cells in rows(decoded(data), COLUMNS[table], problems):
        key = cells[key_column]
        if key and first.setdefault(key, line) != line:
            problems.append(Problem(line, key_column, "taken", f"{key} ({first[key]})"))
        lines.append((line, cells))
    # Lines are held against each other, and against what the file leaves alone: not against what it changes.
    supply = reading.supply.without(table, first.keys())
    added: list[Entry] = []
    changed: list[Entry] = []
    same = 0
    for line, cells in lines:
        before = known.get(cells[key_column])
        if before is not None and _is_same(cells, before):
            same += 1
            supply = supply.with_entries([before])
            continue
        if not cells[key_column] and table is Table.ABSENCES:
            cells = {**cells, key_column: str(uuid.uuid4())}
        # Agents stay known while offices are read, and the other way round.
        beside = replace(reading, supply=supply, before=before)
        wrong, entry = read_entry(table, line, cells, beside)
        problems += wrong
        if entry is not None:
            (added if before is None else changed).append(entry)
            supply = supply.with_entries([entry])
    if not problems and not lines:
        problems.append(Problem(1, None, "empty"))
    if problems:
        raise CsvRefused(sorted(problems, key=lambda problem: problem.line))
    return Changes(tuple(added), tuple(changed), same)


def _is_same(cells: dict[str, str], entry: Entry) -> bool:
    """A zero that a spreadsheet took away counts for nothing."""
    if "region" in cells:
        cells = {**cells, "region": cells["region"].zfill(2)}
    return cells == to_cells(entry)
