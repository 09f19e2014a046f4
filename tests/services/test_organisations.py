"""The directory: there from the start, found for a person, and changed by a file as a whole or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.csv_tables import CsvRefused
from bot.domain.organisations import Organisation
from bot.domain.organisations_csv import write_csv
from bot.knowledge.needs import needs
from bot.knowledge.organisations import directory
from bot.services.organisations import DirectoryChanged
from bot.store.organisations import OrganisationStore
from bot.wiring import Wiring
from tests.conftest import Wire
from tests.factories import an_organisation


def by_id(organisations: Sequence[Organisation]) -> dict[str, Organisation]:
    return {organisation.id: organisation for organisation in organisations}


async def imports(wiring: Wiring, *organisations: Organisation) -> None:
    await wiring.services.organisations.import_csv(write_csv(organisations).encode())


async def test_a_new_house_holds_what_was_confirmed(wiring: Wiring) -> None:
    assert by_id(await wiring.services.organisations.all()) == by_id(directory().organisations)


async def test_the_next_start_keeps_what_staff_changed(wire: Wire) -> None:
    ours = an_organisation()
    async with wire() as first:
        await imports(first, ours)
    async with wire() as second:
        assert await second.services.organisations.all() == [ours]
        assert not await second.services.organisations.seed(directory().organisations)


async def test_starting_twice_at_once_fills_it_once(wiring: Wiring) -> None:
    async with wiring.house.work() as unit:
        await unit.organisations.replace([])
    seed = wiring.services.organisations.seed
    filled = await asyncio.gather(*(seed(directory().organisations) for _ in range(3)))
    assert sorted(filled) == [False, False, True]


async def test_the_region_and_what_is_asked_choose(wiring: Wiring) -> None:
    page = await wiring.services.organisations.find("13", needs().needs["french"], "fr", 3)
    assert page.meets_need
    assert [organisation.region for organisation in page.organisations] == ["13"]
    women = await wiring.services.organisations.find("13", needs().needs["women"], "fr", 3)
    assert not women.meets_need
    assert [organisation.region for organisation in women.elsewhere] == ["06"]


async def test_exporting_and_importing_changes_nothing(wiring: Wiring) -> None:
    service = wiring.services.organisations
    before = await service.all()
    text = await service.export_csv()
    assert not (await service.preview_csv(text.encode())).changes
    assert not await service.import_csv(text.encode())
    assert await service.all() == before


async def test_a_preview_counts_and_changes_nothing(wiring: Wiring) -> None:
    service = wiring.services.organisations
    kept, changed, removed = (an_organisation(name) for name in ("kept", "changed", "removed"))
    await imports(wiring, kept, changed, removed)
    new = [kept, replace(changed, city="Sherbrooke"), an_organisation("added")]
    preview = await service.preview_csv(write_csv(new).encode())
    found = preview.changes
    assert [len(found.added), len(found.changed), len(found.removed), preview.total] == [1, 1, 1, 3]
    assert by_id(await service.all()) == by_id([kept, changed, removed])
    assert await service.import_csv(write_csv(new).encode(), preview.seen) == found
    assert by_id(await service.all()) == by_id(new)


async def test_one_wrong_line_changes_nothing(wiring: Wiring) -> None:
    before = await wiring.services.organisations.all()
    wrong = write_csv([an_organisation("right"), an_organisation("wrong", phone="appelez")])
    for read in (wiring.services.organisations.import_csv, wiring.services.organisations.preview_csv):
        with pytest.raises(CsvRefused) as refused:
            await read(wrong.encode())
        assert [(problem.line, problem.column) for problem in refused.value.problems] == [(3, "phone")]
    assert await wiring.services.organisations.all() == before


async def test_a_failure_half_way_changes_nothing(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await wiring.services.organisations.all()
    whole = OrganisationStore.replace

    async def breaks(store: OrganisationStore, organisations: Sequence[Organisation]) -> None:
        await whole(store, organisations)
        raise OSError

    monkeypatch.setattr(OrganisationStore, "replace", breaks)
    with pytest.raises(Exception, match="OSError"):
        await imports(wiring, an_organisation())
    assert await wiring.services.organisations.all() == before


async def test_what_was_previewed_is_what_is_changed(wiring: Wiring) -> None:
    service = wiring.services.organisations
    text = write_csv([an_organisation("mine")]).encode()
    preview = await service.preview_csv(text)
    await imports(wiring, an_organisation("theirs"))
    with pytest.raises(DirectoryChanged):
        await service.import_csv(text, preview.seen)
    assert [organisation.id for organisation in await service.all()] == ["theirs"]


async def test_two_imports_at_once_leave_one_directory(wiring: Wiring) -> None:
    service = wiring.services.organisations
    files = [write_csv([an_organisation(f"{name}_{n}") for n in range(5)]).encode() for name in ("a", "b")]
    await asyncio.gather(*(service.import_csv(file) for file in files))
    assert len({organisation.id[0] for organisation in await service.all()}) == 1
    assert len(await service.all()) == 5


async def test_a_day_to_come_is_refused_by_montreals_calendar(wiring: Wiring) -> None:
    text = write_csv([an_organisation()]).replace("2026-11-21", "2026-12-04")
    with pytest.raises(CsvRefused):
        await wiring.services.organisations.preview_csv(text.encode())


async def test_the_log_counts_and_names_nobody(wiring: Wiring, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "bot.services.organisations"):
        await imports(wiring, an_organisation(name="Nom secret"))
    assert "added=1" in caplog.text
    assert "Nom secret" not in caplog.text
