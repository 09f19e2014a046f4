"""A session as it is written: every cell is checked, and what is written reads back the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.csv_tables import CsvRefused
from bot.domain.session_drafts import COLUMNS, hours, read_csv, read_draft, to_cells, write_csv
from bot.domain.sessions import Session
from tests.factories import NOW, a_session, session_days

REGIONS = {"06", "13"}
CELLS = to_cells(a_session())


def problems(**changed: str) -> list[tuple[str, str]]:
    wrong, session = read_draft("s", CELLS | changed, REGIONS, NOW)
    assert (session is None) == bool(wrong)
    return [(each.column, each.kind) for each in wrong]


def refused(text: str, known: tuple[Session, ...] = ()) -> list[tuple[int, str | None, str]]:
    with pytest.raises(CsvRefused) as caught:
        read_csv(text.encode(), known, REGIONS, NOW)
    return [(problem.line, problem.column, problem.kind) for problem in caught.value.problems]


def test_a_session_reads_back_the_same() -> None:
    assert read_draft("session-1", CELLS, REGIONS, NOW) == ([], a_session())


@given(
    st.integers(1, 200),
    st.booleans(),
    st.sampled_from(sorted(REGIONS)),
    st.dates(date(2026, 12, 4), date(2030, 1, 1)),
    st.integers(1, 12),
)
def test_any_file_reads_back_the_same(seats: int, is_online: bool, region: str, first: date, days: int) -> None:
    session = a_session(seats=seats, is_online=is_online, region=region, days=session_days(first, days))
    assert read_csv(write_csv([session]).encode("utf-8-sig"), (), REGIONS, NOW) == (session,)
    assert read_csv(write_csv([session]).encode(), (session,), REGIONS, NOW) == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"organisation": ""}, ("organisation", "missing")),
        ({"organisation": "x" * 201}, ("organisation", "too_long")),
        ({"organisation": "Car\u202erefour"}, ("organisation", "control")),
        ({"region": "18"}, ("region", "bad_region")),
        ({"online": "oui"}, ("online", "bad_online")),
        ({"place": ""}, ("place", "no_place")),
        ({"seats": "0"}, ("seats", "bad_seats")),
        ({"seats": "201"}, ("seats", "bad_seats")),
        ({"seats": "-3"}, ("seats", "bad_seats")),
        ({"seats": "dix"}, ("seats", "bad_seats")),
        ({"days": ""}, ("days", "missing")),
        ({"days": ";"}, ("days", "missing")),
        ({"days": "demain"}, ("days", "bad_day")),
        ({"days": "2027-02-30 9:00-15:00"}, ("days", "bad_day")),
        ({"days": "2027-02-03 9:00-25:00"}, ("days", "bad_day")),
        ({"days": "2027-01-11 15:00-09:00"}, ("days", "ends_first")),
        ({"days": "2027-01-11 09:00-09:00"}, ("days", "ends_first")),
        ({"days": "2026-12-02 09:00-15:00"}, ("days", "past")),
        ({"days": "2027-01-11 9:00-15:00; 2027-01-11 14:00-18:00"}, ("days", "overlap")),
        ({"days": "2027-01-11 9:00-12:00; 2027-01-11 14:00-18:00"}, ("days", "same_day")),
    ],
)
def test_what_is_wrong_is_told(changed: dict[str, str], expected: tuple[str, str]) -> None:
    assert problems(**changed) == [expected]


def test_online_needs_no_address_and_hours_may_be_written_as_people_do() -> None:
    wrong, session = read_draft(
        "s", CELLS | {"place": "", "online": "yes", "days": "2027-01-11 9h-12h30"}, REGIONS, NOW
    )
    assert (wrong, session and hours(session)) == ([], 3.5)


def test_a_file_tells_every_problem_by_line() -> None:
    rows = [",".join(COLUMNS), "a,,99,,no,0,hier", "a,Carrefour,13,Ici,no,5,2027-01-11 9:00-12:00", "é,X,13,I,no,5,x"]
    assert refused("\n".join(rows)) == [
        *((2, column, kind) for column, kind in [("organisation", "missing"), ("region", "bad_region")]),
        *((2, column, kind) for column, kind in [("place", "no_place"), ("seats", "bad_seats"), ("days", "bad_day")]),
        (3, "id", "taken"),
        (4, "id", "bad_id"),
        (4, "days", "bad_day"),
    ]


def test_an_empty_file_and_an_unknown_column() -> None:
    assert refused(",".join(COLUMNS)) == [(1, None, "empty")]
    assert (1, "prix", "unknown_column") in refused(",".join((*COLUMNS, "prix")))


def test_what_has_begun_stays_as_it_is() -> None:
    begun = a_session(days=session_days(NOW.date() - timedelta(days=2)))
    text = write_csv([begun])
    assert read_csv(text.encode(), (begun,), REGIONS, NOW) == ()
    assert refused(text.replace(",2,", ",3,"), (begun,)) == [(2, "id", "closed")]
