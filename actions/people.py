"""Handing over: to an organisation of the region, or to a person."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction, SlotSet

from actions.answers import leave_form, phone_numbers
from actions.turn import DeskAction, Events, Turn
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Link
from bot.i18n.dates import say_both_zones, say_day
from bot.knowledge.contacts import NO_BREAK
from bot.knowledge.organisations import directory
from bot.knowledge.places import region_names
from bot.services.handoffs import NoTeam

MAX_ORGANISATIONS = 4


class BeginOrganisations(DeskAction):
    """Asks for the region when nothing said it."""

    action = "action_begin_organisations"

    async def answer(self, turn: Turn) -> Events:
        said = turn.entity("region")
        region = said if said in region_names() else turn.slot("region")
        if region is None:
            return [FollowupAction("organisation_form")]
        show_organisations(region, turn)
        return [SlotSet("region", region)]


class FindOrganisation(DeskAction):
    """Organisations of the region whose existence was confirmed, and 211."""

    action = "action_find_organisation"

    async def answer(self, turn: Turn) -> Events:
        show_organisations(turn.slot("region"), turn)
        return []


def show_organisations(region: str | None, turn: Turn) -> None:
    """What is said of a region; without one, how to reach the 211."""
    found = directory().in_region(region, MAX_ORGANISATIONS) if region else ()
    name = region_names().get(region or "", "Québec")
    help_line = Link(turn.sentence("utter_link_211"), directory().fallback_url)
    if not found:
        turn.say("utter_organisations_none", region=name, links=[help_line])
        return
    lines = [
        turn.sentence(
            "utter_organisation_line",
            name=organisation.name,
            city=organisation.city,
            phone=f", {organisation.phone.replace(' ', NO_BREAK)}" if organisation.phone else "",
        )
        for organisation in found
    ]
    lines.append(turn.sentence("utter_organisations_source", checked=say_day(directory().checked, turn.language)))
    links = [Link(organisation.name, organisation.website) for organisation in found if organisation.website]
    turn.say(
        "utter_organisations",
        region=name,
        list="\n".join(f"– {line}" for line in lines[:-1]) + f"\n{lines[-1]}",
        links=[*links, help_line],
        topic="find_organisation",
    )


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
