"""The list, a conversation, and what staff do in it, as plain forms and as the script asks for them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import pytest

from bot.console.pages import said
from bot.domain.conversations import HandledBy
from bot.domain.messages import Author, Channel, Choice, File, Link, Reply
from bot.services.handoffs import MAX_REPLY_CHARS
from tests.console.stage import Stage, Visitor

JSON = {"Accept": "application/json"}


async def handled_by(stage: Stage, conversation_id: str) -> HandledBy:
    return (await stage.wiring.services.conversations.get(conversation_id)).handled_by


async def test_the_list_says_who_waits_and_who_answers(stage: Stage, marie: Visitor) -> None:
    luc = await stage.a_visitor("Luc Gagnon")
    taken = await stage.someone_waits("fr", says="Je suis arrivé hier")
    await luc.act(taken, "take")
    await stage.someone_waits("es", channel=Channel.TELEGRAM, says="¿Cómo saco el **NAS**?")
    urgent = await stage.someone_waits("en", is_urgent=True, says="I am afraid")

    _, html = await marie.get("/")

    assert "<title>(2) Passerelle – Conversations</title>" in html
    assert "En attente\u00a0: 2" in html and "En cours\u00a0: 1" in html
    assert html.index("I am afraid") < html.index("¿Cómo saco el NAS?") < html.index("Luc Gagnon répond")
    assert html.count("Urgent") == 1 and urgent[:6].upper() in html
    assert "espagnol, Telegram" in html and "anglais, site web" in html
    assert "Attend depuis moins d’une minute" in html and "Accueil Montréal" in html


async def test_an_empty_list_says_so(stage: Stage, marie: Visitor) -> None:
    await stage.a_person()

    _, html = await marie.get("/")

    assert "<title>Passerelle – Conversations</title>" in html
    assert "Personne n’attend. Cette page se met à jour seule." in html


async def test_a_conversation_shows_what_was_said_and_offered(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits("es", says="Hola")
    reply = Reply(
        "**Cuándo:** primera semana.\n2 < 3",
        choices=(Choice("Hablar con alguien", "/talk"),),
        links=(Link("RAMQ", "https://www.ramq.gouv.qc.ca/"), Link("piège", "javascript:alert(1)")),
        files=(File("cita.ics", "/files/secret-key", "text/calendar"),),
    )
    await stage.is_told(conversation_id, reply)

    _, html = await marie.get(f"/conversations/{conversation_id}")

    assert "<strong>Cuándo:</strong> primera semana.\n2 &lt; 3" in html
    assert '<a href="https://www.ramq.gouv.qc.ca/" target="_blank" rel="noopener noreferrer">RAMQ</a>' in html
    assert "javascript:" not in html and "<li>piège</li>" in html
    assert "Hablar con alguien" in html and "/talk" not in html
    assert "cita.ics" in html and "secret-key" not in html
    assert "3\u00a0déc., 10\u00a0h" in html.replace("3 déc.", "3\u00a0déc.")
    assert "Écrivez en espagnol; rien n’est traduit." in html
    assert 'role="log"' in html and 'lang="es"' in html


async def test_take_reply_and_close_reach_the_person(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits("es")
    page = f"/staff/conversations/{conversation_id}"

    response, _ = await marie.act(conversation_id, "take")
    assert (response.status, response.headers["Location"]) == (303, f"{page}#reply-text")
    assert await handled_by(stage, conversation_id) is HandledBy.STAFF

    response, _ = await marie.act(conversation_id, "reply", text=" Buenos días.\r\n¿En qué ciudad vive? ")
    assert (response.status, response.headers["Location"]) == (303, f"{page}#reply-text")
    assert await stage.texts(conversation_id, Author.STAFF) == ["Buenos días.\n¿En qué ciudad vive?"]

    response, _ = await marie.act(conversation_id, "close")
    assert (response.status, response.headers["Location"]) == (303, "/staff/")
    assert await handled_by(stage, conversation_id) is HandledBy.ASSISTANT
    told = await stage.texts(conversation_id, Author.SYSTEM)
    assert len(told) == 2 and all("Marie Tremblay" in text for text in told)
    assert "l’assistant a repris la conversation" in (await marie.get("/"))[1]
    assert "l’assistant a repris la conversation" not in (await marie.get("/"))[1]


async def test_the_second_to_take_is_told_who_was_first(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    luc = await stage.a_visitor("Luc Gagnon")
    visitors = {"Marie Tremblay": marie, "Luc Gagnon": luc}
    path = f"/conversations/{conversation_id}/take"
    fields = [await visitor.fields("/") for visitor in visitors.values()]

    answers = await asyncio.gather(
        *(visitor.post(path, form) for visitor, form in zip(visitors.values(), fields, strict=True))
    )

    assert sorted(response.status for response, _ in answers) == [303, 409]
    holder = await stage.wiring.services.handoffs.current(conversation_id)
    assert holder is not None
    _, html = next(answer for answer in answers if answer[0].status == 409)
    assert f"{holder.staff_name} a pris cette conversation avant vous." in html
    assert "<title>Erreur – " in html
    assert len(await stage.texts(conversation_id, Author.SYSTEM)) == 1


async def test_taking_twice_is_taking_once(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()

    for _ in range(2):
        response, _ = await marie.submit("/", f"/conversations/{conversation_id}/take")
        assert response.status == 303
    assert len(await stage.texts(conversation_id, Author.SYSTEM)) == 1


async def test_a_double_click_sends_one_message(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")
    page = f"/conversations/{conversation_id}"
    fields = {**await marie.fields(page), "text": "Buenos días"}

    answers = await asyncio.gather(*(marie.post(f"{page}/reply", fields) for _ in range(4)))

    assert [response.status for response, _ in answers] == [303] * 4
    assert await stage.texts(conversation_id, Author.STAFF) == ["Buenos días"]


async def test_a_text_changed_after_it_was_sent_is_not_lost(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")
    page = f"/conversations/{conversation_id}"
    form = await marie.fields(page)
    await marie.post(f"{page}/reply", {**form, "text": "Buenos"})

    response, html = await marie.post(f"{page}/reply", {**form, "text": "Buenos días"})

    assert response.status == 409 and "Une première version est déjà partie." in html
    assert "\nBuenos días</textarea>" in html and form["reply_id"] not in html


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("   ", "Écrivez votre réponse avant de l’envoyer."),
        ("a" * (MAX_REPLY_CHARS + 1), "Votre réponse dépasse 4000 caractères. Raccourcissez-la."),
    ],
)
async def test_a_reply_that_cannot_be_sent_is_given_back(
    stage: Stage, marie: Visitor, text: str, sentence: str
) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")

    response, html = await marie.act(conversation_id, "reply", text=text)

    assert response.status == 422 and sentence in html
    assert f"{text.strip()}</textarea>" in html
    assert await stage.texts(conversation_id, Author.STAFF) == []


@pytest.mark.parametrize("what", ["reply", "close"])
async def test_only_whoever_holds_it_answers_and_closes(stage: Stage, marie: Visitor, what: str) -> None:
    conversation_id = await stage.someone_waits()
    fields = {"text": "mon texte", "reply_id": str(uuid.uuid4())}
    path = f"/conversations/{conversation_id}/{what}"
    response, html = await marie.submit("/", path, None, **fields)
    assert response.status == 409 and "Prenez d’abord cette conversation." in html

    luc = await stage.a_visitor("Luc Gagnon")
    await luc.act(conversation_id, "take")
    response, html = await marie.submit("/", path, None, **fields)

    assert response.status == 409
    assert "Luc Gagnon tient cette conversation\u00a0: rien n’est parti." in html
    assert "mon texte</textarea>" in html if what == "reply" else "mon texte" not in html


@pytest.mark.parametrize("what", ["take", "reply", "close"])
async def test_a_person_who_left_is_gone_for_staff_too(stage: Stage, marie: Visitor, what: str) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")
    fields = await marie.fields(f"/conversations/{conversation_id}")
    await stage.wiring.services.handoffs.leave(conversation_id)

    response, html = await marie.post(f"/conversations/{conversation_id}/{what}", {**fields, "text": "mon texte"})

    assert response.status == 409
    assert "Plus personne n’attend ici\u00a0: l’assistant a repris la conversation." in html
    assert "mon texte</textarea>" in html if what == "reply" else True


async def test_the_script_gets_the_message_and_a_new_reply_id(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    await marie.act(conversation_id, "take")
    page = f"/conversations/{conversation_id}"
    form = await marie.fields(page)

    response, _ = await marie.post(f"{page}/reply", {**form, "text": "Buenos días"}, JSON)

    answer: dict[str, Any] = await response.json()
    assert response.status == 200 and answer["error"] is None
    assert "Buenos días" in answer["messages"]
    assert answer["reply_id"] != form["reply_id"] and answer["csrf"] == form["csrf"]


async def test_the_script_gets_refusals_as_a_sentence(stage: Stage, marie: Visitor) -> None:
    conversation_id = await stage.someone_waits()
    page = f"/conversations/{conversation_id}"
    form = {**await marie.fields(page), "text": "x"}
    asked = [({**form}, 409), ({**form, "csrf": ""}, 403), ({**form, "reply_id": "../x"}, 400)]
    for fields, status in asked:
        response, _ = await marie.post(f"{page}/reply", fields, JSON)
        assert response.status == status
        assert (await response.json())["error"]

    response, _ = await (await stage.a_visitor()).post(f"{page}/reply", form, JSON)
    assert response.status == 401 and "session est terminée" in (await response.json())["error"]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/conversations/", "/conversations/x/take", "/static/x", "/static/..%2fapp.py"]
)
async def test_an_unknown_page_is_said_in_words(stage: Stage, marie: Visitor, path: str) -> None:
    for visitor, way in ((marie, "Voir les conversations"), (await stage.a_visitor(), "Se connecter")):
        response, html = await visitor.get(path)
        if visitor is not marie and path.endswith("take"):
            assert response.status in (303, 404)
        elif path.startswith("/static"):
            assert response.status == 404 and "Cette page n’existe pas." in html
        else:
            assert response.status == 404 and "Cette page n’existe pas." in html and way in html


@pytest.mark.parametrize("what", ["", "/take", "/reply", "/close"])
async def test_an_unknown_conversation_is_said_in_words(stage: Stage, marie: Visitor, what: str) -> None:
    path = f"/conversations/{uuid.uuid4()}{what}"
    fields = {"text": "mon texte", "reply_id": str(uuid.uuid4())}

    response, html = await (marie.submit("/", path, None, **fields) if what else marie.get(path))

    assert response.status == 404
    assert "Cette conversation n’existe pas, ou la personne l’a effacée." in html
    assert ("mon texte" in html) == (what == "/reply")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</textarea></article>",
        "{{ 70007 * 70007 }}",
        "**<b>**",
    ],
)
async def test_hostile_text_stays_text_everywhere(stage: Stage, marie: Visitor, hostile: str) -> None:
    conversation_id = await stage.someone_waits(says=hostile)
    await marie.act(conversation_id, "take")
    await marie.act(conversation_id, "reply", text=hostile)
    await stage.is_told(conversation_id, Reply(hostile, (Choice(hostile, "x"),), (Link(hostile, "https://x.test/"),)))

    for path in ("/", f"/conversations/{conversation_id}"):
        _, html = await marie.get(path)
        for tag in ("<script>alert", "<img", "</textarea></article>", "4900980049", "<b>"):
            assert tag not in html


def test_bold_is_the_only_markup() -> None:
    assert said("a **b** <i> ** c") == "a <strong>b</strong> &lt;i&gt; ** c"


@pytest.mark.parametrize(
    ("language", "heading", "note"),
    [
        ("fr", "Connexion de l’équipe", "Écrivez en anglais; rien n’est traduit."),
        ("en", "Staff sign-in", "Write in English; nothing is translated."),
        ("es", "Inicio de sesión del equipo", "Escriba en inglés; nada se traduce."),
    ],
)
async def test_the_console_speaks_the_language_that_was_chosen(
    stage: Stage, language: str, heading: str, note: str
) -> None:
    visitor = await stage.a_visitor()
    _, html = await visitor.get(f"/sign-in?lang={language}")
    assert f'<html lang="{language}" dir="ltr">' in html and heading in html
    await visitor.sign_in(await stage.a_member_of_staff("Marie Tremblay"))

    _, html = await visitor.get(f"/conversations/{await stage.someone_waits('en')}")

    assert f'<html lang="{language}" dir="ltr">' in html and note in html


async def test_an_unknown_language_changes_nothing(stage: Stage, marie: Visitor) -> None:
    _, html = await marie.get("/?lang=xx")

    assert '<html lang="fr" dir="ltr">' in html


async def test_a_fault_is_said_in_words_and_logged_without_what_people_said(
    stage: Stage, marie: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = f"phrase {uuid.uuid4()}"

    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(words)

    conversation_id = await stage.someone_waits()
    monkeypatch.setattr(stage.wiring.services.handoffs, "open_conversation", breaks)

    with caplog.at_level(logging.DEBUG):
        response, html = await marie.get(f"/conversations/{conversation_id}")

    assert response.status == 500 and "La console a eu un problème." in html
    assert "RuntimeError" in caplog.text and words not in caplog.text


async def test_what_people_say_is_in_no_log(stage: Stage, marie: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        conversation_id = await stage.someone_waits(says="phrase secrète")
        await marie.act(conversation_id, "take")
        await marie.act(conversation_id, "reply", text="autre secret")
        await marie.get("/")

    # aiosqlite says every statement with its values: `bot/` keeps that logger above debug.
    ours = [record.getMessage() for record in caplog.records if record.name != "aiosqlite"]
    assert not any("secr" in message for message in ours)
