"""How well languages are told: run by `make language-report`, in Rasa's environment.

It learns the tables as training does, from the messages in `nlu_data/nlu/`, and needs no model. Shares are of held-out
messages (`tests/nlu/`) that are in one language; those in which no word tells it are listed by hand and left out.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it is run by its path

from bot.i18n.languages import LANGUAGES  # noqa: E402

UNTOLD = ROOT / "tests/nlu/language_untold.txt"
MIXED = "mixed"
# By number of words, the last one included.
LENGTHS = ((1, 1), (2, 2), (3, 3), (1, 3), (4, 7), (8, 9999), (4, 9999))
# How short and long messages should be told, at least.
GOALS = {(1, 3): 0.98, (4, 9999): 0.995}
FOLDS = 5

Row = dict[str, str]
Decide = Callable[[str, str | None], str]
Foreign = Callable[[str], str | None]


def read(path: Path) -> list[Row]:
    """None of a language that has no such file yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def untold() -> frozenset[str]:
    """Messages in which no word tells the language."""
    lines = UNTOLD.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def lengths_report(rows: Sequence[Row], decide: Decide) -> str:
    """Shares by number of words: no conversation yet, one in another language, one in the message's own."""
    left_out = untold()
    told = [row for row in rows if row["kind"] != MIXED and row["text"] not in left_out]
    mixed = [row for row in rows if row["kind"] == MIXED]
    lines = [f"{'words':10}{'messages':>9}{'none yet':>10}{'another':>9}{'its own':>9}{'goal':>8}"]
    for fewest, most in LENGTHS:
        group = [row for row in told if fewest <= len(row["text"].split()) <= most]
        if not group:
            continue
        alone = _share(decide(row["text"], None) == row["lang"] for row in group)
        other = _share(
            decide(row["text"], current) == row["lang"]
            for row in group
            for current in LANGUAGES
            if current != row["lang"]
        )
        kept = _share(decide(row["text"], row["lang"]) == row["lang"] for row in group)
        name = f"{fewest}–{most}" if most < 9999 else f"{fewest} and on"
        goal = f"{GOALS[fewest, most]:8.3f}" if (fewest, most) in GOALS else ""
        lines.append(f"{name:10}{len(group):9}{alone:10.3f}{other:9.3f}{kept:9.3f}{goal}")
    hidden = len([row for row in rows if row["kind"] != MIXED]) - len(told)
    kept = _share(decide(row["text"], row["lang"]) == row["lang"] for row in mixed)
    return "\n".join(
        [
            *lines,
            "none yet: no conversation; another, its own: a conversation in another language, in the message's own.",
            f"Left out: {hidden} in which no word tells ({UNTOLD.relative_to(ROOT)}).",
            f"Messages that mix two languages: the conversation keeps its own in {kept:.3f} of {len(mixed)}.",
        ]
    )


def announced_report(rows: Sequence[Row], named: Foreign, asks: Callable[[str], bool]) -> str:
    right = _share(named(row["text"]) == row["lang"] for row in rows)
    alone = _share(asks(row["text"]) and named(row["text"]) == row["lang"] for row in rows)
    return (
        f"A language asked for by its name: the right one in {right:.3f} of {len(rows)} once the classifier says "
        f"set_language; {alone:.3f} whatever it says."
    )


def others_report(rows: Sequence[Row], foreign: Foreign) -> str:
    found: dict[str, Counter[str | None]] = defaultdict(Counter)
    for row in rows:
        found[row["lang"]][foreign(row["text"])] += 1
    lines = []
    for language, counts in found.items():
        wrong = ", ".join(f"{count} as {other}" for other, count in counts.items() if other not in (language, None))
        lines.append(f"{language:6}{counts[language]:4} of {sum(counts.values()):3}{'  ' + wrong if wrong else ''}")
    named = sum(counts[language] for language, counts in found.items())
    seen = sum(sum(counts.values()) - counts[None] for counts in found.values())
    return "\n".join(
        [*lines, f"All: recognised as foreign {seen / len(rows):.3f}, under the right name {named / len(rows):.3f}."]
    )


def false_alarms(texts: Sequence[str], foreign: Foreign) -> tuple[str, list[str]]:
    """Their share, and what they are."""
    alarms = [f"{language}: {text}" for text in texts if (language := foreign(text))]
    return f"{len(alarms) / len(texts):.3%} ({len(alarms)} of {len(texts)})", alarms


def _share(right: Iterable[bool]) -> float:
    outcomes = list(right)
    return sum(outcomes) / len(outcomes)


def main() -> int:
    importlib.import_module("bot.rasa_ext.kernels").choose_kernels()
    importlib.import_module("bot.rasa_ext.without_tensorflow").stand_in()
    language: Any = importlib.import_module("bot.rasa_ext.language")
    models: Any = importlib.import_module("bot.rasa_ext.language_model")
    foreign_words: Any = importlib.import_module("bot.rasa_ext.foreign_words")

    examples = models.examples_in(language.EXAMPLES)
    model = models.LanguageModel.learn(examples)
    margin = language.LanguageDetector.get_default_config()["margin"]

    def decide(text: str, current: str | None) -> str:
        told: str = language.decide(model.hear(text), current, margin)
        return told

    for title, folder in (("Held out", "tests/nlu"), ("Validation", "nlu_data/validation")):
        rows = [row for code in LANGUAGES for row in read(ROOT / folder / f"{code}.jsonl")]
        print(f"{title}: {folder}\n{lengths_report(rows, decide)}\n")
    announced = read(ROOT / "tests/nlu/announced_languages.jsonl")
    print(announced_report(announced, language.named_language, language.asks_for_language), end="\n\n")

    texts = [text for text, _ in examples]
    others = foreign_words.ForeignWords.learn(texts)
    print("Other languages\n" + others_report(read(ROOT / "tests/nlu/other_languages.jsonl"), others.language_of))
    print("\nOurs taken for another language:")
    for folder in ("tests/nlu", "nlu_data/validation"):
        ours = [row["text"] for code in LANGUAGES for row in read(ROOT / folder / f"{code}.jsonl")]
        print(f"  {folder}: {false_alarms(ours, others.language_of)[0]}")
    learned = [foreign_words.ForeignWords.learn(_without(texts, fold)) for fold in range(FOLDS)]
    place = {text: i % FOLDS for i, text in enumerate(texts)}
    said, alarms = false_alarms(texts, lambda text: learned[place[text]].language_of(text))
    print(f"  nlu_data/nlu, each fifth weighed against the other four: {said}, Haitian Creole lines among them")
    print("\n".join(f"    {alarm}" for alarm in alarms))
    return 0


def _without(texts: Sequence[str], fold: int) -> list[str]:
    return [text for i, text in enumerate(texts) if i % FOLDS != fold]


if __name__ == "__main__":
    sys.exit(main())
