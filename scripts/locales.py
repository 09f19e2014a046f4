"""The catalogues: `update` from the sources, `check` them, `compile` them. Run by make; see docs/translating.md.

Sources: Rasa's responses (nlu_data/domain/responses), facts (bot/knowledge/steps, words.yml), and Jinja templates. The
French sentence is the msgid, its name the msgctxt. Each source has a catalogue of its own in each language.
"""

from __future__ import annotations

import io
import re
import string
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import yaml
from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it is run by its path

from bot.i18n.languages import COMPLETE, LANGUAGES, LOCALES  # noqa: E402

# Of a language that is not complete yet, so many lines of what is left to do.
SHOWN_TO_DO = 20


@dataclass(frozen=True)
class Sentence:
    """`origin` is the file, relative to the checkout."""

    name: str
    french: str
    origin: str


def responses() -> Iterator[Sentence]:
    """What the assistant says, and its buttons."""
    for path in sorted((ROOT / "nlu_data/domain/responses").glob("*.yml")):
        for name, variations in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items():
            for variation in variations:
                origin = str(path.relative_to(ROOT))
                if variation.get("text"):
                    yield Sentence(name, variation["text"], origin)
                for button in variation.get("buttons") or ():
                    yield Sentence(f"{name}.button", button["title"], origin)


def knowledge() -> Iterator[Sentence]:
    """Facts in words: titles, parts of an answer, links, telephones, sources."""
    for path in sorted((ROOT / "bot/knowledge/steps").glob("*.yml")):
        step = yaml.safe_load(path.read_text(encoding="utf-8"))
        origin = str(path.relative_to(ROOT))
        yield Sentence(f"{step['id']}.title", step["title"], origin)
        yield Sentence(f"{step['id']}.short", step["short"], origin)
        yield Sentence(f"{step['id']}.source", step["source"]["name"], origin)
        for line in (*step["says"], *(step.get("more") or ())):
            yield Sentence(f"{step['id']}.{line.get('key', line['part'])}", line["text"], origin)
        for link in step.get("links") or ():
            yield Sentence(f"{step['id']}.link.{link['key']}", link["title"], origin)
        for phone in step.get("phones") or ():
            yield Sentence(f"{step['id']}.phone.{phone['key']}", phone["label"], origin)
    words = ROOT / "bot/knowledge/words.yml"
    for name, status in yaml.safe_load(words.read_text(encoding="utf-8"))["statuses"].items():
        if status.get("name"):
            yield Sentence(f"status.{name}", status["name"], str(words.relative_to(ROOT)))


def templates(*folders: str) -> Iterator[Sentence]:
    """`pgettext("name", "French")` in Jinja templates."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if not path.is_file():
                continue
            found = extract_from_file(
                "jinja2.ext:babel_extract", path, keywords={"pgettext": ((1, "c"), 2)}, options={"trimmed": "true"}
            )
            for _line, message, _comments, context in found:
                if not context or not isinstance(message, str):
                    raise ValueError(f"{path}: every sentence is pgettext('name', 'French')")
                yield Sentence(context, message, str(path.relative_to(ROOT)))


def named(folder: str, prefix: str, domain: str) -> Iterator[Sentence]:
    """Sentences that Python says by name: their French is at home in the French catalogue."""
    kept = {str(message.context): str(message.id) for message in read(domain, "fr") if message.id}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for name in re.findall(rf'"({prefix}[a-z_.]+)"', path.read_text(encoding="utf-8")):
            if name in kept:
                yield Sentence(name, kept[name], str(path.relative_to(ROOT)))


SOURCES: dict[str, Callable[[], Iterator[Sentence]]] = {
    "assistant": responses,
    "knowledge": knowledge,
    "widget": lambda: templates("bot/gateway/templates"),
    "console": lambda: chain(templates("bot/console/templates"), named("bot/console", "console.", "console")),
}


def template(domain: str) -> Catalog:
    catalog = Catalog(project="Passerelle", copyright_holder="Passerelle", charset="utf-8")
    for sentence in SOURCES[domain]():
        catalog.add(sentence.french, context=sentence.name, locations=[(sentence.origin, 0)])
    return catalog


def path_of(domain: str, language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{domain}.po"


def read(domain: str, language: str) -> Catalog:
    path = path_of(domain, language)
    if not path.exists():
        return Catalog(locale=language, project="Passerelle", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    """Brings every .po to its sources. French is filled; what is new elsewhere is left empty, what changed is fuzzy."""
    for domain in SOURCES:
        for language in LANGUAGES:
            catalog = read(domain, language)
            # A template of its own: the catalogue keeps its messages, and French is filled in below.
            catalog.update(template(domain), update_creation_date=False)
            catalog.obsolete.clear()
            if language == "fr":
                for message in catalog:
                    if message.id:
                        message.string = message.id
                        message.flags.discard("fuzzy")
            path = path_of(domain, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, catalog, width=120, sort_output=False, include_lineno=False, omit_header=False)


def compile_all() -> None:
    for domain in SOURCES:
        for language in LANGUAGES:
            written = io.BytesIO()
            write_mo(written, read(domain, language))
            compiled = path_of(domain, language).with_suffix(".mo")
            if not compiled.exists() or compiled.read_bytes() != written.getvalue():
                compiled.write_bytes(written.getvalue())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def problems(languages: Iterable[str] = COMPLETE) -> Iterator[str]:
    """One line for each thing that a reader of these languages would stumble on."""
    for domain in SOURCES:
        wanted = {(sentence.name, sentence.french): sentence.origin for sentence in SOURCES[domain]()}
        for language in languages:
            where = f"{domain}.po ({language})"
            catalog = read(domain, language)
            have = {(str(message.context), str(message.id)): message for message in catalog if message.id}
            for (name, french), origin in wanted.items():
                if (name, french) not in have:
                    yield f"{where}: {name} is missing or its French changed in {origin}; run make locales"
            for (name, french), message in have.items():
                if (name, french) not in wanted:
                    yield f"{where}: {name} is no longer said; run make locales"
                elif message.fuzzy:
                    yield f"{where}: {name} is fuzzy: read it again and take the mark away"
                elif not message.string:
                    yield f"{where}: {name} has no translation"
                elif placeholders(str(message.string)) != placeholders(french):
                    yield f"{where}: {name} has other placeholders than the French"


def check() -> int:
    """Refuses what is wrong in a complete language; of the others it says what is left to do."""
    for language in LANGUAGES:
        left = list(problems([language])) if language not in COMPLETE else []
        print(*left[:SHOWN_TO_DO], sep="\n", end="\n" if left else "")
        if language not in COMPLETE:
            print(f"catalogues: {language} is not complete yet, {len(left)} sentences to do")
    found = list(problems())
    print("\n".join(found) or "catalogues: complete in " + ", ".join(COMPLETE))
    return 1 if found else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case ["check"]:
            sys.exit(check())
        case _:
            sys.exit("usage: locales.py update|compile|check")
