"""People who write in turn, and the clock beside them."""

from __future__ import annotations

import asyncio

from scripts.benchmark.messages import Talk
from scripts.benchmark.speakers import Round, Speaker, run_round


class Parrot:
    """Answers everything but silence; counts how many speak at once."""

    now = most = 0

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.is_closed = False
        self.turns_done = 0

    async def say(self, text: str) -> bool:
        Parrot.now += 1
        Parrot.most = max(Parrot.most, Parrot.now)
        await asyncio.sleep(0)
        Parrot.now -= 1
        self.heard.append(text)
        return text != ""

    async def after_turn(self) -> None:
        self.turns_done += 1

    async def close(self) -> None:
        self.is_closed = True


TALKS = [Talk("fr", ("a", "b", "")), Talk("en", ("c",)), Talk("es", ("d", "e")), Talk("fr", ("f",))]


async def test_every_talk_is_held_in_order_by_so_many_at_once() -> None:
    parrots: list[Parrot] = []

    async def opened(talk: Talk) -> Speaker:
        parrots.append(Parrot())
        return parrots[-1]

    Parrot.most = 0
    done = await run_round(opened, TALKS, 2)
    assert [parrot.heard for parrot in parrots] == [list(talk.texts) for talk in TALKS]
    assert Parrot.most == 2
    assert (len(done.seconds), done.unanswered) == (7, [""])
    assert all(parrot.is_closed and parrot.turns_done == len(parrot.heard) for parrot in parrots)


def test_rounds_add_up() -> None:
    total = Round([1.0], 1.0, ["a"])
    total.add(Round([2.0, 3.0], 2.5))
    assert total == Round([1.0, 2.0, 3.0], 3.5, ["a"])
