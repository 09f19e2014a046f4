"""The emergency guard, with its phrases. Used by Rasa's pipeline and by the gateway alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from bot.domain.emergency import Danger, EmergencyGuard, Signs, Slips

PHRASES = Path(__file__).with_name("emergency.yml")

# A message may be too long to be taken; this much at each end is listened to.
MAX_HEARD = 4000


@cache
def emergency_guard() -> EmergencyGuard:
    known = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    signs = known["signs"]
    return EmergencyGuard(
        dangers=[
            Danger(
                kind,
                phrases=_every_language(danger["phrases"]),
                unless=frozenset(_listed(danger.get("unless", ""))),
                unless_anywhere=frozenset(_listed(danger.get("unless_anywhere", ""))),
            )
            for kind, danger in known["dangers"].items()
        ],
        signs=Signs(
            grave={name: _listed(words) for name, words in signs["grave"].items()},
            faint={name: _listed(words) for name, words in signs["faint"].items()},
            near=_listed(signs["near"]),
            unless_anywhere=frozenset(_listed(signs["unless_anywhere"])),
        ),
        harmless=_every_language(known["harmless"]),
        contexts={name: _listed(context) for name, context in known["contexts"].items()},
        words={name: _listed(words) for name, words in known["words"].items()},
        slips=Slips(
            spelling={right: _listed(slips) for right, slips in known["spelling"].items()},
            typed={language: _listed(words) for language, words in known["typed"].items()},
            sounds=known["sounds"],
            real_words=_listed(known["real_words"]),
        ),
        other_scripts=[word for words in known["other_scripts"].values() for word in _listed(words)],
    )


def _every_language(phrases: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """A phrase too long for one line goes on after a `|`."""
    return tuple(phrase.replace("| ", "|") for of_language in phrases.values() for phrase in of_language)


def _listed(text: str) -> list[str]:
    """ "a, b, c", on one line or several."""
    return [item.strip() for item in text.split(",") if item.strip()]


def hears_danger(text: str) -> bool:
    """What the guard says of a text; of a very long one, it listens to both ends."""
    ends = (text,) if len(text) <= 2 * MAX_HEARD else (text[:MAX_HEARD], text[-MAX_HEARD:])
    return any(emergency_guard().hears_danger(end) for end in ends)
