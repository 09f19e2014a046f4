"""Every action, built with what it needs."""

from __future__ import annotations

from actions import (
    answers,
    arrival,
    languages,
    meeting_form,
    meeting_times,
    meetings,
    people,
    regions,
    reminders,
    session_choice,
    session_form,
    sessions,
    steps,
    topics,
)
from actions.turn import Desk, DeskAction

ACTIONS: tuple[type[DeskAction], ...] = (
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
    regions.AskRegion,
    reminders.SetReminders,
    session_choice.AskSessionChoice,
    session_form.AskSessionAdult,
    session_form.AskSessionFrench,
    session_form.AskSessionStatus,
    session_form.ValidateSessionForm,
    sessions.BeginSession,
    sessions.CancelSession,
    sessions.RegisterSession,
    steps.AnswerStep,
    topics.AskWhich,
    topics.NotUnderstood,
    topics.OfferOther,
)


def all_actions(desk: Desk) -> list[DeskAction]:
    return [action(desk) for action in ACTIONS]
