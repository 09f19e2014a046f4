"""Whether Rasa's files agree with each other: domain, rules, stories, messages. `make check` runs it.

`rasa data validate` answers 0 whatever it finds, and does not see rules that contradict each other; those are found
by the policies when they learn. So both are run, and what would break a conversation fails. A response that no rule
names is no fault: actions say most of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RASA = ROOT / ".venv-rasa" / "bin" / "python"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
DIALOGUES = ("nlu_data/rules", "nlu_data/stories")

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(r"(?:UserWarning: |WARNING +rasa\.validator +- )(.*)")
_EXPECTED = re.compile(r"utterance '.*' is not used in any story or rule")
_BREAKS = re.compile(r"[Cc]onflict|is not a valid utterance action|not listed in the domain|is not in the domain")
_NOISE = re.compile(r"^Processed |Warning: |^ {2}\S|pkg_resources")
_CONTRADICTIONS = re.compile(r"Contradicting rules or stories found.*?(?=Please update)", re.DOTALL)


def rasa(arguments: Sequence[str]) -> tuple[int, str]:
    """Exit code and all that was said, colours taken out."""
    command = [str(RASA), "-m", "bot.rasa_ext.without_tensorflow", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True, check=False)
    return done.returncode, _COLOUR.sub("", done.stdout + done.stderr)


def validated() -> Iterator[tuple[bool, str]]:
    """What `rasa data validate` finds: whether it breaks a conversation, and its words."""
    files = (
        "--config",
        "config.yml",
        "--domain",
        "nlu_data/domain",
        "--data",
        "nlu_data/nlu",
        "nlu_data/lexicon",
        *DIALOGUES,
    )
    code, said = rasa(("data", "validate", *files))
    lines = said.splitlines()
    for number, line in enumerate(lines):
        warning = _WARNING.search(line)
        if warning is None or _EXPECTED.search(line) or "pkg_resources" in line:
            continue
        breaks = bool(_BREAKS.search(line))
        # Rasa says what conflicts in the lines that follow.
        details = [detail for detail in lines[number + 1 : number + 4] if detail.startswith("  ") and "'" in detail]
        yield breaks, "\n".join([warning[1], *(details if breaks else ())])
    if code:
        yield True, "rasa data validate stopped:\n" + _end_of(said)


def learned() -> Iterator[tuple[bool, str]]:
    """What the policies refuse to learn: rules and stories that contradict each other."""
    with tempfile.TemporaryDirectory() as folder:
        dialogues, out = Path(folder, "dialogues"), Path(folder, "model")
        dialogues.mkdir()
        for source in DIALOGUES:  # `train core` takes one folder
            for path in (ROOT / source).rglob("*.yml"):
                shutil.copy(path, dialogues / f"{path.parent.name}_{path.name}")
        files = ("--config", "config.yml", "--domain", "nlu_data/domain", "--stories", str(dialogues))
        code, said = rasa(("train", "core", *files, "--out", str(out)))
    if code:
        contradictions = _CONTRADICTIONS.search(said)
        yield True, contradictions[0].strip() if contradictions else "rasa train core stopped:\n" + _end_of(said)


def _end_of(said: str) -> str:
    """The last lines, without progress bars and libraries' warnings about each other."""
    telling = [line for line in said.splitlines() if line.strip() and not _NOISE.search(line)]
    return "\n".join(telling[-10:])


def check() -> int:
    found = [*validated(), *learned()]
    for breaks, words in found:
        print(f"{'error' if breaks else 'warning'}: {words}")
    if any(breaks for breaks, _ in found):
        return 1
    print("rasa's data: rules, stories and domain agree")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] != ["check"]:
        sys.exit("usage: rasa_data.py check")
    if not RASA.exists():
        sys.exit("passerelle: Rasa's environment is missing. Run: make check")
    sys.exit(check())
