"""The times offered in a booking: shown three at a time, chosen by button, by number, or by day and hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rasa_sdk.events import SlotSet

from actions.turn import ANSWER_INTENTS, DeskAction, Events, Turn
from bot.domain.meetings import QUEBEC, FreeTime, Mode, Offer, Wish, spread
from bot.domain.messages import Choice
from bot.domain.spoken import Spoken, pick, read_time
from bot.i18n.dates import say_both_zones, say_button_moment, say_day
from bot.services.meetings import MeetingService

SHOWN = 3
MORE = "more"


def time_of(free: FreeTime) -> str:
    """How a free time is named in a button: agent and local start."""
    return f"{free.agent.id}@{free.starts_at.astimezone(QUEBEC).strftime('%Y-%m-%dT%H:%M')}"


def as_time(named: str | None) -> tuple[str, datetime] | None:
    """(agent id, start in Montréal) of a named time; None when it names none."""
    agent_id, at, start = (named or "").partition("@")
    if not at:
        return None
    try:
        return agent_id, datetime.fromisoformat(start).replace(tzinfo=QUEBEC)
    except ValueError:
        return None


def wish_of(turn: Turn) -> Wish | None:
    """What the slots ask for; None while something is missing."""
    arrival, region, mode = turn.slot("arrival_date"), turn.slot("region"), turn.slot("meeting_mode")
    if not (arrival and region and mode):
        return None
    return Wish(date.fromisoformat(arrival), region, Mode(mode), turn.language)


class AskMeetingTime(DeskAction):
    """Three free times in both zones, on or before the due date when there is one left."""

    action = "action_ask_meeting_time"

    async def answer(self, turn: Turn) -> Events:
        wish = wish_of(turn)
        if wish is None:
            return []
        offer = await self.services.meetings.offer(wish)
        if not offer.times:
            turn.say("utter_no_time" if wish.mode is Mode.IN_PERSON else "utter_no_time_remote")
            return [SlotSet("times_shown", None)]
        page = int(turn.slot("times_page") or 0)
        times = spread(offer.times)
        shown = sorted(times[page * SHOWN : (page + 1) * SHOWN], key=lambda free: free.starts_at)
        if not shown:
            turn.say("utter_no_more_times")
            page, shown = 0, times[:SHOWN]
        if turn.asked == "meeting_time" and turn.intent in ANSWER_INTENTS and not turn.is_choice:
            turn.say("utter_time_not_understood")
        self._say(offer, shown, turn, has_more=len(offer.times) > SHOWN)
        return [SlotSet("times_shown", [time_of(free) for free in shown]), SlotSet("times_page", page)]

    def _say(self, offer: Offer, shown: Sequence[FreeTime], turn: Turn, *, has_more: bool) -> None:
        lines = [say_both_zones(free.starts_at, turn.language, QUEBEC, turn.timezone) for free in shown]
        choices = [
            Choice(say_button_moment(free.starts_at, turn.language), f'/inform{{"meeting_time":"{time_of(free)}"}}')
            for free in shown
        ]
        if has_more:
            choices.append(turn.choice("utter_more_times", f'/inform{{"meeting_time":"{MORE}"}}'))
        name = "utter_offer_times"
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
    if chosen is not None:
        return [SlotSet("meeting_time", chosen if as_time(chosen) else None)]
    if turn.is_choice:
        return []
    spoken = read_time(turn.text, meetings.today())
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
    return [time_of(free) for free in (await meetings.offer(wish)).times] if wish is not None else []
