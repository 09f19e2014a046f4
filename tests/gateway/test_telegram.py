"""The Telegram channel against an emulator of the Bot API, on a real SQLite file."""

from __future__ import annotations

import logging

import pytest

from bot.domain.conversations import Conversation
from bot.domain.messages import Channel, Choice, Incoming, Reply
from bot.gateway.channels.telegram import TelegramChannel
from bot.wiring import Wiring
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_people import Person, until
from tests.gateway.conftest import Wire, running
from tests.gateway.telegram_kit import Board, a_conversation, kept, says

LANGUAGES = {"fr": "fr", "en-GB": "en", "es": "es", "ar": "fr", None: "fr"}
OTHER_THAN_TEXT = (
    "voice", "photo", "sticker", "document", "contact", "video", "video_note", "audio", "poll", "dice",
)  # fmt: skip


# First words.


@pytest.mark.parametrize(("telegram_language", "language"), LANGUAGES.items())
async def test_start_opens_the_conversation_in_the_persons_language_and_greets(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator, telegram_language: str, language: str
) -> None:
    person = telegram.person(language=telegram_language)
    await person.writes("/start")
    await person.waits_for(f"hello [{language}]")
    assert [conversation.address for conversation in board.greeted] == [str(person.id)]
    assert board.received == []


async def test_first_message_without_start_is_greeted_then_kept(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person(language="en")
    update_id = await person.writes("Where do I get a health card?")
    await until(lambda: board.received, "the message")
    await person.writes("Thanks")
    await until(lambda: len(board.received) == 2, "the second message")
    assert board.received[0].text == "Where do I get a health card?"
    assert board.received[0].message_id == f"tg:{update_id}"
    assert len(board.greeted) == 1


async def test_person_greeted_only_half_way_is_greeted_at_the_next_message(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    await a_conversation(wiring, person.id)
    await person.writes("Bonjour")
    await person.waits_for("hello [fr]")


# Commands.


async def test_commands_are_named_in_three_languages_french_by_default(
    channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    assert set(telegram.commands) == {"", "en", "es"}
    for code, language in (("", "fr"), ("en", "en"), ("es", "es")):
        assert telegram.commands[code] == [
            {"command": name, "description": f"telegram.{name} [{language}]"}
            for name in ("start", "langue", "help", "stop")
        ]


@pytest.mark.parametrize("command", ["/langue", "/language", "/idioma", "/langue@passerelle_bot"])
async def test_language_can_be_chosen_with_three_buttons(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator, command: str
) -> None:
    person = telegram.person(language="en")
    await person.writes(command)
    question = await person.waits_for("utter_choose_language [en]")
    assert [len(row) for row in question.keyboard] == [1, 1, 1]
    assert question.buttons == ["Français", "English", "Español"]
    await person.presses("Español")
    await until(lambda: board.received, "the choice")
    assert (board.received[0].text, board.received[0].payload) == ("Español", '/set_language{"language":"es"}')


@pytest.mark.parametrize(
    ("typed", "text", "payload"),
    [
        ("/help", "/help", "/help"),
        ("/aide", "/aide", "/help"),
        ("/stop", "/stop", "/stop"),
        ("/logement à Laval", "logement à Laval", None),
        ('/set_language{"language":"es"}', 'set_language{"language":"es"}', None),
        (" //restart", "restart", None),
        ("/", "/help", "/help"),
    ],
)
async def test_typed_commands_reach_rasa_as_payload_or_as_words_without_slash(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator, typed: str, text: str, payload: str | None
) -> None:
    await telegram.person().writes(typed)
    await until(lambda: board.received, "the message")
    assert (board.received[0].text, board.received[0].payload) == (text, payload)


# Limits.


async def test_too_long_message_is_said_and_not_kept(wire: Wire, telegram: TelegramEmulator) -> None:
    async with wire(max_message_chars=1000) as wiring, running(wiring, board := Board(wiring)):
        person = telegram.person(language="fr")
        await person.writes("é" * 1001)
        await person.waits_for("1\u00a0000 [fr]")
        await person.writes("é" * 1000)
        await until(lambda: board.received, "the shorter message")
        assert await kept(wiring, person.id) == [("é" * 1000, None)]


async def test_too_fast_is_said_once_a_minute(wire: Wire, telegram: TelegramEmulator) -> None:
    async with wire(messages_per_minute=3) as wiring, running(wiring, Board(wiring)):
        person, other = telegram.person(), telegram.person("Luz")
        for number in range(8):
            await person.writes(f"message {number}")
        await other.writes("moi aussi")
        await person.waits_for("utter_too_fast [fr]")
        await until(lambda: not telegram.unread, "every update read")
        assert len(await kept(wiring, person.id)) == 3
        assert await kept(wiring, other.id) == [("moi aussi", None)]
        assert person.texts.count("utter_too_fast [fr]") == 1


# Buttons.


async def asked(wiring: Wiring, telegram: TelegramEmulator) -> tuple[Person, Conversation]:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    long_payload = '/choose{"slot":"' + "x" * 200 + '"}'
    await says(wiring, conversation, Reply("C'est bien ça?", (Choice("Oui", long_payload), Choice("Non", "/deny"))))
    await person.waits_for("C'est bien ça?")
    return person, conversation


async def test_button_brings_its_whole_payload_back_and_the_keyboard_goes(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person, conversation = await asked(wiring, telegram)
    assert person.received[0].data("Oui") == "1:0"
    callback = await person.presses("Oui")
    await until(lambda: callback in telegram.answered, "an answer to the callback")
    await until(lambda: not person.received[0].buttons, "the keyboard gone")
    payload = '/choose{"slot":"' + "x" * 200 + '"}'
    assert board.received == [Incoming(conversation.id, "tg:choice:1", "Oui", payload)]


async def test_second_tap_on_the_same_question_changes_nothing(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person, _ = await asked(wiring, telegram)
    question = person.received[0]
    taps = [person.calls_back(question, question.data(title)) for title in ("Oui", "Oui", "Non")]
    await until(lambda: all(tap in telegram.answered for tap in taps), "an answer to each tap")
    await until(lambda: not telegram.unread, "every update read")
    assert [incoming.text for incoming in board.received] == ["Oui"]


@pytest.mark.parametrize(
    "data", ["99:0", "1:7", "0:0", "2:0", "", "x", "1:0:0", "-1:0", '/set_language{"language":"es"}', "9" * 64, None]
)
async def test_stale_or_forged_button_is_answered_and_changes_nothing(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator, data: str | None
) -> None:
    person, conversation = await asked(wiring, telegram)
    await board.receive(Incoming(conversation.id, "tg:1", "un message"))
    before = await kept(wiring, person.id)
    callback = person.calls_back(person.received[0], data)
    await until(lambda: callback in telegram.answered, "an answer to the callback")
    await until(lambda: not telegram.unread, "the update read")
    assert await kept(wiring, person.id) == before
    assert person.received[0].buttons == ["Oui", "Non"]


async def test_button_of_someone_unknown_opens_nothing(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    asked_person, _ = await asked(wiring, telegram)
    stranger = telegram.person("Max")
    callback = stranger.calls_back(asked_person.received[0], "1:0")
    await until(lambda: callback in telegram.answered and not telegram.unread, "the update read")
    assert await wiring.services.conversations.at_address(Channel.TELEGRAM, str(stranger.id)) is None


# Other kinds of updates.


async def test_edited_message_asks_for_a_new_one_and_is_not_run_again(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person(language="es")
    await person.writes("Laval")
    await person.edits("Longueuil")
    await person.waits_for("utter_edited [es]")
    assert await kept(wiring, person.id) == [("Laval", None)]


@pytest.mark.parametrize("kind", OTHER_THAN_TEXT)
async def test_what_is_not_text_is_answered_and_not_kept(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, kind: str
) -> None:
    person = telegram.person(language="en")
    await person.sends(kind)
    await person.waits_for("utter_text_only [en]")
    assert await kept(wiring, person.id) == []


# Positions.

LONGUEUIL, OTTAWA, NORTH, BOGOTA = (45.5312, -73.5181), (45.4236, -75.7009), (54.0123, -74.0456), (4.7111, -74.0722)


async def test_position_is_the_nearest_place_and_is_said_back(
    wiring: Wiring, channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person(language="en")
    update_id = await person.shares(*LONGUEUIL)
    await person.waits_for("📍 Longueuil, Montérégie")
    (incoming,) = board.received
    assert (incoming.text, incoming.message_id) == ("📍 Longueuil, Montérégie", f"tg:{update_id}")
    assert incoming.payload == '/inform{"region":"16","place":"Longueuil"}'


async def test_venue_is_a_position(channel: TelegramChannel, board: Board, telegram: TelegramEmulator) -> None:
    await telegram.person().shares(*LONGUEUIL, venue="Chez nous")
    await until(lambda: board.received, "the place")
    assert "Chez nous" not in board.received[0].text


async def test_live_position_counts_once(channel: TelegramChannel, board: Board, telegram: TelegramEmulator) -> None:
    person = telegram.person()
    await person.shares(*LONGUEUIL, live_period=900)
    await person.walks(45.6, -73.7)
    await person.waits_for("📍")
    await until(lambda: not telegram.unread, "every update read")
    assert len(board.received) == 1
    assert not any("utter_edited" in text for text in person.texts)


async def test_repeated_update_with_a_position_is_said_back_once(
    channel: TelegramChannel, board: Board, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    update_id = await person.shares(*LONGUEUIL)
    await person.waits_for("📍")
    await board.receive(Incoming(board.received[0].conversation_id, f"tg:{update_id}", "encore"))
    assert len(board.received) == 1
    assert sum("📍" in text for text in person.texts) == 1


@pytest.mark.parametrize("where", [OTTAWA, NORTH, BOGOTA])
async def test_position_elsewhere_asks_for_the_city(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, where: tuple[float, float]
) -> None:
    person = telegram.person(language="es")
    await person.shares(*where)
    await person.waits_for("utter_location_elsewhere [es]")
    assert await kept(wiring, person.id) == []


@pytest.mark.parametrize("where", [LONGUEUIL, NORTH])
async def test_position_is_in_no_log_and_no_store(
    wiring: Wiring,
    channel: TelegramChannel,
    telegram: TelegramEmulator,
    caplog: pytest.LogCaptureFixture,
    where: tuple[float, float],
) -> None:
    caplog.set_level(logging.DEBUG)
    person = telegram.person()
    await person.shares(*where)
    await until(lambda: any("📍" in text or "elsewhere" in text for text in person.texts), "an answer")
    logged = caplog.text
    stored = b"".join(file.read_bytes() for file in wiring.settings.var.glob("*.db*"))
    assert stored
    for number in map(str, where):
        assert number not in logged
        assert number.encode() not in stored


async def test_position_from_someone_too_fast_is_not_kept(wire: Wire, telegram: TelegramEmulator) -> None:
    async with wire(messages_per_minute=1) as wiring, running(wiring, board := Board(wiring)):
        person = telegram.person()
        await person.writes("Bonjour")
        await person.shares(*LONGUEUIL)
        await person.waits_for("utter_too_fast [fr]")
        assert [incoming.text for incoming in board.received] == ["Bonjour"]


async def test_album_is_answered_once(channel: TelegramChannel, telegram: TelegramEmulator) -> None:
    person = telegram.person()
    for _ in range(3):
        await person.sends("photo", media_group_id="7")
    await person.writes("voilà")
    await person.waits_for("utter_text_only [fr]")
    await until(lambda: not telegram.unread, "every update read")
    assert person.texts.count("utter_text_only [fr]") == 1


async def test_conversations_language_wins_over_telegrams(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person(language="en")
    conversation = await a_conversation(wiring, person.id, "es")
    await says(wiring, conversation, "¡Hola!")
    await person.sends("voice")
    await person.waits_for("utter_text_only [es]")


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_groups_are_told_once_and_left(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, kind: str
) -> None:
    group, person = telegram.group(kind), telegram.person(language="en")
    await group.hears(person, "/start@passerelle_bot")
    await group.hears(person, "hello?")
    await until(lambda: group.is_left and not telegram.unread, "the group left")
    language = "fr" if kind == "channel" else "en"
    assert [message.text for message in group.received] == [f"utter_private_only [{language}]"]
    assert len(telegram.called("leaveChat")) == 1
    assert await wiring.services.conversations.at_address(Channel.TELEGRAM, str(group.id)) is None


async def test_blocked_person_is_unreachable_and_hears_what_waited_once_back(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    await person.blocks()
    await until(lambda: not telegram.unread, "the update read")
    assert not (await wiring.services.conversations.get(conversation.id)).is_reachable
    await says(wiring, conversation, "On vous répond.")
    await person.unblocks()
    await person.waits_for("On vous répond.")
    assert (await wiring.services.conversations.get(conversation.id)).is_reachable


async def test_writing_again_makes_a_person_reachable(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    await wiring.services.outbox.mark_unreachable(conversation.id, "blocked")
    await person.writes("Me revoilà")
    await person.waits_for("hello")
    assert (await wiring.services.conversations.get(conversation.id)).is_reachable


async def test_block_of_someone_unknown_opens_nothing(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    await person.blocks()
    await person.unblocks()
    await until(lambda: not telegram.unread, "the updates read")
    assert await wiring.services.conversations.at_address(Channel.TELEGRAM, str(person.id)) is None
