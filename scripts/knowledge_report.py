"""What content editors watch, without a server: `make knowledge-report`, in French. See docs/content.md.

Prints a summary and writes `report.html`, `topics.csv` and `facts.csv`, the console's content page and its files.
"""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import jinja2

from bot.clock import Clock
from bot.console.content_report import Drawing
from bot.console.pages import TEMPLATES, Words
from bot.domain.meetings import QUEBEC
from bot.i18n.catalogue import Catalogue, default_catalogue
from bot.i18n.languages import FRENCH
from bot.knowledge.report import report_on
from bot.knowledge.steps import STEPS, BadKnowledge, Step, read_steps
from bot.settings import Settings

FOLDER = "knowledge-report"


def main(arguments: Sequence[str], settings: Settings) -> int:
    asked = _asked(arguments)
    today = asked.today or Clock(settings.now).now().astimezone(QUEBEC).date()
    try:
        read = read_steps(asked.steps)
    except BadKnowledge as error:
        print(f"knowledge-report: {error}", file=sys.stderr)
        return 1
    drawing = _drawing(read.values(), settings, today, default_catalogue())
    folder = asked.report or settings.var / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(drawing.page(), encoding="utf-8")
    for name, text in (("topics.csv", drawing.topics_csv()), ("facts.csv", drawing.facts_csv())):
        (folder / name).write_bytes(codecs.BOM_UTF8 + text.encode())
    print(drawing.summary())
    print(*(folder / name for name in ("report.html", "topics.csv", "facts.csv")), sep="\n")
    return 0


def _drawing(steps: Iterable[Step], settings: Settings, today: date, catalogue: Catalogue) -> Drawing:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    report = report_on(steps, settings.shelf_lives, today, catalogue.translate)
    return Drawing(templates, Words(catalogue, FRENCH), report, settings.shelf_lives)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="knowledge_report", description=__doc__)
    parser.add_argument("--report", type=Path, help=f"folder to write to; {FOLDER} in var/ unless told")
    parser.add_argument("--today", type=date.fromisoformat, help="as if it were this day, as 2027-11-22")
    parser.add_argument("--steps", type=Path, default=STEPS, help="folder of step files")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Settings()))
