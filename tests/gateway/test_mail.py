"""E-mails, sent to a real SMTP server: delivered, refused, late, sent again after a crash."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from icalendar import Calendar
from icalendar import Event as CalendarEvent

from bot.domain.conversations import Conversation
from bot.domain.messages import Channel
from bot.gateway.mail import Mailer
from bot.services.email import CLAIM, EmailService
from bot.services.reminders import NoEmail
from bot.store.unit_of_work import StoreUnavailable
from bot.wiring import Wiring, wired
from tests.factories import NOW, a_person, a_wish, an_agent, montreal, settings_in, with_agents
from tests.fakes import FakeClock

ADDRESS = "maria@exemple.test"
MONDAY_9, TUESDAY_10 = montreal("2026-12-07 09:00"), montreal("2026-12-08 10:00")


@dataclass
class Box:
    """What the server took, and what it answers to an address."""

    taken: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    answer_to_all: str = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_all.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer_to_all


@dataclass
class Server:
    """On one port, up or down."""

    port: int
    box: Box = field(default_factory=Box)
    running: Controller | None = None

    def start(self) -> None:
        self.running = Controller(self.box, hostname="127.0.0.1", port=self.port)
        self.running.start()

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()
            self.running = None


@pytest.fixture
def server() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def wiring(
    tmp_path: Path, database_url: str, server: Server, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wiring]:
    monkeypatch.setattr("bot.wiring.Clock", lambda _start: clock)
    settings = settings_in(
        tmp_path,
        database_url=database_url,
        smtp_url=f"smtp://127.0.0.1:{server.port}",
        mail_from="rendez-vous@exemple.org",
        public_url="https://passerelle.example.org",
        organisation="Carrefour d’accueil",
    )
    async with wired(settings) as wiring:
        await with_agents(wiring.house, an_agent())
        yield wiring


@pytest.fixture
async def person(wiring: Wiring) -> Conversation:
    conversation = await a_person(wiring)
    await wiring.services.reminders.write_to(conversation.id, ADDRESS)
    return conversation


async def book(wiring: Wiring, person: Conversation) -> None:
    await wiring.services.meetings.book(person.id, a_wish(), "agent-1", MONDAY_9)


def event_in(message: EmailMessage) -> tuple[Calendar, CalendarEvent]:
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "rendez-vous.ics"
    calendar = Calendar.from_ical(attached.get_content())
    assert attached.get_param("method") == calendar["method"]
    (event,) = calendar.walk("VEVENT")
    assert event["organizer"] == "mailto:rendez-vous@exemple.org"
    return calendar, event  # type: ignore[return-value]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_a_booking_is_confirmed_with_its_file(wiring: Wiring, server: Server, person: Conversation) -> None:
    await book(wiring, person)
    assert await Mailer(wiring).send_due() == 1
    (message,) = server.box.taken
    assert message["to"] == ADDRESS
    assert message["from"].addresses[0].addr_spec == "rendez-vous@exemple.org"
    assert message["subject"].startswith("Rendez-vous réservé")
    text = text_of(message)
    assert "lundi 7 décembre 2026" in text and "1, rue Principale" in text
    assert "https://passerelle.example.org/m/" in text
    assert "Agente" not in text, "no name of a person"
    calendar, event = event_in(message)
    assert (calendar["method"], event["sequence"], event["dtstart"].dt) == ("PUBLISH", 0, MONDAY_9)
    assert await Mailer(wiring).send_due() == 0


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_it_is_in_the_persons_language(wiring: Wiring, server: Server, language: str) -> None:
    person = await a_person(wiring, language)
    await wiring.services.reminders.write_to(person.id, ADDRESS)
    await book(wiring, person)
    await Mailer(wiring).send_due()
    (message,) = server.box.taken
    body = message.get_body(("plain",))
    assert body is not None and body["content-language"] == language
    assert wiring.catalogue.say("utter_meeting_bring", language) in text_of(message).replace("\n", " ")


async def test_moved_then_cancelled_the_calendar_follows(wiring: Wiring, server: Server, person: Conversation) -> None:
    await book(wiring, person)
    await Mailer(wiring).send_due()
    await wiring.services.meetings.move(person.id, a_wish(), "agent-1", TUESDAY_10)
    await Mailer(wiring).send_due()
    await wiring.services.meetings.cancel(person.id)
    await Mailer(wiring).send_due()
    told = [event_in(message) for message in server.box.taken]
    assert [calendar["method"] for calendar, _ in told] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [event["sequence"] for _, event in told] == [0, 1, 2]
    assert [event["status"] for _, event in told] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({event["uid"] for _, event in told}) == 1
    assert len({message["message-id"] for message in server.box.taken}) == 3


async def test_what_is_no_longer_true_is_not_sent(wiring: Wiring, server: Server, person: Conversation) -> None:
    await book(wiring, person)
    await wiring.services.meetings.move(person.id, a_wish(), "agent-1", TUESDAY_10)
    await wiring.services.meetings.change_arrival(person.id, a_wish().arrival - timedelta(days=1))
    assert await Mailer(wiring).send_due() == 1
    assert server.box.taken[0]["subject"].startswith("Rendez-vous déplacé")


async def test_a_reminder_is_sent_too(wiring: Wiring, server: Server, person: Conversation, clock: FakeClock) -> None:
    await book(wiring, person)
    await Mailer(wiring).send_due()
    for moment in (montreal("2026-12-06 09:00"), montreal("2026-12-06 20:50")):
        clock.set(moment)
        assert await wiring.services.reminders.say_due() == 1
        assert await Mailer(wiring).send_due() == 1
    assert [message["subject"].split("\u00a0")[0] for message in server.box.taken[1:]] == [
        "Rappel de votre rendez-vous"
    ] * 2


async def test_an_address_given_after_booking_gets_the_confirmation(wiring: Wiring, server: Server) -> None:
    person = await a_person(wiring)
    await book(wiring, person)
    assert await Mailer(wiring).send_due() == 0
    await wiring.services.reminders.write_to(person.id, ADDRESS)
    await wiring.services.reminders.write_to(person.id, ADDRESS)
    assert await Mailer(wiring).send_due() == 1


async def test_an_address_taken_back_gets_nothing(wiring: Wiring, server: Server, person: Conversation) -> None:
    await book(wiring, person)
    await wiring.services.reminders.write_no_more(person.id)
    assert await Mailer(wiring).send_due() == 0
    assert server.box.taken == []


async def test_a_refused_address_is_forgotten_and_the_person_told(
    wiring: Wiring, server: Server, person: Conversation, clock: FakeClock
) -> None:
    server.box.answers[ADDRESS] = "550 no such user"
    other = await a_person(wiring)
    await with_agents(wiring.house, an_agent("agent-2"))
    await wiring.services.reminders.write_to(other.id, "juan@exemple.test")
    await book(wiring, person)
    await wiring.services.meetings.book(other.id, a_wish(), "agent-2", MONDAY_9)
    assert await Mailer(wiring).send_due() == 1, "the other's leaves all the same"
    assert (await wiring.services.reminders.preferences(person.id)).email is None
    told = await wiring.services.conversations.messages_after(person.id, 0)
    assert [message.text for message in told] == [
        wiring.catalogue.say("utter_email_refused", "fr", {"address": "m…@exemple.test"})
    ]
    clock.move(timedelta(days=1))
    assert await Mailer(wiring).send_due() == 0


@pytest.mark.parametrize("where", ["address", "message"])
async def test_not_now_is_tried_again_with_growing_waits(
    wiring: Wiring, server: Server, person: Conversation, clock: FakeClock, where: str
) -> None:
    later = "451 greylisted" if where == "address" else "554 policy"
    server.box.answers[ADDRESS] = later if where == "address" else "250 OK"
    server.box.answer_to_all = later if where == "message" else "250 OK"
    await book(wiring, person)
    mailer = Mailer(wiring)
    for wait in (30, 60, 120):
        assert await mailer.send_due() == 0
        clock.move(timedelta(seconds=wait - 1))
        server.box.answers[ADDRESS], kept = "250 OK", server.box.answers[ADDRESS]
        server.box.answer_to_all, kept_all = "250 OK", server.box.answer_to_all
        assert await mailer.send_due() == 0, "not before its wait is over"
        server.box.answers[ADDRESS], server.box.answer_to_all = kept, kept_all
        clock.move(timedelta(seconds=1))
    server.box.answers[ADDRESS] = server.box.answer_to_all = "250 OK"
    assert await mailer.send_due() == 1
    assert (await wiring.services.reminders.preferences(person.id)).email == ADDRESS


async def test_a_server_that_is_down_then_up(
    wiring: Wiring, server: Server, person: Conversation, clock: FakeClock
) -> None:
    server.stop()
    await book(wiring, person)
    assert await Mailer(wiring).send_due() == 0
    server.start()
    clock.move(timedelta(seconds=30))
    assert await Mailer(wiring).send_due() == 1


async def test_a_crash_between_sending_and_marking_sends_it_again_under_the_same_id(
    wiring: Wiring, server: Server, person: Conversation, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await book(wiring, person)

    async def dies(*_args: Any) -> None:
        raise StoreUnavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(EmailService, "mark_sent", dies)
        with pytest.raises(StoreUnavailable):
            await Mailer(wiring).send_due()
    assert await Mailer(wiring).send_due() == 0, "it is still claimed"
    clock.move(CLAIM + timedelta(seconds=1))
    assert await Mailer(wiring).send_due() == 1
    first, again = server.box.taken
    assert first["message-id"] == again["message-id"]


async def test_two_senders_send_each_once(wiring: Wiring, server: Server, person: Conversation) -> None:
    await book(wiring, person)
    letters = await wiring.services.email.claim()
    assert len(letters) == 1
    assert await Mailer(wiring).send_due() == 0


async def test_without_a_server_no_email_is_offered_nor_put_down(tmp_path: Path) -> None:
    async with wired(settings_in(tmp_path)) as wiring:
        person = (await wiring.services.conversations.open(Channel.WIDGET, "address", "fr", None)).conversation
        assert not wiring.services.reminders.sends_email
        with pytest.raises(NoEmail):
            await wiring.services.reminders.write_to(person.id, ADDRESS)


@pytest.mark.parametrize(
    ("url", "port", "use_tls", "start_tls", "password"),
    [
        ("smtp://localhost", 25, False, None, None),
        ("smtp://user:p%40ss@mail.example.org", 587, False, True, "p@ss"),
        ("smtps://user:secret@mail.example.org", 465, True, False, "secret"),
        ("smtp://mail.example.org:2525", 2525, False, None, None),
    ],
)
async def test_a_password_never_travels_in_the_clear(
    tmp_path: Path, url: str, port: int, use_tls: bool, start_tls: bool | None, password: str | None
) -> None:
    async with wired(settings_in(tmp_path, smtp_url=url, mail_from="a@b.org")) as wiring:
        client = Mailer(wiring)._server()
    assert (client.port, client.use_tls, client._start_tls_on_connect) == (port, use_tls, start_tls)
    assert client._login_password == password or client._login_password == (password or "").encode()


@pytest.mark.parametrize(
    "values",
    [
        {"smtp_url": "smtp://localhost"},
        {"mail_from": "a@b.org"},
        {"smtp_url": "http://localhost", "mail_from": "a@b.org"},
        {"smtp_url": "smtp://", "mail_from": "a@b.org"},
        {"smtp_url": "smtp://localhost", "mail_from": "Carrefour <a@b.org>"},
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"SMTP_URL|MAIL_FROM"):
        settings_in(tmp_path, **values)
