"""Settings: customary names, database addresses, what production refuses, and the secret kept in a private file."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from bot.settings import ROOT, Settings

SECRET = "a secret of thirty-two characters, and more"
FIT_FOR_PRODUCTION = {"env": "production", "secret_key": SECRET, "demonstration": False}


@pytest.fixture(autouse=True)
def _no_variable_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name.startswith(("PASSERELLE_", "TELEGRAM_")) or name in {"DATABASE_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_nothing_has_to_be_set() -> None:
    chosen = settings()
    assert (chosen.env, chosen.host, chosen.port) == ("development", "127.0.0.1", 8080)
    assert chosen.database == f"sqlite+aiosqlite:///{ROOT / 'var' / 'passerelle.db'}"
    assert chosen.tracker_store_url == f"sqlite:///{ROOT / 'var' / 'rasa.db'}"
    assert chosen.redis_url is None
    assert chosen.telegram_bot_token is None


def test_the_environment_is_read_under_its_customary_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PASSERELLE_PORT": "9000",
        "PASSERELLE_ALLOWED_ORIGINS": "https://organisme.test",
        "PASSERELLE_NOW": "2026-12-22T09:00:00-05:00",
        "DATABASE_URL": "postgresql://u@host/db",
        "REDIS_URL": "redis://host",
        "TELEGRAM_BOT_TOKEN": "1:token",
        "TELEGRAM_API_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    chosen = settings()
    assert chosen.port == 9000
    assert chosen.allowed_origins == ("https://organisme.test",)
    assert chosen.now is not None
    assert chosen.now.isoformat() == "2026-12-22T09:00:00-05:00"
    assert chosen.database == "postgresql+asyncpg://u@host/db"
    assert chosen.redis_url == "redis://host"
    assert chosen.telegram_bot_token is not None
    assert chosen.telegram_bot_token.get_secret_value() == "1:token"
    assert chosen.telegram_api_url == "http://127.0.0.1:9"


def test_a_file_is_read_and_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("PASSERELLE_PORT=9000\nPASSERELLE_HOST=0.0.0.0\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PASSERELLE_PORT", "9001")
    chosen = Settings(_env_file=file)  # type: ignore[call-arg]
    assert (chosen.host, chosen.port) == ("0.0.0.0", 9001)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
def test_every_form_of_a_postgresql_address_is_understood(scheme: str) -> None:
    chosen = settings(database_url=f"{scheme}://user:p%40ss@host:5433/passerelle?host=/run/pg")
    ours, rasas = make_url(chosen.database), make_url(chosen.tracker_store_url)
    assert (ours.drivername, rasas.drivername) == ("postgresql+asyncpg", "postgresql+psycopg2")
    for url in (ours, rasas):
        assert (url.username, url.password, url.host, url.port) == ("user", "p@ss", "host", 5433)
        assert (url.database, url.query) == ("passerelle", {"host": "/run/pg"})


def test_a_sqlite_address_is_kept_as_it_is() -> None:
    chosen = settings(database_url="sqlite+aiosqlite:////data/p.db", var=Path("/data"))
    assert chosen.database == "sqlite+aiosqlite:////data/p.db"
    assert chosen.tracker_store_url == "sqlite:////data/rasa.db"


def test_production_starts_with_a_secret_and_without_demonstration() -> None:
    assert settings(**FIT_FOR_PRODUCTION).env == "production"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"secret_key": None}, "PASSERELLE_SECRET_KEY", id="no secret"),
        pytest.param({"secret_key": "too short"}, "PASSERELLE_SECRET_KEY", id="short secret"),
        pytest.param({"demonstration": True}, "PASSERELLE_DEMONSTRATION", id="demonstration accounts"),
        pytest.param({"now": "2026-12-22T09:00:00-05:00"}, "PASSERELLE_NOW", id="a clock that is set"),
    ],
)
def test_production_refuses(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        settings(**{**FIT_FOR_PRODUCTION, **change})


@pytest.mark.parametrize(
    "wrong",
    [{"env": "staging"}, {"port": 70000}, {"port": -1}, {"rasa_timeout": 0}, {"now": "2026-12-22T09:00:00"},
     {"trusted_proxies": -1}, {"max_message_chars": 1}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_secrets_are_not_shown() -> None:
    shown = repr(settings(secret_key=SECRET, telegram_bot_token="1:token", telegram_webhook_secret="hook"))
    assert not any(secret in shown for secret in (SECRET, "1:token", "hook'"))


def test_the_key_is_made_once_for_this_machine_and_nobody_else_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    key = settings(var=folder).key
    assert len(key) >= 32
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert settings(var=folder).key == key
    assert settings(var=tmp_path / "other").key != key


def test_the_setting_comes_before_the_file(tmp_path: Path) -> None:
    assert settings(var=tmp_path, secret_key=SECRET).key == SECRET.encode()
    assert not (tmp_path / "secret_key").exists()


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert Settings().allowed_origins == ("https://a.example", "https://b.example")


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "")
    assert Settings().telegram_bot_token is None


def test_a_plain_sqlite_address_gets_its_driver() -> None:
    assert settings(database_url="sqlite:////data/p.db").database == "sqlite+aiosqlite:////data/p.db"
