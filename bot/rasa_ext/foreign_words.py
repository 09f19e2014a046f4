"""Which language we do not speak a message is written in: by its letters, or by the words that tell it.

Words: wordfreq's lists where there is one (CC BY-SA 4.0, read at training), lists of our own for the others. Each word
is weighed against our languages, our own messages with their slips included, so that neither "nesesito
un avogado" is Portuguese nor "mwa jcherche" Haitian. When in doubt, a message is not foreign.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from wordfreq import get_frequency_dict

from bot.i18n.languages import LANGUAGES, about
from bot.rasa_ext.speller import fold, listed_languages

WORDS = Path(__file__).with_name("other_languages.yml")
# Those of wordfreq that are written in our letters, and their code in the CLDR, which names languages.
_WEB_LISTS = {code: code for code in ("pt", "it", "de", "ro", "tr", "vi", "fil", "pl")}
_FREQUENT = 6000
# One of our own lists' words, among some two hundred frequent ones.
_LISTED = 2e-3
_FOLDED_ALIAS = 0.5
# A word rarer than this in a language is not of it.
_RARE = 3e-7
# How far one word may tell, how much it must tell to count, and what one of ours that it lacks tells against it.
_MOST, _TELLING, _LACKED = 4.0, 2.0, -1.0
# A word at least so frequent in ours is known to be; of the others ("xnomdan") nobody knows.
_OURS = 1e-5
_WORD = re.compile(r"[^\W_]+")
# Marks that only a language of ours writes: Spanish opens a question.
_OUR_MARKS = frozenset(mark for code in LANGUAGES for mark in about(code).marks)
# A capital inside a sentence: João, Nguyen, Paulo. German has words enough without its nouns.
_NAME = re.compile(r"(?<=[\w,] )[A-ZÀ-ÖØ-ÞĆČĐĞİŁŃŚŞŠȘȚŹŻŽ]\w*")

# A message is foreign with so many telling words of one language, so much in all, and such a share of its words; where
# only two tell ("wlh khoya jsuis perdu"), with no more than such a share of ours.
_FEWEST, _ENOUGH, _SHARE, _LACKING = 2, 3.0, 0.4, 0.25

# First and last letter of each script, and the language that most of its writers here have.
_SCRIPTS = (
    *(("Ͱ", "Ͽ", "el"), ("Ѐ", "ӿ", "ru"), ("Ա", "֏", "hy"), ("א", "ת", "he"), ("؀", "ۿ", "ar"), ("ݐ", "ݿ", "ar")),
    *(("ऀ", "ॿ", "hi"), ("ঀ", "৿", "bn"), ("ਁ", "੶", "pa"), ("ઁ", "૿", "gu"), ("ஂ", "௺", "ta"), ("ఀ", "౿", "te")),
    *(("ഀ", "ൿ", "ml"), ("ඁ", "෴", "si"), ("ก", "๛", "th"), ("ກ", "ໟ", "lo"), ("က", "႟", "my"), ("Ⴀ", "ჿ", "ka")),
    *(
        ("ሀ", "᎙", "am"),
        ("ក", "៿", "km"),
        ("ⴰ", "⵿", "kab"),
        ("ぁ", "ヿ", "ja"),
        ("㐀", "鿿", "zh"),
        ("가", "힣", "ko"),
    ),
)
_RUNS = [(re.compile(f"[{first}-{last}]{{2,}}"), code) for first, last, code in _SCRIPTS]
_DENSE = {"zh": 3, "ja": 2, "ko": 2, "am": 2}
_UKRAINIAN = "що|як|де|та|чи|мені|треба|дякую|добрий|шукаю|хто|коли|дуже|можна|маю|моя|немає|скажу|дитина|знайти"
# Letters and words that another language of the same script alone writes, each tried in turn.
_TOLD_APART = {
    "ar": (
        ("ps", re.compile("[ټډړږښګڼېۍځڅ]")),
        ("ur", re.compile(r"[ٹڈڑںےہ]")),
        ("fa", re.compile(r"[پچژگکی]|\b(?:است|برای|این|هستم|دارم|می|که)\b")),
    ),
    "ru": (
        ("uk", re.compile(rf"[іїєґ]|\b(?:{_UKRAINIAN})\b", re.IGNORECASE)),
        ("bg", re.compile(r"\b(?:съм|ъм|какво|къде|искам|трябва|моля|благодаря)\b", re.IGNORECASE)),
    ),
    "hi": (("ne", re.compile("मलाई|कसरी|छ।|छु|हुन्छ|गर्न|चाहिन्छ|नेपाल")),),
    "am": (("ti", re.compile("[ኣቐቑቒቓቔቕቖኸኹኺኻኼኽኾ]|እየ|ትግርኛ")),),
    "zh": (("ja", re.compile("[ぁ-ヿ]")),),
}
# Letters that one language alone writes: Vietnamese tones, the Kabyle gh.
_OWN_LETTERS = {"vi": re.compile("[ơưđạ-ỹ]"), "kab": re.compile("[ɣɛ]")}

Weights = dict[str, dict[str, float]]


class ForeignWords:
    """`weights`: for each word, how much likelier (natural log) it is in a language than in ours; none for our own."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    @classmethod
    def learn(cls, ours: Iterable[str]) -> ForeignWords:
        """`ours`: messages in our languages."""
        home = _home_words(ours)
        weights: Weights = defaultdict(dict)
        for language, words in _foreign_lists():
            for word, frequency in words.items():
                weight = math.log((frequency + _RARE) / (home.get(word, 0.0) + _RARE))
                if weight > _LACKED:
                    weights[word][language] = round(2 * min(weight, _MOST)) / 2
        ours_alone = [word for word, frequency in home.items() if frequency >= _OURS and word not in weights]
        return cls(weights | {word: {} for word in ours_alone})

    def language_of(self, text: str) -> str | None:
        """Its code in the CLDR; None when it is one of ours, or nobody knows."""
        return by_script(text) or self._by_words(text)

    def _by_words(self, text: str) -> str | None:
        if not _OUR_MARKS.isdisjoint(text):
            return None
        words = list(_words(_NAME.sub(" ", text) if not text.isupper() else text))
        if len(words) < _FEWEST:
            return None
        sums: Counter[str] = Counter()
        telling: dict[str, set[str]] = defaultdict(set)
        known = 0
        shared: Counter[str] = Counter()
        for word in words:
            found = self._weights.get(word)
            if not word.isascii():
                found = self._weights.get(fold(word)) if found is None else found
                own = {code: _MOST for code, letters in _OWN_LETTERS.items() if letters.search(word)}
                found = (found or {}) | own if own else found
            if found is None:
                continue
            known += 1
            for language, weight in found.items():
                sums[language] += weight
                shared[language] += 1
                if weight >= _TELLING:
                    telling[language].add(word)
        lacked = {language: known - shared[language] for language in telling}
        scores = {language: sums[language] + _LACKED * lacked[language] for language in telling}
        best = max(scores, key=lambda language: scores[language], default=None)
        if best is None or scores[best] < _ENOUGH:
            return None
        told = telling[best]
        is_told = len(told) >= max(_FEWEST, _SHARE * len(set(words)))
        is_mixed = len(told) == _FEWEST and lacked[best] > _LACKING * len(words)
        return best if is_told and not is_mixed else None

    def save(self, file: Path) -> None:
        written = {word: _write_telling(told) for word, told in self._weights.items()}
        file.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> ForeignWords:
        written: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        # Many words tell the same: each telling is kept once.
        told = {telling: _read_telling(telling) for telling in set(written.values())}
        return cls({word: told[telling] for word, telling in written.items()})


def _write_telling(told: dict[str, float]) -> str:
    """ "pt:4.0 it:2.5"."""
    return " ".join(f"{language}:{weight}" for language, weight in told.items())


def _read_telling(written: str) -> dict[str, float]:
    return {language: float(weight) for language, _, weight in (pair.partition(":") for pair in written.split())}


def by_script(text: str) -> str | None:
    """The language of most letters, when it is not ours."""
    if text.isascii():
        return None
    counts: Counter[str] = Counter()
    for run, code in _RUNS:
        counts[code] += _DENSE.get(code, 1) * sum(map(len, run.findall(text)))
    script, count = counts.most_common(1)[0]
    if not count or count <= sum(c.isalpha() and unicodedata.name(c, "").startswith("LATIN") for c in text):
        return None
    found = next((code for code, told in _TOLD_APART.get(script, ()) if told.search(text)), script)
    return None if found in LANGUAGES else found


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFC", text.lower())):
        if not word.isdigit():
            yield word


def _home_words(ours: Iterable[str]) -> Counter[str]:
    """How frequent each word is in the one of our languages that has it most; our messages' words as well."""
    home: Counter[str] = Counter()
    for code in listed_languages():
        for word, frequency in get_frequency_dict(code, "small").items():
            for part in _words(word):
                _keep_most(home, part, frequency)
    seen = Counter(word for text in ours for word in _words(text))
    total = sum(seen.values()) or 1
    for word, count in seen.items():
        # A slip that one person made, others make.
        _keep_most(home, word, 3 * count / total)
    return home


def _foreign_lists() -> Iterator[tuple[str, Counter[str]]]:
    for code, listed in _WEB_LISTS.items():
        if code in LANGUAGES:
            continue
        words: Counter[str] = Counter()
        for written, frequency in list(get_frequency_dict(listed, "small").items())[:_FREQUENT]:
            for word in _words(written):
                _keep_most(words, word, frequency)
        yield code, words
    for code, text in yaml.safe_load(WORDS.read_text(encoding="utf-8")).items():
        if code in LANGUAGES:
            continue
        words = Counter()
        for word in _words(text):
            _keep_most(words, word, _LISTED)
        yield code, words


def _keep_most(words: Counter[str], word: str, frequency: float) -> None:
    words[word] = max(words[word], frequency)
    folded = fold(word)
    if folded != word:
        words[folded] = max(words[folded], frequency * _FOLDED_ALIAS)
