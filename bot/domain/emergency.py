"""Whether a message tells of a danger now. Looked at before anything else, whoever holds the conversation.

Recall first: turns of phrase in every language at once (people mix them), minus what only looks like one ("je ne
veux plus vivre à Laval") and what is told as past, as a question or as a film. The phrases are data, in
`bot/knowledge/emergency.yml`, and its first lines explain how they are written.

Time grows with the length of the message, whatever it holds: each word looks up the phrases that may begin with it,
and a phrase reaches a bounded number of words further.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# What letters, signs and emoji stand for, before accents and punctuation go.
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "œ": "oe", "æ": "ae", "ß": "ss", "ı": "i", "+": " plus "}
    | {"🆘": " sos ", "🔪": " knife ", "🗡": " knife ", "🔫": " gun ", "🔥": " fire ", "…": " "}
)
_CONTRACTION = re.compile(r"(?<=n)'(?=t\b)|(?<=\b[ih])'(?=[mds]\b)|(?<=\b(?:he|we|it))'(?=[rs])|(?<=she|hey|you)'(?=[rs])")
_INVISIBLE = re.compile("[\u0300-\u036f\u200b-\u200f\u2060\ufeff]+")
_SHOUT = re.compile(r"([a-z])\1{3,}(?![a-z])")
_SENTENCE_END = re.compile(r"(?<!\.)\.(?=\s|$)|[!?;\n]+")
_NOT_TEXT = re.compile(r"[^a-z0-9|]+")
_TWICE = re.compile(r"(?<!\\)([a-z])\1+")
_WORD = re.compile(r"[a-z0-9]+")

SHOUTED = "aaaa"
"""The word that follows one drawn out: "ayudaaaaa" is folded to "ayuda aaaa"."""


def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, single letters and spaces, `|` between sentences: "kil him | mon apel"."""
    plain = _CONTRACTION.sub("", text.lower().translate(_SIGNS))
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", plain)).replace("|", " ")
    plain = _NOT_TEXT.sub(" ", _SENTENCE_END.sub(" | ", _SHOUT.sub(rf"\1 {SHOUTED}", plain)))
    return " ".join(_TWICE.sub(r"\1", word) if word != SHOUTED else word for word in plain.split())


@dataclass(frozen=True)
class Danger:
    """One kind of danger, told by any of its `phrases`.

    It is taken back by a context found in the same sentence (`unless`) or in the same message (`unless_anywhere`).
    """

    kind: str
    phrases: tuple[str, ...]
    unless: frozenset[str] = frozenset()
    unless_anywhere: frozenset[str] = frozenset()


class EmergencyGuard:
    """`harmless` phrases are taken out first; `words` are the lists that phrases name as <list>."""

    def __init__(
        self,
        dangers: Iterable[Danger],
        harmless: Iterable[str],
        contexts: Mapping[str, Iterable[str]],
        words: Mapping[str, Iterable[str]],
        spelling: Mapping[str, Iterable[str]],
    ) -> None:
        self._dangers = {danger.kind: danger for danger in dangers}
        self._spelling = {fold(slip): fold(right) for right, slips in spelling.items() for slip in slips}
        self._phrases = _Phrases(((d.kind, p) for d in self._dangers.values() for p in d.phrases), words)
        self._harmless = _Phrases((("harmless", phrase) for phrase in harmless), words)
        self._contexts = _Phrases(((name, p) for name, ps in contexts.items() for p in ps), words)
        named = frozenset[str]().union(*(d.unless | d.unless_anywhere for d in self._dangers.values()))
        if unknown := named - contexts.keys():
            raise ValueError(f"no such context: {sorted(unknown)}")

    def hears_danger(self, text: str) -> bool:
        return self.danger_in(text) is not None

    def danger_in(self, text: str) -> str | None:
        """The kind of danger that the message tells of."""
        sentences = [s for part in self._spelt_out(fold(text)).split("|") if (s := part.strip())]
        told = [self._phrases.names_in(self._harmless.taken_out_of(sentence)) for sentence in sentences]
        if not any(told):
            return None
        contexts = [self._contexts.names_in(sentence) for sentence in sentences]
        everywhere = frozenset[str]().union(*contexts)
        for kinds, around in zip(told, contexts, strict=True):
            for danger in (self._dangers[kind] for kind in sorted(kinds)):
                if not (danger.unless & around or danger.unless_anywhere & everywhere):
                    return danger.kind
        return None

    def _spelt_out(self, folded: str) -> str:
        """Slips and short forms, of one word or two, in their usual spelling."""
        words, spelt, i = folded.split(" "), list[str](), 0
        while i < len(words):
            pair = f"{words[i]} {words[i + 1]}" if i + 1 < len(words) else ""
            if pair in self._spelling:
                spelt.append(self._spelling[pair])
                i += 2
            else:
                spelt.append(self._spelling.get(words[i], words[i]))
                i += 1
        return " ".join(spelt)


class _Phrases:
    """Named phrases, found by the words they may begin with."""

    def __init__(self, phrases: Iterable[tuple[str, str]], words: Mapping[str, Iterable[str]]) -> None:
        lists = {name: "(" + "|".join(choices) + ")" for name, choices in words.items()}
        self._beginning_with: dict[str, list[tuple[re.Pattern[str], str]]] = defaultdict(list)
        for name, phrase in phrases:
            written = _TWICE.sub(r"\1", _with_lists(phrase, lists))
            pattern = re.compile(_as_regex(written))
            for word in set(_first_words(written)):
                self._beginning_with[word].append((pattern, name))

    def names_in(self, sentence: str) -> set[str]:
        found = set[str]()
        for word in _WORD.finditer(sentence):
            for pattern, name in self._beginning_with.get(word[0], ()):
                if name not in found and pattern.match(sentence, word.start()):
                    found.add(name)
        return found

    def taken_out_of(self, sentence: str) -> str:
        """The sentence with a `_`, which no phrase reaches over, in the place of each phrase found."""
        kept, end = list[str](), 0
        for word in _WORD.finditer(sentence):
            if word.start() < end:
                continue
            for pattern, _ in self._beginning_with.get(word[0], ()):
                if match := pattern.match(sentence, word.start()):
                    kept += [sentence[end : match.start()], "_"]
                    end = match.end()
                    break
        return "".join([*kept, sentence[end:]]) if kept else sentence


_LIST = re.compile(r"<(\w+)>")
_GAP = re.compile(r" ~(\d)(?= |$)")
_LETTER_CHOICE = re.compile(r"\[([a-z]+)\]")
_PERHAPS_LETTER = re.compile(r"([a-z])\?")
_INNER_CHOICE = re.compile(r"\(([^()?][^()]*)\)(\??)")


def _with_lists(phrase: str, lists: Mapping[str, str]) -> str:
    while _LIST.search(phrase):
        phrase = _LIST.sub(lambda name: lists[name[1]], phrase)
    return phrase


def _as_regex(phrase: str) -> str:
    spaced = _GAP.sub(r"(?: [a-z0-9]+){0,\1}", phrase)
    return re.sub(r"\((?!\?)", "(?:", spaced) + r"(?![a-z0-9])"


def _first_words(phrase: str) -> Iterator[str]:
    """Every word that the phrase may begin with, its choices spelt out: "(il |elle )?frapp(e|er)" has four."""
    plain = _LETTER_CHOICE.sub(lambda letters: f"({'|'.join(letters[1])})", phrase.removeprefix("^"))
    waiting = [_PERHAPS_LETTER.sub(r"(\1|)", plain)]
    while waiting:
        start = waiting.pop().lstrip()
        head = re.split(r" |\(\?!", start, maxsplit=1)[0].removesuffix("$")
        if _WORD.fullmatch(head):
            yield head
        elif "(" in head and (choice := _INNER_CHOICE.search(start)):
            choices = choice[1].split("|") + ([""] if choice[2] else [])
            waiting += [start[: choice.start()] + c + start[choice.end() :] for c in choices]
        else:
            raise ValueError(f"a phrase begins with a plain word or a choice of words: {phrase!r}")
