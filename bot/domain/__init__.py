"""Rules without machinery: frozen dataclasses and pure functions; "now" is always an argument."""
