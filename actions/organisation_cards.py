"""How organisations are shown: what they offer, for whom, in which language, a telephone; always with the 211."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from actions.turn import Turn
from bot.contract import button_payload
from bot.domain.messages import Choice, Link
from bot.domain.organisations import WELCOME, Need, Organisation, Page
from bot.i18n.dates import say_day
from bot.i18n.languages import FRENCH
from bot.i18n.lists import say_language, say_list
from bot.knowledge.answers import ShelfLives
from bot.knowledge.contacts import NO_BREAK
from bot.knowledge.needs import needs
from bot.knowledge.organisations import directory
from bot.knowledge.places import region_names

FIND = "find_organisation"
HUMAN = "/talk_to_human"
MAX_NAMED = 3
# Named alone: it holds all the others.
EVERYONE = "toutes"


def show_page(page: Page, region: str, need: Need | None, turn: Turn, today: date, shelf_lives: ShelfLives) -> None:
    """One page of the region's organisations; when none meets the need that is said, with the nearest that does."""
    shown = (*page.elsewhere, *page.organisations)
    if not shown:
        show_none(region, turn)
        return

    def cards(organisations: Iterable[Organisation]) -> list[str]:
        return [card(each, need, turn, today, shelf_lives) for each in organisations]

    here, lines = region_names()[region], []
    wanted = turn.sentence(f"utter_need_{(need or needs().needs['welcome']).id}")
    if page.elsewhere:
        lines.append(turn.sentence("utter_organisations_not_here", region=here, need=wanted))
        there = region_names()[page.elsewhere[0].region]
        lines += [turn.sentence("utter_organisations_elsewhere", region=there), *cards(page.elsewhere)]
        if page.organisations:
            lines.append(turn.sentence("utter_organisations_meanwhile"))
    elif not page.meets_need:
        lines.append(turn.sentence("utter_organisations_others", region=here))
    elif need is not None:
        lines.append(turn.sentence("utter_organisations_for", region=here, need=wanted))
    else:
        lines.append(turn.sentence("utter_organisations_head", region=here))
    lines += cards(page.organisations)
    lines.append(turn.sentence("utter_organisations_211"))
    checked = min(organisation.checked for organisation in shown)
    lines.append(turn.sentence("utter_organisations_source", checked=say_day(checked, turn.language, weekday=False)))
    turn.say_text("\n".join(lines), links=_links(shown, turn), choices=_choices(page, region, need, turn), topic=FIND)


def show_none(region: str | None, turn: Turn) -> None:
    name = region_names().get(region or "", "Québec")
    turn.say("utter_organisations_none", region=name, links=_links((), turn))


def card(organisation: Organisation, need: Need | None, turn: Turn, today: date, shelf_lives: ShelfLives) -> str:
    """Its lines. A telephone number that was not checked for too long is left out."""
    name, city = _typeset(organisation.name), _typeset(organisation.city)
    lines = [turn.sentence("utter_organisation_line", name=name, city=city)]
    if services := _services_to_name(organisation, need):
        named = say_list([turn.sentence(f"utter_service_{each}") for each in services], turn.language)
        lines.append(turn.sentence("utter_organisation_services", list=named))
    if people := _people_to_name(organisation):
        named = say_list([turn.sentence(f"utter_clientele_{each}") for each in people], turn.language)
        lines.append(turn.sentence("utter_organisation_clientele", list=named))
    if turn.language != FRENCH and turn.language in organisation.languages:
        spoken = say_language(turn.language, turn.language)
        lines.append(turn.sentence("utter_organisation_language", language=spoken))
    if organisation.phone and today <= shelf_lives.last_day(organisation.checked, "phone"):
        phone = organisation.phone.replace(" ", NO_BREAK)
        lines.append(turn.sentence("utter_organisation_phone", phone=phone))
    return "\n".join(lines)


def _services_to_name(organisation: Organisation, need: Need | None) -> list[str]:
    """What was asked for, then who welcomes, then what is most useful to know; three at most."""
    known = [service for service in needs().said_services if service in organisation.services]
    asked = need.services if need is not None else frozenset()
    known.sort(key=lambda service: (service not in asked, service != WELCOME))
    return known[:MAX_NAMED]


def _people_to_name(organisation: Organisation) -> Sequence[str]:
    if EVERYONE in organisation.clientele:
        return [EVERYONE]
    return [each for each in needs().clientele if each in organisation.clientele][:MAX_NAMED]


def _links(organisations: Iterable[Organisation], turn: Turn) -> list[Link]:
    """Their sites and the 211's."""
    sites = [Link(_typeset(each.name), each.website) for each in organisations if each.website]
    return [*sites, Link(turn.sentence("utter_link_211"), directory().fallback_url)]


def _typeset(name: str) -> str:
    return name.replace("'", "’")


def _choices(page: Page, region: str, need: Need | None, turn: Turn) -> list[Choice]:
    choices = [turn.choice("utter_label_human", HUMAN)]
    if page.next_skip is not None:
        asked = {"service": need.id} if need is not None else {}
        payload = button_payload(FIND, region=region, **asked, detail=str(page.next_skip))
        choices.insert(0, turn.choice("utter_label_more_organisations", payload))
    return choices
