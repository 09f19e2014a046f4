"""Organisations that help newcomers, and which of them come first for a region, a need and a language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# What a newcomer who asks for nothing in particular looks for.
WELCOME = "accueil"


@dataclass(frozen=True)
class Organisation:
    """`region` is a code, "01" to "17"; `services`, `clientele` and `languages` hold what was confirmed of it.

    `is_open_confirmed`: something of this year shows that it is open. `checked`: the day its entry was read again.
    """

    id: str
    name: str
    city: str
    region: str
    website: str | None
    phone: str | None
    services: tuple[str, ...]
    clientele: tuple[str, ...]
    languages: tuple[str, ...]
    is_open_confirmed: bool
    checked: date


@dataclass(frozen=True)
class Need:
    """What a person asks for: met by any of these services, or by an organisation for these people."""

    id: str
    services: frozenset[str]
    clientele: frozenset[str] = frozenset()

    def is_met_by(self, organisation: Organisation) -> bool:
        return not (
            self.services.isdisjoint(organisation.services) and self.clientele.isdisjoint(organisation.clientele)
        )


@dataclass(frozen=True)
class Page:
    """Some organisations of the region, and what follows them.

    `meets_need` is False when they are shown although the need is not among what they offer. `elsewhere` holds the
    nearest region's that do, on the first page of a region that has none. `next_skip` is None on the last page.
    """

    organisations: tuple[Organisation, ...]
    meets_need: bool
    elsewhere: tuple[Organisation, ...]
    next_skip: int | None


@dataclass(frozen=True)
class Changes:
    """What one directory has that another has not, by id."""

    added: tuple[Organisation, ...]
    changed: tuple[Organisation, ...]
    removed: tuple[Organisation, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def find(
    organisations: Iterable[Organisation],
    region: str,
    need: Need | None,
    language: str,
    near: Mapping[str, Sequence[str]],
    *,
    skip: int = 0,
    limit: int = 3,
) -> Page:
    """`near` is each region's neighbours, nearest first. Those that meet the need never share a page with others."""
    ranked = rank(organisations, need, language)
    here = [organisation for organisation in ranked if organisation.region == region]
    fitting = [organisation for organisation in here if need is None or need.is_met_by(organisation)]
    elsewhere = () if skip or fitting else _nearest(ranked, region, need, near)[:1]
    until = len(fitting) if skip < len(fitting) else len(here)
    shown = tuple(here[skip : min(skip + limit - len(elsewhere), until)])
    after = skip + len(shown)
    return Page(shown, skip < len(fitting), elsewhere, after if after < len(here) else None)


def rank(organisations: Iterable[Organisation], need: Need | None, language: str) -> list[Organisation]:
    """Those that meet the need first (who welcomes, when nothing is asked), then those that speak the language, then
    those most surely open, then by name."""

    def place(organisation: Organisation) -> tuple[bool, bool, bool, str, str]:
        meets = WELCOME in organisation.services if need is None else need.is_met_by(organisation)
        return (
            not meets,
            language not in organisation.languages,
            not organisation.is_open_confirmed,
            organisation.name,
            organisation.id,
        )

    return sorted(organisations, key=place)


def _nearest(
    ranked: Sequence[Organisation], region: str, need: Need | None, near: Mapping[str, Sequence[str]]
) -> tuple[Organisation, ...]:
    """Those that meet the need in the first region, going outwards, that has one."""
    for other in outwards(region, near):
        found = tuple(o for o in ranked if o.region == other and (need is None or need.is_met_by(o)))
        if found:
            return found
    return ()


def outwards(region: str, near: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every other region that can be reached: neighbours, then theirs."""
    seen, ring = {region}, [region]
    while ring:
        ring = list(dict.fromkeys(other for each in ring for other in near.get(each, ()) if other not in seen))
        seen.update(ring)
        yield from ring


def changes(before: Iterable[Organisation], after: Iterable[Organisation]) -> Changes:
    """In the order in which each is given."""
    old = {organisation.id: organisation for organisation in before}
    new = {organisation.id: organisation for organisation in after}
    return Changes(
        added=tuple(o for key, o in new.items() if key not in old),
        changed=tuple(o for key, o in new.items() if key in old and old[key] != o),
        removed=tuple(o for key, o in old.items() if key not in new),
    )
