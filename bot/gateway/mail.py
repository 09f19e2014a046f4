"""Sends e-mails about meetings by SMTP, each with its calendar file. Run by the scheduler.

An e-mail is claimed, sent, then marked: a crash between the last two sends it again, with the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import aiosmtplib

from bot.gateway.calendar_files import calendar_file, method_of
from bot.i18n.dates import say_both_zones, say_moment
from bot.services.email import EmailKind, Letter
from bot.services.reminders import place_of
from bot.services.session_seats import zone_of
from bot.wiring import Wiring

logger = logging.getLogger(__name__)

# For one step of a sending. Twenty letters end long before their claim does.
SECONDS = 20.0
PERMANENT = 500
PORTS = {"smtps": 465, "smtp": 25}
SUBMISSION = 587


class Mailer:
    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._email = wiring.services.email

    async def send_due(self) -> int:
        """Sends what is due, over one connection; how many left. What fails is tried again later, and later still."""
        letters = await self._email.claim()
        sent = 0
        if not letters:
            return sent
        left = list(letters)
        try:
            async with self._server() as server:
                while left:
                    sent += await self._send(server, left[0])
                    left.pop(0)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # The server, or the way to it: all that is left waits.
            logger.warning("e-mail server away: error=%s letters=%s", type(error).__name__, len(left))
            await self._put_off(left, type(error).__name__)
        return sent

    async def _send(self, server: aiosmtplib.SMTP, letter: Letter) -> bool:
        """Whether it was taken. Raises what ends the connection."""
        try:
            await server.send_message(self.message(letter))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code
            if code >= PERMANENT:
                logger.info("address refused: letter=%s code=%s", letter.id, code)
                await self._email.refuse(letter, f"refused {code}")
            else:
                await self._put_off([letter], f"later {code}")
            return False
        except aiosmtplib.SMTPResponseException as refused:
            if not server.is_connected:
                raise
            # Not the address: the sender, the size, the server's own rules. Someone must look.
            logger.error("e-mail refused: letter=%s code=%s", letter.id, refused.code)
            await self._put_off([letter], f"refused {refused.code}")
            return False
        await self._email.mark_sent(letter)
        logger.info("e-mail sent: letter=%s", letter.id)
        return True

    async def _put_off(self, letters: Sequence[Letter], error: str) -> None:
        for letter in letters:
            await self._email.put_off(letter, error)

    def _server(self) -> aiosmtplib.SMTP:
        settings = self._wiring.settings
        assert settings.smtp_url is not None
        url = urlsplit(settings.smtp_url.get_secret_value())
        is_tls, has_password = url.scheme == "smtps", url.password is not None
        port = url.port or (SUBMISSION if has_password and not is_tls else PORTS[url.scheme])
        return aiosmtplib.SMTP(
            hostname=url.hostname,
            port=port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=is_tls,
            # A password never travels in the clear; without one, the server's offer is taken.
            start_tls=False if is_tls else (True if has_password else None),
            timeout=SECONDS,
        )

    def message(self, letter: Letter) -> EmailMessage:
        """Date, hour, place and what to bring; no name of a person."""
        settings, say = self._wiring.settings, self._wiring.catalogue.say
        assert settings.mail_from is not None
        meeting, language = letter.meeting, letter.language
        there: ZoneInfo | None = zone_of(letter.conversation)
        when = say_both_zones(meeting.starts_at, language, meeting.timezone, there)
        short = say_moment(meeting.starts_at.astimezone(meeting.timezone), language)
        kind = EmailKind.BOOKED if letter.kind is EmailKind.SENT_AGAIN else letter.kind
        lines = [say(f"utter_email_{kind}", language, {"when": when})]
        if kind is not EmailKind.CANCELLED:
            lines += [place_of(self._wiring.house, meeting, language), say("utter_meeting_bring", language)]
            if settings.public_url:
                link = settings.public_url.rstrip("/") + self._wiring.services.meeting_links.path(meeting)
                lines.append(say("utter_email_link", language, {"link": link}))
        if meeting.agent.is_demonstration:
            lines.append(say("utter_demonstration", language))
        lines.append(say("utter_email_footer", language, {"org": settings.organisation}))

        message = EmailMessage()
        message["From"] = formataddr((settings.organisation, settings.mail_from))
        message["To"] = letter.address
        message["Subject"] = say(f"utter_email_{kind}_subject", language, {"when": short})
        message["Date"] = format_datetime(self._wiring.clock.now())
        message["Message-ID"] = f"<{letter.id}@{settings.mail_from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join(lines) + "\n")
        message["Content-Language"] = language
        file = calendar_file(
            meeting, self._wiring.catalogue, language, self._wiring.clock.now(), organizer=settings.mail_from
        )
        message.add_attachment(
            file,
            maintype="text",
            subtype="calendar",
            filename=say("utter_meeting_file", language),
            params={"method": method_of(meeting), "charset": "utf-8"},
        )
        return message
