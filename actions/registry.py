"""Every action, built with what it needs."""

from __future__ import annotations

from actions import answers, arrival, languages, meeting_form, meeting_times, meetings, people, topics
from actions.turn import Desk, DeskAction

ACTIONS: tuple[type[DeskAction], ...] = (
    answers.AnswerStep,
    answers.Emergency,
    answers.GiveNumbers,
    answers.Greet,
    answers.Inform,
    answers.OfficialWay,
    answers.Restart,
    answers.SetLanguage,
    answers.Stop,
    arrival.AskArrivalDate,
    arrival.AskArrivalIsRight,
    languages.AnswerOtherLanguage,
    meeting_form.AskMeetingMode,
    meeting_form.AskRegion,
    meeting_form.ValidateMeetingForm,
    meeting_form.ValidateOrganisationForm,
    meeting_times.AskMeetingTime,
    meetings.Affirm,
    meetings.BeginBooking,
    meetings.BeginMoving,
    meetings.BookMeeting,
    meetings.CancelMeeting,
    meetings.Deny,
    meetings.MyMeetings,
    people.BeginOrganisations,
    people.FindOrganisation,
    people.TalkToHuman,
    topics.AskWhich,
    topics.NotUnderstood,
    topics.OfferOther,
)


def all_actions(desk: Desk) -> list[DeskAction]:
    return [action(desk) for action in ACTIONS]
