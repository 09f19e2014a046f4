"""Instants are kept in UTC on both databases; naive ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.messages import Author, Channel, Reply
from bot.services.house import House
from bot.store.tables import Instant
from bot.store.unit_of_work import StoreUnavailable

OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=OFFSETS))
def test_an_instant_is_bound_in_utc(moment: datetime) -> None:
    bound = Instant().process_bind_param(moment, sqlite.dialect())
    assert bound == moment
    assert bound.tzinfo is UTC


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_a_naive_instant_is_refused(dialect: Dialect) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2026, 12, 3, 10), dialect)


def test_nothing_stays_nothing() -> None:
    assert Instant().process_bind_param(None, sqlite.dialect()) is None
    assert Instant().process_result_value(None, sqlite.dialect()) is None


@pytest.mark.parametrize("hours", [-5, 0, 5.75])
async def test_an_instant_comes_back_the_same_from_the_database(house: House, hours: float) -> None:
    moment = datetime(2026, 12, 3, 10, 30, 15, 123456, tzinfo=timezone(timedelta(hours=hours)))
    async with house.work() as unit:
        await unit.conversations.add(Conversation("c", Channel.WIDGET, "a", "fr", None, HandledBy.ASSISTANT, 0), moment)
        await unit.conversations.append("c", Author.PERSON, Reply("Bonjour"), "fr", moment)
        [message] = await unit.conversations.messages_after("c", 0)
    assert message.at == moment
    assert message.at.tzinfo is UTC


async def test_a_naive_instant_reaches_no_table(house: House) -> None:
    conversation = Conversation("c", Channel.WIDGET, "a", "fr", None, HandledBy.ASSISTANT, 0)
    with pytest.raises(StoreUnavailable):
        async with house.work() as unit:
            await unit.conversations.add(conversation, datetime(2026, 12, 3))
    async with house.work() as unit:
        assert await unit.conversations.get("c") is None
