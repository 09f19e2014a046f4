"""What the two programs say to each other, and the few names that several parts share.

Rasa and the app run in environments that cannot import each other's libraries; this file needs neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.messages import Choice, File, Link, Reply

# The path of our input channel in Rasa is /webhooks/passerelle/turn.
RASA_CHANNEL = "passerelle"
TURN_PATH = f"/webhooks/{RASA_CHANNEL}/turn"

# Payloads of buttons that the switchboard itself answers, whoever holds the conversation.
STOP_WAITING = "/stop_waiting"
START = "/start"
# Rasa reads a text that starts so as an intent: only our own buttons may.
PAYLOAD_PREFIX = "/"

# Key of what an action adds to a message for the channels: links, files, topic.
CUSTOM = "passerelle"

EMERGENCY_INTENT = "emergency"
FALLBACK_INTENT = "nlu_fallback"

# What the pipeline adds to a parsed message beside intent and entities, and the actions that answer it
# (bot/rasa_ext/policy.py): the second request of a message, the two intents that it may equally be, the code of the
# language that it is written in when that is none of ours, whether it may tell of a danger.
ALSO_ASKED = "also_asked"
BETWEEN = "between"
OTHER_LANGUAGE = "other_language"
MAYBE_DANGER = "maybe_danger"
OFFER_OTHER_ACTION = "action_offer_other"
ASK_WHICH_ACTION = "action_ask_which"
OTHER_LANGUAGE_ACTION = "action_other_language"
GIVE_NUMBERS_ACTION = "action_give_numbers"


def button_payload(intent: str, **entities: str) -> str:
    """The payload of a button that means the intent, with these entities told: `/ask_sin{"status":"student"}`."""
    return PAYLOAD_PREFIX + intent + (json.dumps(entities, separators=(",", ":")) if entities else "")


def turn_request(
    conversation_id: str, message_id: str, text: str, *, language: str, timezone: str | None, channel: str
) -> dict[str, Any]:
    """The body posted to Rasa for one message of a person."""
    return {
        "sender": conversation_id,
        "message_id": message_id,
        "text": text,
        "metadata": {"message_id": message_id, "language": language, "timezone": timezone, "channel": channel},
    }


def reply_to_json(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "choices": [{"title": choice.title, "payload": choice.payload} for choice in reply.choices],
        "links": [{"title": link.title, "url": link.url} for link in reply.links],
        "files": [{"name": file.name, "url": file.url, "mime": file.mime} for file in reply.files],
        "topic": reply.topic,
    }


def reply_from_json(data: Mapping[str, Any]) -> Reply:
    """The opposite of `reply_to_json`; absent keys are empty. Raises KeyError on a malformed choice, link or file."""
    return Reply(
        text=data.get("text") or "",
        choices=tuple(Choice(c["title"], c["payload"]) for c in data.get("choices") or ()),
        links=tuple(Link(item["title"], item["url"]) for item in data.get("links") or ()),
        files=tuple(File(f["name"], f["url"], f["mime"]) for f in data.get("files") or ()),
        topic=data.get("topic"),
    )


def reply_from_rasa(message: Mapping[str, Any]) -> Reply:
    """A reply from what Rasa's dispatcher collected: text, buttons, and our own part under `custom`."""
    extra = (message.get("custom") or {}).get(CUSTOM) or {}
    return Reply(
        text=message.get("text") or extra.get("text") or "",
        choices=tuple(
            Choice(button["title"], button["payload"])
            for button in [*(message.get("buttons") or ()), *(extra.get("choices") or ())]
        ),
        links=tuple(Link(item["title"], item["url"]) for item in extra.get("links") or ()),
        files=tuple(File(f["name"], f["url"], f["mime"]) for f in extra.get("files") or ()),
        topic=extra.get("topic"),
    )
