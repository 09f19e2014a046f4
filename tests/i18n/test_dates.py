"""Dates, hours and amounts exactly as people of each language write them. `~` stands for a no-break space."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.meetings import QUEBEC
from bot.i18n.dates import (
    say_both_zones,
    say_button_moment,
    say_day,
    say_day_of_year,
    say_hour,
    say_moment,
    say_money,
    say_month,
    say_number,
    say_percent,
    say_short_day,
)
from bot.i18n.language_files import NO_BREAK
from bot.i18n.languages import LANGUAGES
from tests.factories import montreal

MAX_BUTTON_CHARS = 20
FIRST, THIRD = date(2026, 12, 1), date(2026, 12, 3)


def exactly(text: str) -> str:
    return text.replace("~", NO_BREAK)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "mardi 1er~décembre 2026"),
        ("en", "Tuesday, December 1, 2026"),
        ("es", "martes 1 de diciembre de 2026"),
    ],
)
def test_day(language: str, said: str) -> None:
    assert say_day(FIRST, language) == exactly(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "le jeudi 3 décembre 2026"),
        ("en", "Thursday, December 3, 2026"),
        ("es", "el jueves 3 de diciembre de 2026"),
    ],
)
def test_day_that_follows_by(language: str, said: str) -> None:
    assert say_day(THIRD, language, article=True) == said


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "1er~mai 2026"), ("en", "May 1, 2026"), ("es", "1 de mayo de 2026")]
)
def test_day_without_its_weekday(language: str, said: str) -> None:
    assert say_day(date(2026, 5, 1), language, weekday=False) == exactly(said)


def test_only_the_first_is_an_ordinal_in_french() -> None:
    assert [say_day_of_year(date(2026, 1, day), "fr") for day in (1, 11, 21, 31)] == [
        exactly("1er~janvier"), "11 janvier", "21 janvier", "31 janvier",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "short", "of_year", "month"),
    [
        ("fr", "jeu. 3 déc.", "3 décembre", "décembre"),
        ("en", "Thu, Dec 3", "December 3", "December"),
        ("es", "jue 3 dic", "3 de diciembre", "diciembre"),
    ],
)
def test_short_forms(language: str, short: str, of_year: str, month: str) -> None:
    assert (say_short_day(THIRD, language), say_day_of_year(THIRD, language)) == (short, of_year)
    assert say_month(THIRD, language) == month


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "0~h|0~h~05|9~h|11~h~59|midi|12~h~01|14~h~30|23~h~59"),
        ("en", "12~a.m.|12:05~a.m.|9~a.m.|11:59~a.m.|noon|12:01~p.m.|2:30~p.m.|11:59~p.m."),
        ("es", "0:00|0:05|9:00|11:59|mediodía|12:01|14:30|23:59"),
    ],
)
def test_hour(language: str, said: str) -> None:
    hours = ["00:00", "00:05", "09:00", "11:59", "12:00", "12:01", "14:30", "23:59"]
    assert "|".join(say_hour(montreal(f"2026-12-03 {hour}"), language) for hour in hours) == exactly(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "jeudi 3 décembre 2026, 14~h~30"),
        ("en", "Thursday, December 3, 2026, 2:30~p.m."),
        ("es", "jueves 3 de diciembre de 2026, 14:30"),
    ],
)
def test_moment(language: str, said: str) -> None:
    assert say_moment(montreal("2026-12-03 14:30"), language) == exactly(said)


@pytest.mark.parametrize(
    ("language", "there", "said"),
    [
        pytest.param("fr", "Africa/Algiers", "vendredi 4 décembre 2026, 14~h (20~h)", id="fr same day"),
        pytest.param("en", "America/Vancouver", "Friday, December 4, 2026, 2~p.m. (11~a.m.)", id="en same day"),
        pytest.param("es", "America/Bogota", "viernes 4 de diciembre de 2026, 14:00", id="es same hour"),
        pytest.param("es", "America/Buenos_Aires", "viernes 4 de diciembre de 2026, 14:00 (16:00)", id="es same day"),
        pytest.param("fr", "Asia/Manila", "vendredi 4 décembre 2026, 14~h (sam. 5 déc., 3~h)", id="fr next day"),
        pytest.param("en", "Asia/Manila", "Friday, December 4, 2026, 2~p.m. (Sat, Dec 5, 3~a.m.)", id="en next day"),
        pytest.param("es", "Asia/Kathmandu", "viernes 4 de diciembre de 2026, 14:00 (sáb 5 dic, 0:45)", id="es next"),
        pytest.param("fr", "America/Toronto", "vendredi 4 décembre 2026, 14~h", id="fr at home"),
        pytest.param("en", None, "Friday, December 4, 2026, 2~p.m.", id="en unknown"),
    ],
)
def test_both_zones_montreals_first(language: str, there: str | None, said: str) -> None:
    zone = ZoneInfo(there) if there else None
    moment = montreal("2026-12-04 14:00")
    for same in (moment, moment.astimezone(UTC)):
        assert say_both_zones(same, language, QUEBEC, zone) == exactly(said)


def test_the_day_before_is_told_too() -> None:
    said = say_both_zones(montreal("2026-12-04 01:00"), "en", QUEBEC, ZoneInfo("America/Vancouver"))
    assert said == exactly("Friday, December 4, 2026, 1~a.m. (Thu, Dec 3, 10~p.m.)")


def test_zones_that_change_clocks_on_other_days_are_told_apart() -> None:
    """Toronto is an hour ahead of Bogotá in summer, and with it in winter."""
    bogota = ZoneInfo("America/Bogota")
    assert say_both_zones(montreal("2026-07-03 14:00"), "es", QUEBEC, bogota).endswith("14:00 (13:00)")
    assert say_both_zones(montreal("2026-12-04 14:00"), "es", QUEBEC, bogota).endswith("14:00")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_fits_a_button(language: str) -> None:
    start = montreal("2026-01-01 10:30")
    said = [say_button_moment(start + timedelta(days=n), language) for n in range(366)]
    assert max(map(len, said)) <= MAX_BUTTON_CHARS
    assert len(set(said)) >= 365


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "4~$|19,99~$|1~250~$|1~250,50~$|50~000~$|1~234~567,80~$"),
        ("en", "$4|$19.99|$1,250|$1,250.50|$50,000|$1,234,567.80"),
        ("es", "$4|$19.99|$1250|$1250.50|$50~000|$1~234~567.80"),
    ],
)
def test_money(language: str, said: str) -> None:
    amounts = (4, 19.99, 1250, 1250.5, 50_000, 1_234_567.8)
    assert "|".join(say_money(amount, language) for amount in amounts) == exactly(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "3,1~%|50~%|14,98~%|6|3,5|2~000|10~000"),
        ("en", "3.1%|50%|14.98%|6|3.5|2,000|10,000"),
        ("es", "3.1~%|50~%|14.98~%|6|3.5|2000|10~000"),
    ],
)
def test_percentages_and_numbers(language: str, said: str) -> None:
    percents = [say_percent(percent, language) for percent in (3.1, 50, 14.975)]
    numbers = [say_number(number, language) for number in (6, 3.5, 2000, 10_000)]
    assert "|".join(percents + numbers) == exactly(said)


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    language=st.sampled_from(list(LANGUAGES)),
)
def test_a_number_never_stands_alone_at_the_end_of_a_line(moment: datetime, language: str) -> None:
    """What an ordinary space parts may be broken there: never before h, a.m. or $, nor after 1er."""
    said = f"{say_moment(moment, language)} {say_money(moment.minute, language)}"
    for part in said.replace(",", "").split(" "):
        assert part.strip() not in {"h", "a.m.", "p.m.", "$", "1er"}
