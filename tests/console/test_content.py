"""The content page: what is withdrawn first, then what is due, every topic, by owner, in three languages and as CSV."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from bot.console import content
from bot.knowledge.steps import BadKnowledge, Step
from tests.console.stage import Stage, Visitor
from tests.knowledge.content_kit import CLINIC, TOPICS, a_fact, a_line, a_topic

PAGES = ("/content", "/content/topics.csv", "/content/facts.csv")


def know(monkeypatch: pytest.MonkeyPatch, *topics: Step) -> None:
    monkeypatch.setattr(content, "steps", lambda: {step.id: step for step in topics})


@pytest.fixture(autouse=True)
def _topics(monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, *TOPICS)


async def read(visitor: Visitor, path: str = "/content") -> str:
    response, page = await visitor.get(path)
    assert response.status == 200
    return html.unescape(page)


async def rows(visitor: Visitor, path: str, delimiter: str = ";") -> list[dict[str, str]]:
    response, text = await visitor.get(path)
    assert response.status == 200 and response.content_type == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


async def test_what_is_withdrawn_comes_first_with_its_owner_and_since_when(marie: Visitor) -> None:
    page = await read(marie)

    withdrawn = section(page, "withdrawn")
    assert "Retirés des réponses\u00a0: 1" in withdrawn
    assert "2 décembre 2026" in withdrawn and "1er\u00a0décembre 2025" in withdrawn
    assert "Famille" in withdrawn and "École" in withdrawn and "Montant, <code>ask_school.yml, fee</code>" in withdrawn
    assert "Lignes retirées\u00a0: cost, more.fee" in withdrawn
    assert '<a href="https://www.example.test/page" target="_blank" rel="noopener noreferrer">example.test</a>' in page
    assert "5 décembre 2026" in section(page, "due") and "Santé" in section(page, "due")
    order = [page.index(f'<section id="{name}"') for name in ("withdrawn", "due", "topics")]
    assert order == sorted(order)


async def test_nothing_withdrawn_says_so(marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, a_topic("ask_new", "Neuf", "work", {"x": a_fact(CLINIC.checked)}, a_line("what", "x")))

    page = await read(marie)

    assert "Aucun fait n’est retiré." in page and "Rien n’arrive à échéance bientôt." in page
    assert "Chaque fait a été vérifié à sa source." in page and "Chaque page officielle a été ouverte." in page


async def test_a_fact_is_shown_as_text(marie: Visitor) -> None:
    _, page = await marie.get("/content")

    assert "&lt;en 2025&gt;" in page and "<en 2025>" not in page


async def test_every_topic_has_its_line(marie: Visitor) -> None:
    topics = section(await read(marie), "topics")

    assert [topics.index(title) for title in ("Clinique", "École", "Zone de bus")] == sorted(
        topics.index(title) for title in ("Clinique", "École", "Zone de bus")
    )
    assert "Pas en espagnol\u00a0: 2" in topics and "À confirmer\u00a0: 1" in topics
    assert "8\u00a0+\u00a04" in topics and "▲" in topics and "Non traduites\u00a0: 3" in topics
    assert "jamais" in topics


async def test_the_chart_says_in_words_what_it_draws(marie: Visitor) -> None:
    ages = section(await read(marie), "ages")

    assert 'aria-label="À jour\u00a0: 1, Retiré\u00a0: 1"' in ages and 'aria-label="À relire bientôt\u00a0: 1"' in ages
    widths = [
        float(width) for width in re.findall(r'<rect class="bar [a-z]+" x="[\d.]+%" y="2" width="([\d.]+)%"', ages)
    ]
    assert widths == [50.0, 50.0, 50.0, 50.0]
    assert "<script" not in ages and "style=" not in await read(marie)


async def test_an_owner_sees_their_own(marie: Visitor) -> None:
    page = await read(marie, "/content?owner=health")

    assert 'href="/staff/content?owner=health" aria-current="true"' in page
    assert "Tous les sujets\u00a0: 3" in page and "Tous les sujets\u00a0: 1" in section(page, "topics")
    assert "Retirés des réponses\u00a0: 0" in page and "École" not in page
    assert 'href="/staff/content/facts.csv?owner=health"' in page
    assert [row["Sujet"] for row in await rows(marie, "/content/topics.csv?owner=health")] == ["Clinique"]
    assert [row["Clé du fait"] for row in await rows(marie, "/content/facts.csv?owner=health")] == ["phone"]


@pytest.mark.parametrize("owner", ["nobody", "", "%22%3E%3Cscript%3E"])
async def test_an_unknown_owner_sees_everything(marie: Visitor, owner: str) -> None:
    page = await read(marie, f"/content?owner={owner}")

    assert "École" in page and "Clinique" in page and "<script>" not in page


async def test_topics_as_csv(marie: Visitor) -> None:
    school = next(row for row in await rows(marie, "/content/topics.csv") if row["Fichier"] == "ask_school")

    assert school["Responsable"] == "Famille"
    assert (school["Faits vérifiés"], school["Faits de mémoire"]) == ("2", "0")
    assert (school["Faits retirés"], school["Retiré depuis"]) == ("1", "2026-12-02")
    assert (school["Faits à relire bientôt"], school["À relire avant la fin du"]) == ("0", "")
    assert school["Vérification la plus ancienne"] == "2025-08-03"
    assert (school["Pages officielles"], school["Liens à confirmer"], school["Pages absentes (anglais)"]) == (
        "2",
        "1",
        "1",
    )
    assert (school["Mots de la première réponse (anglais)"], school["Mots de la suite (espagnol)"]) == ("8", "4")
    assert school["Langues à revoir"] == "anglais et espagnol"


async def test_facts_as_csv(marie: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    formula = a_topic("ask_x", "X", "work", {"sum": a_fact(None, text='=1+1; "oui"\nnon')}, a_line("what", "sum"))
    know(monkeypatch, *TOPICS, formula)

    facts = {row["Clé du fait"]: row for row in await rows(marie, "/content/facts.csv")}

    assert facts["sum"]["Fait"] == '\'=1+1; "oui"\nnon'
    assert (facts["sum"]["État"], facts["sum"]["Vérifié le"], facts["sum"]["Dernier jour"]) == ("De mémoire", "", "")
    assert (facts["fee"]["État"], facts["fee"]["Retiré depuis"]) == ("Retiré", "2026-12-02")
    assert (facts["fee"]["Lignes qui s’y appuient"], facts["fee"]["Genre"]) == ("cost more.fee", "Montant")
    assert facts["rule"]["Source"] == "https://www.example.test/page"


@pytest.mark.parametrize(
    ("language", "heading", "withdrawn", "since", "delimiter", "column"),
    [
        ("fr", "Contenu des réponses", "Retirés des réponses\u00a0: 1", "2 décembre 2026", ";", "Responsable"),
        ("en", "Content of the answers", "Withdrawn from answers: 1", "December 2, 2026", ",", "Responsible"),
        ("es", "Contenido de las respuestas", "Retirados de las respuestas: 1", "2 de diciembre de 2026", ",", "Tema"),
    ],
)
async def test_the_page_and_its_files_are_in_the_language_of_the_console(
    marie: Visitor, language: str, heading: str, withdrawn: str, since: str, delimiter: str, column: str
) -> None:
    page = await read(marie, f"/content?lang={language}&owner=family")

    assert heading in page and withdrawn in page and since in page
    assert f"/staff/content?lang={'es' if language == 'fr' else 'fr'}&owner=family" in page
    assert column in (await rows(marie, "/content/topics.csv", delimiter))[0]


@pytest.mark.parametrize("path", PAGES)
async def test_only_staff_read_it(stage: Stage, path: str) -> None:
    response, page = await (await stage.a_visitor()).get(path)

    assert response.status == 303 and response.headers["Location"].startswith("/staff/sign-in")
    assert "fee" not in page


async def test_the_menu_leads_to_it_and_says_where_one_is(marie: Visitor) -> None:
    assert '<a href="/staff/content">Contenu</a>' in await read(marie, "/")
    assert '<a href="/staff/content" aria-current="page">Contenu</a>' in await read(marie)


@pytest.mark.parametrize("path", PAGES)
async def test_a_file_that_cannot_be_read_is_a_fault_in_words(
    marie: Visitor, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def broken() -> dict[str, Step]:
        raise BadKnowledge("ask_x.yml, says: nothing")

    monkeypatch.setattr(content, "steps", broken)

    response, page = await marie.get(path)

    assert response.status == 500 and "La console a eu un problème." in page
