"""The languages Passerelle speaks. French comes first: it is shown when all else fails."""

from __future__ import annotations

FRENCH = "fr"
LANGUAGES: dict[str, str] = {"fr": "Français", "en": "English", "es": "Español"}
# How Babel names them: dates and money as written in Québec.
BABEL_LOCALES = {"fr": "fr_CA", "en": "en_CA", "es": "es_MX"}


def known(language: str | None) -> str | None:
    """The code when we speak it ("es-CO" is "es"), else None."""
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if code in LANGUAGES else None
