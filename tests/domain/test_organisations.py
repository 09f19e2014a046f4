"""Which organisations come first, what is shown when none fits, and what one directory changes in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.organisations import Need, Organisation, changes, find, outwards, rank
from tests.factories import an_organisation

HOUSING = Need("housing", frozenset({"logement"}))
WOMEN = Need("women", frozenset({"femmes"}), frozenset({"femmes"}))
NEAR = {"13": ("06", "15"), "06": ("16",), "15": ("07",), "16": (), "07": (), "11": ()}


def ids(organisations: object) -> list[str]:
    assert isinstance(organisations, list | tuple)
    return [organisation.id for organisation in organisations]


def test_the_service_counts_before_the_language_the_language_before_the_opening_and_that_before_the_name() -> None:
    plain = an_organisation("plain", name="A")
    surely_open = an_organisation("open", name="Z", is_open_confirmed=True)
    spanish = an_organisation("spanish", name="Z", languages=("fr", "es"))
    housing = an_organisation("housing", name="Z", services=("logement",))
    later = an_organisation("later", name="B")
    assert ids(rank([later, plain, surely_open, spanish, housing], HOUSING, "es")) == [
        *("housing", "spanish", "open", "plain", "later")
    ]


def test_when_nothing_is_asked_those_who_welcome_come_first() -> None:
    work = an_organisation("work", name="A", services=("emploi",))
    assert ids(rank([work, an_organisation("welcome", name="Z")], None, "fr")) == ["welcome", "work"]


def test_a_need_is_met_by_the_service_or_by_the_people_it_is_for() -> None:
    assert WOMEN.is_met_by(an_organisation(services=("femmes",)))
    assert WOMEN.is_met_by(an_organisation(services=(), clientele=("femmes",)))
    assert not WOMEN.is_met_by(an_organisation(clientele=("toutes",)))


def test_those_that_fit_fill_their_own_pages_and_the_others_follow() -> None:
    directory = [an_organisation(f"fit-{n}", services=("logement",)) for n in range(4)]
    directory += [an_organisation(f"other-{n}") for n in range(2)]
    first = find(directory, "13", HOUSING, "fr", NEAR)
    second = find(directory, "13", HOUSING, "fr", NEAR, skip=first.next_skip or 0)
    third = find(directory, "13", HOUSING, "fr", NEAR, skip=second.next_skip or 0)
    assert (ids(first.organisations), first.meets_need) == (["fit-0", "fit-1", "fit-2"], True)
    assert (ids(second.organisations), second.meets_need) == (["fit-3"], True)
    assert (ids(third.organisations), third.meets_need, third.next_skip) == (["other-0", "other-1"], False, None)
    assert first.elsewhere == second.elsewhere == third.elsewhere == ()


def test_when_none_in_the_region_fits_the_nearest_that_does_is_added() -> None:
    far = an_organisation("far", region="16", services=("logement",))
    nearer = an_organisation("nearer", region="15", services=("logement",))
    page = find([far, nearer, *(an_organisation(f"here-{n}") for n in range(3))], "13", HOUSING, "fr", NEAR)
    assert (ids(page.organisations), ids(page.elsewhere)) == (["here-0", "here-1"], ["nearer"])
    assert not page.meets_need
    assert page.next_skip == 2


def test_a_region_without_any_gets_the_nearest_ones() -> None:
    page = find([an_organisation("montreal", region="06")], "13", None, "fr", NEAR)
    assert (page.organisations, ids(page.elsewhere), page.next_skip) == ((), ["montreal"], None)
    assert find([], "13", HOUSING, "fr", NEAR).elsewhere == ()


def test_neighbours_come_before_their_neighbours_and_none_comes_twice() -> None:
    assert list(outwards("13", NEAR)) == ["06", "15", "16", "07"]
    assert list(outwards("11", NEAR)) == []


DIRECTORIES = st.lists(
    st.builds(
        lambda number, region, services: an_organisation(f"o{number}", region=region, services=services),
        st.integers(0, 99),
        st.sampled_from(["13", "06", "15"]),
        st.sampled_from([(), ("accueil",), ("logement",)]),
    ),
    unique_by=lambda organisation: organisation.id,
    max_size=12,
)


@given(DIRECTORIES, st.sampled_from([None, HOUSING, WOMEN]), st.integers(2, 4))
def test_page_after_page_each_of_the_region_is_shown_once(
    directory: list[Organisation], need: Need | None, limit: int
) -> None:
    shown: list[str] = []
    skip: int | None = 0
    while skip is not None:
        page = find(directory, "13", need, "fr", NEAR, skip=skip, limit=limit)
        assert len(page.organisations) + len(page.elsewhere) <= limit
        assert page.next_skip is None or page.next_skip > skip
        shown += ids(page.organisations)
        skip = page.next_skip
    assert len(shown) == len(set(shown))
    assert set(shown) == {organisation.id for organisation in directory if organisation.region == "13"}


@pytest.mark.parametrize("limit", [2, 3])
def test_the_nearest_never_takes_every_place(limit: int) -> None:
    far = an_organisation("far", region="06", services=("logement",))
    assert find([far, an_organisation("here")], "13", HOUSING, "fr", NEAR, limit=limit).organisations


def test_changes_are_those_added_changed_and_removed() -> None:
    kept, old, gone, new = (an_organisation(name) for name in ("kept", "mended", "gone", "new"))
    mended = an_organisation("mended", city="Longueuil")
    found = changes([kept, old, gone], [new, mended, kept])
    assert (found.added, found.changed, found.removed) == ((new,), (mended,), (gone,))
    assert found
    assert not changes([kept, old], [old, kept])
