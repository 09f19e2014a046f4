"""Things to test with, complete but for what the test is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.domain.conversations import Conversation
from bot.domain.handoffs import Team
from bot.domain.meetings import QUEBEC, Agent, Mode, OpeningHours, Wish
from bot.domain.messages import Channel, Incoming, Message
from bot.domain.organisations import Organisation
from bot.domain.sessions import Session, SessionDay
from bot.domain.staff import Account
from bot.services.house import House
from bot.settings import Settings
from bot.wiring import Wiring

# A Thursday morning in Montréal.
NOW = datetime.fromisoformat("2026-12-03T10:00:00-05:00")
PASSWORD = "quatre chats gris"
_numbers = count(1)


def settings_in(folder: Path, **values: object) -> Settings:
    """Settings that no `.env` and no customary variable of the machine changes."""
    known = {"var": folder, "database_url": None, "redis_url": None, "telegram_bot_token": None, **values}
    return Settings(_env_file=None, **known)  # type: ignore[arg-type, call-arg]


def montreal(text: str) -> datetime:
    """ "2026-12-04 09:00" on Montréal's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=QUEBEC)


def hours(opens: time = time(9), closes: time = time(12), days: Sequence[int] = range(5)) -> tuple[OpeningHours, ...]:
    return tuple(OpeningHours(day, opens, closes) for day in days)


def an_agent(
    agent_id: str = "agent-1",
    *,
    region: str = "06",
    languages: tuple[str, ...] = ("fr", "en", "es"),
    open_hours: tuple[OpeningHours, ...] | None = None,
    meeting_minutes: int = 60,
    office: str | None = "1, rue Principale",
    is_remote: bool = True,
) -> Agent:
    """Weekdays from 9 to 12, in Montréal."""
    return Agent(
        id=agent_id,
        name=f"Agente {agent_id}",
        organisation="Carrefour",
        region=region,
        languages=languages,
        hours=hours() if open_hours is None else open_hours,
        meeting_minutes=meeting_minutes,
        office=office,
        is_remote=is_remote,
    )


def a_wish(
    arrival: date = date(2026, 12, 2), *, region: str = "06", mode: Mode = Mode.IN_PERSON, language: str = "fr"
) -> Wish:
    return Wish(arrival, region, mode, language)


def a_team(region: str | None = None, *, opens: time = time(9), closes: time = time(17)) -> Team:
    name = "Équipe d’accueil" if region is None else f"Équipe {region}"
    return Team(f"team-{region or 'quebec'}", name, region, opens, closes)


def an_organisation(organisation_id: str = "accueil_laval", **values: Any) -> Organisation:
    """In Laval; it welcomes, and teaches French."""
    known: dict[str, Any] = {
        "id": organisation_id,
        "name": f"Organisme {organisation_id}",
        "city": "Laval",
        "region": "13",
        "website": "https://www.exemple.org",
        "phone": "450 555-0123",
        "services": ("accueil", "francisation"),
        "clientele": ("toutes",),
        "languages": ("fr",),
        "is_open_confirmed": False,
        "checked": date(2026, 11, 21),
    }
    return Organisation(**known | values)


async def with_agents(house: House, *agents: Agent) -> None:
    async with house.work() as unit:
        for agent in agents:
            await unit.meetings.add_agent(agent)


async def with_teams(house: House, *teams: Team) -> None:
    async with house.work() as unit:
        for team in teams:
            await unit.handoffs.add_team(team)


async def a_person(wiring: Wiring, language: str = "fr", channel: Channel = Channel.WIDGET) -> Conversation:
    """Someone who has just opened a conversation."""
    opened = await wiring.services.conversations.open(channel, f"address-{next(_numbers)}", language, None)
    return opened.conversation


async def people(wiring: Wiring, number: int) -> list[Conversation]:
    return [await a_person(wiring) for _ in range(number)]


async def says(wiring: Wiring, conversation: Conversation, text: str = "Bonjour") -> Message:
    incoming = Incoming(conversation.id, f"message-{next(_numbers)}", text)
    return (await wiring.services.conversations.receive(incoming)).message


async def a_member_of_staff(wiring: Wiring, name: str = "Marie") -> Account:
    return await wiring.services.staff.add(f"{name.lower()}-{next(_numbers)}@organisme.test", name, PASSWORD)


def session_days(first: date = date(2027, 1, 11), number: int = 4) -> tuple[SessionDay, ...]:
    """Six hours a day, from 9 to 15 in Montréal, on days that follow each other."""
    starts = [datetime.combine(first + timedelta(days=day), time(9), QUEBEC) for day in range(number)]
    return tuple(SessionDay(start.astimezone(UTC), (start + timedelta(hours=6)).astimezone(UTC)) for start in starts)


def a_session(session_id: str = "session-1", **values: Any) -> Session:
    """In Montréal, in January, with two seats."""
    known: dict[str, Any] = {
        "id": session_id,
        "organisation": "Carrefour",
        "region": "06",
        "place": "1, rue Principale",
        "is_online": False,
        "language": "fr",
        "seats": 2,
        "days": session_days(),
    }
    return Session(**known | values)


async def with_sessions(house: House, *sessions: Session) -> None:
    async with house.work() as unit:
        for session in sessions:
            await unit.sessions.add(session)
