"""The endpoint itself: what Rasa posts, and what it gets when something goes wrong."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from actions.answers import Greet
from actions.registry import ACTIONS
from actions.turn import Events, Turn
from bot.wiring import Wiring
from tests.actions.rasa_side import ActionServer, Talk, domain, domain_responses, serving


async def call(talk: Talk, action: str, **more: Any) -> dict[str, Any]:
    return {"next_action": action, "sender_id": talk.conversation_id, "tracker": talk.tracker, **more}


def test_the_domain_and_the_registry_name_the_same_actions() -> None:
    assert {action.action for action in ACTIONS} == set(domain()["actions"])


async def test_healthy(server: ActionServer) -> None:
    answer = await server.http.get(server.server.make_url("/health"))
    assert (answer.status, await answer.json()) == (200, {"is_ready": True})


async def test_an_unknown_action_is_404(server: ActionServer) -> None:
    answer = await server.post(await call(await server.talk(), "action_dance"))
    assert answer.status == 404
    assert (await answer.json())["action_name"] == "action_dance"


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_an_action_that_fails_is_answered_with_an_apology_and_logged(
    wiring: Wiring, language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(self: Greet, turn: Turn) -> Events:
        raise RuntimeError("out of order")

    monkeypatch.setattr(Greet, "answer", fails)
    async with serving(wiring) as server:
        talk = await server.talk(language)
        result = await talk.hears("salut", "greet").run("action_greet")
    assert result.names == ["utter_action_failed"]
    assert result.text == wiring.catalogue.say("utter_action_failed", language)
    assert [choice.payload for choice in result.replies[0].choices] == ["/talk_to_human"]
    (logged,) = [record for record in caplog.records if record.name == "actions.endpoint"]
    assert logged.levelno == logging.ERROR
    assert talk.conversation_id in logged.getMessage()
    assert logged.exc_info


async def test_the_domain_may_be_left_out_or_sent(server: ActionServer) -> None:
    talk = (await server.talk()).hears("salut", "greet")
    for more in ({}, {"domain": None}, {"domain": {}}, {"domain": domain(), "domain_digest": "1"}):
        answer = await server.post(await call(talk, "action_greet", **more))
        assert answer.status == 200


async def test_a_long_history_is_taken(server: ActionServer) -> None:
    """Rasa posts the whole tracker: some of them hold thousands of events."""
    talk = (await server.talk()).hears("salut", "greet")
    talk.events = [{"event": "user", "text": "x" * 100} for _ in range(20_000)]
    assert (await server.post(await call(talk, "action_greet"))).status == 200


async def test_every_response_an_action_names_is_in_the_domain(server: ActionServer) -> None:
    import re
    from pathlib import Path

    folder = Path(__file__).parents[2] / "actions"
    named = {name for path in folder.glob("*.py") for name in re.findall(r'"(utter_\w+)"', path.read_text("utf-8"))}
    named = {name for name in named if not name.endswith("_")}
    assert named <= domain_responses().keys()


async def test_nothing_that_people_write_is_in_the_logs(server: ActionServer, caplog: pytest.LogCaptureFixture) -> None:
    # As `python -m bot` starts: these two would log every statement.
    for name in ("aiosqlite", "sqlalchemy.engine"):
        caplog.set_level(logging.WARNING, logger=name)
    caplog.set_level(logging.DEBUG)
    talk = await server.talk()
    await talk.takes("/book_meeting").run("action_begin_booking")
    await talk.answers("mirabelle, le 1er décembre")
    await talk.answers("mirabelle")
    await talk.hears("mirabelle", "talk_to_human").run("action_talk_to_human")
    assert any(record.levelno == logging.DEBUG for record in caplog.records)
    assert "mirabelle" not in caplog.text
