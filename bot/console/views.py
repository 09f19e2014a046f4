"""The list, one conversation, and what staff do in it. Each works as a plain form; a reply is also answered in JSON."""

from __future__ import annotations

import re
import uuid

from aiohttp import web

from bot.console.auth import field
from bot.console.live import messages_html, panel_html, waiting_words
from bot.console.pages import DESK, VISIT, WIRING, account_of, as_json, problem, render, wants_json, words_of
from bot.domain.conversations import HandledBy
from bot.domain.messages import Message
from bot.services.handoffs import AlreadyTaken, EmptyReply, HandoffAlreadyClosed, ReplyTooLong
from bot.services.house import UnknownConversation

_REPLY_ID = re.compile(r"[0-9a-f-]{36}")


class SaidOtherwise(Exception):
    """This reply was sent before, with other words: these ones were not."""


async def to_the_list(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.app.router["list"].url_for())


async def show_list(request: web.Request) -> web.StreamResponse:
    desk, session, words = request.app[DESK], request[VISIT].session, words_of(request)
    await desk.look()
    fragment = desk.fragment(words, account_of(request).id)
    notice = session.pop("notice", None) if "notice" in session else None
    return render(request, "list.html", {"fragment": fragment, "title": desk.title(words), "notice": notice})


async def show_conversation(request: web.Request) -> web.StreamResponse:
    return await _conversation(request)


async def take(request: web.Request) -> web.StreamResponse:
    conversation_id = request.match_info["id"]
    try:
        await request.app[WIRING].services.handoffs.take(conversation_id, account_of(request).id)
    except (AlreadyTaken, HandoffAlreadyClosed, UnknownConversation) as refusal:
        return await _refused(request, refusal)
    # Straight into the reply box, without script too.
    raise web.HTTPSeeOther(request.app.router["conversation"].url_for(id=conversation_id).with_fragment("reply-text"))


async def close(request: web.Request) -> web.StreamResponse:
    try:
        await request.app[WIRING].services.handoffs.close(request.match_info["id"], account_of(request).id)
    except (AlreadyTaken, HandoffAlreadyClosed, UnknownConversation) as refusal:
        return await _refused(request, refusal)
    request[VISIT].session["notice"] = "closed"
    raise web.HTTPSeeOther(request.app.router["list"].url_for())


async def reply(request: web.Request) -> web.StreamResponse:
    conversation_id = request.match_info["id"]
    # Browsers send line breaks of forms as CRLF.
    text = (await field(request, "text")).replace("\r\n", "\n").strip()
    reply_id = await field(request, "reply_id")
    if not _REPLY_ID.fullmatch(reply_id):
        raise web.HTTPBadRequest
    try:
        message = await request.app[WIRING].services.handoffs.reply(
            conversation_id, account_of(request).id, text, reply_id
        )
        if message.text != text:
            raise SaidOtherwise
    except SaidOtherwise as refusal:
        return await _refused(request, refusal, text, _new_reply_id())
    except (EmptyReply, ReplyTooLong, AlreadyTaken, HandoffAlreadyClosed, UnknownConversation) as refusal:
        return await _refused(request, refusal, text, reply_id)
    if wants_json(request):
        return _answered(request, message)
    raise web.HTTPSeeOther(request.app.router["conversation"].url_for(id=conversation_id).with_fragment("reply-text"))


def _answered(request: web.Request, message: Message) -> web.Response:
    html = messages_html(request.app, words_of(request), [message])
    return as_json({"error": None, "messages": html, "reply_id": _new_reply_id(), "csrf": request[VISIT].csrf})


async def _refused(
    request: web.Request, refusal: Exception, text: str = "", reply_id: str | None = None
) -> web.StreamResponse:
    """The same page, with one sentence that says why, and nothing typed lost."""
    if isinstance(refusal, UnknownConversation):
        return _unknown(request, unsent=text)
    sentence = _sentence(request, refusal)
    status = 422 if isinstance(refusal, EmptyReply | ReplyTooLong) else 409
    if wants_json(request):
        answer = {"error": sentence, "reply_id": reply_id, "csrf": request[VISIT].csrf}
        return as_json(answer, status=status)
    return await _conversation(request, error=sentence, text=text, reply_id=reply_id, status=status)


def _sentence(request: web.Request, refusal: Exception) -> str:
    pgettext = words_of(request).pgettext
    match refusal:
        case EmptyReply():
            return pgettext("console.error.empty", "Écrivez votre réponse avant de l’envoyer.")
        case ReplyTooLong(limit=limit):
            return pgettext(
                "console.error.long", "Votre réponse dépasse {limit} caractères. Raccourcissez-la.", limit=limit
            )
        case AlreadyTaken(staff_name=None):
            return pgettext("console.error.not_taken", "Prenez d’abord cette conversation.")
        case AlreadyTaken(staff_name=name) if request.match_info.route.name == "take":
            return pgettext("console.error.was_first", "{name} a pris cette conversation avant vous.", name=name)
        case AlreadyTaken(staff_name=name):
            return pgettext(
                "console.error.not_yours", "{name} tient cette conversation\u00a0: rien n’est parti.", name=name
            )
        case SaidOtherwise():
            return pgettext(
                "console.error.said_otherwise",
                "Une première version est déjà partie. Relisez la conversation avant d’envoyer celle-ci.",
            )
    return pgettext("console.error.over", "Plus personne n’attend ici\u00a0: l’assistant a repris la conversation.")


def _unknown(request: web.Request, *, unsent: str = "") -> web.Response:
    gone = words_of(request).pgettext(
        "console.problem.no_conversation", "Cette conversation n’existe pas, ou la personne l’a effacée."
    )
    return problem(request, 404, gone, unsent=unsent)


async def _conversation(
    request: web.Request, *, error: str = "", text: str = "", reply_id: str | None = None, status: int = 200
) -> web.Response:
    app, words, account = request.app, words_of(request), account_of(request)
    try:
        opened = await app[WIRING].services.handoffs.open_conversation(request.match_info["id"])
    except UnknownConversation:
        return _unknown(request, unsent=text)
    await app[DESK].look()
    handoff = opened.handoff
    is_mine = handoff is not None and handoff.staff_id == account.id
    context = {
        "conversation": opened.conversation,
        "title": app[DESK].conversation_title(words, opened.conversation.id),
        "waiting_words": waiting_words(words, app[DESK].waiting),
        "panel": panel_html(app, words, opened, account.id, request[VISIT].csrf),
        "messages": messages_html(app, words, opened.messages),
        "may_reply": is_mine and opened.conversation.handled_by is HandledBy.STAFF,
        "error": error,
        "text": text,
        "reply_id": reply_id or _new_reply_id(),
    }
    return render(request, "conversation.html", context, status=status)


def _new_reply_id() -> str:
    return str(uuid.uuid4())
