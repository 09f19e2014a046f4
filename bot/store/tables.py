"""The tables. Instants are UTC with a time zone; keys are UUIDs as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. SQLite forgets time zones; this does not. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _key(name: str = "id") -> Column[str]:
    return Column(name, String(64), primary_key=True)


conversations = Table(
    "conversations",
    metadata,
    _key(),
    Column("channel", String(16), nullable=False),
    Column("address", String(128), nullable=False),
    Column("language", String(2), nullable=False),
    Column("timezone", String(64)),
    Column("handled_by", String(16), nullable=False),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    Column("is_reachable", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("channel", "address"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("author", String(16), nullable=False),
    Column("message_id", String(128)),
    Column("text", Text, nullable=False),
    Column("payload", Text),
    Column("extras", JSON, nullable=False),
    Column("language", String(2), nullable=False),
    Column("at", Instant, nullable=False),
    # A person's message that nobody has dealt with yet. What makes "nothing lost" true after a crash.
    Column("is_pending", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("conversation_id", "message_id"),
    Index(
        "ix_messages_pending",
        "conversation_id",
        "seq",
        postgresql_where=text("is_pending"),
        sqlite_where=text("is_pending"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("delivered_at", Instant),
    Column("error", String(200)),
    UniqueConstraint("conversation_id", "seq"),
    Index("ix_outbox_due", "state", "due_at"),
)

teams = Table(
    "teams",
    metadata,
    _key(),
    Column("name", String(200), nullable=False),
    Column("region", String(2), unique=True),
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    _key(),
    Column("email", String(200), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    # Raised at each sign-out or reset: every session signed before is over.
    Column("session_epoch", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subject", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_failures_subject_at", "subject", "at"),
)

handoffs = Table(
    "handoffs",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_urgent", Boolean, nullable=False, server_default=text("false")),
    Column("asked_at", Instant, nullable=False),
    Column("staff_id", ForeignKey("staff.id")),
    Column("taken_at", Instant),
    Column("closed_at", Instant),
    # One open hand-over per conversation, whatever two requests do at once.
    Index(
        "uq_handoffs_open",
        "conversation_id",
        unique=True,
        postgresql_where=text("state <> 'closed'"),
        sqlite_where=text("state <> 'closed'"),
    ),
)

agents = Table(
    "agents",
    metadata,
    _key(),
    Column("name", String(100), nullable=False),
    Column("organisation", String(200), nullable=False),
    Column("region", String(2), nullable=False),
    Column("languages", JSON, nullable=False),
    Column("meeting_minutes", Integer, nullable=False),
    Column("office_id", ForeignKey("offices.id")),
    Column("office", String(200)),
    Column("is_remote", Boolean, nullable=False),
    # Made up, to try the program: whoever is offered its times is told so.
    Column("is_demonstration", Boolean, nullable=False, server_default=text("false")),
    Column("most_a_day", Integer),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
)

opening_hours = Table(
    "opening_hours",
    metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Time, primary_key=True),
    Column("closes", Time, nullable=False),
)

closed_days = Table(
    "closed_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("reason", String(200), nullable=False),
)

organisations = Table(
    "organisations",
    metadata,
    _key(),
    Column("name", String(200), nullable=False),
    Column("city", String(100), nullable=False),
    Column("region", String(2), nullable=False),
    Column("website", String(300)),
    Column("phone", String(40)),
    Column("services", JSON, nullable=False),
    Column("clientele", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("is_open_confirmed", Boolean, nullable=False),
    Column("checked", Date, nullable=False),
)

meetings = Table(
    "meetings",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("arrival", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("offered_on", Date, nullable=False),
    Column("held_on", Date),
    Column("state", String(16), nullable=False),
    Column("file_key", String(64), nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("booked_at", Instant, nullable=False),
    # Of the link that moves or cancels it, a digest; the link itself is made with the secret key and kept nowhere.
    Column("link_digest", String(64), unique=True),
    # A coordinator keeps it, though the agent's hours no longer hold it. A move ends that.
    Column("is_kept", Boolean, nullable=False, server_default=text("false")),
    # Two people cannot take the same time, and a person holds one meeting: the database says so, not a check.
    Index(
        "uq_meetings_time",
        "agent_id",
        "starts_at",
        unique=True,
        postgresql_where=text("state = 'booked'"),
        sqlite_where=text("state = 'booked'"),
    ),
    Index(
        "uq_meetings_person",
        "conversation_id",
        unique=True,
        postgresql_where=text("state = 'booked'"),
        sqlite_where=text("state = 'booked'"),
    ),
)

offices = Table(
    "offices",
    metadata,
    _key(),
    Column("name", String(200), nullable=False),
    Column("region", String(2), nullable=False),
    Column("address", String(300)),
    Column("timezone", String(64), nullable=False),
)

absences = Table(
    "absences",
    metadata,
    _key(),
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    # Instants, the second not included: an absence may be a day, weeks, or an afternoon.
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String(200), nullable=False),
    Index("ix_absences_agent_id_ends_at", "agent_id", "ends_at"),
)

waiting_list = Table(
    "waiting_list",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("arrival", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("region", String(2), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("is_mode_firm", Boolean, nullable=False, server_default=text("false")),
    Column("language", String(2), nullable=False),
    Column("joined_at", Instant, nullable=False),
    # What the person has, or could have had: only a time before it is of use.
    Column("sooner_than", Instant),
)

# A freed time held for one person until `expires_at`; then for the next. Kept, so that the order can be explained.
time_offers = Table(
    "time_offers",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(400), nullable=False),
    # Not before `offered_at`: nobody is woken up. `told_at` is null until it was said.
    Column("offered_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("answered_at", Instant),
    Index(
        "uq_time_offers_time",
        "agent_id",
        "starts_at",
        unique=True,
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
    Index(
        "uq_time_offers_person",
        "conversation_id",
        unique=True,
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
)

# What is to be said at a time to come. Written with its cause, said once.
reminders = Table(
    "reminders",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("claimed_until", Instant),
    UniqueConstraint("subject", "subject_id", "kind"),
    Index("ix_reminders_due", "state", "due_at"),
)

email_outbox = Table(
    "email_outbox",
    metadata,
    _key(),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("language", String(2), nullable=False),
    Column("values", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("error", String(200)),
    Index("ix_email_outbox_due", "state", "due_at"),
)

# What a person chose, beside what channels say of them.
preferences = Table(
    "preferences",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("reminders_on", Boolean, nullable=False, server_default=text("true")),
    Column("email", String(254)),
)

sessions = Table(
    "sessions",
    metadata,
    _key(),
    Column("organisation", String(200), nullable=False),
    Column("region", String(2), nullable=False),
    Column("place", String(300)),
    Column("is_online", Boolean, nullable=False),
    Column("language", String(2), nullable=False),
    Column("seats", Integer, nullable=False),
    Column("is_cancelled", Boolean, nullable=False, server_default=text("false")),
    Column("is_demonstration", Boolean, nullable=False, server_default=text("false")),
)

session_days = Table(
    "session_days",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("begins_at", Instant, primary_key=True),
    Column("ends_at", Instant, nullable=False),
)

# `seat` is a number from 1 to the session's seats while the person holds one: the key keeps two from the same.
registrations = Table(
    "registrations",
    metadata,
    _key(),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("seat", Integer),
    Column("asked_at", Instant, nullable=False),
    Column("offered_until", Instant),
    Column("completed_on", Date),
    # False while it is a request that nobody has accepted yet.
    Column("is_confirmed", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("session_id", "seat"),
    Index(
        "uq_registrations_person",
        "session_id",
        "conversation_id",
        unique=True,
        postgresql_where=text("state <> 'withdrawn'"),
        sqlite_where=text("state <> 'withdrawn'"),
    ),
)

attendance = Table(
    "attendance",
    metadata,
    Column("registration_id", ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("was_present", Boolean, nullable=False),
)
