"""The directory as a CSV file that a coordinator edits: every cell is checked, and every problem is told at once.

`docs/operations.md` documents the columns for people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bot.domain.csv_tables import (
    MAX_BYTES,
    SHOWN_CHARS,
    CsvRefused,
    Problem,
    decoded,
    has_hidden_characters,
    rows,
    written,
)
from bot.domain.organisations import Organisation

COLUMNS = (
    *("id", "name", "city", "region", "website", "phone"),
    *("services", "clientele", "languages", "still_open", "checked"),
)
OPEN, UNVERIFIED = "confirmed", "unverified"
MAX_CHARS = {"id": 64, "name": 200, "city": 100, "website": 300, "phone": 40}
_REQUIRED = frozenset({"id", "name", "city", "region", "languages", "still_open", "checked"})
_LIST = ";"
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_PHONE = re.compile(r"(1 )?[2-9]\d{2} \d{3}-\d{4}( #\d{1,6})?|[2-9]11")
_HOST = re.compile(r"(?!-)[\w-]+(\.[\w-]+)+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Vocabulary:
    """What a cell may hold."""

    regions: frozenset[str]
    services: frozenset[str]
    clientele: frozenset[str]
    languages: frozenset[str]


def read_csv(data: bytes, vocabulary: Vocabulary, today: date) -> tuple[Organisation, ...]:
    """Every organisation of the file. Raises CsvRefused with every problem, in the order of the lines."""
    text = decoded(data)
    problems: list[Problem] = []
    found: list[Organisation] = []
    lines: dict[str, int] = {}
    for line, cells in rows(text, COLUMNS, problems):
        wrong, organisation = _checked(line, cells, vocabulary, today)
        if (key := cells["id"]) and lines.setdefault(key, line) != line:
            wrong.append(Problem(line, "id", "taken", f"{key} ({lines[key]})"))
        problems += wrong
        if organisation is not None:
            found.append(organisation)
    if not problems and not found:
        problems.append(Problem(1, None, "empty"))
    if problems:
        raise CsvRefused(problems)
    return tuple(found)


def write_csv(organisations: Iterable[Organisation]) -> str:
    """By region and name. What `read_csv` makes of it is the same organisations."""
    ordered = sorted(organisations, key=lambda o: (o.region, o.name, o.id))
    return written(COLUMNS, map(to_cells, ordered))


def to_cells(organisation: Organisation) -> dict[str, str]:
    """Each column's text."""
    return {
        "id": organisation.id,
        "name": organisation.name,
        "city": organisation.city,
        "region": organisation.region,
        "website": organisation.website or "",
        "phone": organisation.phone or "",
        "services": _LIST.join(organisation.services),
        "clientele": _LIST.join(organisation.clientele),
        "languages": _LIST.join(organisation.languages),
        "still_open": OPEN if organisation.is_open_confirmed else UNVERIFIED,
        "checked": organisation.checked.isoformat(),
    }


def problems_in(organisation: Organisation, vocabulary: Vocabulary, today: date) -> list[Problem]:
    """What a file would be refused for if it held this organisation. The line is 0."""
    return _checked(0, to_cells(organisation), vocabulary, today)[0]


def _checked(
    line: int, cells: Mapping[str, str], vocabulary: Vocabulary, today: date
) -> tuple[list[Problem], Organisation | None]:
    """The problems of a row, or the organisation that it is."""
    cells = dict(cells)
    if re.fullmatch(r"\d", cells["region"]):
        cells["region"] = f"0{cells['region']}"  # spreadsheets take the zero away
    problems = []
    for column in COLUMNS:
        if not cells[column]:
            if column in _REQUIRED:
                problems.append(Problem(line, column, "missing"))
            continue
        problems += [
            Problem(line, column, kind, value[:SHOWN_CHARS])
            for kind, value in _cell_problems(column, cells[column], vocabulary, today)
        ]
    if problems:
        return problems, None
    return problems, Organisation(
        id=cells["id"],
        name=cells["name"],
        city=cells["city"],
        region=cells["region"],
        website=cells["website"] or None,
        phone=cells["phone"] or None,
        services=_listed(cells["services"]),
        clientele=_listed(cells["clientele"]),
        languages=_listed(cells["languages"]),
        is_open_confirmed=cells["still_open"] == OPEN,
        checked=date.fromisoformat(cells["checked"]),
    )


def _cell_problems(column: str, cell: str, vocabulary: Vocabulary, today: date) -> Iterator[tuple[str, str]]:
    if has_hidden_characters(cell):
        yield "control", ""
        return
    if len(cell) > MAX_CHARS.get(column, MAX_BYTES):
        yield "too_long", str(MAX_CHARS[column])
        return
    allowed = {"services": vocabulary.services, "clientele": vocabulary.clientele, "languages": vocabulary.languages}
    if column in allowed:
        listed = _listed(cell)
        yield from (("unknown", item) for item in dict.fromkeys(listed) if item not in allowed[column])
        yield from (("repeated", item) for item in dict.fromkeys(listed) if listed.count(item) > 1)
    elif column in _WRONG and _WRONG[column](cell, vocabulary):
        yield f"bad_{column}", cell
    elif column == "checked":
        day = _day(cell)
        if day is None:
            yield "bad_checked", cell
        elif day > today:
            yield "future", cell


_WRONG: Mapping[str, Callable[[str, Vocabulary], bool]] = {
    "id": lambda cell, _: not _ID.fullmatch(cell),
    "name": lambda cell, _: not any(c.isalnum() for c in cell),
    "city": lambda cell, _: not any(c.isalnum() for c in cell),
    "region": lambda cell, vocabulary: cell not in vocabulary.regions,
    "website": lambda cell, _: not _is_web_address(cell),
    "phone": lambda cell, _: not _PHONE.fullmatch(cell),
    "still_open": lambda cell, _: cell not in (OPEN, UNVERIFIED),
}


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not re.search(r"[\s\"<>\\^`{|}]", text)
    return (
        is_plain
        and parts.scheme in ("https", "http")
        and "@" not in parts.netloc
        and bool(_HOST.fullmatch(parts.hostname or ""))
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(item for each in cell.split(_LIST) if (item := each.strip()))
