"""Dates and hours as people say them, in French, English and Spanish at once.

A small grammar of ours, because the general libraries read a third of such phrases wrong: `dates.py` reads the day of
arrival, `hours.py` the meeting time a person wants among those offered. Both read the tokens of `words.py` and the
days that `days.py` finds. Every reader looks at a bounded number of tokens, so that the whole takes linear time.
"""

from __future__ import annotations

from bot.domain.spoken.dates import AlreadyHere, Day, NoSuchDay, Vague, read_arrival, speaks_of_arriving
from bot.domain.spoken.hours import Spoken, pick, read_time

__all__ = [
    "AlreadyHere",
    "Day",
    "NoSuchDay",
    "Spoken",
    "Vague",
    "pick",
    "read_arrival",
    "read_time",
    "speaks_of_arriving",
]
