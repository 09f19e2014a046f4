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
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

# What is left of letters, signs and emoji once accents are gone.
_SIGNS = str.maketrans(
    {"‘": "'", "ʼ": "'", "œ": "oe", "æ": "ae", "ı": "i", "🆘": " sos ", "🔪": " knife ", "🗡": " knife ", "🔫": " gun "}
)
# English ones only: "don't", "he's" are read as one word, "j'ai" as two.
_CONTRACTION = re.compile(r"'(?:(?<=n')(?=t\b)|(?<=\bi')(?=[md]\b)|(?:(?<=\bit')|(?<=he'))(?=s\b)|(?<=[euy]')(?=re\b))")
# Accents, the vowel signs and the long stroke of Arabic, and what joins or parts letters unseen.
_INVISIBLE = re.compile("[\u0300-\u036f\u0640\u064b-\u0655\u200b-\u200f\u2060\ufeff]+")
_SENTENCE_END = re.compile(r"[!?;\n]+|\.(?!\S)(?<!\.\.)")
_NOT_TEXT = re.compile(r"[^a-z0-9 |]+")
_TWICE = re.compile(r"(?<!\\)([a-z])\1+")
_WORD = re.compile(r"[a-z0-9]+")

SIGNS = "signs"
"""The kind of danger told by no phrase, only by signs that add up."""
_NEAR = "sign near"
OTHER_SCRIPTS = "other scripts"
"""The kind of danger told in Arabic, Cyrillic, Chinese… letters, which folding leaves out."""
_LONG = 6
"""Letters from which a word is still itself with one left out."""


def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, single letters and spaces, `|` between sentences: "kil him | mon apel".

    A word cried out, "ayudaaaaa", is followed by "drawnout".
    """
    plain = _unaccented(text.lower()).replace("’", "'").replace("+", " plus ").replace("|", " ")
    plain = plain if plain.isascii() else plain.translate(_SIGNS)
    plain = _CONTRACTION.sub("", plain)
    plain = _NOT_TEXT.sub(" ", _SENTENCE_END.sub(" | ", _TWICE.sub(_once, plain)))
    return " ".join(plain.split())


def _unaccented(text: str) -> str:
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))


def slips_of(word: str, sounds: Mapping[str, str]) -> set[str]:
    """How fingers and ears miss a word: two letters swapped, one left out of a long word, `sounds` spelt otherwise."""
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    left_out = {word[:i] + word[i + 1 :] for i in range(1, len(word))} if len(word) >= _LONG else set[str]()
    heard = {word}
    for sound, spelt in sounds.items():
        heard |= {re.sub(sound, spelt, told) for told in heard}
    return {fold(slip) for slip in swapped | left_out | heard} - {fold(word)}


def _once(letters: re.Match[str]) -> str:
    drawn_out = letters.end() - letters.start() > 3 and not letters.string[letters.end() : letters.end() + 1].isalpha()
    return f"{letters[1]} drawnout" if drawn_out else letters[1]


@dataclass(frozen=True)
class Danger:
    """One kind of danger, told by any of its `phrases`.

    It is taken back by a context found in the same sentence (`unless`) or in the same message (`unless_anywhere`).
    """

    kind: str
    phrases: tuple[str, ...]
    unless: frozenset[str] = frozenset()
    unless_anywhere: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Slips:
    """What is set right before anything is looked for.

    `spelling` gives the slips of a word or two; those of `typed` words are found by `slips_of`, with the `sounds` of
    the same language. A slip that is a word of some phrase, or one of `real_words`, is left as it is.
    """

    spelling: Mapping[str, Iterable[str]]
    typed: Mapping[str, Iterable[str]]
    sounds: Mapping[str, Mapping[str, str]]
    real_words: Iterable[str]


@dataclass(frozen=True)
class Signs:
    """Groups of words that mean little alone.

    Two groups in a sentence, or a `grave` one beside a word that is `near`, tell of a danger that no phrase foresaw.
    """

    grave: Mapping[str, Iterable[str]]
    faint: Mapping[str, Iterable[str]]
    near: Iterable[str]
    unless_anywhere: frozenset[str]


class EmergencyGuard:
    """`harmless` phrases are taken out first; `words` are the lists that phrases name as <list>.

    `other_scripts` are patterns, in letters that folding leaves out, that tell of a danger wherever they stand.
    """

    def __init__(
        self,
        dangers: Iterable[Danger],
        signs: Signs,
        harmless: Iterable[str],
        contexts: Mapping[str, Iterable[str]],
        words: Mapping[str, Iterable[str]],
        slips: Slips,
        other_scripts: Iterable[str] = (),
    ) -> None:
        self._dangers = {danger.kind: danger for danger in dangers}
        self._other_scripts = re.compile("|".join(map(_unaccented, other_scripts)) or r"(?!)")
        grave, faint = ({f"sign of {n}": g for n, g in some.items()} for some in (signs.grave, signs.faint))
        groups = {d.kind: d.phrases for d in self._dangers.values()} | grave | faint | {_NEAR: signs.near}
        self._phrases = _Phrases(((name, phrase) for name, group in groups.items() for phrase in group), words)
        self._grave, self._faint = frozenset(grave), frozenset(faint)
        self._signs_unless = signs.unless_anywhere
        self._harmless = _Phrases((("harmless", phrase) for phrase in harmless), words)
        self._contexts = _Phrases(((name, p) for name, ps in contexts.items() for p in ps), words)
        named = self._signs_unless.union(*(d.unless | d.unless_anywhere for d in self._dangers.values()))
        if unknown := named - contexts.keys():
            raise ValueError(f"no such context: {sorted(unknown)}")
        known = self._phrases.words | self._harmless.words | self._contexts.words
        self._slips, self._slips_of_two = _set_right(slips, known)

    def hears_danger(self, text: str) -> bool:
        return self.danger_in(text) is not None

    def danger_in(self, text: str) -> str | None:
        """The kind of danger that the message tells of."""
        if not text.isascii() and self._other_scripts.search(_unaccented(text.lower())):
            return OTHER_SCRIPTS
        sentences = [s for part in self._spelt_out(fold(text)).split("|") if (s := part.strip())]
        told = [self._kinds_in(sentence) for sentence in sentences]
        if not any(told):
            return None
        contexts = [self._contexts.names_in(sentence) for sentence in sentences]
        everywhere = frozenset[str]().union(*contexts)
        for kinds, around in zip(told, contexts, strict=True):
            for kind in sorted(kinds - {SIGNS}):
                danger = self._dangers[kind]
                if not (danger.unless & around or danger.unless_anywhere & everywhere):
                    return kind
        return SIGNS if any(SIGNS in kinds for kinds in told) and not self._signs_unless & everywhere else None

    def _kinds_in(self, sentence: str) -> set[str]:
        kinds = self._kinds(self._phrases.names_in(sentence))
        return self._kinds(self._phrases.names_in(self._harmless.taken_out_of(sentence))) if kinds else kinds

    def _kinds(self, names: set[str]) -> set[str]:
        grave, faint = names & self._grave, names & self._faint
        they_add_up = len(grave) + len(faint) > 1 or (grave and _NEAR in names)
        return names - grave - faint - {_NEAR} | ({SIGNS} if they_add_up else set())

    def _spelt_out(self, folded: str) -> str:
        """Slips and short forms, of one word or two, in their usual spelling."""
        words = folded.split(" ")
        spelt, taken = list[str](), False
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if taken:
                taken = False
            elif (pair := self._slips_of_two.get(word)) and following in pair:
                spelt.append(pair[following])
                taken = True
            else:
                spelt.append(self._slips.get(word, word))
        return " ".join(spelt)


def _set_right(slips: Slips, known: Set[str]) -> tuple[dict[str, str], Mapping[str, Mapping[str, str]]]:
    """What one word stands for; and, by its first word, what two words do."""
    kept = known | {fold(word) for word in slips.real_words}
    of_one = {
        slip: fold(word)
        for language, words in slips.typed.items()
        for word in words
        for slip in slips_of(word, slips.sounds.get(language, {}))
        if slip not in kept
    }
    of_two = defaultdict[str, dict[str, str]](dict)
    for right, slip in ((fold(right), fold(slip)) for right, listed in slips.spelling.items() for slip in listed):
        first, _, second = slip.partition(" ")
        if second:
            of_two[first][second] = right
        else:
            of_one[first] = right
    # "myslef" is "myself", which is "my self".
    return {slip: of_one.get(right, right) for slip, right in of_one.items()}, of_two


class _Phrases:
    """Named phrases, found by the words they may begin with."""

    def __init__(self, phrases: Iterable[tuple[str, str]], words: Mapping[str, Iterable[str]]) -> None:
        lists = {name: "(" + "|".join(choices) + ")" for name, choices in words.items()}
        self._of_one_word: dict[str, set[str]] = defaultdict(set)
        self._beginning_with: dict[str, list[tuple[re.Pattern[str], str]]] = defaultdict(list)
        self.words = set[str]()
        for name, phrase in phrases:
            written = _TWICE.sub(r"\1", _with_lists(phrase, lists))
            self.words.update(_WORD.findall(written))
            pattern = None if _ONE_WORD.fullmatch(written) else re.compile(_as_regex(written))
            for word in _first_words(written):
                if pattern:
                    self._beginning_with[word].append((pattern, name))
                else:
                    self._of_one_word[word].add(name)

    def names_in(self, sentence: str) -> set[str]:
        found, start = set[str](), 0
        of_one_word, beginning_with = self._of_one_word, self._beginning_with
        for word in sentence.split(" "):
            if word in of_one_word:
                found |= of_one_word[word]
            if word in beginning_with:
                for pattern, name in beginning_with[word]:
                    if name not in found and pattern.match(sentence, start):
                        found.add(name)
            start += len(word) + 1
        return found

    def taken_out_of(self, sentence: str) -> str:
        """The sentence with a `_`, which no phrase reaches over, in the place of each phrase found."""
        kept, start, end = list[str](), 0, 0
        for word in sentence.split(" "):
            if start >= end and (reach := self._reach(word, sentence, start)):
                kept += [sentence[end:start], "_"]
                end = reach
            start += len(word) + 1
        return "".join([*kept, sentence[end:]])

    def _reach(self, word: str, sentence: str, start: int) -> int | None:
        """Where the first phrase found at `start` ends."""
        if word in self._of_one_word:
            return start + len(word)
        matches = (pattern.match(sentence, start) for pattern, _ in self._beginning_with.get(word, ()))
        return next((match.end() for match in matches if match), None)


_ONE_WORD = re.compile(r"[a-z0-9()|?\[\]]+(?<!\?!)")
_LIST = re.compile(r"<(\w+)>")
_GAP = re.compile(r" ~(\d)(?=[ |)$]|$)")


def _with_lists(phrase: str, lists: Mapping[str, str]) -> str:
    while _LIST.search(phrase):
        phrase = _LIST.sub(lambda name: lists[name[1]], phrase)
    return phrase


def _as_regex(phrase: str) -> str:
    spaced = _GAP.sub(r"(?: [a-z0-9]+){0,\1}", phrase)
    return re.sub(r"\((?!\?)", "(?:", spaced) + r"(?![a-z0-9])"


def _first_words(phrase: str) -> set[str]:
    """Every word that the phrase may begin with, its choices spelt out: "(il |elle )?frapp(e|er)" has four."""
    words = {word.strip("^$ ") for word in _beginnings(phrase, 0)[0]}
    if any(not _WORD.fullmatch(word) for word in words):
        raise ValueError(f"a phrase begins with a plain word or a choice of words: {phrase!r}")
    return words


def _beginnings(phrase: str, i: int) -> tuple[set[str], int]:
    """What the choices from `i` up to their closing bracket may begin with, up to a space; and where they end."""
    finished, current = set[str](), {""}
    while i < len(phrase) and phrase[i] != ")":
        if phrase[i] == "|":
            finished, current, i = finished | current, {""}, i + 1
            continue
        if phrase[i] == "(":
            pieces, end = _beginnings(phrase, i + 1)
            pieces, i = ({""} if phrase.startswith("(?!", i) else pieces), end + 1
        elif phrase[i] == "[":
            end = phrase.index("]", i)
            pieces, i = set(phrase[i + 1 : end]), end + 1
        else:
            pieces, i = {phrase[i]}, i + 1
        if phrase.startswith("?", i):
            pieces, i = pieces | {""}, i + 1
        current = {word if word.endswith(" ") else word + piece for word in current for piece in pieces}
    return finished | current, i
