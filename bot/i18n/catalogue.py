"""The sentences people read, by name and language, from the gettext catalogues in `locales/`.

The French sentence is the msgid and its name the msgctxt ("utter_thanks", "ask_sin.what"). A sentence with no
translation is shown in French. Both programs read it; it needs only the standard library and PyYAML.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.i18n.languages import FRENCH, LANGUAGES, LOCALES

# GNU gettext writes msgctxt and msgid in one key, with this between them.
_CONTEXT_END = "\x04"


class UnknownSentence(KeyError):
    """No catalogue has a sentence of this name."""


class Catalogue:
    """All compiled catalogues of a folder, read once."""

    def __init__(self, folder: Path = LOCALES) -> None:
        self._translations = {language: _read(folder / language / "LC_MESSAGES") for language in LANGUAGES}
        self._french = {
            context: msgid
            for key in self._translations[FRENCH]
            for context, end, msgid in [key.partition(_CONTEXT_END)]
            if end
        }

    def names(self) -> frozenset[str]:
        return frozenset(self._french)

    def french(self, name: str) -> str:
        """The French sentence of this name. Raises UnknownSentence."""
        try:
            return self._french[name]
        except KeyError:
            raise UnknownSentence(name) from None

    def translate(self, name: str, french: str, language: str) -> str:
        """The sentence `french`, named `name`, in `language`; in French when it has no translation."""
        return self._translations.get(language, {}).get(f"{name}{_CONTEXT_END}{french}") or french

    def say(self, name: str, language: str, values: Mapping[str, object] | None = None, /) -> str:
        """The sentence of this name with its placeholders filled. Raises UnknownSentence, KeyError."""
        return self.translate(name, self.french(name), language).format_map(values or {})


def _read(folder: Path) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for compiled in sorted(folder.glob("*.mo")):
        with compiled.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        sentences |= {key: text for key, text in catalogue.items() if isinstance(key, str) and key}
    return sentences


@cache
def default_catalogue() -> Catalogue:
    """The catalogue of this checkout, read at the first call."""
    return Catalogue()
