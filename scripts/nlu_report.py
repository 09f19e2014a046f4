"""How well a trained model understands: `python scripts/nlu_report.py MODEL TEST… [--out report.json]`.

Run by `make nlu-report` in Rasa's environment; no server. TEST holds lines `{"text", "intent", "lang"}`; a `kind`, when
there is one, is reported too. A message is right when its final intent is, after the fallback and the emergency guard:
a message of the assistant's own subjects that it refuses counts as a miss, and so does one outside them that is refused
by the fallback instead of being told apart as out_of_scope.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FALLBACK = "nlu_fallback"
_CLASSIFIER = "SentenceIntentClassifier"
_FEW = 3


@dataclass(frozen=True)
class Expected:
    text: str
    intent: str
    language: str
    kind: str | None = None


@dataclass(frozen=True)
class Parsed:
    """`ranking` is the classifier's own, best first; `intent` and `confidence` are what Rasa goes by in the end."""

    ranking: tuple[str, ...]
    intent: str
    confidence: float


@dataclass(frozen=True)
class Outcome:
    expected: Expected
    parsed: Parsed

    @property
    def is_right(self) -> bool:
        return self.parsed.intent == self.expected.intent

    @property
    def was_right(self) -> bool:
        """Before the fallback and the guard."""
        return self.parsed.ranking[:1] == (self.expected.intent,)

    @property
    def is_among_first(self) -> bool:
        return self.expected.intent in self.parsed.ranking[:_FEW]


class CannotReport(Exception):
    """One sentence: what is wrong with what was asked."""


def read_tests(paths: Iterable[Path]) -> list[Expected]:
    """Raises CannotReport for a file that is absent and for a line that is not a test."""
    tests = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CannotReport(f"{path} cannot be read: {error.strerror}.") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                tests.append(Expected(row["text"], row["intent"], row["lang"], row.get("kind")))
            except (ValueError, KeyError, TypeError) as error:
                raise CannotReport(
                    f'{path}, line {number}: a test is {{"text": …, "intent": …, "lang": …}} ({error!r}).'
                ) from error
    if not tests:
        raise CannotReport("There is no message to test.")
    return tests


def load(model: Path) -> Callable[[str], Parsed]:
    """What parses one text with this model, as Rasa would in a conversation."""
    if not model.is_file():
        raise CannotReport(f"{model} is not a model: make train")
    sys.path.insert(0, str(ROOT))
    from bot.rasa_ext.without_tensorflow import stand_in

    stand_in()
    import structlog  # type: ignore[import-not-found]

    # Rasa says each message it parses, at a level that is shown until someone sets one.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    from rasa.core.agent import Agent  # type: ignore[import-not-found]
    from rasa.core.channels.channel import UserMessage  # type: ignore[import-not-found]
    from rasa.engine.constants import PLACEHOLDER_MESSAGE  # type: ignore[import-not-found]

    processor = Agent.load(str(model)).processor
    classifier = next(node for node in processor.model_metadata.predict_schema.nodes if _CLASSIFIER in node)

    def parse(text: str) -> Parsed:
        run = processor.graph_runner.run
        # The graph is run once as far as the classifier: later components write over what it said.
        heard = run(inputs={PLACEHOLDER_MESSAGE: [UserMessage(text)]}, targets=[classifier])[classifier][0]
        final = asyncio.run(processor.parse_message(UserMessage(text)))["intent"]
        ranking = tuple(str(entry["name"]) for entry in heard.get("intent_ranking") or ())
        return Parsed(ranking, str(final["name"]), float(final["confidence"]))

    return parse


def describe(outcomes: Sequence[Outcome]) -> str:
    """The report that is printed."""
    languages = _grouped(outcomes, lambda o: o.expected.language)
    kinds = _grouped([o for o in outcomes if o.expected.kind], lambda o: str(o.expected.kind))
    intents = _grouped(outcomes, lambda o: o.expected.intent)
    worst = sorted(intents.items(), key=lambda group: (_share(group[1], "is_right"), group[0]))
    confused = Counter((o.expected.intent, o.parsed.intent) for o in outcomes if not o.is_right)
    refused = sum(o.parsed.intent == FALLBACK for o in outcomes)
    return "\n".join(
        [
            f"{'':26}{'right':>7}{'raw':>7}{f'in {_FEW}':>7}{'messages':>10}",
            *(_line(language, group) for language, group in sorted(languages.items())),
            _line("all", outcomes),
            "",
            "right: final intent; raw: before fallback and guard; in 3: among the classifier's first three.",
            f"Refused by the fallback: {refused / len(outcomes):.1%} ({refused} of {len(outcomes)}).",
            *(["", "By kind"] if kinds else []),
            *(_line(kind, group) for kind, group in sorted(kinds.items())),
            "",
            "By intent, worst first",
            *(_line(intent, group) for intent, group in worst),
            "",
            "Worst confusions",
            *(f"{count:4}  {said} → {heard}" for (said, heard), count in confused.most_common(20)),
        ]
    )


def as_data(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The report that `--out` writes."""
    languages = _grouped(outcomes, lambda o: o.expected.language)
    accuracy = {language: round(_share(group, "is_right"), 4) for language, group in sorted(languages.items())}
    return {
        "accuracy": {**accuracy, "all": round(_share(outcomes, "is_right"), 4)},
        "misses": [
            {
                "text": o.expected.text,
                "intent": o.expected.intent,
                "predicted": o.parsed.intent,
                "confidence": round(o.parsed.confidence, 4),
                "lang": o.expected.language,
            }
            for o in outcomes
            if not o.is_right
        ],
    }


def _grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return groups


def _share(outcomes: Sequence[Outcome], fact: str) -> float:
    return sum(bool(getattr(outcome, fact)) for outcome in outcomes) / len(outcomes)


def _line(title: str, outcomes: Sequence[Outcome]) -> str:
    shares = "".join(f"{_share(outcomes, fact):7.3f}" for fact in ("is_right", "was_right", "is_among_first"))
    return f"{title:26}{shares}{len(outcomes):10}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="How well a trained model understands held-out messages.")
    parser.add_argument("model", type=Path, help="models/….tar.gz")
    parser.add_argument("tests", type=Path, nargs="+", metavar="test", help="lines of JSON: text, intent, lang")
    parser.add_argument("--out", type=Path, help="where to write the report as JSON")
    asked = parser.parse_args(arguments)
    try:
        tests = read_tests(asked.tests)
        parse = load(asked.model)
    except CannotReport as reason:
        print(f"nlu-report: {reason}", file=sys.stderr)
        return 1
    outcomes = [Outcome(test, parse(test.text)) for test in tests]
    print(describe(outcomes))
    if asked.out:
        report = json.dumps(as_data(outcomes), ensure_ascii=False, indent=2)
        asked.out.write_text(report + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
