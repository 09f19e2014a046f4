"""Rasa is really killed in the middle of a conversation: no message is lost, and nothing stays behind at the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import NOW
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_messages_written_while_rasa_is_dead_are_answered_when_it_is_back(tmp_path: Path) -> None:
    house = House(tmp_path, {"PASSERELLE_NOW": NOW})
    await house.start()
    try:
        async with WidgetPerson(house.url, "fr") as person:
            await person.writes("je veux un rendez-vous")
            house.rasa().kill()
            await person.sends("le 3 décembre")
            await person.sends("à Laval")
            await person.hears("Une panne me retarde", 10)
            await person.leave()
            await person.connect()
            await person.hears("au plus tard le jeudi 10 décembre", 60)
            await person.hears("en personne ou à distance", 60)
            delays = [m for m in person.said if "Une panne me retarde" in m["text"]]
            assert len(delays) == 1
            sequence = [m["seq"] for m in person.said]
            assert sequence == list(range(1, len(sequence) + 1))
            await person.writes("à distance")
            assert "C’est réservé" in await person.writes("le premier")
    finally:
        assert await house.stop() == []


async def test_pending_messages_survive_the_whole_program(tmp_path: Path) -> None:
    house = House(tmp_path, {"PASSERELLE_NOW": NOW})
    await house.start()
    async with WidgetPerson(house.url, "en") as person:
        house.rasa().kill()
        await person.sends("how do I get the health card?")
        assert house.process is not None
        house.process.kill()
        await house.process.wait()
        port, token = house.port, person.token
    again = House(tmp_path, {"PASSERELLE_NOW": NOW}, port=port)
    await again.start()
    try:
        returning = WidgetPerson(again.url, "en")
        returning.token = token
        async with returning:
            await returning.hears("gives you covered care", 60)
    finally:
        assert await again.stop() == []


async def test_rasa_dies_with_us_even_by_kill_9(tmp_path: Path) -> None:
    house = House(tmp_path, {"PASSERELLE_NOW": NOW})
    await house.start()
    rasa = house.rasa()
    assert house.process is not None
    house.process.kill()
    await house.process.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [rasa], timeout=5)
    assert alive == []


async def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    listening = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    house = House(tmp_path, {}, port=port)
    with pytest.raises(AssertionError):
        await house.start()
    assert house.process is not None
    assert await house.process.wait() == 1
    assert f"Port {port} is used by another program" in house.output
    assert "Traceback" not in house.output
    listening.close()
