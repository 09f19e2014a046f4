"""Each catalogue is written with the signs of its language; docs/translating.md tells translators which. In what a
test prints, `~` stands for a no-break space."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.i18n.languages import LANGUAGES
from scripts.locales import SOURCES, read

NO_BREAK = "\xa0"
# The only sentence in three languages at once.
GREETING = "Bonjour! Hello! ¡Hola!"
# What is no prose: placeholders, addresses and their beginnings, a line of YAML to be written.
CODE = re.compile(r"\{[^{}]*\}|https?://[^\s,;)]*|\b[a-z_]+: true\b")
# Stands for code: neither a space nor a sign.
FILLED = "x"

# What is refused in any language, then in each: a regular expression and what to do about it.
EVERYWHERE = [
    (r"['‘]", "the apostrophe is ’"),
    (r'"', "no straight quotation mark"),
    (r"\.\.\.", "three dots are one sign: …"),
    (r"[^\S\n]{2}", "two spaces"),
    (r"^\s|\s$", "a space at the beginning or at the end"),
    (r"\s[.,;!?](?!\w)", "no space before . , ; ! ?"),
    (r"\(\s|\s\)", "no space inside brackets"),
    (r"[\u2000-\u200b\u202f\ufeff]", "the no-break space is U+00A0, the only other space"),
]
RULES = {
    "fr": [
        (r"(?<!\xa0)(?<!\d):|(?<!\xa0):(?!\d)", "a no-break space before :, but for hours in files (9:00)"),
        (r"«(?!\xa0)|(?<!\xa0)»", "a no-break space inside « »"),
        (r"[“”]", "quotation marks are « »"),
        (r"(?<!\xa0)[$%]", "a no-break space before $ and %"),
        (r"\d h\b|\bh \d", "no-break spaces around the h of an hour"),
        (r"\b1er ", "a no-break space after 1er"),
        (r"[¿¡]", "¿ and ¡ are Spanish"),
    ],
    "en": [
        (r"\s:", "no space before :"),
        (r"[«»]", "quotation marks are “ ”"),
        (r"\d\s?\$", "$ stands before the amount"),
        (r"\s%", "no space before %"),
        (r"\d [ap]\.m\.", "a no-break space before a.m. and p.m."),
        (r"[¿¡]", "¿ and ¡ are Spanish"),
    ],
    "es": [
        (r"\s:", "no space before :"),
        (r"[«»]", "quotation marks are “ ”"),
        (r"\d\s?\$", "$ stands before the amount"),
        (r"(?<!\xa0)%", "a no-break space before %"),
        (r"[¿¡]\s", "no space after ¿ and ¡"),
    ],
}
PAIRS = {"fr": ["«»", "()"], "en": ["“”", "()"], "es": ["“”", "()", "¿?", "¡!"]}


def faults(sentence: str, language: str) -> Iterator[str]:
    """What to mend, one line each. A language without rules of its own has those of all."""
    text = CODE.sub(FILLED, sentence.replace(GREETING, FILLED))
    for pattern, rule in EVERYWHERE + RULES.get(language, []):
        for found in re.finditer(pattern, text):
            around = text[max(found.start() - 12, 0) : found.end() + 12].replace(NO_BREAK, "~")
            yield f"{rule} (“{around}”)"
    for opening, closing in PAIRS.get(language, ["()"]):
        signs = re.sub(f"[^{re.escape(opening + closing)}]", "", text)
        if signs != (opening + closing) * (len(signs) // 2):
            yield f"{opening} and {closing} come in pairs"


@pytest.mark.parametrize("domain", SOURCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_the_signs_of_its_language(language: str, domain: str) -> None:
    problems = [
        f"{domain}.po ({language}): {message.context}: {fault}"
        for message in read(domain, language)
        if message.id
        for fault in faults(str(message.string), language)
    ]
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Quand : à 14~h~30?\nL’aide « de dernier recours »; 3,1~% ou 4~$ le 1er~mai…"),
        ("fr", "**Quand~:** {when}; commencez par https:// ou http:// : {value}"),
        ("fr", "Seulement des lettres sans accent, des chiffres et _~: {value}."),
        ("fr", "Bonjour! Hello! ¡Hola! 👋\nEnvoyez le fichier (.ics)."),
        ("en", "Friday: $4.50 or 3.1%, at 2:30~p.m. It’s the “carte soleil” (health card)!"),
        ("es", "¿Cuándo? ¡Ahora! 3.1~%, “carte soleil”: $4 (¿o {amount}?)"),
        ("es", "Bonjour! Hello! ¡Hola! 👋\nSoy Passerelle."),
    ],
)
def test_good_typography_has_no_fault(language: str, sentence: str) -> None:
    written = re.sub(r" (?=[:»])|(?<=«) ", NO_BREAK, sentence) if language == "fr" else sentence
    assert list(faults(written.replace("~", NO_BREAK), language)) == []


@pytest.mark.parametrize(
    ("language", "sentence", "rule"),
    [
        ("fr", "Quand : demain", "before :"),
        ("fr", "Quand: demain", "before :"),
        ("fr", "{when}: demain", "before :"),
        ("fr", "« oui »", "inside « »"),
        ("fr", "«~oui", "in pairs"),
        ("fr", "dites “oui”", "« »"),
        ("fr", "Vraiment~?", "before . , ; ! ?"),
        ("fr", "C'est fait", "apostrophe"),
        ("fr", 'dites "oui"', "straight"),
        ("fr", "4 $", "before $"),
        ("fr", "{amount} %", "before $ and %"),
        ("fr", "à 14 h~30", "hour"),
        ("fr", "le 1er mai", "1er"),
        ("fr", "Quand\u202f: demain", "U+00A0"),
        ("en", "It's done", "apostrophe"),
        ("en", "say «~yes~»", "“ ”"),
        ("en", "say “yes", "in pairs"),
        ("en", "When : now", "before :"),
        ("en", "Really ?", "before . , ; ! ?"),
        ("en", "4 $", "before the amount"),
        ("en", "at 2 p.m.", "a.m. and p.m."),
        ("en", "Wait...", "…"),
        ("es", "Cuándo?", "¿ and ?"),
        ("es", "¿Cuándo", "¿ and ?"),
        ("es", "Ahora!", "¡ and !"),
        ("es", "¿ Cuándo?", "after ¿"),
        ("es", "diga «~sí~»", "“ ”"),
        ("es", "3.1 %", "before %"),
        ("es", "dos  espacios", "two spaces"),
        ("es", "fin ", "at the end"),
        ("es", "( sí)", "inside brackets"),
        ("es", "(sí", "in pairs"),
    ],
)
def test_a_wrong_sign_is_told_by_its_rule(language: str, sentence: str, rule: str) -> None:
    assert [fault for fault in faults(sentence.replace("~", NO_BREAK), language) if rule in fault]
