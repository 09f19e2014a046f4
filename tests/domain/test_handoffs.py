"""When a team is next there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from bot.domain.handoffs import next_opening
from bot.domain.meetings import QUEBEC
from bot.domain.working_days import ClosedDays
from tests.factories import a_team, montreal

TEAM = a_team(opens=time(9), closes=time(17))


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        pytest.param("2026-12-03 08:59", "2026-12-03 09:00", id="before opening"),
        pytest.param("2026-12-03 09:00", None, id="at opening"),
        pytest.param("2026-12-03 12:30", None, id="during the day"),
        pytest.param("2026-12-03 16:59", None, id="just before closing"),
        pytest.param("2026-12-03 17:00", "2026-12-04 09:00", id="at closing"),
        pytest.param("2026-12-04 18:00", "2026-12-07 09:00", id="Friday evening"),
        pytest.param("2026-12-05 08:00", "2026-12-07 09:00", id="early on Saturday"),
        pytest.param("2026-12-06 12:00", "2026-12-07 09:00", id="Sunday"),
        pytest.param("2026-12-23 19:00", "2026-12-28 09:00", id="before Christmas"),
        pytest.param("2026-12-24 08:00", "2026-12-28 09:00", id="a closed day, before the hour"),
        pytest.param("2026-03-06 20:00", "2026-03-09 09:00", id="the weekend when clocks go forward"),
        pytest.param("2026-10-30 20:00", "2026-11-02 09:00", id="the weekend when clocks go back"),
    ],
)
def test_next_opening(now: str, opening: str | None) -> None:
    expected = montreal(opening) if opening else None
    assert next_opening(TEAM, montreal(now), ClosedDays(), QUEBEC) == expected
    assert next_opening(TEAM, montreal(now).astimezone(UTC), ClosedDays(), QUEBEC) == expected


def test_hours_are_montreals_on_both_sides_of_a_change_of_clocks() -> None:
    opening = next_opening(TEAM, datetime(2026, 3, 7, 12, tzinfo=UTC), ClosedDays(), QUEBEC)
    assert opening is not None
    assert opening.astimezone(UTC) == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_a_day_closed_by_an_administrator_is_passed_over() -> None:
    closed = ClosedDays(frozenset({date(2026, 12, 4)}))
    assert next_opening(TEAM, montreal("2026-12-04 10:00"), closed, QUEBEC) == montreal("2026-12-07 09:00")
