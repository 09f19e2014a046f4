"""What a person says is kept once, in order, before anything else; what answers it is kept with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversations import HandledBy
from bot.domain.messages import Author, Channel, Choice, File, Incoming, Link, Reply
from bot.services.house import UnknownConversation
from bot.wiring import Wiring
from tests.conftest import Wire
from tests.factories import NOW, a_member_of_staff, a_person, a_team, says, with_teams
from tests.fakes import FakeClock

REPLY = Reply(
    "Voici.",
    choices=(Choice("Oui", "/affirm"),),
    links=(Link("RAMQ", "https://www.ramq.gouv.qc.ca"),),
    files=(File("rencontre.ics", "/files/meetings/k.ics", "text/calendar"),),
    topic="ask_sin",
)


async def test_a_new_address_opens_a_conversation_with_the_assistant(wiring: Wiring) -> None:
    opened = await wiring.services.conversations.open(Channel.WIDGET, "a", "es-CO", "America/Bogota")
    assert opened.is_new
    assert (opened.conversation.language, opened.conversation.timezone) == ("es", "America/Bogota")
    assert opened.conversation.handled_by is HandledBy.ASSISTANT
    assert await wiring.services.conversations.get(opened.conversation.id) == opened.conversation


@pytest.mark.parametrize("language", [None, "", "pt-BR", "ar"])
async def test_a_language_we_do_not_speak_begins_in_french(wiring: Wiring, language: str | None) -> None:
    opened = await wiring.services.conversations.open(Channel.TELEGRAM, "a", language, None)
    assert opened.conversation.language == "fr"


async def test_the_same_address_finds_its_conversation_again(wiring: Wiring) -> None:
    services = wiring.services.conversations
    first = await services.open(Channel.WIDGET, "a", "en", "America/Bogota")
    again = await services.open(Channel.WIDGET, "a", "fr", None)
    assert not again.is_new
    assert again.conversation == first.conversation
    assert await services.at_address(Channel.WIDGET, "a") == first.conversation
    assert await services.at_address(Channel.TELEGRAM, "a") is None


async def test_someone_who_has_travelled_or_come_back_is_brought_up_to_date(wiring: Wiring) -> None:
    services = wiring.services
    first = (await services.conversations.open(Channel.TELEGRAM, "a", "fr", "America/Bogota")).conversation
    await services.outbox.mark_unreachable(first.id, "blocked")
    again = (await services.conversations.open(Channel.TELEGRAM, "a", "fr", "America/Toronto")).conversation
    assert again == replace(first, timezone="America/Toronto", is_reachable=True)
    assert await services.conversations.get(first.id) == again


async def test_an_address_opened_by_many_at_once_has_one_conversation(wiring: Wiring) -> None:
    services = wiring.services.conversations
    opened = await asyncio.gather(*(services.open(Channel.TELEGRAM, "a", "fr", None) for _ in range(15)))
    assert len({each.conversation.id for each in opened}) == 1
    assert sum(each.is_new for each in opened) == 1


async def test_an_unknown_conversation_is_refused_everywhere(wiring: Wiring) -> None:
    services = wiring.services.conversations
    message = replace((await services.receive(Incoming((await a_person(wiring)).id, "m", "a"))).message,
                      conversation_id="nobody")  # fmt: skip
    for refused in (
        services.get("nobody"),
        services.receive(Incoming("nobody", "m", "a")),
        services.tell("nobody", [REPLY]),
        services.route(message),
        services.answer(message, [REPLY], None),
    ):
        with pytest.raises(UnknownConversation):
            await refused
    assert await services.messages_after("nobody", 0) == []


async def test_a_message_received_twice_is_kept_once(wiring: Wiring) -> None:
    person = await a_person(wiring)
    services = wiring.services.conversations
    first = await services.receive(Incoming(person.id, "m-1", "Bonjour"))
    again = await services.receive(Incoming(person.id, "m-1", "Bonjour"))
    assert (first.is_new, again.is_new) == (True, False)
    assert again.message == first.message
    assert await services.messages_after(person.id, 0) == [first.message]
    assert first.message.at == NOW


async def test_a_message_received_by_many_at_once_is_kept_once(wiring: Wiring) -> None:
    person = await a_person(wiring)
    incoming = Incoming(person.id, "m-1", "Bonjour")
    received = await asyncio.gather(*(wiring.services.conversations.receive(incoming) for _ in range(15)))
    assert sum(each.is_new for each in received) == 1
    assert len(await wiring.services.conversations.messages_after(person.id, 0)) == 1


async def test_two_people_may_use_the_same_message_id(wiring: Wiring) -> None:
    for _ in range(2):
        person = await a_person(wiring)
        assert (await wiring.services.conversations.receive(Incoming(person.id, "m-1", "a"))).is_new


async def test_twenty_messages_at_once_are_numbered_without_a_gap(wiring: Wiring) -> None:
    person = await a_person(wiring)
    received = await asyncio.gather(*(says(wiring, person, f"message {n}") for n in range(20)))
    assert sorted(message.seq for message in received) == list(range(1, 21))
    kept = await wiring.services.conversations.messages_after(person.id, 0)
    assert [message.seq for message in kept] == list(range(1, 21))
    assert sorted(message.text for message in kept) == sorted(f"message {n}" for n in range(20))
    assert (await wiring.services.conversations.get(person.id)).last_seq == 20


@pytest.mark.parametrize("text", ["Ça va? 😀 ‘’ ñ", "a\x00b", "demi \ud83d caractère", "'; DROP TABLE messages; --"])
async def test_whatever_is_said_is_kept(wiring: Wiring, text: str) -> None:
    person = await a_person(wiring)
    message = await says(wiring, person, text)
    [kept] = await wiring.services.conversations.messages_after(person.id, 0)
    assert kept == message
    assert kept.text == text.replace("\x00", "").replace("\ud83d", "")


async def test_a_choice_is_kept_with_its_payload(wiring: Wiring) -> None:
    person = await a_person(wiring)
    services = wiring.services.conversations
    kept = await services.receive(Incoming(person.id, "m", "Oui", "/affirm"))
    assert (kept.message.text, kept.message.payload) == ("Oui", "/affirm")


async def test_only_buttons_that_were_shown_were_offered(wiring: Wiring) -> None:
    person, other = await a_person(wiring), await a_person(wiring)
    services = wiring.services.conversations
    await services.tell(person.id, [REPLY])
    assert await services.was_offered(person.id, "/affirm")
    assert not await services.was_offered(person.id, "/deny")
    assert not await services.was_offered(other.id, "/affirm")


async def test_an_answer_settles_its_message_once(wiring: Wiring) -> None:
    person = await a_person(wiring)
    message = await says(wiring, person)
    services = wiring.services.conversations
    assert await services.pending(person.id) == [message]
    assert await services.answer(message, [REPLY, Reply("Et aussi.")], None)
    assert not await services.answer(message, [REPLY], None)
    assert await services.pending(person.id) == []
    said = await services.messages_after(person.id, message.seq)
    assert [(m.seq, m.author, m.reply) for m in said] == [
        (2, Author.ASSISTANT, REPLY),
        (3, Author.ASSISTANT, Reply("Et aussi.")),
    ]


async def test_of_two_answers_at_once_one_is_said(wiring: Wiring) -> None:
    person = await a_person(wiring)
    message = await says(wiring, person)
    services = wiring.services.conversations
    answered = await asyncio.gather(*(services.answer(message, [Reply(f"{n}")], None) for n in range(8)))
    assert sum(answered) == 1
    assert len(await services.messages_after(person.id, message.seq)) == 1


async def test_an_answer_in_another_language_changes_the_conversations(wiring: Wiring) -> None:
    person = await a_person(wiring, "fr")
    services = wiring.services.conversations
    await services.answer(await says(wiring, person, "Hola"), [Reply("Hola")], "es")
    assert (await services.get(person.id)).language == "es"
    await services.answer(await says(wiring, person, "?"), [Reply("¿Sí?")], "xx")
    assert (await services.get(person.id)).language == "es"
    assert [m.language for m in await services.messages_after(person.id, 0)] == ["fr", "es", "es", "es"]


async def test_the_assistant_deals_with_a_message_until_a_person_does(wiring: Wiring) -> None:
    await with_teams(wiring.house, a_team())
    person, staff = await a_person(wiring), await a_member_of_staff(wiring)
    services = wiring.services.conversations
    message = await says(wiring, person)
    assert await services.route(message) is HandledBy.ASSISTANT
    assert await services.pending(person.id) == [message]

    await wiring.services.handoffs.ask(person.id, None)
    assert await services.route(message) is HandledBy.WAITING
    assert await services.pending(person.id) == []

    await wiring.services.handoffs.take(person.id, staff.id)
    later = await says(wiring, person)
    assert await services.route(later) is HandledBy.STAFF
    assert await services.pending(person.id) == []
    assert not await services.answer(later, [REPLY], None)


async def test_a_message_may_need_no_answer(wiring: Wiring) -> None:
    person = await a_person(wiring)
    await wiring.services.conversations.settle(await says(wiring, person))
    assert await wiring.services.conversations.pending(person.id) == []


async def test_those_who_wait_longest_are_found_first_after_a_restart(wire: Wire, clock: FakeClock) -> None:
    async with wire() as wiring:
        someone = [await a_person(wiring) for _ in range(3)]
        for person in (someone[2], someone[0]):
            await says(wiring, person)
            clock.move(timedelta(seconds=1))
        await says(wiring, someone[2])
    async with wire() as wiring:
        assert await wiring.services.conversations.with_pending() == [someone[2].id, someone[0].id]
        assert [m.seq for m in await wiring.services.conversations.pending(someone[2].id)] == [1, 2]


async def test_a_notice_is_said_in_the_conversations_language(wiring: Wiring) -> None:
    person = await a_person(wiring, "en")
    services = wiring.services.conversations
    await services.tell(person.id, [REPLY])
    await services.set_language(person.id, "es")
    await services.tell(person.id, [REPLY], Author.ASSISTANT)
    said = await services.messages_after(person.id, 0)
    assert [(m.author, m.language, m.reply) for m in said] == [
        (Author.SYSTEM, "en", REPLY),
        (Author.ASSISTANT, "es", REPLY),
    ]
    assert await services.messages_after(person.id, 1) == said[1:]


async def test_whoever_listens_is_told_of_what_is_new(wiring: Wiring) -> None:
    person = await a_person(wiring)
    services = wiring.services.conversations
    with wiring.bell.listen(person.id) as ear:
        for change in (says(wiring, person), services.tell(person.id, [REPLY])):
            await change
            async with asyncio.timeout(5):
                await ear.wait(60)
