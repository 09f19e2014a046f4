"""The widget's protocol over real sockets, on a real database."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.domain.messages import Author, Choice, Reply
from tests.factories import a_member_of_staff, a_team, with_teams
from tests.gateway.fake_rasa import Answer, FakeRasa, Hang, Refuse, Say, says
from tests.gateway.widget_kit import Frame, Gateway, Visitor, both, database_held, gateway, types

LANGUAGES = ("fr", "en", "es")


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    async with FakeRasa() as rasa:
        yield rasa


@pytest.fixture
async def door(tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path, rasa) as door:
        yield door


class TestHello:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_new_person_is_welcomed_and_greeted_in_their_language(self, door: Gateway, language: str) -> None:
        visitor = await door.connect()
        welcome = await visitor.hello(language)
        greeting = await visitor.until("message", seq=2)
        assert welcome == {
            "type": "welcome",
            "token": visitor.token,
            "language": language,
            "handled_by": "assistant",
        }
        assert types(greeting) == ["message", "message"]
        assert [frame["seq"] for frame in greeting] == [1, 2]
        assert greeting[0]["text"] == door.sentence("utter_greet", language)
        assert greeting[1]["text"] == door.sentence("utter_notice", language, org="Passerelle")
        assert [choice["title"] for choice in greeting[1]["choices"]] == ["Français", "English", "Español"]

    async def test_greeting_is_said_once(self, door: Gateway) -> None:
        first = await door.visitor()
        again = await door.visitor(token=first.token, after=2)
        await again.ask("bonjour")
        assert again.said == ["bonjour", "echo: bonjour"]
        assert len(await door.kept_of(again, Author.SYSTEM)) == 2

    async def test_a_language_we_do_not_speak_is_french(self, door: Gateway) -> None:
        assert (await door.visitor("pt-BR")).welcome["language"] == "fr"

    async def test_the_browser_says_the_language_when_hello_does_not(self, door: Gateway) -> None:
        visitor = await door.connect(headers={"Accept-Language": "pt, es-MX;q=0.8"})
        assert (await visitor.hello(language=None))["language"] == "es"  # type: ignore[arg-type]

    async def test_unknown_token_opens_a_new_conversation(self, door: Gateway) -> None:
        visitor = await door.visitor(token="forgotten", after=41)
        greeting = await visitor.until("message", seq=2)
        assert visitor.token != "forgotten"
        assert [frame["seq"] for frame in greeting] == [1, 2]

    async def test_token_itself_is_not_kept(self, door: Gateway, tmp_path: Path) -> None:
        visitor = await door.visitor()
        assert visitor.token
        assert visitor.token not in (await door.conversation(visitor)).address

    @pytest.mark.parametrize(
        "field",
        [
            {"token": "jeton-é"},
            {"token": "\ud800"},
            {"token": "x" * 5000},
            {"token": 7},
            {"after": -1},
            {"after": "3"},
            {"after": True},
            {"timezone": "Mars/Olympus"},
            {"timezone": "../../etc/passwd"},
            {"timezone": "America"},
            {"timezone": 3},
            {"language": 3},
        ],
    )
    async def test_a_field_that_means_nothing_counts_as_not_said(self, door: Gateway, field: Frame) -> None:
        visitor = await door.connect()
        await visitor.hello(**field)
        assert await visitor.ask("bonjour") == [
            door.sentence("utter_greet"),
            door.sentence("utter_notice", org="Passerelle"),
            "echo: bonjour",
        ]

    async def test_timezone_travels_to_rasa(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor("es", timezone="America/Bogota")
        await visitor.ask("hola")
        assert rasa.turns[0]["metadata"] == {
            "message_id": rasa.turns[0]["message_id"],
            "language": "es",
            "timezone": "America/Bogota",
            "channel": "widget",
        }

    async def test_who_never_says_hello_is_let_go(self, door: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.gateway.channels.widget.HELLO_SECONDS", 0.05)
        visitor = await door.connect()
        assert (await visitor.socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE

    async def test_a_message_before_hello_is_refused_and_hello_still_works(self, door: Gateway) -> None:
        visitor = await door.connect(headers={"Accept-Language": "en"})
        await visitor.say("hi")
        error = await visitor.hear()
        assert (error["type"], error["code"]) == ("error", "hello_first")
        assert error["text"] == door.sentence("utter_bad_frame", "en")
        assert (await visitor.hello("en"))["language"] == "en"


class TestTurn:
    async def test_frames_come_in_the_order_of_the_protocol(self, door: Gateway) -> None:
        visitor = await door.visitor()
        message_id = await visitor.say("Comment obtenir la carte soleil?")
        frames = await visitor.until("turn_end")
        assert types(frames) == ["ack", "message", "typing", "message", "turn_end"]
        assert frames[0]["id"] == frames[1]["id"] == frames[4]["id"] == message_id
        assert (frames[1]["from"], frames[3]["from"]) == ("person", "assistant")

    async def test_order_holds_however_many_are_said_at_once(self, door: Gateway) -> None:
        visitor = await door.visitor()
        ids = [await visitor.say(f"question {number}") for number in range(8)]
        frames = await visitor.until("turn_end", id=ids[-1])
        assert [frame["id"] for frame in frames if frame["type"] == "ack"] == ids
        assert [frame["id"] for frame in frames if frame["type"] == "turn_end"] == ids
        for number, message_id in enumerate(ids):
            answered = next(i for i, frame in enumerate(frames) if frame.get("text") == f"echo: question {number}")
            ended = next(i for i, f in enumerate(frames) if f["type"] == "turn_end" and f["id"] == message_id)
            assert answered < ended

    async def test_a_message_holds_every_field(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor("en")
        rasa.will(Answer((Reply("**SIN**", choices=(Choice("Bank", "/ask_bank"),), topic="ask_sin"),)))
        await visitor.say("sin?")
        said = (await visitor.until("message", text="**SIN**"))[-1]
        assert set(said) == {"type", "seq", "from", "text", "language", "at", "choices", "links", "files", "topic"}
        assert said["seq"] == 4
        assert said["choices"] == [{"title": "Bank", "payload": "/ask_bank"}]
        assert (said["language"], said["topic"]) == ("en", "ask_sin")
        assert said["at"].endswith("Z")

    async def test_seq_grows_by_one(self, door: Gateway) -> None:
        visitor = await door.visitor()
        for text in ("un", "deux", "trois"):
            await visitor.ask(text)
        numbers = [frame["seq"] for frame in visitor.heard if frame["type"] == "message"]
        assert numbers == list(range(1, 9))

    async def test_what_was_offered_may_be_chosen(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        payload = '/set_language{"language":"es"}'
        await visitor.until("turn_end", id=await visitor.choose(payload, "Español"))
        assert rasa.texts == [payload]
        assert "Español" in visitor.said

    async def test_a_typed_command_is_text(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        await visitor.ask('/inform{"region":"06"}')
        assert rasa.texts == ['inform{"region":"06"}']

    async def test_the_language_of_the_conversation_follows_the_answers(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor("fr")
        rasa.will(says("Claro.", language="es"))
        await visitor.ask("hablo español")
        await visitor.say("")
        assert (await visitor.until("error"))[-1]["text"] == door.sentence("utter_empty", "es")

    async def test_state_is_told_when_a_person_takes_over(self, door: Gateway) -> None:
        await with_teams(door.wiring.house, a_team())
        visitor = await door.visitor()
        conversation = await door.conversation(visitor)
        handoffs = door.wiring.services.handoffs
        await handoffs.ask(conversation.id, None)
        waiting = (await visitor.until("state"))[-1]
        marie = await a_member_of_staff(door.wiring)
        await handoffs.take(conversation.id, marie.id)
        staff = (await visitor.until("state"))[-1]
        await handoffs.close(conversation.id, marie.id)
        back = (await visitor.until("state"))[-1]
        assert waiting == {"type": "state", "handled_by": "waiting", "organisation": "Équipe d’accueil"}
        assert staff == {"type": "state", "handled_by": "staff", "organisation": "Équipe d’accueil"}
        assert back == {"type": "state", "handled_by": "assistant", "organisation": None}


class TestComingBack:
    async def test_what_was_missed_comes_once_each(self, door: Gateway) -> None:
        visitor = await door.visitor()
        await visitor.ask("un")
        await visitor.socket.close()
        conversation = await door.conversation(visitor)
        await door.wiring.services.conversations.tell(conversation.id, [Reply("a"), Reply("b")])
        back = await door.visitor(token=visitor.token, after=4)
        await back.until_said("b")
        assert await back.ask("deux") == ["echo: deux"]
        assert [frame["seq"] for frame in back.heard if frame["type"] == "message"] == [5, 6, 7, 8]

    async def test_everything_comes_after_zero(self, door: Gateway) -> None:
        visitor = await door.visitor()
        await visitor.ask("un")
        back = await door.visitor(token=visitor.token)
        await back.until("message", seq=4)
        assert back.said == visitor.said

    @pytest.mark.parametrize("after", [5, 2**70])
    async def test_a_number_beyond_the_last_hides_nothing_to_come(self, door: Gateway, after: int) -> None:
        visitor = await door.visitor()
        back = await door.visitor(token=visitor.token, after=after)
        assert await back.ask("un") == ["echo: un"]

    async def test_an_answer_given_meanwhile_is_there(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        going_on = asyncio.Event()
        rasa.during = lambda _: going_on.wait()
        await visitor.say("un", "id-1")
        await visitor.until("ack")
        await visitor.socket.close()
        going_on.set()
        back = await door.visitor(token=visitor.token, after=2)
        await back.until_said("echo: un")

    async def test_a_repeated_message_is_kept_and_answered_once(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        await visitor.say("un", "id-1")
        await visitor.until("turn_end")
        back = await door.visitor(token=visitor.token, after=4)
        await back.say("un", "id-1")
        assert types(await back.until("turn_end", id="id-1")) == ["ack", "turn_end"]
        assert await back.ask("deux") == ["echo: deux"]
        assert rasa.texts == ["un", "deux"]
        assert await door.kept_of(back, Author.PERSON) == ["un", "deux"]

    async def test_repeated_while_it_is_answered(self, door: Gateway, rasa: FakeRasa) -> None:
        visitor = await door.visitor()
        going_on = asyncio.Event()
        rasa.during = lambda _: going_on.wait()
        for _ in range(3):
            await visitor.say("un", "id-1")
            await visitor.until("ack", id="id-1")
        going_on.set()
        await visitor.until("turn_end", id="id-1")
        assert await visitor.ask("deux") == ["echo: deux"]
        assert rasa.texts == ["un", "deux"]

    async def test_two_tabs_of_one_person_both_see_everything(self, door: Gateway) -> None:
        one = await door.visitor()
        other = await door.visitor(token=one.token)
        await other.until("message", seq=2)
        await one.say("de l’un")
        await both(one.until_said("echo: de l’un"), other.until_said("echo: de l’un"))
        await other.say("de l’autre")
        await both(one.until_said("echo: de l’autre"), other.until_said("echo: de l’autre"))
        assert one.said == other.said

    async def test_a_conversation_is_nobody_elses(self, door: Gateway, rasa: FakeRasa) -> None:
        one, other = await door.visitor(), await door.visitor()
        rasa.will(Answer((Reply("à l’un", choices=(Choice("Oui", "/affirm"),)),)))
        await one.ask("un")
        await other.choose("/affirm", "Oui")
        assert (await other.until("error"))[-1]["code"] == "old_choice"
        await other.ask("deux")
        assert "à l’un" not in other.said


def written(text: str, message_id: str = "i", **more: str) -> str:
    return json.dumps({"type": "message", "id": message_id, "text": text, **more})


BAD_FRAMES = {
    "bad JSON": ("{", "bad_json", "utter_bad_frame"),
    "no object": ("[1]", "bad_json", "utter_bad_frame"),
    "nested": ("[" * 50_000, "bad_json", "utter_bad_frame"),
    "unknown type": ('{"type":"shout","id":"i"}', "unknown_type", "utter_bad_frame"),
    "hello again": ('{"type":"hello","token":null}', "unknown_type", "utter_bad_frame"),
    "no id": ('{"type":"message","text":"a"}', "bad_id", "utter_bad_frame"),
    "empty id": ('{"type":"message","id":"","text":"a"}', "bad_id", "utter_bad_frame"),
    "long id": (written("a", "i" * 101), "bad_id", "utter_bad_frame"),
    "id of no text": ('{"type":"message","id":"\\u0000","text":"a"}', "bad_id", "utter_bad_frame"),
    "half a character as id": ('{"type":"message","id":"\\ud800","text":"a"}', "bad_id", "utter_bad_frame"),
    "text is a number": ('{"type":"message","id":"i","text":7}', "bad_text", "utter_bad_frame"),
    "empty": ('{"type":"message","id":"i","text":" \\n\\u0000 "}', "empty", "utter_empty"),
    "half a character": ('{"type":"message","id":"i","text":"\\udc00"}', "empty", "utter_empty"),
    "too long": (written("a" * 2001), "too_long", "utter_too_long"),
    "frame over the size": (written("a" * 90_000), "too_long", "utter_too_long"),
    "padded frame": (written("a", x="é" * 9000), "too_long", "utter_too_long"),
    "never offered": ('{"type":"choose","id":"i","payload":"/restart","title":"a"}', "old_choice", "utter_old_choice"),
    "no payload": ('{"type":"choose","id":"i","title":"a"}', "old_choice", "utter_old_choice"),
}  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_every_refusal_is_said_in_the_persons_language_and_the_socket_stays_open(
        self, door: Gateway, rasa: FakeRasa, language: str
    ) -> None:
        visitor = await door.visitor(language)
        for name, (frame, code, sentence) in BAD_FRAMES.items():
            await visitor.socket.send_str(frame)
            error = await visitor.hear()
            assert (error["type"], error["code"]) == ("error", code), name
            assert error["text"] == door.sentence(sentence, language, limit=2000), name
        assert await visitor.ask("et puis") == ["echo: et puis"]
        assert rasa.texts == ["et puis"]

    async def test_a_binary_frame_is_refused(self, door: Gateway) -> None:
        visitor = await door.visitor("en")
        await visitor.socket.send_bytes(b'{"type":"message","id":"i","text":"hi"}')
        error = await visitor.hear()
        assert (error["code"], error["text"]) == ("not_text", door.sentence("utter_bad_frame", "en"))
        assert await visitor.ask("hi") == ["echo: hi"]

    async def test_refused_message_is_named_so_that_its_author_gets_it_back(self, door: Gateway) -> None:
        visitor = await door.visitor()
        await visitor.say("x" * 90_000, "id-1")
        assert (await visitor.hear())["id"] == "id-1"

    async def test_what_no_database_keeps_is_taken_out_of_a_text(self, door: Gateway) -> None:
        visitor = await door.visitor()
        await visitor.socket.send_str('{"type":"message","id":"i","text":"a\\u0000b \\ud83d\\ude00 \\ud800c"}')
        await visitor.until("turn_end")
        assert await door.kept_of(visitor, Author.PERSON) == ["ab 😀 c"]

    async def test_too_fast(self, tmp_path: Path, rasa: FakeRasa) -> None:
        async with gateway(tmp_path, rasa, messages_per_minute=3) as door:
            visitor = await door.visitor("es")
            for number in range(5):
                await visitor.say(f"mensaje {number}", f"id-{number}")
            await visitor.until("turn_end", id="id-2")
            refused = [frame for frame in visitor.heard if frame["type"] == "error"]
            assert [(frame["code"], frame["id"]) for frame in refused] == [("too_fast", "id-3"), ("too_fast", "id-4")]
            assert refused[0]["text"] == door.sentence("utter_too_fast", "es")
            assert await door.kept_of(visitor, Author.PERSON) == ["mensaje 0", "mensaje 1", "mensaje 2"]
            assert await (await door.visitor()).ask("autre personne") == ["echo: autre personne"]


class TestDoor:
    @pytest.mark.parametrize(
        ("origin", "is_let_in"),
        [
            (None, True),
            ("https://organisme.example", True),
            ("https://passerelle.example", True),
            ("https://evil.example", False),
            ("null", False),
            ("http://[", False),
        ],
    )
    async def test_origin(self, tmp_path: Path, rasa: FakeRasa, origin: str | None, is_let_in: bool) -> None:
        allowed = {"allowed_origins": ("https://organisme.example/",), "public_url": "https://passerelle.example"}
        async with gateway(tmp_path, rasa, **allowed) as door:
            if is_let_in:
                assert (await (await door.connect(origin=origin)).hello())["type"] == "welcome"
            else:
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await door.connect(origin=origin)
                assert refused.value.status == 403

    async def test_our_own_page_is_let_in(self, door: Gateway) -> None:
        assert (await (await door.connect(origin=door.url)).hello())["type"] == "welcome"

    async def test_connections_of_an_address_are_limited(self, tmp_path: Path, rasa: FakeRasa) -> None:
        async with gateway(tmp_path, rasa, connections_per_address=2) as door:
            one, _two = await door.visitor(), await door.visitor()
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await door.connect()
            assert refused.value.status == 429
            await one.socket.close()
            assert (await eventually_let_in(door)).token

    async def test_new_conversations_of_an_address_are_limited(self, tmp_path: Path, rasa: FakeRasa) -> None:
        async with gateway(tmp_path, rasa, new_conversations_per_minute=1) as door:
            known = await door.visitor()
            stranger = await door.connect()
            await stranger.socket.send_json({"type": "hello", "token": None, "language": "en"})
            error = await stranger.hear()
            assert (error["code"], error["text"]) == ("too_fast", door.sentence("utter_too_fast", "en"))
            assert (await stranger.hello(token=known.token))["token"] == known.token


async def eventually_let_in(door: Gateway) -> Visitor:
    """The server notices after the client that a connection is over."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await door.visitor()
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0)


class TestDatabaseGone:
    @pytest.fixture(autouse=True)
    def quickly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
        monkeypatch.setattr("bot.gateway.channels.widget.LOOK_AGAIN_SECONDS", 0.05)
        monkeypatch.setattr("bot.gateway.switchboard.RETRY_SECONDS", 0.05)

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_the_person_is_told_and_nothing_is_acknowledged(
        self, door: Gateway, tmp_path: Path, language: str
    ) -> None:
        visitor = await door.visitor(language)
        async with database_held(tmp_path):
            await visitor.say("allô?", "id-1")
            error = await visitor.hear()
            assert error == {
                "type": "error",
                "code": "try_later",
                "id": "id-1",
                "text": door.sentence("utter_try_later", language),
            }
            payload = '/set_language{"language":"en"}'
            await visitor.choose(payload)
            assert (await visitor.hear())["code"] == "try_later"
        await visitor.say("allô?", "id-1")
        assert types(await visitor.until("turn_end")) == ["ack", "message", "typing", "message", "turn_end"]

    async def test_who_arrives_meanwhile_is_told_and_let_in_afterwards(self, door: Gateway, tmp_path: Path) -> None:
        visitor = await door.connect()
        async with database_held(tmp_path):
            await visitor.socket.send_json({"type": "hello", "token": None, "language": "es"})
            error = await visitor.hear()
            assert (error["code"], error["text"]) == ("try_later", door.sentence("utter_try_later", "es"))
        assert (await visitor.hello("es"))["language"] == "es"

    async def test_an_answer_that_could_not_be_read_is_sent_when_it_can(self, door: Gateway, tmp_path: Path) -> None:
        visitor = await door.visitor()
        conversation = await door.conversation(visitor)
        async with database_held(tmp_path):
            await door.wiring.bell.ring(conversation.id)
            await visitor.say("allô?")
            await visitor.until("error", code="try_later")
        await door.wiring.services.conversations.tell(conversation.id, [Reply("me revoilà")])
        await visitor.until_said("me revoilà")


class TestClosing:
    async def test_shutdown_closes_sockets_at_once(self, tmp_path: Path, rasa: FakeRasa) -> None:
        rasa.will(Hang())
        async with gateway(tmp_path, rasa) as door:
            answering = await door.visitor()
            await answering.say("une question sans fin")
            await answering.until("typing")
            # These read nothing: they will not answer the closing.
            silent = [await door.connect() for _ in range(3)]
            started = time.monotonic()
            closing = asyncio.create_task(door.server.close())
            closed = await answering.socket.receive(timeout=5)
            await closing
            assert time.monotonic() - started < 2
            assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1001)
            assert len(silent) == 3

    async def test_what_was_not_answered_is_by_the_next_process(self, tmp_path: Path, rasa: FakeRasa) -> None:
        rasa.will(Hang())
        async with gateway(tmp_path, rasa) as door:
            visitor = await door.visitor()
            await visitor.say("une question")
            await visitor.until("typing")
        async with gateway(tmp_path, rasa) as door:
            back = await door.visitor(token=visitor.token, after=3)
            await back.until_said("echo: une question")


async def test_nothing_that_people_write_is_in_the_logs(
    tmp_path: Path, rasa: FakeRasa, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
    # As `python -m bot` starts: these two would log every statement.
    for name in ("aiosqlite", "sqlalchemy.engine"):
        caplog.set_level(logging.WARNING, logger=name)
    caplog.set_level(logging.DEBUG)
    secret = "mirabelle"
    rasa.will(says(f"{secret} répondue"))
    async with gateway(tmp_path, rasa, rasa_timeout=0.2) as door:
        visitor = await door.visitor()
        await visitor.ask(f"je m’appelle {secret}")
        await fails_in_every_way(visitor, rasa, tmp_path, secret)
        token = visitor.token
    assert token
    assert any(record.levelno == logging.DEBUG for record in caplog.records)
    assert secret not in caplog.text
    assert token not in caplog.text


async def fails_in_every_way(visitor: Visitor, rasa: FakeRasa, folder: Path, secret: str) -> None:
    """A failed turn, a silent one, a slow one, a frame that can't be read, a database that is gone."""
    for step in (Refuse(500), says(), Say({"odd": secret}), Refuse(503)):
        rasa.will(step)
        await visitor.ask(f"{secret} encore")
    await visitor.socket.send_str(f'{{"type":"{secret}","id":"{secret}"')
    await visitor.until("error")
    async with database_held(folder):
        await visitor.say(f"{secret} perdue")
        await visitor.until("error", code="try_later")
