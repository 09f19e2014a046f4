"""Settings, read once from the environment and `.env`. Nothing else reads the environment."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.email import read_address
from bot.knowledge.answers import ShelfLives

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Prefix PASSERELLE_, but for the names that are customary elsewhere. Raises pydantic.ValidationError."""

    model_config = SettingsConfigDict(
        env_prefix="PASSERELLE_", env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str | None = None
    var: Path = ROOT / "var"
    models: Path = ROOT / "models"
    now: datetime | None = None
    secret_key: SecretStr | None = None
    demonstration: bool = True
    organisation: str = "Passerelle"
    # What is booked of Objectif intégration is a request to the ministry, unless the operator gives the sessions.
    sessions_are_confirmed: bool = False

    database_url: str | None = Field(None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    redis_url: str | None = Field(None, validation_alias=AliasChoices("REDIS_URL", "redis_url"))

    telegram_bot_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("TELEGRAM_BOT_TOKEN", "telegram_bot_token")
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", validation_alias=AliasChoices("TELEGRAM_API_URL", "telegram_api_url")
    )
    telegram_webhook_secret: SecretStr | None = None

    # E-mail beside the chat, to whoever gives an address: needs both, else it is not offered.
    smtp_url: SecretStr | None = Field(None, validation_alias=AliasChoices("SMTP_URL", "smtp_url"))
    mail_from: str | None = None

    # Where the other program is, when it isn't started by `python -m bot up`.
    rasa_url: str | None = None
    rasa_timeout: float = Field(20.0, gt=0, description="seconds for one turn")
    actions_host: str = "127.0.0.1"
    actions_port: int = Field(0, ge=0, le=65535, description="0: a free port")

    # Sites that may embed the widget, besides this one. A client without Origin is not a browser and is served.
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field((), description="separated by commas")
    # Proxies whose X-Forwarded-For is believed: how many stand in front.
    trusted_proxies: int = Field(0, ge=0)
    max_message_chars: int = Field(2000, ge=100)
    max_frame_bytes: int = Field(16_384, ge=1024)
    messages_per_minute: int = Field(30, ge=1)
    new_conversations_per_minute: int = Field(20, ge=1, description="per address")
    connections_per_address: int = Field(50, ge=1)
    session_hours: int = Field(12, ge=1, description="staff are signed out after")

    # For how many months the check of a fact holds. Afterwards it is withdrawn from answers until it is checked again.
    shelf_life_amounts: int = Field(12, ge=1, description="months")
    shelf_life_phones: int = Field(24, ge=1, description="months")
    shelf_life_rules: int = Field(18, ge=1, description="months")

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_send_email(self) -> Self:
        if (self.smtp_url is None) is not (self.mail_from is None):
            raise ValueError("e-mail needs both SMTP_URL and PASSERELLE_MAIL_FROM")
        if self.smtp_url is not None:
            server = urlsplit(self.smtp_url.get_secret_value())
            if server.scheme not in ("smtp", "smtps") or not server.hostname:
                raise ValueError("SMTP_URL is smtp://host:port or smtps://host:port, with user:password@ where needed")
        if self.mail_from is not None and read_address(self.mail_from) != self.mail_from:
            raise ValueError("PASSERELLE_MAIL_FROM is one address, as rendez-vous@example.org")
        return self

    @model_validator(mode="after")
    def _is_fit_for_production(self) -> Self:
        if self.now is not None and self.now.tzinfo is None:
            raise ValueError("PASSERELLE_NOW needs a time zone, as in 2026-12-22T09:00:00-05:00")
        if self.env == "production":
            if self.secret_key is None or len(self.secret_key.get_secret_value()) < 32:
                raise ValueError("production needs PASSERELLE_SECRET_KEY, 32 characters or more")
            if self.now is not None:
                raise ValueError("production refuses a clock set by PASSERELLE_NOW")
            if self.demonstration:
                raise ValueError("production refuses the demonstration accounts: set PASSERELLE_DEMONSTRATION=false")
        return self

    @cached_property
    def database(self) -> str:
        """A SQLAlchemy URL with an async driver."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.var / 'passerelle.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme.startswith("postgres"):
            return f"postgresql+asyncpg://{rest}"
        if scheme == "sqlite":
            return f"sqlite+aiosqlite://{rest}"
        return self.database_url

    @property
    def sends_email(self) -> bool:
        return self.smtp_url is not None

    @cached_property
    def tracker_store_url(self) -> str:
        """Where Rasa keeps its trackers: beside our tables in PostgreSQL, or a file of its own."""
        if self.database_url and self.database_url.startswith("postgres"):
            return f"postgresql+psycopg2://{self.database_url.partition('://')[2]}"
        return f"sqlite:///{self.var / 'rasa.db'}"

    @cached_property
    def shelf_lives(self) -> ShelfLives:
        return ShelfLives(
            {"amount": self.shelf_life_amounts, "phone": self.shelf_life_phones, "rule": self.shelf_life_rules}
        )

    @cached_property
    def key(self) -> bytes:
        """The secret that signs sessions: the setting, or one made for this machine and kept in `var/`."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        kept = self.var / "secret_key"
        if not kept.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(48))
        return kept.read_text().encode()
