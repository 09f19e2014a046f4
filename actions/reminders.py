"""Reminders on or off, an address for e-mails, and what is answered to a reminder."""

from __future__ import annotations

from actions.answers import leave_form
from actions.turn import Desk, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.email import gives_address, masked, read_address
from bot.domain.meetings import QUEBEC
from bot.domain.messages import Choice
from bot.domain.reminders import Preferences
from bot.i18n.dates import say_both_zones
from bot.services.handoffs import NoTeam
from bot.services.reminders import LATE, NoEmail

# Of a button under the state of reminders: what to change.
CHANGE = "reminders"
ON, OFF, EMAIL, NO_EMAIL = "on", "off", "email", "no_email"


class SetReminders(DeskAction):
    """Says whether reminders are on, turns them on or off, takes or forgets an address."""

    action = "action_set_reminders"

    async def answer(self, turn: Turn) -> Events:
        reminders = self.services.reminders
        match turn.entity(CHANGE) if turn.is_choice else None:
            case "on" | "off" as wanted:
                self._show(turn, await reminders.turn(turn.conversation_id, wanted == ON))
            case "email":
                turn.say("utter_ask_email" if reminders.sends_email else "utter_email_not_offered")
            case "no_email":
                await reminders.write_no_more(turn.conversation_id)
                turn.say("utter_email_removed", choices=[_change(turn, "utter_label_email", EMAIL), _meeting(turn)])
            case _ if gives_address(turn.text) or read_address(turn.text):
                await self._write_to(turn, read_address(turn.text))
            case _:
                self._show(turn, await reminders.preferences(turn.conversation_id))
        return []

    async def _write_to(self, turn: Turn, address: str | None) -> None:
        if not self.services.reminders.sends_email:
            turn.say("utter_email_not_offered")
        elif address is None:
            turn.say("utter_email_unknown")
        else:
            try:
                await self.services.reminders.write_to(turn.conversation_id, address)
            except NoEmail:
                turn.say("utter_email_not_offered")
                return
            choices = [_change(turn, "utter_label_no_email", NO_EMAIL), _meeting(turn)]
            turn.say("utter_email_saved", address=masked(address), choices=choices)

    def _show(self, turn: Turn, chosen: Preferences) -> None:
        has_email = chosen.email is not None and self.services.reminders.sends_email
        choices = [
            _change(turn, "utter_label_reminders_off", OFF)
            if chosen.reminders_on
            else _change(turn, "utter_label_reminders_on", ON)
        ]
        if has_email:
            choices.append(_change(turn, "utter_label_no_email", NO_EMAIL))
        elif self.services.reminders.sends_email:
            choices.append(_change(turn, "utter_label_email", EMAIL))
        name = "utter_reminders_on" if chosen.reminders_on else "utter_reminders_off"
        address = masked(chosen.email) if has_email and chosen.email else ""
        turn.say(f"{name}_email" if has_email else name, address=address, choices=[*choices, _meeting(turn)])


async def answer_reminder(desk: Desk, turn: Turn, answer: str) -> Events:
    """A button under a reminder. Who is late is heard by the agent's team, and no longer by the assistant."""
    services = desk.services
    if answer != LATE:
        is_booked = await services.meetings.current(turn.conversation_id) is not None
        turn.say("utter_coming" if is_booked else "utter_no_meeting")
        return []
    meeting = await services.reminders.note_late(turn.conversation_id)
    if meeting is None:
        turn.say("utter_no_meeting")
        return []
    try:
        asked = await services.handoffs.ask(turn.conversation_id, meeting.agent.region)
    except NoTeam:
        move, cancel = button_payload("reschedule_meeting"), button_payload("cancel_meeting")
        choices = [turn.choice("utter_label_move", move), turn.choice("utter_label_cancel", cancel)]
        turn.say("utter_late_nobody", choices=choices)
        return []
    org = asked.handoff.team.name
    if asked.back_at is None:
        turn.say("utter_late", org=org)
    else:
        turn.say("utter_late_closed", org=org, when=say_both_zones(asked.back_at, turn.language, QUEBEC, turn.timezone))
    return leave_form()


def _change(turn: Turn, label: str, to: str) -> Choice:
    return turn.choice(label, button_payload("set_reminders", **{CHANGE: to}))


def _meeting(turn: Turn) -> Choice:
    return turn.choice("utter_label_my_meeting", button_payload("my_meetings"))
