"""How many agents are needed for a share: the best assignment tells from where on, replays tell when it is so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from scripts.simulation.assumptions import Asked
from scripts.simulation.problem import best_share
from scripts.simulation.replay import replay
from scripts.simulation.world import World, make_world

BUSIEST = (7, 8, 9)
MOST_AGENTS = 2000
AT_ONCE = 2


class NeverEnough(Exception):
    """No number of agents gives this share."""


@dataclass(frozen=True)
class Tried:
    """Shares of the people who asked before their due day."""

    offered: float
    held: float
    at_best: float


def needed(asked: Asked, share: float, say: Callable[[str], None]) -> tuple[int, dict[int, Tried]]:
    """The least number of agents that was enough, and all that were replayed. Raises NeverEnough."""
    say(f"The least number of agents with which the best assignment offers {share:.1%}…")
    least = _least(lambda agents: best_share(busiest(asked, agents)) >= share)
    say(f"{least}. Replaying the busiest months from there on…")
    tried: dict[int, Tried] = {}
    with ProcessPoolExecutor(AT_ONCE) as pool:

        def narrowed(numbers: list[int], low: int, high: int) -> tuple[int, int]:
            """The most that was not enough, and the least that was."""
            for number, one in zip(numbers, pool.map(_tried, [replace(asked, agents=n) for n in numbers]), strict=True):
                tried[number] = one
                say(f"{number} agents: offered {one.offered:.2%}, at best {one.at_best:.2%}, held {one.held:.2%}")
            for number in numbers:
                if tried[number].offered >= share:
                    return low, number
                low = number
            return low, high

        # More than the best needs: some ask twice, and nobody knows the year beforehand.
        low, high, step = least - 1, 0, max(1, least // 3)
        while not high:
            if low > MOST_AGENTS:
                raise NeverEnough
            low, high = narrowed([low + step, low + 2 * step], low, high)
            step *= 2
        while high - low > 1:
            third = max(1, (high - low) // 3)
            low, high = narrowed(sorted({low + third, high - third}), low, high)
    return high, tried


def busiest(asked: Asked, agents: int) -> World:
    """The same year with so many agents, and only the people of its busiest months."""
    world = make_world(replace(asked, agents=agents))
    return replace(world, people=tuple(one for one in world.people if one.wish.arrival.month in BUSIEST))


def _least(is_enough: Callable[[int], bool]) -> int:
    """Raises NeverEnough."""
    low, high = 0, 1
    while not is_enough(high):
        low, high = high, 2 * high
        if high > MOST_AGENTS:
            raise NeverEnough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _tried(asked: Asked) -> Tried:
    """Replays the busiest months; in a process of its own."""
    world = busiest(asked, asked.agents)
    year = asyncio.run(replay(world, lambda _at, _number: None))
    in_time = {person.id for person in world.people if person.asks_in_time}
    offered = {request.person.id for request in year.requests if request.is_offered_in_time}
    held = {request.person.id for request in year.requests if request.is_held_in_time}
    return Tried(len(offered & in_time) / len(in_time), len(held & in_time) / len(in_time), best_share(world))
