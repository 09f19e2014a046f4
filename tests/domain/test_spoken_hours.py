"""Meeting times as people choose them among those offered, in three languages."""

from __future__ import annotations

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.spoken import Spoken, pick, read_time

SATURDAY = date(2026, 11, 21)
MONTREAL = ZoneInfo("America/Toronto")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MONTREAL)


OFFERED = [
    at(11, 26, 10, 30),  # 0 Thursday
    at(11, 26, 14),  # 1
    at(11, 27, 9),  # 2 Friday
    at(11, 30, 14, 30),  # 3 Monday
    at(12, 1, 10),  # 4 Tuesday
    at(12, 1, 15),  # 5
    at(12, 2, 12),  # 6 Wednesday
    at(12, 2, 16, 15),  # 7
]

FRENCH: list[tuple[str, list[int]]] = [
    ("14h", [1]),
    ("14 h", [1]),
    ("14h30", [3]),
    ("14 h 30", [3]),
    ("14:30", [3]),
    ("à 10h", [4]),
    ("a 10 h", [4]),
    ("10h30", [0]),
    ("10 heures et demie", [0]),
    ("dix heures", [4]),
    ("dix heures trente", [0]),
    ("quatorze heures", [1]),
    ("midi", [6]),
    ("le midi", [6]),
    ("15h svp", [5]),
    ("3h de l'après-midi", [5]),
    ("à trois heures de l'aprem", [5]),
    ("16h15", [7]),
    ("quatre heures et quart", [7]),
    ("15h moins le quart", []),
    ("2 h", [1]),
    ("jeudi", [0, 1]),
    ("jeudi matin", [0]),
    ("jeudi après-midi", [1]),
    ("vendredi 27", [2]),
    ("le 27", [2]),
    ("le 27 novembre à 9h", [2]),
    ("mardi 1er décembre à 10 h", [4]),
    ("mardi 10h", [4]),
    ("mardi 10", [4]),
    ("plutôt mardi après midi", [5]),
    ("le 26 ou le 27", [0, 1, 2]),
    ("lundi ou mardi", [3, 4, 5]),
    ("le matin", [0, 2, 4]),
    ("en avant-midi", [0, 2, 4]),
    ("la semaine prochaine", [0, 1, 2]),
    ("lundi en huit", [3]),
    ("le premier", [0]),
    ("la première", [0]),
    ("le 2e", [1]),
    ("la deuxième heure", [1]),
    ("le dernier", [7]),
    ("l'option 3", [2]),
    ("numéro 4", [3]),
    ("le 1er", [4, 5]),
    ("le plus tôt possible", [0]),
    ("pas jeudi, vendredi", [2]),
    ("au lieu de 14h, je préfère 10h", [4]),
    ("ça me va, jeudi 10 h 30", [0]),
    ("je prends celui de 9h vendredi", [2]),
    ("après 16h", [1, 3, 5, 6, 7]),
    ("jeudi je peux pas, vendredi oui", [2]),
    ("mercredi à midi", [6]),
    ("samedi", []),
    ("8h", []),
    ("10 30", [0]),
    ("10.30", [0]),
    ("neuf", [2]),
    ("le plus tard possible", [7]),
    ("avant midi", [0, 2, 4]),
    ("celui de jeudi matin", [0]),
]

ENGLISH: list[tuple[str, list[int]]] = [
    ("2 pm", [1]),
    ("2pm", [1]),
    ("2:30 pm", [3]),
    ("2.30 p.m.", [3]),
    ("2:30", [3]),
    ("at 10", [4]),
    ("at 10 am", [4]),
    ("10 a.m. please", [4]),
    ("10:30", [0]),
    ("10:30 am", [0]),
    ("10:30 pm", []),
    ("half past two", [3]),
    ("half past ten works", [0]),
    ("quarter past four", [7]),
    ("quarter to three", []),
    ("ten thirty", [0]),
    ("two thirty in the afternoon", [3]),
    ("noon", [6]),
    ("wednesday at noon", [6]),
    ("3 o'clock", [5]),
    ("three o'clock", [5]),
    ("3 in the afternoon", [5]),
    ("9 in the morning", [2]),
    ("3 am", []),
    ("at 2", [1]),
    ("thursday", [0, 1]),
    ("thursday morning", [0]),
    ("thursday afternoon", [1]),
    ("friday the 27th", [2]),
    ("the 27th", [2]),
    ("nov 27 at 9", [2]),
    ("Tuesday, December 1 at 3 p.m.", [5]),
    ("tue dec 1 10am", [4]),
    ("tuesday 10", [4]),
    ("next tuesday at 3", [5]),
    ("monday or tuesday", [3, 4, 5]),
    ("the 26th or the 27th", [0, 1, 2]),
    ("in the morning", [0, 2, 4]),
    ("afternoon please", [1, 3, 5, 6, 7]),
    ("next week", [0, 1, 2]),
    ("a week from monday", [3]),
    ("the first", [0]),
    ("the first one", [0]),
    ("the second one", [1]),
    ("3rd one", [2]),
    ("the last one", [7]),
    ("option 2", [1]),
    ("number 4", [3]),
    ("#5", [4]),
    ("as soon as possible", [0]),
    ("the earliest", [0]),
    ("not thursday, friday", [2]),
    ("instead of 2 pm, 10 am", [4]),
    ("Friday 9 works for me", [2]),
    ("Dec. 1, 10:00 a.m.", [4]),
    ("good morning, tuesday 3pm", [5]),
    ("thursday no, friday yes", [2]),
    ("on the first at 3", [5]),
    ("the tuesday one", [4, 5]),
    ("the 2pm one", [1]),
    ("nine", [2]),
    ("option one", [0]),
    ("before noon", [0, 2, 4]),
    ("saturday", []),
]

SPANISH: list[tuple[str, list[int]]] = [
    ("a las 14", [1]),
    ("a las 14:30", [3]),
    ("14:30 hs", [3]),
    ("14h", [1]),
    ("a las 10", [4]),
    ("las 10 y media", [0]),
    ("diez y media", [0]),
    ("a las diez", [4]),
    ("10 de la mañana", [4]),
    ("a las 10 de la manana", [4]),
    ("las 3 de la tarde", [5]),
    ("a las tres de la tarde", [5]),
    ("las 3", [5]),
    ("a las 2", [1]),
    ("las dos y media", [3]),
    ("las cuatro y cuarto", [7]),
    ("las tres menos cuarto", []),
    ("cuarto para las tres", []),
    ("mediodía", [6]),
    ("al medio día", [6]),
    ("10:30", [0]),
    ("10:30 am", [0]),
    ("3 pm", [5]),
    ("9 en punto", [2]),
    ("el jueves", [0, 1]),
    ("jueves por la mañana", [0]),
    ("el jueves en la tarde", [1]),
    ("el viernes 27", [2]),
    ("el 27", [2]),
    ("el 27 de noviembre a las 9", [2]),
    ("martes 1 de diciembre a las 15:00", [5]),
    ("el martes a las 10", [4]),
    ("el martes que viene a las 3", [5]),
    ("lunes o martes", [3, 4, 5]),
    ("el 26 o el 27", [0, 1, 2]),
    ("por la mañana", [0, 2, 4]),
    ("en la tarde", [1, 3, 5, 6, 7]),
    ("la semana que viene", [0, 1, 2]),
    ("lunes en ocho", [3]),
    ("el primero", [0]),
    ("la primera", [0]),
    ("la segunda", [1]),
    ("la 2", [1]),
    ("la dos", [1]),
    ("el último", [7]),
    ("opción 3", [2]),
    ("lo antes posible", [0]),
    ("lo más temprano", [0]),
    ("en lugar de las 14 prefiero las 10 de la mañana", [4]),
    ("no el jueves, mejor el viernes", [2]),
    ("el jueves no puedo, el viernes si", [2]),
    ("me sirve el jueves 26 a las 10:30", [0]),
    ("buenas tardes, el martes a las 10", [4]),
    ("el miércoles al mediodía", [6]),
    ("a la 1", []),
    ("la una de la tarde", []),
    ("la del martes", [4, 5]),
    ("nueve", [2]),
    ("antes del mediodía", [0, 2, 4]),
    ("sábado", []),
]

NO_TIME = [
    "",
    "oui",
    "yes please",
    "sí, gracias",
    "merci bonne journée",
    "good morning",
    "buenas tardes",
    "je travaille 35 heures par semaine",
    "I work 40 hours a week",
    "c'est 2 heures de route",
    "pendant 3 heures",
    "on est 3 personnes",
    "we are 5",
    "un 3 et demi",
    "24/7",
    "ma première rencontre",
    "es la primera vez",
    "my first meeting",
    "500$",
    "514 555-1234",
    "H2X 1A1",
    "j'habite au 24 rue Sherbrooke",
    "más tarde",
    "une autre heure",
    "no puedo",
    "pas le matin",
    "ni lunes ni martes",
    "24h/24",
    "je cherche un 4 et demi",
]

MEANINGS: list[tuple[str, Spoken]] = [
    ("14 h 30", Spoken(hour=14, minute=30)),
    ("2 pm", Spoken(hour=14, part="afternoon")),
    ("8 pm", Spoken(hour=20, part="evening")),
    ("10 du soir", Spoken(hour=22, part="evening")),
    ("12 am", Spoken(hour=0, part="morning")),
    ("12 pm", Spoken(hour=12, part="afternoon")),
    ("las 3 de la tarde", Spoken(hour=15, part="afternoon")),
    ("las tres menos cuarto", Spoken(hour=2, minute=45)),
    ("half past two", Spoken(hour=2, minute=30)),
    ("midi et demi", Spoken(hour=12, minute=30)),
    ("demain après-midi à 3h", Spoken(days=(date(2026, 11, 22),), hour=15, part="afternoon")),
    ("pasado mañana por la mañana", Spoken(days=(date(2026, 11, 23),), part="morning")),
    ("mardi matin", Spoken(weekday=1, part="morning")),
    ("vendredi en huit", Spoken(days=(date(2026, 12, 4),))),
    ("jeudi le 26 novembre à 13 h 45", Spoken(days=(date(2026, 11, 26),), hour=13, minute=45)),
    ("el 3 de diciembre a las 9:15", Spoken(days=(date(2026, 12, 3),), hour=9, minute=15)),
    ("10", Spoken(hour=10, ordinal=10)),
    ("2", Spoken(hour=2, ordinal=2)),
    ("la 2", Spoken(ordinal=2)),
    ("el último", Spoken(ordinal=-1)),
    ("the second one", Spoken(ordinal=2)),
    ("le premier", Spoken(ordinal=1)),
    ("le 1er", Spoken(days=(date(2026, 12, 1),), ordinal=1)),
    ("after 4", Spoken(part="afternoon")),
    ("avant 11h", Spoken(part="morning")),
]


@pytest.mark.parametrize(("text", "expected"), FRENCH, ids=[text for text, _ in FRENCH])
def test_picks_in_french(text: str, expected: list[int]) -> None:
    assert picked(text) == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=[text for text, _ in ENGLISH])
def test_picks_in_english(text: str, expected: list[int]) -> None:
    assert picked(text) == expected


@pytest.mark.parametrize(("text", "expected"), SPANISH, ids=[text for text, _ in SPANISH])
def test_picks_in_spanish(text: str, expected: list[int]) -> None:
    assert picked(text) == expected


def picked(text: str) -> list[int]:
    spoken = read_time(text, SATURDAY)
    assert spoken is not None
    return pick(spoken, OFFERED)


@pytest.mark.parametrize("text", NO_TIME)
def test_hears_no_time(text: str) -> None:
    assert read_time(text, SATURDAY) is None


@pytest.mark.parametrize(("text", "expected"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_reads_exactly(text: str, expected: Spoken) -> None:
    assert read_time(text, SATURDAY) == expected


def test_a_small_hour_is_the_morning_when_it_is_offered() -> None:
    spoken = Spoken(hour=6)
    assert pick(spoken, [at(12, 1, 6), at(12, 1, 18)]) == [0]
    assert pick(spoken, [at(12, 1, 9), at(12, 1, 18)]) == [1]


def test_the_full_hour_comes_before_the_half() -> None:
    assert pick(Spoken(hour=10), [at(12, 1, 10, 30), at(12, 1, 10)]) == [1]
    assert pick(Spoken(hour=10), [at(12, 1, 10, 30), at(12, 1, 11)]) == [0]


def test_a_bare_number_is_an_hour_or_a_place_in_the_list() -> None:
    spoken = Spoken(hour=2, ordinal=2)
    assert pick(spoken, [at(12, 1, 9), at(12, 1, 10), at(12, 1, 14)]) == [1, 2]
    assert pick(spoken, [at(12, 1, 9), at(12, 1, 14)]) == [1]
    assert pick(Spoken(hour=10, ordinal=10), [at(12, 1, 9), at(12, 1, 10)]) == [1]


def test_the_ordinal_counts_only_alone() -> None:
    assert pick(Spoken(weekday=1, ordinal=1), OFFERED) == [4, 5]
    assert pick(Spoken(ordinal=9), OFFERED) == []
    assert pick(Spoken(ordinal=-1), []) == []


@given(st.integers(0, 23), st.integers(0, 59), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_every_clock_time_reads_back(hour: int, minute: int, today: date) -> None:
    for text in (f"{hour}:{minute:02}", f"{hour} h {minute:02}", f"{hour}h{minute:02}", f"a las {hour}:{minute:02}"):
        assert read_time(text, today) == Spoken(hour=hour, minute=minute), text
    written = f"{hour % 12 or 12}:{minute:02} {'pm' if hour >= 12 else 'am'}"
    spoken = read_time(written, today)
    assert spoken is not None
    assert (spoken.hour, spoken.minute) == (hour, minute)


TIMES = st.datetimes(datetime(2026, 11, 23), datetime(2027, 1, 20)).map(lambda t: t.replace(second=0, microsecond=0))


@given(st.lists(TIMES, min_size=1, max_size=8, unique=True), st.data())
def test_the_day_and_the_hour_pick_their_time(offered: list[datetime], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(offered))
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    text = f"le {wanted.day} {months[wanted.month - 1]} {wanted.year} à {wanted:%H:%M}"
    spoken = read_time(text, SATURDAY)
    assert spoken is not None
    assert pick(spoken, offered) == [offered.index(wanted)]


WORDS = st.sampled_from(
    [
        "le",
        "la",
        "el",
        "the",
        "à",
        "at",
        "a",
        "las",
        "2",
        "10",
        "14",
        "h",
        ":",
        ".",
        "30",
        "pm",
        "am",
        "midi",
        "noon",
        "et",
        "demie",
        "y",
        "media",
        "menos",
        "cuarto",
        "half",
        "past",
        "quarter",
        "to",
        "three",
        "de",
        "tarde",
        "mañana",
        "matin",
        "soir",
        "après",
        "midi",
        "jeudi",
        "premier",
        "second",
        "last",
        "1er",
        "26",
        "ou",
        "or",
        "pas",
        "not",
        "au",
        "lieu",
        "de",
        "#",
        "option",
        "/",
        "-",
        "$",
        "non",
        "entre",
        "par",
        "heures",
        "heure",
        "o'clock",
    ]
)


@given(st.lists(WORDS, max_size=60), st.lists(TIMES, max_size=5))
@settings(max_examples=300)
def test_never_raises_on_words_of_time(words: list[str], offered: list[datetime]) -> None:
    for text in (" ".join(words), "".join(words)):
        spoken = read_time(text, SATURDAY)
        if spoken is not None:
            assert pick(spoken, offered) == sorted(set(pick(spoken, offered)))


@given(st.text(max_size=2000))
def test_never_raises_on_any_text(text: str) -> None:
    read_time(text, SATURDAY)


@pytest.mark.parametrize("piece", ["14h ", "10:", "las 3 de la ", "half past ", "le 26 ou ", "lundi ", "pas ", "#1"])
def test_takes_linear_time(piece: str) -> None:
    """A text twenty times longer than any message takes seconds at worst on a busy machine."""
    text = piece * (40_000 // len(piece))
    started = time.process_time()
    read_time(text, SATURDAY)
    assert time.process_time() - started < 5
