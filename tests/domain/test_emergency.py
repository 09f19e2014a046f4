"""What the phrases of the emergency guard hear alone, and what they leave alone.

What is told in plain words they must hear all of (`EXPLICIT`); beside them, a trained head hears what no phrase
foresaw.

`tests/nlu/emergency.jsonl` holds dangers and lines that only look like one. The phrases were tuned on what is not
`held_out`, whose misses are printed here (`pytest -rP`); of the rest only the counts are. Round 1 was written before
the phrases, by who wrote them; rounds 2, 3 and 4 after, in words sought to be new to them. Round 4 was written last
and nothing was tuned since: it tells best what to expect of a turn of phrase nobody thought of.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.emergency import OTHER_SCRIPTS, SIGNS, Danger, EmergencyGuard, Signs, Slips, fold, slips_of
from bot.knowledge.emergency import PHRASES, emergency_guard

ROOT = Path(__file__).parents[2]
LINES = [json.loads(line) for line in (ROOT / "tests/nlu/emergency.jsonl").read_text(encoding="utf-8").splitlines()]
LANGUAGES = ["fr", "en", "es"]
LOOKALIKES = "lookalikes.yml"
# Dangers told without any word for them, and what sounds like them: written past the phrases, for the trained head.
HINTED = "hinted.yml"

# What a phrase must hear alone, whatever the classifier says: each kind in each language, also misspelt.
EXPLICIT = {
    "suicide": {
        "fr": """
            je vais mettre fin à mes jours ce soir
            jveux pu vivre
            ma fille menace de se jeter par la fenêtre
            je vais me tuer, c'est décidé
            la corde est attachée, adieu
            tout le monde serait soulagé si je mourais
        """,
        "en": """
            I am going to end my life
            im gona kil my self
            my son says he wants to die tonight
            I have the rope ready
            I wish I was dead
            nobody would care if I killed myself
        """,
        "es": """
            me voy a quitar la vida
            kiero matarme
            mi hija dice que se quiere morir
            ya tengo la soga lista
            ojalá estuviera muerta
            voy a acabar con todo esta noche
        """,
    },
    "self-harm": {
        "fr": """
            je me coupe les bras en ce moment
            mon fils se mutile avec une lame
            je viens de m'ouvrir les veines
        """,
        "en": """
            I'm cutting myself right now
            my daughter is slitting her wrists
            I burned myself on purpose and I'll do it again
        """,
        "es": """
            me estoy cortando las venas
            mi hijo se está cortando los brazos
            me hice daño a propósito otra vez
        """,
    },
    "violence": {
        "fr": """
            mon mari me frappe
            mon conjoint m'étrangle
            il bat les enfants
            mon pere tape ma mere vite
            mon ex m'a poignardée
            jé peur il va me tué
        """,
        "en": """
            my husband is hitting me
            my boyfriend is choking me
            he beats the kids
            my dad is hurting my mom come quick
            my ex stabbed me
            hes gona kil me
        """,
        "es": """
            mi marido me está golpeando
            mi novio me está ahorcando
            les pega a los niños
            mi papá le está pegando a mi mamá, vengan
            mi ex me apuñaló
            me ba a matar
        """,
    },
    "weapon": {
        "fr": """
            il a un fusil
            un homme armé est dans l'école
            il y a des coups de feu dehors
            fusillade au métro
        """,
        "en": """
            he has a gun
            a man with a knife is outside my door
            there are gunshots in the street
            somebody is shooting people
        """,
        "es": """
            tiene una pistola
            hay un hombre con un cuchillo afuera
            se oyen disparos
            balacera en mi calle
        """,
    },
    "intruder": {
        "fr": """
            quelqu'un défonce ma porte
            un homme est entré chez moi, je suis cachée
            deux hommes me suivent dans la rue
        """,
        "en": """
            someone is breaking down my door
            a stranger is in my house, I'm hiding
            two men are following me in the street
        """,
        "es": """
            alguien está tumbando mi puerta
            un desconocido entró a mi casa, estoy escondida
            dos hombres me están siguiendo en la calle
        """,
    },
    "confinement": {
        "fr": """
            je suis séquestrée
            mon patron m'enferme la nuit et garde mon passeport
            il ne me laisse pas sortir de la maison
            on veut me marier de force demain
        """,
        "en": """
            I am being held against my will
            my boss locks us in at night and keeps our passports
            he doesn't let me leave the house
            they are forcing me to marry tomorrow
        """,
        "es": """
            me tienen secuestrada
            mi jefe nos encierra de noche y se quedó con los pasaportes
            no me deja salir de la casa
            mañana me casan a la fuerza
        """,
    },
    "sexual violence": {
        "fr": """
            on vient de me violer
            mon beau-père me touche la nuit
            mon oncle abuse de ma petite sœur
        """,
        "en": """
            I was just raped
            my stepfather touches me at night
            my uncle is molesting my little sister
        """,
        "es": """
            me acaban de violar
            mi padrastro me toca por las noches
            mi tío está abusando de mi hermanita
        """,
    },
    "child": {
        "fr": """
            mon enfant a disparu
            un inconnu a enlevé ma fille
            un bébé est enfermé seul dans une voiture
        """,
        "en": """
            my child is missing
            a stranger took my daughter
            there is a baby locked alone in a car
        """,
        "es": """
            mi hijo desapareció
            un desconocido se llevó a mi hija
            hay un bebé encerrado solo en un carro
        """,
    },
    "overdose and poison": {
        "fr": """
            j'ai avalé toute la boîte de comprimés
            mon fils a bu du détergent
            elle fait une surdose
            j'ai tout avalé
        """,
        "en": """
            I took the whole bottle of pills
            my son drank detergent
            she's overdosing
            i swalowed everything
        """,
        "es": """
            me tomé todo el frasco de pastillas
            mi hijo se tomó el detergente
            tiene una sobredosis
            me lo tragué todo
        """,
    },
    "body": {
        "fr": """
            il ne respire plus
            ma mère est inconsciente
            mon père fait une crise cardiaque
            il n'a plus de pouls
            mon bébé s'étouffe
            elle convulse
            hémorragie
            el respir pu
        """,
        "en": """
            he is not breathing
            my mother is unconscious
            my father is having a heart attack
            no pulse
            my baby is choking
            she's having a seizure
            severe bleeding
            she cant breth
        """,
        "es": """
            no respira
            mi mamá está inconsciente
            a mi papá le está dando un infarto
            no tiene pulso
            niño atragantado
            está convulsionando
            hemorragia grave
            no rrespira
        """,
    },
    "birth": {
        "fr": """
            j'accouche toute seule à la maison
            je suis enceinte et je saigne beaucoup
            la tête du bébé sort
        """,
        "en": """
            I'm giving birth alone in my apartment
            I'm pregnant and bleeding a lot
            the baby's head is coming out
        """,
        "es": """
            estoy pariendo sola en mi casa
            estoy embarazada y sangro mucho
            ya se le ve la cabeza al bebé
        """,
    },
    "accident": {
        "fr": """
            accident grave, il y a des blessés
            un camion vient de frapper un enfant
            mon collègue est tombé de l'échafaudage
        """,
        "en": """
            bad crash, people are injured
            a truck just hit a child
            my coworker fell from the scaffolding
        """,
        "es": """
            choque grave, hay heridos
            un camión acaba de atropellar a un niño
            mi compañero se cayó del andamio
        """,
    },
    "fire": {
        "fr": """
            au feu
            ma maison brûle
            il y a de la boucane partout
            la cuisine est en flammes
        """,
        "en": """
            fire!
            my house is on fire
            there is smoke everywhere
            the kitchen is in flames
        """,
        "es": """
            incendio
            se quema mi casa
            hay humo por todas partes
            la cocina está en llamas
        """,
    },
    "gas": {
        "fr": """
            ça sent le gaz
            fuite de gaz chez nous
        """,
        "en": """
            I smell gas
            gas leak in my building
        """,
        "es": """
            huele a gas
            fuga de gas en el edificio
        """,
    },
    "water and cold": {
        "fr": """
            un enfant se noie
            mon frère est tombé dans le fleuve
            la glace a cassé, il est dans l'eau
            je suis perdu dans la forêt, je ne sens plus mes pieds
        """,
        "en": """
            a child is drowning
            my brother fell into the river
            the ice broke, he's in the water
            I'm lost in the forest, I can't feel my feet
        """,
        "es": """
            un niño se está ahogando
            mi hermano se cayó al río
            se rompió el hielo, está en el agua
            estoy perdido en el bosque, no siento los pies
        """,
    },
    "cry for help": {
        "fr": """
            au secours
            appelez une ambulence
            il est là, aidez-moi
            je suis en danger
        """,
        "en": """
            help me he's coming
            call the police
            send an ambulanse
            my life is in danger
        """,
        "es": """
            ausilio
            llamen a la policía
            manden una anbulancia
            mi vida corre peligro
        """,
    },
}
OTHER_LANGUAGES = """
    النجدة
    زوجي يضربني
    لا أريد أن أموت هنا، سيقتلني
    3awnouni, rajli kaydrebni
    bghit nmout
    socorro, meu marido me bate
    anmwe! y ap touye m
    sekou, kay la pran dife
    допоможіть!
    чоловік мене б'є
    я не хочу жить
    он меня убьет, у него нож
    救命
    我不想活了
    کمک فوری، شوهرم مرا می‌زند
    saklolo, sinasaktan ako
    बचाओ, वह मुझे मार डालेगा
    abeg help, he dey beat me
"""


def a_guard(
    *phrases: str, unless: str = "", unless_anywhere: str = "", harmless: str = "dying to see", typed: str = ""
) -> EmergencyGuard:
    """Hears `phrases`, and "blood" beside "mother". The one context is "film"; "mat" is a word, no slip of "mata"."""
    return EmergencyGuard(
        dangers=[Danger("danger", phrases, frozenset(unless.split()), frozenset(unless_anywhere.split()))],
        signs=Signs({"blood": ["blood"], "rope": ["rope"]}, {"bridge": ["bridge"]}, ["mother"], frozenset({"film"})),
        harmless=[harmless],
        contexts={"film": ["film", "movie"]},
        words={"er": ["e", "er"], "my": ["my", "our"]},
        slips=Slips(
            spelling={"want to": ["wanna"], "do not": ["dont", "don t"], "my self": ["myself"]},
            typed={"es": typed.split()},
            sounds={"es": {"^h": "", "[sc]h": "x"}},
            real_words=["mat"],
        ),
        other_scripts=["救命", "(?<!м)ніж"],
    )


def shares(told: list[str], danger: bool) -> tuple[float, list[str]]:
    """The share of `told` in which a danger is heard, and the lines that are judged otherwise than they should be."""
    heard = [emergency_guard().danger_in(text) for text in told]
    wrong = [f"{kind or 'nothing'} in: {text}" for text, kind in zip(told, heard, strict=True) if bool(kind) != danger]
    return sum(map(bool, heard)) / len(told), wrong


def told(**facts: Any) -> list[str]:
    return [line["text"] for line in LINES if all(line[name] == fact for name, fact in facts.items())]


def training_lines(language: str, *, emergencies: bool, files: str = "*.yml", but: str = "") -> list[str]:
    return [
        example.removeprefix("- ").strip()
        for file in sorted((ROOT / "nlu_data/nlu" / language).glob(files))
        if file.name != but
        for subject in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        if "intent" in subject and (subject["intent"] == "emergency") == emergencies
        for example in subject["examples"].splitlines()
    ]


@pytest.mark.parametrize(
    ("round_of_writing", "held_out", "floor"),
    # Measured: 100 %, 99 %, 100 %, 91 %, 76 %, 24 %. Round 4 shuns the phrases on purpose, for the trained head.
    [(1, False, 0.98), (1, True, 0.96), (2, False, 0.97), (2, True, 0.86), (3, True, 0.70), (4, True, 0.18)],
)
def test_dangers_are_heard(round_of_writing: int, held_out: bool, floor: float) -> None:
    heard, missed = shares(told(danger=True, round=round_of_writing, held_out=held_out), danger=True)
    print(f"{heard:.1%} heard, {len(missed)} missed", *([] if held_out else missed), sep="\n")
    assert heard >= floor


@pytest.mark.parametrize(
    ("round_of_writing", "held_out", "ceiling"),
    # Measured: 0 %, 3 %, 0 %, 14 %, 9 %, 10 %. Rounds 2 to 4 were written to trap.
    [(1, False, 0.02), (1, True, 0.06), (2, False, 0.02), (2, True, 0.18), (3, True, 0.13), (4, True, 0.14)],
)
def test_what_only_looks_like_a_danger_is_left_alone(round_of_writing: int, held_out: bool, ceiling: float) -> None:
    heard, wrong = shares(told(danger=False, round=round_of_writing, held_out=held_out), danger=False)
    print(f"{heard:.1%} false alarms: {len(wrong)}", *([] if held_out else wrong), sep="\n")
    assert heard <= ceiling


def test_false_alarms_are_rare_among_all_near_misses() -> None:
    heard, _ = shares(told(danger=False), danger=False)
    print(f"{heard:.1%}")
    assert heard <= 0.08


@pytest.mark.parametrize("language", [*LANGUAGES, "mixed"])
def test_each_language_is_heard(language: str) -> None:
    heard, missed = shares(told(danger=True, round=1, lang=language, held_out=False), danger=True)
    print(f"{heard:.1%}", *missed, sep="\n")
    assert heard >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("family", EXPLICIT)
def test_what_is_said_in_plain_words_is_heard(family: str, language: str) -> None:
    _, missed = shares([line.strip() for line in EXPLICIT[family][language].strip().splitlines()], danger=True)
    assert missed == []


def test_sure_words_of_other_languages_are_heard() -> None:
    _, missed = shares([line.strip() for line in OTHER_LANGUAGES.strip().splitlines()], danger=True)
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_emergencies_of_the_training_data_are_heard(language: str) -> None:
    heard, missed = shares(training_lines(language, emergencies=True, but=HINTED), danger=True)
    print(f"{heard:.1%}", *missed, sep="\n")
    # Measured: 98 %, 98 %, 99 %. Lines may be added that no phrase foresees: the trained head learns them.
    assert heard >= 0.90


@pytest.mark.parametrize("language", LANGUAGES)
def test_lookalikes_of_the_training_data_are_left_alone(language: str) -> None:
    heard, wrong = shares(training_lines(language, emergencies=False, files=LOOKALIKES), danger=False)
    print(f"{heard:.1%}", *wrong, sep="\n")
    # Measured: under 1 %.
    assert heard <= 0.05


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_intents_of_the_training_data_are_left_alone(language: str) -> None:
    heard, wrong = shares(training_lines(language, emergencies=False, but=HINTED), danger=False)
    print(f"{heard:.2%}", *wrong, sep="\n")
    assert heard <= 0.003


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("je serai plus là demain", "farewell"),
        ("I can't do this anymore, goodbye", "despair"),
        ("ya no aguanto, cuiden a mis hijos", "despair"),
        ("jveu mouri", "suicide"),
        ("my husband me frappe, por favor ayuda", "violence"),
        ("Mon patron nous a enfermés dans l'entrepôt", "confinement"),
        ("AYUDAAAAA", "cry_for_help"),
        ("il a un 🔪", "weapon"),
        ("li pral touye m", "violence"),
        ("on voit du sang, le petit ne dit rien", SIGNS),
        ("زوجي يضربني", OTHER_SCRIPTS),
    ],
)
def test_each_kind_is_named(text: str, kind: str) -> None:
    assert emergency_guard().danger_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "je ne veux plus vivre à Laval",
        "dying to see snow",
        "me muero de frío",
        "my job is killing me",
        "this city is killing my budget",
        "le loyer m'étrangle",
        "je me sens seule, je pleure souvent",
        "mon ex me frappait quand on était à Lima, maintenant je suis en sécurité",
        "which number in an emergency?",
        "I'm not suicidal",
        "suicide prevention volunteer",
        "j'ai mangé du poisson",
        "they lost my file",
        "me enfermé y mi hijo también",
        "",
        "🙂",
    ],
)
def test_figures_of_speech_and_questions_are_left_alone(text: str) -> None:
    assert emergency_guard().danger_in(text) is None


def test_a_danger_is_heard_beside_what_only_looks_like_one() -> None:
    assert emergency_guard().hears_danger("je ne veux plus vivre à Laval, je veux mourir")
    assert emergency_guard().hears_danger("Is fire covered by insurance? Also my husband is beating me right now.")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Il m’a FRAPPÉE !!", "il m a frape |"),
        ("He's here. I don't know...", "hes here | i dont know"),
        ("ayudaaaaa", "ayuda drawnout"),
        ("ma sœur 🆘", "ma soeur sos"),
        ("k\u200bill | me", "kil me"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_gap_reaches_a_few_words_of_the_same_sentence_only() -> None:
    guard = a_guard("want ~2 die")
    assert guard.hears_danger("I want so much die")
    assert not guard.hears_danger("I want one two three die")
    assert not guard.hears_danger("I want. To die")


def test_lists_slips_endings_and_double_letters() -> None:
    guard = a_guard("frapp<er> (ma|<my>) mere", "want to (die|go)")
    assert guard.hears_danger("il fraper our mère")
    assert guard.hears_danger("wanna die")
    assert not guard.hears_danger("frappons ma mère")


def test_slips_of_fingers_and_ears_are_set_right() -> None:
    guard = a_guard("(hang|mata) my self", typed="hang mata myself chilla")
    assert guard.hears_danger("hnag myslef")
    assert not guard.hears_danger("mat myself")
    assert slips_of("hilo", {"^h": ""}) == {"ihlo", "hlio", "hiol", "ilo"}
    assert "xila" in slips_of("chilla", {"ch": "x"})


def test_other_scripts_are_looked_for_anywhere() -> None:
    guard = a_guard("never said")
    assert guard.danger_in("请救命啊") == OTHER_SCRIPTS
    assert guard.danger_in("у нього ніж!") == OTHER_SCRIPTS
    assert guard.danger_in("сміх, мніж") is None


@pytest.mark.parametrize(
    "text",
    [
        "Помогите, пожалуйста, с документами",
        "Допоможіть мені з візою",
        "ساعدوني في الأوراق",
        "أنا مسكين",
        "打我电话",
        "我想死你了",
        "χρειάζομαι βοήθεια με τα χαρτιά",
    ],
)
def test_polite_requests_in_other_scripts_are_left_alone(text: str) -> None:
    assert emergency_guard().danger_in(text) is None


def test_what_is_harmless_is_taken_out_and_not_reached_over() -> None:
    guard = a_guard("dying", "want ~3 die")
    assert not guard.hears_danger("I am dying to see snow")
    assert not guard.hears_danger("I want dying to see die")
    assert guard.hears_danger("dying to see snow, and dying")


def test_a_context_takes_a_danger_back_in_its_sentence_or_everywhere() -> None:
    assert not a_guard("kill him", unless="film").hears_danger("a film where they kill him")
    assert a_guard("kill him", unless="film").hears_danger("I saw a film. I will kill him")
    assert not a_guard("kill him", unless_anywhere="film").hears_danger("I saw a film. They kill him")


def test_signs_add_up_in_one_sentence() -> None:
    guard = a_guard("never said")
    assert guard.danger_in("blood, my mother") == SIGNS
    assert guard.danger_in("a rope and the bridge") == SIGNS
    assert guard.danger_in("blood") is None
    assert guard.danger_in("my mother on the bridge") is None
    assert guard.danger_in("blood. My mother") is None
    assert guard.danger_in("blood on my mother in a film") is None


def test_a_phrase_needs_a_word_to_begin_with_and_a_context_must_exist() -> None:
    with pytest.raises(ValueError, match="begins with a plain word"):
        a_guard("~2 die")
    with pytest.raises(ValueError, match="no such context"):
        a_guard("die", unless="novel")


def test_no_phrase_waits_for_double_letters_across_a_bracket() -> None:
    written = re.sub(r"(?m)^ *#.*", "", PHRASES.read_text(encoding="utf-8"))
    assert [found[0] for found in re.finditer(r"\w*([a-z])\((?!\?)(?:[^()]*\|)?\1\w*", written)] == []


@pytest.mark.parametrize(
    "piece",
    [
        "me ",
        "no no ",
        "he has a ",
        "a.",
        "!",
        "'",
        "n't ",
        "é",
        "aaaa ",
        "je veux plus ",
        "suicide film ",
        "k",
        "| ",
        "muero de ",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return min(timed(text) for _ in range(3))

    assert seconds(16_000) <= 12 * seconds(4_000) + 0.01


def test_a_long_message_is_judged_at_once() -> None:
    """Two or three milliseconds for 2 000 characters; the limit allows for a busy machine."""
    text = " ".join(told(danger=False, round=1, lang="fr"))[:2000]
    assert min(timed(text) for _ in range(20)) < 0.010


def timed(text: str) -> float:
    start = time.perf_counter()
    emergency_guard().hears_danger(text)
    return time.perf_counter() - start
