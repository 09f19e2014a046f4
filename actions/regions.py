"""The question of the region, and what an answer to it means: a region, several that it could be, or none.

What could be several places is asked about once. An answer that still tells no region leads to a choice of regions,
a few at a time: no question is put twice in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable

from rasa_sdk.events import SlotSet

from actions.turn import ANSWER_INTENTS, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.messages import Choice
from bot.knowledge.places import region_names, short_region_name

MAX_WORDS_WITH_PLACE = 6
# With the button for the others, four: more are not read on a telephone.
SHOWN = 3
# The region that a button tells when it is none of those shown.
ELSEWHERE = "elsewhere"
# As PlaceExtractor writes it: the name of a city and of the province around it.
CITY_AND_PROVINCE = frozenset({"quebec", "kebec", "kebek", "qc"})
CAPITAL = "03"
# Where most people settle first; then in the order of the codes.
_FIRST = ("06", "16", "03", "13", "07", "05", "14", "15")


def read_region_answer(turn: Turn) -> Events:
    """The region told; None for an answer that tells none; nothing for what is no answer."""
    found = turn.entity("region")
    if found in region_names() and (turn.is_choice or turn.intent in ANSWER_INTENTS or _is_short(turn)):
        return [SlotSet("region", found)]
    return [SlotSet("region", None)] if _tells_no_region(turn) else []


def _tells_no_region(turn: Turn) -> bool:
    if turn.is_choice:
        return bool(turn.entity("region") == ELSEWHERE)
    return turn.intent in ANSWER_INTENTS or (turn.entity("ambiguous_place") is not None and _is_short(turn))


def _is_short(turn: Turn) -> bool:
    return "?" not in turn.text and len(turn.text.split()) <= MAX_WORDS_WITH_PLACE


class AskRegion(DeskAction):
    """The question, or why the place given could not be used. `region_tries` counts the answers that told no region."""

    action = "action_ask_region"

    async def answer(self, turn: Turn) -> Events:
        is_first = turn.asked != "region"
        tries = 0 if is_first else int(turn.slot("region_tries") or 0)
        could_be = turn.entity_details("ambiguous_place")
        if could_be is not None if is_first else _tells_no_region(turn):
            tries = max(tries + 1, 2 if turn.entity("region") == ELSEWHERE else 1)
            if tries > 1:
                _offer_regions(turn, tries - 2)
            elif could_be is not None:
                _ask_which(turn, could_be["value"], could_be.get("regions") or ())
            else:
                turn.say("utter_region_unknown")
        elif tries > 1:
            _offer_regions(turn, tries - 2)
        else:
            turn.say("utter_ask_region")
        return [SlotSet("region_tries", tries)]


def _ask_which(turn: Turn, written: str, regions: Iterable[str]) -> None:
    named = [region for region in regions if region in region_names()]
    elsewhere = turn.choice("utter_label_elsewhere", button_payload("inform", region=ELSEWHERE))
    if written in CITY_AND_PROVINCE:
        city = turn.choice("utter_label_quebec_city", button_payload("inform", region=CAPITAL))
        turn.say("utter_region_city_or_province", choices=[city, elsewhere])
    else:
        turn.say("utter_region_ambiguous", choices=[*map(_choice, named[:SHOWN]), elsewhere])


def _offer_regions(turn: Turn, page: int) -> None:
    """The pages follow each other; after the last one comes the first. The last one offers a person as well."""
    codes = [*_FIRST, *(code for code in region_names() if code not in _FIRST)]
    pages = [codes[at : at + SHOWN] for at in range(0, len(codes), SHOWN)]
    shown = page % len(pages)
    is_last = shown == len(pages) - 1
    others = turn.choice("utter_label_other_regions", button_payload("inform", region=ELSEWHERE))
    person = [turn.choice("utter_label_human", button_payload("talk_to_human"))] if is_last else []
    turn.say("utter_region_choose", choices=[*map(_choice, pages[shown]), others, *person])


def _choice(region: str) -> Choice:
    return Choice(short_region_name(region), button_payload("inform", region=region))
