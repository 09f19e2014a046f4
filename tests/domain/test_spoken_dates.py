"""Arrival days as people type them, in three languages, without accents as often as with."""

from __future__ import annotations

import time
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.spoken import AlreadyHere, Day, NoSuchDay, Vague, read_arrival

SATURDAY = date(2026, 11, 21)
YEAR_END = date(2026, 12, 30)
LATE_FEBRUARY = date(2027, 2, 27)

Meaning = Day | NoSuchDay | Vague | AlreadyHere | None


def sure(day: str) -> Day:
    return Day(date.fromisoformat(day), is_sure=True, words_left=0)


def ask(day: str) -> Day:
    """Understood, to be confirmed."""
    return Day(date.fromisoformat(day), is_sure=False, words_left=0)


def vague(first: str | None = None, last: str | None = None) -> Vague:
    return Vague(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


HERE = AlreadyHere()

FRENCH: list[tuple[str, Meaning]] = [
    ("3 décembre", sure("2026-12-03")),
    ("le 3 décembre 2026", sure("2026-12-03")),
    ("3 dec", sure("2026-12-03")),
    ("3 déc. 2026", sure("2026-12-03")),
    ("1er décembre", sure("2026-12-01")),
    ("le premier decembre", sure("2026-12-01")),
    ("1 er janvier 2027", sure("2027-01-01")),
    ("J'arrive le 8 janvier", sure("2027-01-08")),
    ("jarrive le 15 fevrier", sure("2027-02-15")),
    ("le vingt-trois décembre", sure("2026-12-23")),
    ("vingt et un janvier", sure("2027-01-21")),
    ("le trente et un décembre", sure("2026-12-31")),
    ("jeudi le 26 novembre à 13 h 45", sure("2026-11-26")),
    ("jeudi 26 novembre", sure("2026-11-26")),
    ("jeu. 26 nov.", sure("2026-11-26")),
    ("vendredi 26 novembre", ask("2026-11-26")),
    ("mon vol est le 12 decembr 2026 a 22h10", sure("2026-12-12")),
    ("on atterrit le 30 novenbre", sure("2026-11-30")),
    ("le 4 fevrie 2027", sure("2027-02-04")),
    ("17 avrl", sure("2027-04-17")),
    ("20decembre", sure("2026-12-20")),
    ("3dec", sure("2026-12-03")),
    ("5 desambre", sure("2026-12-05")),
    ("dans la nuit du 2 au 3 décembre", vague("2026-12-02", "2026-12-03")),
    ("le 15", ask("2026-12-15")),
    ("le 25", ask("2026-11-25")),
    ("j'arrive le 30 avec mes 2 enfants", ask("2026-11-30")),
    ("le 31", ask("2026-12-31")),
    ("le quinze", ask("2026-12-15")),
    ("le 15 du mois prochain", ask("2026-12-15")),
    ("le 28 de ce mois", ask("2026-11-28")),
    ("vendredi 4", ask("2026-12-04")),
    ("j'arrive le premier", ask("2026-12-01")),
    ("15", ask("2026-12-15")),
    ("le 3 du 12", sure("2026-12-03")),
    ("03/12/2026", ask("2026-12-03")),
    ("3/12", ask("2026-12-03")),
    ("15/12", sure("2026-12-15")),
    ("15-12-2026", sure("2026-12-15")),
    ("15.12.26", sure("2026-12-15")),
    ("12/12/26", sure("2026-12-12")),
    ("2026-12-03", sure("2026-12-03")),
    ("12/25/2026", ask("2026-12-25")),
    ("demain", ask("2026-11-22")),
    ("aujourd’hui", ask("2026-11-21")),
    ("aujourdhui", ask("2026-11-21")),
    ("après-demain", ask("2026-11-23")),
    ("apres demain matin", ask("2026-11-23")),
    ("je suis arrivé hier", ask("2026-11-20")),
    ("avant-hier", ask("2026-11-19")),
    ("arrivée ce matin à Montréal", ask("2026-11-21")),
    ("lundi", ask("2026-11-23")),
    ("lundi prochain", ask("2026-11-23")),
    ("vandredi", ask("2026-11-27")),
    ("samedi", ask("2026-11-28")),
    ("vendredi en huit", ask("2026-12-04")),
    ("lundi en quinze", ask("2026-12-07")),
    ("depuis lundi", ask("2026-11-16")),
    ("lundi dernier", ask("2026-11-16")),
    ("je suis ici depuis samedi", ask("2026-11-14")),
    ("lundi de la semaine prochaine", ask("2026-11-23")),
    ("la semaine prochaine, jeudi", ask("2026-11-26")),
    ("dans 3 jours", ask("2026-11-24")),
    ("dans deux semaines", ask("2026-12-05")),
    ("d'ici 3 semaines", ask("2026-12-12")),
    ("dans un mois", ask("2026-12-21")),
    ("il me reste trois semaines", ask("2026-12-12")),
    ("il y a une semaine", ask("2026-11-14")),
    ("ça fait 10 jours que je suis là", ask("2026-11-11")),
    ("je suis au Québec depuis trois semaines", ask("2026-10-31")),
    ("depuis le 3 septembre", sure("2026-09-03")),
    ("je suis arrivée le 3 novembre", sure("2026-11-03")),
    ("nous sommes arrivés le 3", ask("2026-11-03")),
    ("3 novembre", ask("2026-11-03")),
    ("3 septembre", ask("2027-09-03")),
    ("le 15 juillet", ask("2027-07-15")),
    ("21 novembre", sure("2026-11-21")),
    ("le 3, non le 4 décembre", sure("2026-12-04")),
    ("le 3 décembre, pardon, le 5", ask("2026-12-05")),
    ("pas le 3 mais le 4 décembre", sure("2026-12-04")),
    ("je voulais dire le 12 janvier", sure("2027-01-12")),
    ("mon visa expire le 3 mars et j'arrive le 15 janvier", sure("2027-01-15")),
    ("je suis née le 3 mai 1990 et j'arrive le 5 décembre", sure("2026-12-05")),
    ("le 3 ou le 4 décembre", ask("2026-12-03")),
    ("vers le 15 décembre", ask("2026-12-15")),
    ("le 24/7", ask("2027-07-24")),
    ("à Noël", ask("2026-12-25")),
    ("Bonjour, c'est prévu pour le 9 décembre 2026 merci", sure("2026-12-09")),
    ("31 novembre", NoSuchDay(11, 2026, 30)),
    ("le 30 février 2027", NoSuchDay(2, 2027, 28)),
    ("29 février", NoSuchDay(2, 2027, 28)),
    ("29 février 2028", sure("2028-02-29")),
    ("31/04/2027", NoSuchDay(4, 2027, 30)),
    ("32 décembre", NoSuchDay(12, 2026, 31)),
    ("décembre", vague("2026-12-01", "2026-12-31")),
    ("j'arrive en mars", vague("2027-03-01", "2027-03-31")),
    ("fin novembre", vague("2026-11-21", "2026-11-30")),
    ("mi-décembre", vague("2026-12-11", "2026-12-20")),
    ("début janvier", vague("2027-01-01", "2027-01-10")),
    ("la première semaine de décembre", vague("2026-12-01", "2026-12-07")),
    ("en janvier 2027", vague("2027-01-01", "2027-01-31")),
    ("la semaine prochaine", vague("2026-11-23", "2026-11-29")),
    ("le mois prochain", vague("2026-12-01", "2026-12-31")),
    ("en fin de semaine", vague("2026-11-21", "2026-11-22")),
    ("fin du mois", vague("2026-11-21", "2026-11-30")),
    ("dans quelques jours", vague()),
    ("dans 2 ou 3 semaines", vague("2026-12-05", "2026-12-12")),
    ("entre le 3 et le 5 décembre", vague("2026-12-03", "2026-12-05")),
    ("après le 15 décembre", vague("2026-12-16")),
    ("pas avant le 10 janvier", vague("2027-01-10")),
    ("avant le 15 décembre", vague(None, "2026-12-14")),
    ("la semaine du 7 décembre", vague("2026-12-07", "2026-12-13")),
    ("bientôt", vague()),
    ("je ne sais pas encore", vague()),
    ("je sais pas", vague()),
    ("pas encore de date", vague()),
    ("je suis déjà arrivée", HERE),
    ("Je suis déjà là", HERE),
    ("on est arrivés", HERE),
    ("je viens d'arriver", HERE),
    ("nous sommes à Montréal", HERE),
    ("pas encore arrivé", vague()),
    ("3 juillé", ask("2027-07-03")),
    ("le 17 sept. 2027", sure("2027-09-17")),
    ("le dix-sept décembre", sure("2026-12-17")),
    ("3 décembre 26", sure("2026-12-03")),
    ("23-24 novembre", vague("2026-11-23", "2026-11-24")),
    ("le premier du mois", ask("2026-12-01")),
    ("jeudi 3/12", sure("2026-12-03")),
    ("lundi en 8", ask("2026-11-30")),
    ("début de semaine prochaine", vague("2026-11-23", "2026-11-24")),
    ("fin du mois prochain", vague("2026-12-21", "2026-12-31")),
    ("départ d'Alger le 19, arrivée à Montréal le 20 au soir", ask("2026-12-20")),
    ("mon visa expire le 3 mars 2028", ask("2028-03-03")),
    ("avant noël", vague(None, "2026-12-24")),
    ("au printemps", vague()),
    ("déjà", HERE),
]

ENGLISH: list[tuple[str, Meaning]] = [
    ("December 3", sure("2026-12-03")),
    ("December 3rd, 2026", sure("2026-12-03")),
    ("Dec. 3", sure("2026-12-03")),
    ("3 December", sure("2026-12-03")),
    ("3rd of December", sure("2026-12-03")),
    ("the third of december", sure("2026-12-03")),
    ("december twenty-first", sure("2026-12-21")),
    ("twenty first of december 2026", sure("2026-12-21")),
    ("december first", sure("2026-12-01")),
    ("the 1st of january", sure("2027-01-01")),
    ("I arrive on January 8", sure("2027-01-08")),
    ("i arrive 8 jan", sure("2027-01-08")),
    ("arriving feb 15th", sure("2027-02-15")),
    ("febrary 15", sure("2027-02-15")),
    ("5 decembr 2026", sure("2026-12-05")),
    ("november 30 2026 at 10pm", sure("2026-11-30")),
    ("dec3", sure("2026-12-03")),
    ("may 3", sure("2027-05-03")),
    ("3 march", sure("2027-03-03")),
    ("Thursday, November 26", sure("2026-11-26")),
    ("thu nov 26", sure("2026-11-26")),
    ("friday november 26", ask("2026-11-26")),
    ("december 26", sure("2026-12-26")),
    ("my flight lands on the 12th of december at 22:10", sure("2026-12-12")),
    ("thirty first december", sure("2026-12-31")),
    ("the 15th", ask("2026-12-15")),
    ("on the 15th", ask("2026-12-15")),
    ("we land on the 3rd with 2 kids", ask("2026-12-03")),
    ("arriving 25th", ask("2026-11-25")),
    ("the 15th of next month", ask("2026-12-15")),
    ("the 28th of this month", ask("2026-11-28")),
    ("friday the 4th", ask("2026-12-04")),
    ("i arrive on the first", ask("2026-12-01")),
    ("12/3/2026", ask("2026-03-12")),
    ("12/3", ask("2027-03-12")),
    ("15/12/2026", sure("2026-12-15")),
    ("12/15/2026", ask("2026-12-15")),
    ("15-12-26", sure("2026-12-15")),
    ("2026-12-03", sure("2026-12-03")),
    ("2026/12/15", sure("2026-12-15")),
    ("25 12 2026", sure("2026-12-25")),
    ("tomorrow", ask("2026-11-22")),
    ("tmrw", ask("2026-11-22")),
    ("2morrow morning", ask("2026-11-22")),
    ("today", ask("2026-11-21")),
    ("day after tomorrow", ask("2026-11-23")),
    ("the day before yesterday", ask("2026-11-19")),
    ("I landed yesterday", ask("2026-11-20")),
    ("last night", ask("2026-11-20")),
    ("this morning", ask("2026-11-21")),
    ("monday", ask("2026-11-23")),
    ("next monday", ask("2026-11-23")),
    ("this friday", ask("2026-11-27")),
    ("wensday", ask("2026-11-25")),
    ("i arrive fri", ask("2026-11-27")),
    ("a week from friday", ask("2026-12-04")),
    ("two weeks from monday", ask("2026-12-07")),
    ("a week from today", ask("2026-11-28")),
    ("since monday", ask("2026-11-16")),
    ("last monday", ask("2026-11-16")),
    ("we arrived on Thursday", ask("2026-11-19")),
    ("monday next week", ask("2026-11-23")),
    ("wednesday of next week", ask("2026-11-25")),
    ("in 3 weeks", ask("2026-12-12")),
    ("in a month", ask("2026-12-21")),
    ("in ten days", ask("2026-12-01")),
    ("2 weeks from now", ask("2026-12-05")),
    ("in 24 hours", ask("2026-11-22")),
    ("3 days ago", ask("2026-11-18")),
    ("a week ago", ask("2026-11-14")),
    ("I have been here for 3 weeks", ask("2026-10-31")),
    ("since september 3", sure("2026-09-03")),
    ("I arrived November 3", sure("2026-11-03")),
    ("I arrived on the 3rd", ask("2026-11-03")),
    ("I came on december 3", ask("2025-12-03")),
    ("november 3", ask("2026-11-03")),
    ("I meant March 4", sure("2027-03-04")),
    ("dec 3, no, dec 5", sure("2026-12-05")),
    ("December 3, sorry, the 5th", ask("2026-12-05")),
    ("not the 3rd, the 5th of december", sure("2026-12-05")),
    ("my lease starts february 1 but I arrive december 20", sure("2026-12-20")),
    ("born may 3 1990, landing december 5", sure("2026-12-05")),
    ("december 3 or december 4", ask("2026-12-03")),
    ("around december 15", ask("2026-12-15")),
    ("christmas day", ask("2026-12-25")),
    ("Hi, it is planned for 9 December 2026, thanks", sure("2026-12-09")),
    ("november 31", NoSuchDay(11, 2026, 30)),
    ("february 30, 2027", NoSuchDay(2, 2027, 28)),
    ("31 of april", NoSuchDay(4, 2027, 30)),
    ("31/11", NoSuchDay(11, 2026, 30)),
    ("in december", vague("2026-12-01", "2026-12-31")),
    ("in may", vague("2027-05-01", "2027-05-31")),
    ("next march", vague("2027-03-01", "2027-03-31")),
    ("march 2027", vague("2027-03-01", "2027-03-31")),
    ("late november", vague("2026-11-21", "2026-11-30")),
    ("mid-december", vague("2026-12-11", "2026-12-20")),
    ("beginning of january", vague("2027-01-01", "2027-01-10")),
    ("first week of december", vague("2026-12-01", "2026-12-07")),
    ("next week", vague("2026-11-23", "2026-11-29")),
    ("the week after next", vague("2026-11-30", "2026-12-06")),
    ("next month", vague("2026-12-01", "2026-12-31")),
    ("end of the month", vague("2026-11-21", "2026-11-30")),
    ("this weekend", vague("2026-11-21", "2026-11-22")),
    ("in a few weeks", vague()),
    ("in 2 to 3 weeks", vague("2026-12-05", "2026-12-12")),
    ("between december 3 and 5", vague("2026-12-03", "2026-12-05")),
    ("after december 15", vague("2026-12-16")),
    ("by december 15", vague("2026-11-21", "2026-12-15")),
    ("the week of december 7", vague("2026-12-07", "2026-12-13")),
    ("next year", vague("2027-01-01", "2027-12-31")),
    ("soon", vague()),
    ("I don't know yet", vague()),
    ("not sure", vague()),
    ("i dont know", vague()),
    ("I'm already here", HERE),
    ("already arrived", HERE),
    ("we are in Quebec", HERE),
    ("just landed", HERE),
    ("not here yet", vague()),
    ("3DEC26", sure("2026-12-03")),
    ("the 3rd of the month", ask("2026-12-03")),
    ("2026-12-03T14:30", sure("2026-12-03")),
    ("december twelve", sure("2026-12-12")),
    ("sat dec 5", sure("2026-12-05")),
    ("mar 3", sure("2027-03-03")),
    ("i may arrive on the 3rd", ask("2026-12-03")),
    ("week from monday", ask("2026-11-30")),
    ("I've been here 2 weeks", ask("2026-11-07")),
    ("i leave on december 2 and land on december 3", sure("2026-12-03")),
    ("my lease starts february 1", ask("2027-02-01")),
    ("early next week", vague("2026-11-23", "2026-11-24")),
    ("last week of november", vague("2026-11-24", "2026-11-30")),
    ("end of the year", vague("2026-11-01", "2026-12-31")),
    ("it depends on my visa", vague()),
    ("I don't have a date yet", vague()),
]

SPANISH: list[tuple[str, Meaning]] = [
    ("3 de diciembre", sure("2026-12-03")),
    ("el 3 de diciembre de 2026", sure("2026-12-03")),
    ("3 de diciembre del 2026", sure("2026-12-03")),
    ("3 dic", sure("2026-12-03")),
    ("3 diciembre", sure("2026-12-03")),
    ("tres de diciembre", sure("2026-12-03")),
    ("primero de diciembre", sure("2026-12-01")),
    ("1ero de enero", sure("2027-01-01")),
    ("1° de enero", sure("2027-01-01")),
    ("el uno de enero", sure("2027-01-01")),
    ("treinta y uno de diciembre", sure("2026-12-31")),
    ("veintiuno de enero", sure("2027-01-21")),
    ("el dieciséis de febrero", sure("2027-02-16")),
    ("once de diciembre", sure("2026-12-11")),
    ("llego el 8 de enero", sure("2027-01-08")),
    ("yego el 15 de febrero", sure("2027-02-15")),
    ("3 de diciembe", sure("2026-12-03")),
    ("5 de disiembre", sure("2026-12-05")),
    ("30 de nobiembre", sure("2026-11-30")),
    ("10 de setiembre de 2027", sure("2027-09-10")),
    ("15 ago 2027", sure("2027-08-15")),
    ("diciembre 3", sure("2026-12-03")),
    ("jueves 26 de noviembre", sure("2026-11-26")),
    ("el jueves, 26 de noviembre a las 13:45", sure("2026-11-26")),
    ("viernes 26 de noviembre", ask("2026-11-26")),
    ("mi vuelo llega el 12 de diciembre a las 10 de la noche", sure("2026-12-12")),
    ("el próximo 15 de diciembre", sure("2026-12-15")),
    ("15 de diciembre próximo", sure("2026-12-15")),
    ("el pasado 3 de septiembre", sure("2026-09-03")),
    ("el 15", ask("2026-12-15")),
    ("llego el 25", ask("2026-11-25")),
    ("llego el 5 con mis hijos", ask("2026-12-05")),
    ("el quince", ask("2026-12-15")),
    ("el día 15", ask("2026-12-15")),
    ("el 15 del mes que viene", ask("2026-12-15")),
    ("el 28 de este mes", ask("2026-11-28")),
    ("viernes 4", ask("2026-12-04")),
    ("el 3 del 12", sure("2026-12-03")),
    ("3/12/2026", ask("2026-12-03")),
    ("3/12", ask("2026-12-03")),
    ("25/12", sure("2026-12-25")),
    ("25-12-2026", sure("2026-12-25")),
    ("25.12.2026", sure("2026-12-25")),
    ("03/12/26", ask("2026-12-03")),
    ("2026-12-03", sure("2026-12-03")),
    ("mañana", ask("2026-11-22")),
    ("manana por la manana", ask("2026-11-22")),
    ("pasado mañana", ask("2026-11-23")),
    ("hoy", ask("2026-11-21")),
    ("llegué ayer", ask("2026-11-20")),
    ("yegue ayer", ask("2026-11-20")),
    ("anteayer", ask("2026-11-19")),
    ("antes de ayer", ask("2026-11-19")),
    ("anoche", ask("2026-11-20")),
    ("esta mañana", ask("2026-11-21")),
    ("el lunes", ask("2026-11-23")),
    ("el lunes que viene", ask("2026-11-23")),
    ("el próximo lunes", ask("2026-11-23")),
    ("el miercoles", ask("2026-11-25")),
    ("llego el sabado", ask("2026-11-28")),
    ("viernes en ocho", ask("2026-12-04")),
    ("desde el lunes", ask("2026-11-16")),
    ("el lunes pasado", ask("2026-11-16")),
    ("llegué el sábado a Gatineau", ask("2026-11-14")),
    ("el lunes de la próxima semana", ask("2026-11-23")),
    ("en 10 días", ask("2026-12-01")),
    ("dentro de un mes", ask("2026-12-21")),
    ("dentro de dos semanas", ask("2026-12-05")),
    ("me faltan dos semanas", ask("2026-12-05")),
    ("hace dos días", ask("2026-11-19")),
    ("hace una semana", ask("2026-11-14")),
    ("llevo 3 semanas aqui", ask("2026-10-31")),
    ("desde hace un mes", ask("2026-10-21")),
    ("dos semanas atrás", ask("2026-11-07")),
    ("desde el 3 de septiembre", sure("2026-09-03")),
    ("llegué el 3 de noviembre", sure("2026-11-03")),
    ("llegue el 3", ask("2026-11-03")),
    ("3 de noviembre", ask("2026-11-03")),
    ("no, mejor el 5", ask("2026-12-05")),
    ("el 3, no, mejor el 5", ask("2026-12-05")),
    ("el 3 de diciembre, perdón, el 5 de diciembre", sure("2026-12-05")),
    ("3 de diciembre, no, de enero", ask("2027-01-03")),
    ("mi cita es el 3 de marzo y llego el 15 de enero", sure("2027-01-15")),
    ("nací el 3 de mayo de 1990 y llego el 5 de diciembre", sure("2026-12-05")),
    ("el 3 o el 4 de diciembre", ask("2026-12-03")),
    ("hacia el 15 de diciembre", ask("2026-12-15")),
    ("en navidad", ask("2026-12-25")),
    ("Hola, está previsto para el 9 de diciembre de 2026 gracias", sure("2026-12-09")),
    ("31 de noviembre", NoSuchDay(11, 2026, 30)),
    ("30 de febrero de 2028", NoSuchDay(2, 2028, 29)),
    ("31/6/2027", NoSuchDay(6, 2027, 30)),
    ("diciembre", vague("2026-12-01", "2026-12-31")),
    ("llego en marzo", vague("2027-03-01", "2027-03-31")),
    ("a finales de noviembre", vague("2026-11-21", "2026-11-30")),
    ("a mediados de diciembre", vague("2026-12-11", "2026-12-20")),
    ("a principios de enero", vague("2027-01-01", "2027-01-10")),
    ("la primera semana de diciembre", vague("2026-12-01", "2026-12-07")),
    ("enero del 2027", vague("2027-01-01", "2027-01-31")),
    ("la semana que viene", vague("2026-11-23", "2026-11-29")),
    ("la próxima semana", vague("2026-11-23", "2026-11-29")),
    ("el mes que viene", vague("2026-12-01", "2026-12-31")),
    ("a fin de mes", vague("2026-11-21", "2026-11-30")),
    ("el fin de semana", vague("2026-11-21", "2026-11-22")),
    ("en unos días", vague()),
    ("en 2 o 3 semanas", vague("2026-12-05", "2026-12-12")),
    ("entre el 3 y el 5 de diciembre", vague("2026-12-03", "2026-12-05")),
    ("después del 15 de diciembre", vague("2026-12-16")),
    ("a partir del 15 de diciembre", vague("2026-12-15")),
    ("antes del 15 de diciembre", vague(None, "2026-12-14")),
    ("el año que viene", vague("2027-01-01", "2027-12-31")),
    ("pronto", vague()),
    ("no sé todavía", vague()),
    ("todavía no lo sé", vague()),
    ("ya estoy en Quebec", HERE),
    ("ya llegué", HERE),
    ("acabo de llegar", HERE),
    ("ya estamos aqui", HERE),
    ("estoy en Montreal", HERE),
    ("todavía no he llegado", vague()),
    ("15 de agosto", ask("2027-08-15")),
    ("1ero de setiembre", ask("2027-09-01")),
    ("el primero del mes", ask("2026-12-01")),
    ("jueves 3/12", sure("2026-12-03")),
    ("de mañana en ocho", ask("2026-11-29")),
    ("hace como 3 semanas", ask("2026-10-31")),
    ("en un mes y medio", ask("2027-01-05")),
    ("el 3 no, el 4 sí", ask("2026-12-04")),
    ("salgo el 2 de diciembre y llego el 3 de diciembre", sure("2026-12-03")),
    ("antes de enero", vague(None, "2026-12-31")),
    ("a finales del próximo mes", vague("2026-12-21", "2026-12-31")),
    ("en primavera", vague()),
    ("depende de mi visa", vague()),
]

AT_YEAR_END: list[tuple[str, Meaning]] = [
    ("3 janvier", sure("2027-01-03")),
    ("le 31 décembre", sure("2026-12-31")),
    ("le 2", ask("2027-01-02")),
    ("20 décembre", ask("2026-12-20")),
    ("depuis le 20 décembre", sure("2026-12-20")),
    ("depuis le 20", ask("2026-12-20")),
    ("demain", ask("2026-12-31")),
    ("après-demain", ask("2027-01-01")),
    ("la semaine prochaine", vague("2027-01-04", "2027-01-10")),
    ("en janvier", vague("2027-01-01", "2027-01-31")),
    ("next month", vague("2027-01-01", "2027-01-31")),
    ("new year's day", ask("2027-01-01")),
    ("in 3 days", ask("2027-01-02")),
    ("last monday", ask("2026-12-28")),
    ("january 30", sure("2027-01-30")),
    ("el 1 de enero", sure("2027-01-01")),
    ("el lunes", ask("2027-01-04")),
    ("dentro de dos meses", ask("2027-02-28")),
    ("el mes pasado", vague("2026-11-01", "2026-11-30")),
]

AT_THE_END_OF_FEBRUARY: list[tuple[str, Meaning]] = [
    ("le 29 février", NoSuchDay(2, 2027, 28)),
    ("le 28 février", sure("2027-02-28")),
    ("le 29", ask("2027-03-29")),
    ("le 1er mars", sure("2027-03-01")),
    ("le 1er", ask("2027-03-01")),
    ("february 29, 2028", sure("2028-02-29")),
    ("yesterday", ask("2027-02-26")),
    ("the 31st", ask("2027-03-31")),
    ("dentro de tres días", ask("2027-03-02")),
    ("llegué el 31 de diciembre", sure("2026-12-31")),
    ("31 de diciembre", ask("2026-12-31")),
    ("desde el 30", ask("2027-01-30")),
]

NO_DATE = [
    "",
    "   ",
    "oui",
    "Montréal",
    "H2X 1A1",
    "mon code postal est J4K 2T5",
    "j'ai 2 enfants",
    "on est 4 personnes",
    "we are 5 people",
    "tengo 3 hijos",
    "j'ai 18 ans",
    "I am 31 years old",
    "tengo 25 años",
    "500$",
    "I have $15 in my pocket",
    "le loyer est 1 250,50 $",
    "el 5 % de impuesto",
    "le 3,5 % de frais",
    "514 555-1234",
    "1 877 864-9191",
    "06.12.34.56.78",
    "+33 6 12 34 56 78",
    "appelez le 811 ou le 911",
    "je cherche un 3 1/2",
    "je cherche un 3½ à Laval",
    "un 4 et demi pour ma famille",
    "vous êtes ouverts 24/7?",
    "open 24/7",
    "ouvert du lundi au vendredi",
    "open monday to friday",
    "de lunes a viernes",
    "bus 24",
    "quelle est la première étape?",
    "mi primera cita",
    "first meeting please",
    "may I ask a question",
    "we march for rights",
    "mon mari et mes enfants",
    "el mar es bonito",
    "the sun is out",
    "on vient de la Tunisie",
    "je suis né le 3 mai 1990",
    "my birthday is may 3",
    "c'est quoi le NAS?",
    "do I need a SIN number?",
    "qué es la tarjeta de seguro?",
    "dossier 2026-11-3333",
    "mon numéro de dossier est 12-345-678",
    "le vol AC871",
    "b4 i travel i need help",
    "3 valises de 23 kg",
    "two of my children speak english",
    "dos de mis hijos hablan francés",
    "the 3 of us need help",
    "1/2 journée",
    "15 minutes",
    "les 2 bagages sont perdus",
    "should I call each ministry one by one about my move?",
    "what is it like to live in Sept-Îles?",
    "soy de Santo Domingo",
    "le dos me fait mal",
    "crédito? ¿cómo empiezo a tener uno?",
    "what's the best bridge between the two?",
    "me pidieron primer y último mes",
    "le 3ème étage",
    "the second floor",
    "les droits dès le premier jour",
    "3 heures de route",
    "👍",
]


def meaning(text: str, today: date) -> Meaning:
    found = read_arrival(text, today)
    return replace(found, words_left=0) if isinstance(found, Day) else found


@pytest.mark.parametrize(("text", "expected"), FRENCH, ids=[text for text, _ in FRENCH])
def test_reads_french(text: str, expected: Meaning) -> None:
    assert meaning(text, SATURDAY) == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=[text for text, _ in ENGLISH])
def test_reads_english(text: str, expected: Meaning) -> None:
    assert meaning(text, SATURDAY) == expected


@pytest.mark.parametrize(("text", "expected"), SPANISH, ids=[text for text, _ in SPANISH])
def test_reads_spanish(text: str, expected: Meaning) -> None:
    assert meaning(text, SATURDAY) == expected


@pytest.mark.parametrize(("text", "expected"), AT_YEAR_END, ids=[text for text, _ in AT_YEAR_END])
def test_crosses_the_year(text: str, expected: Meaning) -> None:
    assert meaning(text, YEAR_END) == expected


@pytest.mark.parametrize(("text", "expected"), AT_THE_END_OF_FEBRUARY, ids=[text for text, _ in AT_THE_END_OF_FEBRUARY])
def test_crosses_february(text: str, expected: Meaning) -> None:
    assert meaning(text, LATE_FEBRUARY) == expected


@pytest.mark.parametrize("text", NO_DATE)
def test_hears_no_date(text: str) -> None:
    assert read_arrival(text, SATURDAY) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("J'arrive le 3 décembre", 0),
        ("I arrive on December 3, thanks", 0),
        ("Hola, llego el 3 de diciembre a las 10 de la noche", 0),
        ("since monday", 0),
        ("jeudi le 26 novembre à 13 h 45", 0),
        ("non, plutôt le 4 décembre", 0),
        ("j'arrive le 3 décembre, comment inscrire mes enfants à une école?", 4),
        ("I arrive on December 3 and I need a bank account", 3),
        ("llego el 5, necesito un médico", 2),
    ],
)
def test_counts_what_is_not_the_date(text: str, left: int) -> None:
    found = read_arrival(text, SATURDAY)
    assert isinstance(found, Day)
    assert found.words_left == left


FRENCH_MONTHS = [
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
ENGLISH_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SPANISH_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(DAYS, DAYS)
def test_every_explicit_day_reads_back(day: date, today: date) -> None:
    month = day.month - 1
    written = [
        f"{day.day} {FRENCH_MONTHS[month]} {day.year}",
        f"J’arrive le {day.day}{'er' if day.day == 1 else ''} {FRENCH_MONTHS[month]} {day.year}.",
        f"{ENGLISH_MONTHS[month]} {day.day}, {day.year}",
        f"I arrive on {day.day} {ENGLISH_MONTHS[month].lower()} {day.year}",
        f"{day.day} de {SPANISH_MONTHS[month]} de {day.year}",
        f"llego el {day.day} de {SPANISH_MONTHS[month].upper()} del {day.year}",
        day.isoformat(),
    ]
    for text in written:
        assert read_arrival(text, today) == Day(day, is_sure=True, words_left=0), text


@given(DAYS, DAYS)
def test_figures_are_read_day_first(day: date, today: date) -> None:
    for separator in "/-.":
        found = read_arrival(day.strftime(f"%d{separator}%m{separator}%Y"), today)
        assert found == Day(day, is_sure=day.day > 12 or day.day == day.month, words_left=0)


@given(st.integers(1, 12), st.integers(29, 31), st.integers(2020, 2040))
def test_days_a_month_does_not_have_are_told(month: int, day: int, year: int) -> None:
    days = monthrange(year, month)[1]
    found = read_arrival(f"le {day} {FRENCH_MONTHS[month - 1]} {year}", SATURDAY)
    assert found == (NoSuchDay(month, year, days) if day > days else Day(date(year, month, day), True, 0))


@given(DAYS, st.integers(1, 12), st.integers(1, 28))
def test_a_day_without_a_year_is_within_a_year(today: date, month: int, day: int) -> None:
    found = read_arrival(f"le {day} {FRENCH_MONTHS[month - 1]}", today)
    assert isinstance(found, Day)
    assert (found.day.month, found.day.day) == (month, day)
    assert timedelta(days=-60) <= found.day - today <= timedelta(days=366)


WORDS = st.sampled_from(
    [
        "le",
        "el",
        "the",
        "on",
        "3",
        "15",
        "31",
        "2026",
        "décembre",
        "mars",
        "may",
        "mar",
        "sept",
        "de",
        "du",
        "del",
        ",",
        ".",
        "/",
        "-",
        ":",
        "h",
        "14",
        "30",
        "pm",
        "non",
        "no",
        "lundi",
        "monday",
        "prochain",
        "next",
        "que",
        "viene",
        "en",
        "huit",
        "dans",
        "in",
        "2",
        "3",
        "semaines",
        "weeks",
        "ago",
        "il",
        "y",
        "a",
        "depuis",
        "since",
        "après",
        "demain",
        "mañana",
        "la",
        "pasado",
        "fin",
        "first",
        "premier",
        "entre",
        "et",
        "y",
        "o",
        "ou",
        "vers",
        "avant",
        "j'arrive",
        "llegué",
        "$",
        "%",
        "½",
        "1/2",
        "3/12",
        "24/7",
        "99999",
        "0",
        "née",
        "pas",
        "not",
        "last",
        "week",
    ]
)


@given(st.lists(WORDS, max_size=60), DAYS)
@settings(max_examples=300)
def test_never_raises_on_words_of_time(words: list[str], today: date) -> None:
    read_arrival(" ".join(words), today)
    read_arrival("".join(words), today)


@given(st.text(max_size=2000), DAYS)
def test_never_raises_on_any_text(text: str, today: date) -> None:
    read_arrival(text, today)


@pytest.mark.parametrize("text", ["in 9999 years", "il y a 9999 semaines", "dans 9999 mois", "2 weeks from 31/12/2100"])
def test_the_ends_of_the_calendar_are_no_error(text: str) -> None:
    read_arrival(text, SATURDAY)


@pytest.mark.parametrize(
    "piece",
    ["le 3 ", "3/", "il y a ", "3 de ", "sais pas ", "lundi ", "3 décembre non ", "a", "1", "desambre ", "j'arrive "],
)
def test_takes_linear_time(piece: str) -> None:
    """A text twenty times longer than any message takes seconds at worst on a busy machine."""
    text = piece * (40_000 // len(piece))
    started = time.process_time()
    read_arrival(text, SATURDAY)
    assert time.process_time() - started < 5
