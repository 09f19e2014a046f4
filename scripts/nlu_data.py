"""Are the training messages sound: `python scripts/nlu_data.py check`. Run by make check; needs PyYAML only.

Every intent of the domain in every language, enough messages, none written twice or nearly so, none that is also held
out (`tests/nlu/`) or set apart for calibration (`nlu_data/validation/`), and no language much richer than another. One
line per problem; the exit code is 1 when there is one.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it is run by its path

from bot.i18n.languages import COMPLETE, LANGUAGES  # noqa: E402

ENOUGH = 45
"""Messages of one intent in one language."""
ENOUGH_HELD_OUT = 15
PLAINEST = "tests/nlu/plainest.jsonl"
"""What everybody types: learned and tested alike, for it may never be misread."""
MANY_WORDS = 4
"""Shorter messages are compared as they are: "not now" and "now, not" are two."""
BALANCE = 0.25
"""How far a language's count may be from the mean of all."""
_TWICE = re.compile(r"(.)\1+")
_PUNCTUATION = re.compile(r"[\s.,;:!?¿¡…\"'’«»“”()\-–]+")


@dataclass(frozen=True)
class Example:
    """`where` is "file:line" in the checkout."""

    text: str
    intent: str
    language: str
    where: str


class UnreadableFile(Exception):
    """One sentence: which file, and why."""


def check(root: Path = ROOT) -> list[str]:
    """The problems, one sentence each; none when the data is sound."""
    try:
        intents = _intents(root)
        examples = list(_training(root))
        held_out = list(_held_out(root))
    except UnreadableFile as reason:
        return [str(reason)]
    return [
        *_missing_or_unknown(intents, examples, held_out),
        *_unbalanced(intents, examples),
        *_written_twice(examples),
        *_also_held_out(examples, held_out),
    ]


def to_do(root: Path = ROOT) -> list[str]:
    """Of each language that is not complete yet, how much is there. What is written is checked all the same."""
    lines = []
    for language in LANGUAGES:
        if language not in COMPLETE:
            intents = _intents(root)
            counts = Counter(example.intent for example in _training(root) if example.language == language)
            enough = sum(counts[intent] >= ENOUGH for intent in intents)
            lines.append(
                f"{language} is not complete yet: {counts.total()} messages, {enough} of {len(intents)} intents have "
                f"{ENOUGH}"
            )
    return lines


def fold(text: str) -> str:
    """How messages are compared: lower case, no accents, no punctuation. What is only punctuation stays."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return _PUNCTUATION.sub(" ", plain).strip() or text


def alike(text: str) -> str:
    """Equal for messages that differ only in the order of words, doubled letters, case, accents and punctuation."""
    words = fold(text).split()
    return _TWICE.sub(r"\1", " ".join(sorted(words))) if len(words) >= MANY_WORDS else " ".join(words) or text


def _missing_or_unknown(
    intents: Sequence[str], examples: Sequence[Example], held_out: Sequence[Example]
) -> Iterator[str]:
    for example in (*examples, *held_out):
        if example.intent not in intents:
            yield f"{example.where}: the domain has no intent {example.intent}"
    counts = Counter((example.intent, example.language) for example in examples)
    for intent in intents:
        for language in COMPLETE:
            if (count := counts[intent, language]) < ENOUGH:
                yield f"{intent}: {count} messages in {language}, at least {ENOUGH} are needed"
    apart = Counter((example.intent, example.language) for example in held_out if _is_intent_test(example))
    for intent in intents if apart else ():
        for language in COMPLETE:
            if (count := apart[intent, language]) < ENOUGH_HELD_OUT:
                yield f"{intent}: {count} held-out messages in {language}, at least {ENOUGH_HELD_OUT} are needed"


def _unbalanced(intents: Sequence[str], examples: Sequence[Example]) -> Iterator[str]:
    counts = Counter((example.intent, example.language) for example in examples)
    for intent in intents:
        mean = sum(counts[intent, language] for language in COMPLETE) / len(COMPLETE)
        for language in COMPLETE:
            count = counts[intent, language]
            if abs(count - mean) > BALANCE * mean:
                yield f"{intent}: {count} messages in {language} for {mean:.0f} on average, more than 25 % apart"


def _written_twice(examples: Sequence[Example]) -> Iterator[str]:
    first: dict[str, Example] = {}
    for example in examples:
        earlier = first.setdefault(alike(example.text), example)
        if earlier is not example:
            intents = example.intent if example.intent == earlier.intent else f"{example.intent}, {earlier.intent}"
            yield f"{example.where}: “{example.text}” is already at {earlier.where} ({intents})"


def _also_held_out(examples: Sequence[Example], held_out: Sequence[Example]) -> Iterator[str]:
    hidden: dict[str, list[str]] = defaultdict(list)
    for example in held_out:
        hidden[alike(example.text)].append(example.where)
    for example in examples:
        for where in hidden.get(alike(example.text), ()):
            yield f"{example.where}: “{example.text}” is held out at {where}"


def _intents(root: Path) -> list[str]:
    listed = _yaml(root / "nlu_data/domain/intents.yml", root)["intents"]
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in listed]


def _training(root: Path) -> Iterator[Example]:
    for language in LANGUAGES:
        for path in sorted((root / "nlu_data/nlu" / language).glob("*.yml")):
            lines = path.read_text(encoding="utf-8").splitlines()
            name, at = path.relative_to(root).as_posix(), 0
            for group in _yaml(path, root)["nlu"]:
                for line in group["examples"].splitlines():
                    if not line.strip():
                        continue
                    if not line.startswith("- "):
                        raise UnreadableFile(f"{name}: {group['intent']} has a line that is no example: {line}")
                    # Below the last one: examples come in the order of the file. `at` is a line number, from 1.
                    at = next((n for n in range(at + 1, len(lines) + 1) if lines[n - 1].strip() == line.strip()), at)
                    yield Example(line[2:].strip(), group["intent"], language, f"{name}:{at}")


def _is_intent_test(example: Example) -> bool:
    return example.where.startswith(f"tests/nlu/{example.language}.jsonl")


def _held_out(root: Path) -> Iterator[Example]:
    held_out = {*root.glob("tests/nlu/*.jsonl")} - {root / PLAINEST}
    for path in sorted([*held_out, *root.glob("nlu_data/validation/*.jsonl")]):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            where = f"{path.relative_to(root).as_posix()}:{number}"
            try:
                row = json.loads(line)
                # What the emergency guard is tested on carries no intent: it may not be trained on either.
                yield Example(row["text"], row.get("intent", "emergency"), row["lang"], where)
            except (ValueError, KeyError) as error:
                raise UnreadableFile(f"{where}: a held-out message needs text and lang, in JSON ({error})") from error


def _yaml(path: Path, root: Path) -> dict[str, list[dict[str, str]]]:
    try:
        loaded: dict[str, list[dict[str, str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise UnreadableFile(f"{path.relative_to(root).as_posix()}: not YAML: {reason}") from error
    return loaded


def main(arguments: Sequence[str]) -> int:
    if list(arguments) != ["check"]:
        print("usage: python scripts/nlu_data.py check", file=sys.stderr)
        return 2
    problems = check()
    for line in (*to_do(), *problems):
        print(line)
    if not problems:
        print("Training messages: sound.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
