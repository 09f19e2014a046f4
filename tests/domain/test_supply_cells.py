"""What a coordinator writes is read, or refused with the cell and what was found there; what is exported reads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.csv_tables import CsvRefused
from bot.domain.meetings import Absence, OpeningHours
from bot.domain.supply import AgentAbsence, ClosedDay, Office, Supply, Table
from bot.domain.supply_cells import Reading, Vocabulary, read_entry, read_hours, read_moment, to_cells
from bot.domain.supply_csv import read_csv, write_csv
from tests.factories import NOW, an_agent, montreal

WORDS = Vocabulary(frozenset({"06", "11", "13"}), frozenset({"fr", "en", "es", "ar"}))
OFFICE = Office("montreal", "Bureau", "06", "1, rue Principale", "America/Toronto")
ISLANDS = Office("iles", "Îles", "11", None, "America/Halifax")
AGENT = replace(an_agent(), office_id="montreal", office=None)
LEAVE = AgentAbsence("a1", "agent-1", Absence(montreal("2026-12-21 00:00"), montreal("2027-01-04 00:00")), "Vacances")
STORM = ClosedDay(date(2026, 12, 28), "Entre les fêtes")
SUPPLY = Supply().with_entries([OFFICE, ISLANDS, AGENT, LEAVE, STORM])
READING = Reading(SUPPLY, WORDS, NOW)
OF = {Table.OFFICES: OFFICE, Table.AGENTS: AGENT, Table.ABSENCES: LEAVE, Table.CLOSED_DAYS: STORM}


def wrong(table: Table, **cells: str) -> list[tuple[str | None, str]]:
    """What is refused when these cells of a right entry are changed."""
    entry = OF[table]
    beside = SUPPLY.without(table, {entry.id})
    problems, found = read_entry(table, 3, {**to_cells(entry), **cells}, replace(READING, supply=beside, before=entry))
    assert (found is None) is bool(problems)
    assert all(problem.line == 3 for problem in problems)
    return [(problem.column, problem.kind) for problem in problems]


@pytest.mark.parametrize("table", Table)
def test_what_is_right_is_read_back_as_it_was(table: Table) -> None:
    entry = SUPPLY.entries(table)[OF[table].id]
    beside = replace(READING, supply=SUPPLY.without(table, {entry.id}), before=entry)
    assert read_entry(table, 0, to_cells(entry), beside) == ([], entry)


@pytest.mark.parametrize(
    ("table", "cells", "expected"),
    [
        (Table.OFFICES, {"timezone": "America/Quebec_City"}, ("timezone", "bad_timezone")),
        (Table.OFFICES, {"region": "99"}, ("region", "bad_region")),
        (Table.OFFICES, {"region": "13"}, ("region", "agents_there")),
        (Table.OFFICES, {"name": "…"}, ("name", "bad_name")),
        (Table.OFFICES, {"name": ""}, ("name", "missing")),
        (Table.OFFICES, {"id": "é"}, ("id", "bad_id")),
        (Table.OFFICES, {"name": "a\u202eb"}, ("name", "control")),
        (Table.OFFICES, {"address": "x" * 301}, ("address", "too_long")),
        (Table.AGENTS, {"region": "42"}, ("region", "bad_region")),
        (Table.AGENTS, {"office": "nulle-part"}, ("office", "unknown_office")),
        (Table.AGENTS, {"office": "iles"}, ("office", "other_region")),
        (Table.AGENTS, {"remote": "peut-être"}, ("remote", "bad_yes_no")),
        (Table.AGENTS, {"languages": "fr;klingon"}, ("languages", "unknown_language")),
        (Table.AGENTS, {"meeting_minutes": "0"}, ("meeting_minutes", "bad_minutes")),
        (Table.AGENTS, {"meeting_minutes": "-60"}, ("meeting_minutes", "bad_minutes")),
        (Table.AGENTS, {"meeting_minutes": "une heure"}, ("meeting_minutes", "bad_minutes")),
        (Table.AGENTS, {"most_a_day": "0"}, ("most_a_day", "bad_most")),
        (Table.AGENTS, {"most_a_day": "51"}, ("most_a_day", "bad_most")),
        (Table.AGENTS, {"hours": "lun 9:00-25:00"}, ("hours", "bad_hour")),
        (Table.AGENTS, {"hours": "lun 0:00-24:00; lun 0:00-1:00"}, ("hours", "bad_hour")),
        (Table.AGENTS, {"hours": "lun 12:00-9:00"}, ("hours", "ends_first")),
        (Table.AGENTS, {"hours": "lun 9:00-9:00"}, ("hours", "ends_first")),
        (Table.AGENTS, {"hours": "lun 9:00-12:00; lundi 11:00-13:00"}, ("hours", "overlap")),
        (Table.AGENTS, {"hours": "sam 9:00-12:00"}, ("hours", "weekend")),
        (Table.AGENTS, {"hours": "9:00-12:00"}, ("hours", "bad_hours")),
        (Table.AGENTS, {"hours": "ven-lun 9:00-12:00"}, ("hours", "bad_hours")),
        (Table.AGENTS, {"hours": "lun 9:00-9:30"}, ("hours", "none_long_enough")),
        (Table.ABSENCES, {"agent": "personne"}, ("agent", "unknown_agent")),
        (Table.ABSENCES, {"ends": "2026-12-20"}, ("ends", "ends_first")),
        (Table.ABSENCES, {"begins": "2026-12-21 12:00", "ends": "2026-12-21 12:00"}, ("ends", "ends_first")),
        (Table.ABSENCES, {"begins": "2026-11-02", "ends": "2026-11-03"}, ("ends", "past")),
        (Table.ABSENCES, {"begins": "2026-02-30"}, ("begins", "bad_moment")),
        (Table.ABSENCES, {"begins": "2026-12-21 24:30"}, ("begins", "bad_moment")),
        (Table.ABSENCES, {"ends": "2099-01-01"}, ("ends", "far")),
        (Table.CLOSED_DAYS, {"day": "28/12/2026"}, ("day", "bad_day")),
        (Table.CLOSED_DAYS, {"day": "2026-12-25"}, ("day", "closed_already")),
        (Table.CLOSED_DAYS, {"day": "2026-12-26"}, ("day", "closed_already")),
        (Table.CLOSED_DAYS, {"day": "2019-12-27"}, ("day", "past")),
        (Table.CLOSED_DAYS, {"day": "2099-12-28"}, ("day", "far")),
        (Table.CLOSED_DAYS, {"reason": ""}, ("reason", "missing")),
    ],
)
def test_what_cannot_be_is_refused_by_its_cell(table: Table, cells: dict[str, str], expected: tuple[str, str]) -> None:
    assert wrong(table, **cells) == [expected]


def test_somebody_must_be_met_somewhere() -> None:
    assert wrong(Table.AGENTS, office="", remote="no") == [("remote", "no_way")]
    assert wrong(Table.AGENTS, office="iles", region="11", remote="non") == [("remote", "no_way")]


def test_an_absence_does_not_cover_another_of_the_same_agent() -> None:
    cells = {"id": "a2", "agent": "agent-1", "begins": "2026-12-30", "ends": "2027-01-06", "reason": ""}
    problems, _ = read_entry(Table.ABSENCES, 0, cells, READING)
    assert [(each.column, each.kind) for each in problems] == [("begins", "absent_already")]
    assert read_entry(Table.ABSENCES, 0, {**cells, "begins": "2027-01-04"}, READING)[0] == []


def test_an_address_from_before_there_were_offices_is_kept_until_one_is_chosen() -> None:
    old = an_agent()
    beside = replace(READING, supply=SUPPLY.without(Table.AGENTS, {old.id}), before=old)
    _, kept = read_entry(Table.AGENTS, 0, to_cells(old), beside)
    assert kept == old
    _, moved = read_entry(Table.AGENTS, 0, {**to_cells(old), "office": "montreal"}, beside)
    assert isinstance(moved, type(old)) and moved.office == "Bureau, 1, rue Principale"


@pytest.mark.parametrize(
    "text",
    [
        "lun 9:00-12:00, 13:00-16:30; mar 9:00-12:00",
        "lundi 9h-12h, 13h00-16h30; mardi 9-12",
        "Mon. 09:00 - 12:00, 13:00 – 16:30; tue 9:00-12:00;",
        "lunes 9:00-12:00; lun 13:00-16:30; martes 9:00-12:00",
        "lun-mar 9:00-12:00; lun 13:00-16:30",
    ],
)
def test_hours_are_read_as_people_write_them(text: str) -> None:
    found = (
        OpeningHours(0, time(9), time(12)),
        OpeningHours(0, time(13), time(16, 30)),
        OpeningHours(1, time(9), time(12)),
    )
    assert read_hours(text) == ([], found)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    read_hours(text)
    read_moment(text)
    for table, entry in OF.items():
        for column in to_cells(entry):
            read_entry(table, 1, {**to_cells(entry), column: text}, READING)


def refused(table: Table, text: str, supply: Supply = SUPPLY) -> list[tuple[int, str | None, str]]:
    with pytest.raises(CsvRefused) as raised:
        read_csv(table, text.encode(), replace(READING, supply=supply))
    return [(each.line, each.column, each.kind) for each in raised.value.problems]


@pytest.mark.parametrize("table", Table)
def test_a_file_that_was_exported_changes_nothing(table: Table) -> None:
    text = write_csv(table, SUPPLY)
    changes = read_csv(table, text.encode(), READING)
    assert (changes.entries, changes.same) == ((), len(SUPPLY.entries(table)))
    # Nor after a spreadsheet in French.
    assert read_csv(table, ("\ufeff" + text).encode(), READING).entries == ()


def test_lines_are_added_and_changed_and_the_rest_stays() -> None:
    lines = (
        "id,name,region,address,timezone",
        "montreal,Bureau,6,2 rue Neuve,America/Toronto",
        "laval,Laval,13,,America/Toronto",
    )
    text = "\n".join(lines)
    changes = read_csv(Table.OFFICES, text.encode(), READING)
    assert [each.id for each in changes.changed] == ["montreal"]
    assert [each.id for each in changes.added] == ["laval"]


def test_every_problem_is_told_by_its_line_and_column() -> None:
    text = (
        "id;agent;begins;ends;reason\n"
        ";agent-1;2027-02-01;2027-01-31;fin avant début\n"
        ";personne;2027-02-01;2027-02-01;\n"
        ";agent-1;2027-02-01;2027-02-05;\n"
        ";agent-1;2027-02-05;2027-02-06;chevauche la ligne d’avant\n"
    )
    assert refused(Table.ABSENCES, text) == [
        (2, "ends", "ends_first"),
        (3, "agent", "unknown_agent"),
        (5, "begins", "absent_already"),
    ]


def test_a_name_is_given_once_and_columns_are_those_known() -> None:
    line = "lundi,2027-01-11"
    assert refused(Table.CLOSED_DAYS, f"jour,reason\n{line}")[0] == (1, "day", "no_column")
    assert refused(Table.CLOSED_DAYS, "day,reason\n2027-01-11,a\n2027-01-11,b") == [(3, "day", "taken")]
    assert refused(Table.CLOSED_DAYS, "day,reason\n") == [(1, None, "empty")]


def test_two_absences_may_change_places_in_one_file() -> None:
    """Lines are held against what the file says, not against what it changes."""
    second = AgentAbsence("a2", "agent-1", Absence(montreal("2027-02-01 00:00"), montreal("2027-02-06 00:00")), "")
    supply = SUPPLY.with_entries([second])
    swapped = supply.with_entries([replace(LEAVE, away=second.away), replace(second, away=LEAVE.away)])
    changes = read_csv(Table.ABSENCES, write_csv(Table.ABSENCES, swapped).encode(), replace(READING, supply=supply))
    assert {each.id for each in changes.changed} == {"a1", "a2"}
