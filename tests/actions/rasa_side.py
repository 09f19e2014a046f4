"""Rasa's side of an action: posts the tracker, applies the events, and says the responses as Rasa would say them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp.test_utils import TestServer
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.endpoint import actions_app
from actions.turn import DeskAction, Turn
from bot.contract import reply_from_rasa
from bot.domain.messages import Reply
from bot.i18n.catalogue import Catalogue
from bot.wiring import Wiring
from tests.factories import a_person

DOMAIN = Path(__file__).parents[2] / "nlu_data" / "domain"
Entity = dict[str, Any]
Entities = dict[str, str]
_BUTTON = re.compile(r"(?P<intent>/\w+)(?P<entities>\{.*\})?")


@cache
def domain() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DOMAIN / "domain.yml").read_text(encoding="utf-8"))
    return found


@cache
def domain_responses() -> dict[str, dict[str, Any]]:
    """Each response as Rasa reads it."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((DOMAIN / "responses").glob("*.yml")):
        for name, variants in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items():
            found[name] = variants[0]
    return found


@dataclass
class Result:
    """What one action answered. `replies` are as the person reads them."""

    events: list[dict[str, Any]]
    responses: list[dict[str, Any]]
    replies: list[Reply]

    @property
    def names(self) -> list[str]:
        """The responses of the domain that were used."""
        return [response["response"] for response in self.responses]

    @property
    def text(self) -> str:
        return "\n".join(reply.text for reply in self.replies)

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def next_action(self) -> str | None:
        return next((event["name"] for event in self.events if event["event"] == "followup"), None)


@dataclass
class ActionServer:
    wiring: Wiring
    server: TestServer
    http: aiohttp.ClientSession

    async def post(self, call: dict[str, Any]) -> aiohttp.ClientResponse:
        response = await self.http.post(self.server.make_url("/webhook"), json=call)
        await response.read()
        return response

    async def talk(self, language: str = "fr", timezone: str | None = None) -> Talk:
        """Of a person who has just opened a conversation."""
        conversation = await a_person(self.wiring, language)
        return Talk(self, conversation.id, language, timezone)


@asynccontextmanager
async def serving(wiring: Wiring) -> AsyncIterator[ActionServer]:
    server = TestServer(actions_app(wiring))
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as http:
            yield ActionServer(wiring, server, http)
    finally:
        await server.close()


@dataclass
class Talk:
    """One tracker. `hears` is the person's message; `run` one action; `answers` a message to the open form."""

    server: ActionServer
    conversation_id: str
    language: str
    timezone: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    loop: str | None = None
    latest: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.slots = {name: slot.get("initial_value") for name, slot in domain()["slots"].items()}
        self.slots |= {"language": self.language, "requested_slot": None}

    def hears(
        self, text: str, intent: str = "inform", *entities: Entity, confidence: float = 0.9, **parsed: Any
    ) -> Talk:
        """A message of the person, as the classifier and the extractors would read it; `parsed` is what they add."""
        metadata = {"message_id": "m", "language": self.language, "timezone": self.timezone, "channel": "widget"}
        self.latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": list(entities),
            "metadata": metadata,
            **parsed,
        }
        self.events += [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text}]
        return self

    def takes(self, payload: str) -> Talk:
        """A button: its intent and entities are what it says."""
        found = _BUTTON.fullmatch(payload)
        assert found, payload
        values = yaml.safe_load(found["entities"] or "{}")
        entities = [{"entity": name, "value": value} for name, value in values.items()]
        return self.hears(payload, found["intent"][1:], *entities, confidence=1.0)

    def takes_choice(self, result: Result, title: str) -> Talk:
        """The button of this title, wherever it was offered in the result."""
        offered = {choice.title: choice.payload for reply in result.replies for choice in reply.choices}
        return self.takes(offered[title])

    @property
    def tracker(self) -> dict[str, Any]:
        return {
            "sender_id": self.conversation_id,
            "slots": self.slots,
            "latest_message": self.latest,
            "latest_event_time": 1.0,
            "paused": False,
            "events": self.events,
            "latest_input_channel": "passerelle",
            "latest_action_name": "action_listen",
            "active_loop": {"name": self.loop} if self.loop else {},
            "followup_action": None,
        }

    async def run(self, action: str) -> Result:
        """One action, and what follows at once (FollowupAction, the form it starts)."""
        result = await self._run(action)
        followed = result
        while (following := followed.next_action) not in (None, "action_listen"):
            assert following
            followed = await (self._form(following) if following.endswith("_form") else self._run(following))
            result.events += [event for event in followed.events if event["event"] != "followup"]
            result.responses += followed.responses
            result.replies += followed.replies
        return result

    async def answers(self, text: str, intent: str = "inform", *entities: Entity) -> Result:
        """A typed answer to what the form asks."""
        return await self._answer(self.hears(text, intent, *entities))

    async def chooses(self, payload: str) -> Result:
        return await self._answer(self.takes(payload))

    async def chooses_from(self, result: Result, title: str) -> Result:
        return await self._answer(self.takes_choice(result, title))

    async def _answer(self, talk: Talk) -> Result:
        assert talk.loop, "no form is open"
        validated = await talk._run(f"validate_{talk.loop}")
        if not any(event["event"] == "slot" for event in validated.events):
            return validated
        is_ended = any(e["event"] == "slot" and e["name"] == "requested_slot" for e in validated.events)
        asked = await (talk._end(talk.loop) if is_ended else talk._form(talk.loop))
        return Result(
            validated.events + asked.events, validated.responses + asked.responses, validated.replies + asked.replies
        )

    async def _form(self, form: str) -> Result:
        """Asks the first question without an answer; when none is left, the form's own end."""
        self.loop = form
        for slot in domain()["forms"][form]["required_slots"]:
            if self.slots[slot] is None:
                # Rasa says which slot it will ask only after the question is put.
                asked = await self._run(f"action_ask_{slot}")
                self.slots["requested_slot"] = slot
                return asked
        return await self._end(form)

    async def _end(self, form: str) -> Result:
        self.loop, self.slots["requested_slot"] = None, None
        return await self.run(
            {
                "meeting_form": "action_book_meeting",
                "organisation_form": "action_find_organisation",
                "session_form": "action_register_session",
            }[form]
        )

    async def _run(self, action: str) -> Result:
        response = await self.server.post(
            {"next_action": action, "sender_id": self.conversation_id, "tracker": self.tracker}
        )
        assert response.status == 200, action
        body = await response.json()
        self._apply(body["events"])
        self.events.append({"event": "action", "name": action})
        catalogue = self.server.wiring.catalogue
        replies = [as_read(said, catalogue, self.slots["language"]) for said in body["responses"]]
        return Result(body["events"], body["responses"], replies)

    def _apply(self, events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            match event["event"]:
                case "slot":
                    assert event["name"] in self.slots, event
                    self.slots[event["name"]] = event["value"]
                case "active_loop":
                    self.loop = event["name"]
                case "reset_slots":
                    self.slots = {name: domain()["slots"].get(name, {}).get("initial_value") for name in self.slots}
                case "followup":
                    pass
                case other:
                    raise AssertionError(f"{other} is no event that an action should send")


async def replies_of(
    action: DeskAction, language: str, intent: str, slots: dict[str, Any], told: Entities
) -> list[Reply]:
    """What the action answers to a message of this intent with these slots and entities, without the way over HTTP."""
    message = {
        "text": "?",
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [{"entity": name, "value": value} for name, value in told.items()],
        "metadata": {"language": language},
    }
    dispatcher = CollectingDispatcher()
    tracker = Tracker("conversation", {"language": language, **slots}, message, [], False, None, {}, "action_listen")
    await action.answer(Turn(action.desk, dispatcher, tracker))
    return [as_read(said, action.desk.catalogue, language) for said in dispatcher.messages]


def as_read(said: dict[str, Any], catalogue: Catalogue, language: str) -> Reply:
    """A response as Rasa and our generator fill it: buttons of an action come after those of the domain."""
    if said["response"] is None:
        return reply_from_rasa(said)
    name = said["response"]
    response = domain_responses()[name]
    buttons = [
        # Doubled braces are how Rasa's own filling is told to leave them alone.
        {
            "title": catalogue.translate(f"{name}.button", button["title"], language),
            "payload": button["payload"].replace("{{", "{").replace("}}", "}"),
        }
        for button in response.get("buttons") or ()
    ]
    text = catalogue.translate(name, response["text"], language).format_map(said)
    return reply_from_rasa(
        {"text": text, "buttons": [*buttons, *said.get("buttons", ())], "custom": said.get("custom")}
    )


def entity(name: str, value: str, **more: Any) -> Entity:
    return {"entity": name, "value": value, **more}
