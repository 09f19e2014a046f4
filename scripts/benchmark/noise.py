"""Messages as a hurried thumb writes them: no accents, no capitals, no punctuation, slips on the keyboard.

The same text always gives the same noise, whatever comes before it and on whatever machine.
"""

from __future__ import annotations

import random
import unicodedata

SEED = 20261122
CHARACTERS_PER_SLIP = 12

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """Keys that a finger may hit instead: left, right, and the two above and below on a staggered keyboard."""
    keys = {(row, column): key for row, line in enumerate(_ROWS) for column, key in enumerate(line)}
    around = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    return {
        key: "".join(keys[row + down, column + right] for down, right in around if (row + down, column + right) in keys)
        for (row, column), key in keys.items()
    }


_NEIGHBOURS = _neighbours()


def noised(text: str) -> str:
    """The text with about one slip in `CHARACTERS_PER_SLIP` characters. Emoji and figures stay as they are."""
    plain = flattened(text)
    # Python's own generator, seeded with text: the same everywhere, unlike `hash`.
    chance = random.Random(f"{SEED}:{plain}")  # noqa: S311 (noise, no secret)
    letters = [place for place, character in enumerate(plain) if character in _NEIGHBOURS]
    exact = len(plain) / CHARACTERS_PER_SLIP
    wanted = int(exact) + (chance.random() < exact % 1)
    characters = list(plain)
    for place in sorted(chance.sample(letters, min(wanted, len(letters))), reverse=True):
        _slip(characters, place, chance)
    return "".join(characters).strip() or plain


def flattened(text: str) -> str:
    """Lower case, no accents, no punctuation; an apostrophe joins what it parts. What is only punctuation stays."""
    kept = []
    for character in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(character)
        if kind == "Mn" or character in "'’":
            continue
        kept.append(" " if kind.startswith("P") else character)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split()) or text


def _slip(characters: list[str], place: int, chance: random.Random) -> None:
    """One of four: a neighbouring key, a letter forgotten, a letter twice, two letters in the wrong order."""
    kind = chance.choice(("neighbour", "forgotten", "twice", "swapped"))
    if kind == "swapped" and place + 1 < len(characters):
        characters[place], characters[place + 1] = characters[place + 1], characters[place]
    elif kind == "forgotten":
        del characters[place]
    elif kind == "twice":
        characters.insert(place, characters[place])
    else:
        characters[place] = chance.choice(_NEIGHBOURS[characters[place]])
