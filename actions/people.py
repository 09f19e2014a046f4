"""Handing over: to an organisation of the region, or to a person."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction, SlotSet

from actions.answers import leave_form, phone_numbers
from actions.organisation_cards import show_none, show_page
from actions.turn import Desk, DeskAction, Events, Turn
from bot.domain.meetings import QUEBEC
from bot.domain.organisations import Need
from bot.i18n.dates import say_both_zones
from bot.knowledge.needs import needs
from bot.knowledge.places import region_names
from bot.services.handoffs import NoTeam

MAX_ORGANISATIONS = 3
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


class BeginOrganisations(DeskAction):
    """Hears the region and what is asked for; asks for the region when nothing said it. A button asks for more."""

    action = "action_begin_organisations"

    async def answer(self, turn: Turn) -> Events:
        said = turn.entity("region")
        region = said if said in region_names() else turn.slot("region")
        need = _need_asked(turn)
        kept = SlotSet("organisation_need", need.id if need else None)
        if region is None:
            return [kept, FollowupAction("organisation_form")]
        detail = turn.entity("detail") if turn.is_choice else None
        skip = int(detail) if isinstance(detail, str) and _NUMBER.fullmatch(detail) else 0
        await _show(self.desk, turn, region, need, skip)
        return [SlotSet("region", region), kept]


class FindOrganisation(DeskAction):
    """Once the region is told: its organisations for what was asked, and 211."""

    action = "action_find_organisation"

    async def answer(self, turn: Turn) -> Events:
        region = turn.slot("region")
        need = needs().needs.get(turn.slot("organisation_need") or "") or _need_asked(turn)
        if region not in region_names():
            show_none(None, turn)
            return []
        await _show(self.desk, turn, region, need, 0)
        return []


def _need_asked(turn: Turn) -> Need | None:
    """What a button asks for, or the words of the message."""
    if turn.is_choice:
        return needs().needs.get(str(turn.entity("service")))
    return needs().heard(turn.text, turn.language)


async def _show(desk: Desk, turn: Turn, region: str, need: Need | None, skip: int) -> None:
    find = desk.services.organisations.find
    page = await find(region, need, turn.language, MAX_ORGANISATIONS, skip)
    if skip and not page.organisations:  # the directory has become shorter since the button was offered
        page = await find(region, need, turn.language, MAX_ORGANISATIONS)
    show_page(page, region, need, turn, desk.services.meetings.today(), desk.settings.shelf_lives)


class TalkToHuman(DeskAction):
    """Opens the hand-over and says who answers and when; from then on the assistant is silent."""

    action = "action_talk_to_human"

    async def answer(self, turn: Turn) -> Events:
        said = turn.entity("region")
        region = said if said in region_names() else turn.slot("region")
        try:
            asked = await self.services.handoffs.ask(turn.conversation_id, region)
        except NoTeam:
            turn.say("utter_handoff_none", **phone_numbers())
            return leave_form()
        org = asked.handoff.team.name
        if not asked.is_new:
            turn.say("utter_handoff_open", org=org)
        elif asked.back_at is None:
            turn.say("utter_handoff_waiting", org=org)
        else:
            back = say_both_zones(asked.back_at, turn.language, QUEBEC, turn.timezone)
            turn.say("utter_handoff_later", org=org, when=back)
        return leave_form()
