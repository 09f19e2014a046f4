"""The words of time in French, English and Spanish, and a message cut into tokens.

`days.py` and `hours.py` read these tokens. Words are folded (lower case, no accents); the three languages share one
table each, because people mix them. A number is a number only where it stands as one: in "H2X 1A1" there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "mark", "code"]

_FRACTIONS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4"})
_NOON_DOTS = re.compile(r"(?<=[\d\s])([ap])\.\s?m\b\.?", re.IGNORECASE)
_PIECE = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+|\d+|\S")


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(text: str) -> dict[str, int]:
    """`3 march mars marzo` lines: the words that mean each number."""
    table = {}
    for line in text.strip().splitlines():
        value, *words = line.split()
        table.update(dict.fromkeys(words, int(value)))
    return table


# Full names, with the misspellings that are more than one letter off.
MONTHS = _table("""
1 janvier january enero janviers janvye janvie jenero henero januari janury
2 fevrier february febrero fevrye febuary febrary febrery februari fevri
3 mars march marzo
4 avril april abril avrile
5 mai may mayo
6 juin june junio juins june
7 juillet july julio juilet juille juillets jullet jullio
8 aout august agosto aoute awout augost
9 septembre september septiembre setiembre setembre septiembe setember septanbre
10 octobre october octubre otobre otubre octuber ottobre
11 novembre november noviembre novanbre nobiembre noviembe novenbre
12 decembre december diciembre desembre desambre decenbre disiembre diciembe disember dicembre decembr
""")
# Read as months only beside a number.
_SHORT_MONTHS = _table("""
1 jan janv ene
2 fev fevr feb febr
3 mar mrz
4 avr apr abr
6 jun
7 jul juil jly
8 aou aug ago
9 sep sept set
10 oct okt
11 nov novem
12 dec dic decem
""")
_MONTH_NAMES = """
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
january february march april may june july august september october november december
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_NEVER_ALONE = word_set("may march")
WEEKDAYS = _table("""
0 lundi monday lunes lundis mondays lindi munday lunis
1 mardi tuesday martes mardis tuesdays teusday tuseday tuesdey martez
2 mercredi wednesday miercoles mercredis wednesdays mecredi mercedi wensday wednsday wendsday miercole
3 jeudi thursday jueves jeudis thursdays jedi jeudit juebes thrusday tursday juebe
4 vendredi friday viernes vendredis fridays vandredi vendredit biernes firday friady vierne
5 samedi saturday sabado samedis saturdays samdi satuday saterday savado sabados
6 dimanche sunday domingo dimanches sundays dimanch dimache sundey domingos
""")
_SHORT_WEEKDAYS = _table("""
0 lun mon
1 mar tue tues
2 mer mie mier wed weds
3 jeu jue thu thur thurs
4 ven vie vier fri
5 sam sab sat
6 dim dom sun
""")
_CARDINALS = _table("""
1 one uno
2 deux two dos
3 trois three tres
4 quatre four cuatro
5 cinq five cinco
6 six seis
7 sept seven siete
8 huit eight ocho
9 neuf nine nueve
10 dix ten diez
11 onze eleven once
12 douze twelve doce
13 treize thirteen trece
14 quatorze fourteen catorce
15 quinze fifteen quince
16 seize sixteen dieciseis
17 dixsept seventeen diecisiete
18 dixhuit eighteen dieciocho
19 dixneuf nineteen diecinueve
20 vingt twenty veinte
21 veintiuno veintiun
22 veintidos
23 veintitres
24 veinticuatro
25 veinticinco
26 veintiseis
27 veintisiete
28 veintiocho
29 veintinueve
30 trente thirty treinta
40 quarante forty cuarenta
50 cinquante fifty cincuenta
""")
_ORDINALS = _table("""
1 premier premiere first primero primera primer
2 deuxieme second seconde segundo segunda
3 troisieme third tercero tercera tercer
4 quatrieme fourth cuarto cuarta
5 cinquieme fifth quinto quinta
6 sixieme sixth sexto sexta
7 septieme seventh septimo septima
8 huitieme eighth octavo octava
9 neuvieme ninth noveno novena
10 dixieme tenth decimo decima
11 eleventh onzieme
12 twelfth douzieme
13 thirteenth
14 fourteenth
15 fifteenth quinzieme
16 sixteenth
17 seventeenth
18 eighteenth
19 nineteenth
20 twentieth
30 thirtieth
""")
_A_SINGLE = word_set("un une a an una")
_TENS = word_set("vingt twenty veinte trente thirty treinta quarante forty cuarenta cinquante fifty cincuenta")
_ORDINAL_ENDINGS = word_set("er ere eme e ro ero ra do da to ta mo o a st nd rd th ieme de")
HOUR_WORDS = word_set("h hs hr hrs hre hres heure heures heur hora horas hras")
_GLUED_UNITS = word_set("j jr jrs jour jours day days dia dias sem semaine semaines week weeks semana semanas mois mes")
_GLUED_AFTER = word_set("am pm min mn") | _ORDINAL_ENDINGS | HOUR_WORDS | _GLUED_UNITS
_GLUED_BEFORE = word_set("le el the on du del al")
# Words one letter from a month or a weekday, and neither.
_NOT_NAMES = word_set("match junior julie julia julien marche marches marchs marcos arch marc mach abri mazo")


def fold(word: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is folded, `raw` keeps its accents; `is_glued`: nothing stands between it and the token before."""

    kind: Kind
    text: str
    raw: str
    value: int = -1
    is_ordinal: bool = False
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    end: int
    is_ordinal: bool
    is_digits: bool


class Line:
    """A message as tokens. Looking outside of it finds empty words, so that readers need not count."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)

    def __len__(self) -> int:
        return len(self.tokens)

    def at(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def has(self, i: int, *words: str) -> bool:
        return all(self.at(i + k) == word for k, word in enumerate(words))

    def is_word(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].kind != "mark"

    def is_end(self, i: int) -> bool:
        """Nothing, or a punctuation mark that closes."""
        return not 0 <= i < len(self.tokens) or self.at(i) in {",", ".", ";", "!", "?", ")", "(", ":", "…", "-", "–"}

    def digits(self, i: int) -> int | None:
        """The value of a number in plain figures."""
        if not 0 <= i < len(self.tokens):
            return None
        token = self.tokens[i]
        return token.value if token.kind == "number" and not token.is_ordinal else None

    def is_glued(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].is_glued

    def skip(self, i: int, words: frozenset[str], most: int = 3) -> int:
        """Past at most `most` of these words."""
        for _ in range(most):
            if self.at(i) not in words or i >= len(self.tokens):
                break
            i += 1
        return i

    def number(self, i: int, *, or_a: bool = False) -> Number | None:
        """A number from 0 to 59 in words, or any in figures. `or_a`: "a week" counts as one."""
        if not 0 <= i < len(self.tokens):
            return None
        token = self.tokens[i]
        if token.kind == "number":
            return Number(token.value, i + 1, token.is_ordinal, is_digits=True)
        if token.text in _TENS:
            return self._ten_and_unit(i)
        if token.text == "dix" and self.at(i + 1) in {"sept", "huit", "neuf"}:
            return Number(10 + _CARDINALS[self.at(i + 1)], i + 2, is_ordinal=False, is_digits=False)
        if token.text in _ORDINALS:
            return Number(_ORDINALS[token.text], i + 1, is_ordinal=True, is_digits=False)
        if token.text in _CARDINALS:
            return Number(_CARDINALS[token.text], i + 1, is_ordinal=False, is_digits=False)
        if or_a and token.text in _A_SINGLE:
            return Number(1, i + 1, is_ordinal=False, is_digits=False)
        return None

    def _ten_and_unit(self, i: int) -> Number:
        ten = _CARDINALS[self.at(i)]
        unit = i + 2 if self.at(i + 1) in {"et", "y"} else i + 1
        word = self.at(unit)
        if word in {"un", "une"}:
            return Number(ten + 1, unit + 1, is_ordinal=False, is_digits=False)
        # "sept" after "vingt" is seven, never September.
        if 1 <= _CARDINALS.get(word, 0) <= 9:
            return Number(ten + _CARDINALS[word], unit + 1, is_ordinal=False, is_digits=False)
        if unit == i + 1 and 1 <= _ORDINALS.get(word, 0) <= 9:
            return Number(ten + _ORDINALS[word], unit + 1, is_ordinal=True, is_digits=False)
        return Number(ten, i + 1, is_ordinal=False, is_digits=False)

    def month(self, i: int, *, is_beside_number: bool) -> int | None:
        word = self.at(i)
        if not is_beside_number:
            alone = len(self.tokens) == 1 or word not in _NEVER_ALONE
            return (MONTHS.get(word) or _nearly(word, _NEAR_MONTHS, 7)) if alone else None
        return MONTHS.get(word) or _SHORT_MONTHS.get(word) or _nearly(word, _NEAR_MONTHS, 5)

    def weekday(self, i: int, *, may_be_short: bool = False) -> int | None:
        word = self.at(i)
        found = WEEKDAYS.get(word)
        if found is None and may_be_short:
            found = _SHORT_WEEKDAYS.get(word)
        return found if found is not None else _nearly(word, _NEAR_WEEKDAYS, 7)


class Phrases:
    """Phrases of several words and the number each stands for, written as lines of `number: phrase, phrase`."""

    def __init__(self, text: str) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for line in text.strip().splitlines():
            value, phrases = line.split(":")
            for phrase in phrases.split(","):
                words = tuple(phrase.split())
                self._by_first.setdefault(words[0], []).append((words, int(value)))
        for found in self._by_first.values():
            found.sort(key=lambda each: -len(each[0]))

    def at(self, line: Line, i: int) -> tuple[int, int] | None:
        """The number and the end of the longest phrase that starts at token `i`."""
        for words, value in self._by_first.get(line.at(i), ()):
            if line.has(i, *words):
                return value, i + len(words)
        return None


def _without_a_letter(word: str) -> list[str]:
    return [word[:k] + word[k + 1 :] for k in range(len(word))]


def _neighbours(names: Mapping[str, int], shortest: int) -> dict[str, list[tuple[str, int]]]:
    """The names under each form they have with one letter less, so that a slip is looked up and not searched for."""
    near: dict[str, list[tuple[str, int]]] = {}
    for name, value in names.items():
        if len(name) >= shortest:
            for form in [name, *_without_a_letter(name)]:
                near.setdefault(form, []).append((name, value))
    return near


_NEAR_MONTHS = _neighbours(dict(zip(_MONTH_NAMES.split(), [*range(1, 13)] * 3, strict=True)), 5)
_NEAR_WEEKDAYS = _neighbours(WEEKDAYS, 7)


def _nearly(word: str, near: Mapping[str, list[tuple[str, int]]], shortest: int) -> int | None:
    """One letter missing, added, changed or swapped with its neighbour."""
    if not shortest - 1 <= len(word) <= 12 or word in _NOT_NAMES:
        return None
    for form in [word, *_without_a_letter(word)] if len(word) >= shortest else [word]:
        for name, value in near.get(form, ()):
            if _is_one_slip(word, name):
                return value
    return None


def _is_one_slip(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) == 1:
        # Found under a form with one letter less, so this is that letter.
        return True
    wrong = [k for k, (a, b) in enumerate(zip(word, name, strict=False)) if a != b]
    is_swap = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and word[wrong[0]] == name[wrong[1]]
    return len(word) == len(name) and (len(wrong) <= 1 or (is_swap and word[wrong[1]] == name[wrong[0]]))


def _tokens(text: str) -> list[Token]:
    text = unicodedata.normalize("NFKC", text.translate(_FRACTIONS)).lower()
    text = _NOON_DOTS.sub(r"\1m ", text)
    pieces = [(m.group(), m.start(), m.end()) for m in _PIECE.finditer(text)]
    tokens: list[Token] = []
    i = 0
    while i < len(pieces):
        piece, start, end = pieces[i]
        is_glued = i > 0 and pieces[i - 1][2] == start
        if tokens and tokens[-1].kind == "number" and _ends_an_ordinal(tokens[-1], piece):
            last = tokens.pop()
            tokens.append(Token("number", last.text, last.raw + "er", last.value, is_ordinal=True, is_glued=last.is_glued))
            i += 1
            continue
        if not piece[0].isalnum():
            i += 1
            if piece == "-" and not _is_between_digits(text, start):
                continue
            if piece not in {"'", "’", "`", "´", "\u0301"}:
                tokens.append(Token("mark", piece, piece, is_glued=is_glued))
            continue
        chunk = [piece]
        while i + 1 < len(pieces) and pieces[i + 1][1] == end and pieces[i + 1][0][0].isalnum():
            i += 1
            end = pieces[i][2]
            chunk.append(pieces[i][0])
        i += 1
        tokens += _read_chunk(chunk, is_glued)
    return tokens


def _ends_an_ordinal(number: Token, piece: str) -> bool:
    """ "1 er" and "1°" are the first too."""
    return number.value == 1 and not number.is_ordinal and piece in {"er", "°"}


def _is_between_digits(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdecimal() and text[at + 1].isdecimal()


def _read_chunk(chunk: list[str], is_glued: bool) -> list[Token]:
    """Letters and figures written as one: "14h30" and "3dec" are read, "H2X" and "b4" are codes."""
    folded = [fold(piece) for piece in chunk]
    tokens: list[Token] = []
    for k, piece in enumerate(chunk):
        before, after = folded[k - 1] if k else "", folded[k + 1] if k + 1 < len(folded) else ""
        if piece.isdecimal():
            is_known = len(piece) <= 4 and (not before or _may_stand_before(before, k > 1, len(piece), after))
            if not is_known or (after and not _may_stand_after(after)):
                whole = "".join(folded)
                return [Token("code", whole, "".join(chunk), is_glued=is_glued)]
            tokens.append(Token("number", piece, piece, value=int(piece), is_glued=is_glued or k > 0))
        elif before and folded[k] in _ORDINAL_ENDINGS and k == len(chunk) - 1 and tokens:
            last = tokens.pop()
            tokens.append(Token("number", last.text, last.raw + folded[k], last.value, is_ordinal=True, is_glued=last.is_glued))
        else:
            tokens.append(Token("word", folded[k], piece, is_glued=is_glued or k > 0))
    return tokens


def _may_stand_after(word: str) -> bool:
    return word in _GLUED_AFTER or word in MONTHS or word in _SHORT_MONTHS


def _may_stand_before(word: str, has_number_before: bool, digits: int, after: str) -> bool:
    if word in HOUR_WORDS:
        return has_number_before and digits == 2
    return word in _GLUED_BEFORE or word in MONTHS or word in _SHORT_MONTHS or (word == "a" and after in HOUR_WORDS)


# What may follow a bare day or hour without making it count something ("le 15 avec ma famille", not "the 15 files").
SMALL = word_set("""
a au aux avec ce cette chez d dans de des donc du en est et il ils je j l la le les lui ma mais me mes moi mon ne notre
nous on ou par pour pas que qui sa se si ses son sur tu un une vers vous y c ca cela car elle jusque puis
about after also am an and are as at be because before but by can for from going have he her here his i im in is it its
just me my of or our she so than that the their then there they this to until was we will with you your re ll ve m s
al algo como con del desde donde el ella ellas ellos entre era es esta estan estar este estos fue ha hacia hasta hay he
lo los las mas mi mis nos nosotros o para pero por porque se ser si sin sobre son soy su sus te tiene un una uno unos
vamos voy ya yo u e
jour jours dia day date fecha datte
""")
COURTESY = word_set("""
bonjour bonsoir salut allo merci svp stp plait oui ok daccord euh ben alors bon hello hi hey please thanks thank yes yeah
yep well okay hola buenas buenos tardes dias noches gracias favor claro vale good morning afternoon evening pues
madame monsieur sir senora senor bien eh um uh hmm
""")
ARRIVING = word_set("""
arrive arrives arrived arrivee arrivees arrivons arrivera arriverai arriverons arriver arrivent arriveront arriving
arrival arivee arive arrivo ariving arival arrivait arrivais larrivee jarrive jarive atterris atterrit atterrissage
atterrissons atterri atterrirai debarque debarquons debarquerai land lands landed landing vol flight fly flying avion
avions plane vuelo llego llega llegue llegamos llegada llegadas llegan llegare llegaremos llegar llegara llegaron yego
yegue yego llegando aterrizo aterrizamos aterrizare aterrizaje vengo venimos vendre vine vinimos viens venons viendrai
viendrons venir come coming came suis sommes serai serons sera estare estaremos estoy estamos aqui la ici here entre
entry entrada landing reach get got since depuis desde deja already ya quebec canada hace ago il fait llevo tengo
""")
UNITS: Mapping[str, str] = {
    **dict.fromkeys(word_set("jour jours jr jrs j day days dia dias"), "day"),
    **dict.fromkeys(word_set("semaine semaines sem week weeks semana semanas wk wks semene"), "week"),
    **dict.fromkeys(word_set("mois month months mes meses moi mos"), "month"),
    **dict.fromkeys(word_set("an ans annee annees year years yr yrs ano anos"), "year"),
    **dict.fromkeys(word_set("quinzaine quincena fortnight"), "fortnight"),
    **dict.fromkeys(word_set("h hr hrs heure heures hour hours hora horas"), "hour"),
    **dict.fromkeys(word_set("minute minutes minuto minutos min mins"), "minute"),
}
