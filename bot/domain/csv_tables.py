"""Tables that people edit as CSV files: every cell is read, every problem told at once; what is written reads back.

What a cell may hold is the business of each table (organisations_csv.py, sessions_csv.py).
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_BYTES = 200_000
# Spreadsheets in French write ";" between cells.
_DELIMITERS = ",;\t"
SHOWN_CHARS = 60
# A spreadsheet would run these as a formula.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")


@dataclass(frozen=True)
class Problem:
    """`kind` says what is wrong; `column` is None when it is the line or the file. `value` is what was found there."""

    line: int
    column: str | None
    kind: str
    value: str = ""


class CsvRefused(Exception):
    """The file says something that cannot be kept; nothing of it was."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(len(self.problems))


def decoded(data: bytes) -> str:
    """The text of a file. Raises CsvRefused."""
    if len(data) > MAX_BYTES:
        raise CsvRefused([Problem(1, None, "too_large", str(MAX_BYTES // 1000))])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvRefused([Problem(data.count(b"\n", 0, error.start) + 1, None, "not_utf8")]) from error


def rows(text: str, known: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """The line on which each row begins, and its cells by column. What cannot be read is added to `problems`."""
    header_line = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    begins = 1
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            cells = [_plain(cell) for cell in row]
            if not any(cells):
                continue
            if columns is None:
                columns = [cell.lower() for cell in cells]
                problems += _header_problems(line, columns, known)
                if problems:
                    return
            elif len(cells) != len(columns):
                problems.append(Problem(line, None, "cells", f"{len(cells)} ≠ {len(columns)}"))
            else:
                yield line, dict(zip(columns, cells, strict=True))
    except csv.Error:
        problems.append(Problem(begins, None, "unreadable"))


def _header_problems(line: int, columns: list[str], known: Sequence[str]) -> Iterator[Problem]:
    for column in known:
        if column not in columns:
            yield Problem(line, column, "no_column")
    for at, column in enumerate(columns):
        if column not in known:
            yield Problem(line, column[:SHOWN_CHARS] or None, "unknown_column")
        elif column in columns[:at]:
            yield Problem(line, column, "column_twice")


def _plain(cell: str) -> str:
    """Composed accents, ordinary spaces, no guard against formulas."""
    text = unicodedata.normalize("NFC", cell).replace("\u00a0", " ").replace("\u202f", " ").strip()
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def has_hidden_characters(cell: str) -> bool:
    """Line breaks, and what nobody sees."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in cell)


def written(columns: Sequence[str], lines: Iterable[Mapping[str, str]]) -> str:
    """The file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    for cells in lines:
        writer.writerow(_guarded(cells[column]) for column in columns)
    return file.getvalue()
