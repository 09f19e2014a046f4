"""The times offered in a booking: shown three at a time, chosen by button, by number, or by day and hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rasa_sdk.events import SlotSet

from actions.turn import ANSWER_INTENTS, DeskAction, Events, Turn
from bot.contract import button_payload
from bot.domain.meetings import QUEBEC, FreeTime, Mode, Offer, Wish, read_mode, spread
from bot.domain.messages import Choice
from bot.domain.spoken import Spoken, pick, read_time
from bot.i18n.dates import say_both_zones, say_button_moment, say_day
from bot.services.meetings import MeetingService

SHOWN = 3
MORE, WAIT = "more", "wait"


def time_of(free: FreeTime, mode: Mode) -> str:
    """How a free time is named in a button: agent and start, on the clocks by which it is shown."""
    start = free.starts_at.astimezone(free.zone(mode)).replace(second=0, microsecond=0)
    if start.tzinfo is QUEBEC:
        return f"{free.agent.id}@{start.strftime('%Y-%m-%dT%H:%M')}"
    return f"{free.agent.id}@{start.isoformat(timespec='minutes')}"


def as_time(named: str | None) -> tuple[str, datetime] | None:
    """(agent id, start as it was shown) of a named time; None when it names none."""
    agent_id, at, start = (named or "").partition("@")
    if not at:
        return None
    try:
        moment = datetime.fromisoformat(start)
        return agent_id, moment if moment.tzinfo else moment.replace(tzinfo=QUEBEC)
    except ValueError:
        return None


def wish_of(turn: Turn) -> Wish | None:
    """What the slots ask for; None while something is missing."""
    arrival, region, mode = turn.slot("arrival_date"), turn.slot("region"), turn.slot("meeting_mode")
    if not (arrival and region and mode):
        return None
    return Wish(date.fromisoformat(arrival), region, Mode(mode), turn.language, bool(turn.slot("is_mode_firm")))


class AskMeetingTime(DeskAction):
    """Free times in both zones, on or before the due date when there is one left. Else the person waits for one too."""

    action = "action_ask_meeting_time"

    async def answer(self, turn: Turn) -> Events:
        wish = wish_of(turn)
        if wish is None:
            return []
        meetings = self.services.meetings
        offer = await meetings.offer(wish, turn.conversation_id)
        if not offer.is_in_time:
            await meetings.wait(turn.conversation_id, wish, offer.times[0].starts_at if offer.times else None)
        if not offer.times:
            turn.say("utter_no_time" if wish.mode is Mode.IN_PERSON else "utter_no_time_remote")
            return [SlotSet("times_shown", None)]
        is_other_mode = offer.mode is not wish.mode
        # One button is for another way out, where there is one.
        size = SHOWN - 1 if is_other_mode or not offer.is_in_time else SHOWN
        page = int(turn.slot("times_page") or 0)
        times = spread(offer.times)
        shown = sorted(times[page * size : (page + 1) * size], key=lambda free: free.starts_at)
        if not shown:
            turn.say("utter_no_more_times")
            page, shown = 0, times[:size]
        if turn.asked == "meeting_time" and turn.intent in ANSWER_INTENTS and not _is_understood(turn):
            turn.say("utter_time_not_understood")
        if is_other_mode:
            turn.say("utter_only_remote")
        self._say(offer, shown, turn, has_more=len(offer.times) > size, is_other_mode=is_other_mode)
        named = [time_of(free, offer.mode) for free in shown]
        return [SlotSet("times_shown", named), SlotSet("times_page", page), SlotSet("meeting_mode", offer.mode.value)]

    def _say(self, offer: Offer, shown: Sequence[FreeTime], turn: Turn, *, has_more: bool, is_other_mode: bool) -> None:
        zones = [free.zone(offer.mode) for free in shown]
        lines = [
            say_both_zones(free.starts_at, turn.language, zone, turn.timezone)
            for free, zone in zip(shown, zones, strict=True)
        ]
        choices = [
            Choice(
                say_button_moment(free.starts_at.astimezone(zone), turn.language),
                button_payload("inform", meeting_time=time_of(free, offer.mode)),
            )
            for free, zone in zip(shown, zones, strict=True)
        ]
        if has_more:
            choices.append(turn.choice("utter_more_times", button_payload("inform", meeting_time=MORE)))
        if is_other_mode:
            in_person = button_payload("inform", meeting_mode=Mode.IN_PERSON.value)
            choices.append(turn.choice("utter_meeting_mode_in_person", in_person))
        elif not offer.is_in_time and not turn.slot("is_moving"):
            choices.append(turn.choice("utter_wait_for_time", button_payload("inform", meeting_time=WAIT)))
        name = "utter_offer_times" if all(zone is QUEBEC for zone in zones) else "utter_offer_times_office"
        if not offer.is_in_time:
            name = "utter_offer_times_late" if offer.due >= self._today() else "utter_offer_times_past"
        due = say_day(offer.due, turn.language, article=True)
        turn.say(name, times="\n".join(f"– {line}" for line in lines), due=due, choices=choices)

    def _today(self) -> date:
        return self.services.meetings.today()


async def read_time_answer(turn: Turn, meetings: MeetingService) -> Events:
    """The chosen time, or the next page. Empty when the message is no answer.

    What is written is looked for among the times shown, then among all that are free.
    """
    chosen = turn.entity("meeting_time")
    if chosen == MORE:
        return [SlotSet("meeting_time", None), SlotSet("times_page", int(turn.slot("times_page") or 0) + 1)]
    if chosen == WAIT:
        return [SlotSet("meeting_time", WAIT)]
    if chosen is not None:
        return [SlotSet("meeting_time", chosen if as_time(chosen) else None)]
    if turn.is_choice:
        return []
    spoken = read_time(turn.text_for_grammars, meetings.today())
    if spoken is not None and (turn.intent in ANSWER_INTENTS or "?" not in turn.text):
        shown = [named for named in turn.slot("times_shown") or () if as_time(named)]
        chosen = _the_one(spoken, shown) or (
            None if spoken.ordinal else _the_one(spoken, await _all_free(turn, meetings))
        )
        if chosen is not None:
            return [SlotSet("meeting_time", chosen)]
    return [SlotSet("meeting_time", None)] if turn.intent in ANSWER_INTENTS else []


def _the_one(spoken: Spoken, named: Sequence[str]) -> str | None:
    """The only time that fits what was said; None when none does, or several."""
    starts = [time[1] for time in map(as_time, named) if time]
    fitting = pick(spoken, starts)
    return named[fitting[0]] if len(fitting) == 1 else None


async def _all_free(turn: Turn, meetings: MeetingService) -> list[str]:
    wish = wish_of(turn)
    if wish is None:
        return []
    offer = await meetings.offer(wish, turn.conversation_id)
    return [time_of(free, offer.mode) for free in offer.times]


def _is_understood(turn: Turn) -> bool:
    """Whether the message is a button, or says another place or way to meet."""
    return turn.is_choice or turn.entity("region") is not None or read_mode(turn.text_for_grammars) is not None
