"""A made-up language, written by a rule from the French, and a copy of this checkout to which it is added as data.

A word is turned round and a q put behind it: "bonjour" is "ruojnobq". Nobody's word looks so, which is how a test knows
that an answer is in it. Days and months are those of Esperanto, the one language of Babel that no one takes for ours.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml
from babel.messages.pofile import read_po, write_po

from bot.settings import ROOT

CODE, NAME = "qx", "Kuksi"
# What only people can write: a danger in their own words, folded.
DANGER = "ejq siavq emq erdnepq"
INTENTS = (
    *("greet", "goodbye", "thanks", "affirm", "deny", "inform", "book_meeting", "set_language", "talk_to_human"),
    *("ask_health_insurance", "ask_sin", "ask_housing", "out_of_scope"),
)
# Messages of each intent: few, so that training takes half a minute.
OWN_MESSAGES, KEPT_MESSAGES = 30, 5
_KEPT_AS_IT_IS = re.compile(r"\{[^{}]*\}|https?://\S+")
_WORD = re.compile(r"[^\W\d_]+")

LANGUAGE = """
name: Kuksi
order: 4
complete: false
direction: rtl
babel: eo
browser: eo
called: kuksi kuksien kuksish
names: {fr: kuksi, en: Kuksi, es: kuksi}
dates:
  day: EEEE, 'la' d-'a de' MMMM y
  day_alone: d-'a de' MMMM y
  day_of_year: d-'a de' MMMM
  short_day: EEE d MMM
  button_day: d MMM
  moment: "{day}, {hour}"
hours: {clock: 24, noon: idimq, whole: "{hour}:{minute}", other: "{hour}:{minute}"}
figures: {decimal: ",", group: "~", money: "{number}~$", percent: "{number}~%"}
spoken: {erbmecedq: décembre, niamedq: demain}
"""


def turned(french: str) -> str:
    """A sentence in the made-up language: placeholders, figures and marks stay where they were."""
    kept = _KEPT_AS_IT_IS.findall(french)
    return "".join(
        _WORD.sub(lambda word: _turned_word(word.group()), between) + hole
        for between, hole in zip(_KEPT_AS_IT_IS.split(french), [*kept, ""], strict=True)
    )


def _turned_word(word: str) -> str:
    back = word[::-1].lower() + "q"
    return back.capitalize() if word[0].isupper() else back


def share_turned(text: str) -> float:
    """How many of the words are in the made-up language: names, dates and addresses are not."""
    words = _WORD.findall(text)
    return sum(word.endswith("q") for word in words) / len(words)


@dataclass(frozen=True)
class Copy:
    """`before` holds what its files were when they were copied."""

    root: Path
    before: dict[str, bytes]

    def changed(self) -> set[str]:
        """The files that are otherwise now, or new, but for what programs make."""
        made = {"models", "var", ".rasa", "__pycache__", ".venv", ".venv-rasa"}
        now = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and path.suffix != ".mo" and made.isdisjoint(path.relative_to(self.root).parts)
        }
        return {name for name in now.keys() | self.before.keys() if now.get(name) != self.before.get(name)}


def copy_with_language(folder: Path) -> Copy:
    """The checkout with the language added, its sentences compiled and its model trained: all that a person does."""
    root = folder / "copy"
    before = {}
    for name in _files_of_checkout():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
        before[name] = target.read_bytes()
    for environment in (".venv", ".venv-rasa"):
        (root / environment).symlink_to(ROOT / environment)
    (root / "locales" / CODE).mkdir()
    (root / "locales" / CODE / "language.yml").write_text(LANGUAGE, encoding="utf-8")
    _run(root, "scripts/locales.py", "update")
    for path in (root / "locales" / CODE / "LC_MESSAGES").glob("*.po"):
        _translate(path)
    _add_glossary_columns(root / "bot/knowledge/glossary.csv")
    _add_danger(root / "bot/knowledge/emergency.yml")
    _write_messages(root / "nlu_data/nlu")
    _run(root, "scripts/prepare.py", "catalogues", "model")
    return Copy(root, before)


def _files_of_checkout() -> list[str]:
    """What git knows or would take: no environment, no model."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


def _run(root: Path, *command: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True, check=False)
    log = root / "var/log/train.log"
    assert done.returncode == 0, done.stdout + done.stderr + (log.read_text(encoding="utf-8") if log.exists() else "")


def _translate(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale="eo")
    for message in catalogue:
        if message.id:
            message.string = turned(str(message.id))
    with path.open("wb") as file:
        write_po(file, catalogue)


def _add_glossary_columns(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], CODE, f"{CODE}_short"])
        writer.writeheader()
        writer.writerows(
            row | {CODE: turned(row["fr"]), f"{CODE}_short": turned(row.get("fr_short") or "")} for row in rows
        )


def _add_danger(path: Path) -> None:
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    next(iter(known["dangers"].values()))["phrases"][CODE] = [DANGER]
    path.write_text(yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")


def _write_messages(folder: Path) -> None:
    """The made-up language's messages, from the French; of the others, as many as training takes little time for."""
    own: dict[str, list[str]] = {intent: [] for intent in INTENTS}
    for language in ("fr", "en", "es"):
        kept: Counter[str] = Counter()
        for path in sorted((folder / language).glob("*.yml")):
            groups = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
            for group in groups:
                examples = [line for line in group["examples"].splitlines() if line.strip()]
                intent = group["intent"]
                if language == "fr" and intent in own:
                    own[intent] += [f"- {turned(line[2:])}" for line in examples][: OWN_MESSAGES - len(own[intent])]
                left = max(0, KEPT_MESSAGES - kept[intent])
                group["examples"] = "".join(f"{line}\n" for line in examples[:left])
                kept[intent] += len(examples[:left])
            _write_groups(path, [group for group in groups if group["examples"]])
    (folder / CODE).mkdir()
    own_groups = [{"intent": intent, "examples": "\n".join([*lines, ""])} for intent, lines in own.items()]
    _write_groups(folder / CODE / "all.yml", own_groups)


def _write_groups(path: Path, groups: list[dict[str, str]]) -> None:
    data = {"version": "3.1", "nlu": groups}
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
