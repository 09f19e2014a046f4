"""Sentences stay short and subjects easy to read, in each language, by published formulas; docs/translating.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.i18n.languages import COMPLETE, FRENCH, LANGUAGES
from scripts.locales import read

MAX_WORDS = 18
# Spoken alone, on a button or as a label: no sentence.
NO_BODY = re.compile(
    r"\.(button|title|short|source)$|\.(link|phone)\.|^status\.|^utter_(label|topic|service|clientele|need|status)_"
)
# A formula says little of a few words: subjects with fewer than these are measured in words a sentence only.
MIN_SAMPLE = 40

# A colon or a semicolon ends no sentence here; the point of "a.m." and of "Québec.ca" neither.
_END = re.compile(r"(?<!\.[a-z])[.!?…]+(?=[\s*”»)]|$)|\n")
_WORD = re.compile(r"\{\w+\}|[^\W_]+(?:[’'.,-]?[^\W_]+)*")


@dataclass(frozen=True)
class Ease:
    """base − per_word × words a sentence − per_syllable × syllables a word: 100 is very easy, 0 very hard.

    `floor` is for each subject, `mean` for all of them together: a little under what was reached when they were chosen.
    """

    base: float
    per_word: float
    per_syllable: float
    floor: float
    mean: float


EASE = {
    # L. Kandel et A. Moles, « Application de l’indice de Flesch à la langue française », Cahiers d’études de
    # radio-télévision 19, 1958.
    "fr": Ease(207, 1.015, 73.6, floor=50, mean=69),
    # R. Flesch, “A new readability yardstick”, Journal of Applied Psychology 32, 1948.
    "en": Ease(206.835, 1.015, 84.6, floor=42, mean=60),
    # J. Fernández Huerta, “Medidas sencillas de lecturabilidad”, Consigna 214, 1959; words a sentence, as G. Law
    # corrected it in 2011 (the original's table, not its text).
    "es": Ease(206.84, 1.02, 60, floor=56, mean=69),
}


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence. A placeholder is a word; so is "l’école", which is said in one breath."""
    found = (_WORD.findall(part) for part in _END.split(text.replace("**", "")))
    return [words for words in found if words]


def words_a_sentence(text: str) -> float:
    found = sentences(text)
    return sum(map(len, found)) / len(found) if found else 0


def ease(text: str, language: str) -> float:
    formula, found = EASE[language], sentences(text)
    words = [word for sentence in found for word in sentence]
    syllables = sum(count_syllables(word, language) for word in words) / len(words)
    return formula.base - formula.per_word * len(words) / len(found) - formula.per_syllable * syllables


def count_syllables(word: str, language: str) -> int:
    """By rules on the letters, as no dictionary of ours fits all three. What is filled later, and digits, count two."""
    if word.startswith("{") or not re.search(r"[^\W\d_]", word):
        return 2
    parts = [part for part in re.split(r"[’'.,\-\d]+", word.lower()) if part]
    return max(sum(SYLLABLES[language](part) for part in parts), 1)


def _french(word: str) -> int:
    if len(word) == 1 and word not in "aàyôo":
        return 0  # an elided article, said with the word that follows
    word = re.sub(r"qu(?=[aeiouyàâéèêëîïôœ])|gu(?=[eiéèêî])", "g", word)
    word = re.sub(r"(?<=[aeou])y(?=[aeiouéèê])|(?<=o)u(?=er$|a)", "uj", word)  # "employeur", "louer"
    word = re.sub(r"(?<=[^aeiouyàâäéèêëîïôöùûüœ])es?$", "", word) or word  # a mute end: "carte", "cartes"
    word = re.sub(r"(?<=[éiïuy])es?$", "", word)  # "journée", "vie"
    groups = re.findall(r"[aeiouyàâäéèêëîïôöùûüœæ]+", word)
    # Vowels that stay apart: "ré|union", "natu|rel" has none, "na|ïf".
    hiatus = sum(len(re.findall(r"é(?=[aeiouàâèêëîïôœ])|[aou](?=[éèëï])|[aeo](?=ï)", group)) for group in groups)
    return max(len(groups) + hiatus, 1)


def _english(word: str) -> int:
    count = len(re.findall(r"[aeiouyéè]+", word))
    count += len(re.findall(r"i[ao](?!u)|[aeiou]ing$|eo(?!u)|ua|uou|creat", word)) - len(
        re.findall(r"[tscg]i[ao]", word)
    )
    if re.search(r"[^aeiouylr]e$|[aeiouy][lr]e$", word) or re.search(r"[^aeiouydt]ed$|[^aeiouysxzcgh]es$", word):
        count -= 1
    return max(count, 1)


def _spanish(word: str) -> int:
    word = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "g", word)
    word = re.sub(r"y(?=[aeiouáéíóú])", "j", word)
    # Each strong or accented vowel is a syllable; weak ones join it, or make one together.
    return sum(len(re.findall(r"[aeoáéíóú]", group)) or 1 for group in re.findall(r"[aeiouyáéíóúü]+", word)) or 1


SYLLABLES: Mapping[str, Callable[[str], int]] = {"fr": _french, "en": _english, "es": _spanish}


def bodies(language: str) -> Iterator[tuple[str, str, str]]:
    """Subject, name and sentence: a topic's lines are one subject, so are the responses of one file."""
    for domain in ("assistant", "knowledge"):
        for message in read(domain, language):
            name = str(message.context)
            if message.id and not NO_BODY.search(name):
                subject = name.split(".")[0] if domain == "knowledge" else message.locations[0][0].rpartition("/")[2]
                yield subject, name, str(message.string)


def subjects(language: str) -> dict[str, str]:
    """Subject to all its sentences, where they are enough for a formula."""
    found = defaultdict(list)
    for subject, _, text in bodies(language):
        found[subject].append(text)
    texts = {subject: "\n".join(parts) for subject, parts in found.items()}
    return {subject: text for subject, text in texts.items() if sum(map(len, sentences(text))) >= MIN_SAMPLE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_body_has_long_sentences(language: str) -> None:
    problems = [
        f"{name} ({language}): {words_a_sentence(text):.1f} words a sentence, {MAX_WORDS} at most: {text}"
        for _, name, text in bodies(language)
        if words_a_sentence(text) > MAX_WORDS
    ]
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("language", EASE)
def test_no_subject_is_hard_to_read(language: str) -> None:
    reached = {subject: ease(text, language) for subject, text in subjects(language).items()}
    floor = EASE[language].floor
    problems = [f"{subject} ({language}): {of:.0f}, {floor} at least" for subject, of in reached.items() if of < floor]
    assert not problems, "\n" + "\n".join(problems)
    assert len(reached) >= 40
    assert sum(reached.values()) / len(reached) >= EASE[language].mean


def test_every_complete_language_has_a_formula() -> None:
    assert EASE.keys() >= set(COMPLETE)


@pytest.mark.parametrize("language", EASE)
def test_translators_are_told_the_floors(language: str) -> None:
    formula = EASE[language]
    told = (Path(__file__).parents[2] / "docs/translating.md").read_text(encoding="utf-8")
    assert f"{formula.base} − {formula.per_word} W − {formula.per_syllable} S" in told
    assert f"| {formula.floor} | {formula.mean} |" in told


def test_every_step_and_most_responses_are_bodies() -> None:
    names = {name for _, name, _ in bodies(FRENCH)}
    assert {"utter_greet", "utter_not_understood", "ask_health_insurance.what", "ask_sin.when"} <= names
    assert not {"utter_help.button", "utter_label_more", "ask_sin.title", "utter_topic_my_meetings"} & names


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("Un, deux. Trois!", [2, 1]),
        ("**Quand :** le {deadline}; l’école\nPlus tard…", [4, 2]),
        ("Le 1 250,50 $ de Québec.ca, à 2 p.m. demain", [9]),
        ("At 2:30\xa0p.m. and later. Why?", [6, 1]),
        ("Dites « oui. » Puis (« non. ») Fin", [2, 2, 1]),
        ("", []),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, lengths: list[int]) -> None:
    assert [len(words) for words in sentences(text)] == lengths


def test_a_long_sentence_is_told_from_short_ones() -> None:
    words = "mot " * (MAX_WORDS + 1)
    assert words_a_sentence(words) > MAX_WORDS
    assert words_a_sentence(f"{words}. Un mot. Un mot.") < MAX_WORDS


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "carte|jour nées|é cole|quar tier|lo ge ment|em plo yeur|lou er|ré u nion|na ïf|l’as su rance|que|"
               "gui chet|deux|im mi gra tion|vie|oui"),
        ("en", "school|hou ses|like|liked|wan ted|ta ble|ad dress|em ploy ment|im mi gra tion|go ing|free|ra di o|"
               "mi nis try|per ma nent|the"),
        ("es", "ciu dad|pa ís|rí o|quien|gue rra|muy|a yu da|or ga ni za ción|tra ba ja dor|y|"
               "ha cia|sue ño"),
    ],
)  # fmt: skip
def test_syllables_are_counted_by_rules(language: str, words: str) -> None:
    for cut in words.split("|"):
        word = cut.replace(" ", "")
        assert count_syllables(word, language) == len(cut.split()), word


@pytest.mark.parametrize("language", EASE)
def test_what_is_filled_later_and_digits_count_two_syllables(language: str) -> None:
    assert {count_syllables(word, language) for word in ("{when}", "2026", "14")} == {2}


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        ("fr", "Gardez le papier. Il est utile.", "L’administration gouvernementale communiquera ultérieurement."),
        ("en", "Keep the paper. You need it.", "Governmental administrations will subsequently communicate."),
        ("es", "Guarde el papel. Le va a servir.", "La administración gubernamental comunicará posteriormente."),
    ],
)
def test_short_words_in_short_sentences_are_easy(language: str, easy: str, hard: str) -> None:
    assert ease(easy, language) > 80
    assert ease(hard, language) < 0


def test_flesch_as_published() -> None:
    """Ten words of one syllable in a sentence: 206.835 − 10.15 − 84.6."""
    assert ease("We can not go to the shop by bus now.", "en") == pytest.approx(112.085)
