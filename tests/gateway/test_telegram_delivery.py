"""What the courier and the Telegram channel make people see, through an emulator of the Bot API."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.messages import Choice, File, Link, Reply
from bot.gateway.channels.telegram import TelegramChannel
from bot.gateway.channels.telegram_format import MAX_CHARS, bubbles
from bot.gateway.channels.telegram_limits import Pace
from bot.gateway.courier import Later
from bot.services import outbox as outbox_module
from bot.wiring import Wiring
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_people import Person, until
from tests.gateway.conftest import Wire, running
from tests.gateway.telegram_kit import Board, a_conversation, says
from tests.gateway.test_courier import settled, states

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def more_than(people: list[Person], count: int) -> bool:
    return sum(len(person.received) for person in people) > count


# What is seen.


async def test_bold_links_and_buttons_are_shown(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    reply = Reply(
        "**Quand :** 1 < 2 & <b>après</b> l'arrivée",
        choices=(Choice("Réserver", "/book"), Choice("Plus tard", "/later")),
        links=(Link("RAMQ <officiel>", "https://ramq.gouv.qc.ca/?a=1&b=2"),),
    )
    await says(wiring, await a_conversation(wiring, person.id), reply)
    seen = await person.waits_for(1)
    assert seen.text == "Quand : 1 < 2 & <b>après</b> l'arrivée\nRAMQ <officiel>"
    assert seen.marked("bold") == ["Quand :"]
    assert seen.marked("text_link") == ["RAMQ <officiel>"]
    assert seen.entities[-1]["url"] == "https://ramq.gouv.qc.ca/?a=1&b=2"
    assert [[button["text"] for button in row] for row in seen.keyboard] == [["Réserver"], ["Plus tard"]]


async def test_long_text_is_cut_at_line_breaks_with_the_buttons_last(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    lines = [f"{number:03} **{'é' * 60}** 🍁" for number in range(150)]
    await says(wiring, await a_conversation(wiring, person.id), Reply("\n".join(lines), (Choice("Oui", "/affirm"),)))
    last = await person.waits_for(lambda message: message.buttons)
    assert len(person.received) == 3
    assert "\n".join(person.texts).split("\n") == [line.replace("**", "") for line in lines]
    assert last is person.received[-1]


@pytest.mark.parametrize(
    "text", ["a" * 9000, "🍁" * 5000, "mot " * 3000, "<&>" * 3000, "\n" * 5000 + "fin", "*" * 9000]
)
def test_no_bubble_is_over_telegrams_limit_and_nothing_is_lost(text: str) -> None:
    made = bubbles(Reply(text))
    assert all(len(bubble.plain.encode("utf-16-le")) // 2 <= MAX_CHARS for bubble in made)
    assert "".join("".join(bubble.plain.split()) for bubble in made) == "".join(text.split())


def test_links_that_telegram_cannot_open_are_shown_by_their_title() -> None:
    reply = Reply("", links=(Link("811", "tel:811"), Link("Avis", "/notice")))
    assert [bubble.html for bubble in bubbles(reply)] == ["811\nAvis"]
    there = bubbles(reply, "https://passerelle.example/")[0]
    assert there.html == '811\n<a href="https://passerelle.example/notice">Avis</a>'


def test_buttons_without_words_still_have_a_bubble() -> None:
    assert [bubble.plain for bubble in bubbles(Reply("", (Choice("Oui", "/affirm"),)))] == ["…"]
    assert bubbles(Reply(" ")) == []


async def test_calendar_file_is_sent_as_a_document(wiring: Wiring, board: Board, telegram: TelegramEmulator) -> None:
    async def read_file(url: str) -> bytes | None:
        return ICS if url == "/files/meetings/k.ics" else None

    files = (File("rendez-vous.ics", "/files/meetings/k.ics", "text/calendar"), File("x.ics", "/gone", "text/calendar"))
    person = telegram.person()
    async with running(wiring, board, read_file):
        conversation = await a_conversation(wiring, person.id)
        await says(wiring, conversation, Reply("C'est réservé.", files=files))
        await settled(wiring, conversation, ["delivered"])
    assert person.texts == ["C'est réservé.", ""]
    document = person.received[1].document
    assert document is not None
    assert (document.name, document.mime, document.content) == ("rendez-vous.ics", "text/calendar", ICS)


# When Telegram says no.


async def test_refusal_of_the_html_is_sent_again_as_plain_text(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    telegram.fails("sendMessage", 400, "Bad Request: can't parse entities")
    await says(
        wiring, await a_conversation(wiring, person.id), Reply("**Oui** & non", links=(Link("A", "https://a.ca"),))
    )
    seen = await person.waits_for(1)
    assert (seen.text, seen.entities) == ("Oui & non\nA — https://a.ca", [])
    assert len(telegram.called("sendMessage")) == 2


async def test_message_refused_twice_is_given_up_and_the_next_goes(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    telegram.fails("sendMessage", 400, "Bad Request: message is bad", times=2)
    await says(wiring, conversation, "mauvais", "bon")
    await person.waits_for("bon")
    await settled(wiring, conversation, ["failed", "delivered"])
    assert "mauvais" not in caplog.text


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (403, "Forbidden: user is deactivated"),
     (400, "Bad Request: chat not found")],
)  # fmt: skip
async def test_person_who_cannot_be_reached_is_left_alone(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, status: int, description: str
) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    telegram.fails("sendMessage", status, description)
    await says(wiring, conversation, "un", "deux")
    await settled(wiring, conversation, ["failed", "failed"])
    assert len(telegram.called("sendMessage")) == 1
    assert not (await wiring.services.conversations.get(conversation.id)).is_reachable


@pytest.mark.parametrize("problem", ["500", "502", "dropped", "token"])
async def test_failing_network_loses_and_disorders_nothing(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator, problem: str
) -> None:
    person = telegram.person()
    if problem == "dropped":
        telegram.drops("sendMessage")
    else:
        telegram.fails("sendMessage", {"500": 500, "502": 502, "token": 401}[problem])
    conversation = await a_conversation(wiring, person.id)
    await says(wiring, conversation, "un", "deux")
    await settled(wiring, conversation, ["delivered"] * 2)
    assert person.texts == ["un", "deux"]


async def test_lost_answer_is_the_one_thing_that_doubles(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    telegram.drops("sendMessage", after=True)
    conversation = await a_conversation(wiring, person.id)
    await says(wiring, conversation, "un", "deux")
    await settled(wiring, conversation, ["delivered"] * 2)
    assert person.texts == ["un", "un", "deux"]


async def test_flood_answer_is_obeyed(wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator) -> None:
    person, other = telegram.person(), telegram.person("Luz")
    telegram.fails("sendMessage", retry_after=1, chat=person.id)
    conversation = await a_conversation(wiring, person.id)
    await says(wiring, conversation, "un")
    await telegram.waits_for("sendMessage")
    refused = time.monotonic()
    await says(wiring, await a_conversation(wiring, other.id), "pour Luz")
    await other.waits_for(1, 0.8)
    await person.waits_for(1)
    assert time.monotonic() - refused >= 1
    assert person.texts == ["un"]


async def test_long_message_stopped_half_way_goes_on_where_it_stopped(
    wiring: Wiring, channel: TelegramChannel, telegram: TelegramEmulator
) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    telegram.fails("sendMessage", 500)
    await says(wiring, conversation, "a" * 4000 + "\n" + "b" * 4000)
    await person.waits_for(1)
    telegram.fails("sendMessage", 500)
    await settled(wiring, conversation, ["delivered"])
    assert [text[0] for text in person.texts] == ["a", "b"]


async def test_stopping_and_starting_in_full_flow_doubles_nothing(wire: Wire, telegram: TelegramEmulator) -> None:
    people = [telegram.person(f"P{number}") for number in range(12)]
    async with wire() as wiring:
        for person in people:
            await says(wiring, await a_conversation(wiring, person.id), "un", "deux", "trois")
        for _ in range(4):
            before = sum(len(person.received) for person in people)
            async with running(wiring, Board(wiring)):
                await until(partial(more_than, people, before), "some more")
        async with running(wiring, Board(wiring)):
            for person in people:
                await person.waits_for(3)
            await settled(wiring, await a_conversation(wiring, people[-1].id), ["delivered"] * 3)
    assert [person.texts for person in people] == [["un", "deux", "trois"]] * 12


async def test_what_a_dead_courier_had_claimed_is_delivered_by_the_next(
    wiring: Wiring, telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = telegram.person()
    await says(wiring, await a_conversation(wiring, person.id), "un", "deux")
    monkeypatch.setattr(outbox_module, "CLAIM", timedelta(seconds=0.3))
    assert len(await wiring.services.outbox.claim()) == 1  # and then it died
    async with running(wiring, Board(wiring)):
        await person.waits_for(2)
    assert person.texts == ["un", "deux"]


async def test_courier_alone_delivers_without_listening(wiring: Wiring, telegram: TelegramEmulator) -> None:
    person = telegram.person()
    conversation = await a_conversation(wiring, person.id)
    await says(wiring, conversation, "Bonjour")
    sender = TelegramChannel(wiring, None)
    (delivery,) = await wiring.services.outbox.claim()
    await sender.deliver(delivery)
    await sender.stop()
    assert person.texts == ["Bonjour"]
    assert [call.method for call in telegram.calls] == ["sendMessage"]
    assert await states(wiring, conversation) == ["due"]


# Our own limits.


async def test_one_chat_gets_three_at_once_then_one_a_second() -> None:
    pace, began = Pace(), time.monotonic()
    for _ in range(3):
        await pace.turn(1)
    assert time.monotonic() - began < 0.2
    await pace.turn(2)
    assert time.monotonic() - began < 0.4
    await pace.turn(1)
    assert 0.9 < time.monotonic() - began < 1.5


async def test_all_chats_together_stay_under_thirty_a_second() -> None:
    pace, times = Pace(), []
    for chat in range(40):
        await pace.turn(chat)
        times.append(time.monotonic())
    assert max(sum(at <= t < at + 1 for t in times) for at in times) <= 30
    assert times[-1] - times[0] < 1.8


async def test_silence_is_for_one_chat_then_for_all_when_a_second_is_told() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    pace.silence(1, 5)
    with pytest.raises(Later) as silent:
        await pace.turn(1)
    assert silent.value.seconds == 5
    await pace.turn(2)
    pace.silence(2, 3)
    with pytest.raises(Later):
        await pace.turn(3)
    now[0] += 4
    await pace.turn(3)
    with pytest.raises(Later):
        await pace.turn(1)
    now[0] += 2
    await pace.turn(1)


async def test_telegram_that_counts_never_has_to_refuse(wire: Wire) -> None:
    async with TelegramEmulator(limits=True) as strict, wire(telegram_api_url=strict.url) as wiring:
        people = [strict.person(f"P{number}") for number in range(45)]
        for person in people:
            await says(wiring, await a_conversation(wiring, person.id), "un")
        async with running(wiring, Board(wiring)):
            for person in people:
                await person.waits_for(1)
        assert len(strict.called("sendMessage")) == 45
