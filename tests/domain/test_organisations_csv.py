"""The CSV of the directory: what is written is read back, and every mistake is named by line and column."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.organisations import Organisation
from bot.domain.organisations_csv import COLUMNS, MAX_BYTES, CsvRefused, Problem, Vocabulary, read_csv, write_csv
from tests.factories import an_organisation

TODAY = date(2026, 12, 3)
WORDS = Vocabulary(
    regions=frozenset(f"{number:02}" for number in range(1, 18)),
    services=frozenset({"accueil", "francisation", "logement"}),
    clientele=frozenset({"toutes", "femmes"}),
    languages=frozenset({"fr", "en", "es"}),
)
GOOD = dict(
    zip(
        COLUMNS,
        [
            *("accueil_laval", "Accueil", "Laval", "13", "https://exemple.org", "450 555-0123"),
            *("accueil;logement", "toutes", "fr;en", "confirmed", "2026-11-21"),
        ],
        strict=True,
    )
)


def a_file(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in rows)
    return written.getvalue().encode()


def problems_of(data: bytes) -> list[Problem]:
    with pytest.raises(CsvRefused) as refused:
        read_csv(data, WORDS, TODAY)
    return list(refused.value.problems)


def test_a_line_becomes_an_organisation() -> None:
    [read] = read_csv(a_file(GOOD), WORDS, TODAY)
    assert read == Organisation(
        id="accueil_laval",
        name="Accueil",
        city="Laval",
        region="13",
        website="https://exemple.org",
        phone="450 555-0123",
        services=("accueil", "logement"),
        clientele=("toutes",),
        languages=("fr", "en"),
        is_open_confirmed=True,
        checked=date(2026, 11, 21),
    )


def test_what_may_be_empty_may_be() -> None:
    row = GOOD | {"website": "", "phone": "", "services": "", "clientele": "", "still_open": "unverified"}
    [read] = read_csv(a_file(row), WORDS, TODAY)
    assert (read.website, read.phone, read.services, read.clientele) == (None, None, (), ())
    assert not read.is_open_confirmed


@pytest.mark.parametrize("data", [a_file(GOOD), b"\xef\xbb\xbf" + a_file(GOOD), a_file(GOOD, delimiter=";")])
def test_a_byte_order_mark_and_a_french_spreadsheets_delimiter_are_taken(data: bytes) -> None:
    assert len(read_csv(data, WORDS, TODAY)) == 1


def test_columns_may_stand_in_any_order_and_a_lost_zero_is_given_back() -> None:
    data = a_file(GOOD | {"region": "1"}, columns=COLUMNS[::-1])
    assert read_csv(data, WORDS, TODAY)[0].region == "01"


@pytest.mark.parametrize(
    ("column", "cell", "kind", "value"),
    [
        ("id", "", "missing", ""),
        ("id", "Accueil Laval", "bad_id", "Accueil Laval"),
        ("id", "a" * 65, "too_long", "64"),
        ("name", "", "missing", ""),
        ("name", "…", "bad_name", "…"),
        ("name", "a\nb", "control", ""),
        ("name", "a" * 201, "too_long", "200"),
        ("city", "", "missing", ""),
        ("city", "?", "bad_city", "?"),
        ("region", "18", "bad_region", "18"),
        ("region", "0", "bad_region", "00"),
        ("region", "Laval", "bad_region", "Laval"),
        ("website", "exemple.org", "bad_website", "exemple.org"),
        ("website", "javascript:alert(1)", "bad_website", "javascript:alert(1)"),
        ("website", "https://moi@exemple.org", "bad_website", "https://moi@exemple.org"),
        ("website", "https://exemple", "bad_website", "https://exemple"),
        ("website", "https://exemple.org/a b", "bad_website", "https://exemple.org/a b"),
        ("website", "https://[exemple.org", "bad_website", "https://[exemple.org"),
        ("website", "https://exemple.org:99999", "bad_website", "https://exemple.org:99999"),
        ("phone", "450-555-0123", "bad_phone", "450-555-0123"),
        ("phone", "appelez", "bad_phone", "appelez"),
        ("services", "accueil;danse", "unknown", "danse"),
        ("services", "accueil;accueil", "repeated", "accueil"),
        ("clientele", "tous", "unknown", "tous"),
        ("languages", "", "missing", ""),
        ("languages", "fr;français", "unknown", "français"),
        ("still_open", "oui", "bad_still_open", "oui"),
        ("checked", "21/11/2026", "bad_checked", "21/11/2026"),
        ("checked", "2026-02-30", "bad_checked", "2026-02-30"),
        ("checked", "2026-12-04", "future", "2026-12-04"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(column: str, cell: str, kind: str, value: str) -> None:
    assert problems_of(a_file(GOOD, GOOD | {"id": "b", column: cell})) == [Problem(3, column, kind, value)]


@pytest.mark.parametrize("phone", ["211", "1 877 864-9191", "819 763-2263", "450 555-0123 #45", "819\u00a0763-2263"])
def test_a_telephone_number_as_it_is_written_here(phone: str) -> None:
    assert read_csv(a_file(GOOD | {"phone": phone}), WORDS, TODAY)[0].phone == phone.replace("\u00a0", " ")


def test_every_problem_of_every_line_is_told_at_once() -> None:
    found = problems_of(a_file(GOOD | {"region": "99", "phone": "x"}, GOOD, GOOD | {"city": "", "services": "a;b"}))
    assert found == [
        Problem(2, "region", "bad_region", "99"),
        Problem(2, "phone", "bad_phone", "x"),
        Problem(3, "id", "taken", "accueil_laval (2)"),
        Problem(4, "city", "missing"),
        Problem(4, "services", "unknown", "a"),
        Problem(4, "services", "unknown", "b"),
        Problem(4, "id", "taken", "accueil_laval (2)"),
    ]


def test_a_line_is_counted_as_an_editor_counts_it() -> None:
    rows = a_file(GOOD | {"name": "deux\nlignes"}, GOOD | {"id": "b", "city": ""}).replace(b"\r\n", b"\r\n\r\n", 1)
    assert problems_of(rows) == [Problem(3, "name", "control"), Problem(5, "city", "missing")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", Problem(1, None, "empty")),
        (a_file(), Problem(1, None, "empty")),
        (a_file(GOOD) + b"a,b\r\n", Problem(3, None, "cells", "2 ≠ 11")),
        (a_file(GOOD) + b'"a"b,c\r\n', Problem(3, None, "unreadable")),
        (a_file(GOOD) + b'"never closed\r\n', Problem(3, None, "unreadable")),
        (a_file(GOOD) + "é".encode("latin-1"), Problem(3, None, "not_utf8")),
        (b"x" * (MAX_BYTES + 1), Problem(1, None, "too_large", "200")),
    ],
)
def test_a_file_that_is_no_directory_is_refused(data: bytes, problem: Problem) -> None:
    assert problems_of(data) == [problem]


def test_the_columns_are_those_documented() -> None:
    header = ",".join(("id", *COLUMNS[:-2], "email")).encode()
    assert problems_of(header) == [
        Problem(1, "still_open", "no_column"),
        Problem(1, "checked", "no_column"),
        Problem(1, "id", "column_twice"),
        Problem(1, "email", "unknown_column"),
    ]


@pytest.mark.parametrize("name", ["=1+1", "+33", "-Accueil", "@accueil", "'=x", "''-x", "＝A1", "'quoted'"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_safe_and_read_back(name: str) -> None:
    organisation = an_organisation(name=name)
    written = write_csv([organisation])
    [cell] = [row["name"] for row in csv.DictReader(io.StringIO(written))]
    assert cell[0] not in "=+-@＝"
    assert read_csv(written.encode(), WORDS, TODAY) == (organisation,)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ='\"-+@,;"), max_size=30
).map(str.strip)
ORGANISATIONS = st.lists(
    st.builds(
        Organisation,
        id=st.from_regex(r"[a-z0-9][a-z0-9_]{0,20}", fullmatch=True),
        name=TEXTS.map(lambda text: f"{text}a"),
        city=TEXTS.map(lambda text: f"{text}1"),
        region=st.sampled_from(sorted(WORDS.regions)),
        website=st.sampled_from([None, "https://exemple.org", "http://www.exemple.qc.ca/fr?a=1,2;3"]),
        phone=st.sampled_from([None, "211", "450 555-0123"]),
        services=st.lists(st.sampled_from(sorted(WORDS.services)), unique=True).map(tuple),
        clientele=st.lists(st.sampled_from(sorted(WORDS.clientele)), unique=True).map(tuple),
        languages=st.lists(st.sampled_from(sorted(WORDS.languages)), unique=True, min_size=1).map(tuple),
        is_open_confirmed=st.booleans(),
        checked=st.dates(date(2000, 1, 1), TODAY),
    ),
    unique_by=lambda organisation: organisation.id,
    min_size=1,
    max_size=6,
)


def _composed(organisation: Organisation) -> Organisation:
    return replace(
        organisation,
        name=unicodedata.normalize("NFC", organisation.name).strip(),
        city=unicodedata.normalize("NFC", organisation.city).strip(),
    )


@given(ORGANISATIONS.map(lambda listed: [_composed(each) for each in listed]))
def test_what_is_exported_is_imported_unchanged(directory: list[Organisation]) -> None:
    read = read_csv(b"\xef\xbb\xbf" + write_csv(directory).encode(), WORDS, TODAY)
    assert {each.id: each for each in read} == {each.id: each for each in directory}
    assert write_csv(read) == write_csv(directory)


def is_read_or_refused(data: bytes) -> bool:
    """Refused with a problem on a line, or read."""
    try:
        return bool(read_csv(data, WORDS, TODAY))
    except CsvRefused as refused:
        return bool(refused.problems) and all(problem.line >= 1 for problem in refused.problems)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    assert is_read_or_refused(data)


@given(st.lists(st.text(max_size=20), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_any_row_is_read_or_refused(cells: list[str]) -> None:
    assert is_read_or_refused(a_file(dict(zip(COLUMNS, cells, strict=True))))
