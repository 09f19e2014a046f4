"""How well a trained model understands: `python scripts/nlu_report.py MODEL TEST… [--out FILE] [--pictures FOLDER]`.

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
OUT_OF_SCOPE = "out_of_scope"
MAYBE_DANGER = "maybe_danger"
EMERGENCY = "emergency"
REFUSED = frozenset({FALLBACK, OUT_OF_SCOPE})
# Issue by kind of message: the kinds that each aim takes together, and the least share right, in each language.
AIMS = (
    ("clean", ("clean",), 0.95),
    ("typing errors, SMS", ("typos", "sms"), 0.90),
    ("indirect, stories", ("indirect", "story"), 0.88),
    ("two languages mixed", ("mixed",), 0.92),
)
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
    """`ranking` is the classifier's own, best first, `sureness` the confidence of its first, 0 to 1; `intent` and
    `confidence` are what Rasa goes by in the end.
    """

    ranking: tuple[str, ...]
    intent: str
    confidence: float
    sureness: float = 0.0
    gives_numbers: bool = False
    """Whether the person is given the emergency numbers, as the answer or after it."""


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
    from bot.rasa_ext.kernels import choose_kernels
    from bot.rasa_ext.without_tensorflow import stand_in

    choose_kernels()
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
        parsed = asyncio.run(processor.parse_message(UserMessage(text)))
        final = parsed["intent"]
        gives_numbers = final["name"] == EMERGENCY or bool(parsed.get(MAYBE_DANGER))
        entries = heard.get("intent_ranking") or ()
        sureness = float(entries[0]["confidence"]) if entries else 0.0
        return Parsed(
            tuple(str(e["name"]) for e in entries),
            str(final["name"]),
            float(final["confidence"]),
            sureness,
            gives_numbers,
        )

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
            *(["", "Aims", *_aims(outcomes)] if kinds else []),
            "",
            "By intent, worst first",
            *(_line(intent, group) for intent, group in worst),
            "",
            "Worst confusions",
            *(f"{count:4}  {said} → {heard}" for (said, heard), count in confused.most_common(20)),
        ]
    )


def _aims(outcomes: Sequence[Outcome]) -> list[str]:
    """What is aimed at, what was measured, and whether it was reached."""
    lines = []
    for title, kinds, least in AIMS:
        for language, group in sorted(_grouped(outcomes, lambda o: o.expected.language).items()):
            measured = [o for o in group if o.expected.kind in kinds]
            if measured:
                lines.append(_aim(f"{title}, {language}", _share(measured, "is_right"), least))
    lines.append(_aim("among the first three", _share(outcomes, "is_among_first"), 0.98))
    outside = [o for o in outcomes if o.expected.intent == OUT_OF_SCOPE]
    inside = [o for o in outcomes if o.expected.intent != OUT_OF_SCOPE]
    if outside:
        lines.append(
            _aim("out of scope, recognised", sum(o.parsed.intent in REFUSED for o in outside) / len(outside), 0.92)
        )
    if inside:
        lines.append(
            _aim(
                "our subjects, refused", sum(o.parsed.intent in REFUSED for o in inside) / len(inside), 0.03, most=True
            )
        )
        ordinary = [o for o in inside if o.expected.intent != EMERGENCY]
        alarms = sum(o.parsed.intent == EMERGENCY for o in ordinary) / max(len(ordinary), 1)
        lines.append(_aim("ordinary, taken for a danger", alarms, 0.003, most=True))
        told = sum(o.parsed.gives_numbers for o in ordinary) / max(len(ordinary), 1)
        lines.append(f"{'ordinary, given the numbers':32}{told:7.3f}")
    return lines


def _aim(title: str, measured: float, wanted: float, *, most: bool = False) -> str:
    is_reached = measured <= wanted if most else measured >= wanted
    verdict = "reached" if is_reached else "NOT reached"
    return f"{title:32}{measured:7.3f}   {'at most' if most else 'at least'} {wanted:5.3f}   {verdict}"


@dataclass(frozen=True)
class DangerTest:
    """A line of tests/nlu/emergency.jsonl that nothing was tuned on. Rounds were written one after the other."""

    text: str
    is_danger: bool
    round: int


def read_dangers(path: Path) -> list[DangerTest]:
    """Raises CannotReport for a file that is absent."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise CannotReport(f"{path} cannot be read: {error}.") from error
    return [DangerTest(row["text"], row["danger"], row["round"]) for row in rows if row["held_out"]]


def describe_dangers(heard: Sequence[tuple[DangerTest, Parsed]]) -> str:
    """By round: dangers heard and lookalikes taken for one, as the answer, and with the numbers given in doubt."""
    lines = [f"{'Dangers':26}{'heard':>7}{'told':>7}{'alarms':>7}{'told':>7}{'messages':>10}"]
    rounds = sorted({test.round for test, _ in heard})
    groups = [(f"round {number}", [pair for pair in heard if pair[0].round == number]) for number in rounds]
    for title, group in [*groups, ("all rounds", list(heard))]:
        shares = ""
        for is_danger in (True, False):
            parsed = [parsed for test, parsed in group if test.is_danger is is_danger]
            count = max(len(parsed), 1)
            shares += f"{sum(p.intent == EMERGENCY for p in parsed) / count:7.3f}"
            shares += f"{sum(p.gives_numbers for p in parsed) / count:7.3f}"
        lines.append(f"{title:26}{shares}{len(group):10}")
    return "\n".join([*lines, "told: the numbers are given, as the answer or after it."])


@dataclass(frozen=True)
class Bin:
    """Messages of about the same sureness: its mean, the share that was right, how many."""

    sureness: float
    right: float
    messages: int


def reliability(outcomes: Sequence[Outcome], bins: int = 10) -> list[Bin]:
    """The classifier's sureness against how often it is right, before fallback and guard; empty bins are left out."""
    groups = _grouped(outcomes, lambda o: str(min(int(o.parsed.sureness * bins), bins - 1)))
    return [
        Bin(sum(o.parsed.sureness for o in group) / len(group), _share(group, "was_right"), len(group))
        for _, group in sorted(groups.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """How far sureness and share right lie apart, on average over messages."""
    return sum(abs(b.sureness - b.right) * b.messages for b in bins) / sum(b.messages for b in bins)


def draw(outcomes: Sequence[Outcome], folder: Path) -> None:
    """`confusion.png` and `reliability.png`."""
    import matplotlib  # type: ignore[import-not-found]

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # type: ignore[import-not-found]

    folder.mkdir(parents=True, exist_ok=True)
    intents = sorted({o.expected.intent for o in outcomes} | {o.parsed.intent for o in outcomes})
    place = {intent: index for index, intent in enumerate(intents)}
    counts = [[0.0] * len(intents) for _ in intents]
    for outcome in outcomes:
        counts[place[outcome.expected.intent]][place[outcome.parsed.intent]] += 1
    rows = [[value / (sum(row) or 1) for value in row] for row in counts]
    figure, axes = plt.subplots(figsize=(15, 14))
    drawn = axes.imshow(rows, cmap="magma_r", vmin=0, vmax=1)
    axes.set_xticks(range(len(intents)), intents, rotation=90, fontsize=7)
    axes.set_yticks(range(len(intents)), intents, fontsize=7)
    axes.set(xlabel="heard", ylabel="meant", title="Share of each intent's messages, by what they were taken for")
    figure.colorbar(drawn, shrink=0.7)
    figure.savefig(folder / "confusion.png", dpi=110, bbox_inches="tight")
    bins = reliability(outcomes)
    figure, axes = plt.subplots(figsize=(6, 6))
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", label="as sure as right")
    axes.plot([b.sureness for b in bins], [b.right for b in bins], marker="o", label="measured")
    for b in bins:
        axes.annotate(str(b.messages), (b.sureness, b.right), textcoords="offset points", xytext=(6, -12), fontsize=8)
    axes.set(
        xlabel="how sure",
        ylabel="share right",
        title=f"Mean distance {calibration_error(bins):.3f}",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    axes.legend()
    figure.savefig(folder / "reliability.png", dpi=110, bbox_inches="tight")
    plt.close("all")


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
    parser.add_argument("--dangers", type=Path, help="lines of JSON: text, danger, round, held_out")
    parser.add_argument("--pictures", type=Path, help="folder for confusion.png and reliability.png")
    asked = parser.parse_args(arguments)
    try:
        tests = read_tests(asked.tests)
        parse = load(asked.model)
    except CannotReport as reason:
        print(f"nlu-report: {reason}", file=sys.stderr)
        return 1
    outcomes = [Outcome(test, parse(test.text)) for test in tests]
    print(describe(outcomes))
    if asked.dangers:
        print("\n" + describe_dangers([(test, parse(test.text)) for test in read_dangers(asked.dangers)]))
    if asked.pictures:
        draw(outcomes, asked.pictures)
    if asked.out:
        report = json.dumps(as_data(outcomes), ensure_ascii=False, indent=2)
        asked.out.write_text(report + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
