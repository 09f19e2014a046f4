"""What the emergency guard hears, and what it leaves alone.

`tests/nlu/emergency.jsonl` holds dangers and lines that only look like one. The phrases were tuned on the half that is
not `held_out`, whose misses are printed here (`pytest -rP`); of the other half only the counts are. Round 1 was written
before the phrases, by who wrote them; rounds 2 and 3 after, in words sought to be new to them: round 3 tells best what
to expect of a turn of phrase nobody thought of. The trained classifier hears some of the rest.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.emergency import SIGNS, Danger, EmergencyGuard, Signs, fold
from bot.knowledge.emergency import PHRASES, emergency_guard

ROOT = Path(__file__).parents[2]
LINES = [json.loads(line) for line in (ROOT / "tests/nlu/emergency.jsonl").read_text(encoding="utf-8").splitlines()]
LANGUAGES = ["fr", "en", "es"]


def a_guard(
    *phrases: str, unless: str = "", unless_anywhere: str = "", harmless: str = "dying to see"
) -> EmergencyGuard:
    """Hears `phrases`, and "blood" beside "mother"; the one context is "film"."""
    return EmergencyGuard(
        dangers=[Danger("danger", phrases, frozenset(unless.split()), frozenset(unless_anywhere.split()))],
        signs=Signs({"blood": ["blood"], "rope": ["rope"]}, {"bridge": ["bridge"]}, ["mother"], frozenset({"film"})),
        harmless=[harmless],
        contexts={"film": ["film", "movie"]},
        words={"er": ["e", "er"], "my": ["my", "our"]},
        spelling={"want to": ["wanna"], "do not": ["dont", "don t"]},
    )


def shares(told: list[str], danger: bool) -> tuple[float, list[str]]:
    """The share of `told` in which a danger is heard, and the lines that are judged otherwise than they should be."""
    heard = [emergency_guard().danger_in(text) for text in told]
    wrong = [f"{kind or 'nothing'} in: {text}" for text, kind in zip(told, heard, strict=True) if bool(kind) != danger]
    return sum(map(bool, heard)) / len(told), wrong


def told(**facts: Any) -> list[str]:
    return [line["text"] for line in LINES if all(line[name] == fact for name, fact in facts.items())]


def training_lines(language: str, *, emergencies: bool) -> list[str]:
    return [
        example.removeprefix("- ").strip()
        for file in sorted((ROOT / "nlu_data/nlu" / language).glob("*.yml"))
        for subject in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        if "intent" in subject and (subject["intent"] == "emergency") == emergencies
        for example in subject["examples"].splitlines()
    ]


@pytest.mark.parametrize(
    ("round_of_writing", "held_out", "floor"),
    # Measured: 100 %, 99 %, 99 %, 91 %, 65 %.
    [(1, False, 0.98), (1, True, 0.96), (2, False, 0.97), (2, True, 0.86), (3, True, 0.60)],
)
def test_dangers_are_heard(round_of_writing: int, held_out: bool, floor: float) -> None:
    heard, missed = shares(told(danger=True, round=round_of_writing, held_out=held_out), danger=True)
    print(f"{heard:.1%} heard, {len(missed)} missed", *([] if held_out else missed), sep="\n")
    assert heard >= floor


@pytest.mark.parametrize(
    ("round_of_writing", "held_out", "ceiling"),
    # Measured: 0 %, 3 %, 2 %, 16 %, 9 %. Rounds 2 and 3 were written to trap.
    [(1, False, 0.02), (1, True, 0.06), (2, False, 0.04), (2, True, 0.20), (3, True, 0.14)],
)
def test_what_only_looks_like_a_danger_is_left_alone(round_of_writing: int, held_out: bool, ceiling: float) -> None:
    heard, wrong = shares(told(danger=False, round=round_of_writing, held_out=held_out), danger=False)
    print(f"{heard:.1%} false alarms: {len(wrong)}", *([] if held_out else wrong), sep="\n")
    assert heard <= ceiling


def test_false_alarms_are_rare_among_all_near_misses() -> None:
    heard, _ = shares(told(danger=False), danger=False)
    print(f"{heard:.1%}")
    assert heard <= 0.08


@pytest.mark.parametrize("language", [*LANGUAGES, "mixed"])
def test_each_language_is_heard(language: str) -> None:
    heard, missed = shares(told(danger=True, round=1, lang=language, held_out=False), danger=True)
    print(f"{heard:.1%}", *missed, sep="\n")
    assert heard >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_emergencies_of_the_training_data_are_heard(language: str) -> None:
    heard, missed = shares(training_lines(language, emergencies=True), danger=True)
    print(f"{heard:.1%}", *missed, sep="\n")
    # Lines may be added that no phrase foresaw: the classifier learns them.
    assert heard >= 0.85


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_intents_of_the_training_data_are_left_alone(language: str) -> None:
    heard, wrong = shares(training_lines(language, emergencies=False), danger=False)
    print(f"{heard:.2%}", *wrong, sep="\n")
    assert heard <= 0.003


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("je serai plus là demain", "farewell"),
        ("I can't do this anymore, goodbye", "despair"),
        ("ya no aguanto, cuiden a mis hijos", "despair"),
        ("jveu mouri", "suicide"),
        ("my husband me frappe, por favor ayuda", "violence"),
        ("Mon patron nous a enfermés dans l'entrepôt", "confinement"),
        ("AYUDAAAAA", "cry_for_help"),
        ("il a un 🔪", "weapon"),
        ("li pral touye m", "violence"),
        ("on voit du sang, le petit ne dit rien", SIGNS),
    ],
)
def test_each_kind_is_named(text: str, kind: str) -> None:
    assert emergency_guard().danger_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "je ne veux plus vivre à Laval",
        "dying to see snow",
        "me muero de frío",
        "my job is killing me",
        "this city is killing my budget",
        "le loyer m'étrangle",
        "je me sens seule, je pleure souvent",
        "mon ex me frappait quand on était à Lima, maintenant je suis en sécurité",
        "which number in an emergency?",
        "I'm not suicidal",
        "suicide prevention volunteer",
        "j'ai mangé du poisson",
        "they lost my file",
        "me enfermé y mi hijo también",
        "",
        "🙂",
    ],
)
def test_figures_of_speech_and_questions_are_left_alone(text: str) -> None:
    assert emergency_guard().danger_in(text) is None


def test_a_danger_is_heard_beside_what_only_looks_like_one() -> None:
    assert emergency_guard().hears_danger("je ne veux plus vivre à Laval, je veux mourir")
    assert emergency_guard().hears_danger("Is fire covered by insurance? Also my husband is beating me right now.")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Il m’a FRAPPÉE !!", "il m a frape |"),
        ("He's here. I don't know...", "hes here | i dont know"),
        ("ayudaaaaa", "ayuda drawnout"),
        ("ma sœur 🆘", "ma soeur sos"),
        ("k\u200bill | me", "kil me"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_gap_reaches_a_few_words_of_the_same_sentence_only() -> None:
    guard = a_guard("want ~2 die")
    assert guard.hears_danger("I want so much die")
    assert not guard.hears_danger("I want one two three die")
    assert not guard.hears_danger("I want. To die")


def test_lists_slips_endings_and_double_letters() -> None:
    guard = a_guard("frapp<er> (ma|<my>) mere", "want to (die|go)")
    assert guard.hears_danger("il fraper our mère")
    assert guard.hears_danger("wanna die")
    assert not guard.hears_danger("frappons ma mère")


def test_what_is_harmless_is_taken_out_and_not_reached_over() -> None:
    guard = a_guard("dying", "want ~3 die")
    assert not guard.hears_danger("I am dying to see snow")
    assert not guard.hears_danger("I want dying to see die")
    assert guard.hears_danger("dying to see snow, and dying")


def test_a_context_takes_a_danger_back_in_its_sentence_or_everywhere() -> None:
    assert not a_guard("kill him", unless="film").hears_danger("a film where they kill him")
    assert a_guard("kill him", unless="film").hears_danger("I saw a film. I will kill him")
    assert not a_guard("kill him", unless_anywhere="film").hears_danger("I saw a film. They kill him")


def test_signs_add_up_in_one_sentence() -> None:
    guard = a_guard("never said")
    assert guard.danger_in("blood, my mother") == SIGNS
    assert guard.danger_in("a rope and the bridge") == SIGNS
    assert guard.danger_in("blood") is None
    assert guard.danger_in("my mother on the bridge") is None
    assert guard.danger_in("blood. My mother") is None
    assert guard.danger_in("blood on my mother in a film") is None


def test_a_phrase_needs_a_word_to_begin_with_and_a_context_must_exist() -> None:
    with pytest.raises(ValueError, match="begins with a plain word"):
        a_guard("~2 die")
    with pytest.raises(ValueError, match="no such context"):
        a_guard("die", unless="novel")


def test_no_phrase_waits_for_double_letters_across_a_bracket() -> None:
    written = re.sub(r"(?m)^ *#.*", "", PHRASES.read_text(encoding="utf-8"))
    assert [found[0] for found in re.finditer(r"\w*([a-z])\((?!\?)(?:[^()]*\|)?\1\w*", written)] == []


@pytest.mark.parametrize(
    "piece",
    [
        "me ",
        "no no ",
        "he has a ",
        "a.",
        "!",
        "'",
        "n't ",
        "é",
        "aaaa ",
        "je veux plus ",
        "suicide film ",
        "k",
        "| ",
        "muero de ",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return min(timed(text) for _ in range(3))

    assert seconds(16_000) <= 12 * seconds(4_000) + 0.01


def test_a_long_message_is_judged_at_once() -> None:
    """About a millisecond for 2 000 characters; the limit allows for a busy machine."""
    text = " ".join(told(danger=False, round=1, lang="fr"))[:2000]
    assert min(timed(text) for _ in range(20)) < 0.005


def timed(text: str) -> float:
    start = time.perf_counter()
    emergency_guard().hears_danger(text)
    return time.perf_counter() - start
