"""The first answer to every `ask_*` in three languages over the real stack, beside what a person has read and approved.

`tests/golden/<language>/<intent>.md` is that reading copy. After a change of content, `WRITE_GOLDEN=1 make test
PYTEST="-k golden"` writes them anew: read what `git diff` shows before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.steps import steps
from bot.settings import ROOT
from tests.e2e.house import House
from tests.e2e.people import WidgetPerson

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOLDEN = ROOT / "tests/golden"
IS_WRITING = bool(os.environ.get("WRITE_GOLDEN"))
# A person may write thirty messages a minute.
A_PERSON_ASKS = 20


def questions(language: str) -> dict[str, str]:
    """One plain question for each step, as people type it: the fuller of the two that are spelt right."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "tests/nlu/plainest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["lang"] == language and row["intent"] in steps():
            found.setdefault(row["intent"], []).append(row["text"])
    return {intent: max(texts[:2], key=len) for intent, texts in found.items()}


def as_read(question: str, bubbles: list[dict[str, Any]]) -> str:
    """What the person sees, as a page."""
    lines = [f"> {question}", ""]
    for bubble in bubbles:
        lines += [bubble["text"].replace("\n", "  \n"), ""]
        lines += [f"- <{link['url']}> {link['title']}" for link in bubble["links"]]
        lines += [f"- [{choice['title']}] `{choice['payload']}`" for choice in bubble["choices"]]
        lines += [""] if bubble["links"] or bubble["choices"] else []
    return "\n".join(lines)


@pytest.mark.parametrize("language", ["fr", "en", "es"])
async def test_the_answers_are_those_that_were_read(house: House, language: str) -> None:
    asked = questions(language)
    assert asked.keys() == steps().keys()
    intents, changed = sorted(asked), []
    for start in range(0, len(intents), A_PERSON_ASKS):
        async with WidgetPerson(house.url, language, "America/Toronto") as person:
            for intent in intents[start : start + A_PERSON_ASKS]:
                before = len(person.said)
                await person.writes(asked[intent])
                bubbles = [bubble for bubble in person.said[before:] if bubble["from"] == "assistant"]
                assert {bubble["topic"] for bubble in bubbles} == {intent}, asked[intent]
                page, path = as_read(asked[intent], bubbles), GOLDEN / language / f"{intent}.md"
                if IS_WRITING:
                    _write(path, page)
                elif not path.exists() or path.read_text(encoding="utf-8") != page:
                    changed.append(f"{path.relative_to(ROOT)} is now:\n{page}")
    assert not changed, "\n\n".join(changed)


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


async def test_every_golden_page_is_of_a_step() -> None:
    for language in ("fr", "en", "es"):
        assert {path.stem for path in (GOLDEN / language).glob("*.md")} == steps().keys()
