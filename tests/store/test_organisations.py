"""The directory comes back from both databases as it was kept."""

from __future__ import annotations

import pytest

from bot.services.house import House
from bot.store.unit_of_work import StoreUnavailable
from tests.factories import an_organisation

BARE = an_organisation("bare", website=None, phone=None, services=(), clientele=(), name="Été – « à »", region="06")


async def test_organisations_come_back_by_region_and_name(house: House) -> None:
    second, first = an_organisation("b", name="B"), an_organisation("z", name="A", is_open_confirmed=True)
    async with house.work() as unit:
        await unit.organisations.replace([second, first, BARE])
    async with house.work() as unit:
        assert await unit.organisations.all() == [BARE, first, second]
        assert await unit.organisations.any()


async def test_replacing_leaves_no_other(house: House) -> None:
    async with house.work() as unit:
        await unit.organisations.replace([an_organisation("old"), BARE])
        await unit.organisations.replace([BARE])
        assert await unit.organisations.all() == [BARE]
        await unit.organisations.replace([])
        assert not await unit.organisations.any()


async def test_two_with_one_id_leave_the_directory_as_it_was(house: House) -> None:
    async with house.work() as unit:
        await unit.organisations.replace([BARE])
    with pytest.raises(StoreUnavailable):
        async with house.work() as unit:
            await unit.organisations.replace([an_organisation("twice"), an_organisation("twice")])
    async with house.work() as unit:
        assert await unit.organisations.all() == [BARE]
