"""The words of time in French, English and Spanish, folded: lower case, no accents.

The three languages share each table, because people mix them. `line.py` cuts messages into tokens with them.
"""

from __future__ import annotations

from collections.abc import Mapping


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def table(text: str) -> dict[str, int]:
    """`3 march mars marzo` lines: the words that mean each number."""
    table = {}
    for line in text.strip().splitlines():
        value, *words = line.split()
        table.update(dict.fromkeys(words, int(value)))
    return table


# Full names, with the misspellings that are more than one letter off.
MONTHS = table("""
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
SHORT_MONTHS = table("""
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

MONTH_NAMES = """
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
january february march april may june july august september october november december
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""

NEVER_ALONE = word_set("may march")
WEEKDAYS = table("""
0 lundi monday lunes lundis mondays lindi munday lunis lunez lundy luns
1 mardi tuesday martes mardis tuesdays teusday tuseday tuesdey martez
2 mercredi wednesday miercoles mercredis wednesdays mecredi mercedi wensday wednsday wendsday miercole
3 jeudi thursday jueves jeudis thursdays jedi jeudit juebes thrusday tursday juebe
4 vendredi friday viernes vendredis fridays vandredi vendredit biernes firday friady vierne
5 samedi saturday sabado samedis saturdays samdi satuday saterday savado sabados
6 dimanche sunday domingo dimanches sundays dimanch dimache sundey domingos
""")

SHORT_WEEKDAYS = table("""
0 lun mon
1 mar tue tues
2 mer mie mier wed weds
3 jeu jue thu thur thurs
4 ven vie vier fri
5 sam sab sat
6 dim dom sun
""")

CARDINALS = table("""
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

ORDINALS = table("""
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

FRENCH_NUMBERS = word_set("""
deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dixsept dixhuit dixneuf vingt
trente
""")

A_SINGLE = word_set("un une a an una")
TENS = word_set("vingt twenty veinte trente thirty treinta quarante forty cuarenta cinquante fifty cincuenta")
ORDINAL_ENDINGS = word_set("er ere re eme e ro ero ra do da to ta mo o a st nd rd th ieme de")
HOUR_WORDS = word_set("h hs hr hrs hre hres heure heures heur hora horas hras")
_GLUED_UNITS = word_set("j jr jrs jour jours day days dia dias sem semaine semaines week weeks semana semanas mois mes")
GLUED_AFTER = word_set("am pm min mn") | ORDINAL_ENDINGS | HOUR_WORDS | _GLUED_UNITS

GLUED_BEFORE = word_set("le el the on du del al")
# Words one letter from a month or a weekday, and neither.
NOT_NAMES = word_set("match junior julie julia julien marche marches marchs marcos arch marc mach abri mazo")
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
bonjour bonsoir salut allo merci svp stp plait oui ok daccord euh ben alors bon hello hi hey please thanks thank yes
yeah yep well okay hola buenas buenos tardes dias noches gracias favor claro vale good morning afternoon evening pues
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

CORRECTIONS = word_set(
    """non no nope nan plutot mejor perdon pardon sorry actually finalement oops oups disculpe disculpa rather
    correction wait mean meant dire decir sino trompe equivoque mistake digo bien desole desolee finalmente"""
)

NEXT_WORDS = word_set("prochain prochaine next proximo proxima suivant suivante siguiente entrante coming upcoming")
LAST_WORDS = word_set("dernier derniere passe passee last pasado pasada past ultimo ultima")
THIS_WORDS = word_set("ce cet cette this este esta")
ARTICLES = word_set("le la el l the de du del d of en in los las")
PARTS_OF_TODAY = word_set("matin soir nuit aprem apresmidi midi morning afternoon evening manana tarde noche")
# Months only beside figures: they are also verbs, numbers or small words.
MONTHS_OR_WORDS = word_set("may march mar sept set ago")
