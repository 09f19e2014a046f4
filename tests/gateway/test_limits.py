from __future__ import annotations

import pytest

from bot.gateway.limits import ConnectionLimit, RateLimit, TooManyConnections


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_in_any_minute() -> None:
    seconds = Seconds()
    limit = RateLimit(3, 60, seconds)
    allowed = []
    for seconds.now in (100, 130, 150, 159, 161, 162, 191):
        allowed.append(limit.allows("a"))
    assert allowed == [True, True, True, False, True, False, True]


def test_each_key_has_its_own() -> None:
    limit = RateLimit(1, 60, Seconds())
    assert limit.allows("a")
    assert limit.allows("b")
    assert not limit.allows("a")


def test_what_was_refused_does_not_count() -> None:
    """Who hammers is let in again as soon as who waits."""
    seconds = Seconds()
    limit = RateLimit(1, 60, seconds)
    assert limit.allows("a")
    for _ in range(100):
        seconds.now += 0.5
        assert not limit.allows("a")
    seconds.now = 160.0
    assert limit.allows("a")


def test_silent_keys_are_forgotten() -> None:
    seconds = Seconds()
    limit = RateLimit(5, 60, seconds)
    for number in range(1000):
        limit.allows(f"key {number}")
    seconds.now += 61
    for _ in range(600):
        limit.allows("one who stays")
    assert len(limit._seen) < 10


def test_so_many_connections_at_once() -> None:
    limit = ConnectionLimit(2)
    with limit.hold("a"), limit.hold("a"), limit.hold("b"), pytest.raises(TooManyConnections), limit.hold("a"):
        pass
    with limit.hold("a"), limit.hold("a"):
        pass
    assert not limit._open


def test_a_connection_that_fails_is_given_back() -> None:
    limit = ConnectionLimit(1)
    with pytest.raises(ZeroDivisionError), limit.hold("a"):
        _ = 1 / 0
    with limit.hold("a"):
        pass
