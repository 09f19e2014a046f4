"""What the replayed year is made of. Two figures are the ministry's; the rest is assumed, and the page says so.

Change a number here, run `make simulate`, and the page follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

# Needs assessed, and integration agents in full time, 2023-24: the ministry's answer to an access request, June 2024.
ARRIVALS, AGENTS = 14_459, 89
NO_SHOWS = 0.15

# Everything below is assumed: no table of the ministry gives it.
SEED = 2027
YEAR = 2027
# Hours that each agent keeps for first meetings; the rest of the day is for those met before.
PLACES_A_DAY = 2
MEETING_MINUTES = 60
MORNINGS = (time(9), time(10), time(11))
AFTERNOONS = (time(13), time(14), time(15))
SPEAKS_ENGLISH, SPEAKS_SPANISH, IS_REMOTE = 0.7, 0.35, 0.85
# Days of absence known long before: two weeks of summer, two other weeks, single days; and short ones known at 7:30.
SINGLE_DAYS, SUDDEN_ABSENCES = 5, 4

# In the order of the regions' sizes and of what is commonly said of where people settle; no statistic.
REGIONS: Mapping[str, float] = {
    "01": 0.7,
    "02": 1.0,
    "03": 9.0,
    "04": 1.6,
    "05": 3.5,
    "06": 55.0,
    "07": 4.0,
    "08": 0.5,
    "09": 0.3,
    "10": 0.1,
    "11": 0.3,
    "12": 1.3,
    "13": 6.5,
    "14": 2.0,
    "15": 2.5,
    "16": 11.0,
    "17": 1.5,
}
# January to December: more before the school year and after New Year.
MONTHS = (8.5, 7.0, 7.5, 7.5, 8.0, 8.5, 9.5, 12.5, 11.0, 8.0, 6.5, 5.5)
LANGUAGES: Mapping[str, float] = {"fr": 0.50, "en": 0.22, "es": 0.28}
BEFORE_ARRIVAL = 0.35
# Of those who ask from abroad, days before the arrival; of the others, days after it and how many wait so long.
LONGEST_BEFORE = 28
DAYS_AFTER = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
DAYS_AFTER_WEIGHTS = (34, 25, 15, 9, 6, 4, 2, 2, 1, 1, 1)
IN_PERSON_FROM_ABROAD, IN_PERSON_HERE, IS_FIRM = 0.3, 0.6, 0.08
# The first, second and third time that is shown.
CHOOSES = (60, 25, 15)
CANCELS = 0.04
ASKS_AGAIN_AFTER_MISSING = 0.9
MOST_ATTEMPTS = 3
# What is done with a freed time that is offered: taken, refused, not answered.
ANSWERS = (80, 10, 10)


@dataclass(frozen=True)
class Asked:
    """What the command was asked for."""

    agents: int = AGENTS
    arrivals: int = ARRIVALS
    seed: int = SEED
    places_a_day: int = PLACES_A_DAY
