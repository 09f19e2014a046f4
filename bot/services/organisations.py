"""The directory of organisations: found for a person, exported and imported by staff as CSV, all of it or nothing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain import organisations as rules
from bot.domain.meetings import QUEBEC
from bot.domain.organisations import Changes, Need, Organisation, Page
from bot.domain.organisations_csv import Vocabulary, read_csv, write_csv
from bot.services.house import House

logger = logging.getLogger(__name__)


class DirectoryChanged(Exception):
    """Somebody changed the directory since these changes were looked at; nothing was imported."""


@dataclass(frozen=True)
class Preview:
    """What an import would change, and in which directory: `seen` goes back to `import_csv`."""

    changes: Changes
    total: int
    seen: str


class OrganisationService:
    """`near` is each region's neighbours, the nearest first."""

    def __init__(self, house: House, vocabulary: Vocabulary, near: Mapping[str, Sequence[str]]) -> None:
        self._house = house
        self._vocabulary = vocabulary
        self._near = near

    async def seed(self, organisations: Sequence[Organisation]) -> bool:
        """Fills an empty directory; one that somebody holds already is left as it is."""
        async with self._house.work() as unit:
            await unit.organisations.one_at_a_time()
            if await unit.organisations.any():
                return False
            await unit.organisations.replace(organisations)
        return True

    async def all(self) -> Sequence[Organisation]:
        """By region and name."""
        async with self._house.work() as unit:
            return await unit.organisations.all()

    async def find(self, region: str, need: Need | None, language: str, limit: int, skip: int = 0) -> Page:
        """What a person of the region who asks for this is shown."""
        async with self._house.work() as unit:
            directory = await unit.organisations.all()
        return rules.find(directory, region, need, language, self._near, skip=skip, limit=limit)

    async def export_csv(self) -> str:
        async with self._house.work() as unit:
            return write_csv(await unit.organisations.all())

    async def preview_csv(self, data: bytes) -> Preview:
        """Changes nothing. Raises CsvRefused with every problem."""
        new = self._read(data)
        async with self._house.work() as unit:
            old = await unit.organisations.all()
        return Preview(rules.changes(old, new), len(new), _fingerprint(old))

    async def import_csv(self, data: bytes, seen: str | None = None) -> Changes:
        """The file becomes the directory. Raises CsvRefused; DirectoryChanged when it is no more the one `seen`."""
        new = self._read(data)
        async with self._house.work() as unit:
            await unit.organisations.one_at_a_time()
            old = await unit.organisations.all()
            if seen is not None and seen != _fingerprint(old):
                raise DirectoryChanged
            await unit.organisations.replace(new)
        done = rules.changes(old, new)
        logger.info(
            "organisations imported: added=%d changed=%d removed=%d",
            *(len(done.added), len(done.changed), len(done.removed)),
        )
        return done

    def _read(self, data: bytes) -> tuple[Organisation, ...]:
        return read_csv(data, self._vocabulary, self._house.clock.now().astimezone(QUEBEC).date())


def _fingerprint(directory: Iterable[Organisation]) -> str:
    return hashlib.sha256(write_csv(directory).encode()).hexdigest()
