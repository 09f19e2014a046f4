"""A person asks for a human; one member of staff answers; the assistant takes over again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.conversations import Conversation, HandledBy
from bot.domain.handoffs import HandoffState
from bot.domain.messages import Author
from bot.domain.staff import Account
from bot.services.handoffs import (
    MAX_REPLY_CHARS,
    AlreadyTaken,
    EmptyReply,
    HandoffAlreadyClosed,
    NoTeam,
    ReplyTooLong,
)
from bot.services.house import UnknownConversation
from bot.wiring import Wiring
from tests.factories import NOW, a_member_of_staff, a_person, a_team, montreal, says, with_teams
from tests.fakes import FakeClock

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    await with_teams(wiring.house, a_team())
    return await a_person(wiring)


@pytest.fixture
async def marie(wiring: Wiring) -> Account:
    return await a_member_of_staff(wiring, "Marie")


@pytest.fixture
async def luis(wiring: Wiring) -> Account:
    return await a_member_of_staff(wiring, "Luis")


async def held_by(wiring: Wiring, conversation: Conversation) -> HandledBy:
    return (await wiring.services.conversations.get(conversation.id)).handled_by


async def said(wiring: Wiring, conversation: Conversation, author: Author) -> list[str]:
    messages = await wiring.services.conversations.messages_after(conversation.id, 0)
    return [message.text for message in messages if message.author is author]


async def test_asking_opens_a_hand_over(wiring: Wiring, person: Conversation) -> None:
    asked = await wiring.services.handoffs.ask(person.id, "06")
    assert asked.is_new
    assert asked.back_at is None
    assert asked.handoff.state is HandoffState.WAITING
    assert asked.handoff.asked_at == NOW
    assert await held_by(wiring, person) is HandledBy.WAITING
    assert await wiring.services.handoffs.current(person.id) == asked.handoff


async def test_asking_twice_is_asking_once(wiring: Wiring, person: Conversation) -> None:
    first = await wiring.services.handoffs.ask(person.id, None)
    again = await wiring.services.handoffs.ask(person.id, None)
    assert not again.is_new
    assert again.handoff == first.handoff


async def test_asking_many_times_at_once_is_asking_once(wiring: Wiring, person: Conversation) -> None:
    asked = await asyncio.gather(*(wiring.services.handoffs.ask(person.id, None) for _ in range(10)))
    assert sum(each.is_new for each in asked) == 1
    assert len({each.handoff.id for each in asked}) == 1
    assert len(await wiring.services.handoffs.desk()) == 1


async def test_the_regions_own_team_is_asked_before_quebecs(wiring: Wiring, person: Conversation) -> None:
    await with_teams(wiring.house, a_team("03"))
    assert (await wiring.services.handoffs.ask(person.id, "03")).handoff.team == a_team("03")
    other = await a_person(wiring)
    assert (await wiring.services.handoffs.ask(other.id, "09")).handoff.team == a_team()
    unknown = await a_person(wiring)
    assert (await wiring.services.handoffs.ask(unknown.id, None)).handoff.team == a_team()


async def test_without_a_team_nothing_is_opened(wiring: Wiring) -> None:
    person = await a_person(wiring)
    await with_teams(wiring.house, a_team("03"))
    with pytest.raises(NoTeam):
        await wiring.services.handoffs.ask(person.id, "06")
    assert await held_by(wiring, person) is HandledBy.ASSISTANT
    assert await wiring.services.handoffs.current(person.id) is None


async def test_outside_hours_the_person_is_told_when_the_team_is_back(
    wiring: Wiring, person: Conversation, clock: FakeClock
) -> None:
    clock.set(montreal("2026-12-04 20:00"))
    assert (await wiring.services.handoffs.ask(person.id, None)).back_at == montreal("2026-12-07 09:00")


async def test_an_unknown_conversation_is_refused(wiring: Wiring, marie: Account) -> None:
    handoffs = wiring.services.handoffs
    for refused in (
        handoffs.ask("nobody", None),
        handoffs.leave("nobody"),
        handoffs.take("nobody", marie.id),
        handoffs.reply("nobody", marie.id, "a", "r"),
        handoffs.close("nobody", marie.id),
        handoffs.open_conversation("nobody"),
    ):
        with pytest.raises(UnknownConversation):
            await refused


async def test_taking_gives_the_conversation_and_tells_the_person(
    wiring: Wiring, person: Conversation, marie: Account
) -> None:
    await wiring.services.handoffs.ask(person.id, None)
    taken = await wiring.services.handoffs.take(person.id, marie.id)
    assert (taken.state, taken.staff_id, taken.staff_name) == (HandoffState.TAKEN, marie.id, "Marie")
    assert await held_by(wiring, person) is HandledBy.STAFF
    [hello] = await said(wiring, person, Author.SYSTEM)
    assert "Marie" in hello
    assert taken.team.name in hello


async def test_taking_twice_is_taking_once(wiring: Wiring, person: Conversation, marie: Account) -> None:
    await wiring.services.handoffs.ask(person.id, None)
    first = await wiring.services.handoffs.take(person.id, marie.id)
    assert await wiring.services.handoffs.take(person.id, marie.id) == first
    assert len(await said(wiring, person, Author.SYSTEM)) == 1


async def test_the_second_to_take_is_told_who_was_first(
    wiring: Wiring, person: Conversation, marie: Account, luis: Account
) -> None:
    await wiring.services.handoffs.ask(person.id, None)
    await wiring.services.handoffs.take(person.id, marie.id)
    with pytest.raises(AlreadyTaken) as refused:
        await wiring.services.handoffs.take(person.id, luis.id)
    assert refused.value.staff_name == "Marie"


async def test_of_many_who_take_at_once_one_does_and_the_others_are_told_who(
    wiring: Wiring, person: Conversation
) -> None:
    staff = [await a_member_of_staff(wiring, f"Staff{n}") for n in range(8)]
    await wiring.services.handoffs.ask(person.id, None)
    results = await asyncio.gather(
        *(wiring.services.handoffs.take(person.id, each.id) for each in staff), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, AlreadyTaken)]
    [taken] = [result for result in results if not isinstance(result, BaseException)]
    assert len(refused) == len(staff) - 1
    assert {each.staff_name for each in refused} == {taken.staff_name}
    assert len(await said(wiring, person, Author.SYSTEM)) == 1


async def test_a_reply_is_said_once_for_each_form(wiring: Wiring, person: Conversation, marie: Account) -> None:
    await wiring.services.handoffs.ask(person.id, None)
    await wiring.services.handoffs.take(person.id, marie.id)
    sent = await asyncio.gather(
        *(wiring.services.handoffs.reply(person.id, marie.id, " Bonjour! ", "form-1") for _ in range(5))
    )
    assert len({message.seq for message in sent}) == 1
    await wiring.services.handoffs.reply(person.id, marie.id, "Bonjour!", "form-2")
    assert await said(wiring, person, Author.STAFF) == ["Bonjour!", "Bonjour!"]


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00"])
async def test_an_empty_reply_is_refused(wiring: Wiring, person: Conversation, marie: Account, text: str) -> None:
    with pytest.raises(EmptyReply):
        await wiring.services.handoffs.reply(person.id, marie.id, text, "form-1")


async def test_a_reply_has_a_greatest_length(wiring: Wiring, person: Conversation, marie: Account) -> None:
    await wiring.services.handoffs.ask(person.id, None)
    await wiring.services.handoffs.take(person.id, marie.id)
    longest = "a" * MAX_REPLY_CHARS
    assert (await wiring.services.handoffs.reply(person.id, marie.id, longest, "form-1")).text == longest
    with pytest.raises(ReplyTooLong) as refused:
        await wiring.services.handoffs.reply(person.id, marie.id, longest + "a", "form-2")
    assert refused.value.limit == MAX_REPLY_CHARS


async def test_only_who_took_it_may_reply_or_close(
    wiring: Wiring, person: Conversation, marie: Account, luis: Account
) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    for refused in (handoffs.reply(person.id, luis.id, "a", "r"), handoffs.close(person.id, luis.id)):
        with pytest.raises(AlreadyTaken) as nobody:
            await refused
        assert nobody.value.staff_name is None
    await handoffs.take(person.id, marie.id)
    for refused in (handoffs.reply(person.id, luis.id, "a", "r"), handoffs.close(person.id, luis.id)):
        with pytest.raises(AlreadyTaken) as somebody:
            await refused
        assert somebody.value.staff_name == "Marie"
    assert await said(wiring, person, Author.STAFF) == []
    assert await held_by(wiring, person) is HandledBy.STAFF


async def test_closing_gives_the_conversation_back_and_tells_the_person(
    wiring: Wiring, person: Conversation, marie: Account
) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    await handoffs.take(person.id, marie.id)
    await handoffs.close(person.id, marie.id)
    assert await held_by(wiring, person) is HandledBy.ASSISTANT
    assert await handoffs.current(person.id) is None
    assert await handoffs.desk() == []
    assert "Marie" in (await said(wiring, person, Author.SYSTEM))[-1]


async def test_nothing_can_be_done_in_a_closed_hand_over(wiring: Wiring, person: Conversation, marie: Account) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    await handoffs.take(person.id, marie.id)
    await handoffs.close(person.id, marie.id)
    for refused in (
        handoffs.take(person.id, marie.id),
        handoffs.reply(person.id, marie.id, "a", "r"),
        handoffs.close(person.id, marie.id),
    ):
        with pytest.raises(HandoffAlreadyClosed):
            await refused


async def test_a_person_may_ask_again_after_it_was_closed(wiring: Wiring, person: Conversation, marie: Account) -> None:
    handoffs = wiring.services.handoffs
    first = await handoffs.ask(person.id, None)
    await handoffs.take(person.id, marie.id)
    await handoffs.close(person.id, marie.id)
    again = await handoffs.ask(person.id, None)
    assert again.is_new
    assert again.handoff.id != first.handoff.id


@pytest.mark.parametrize("is_taken", [False, True])
async def test_a_person_may_leave_at_any_time(
    wiring: Wiring, person: Conversation, marie: Account, is_taken: bool
) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    if is_taken:
        await handoffs.take(person.id, marie.id)
    assert await handoffs.leave(person.id)
    assert not await handoffs.leave(person.id)
    assert await held_by(wiring, person) is HandledBy.ASSISTANT
    assert len(await said(wiring, person, Author.SYSTEM)) == 1 + is_taken
    with pytest.raises(HandoffAlreadyClosed):
        await handoffs.reply(person.id, marie.id, "a", "r")


async def test_who_leaves_while_staff_takes_is_in_one_state(
    wiring: Wiring, person: Conversation, marie: Account
) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    left, taken = await asyncio.gather(
        handoffs.leave(person.id), handoffs.take(person.id, marie.id), return_exceptions=True
    )
    assert left is True
    assert not isinstance(taken, BaseException) or isinstance(taken, HandoffAlreadyClosed)
    assert await held_by(wiring, person) is HandledBy.ASSISTANT
    assert await handoffs.current(person.id) is None


async def test_a_danger_makes_the_hand_over_urgent(wiring: Wiring, person: Conversation) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.mark_urgent(person.id)  # nothing is open: nothing happens
    await handoffs.ask(person.id, None)
    await handoffs.mark_urgent(person.id)
    current = await handoffs.current(person.id)
    assert current is not None
    assert current.is_urgent


async def test_asking_again_in_a_danger_makes_it_urgent(wiring: Wiring, person: Conversation) -> None:
    handoffs = wiring.services.handoffs
    await handoffs.ask(person.id, None)
    assert (await handoffs.ask(person.id, None, is_urgent=True)).handoff.is_urgent
    assert (await handoffs.ask(person.id, None)).handoff.is_urgent
    assert await handoffs.current(person.id) == (await handoffs.ask(person.id, None)).handoff


async def test_the_desk_shows_urgent_ones_then_the_oldest_then_those_taken(
    wiring: Wiring, person: Conversation, marie: Account, clock: FakeClock
) -> None:
    handoffs = wiring.services.handoffs
    taken, oldest, newest, urgent = [await a_person(wiring) for _ in range(4)]
    for conversation in (taken, oldest, newest, urgent):
        clock.move(timedelta(minutes=1))
        await says(wiring, conversation, f"de {conversation.id}")
        await handoffs.ask(conversation.id, None, is_urgent=conversation is urgent)
    await handoffs.take(taken.id, marie.id)
    desk = await handoffs.desk()
    assert [line.conversation.id for line in desk] == [urgent.id, oldest.id, newest.id, taken.id]
    assert [line.last.text for line in desk[:3] if line.last] == [f"de {c.id}" for c in (urgent, oldest, newest)]
    assert desk[3].handoff.staff_name == "Marie"


async def test_an_open_conversation_is_shown_from_a_message_on(wiring: Wiring, person: Conversation) -> None:
    for text in ("un", "deux", "trois"):
        await says(wiring, person, text)
    shown = await wiring.services.handoffs.open_conversation(person.id, after=1)
    assert [message.text for message in shown.messages] == ["deux", "trois"]
    assert shown.handoff is None
    asked = await wiring.services.handoffs.ask(person.id, None)
    assert (await wiring.services.handoffs.open_conversation(person.id)).handoff == asked.handoff
