// The live part of the console. Without it every page still works by plain forms; with it the list and the
// conversation follow by themselves, and a reply leaves without the page moving.
"use strict";
(() => {
  const FIRST_DELAY = 1000, LONGEST_DELAY = 15000;
  const SILENCE = 40000;        // the server says something at least every 15 s
  const REST = 30000;           // a hidden conversation lets its connection go: browsers give six to a site

  const byId = (id) => document.getElementById(id);
  const live = byId("live"), notice = byId("connection");

  // A form sent twice by a double click is sent once.
  document.addEventListener("submit", (event) => {
    if (event.target.id === "reply") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => delete event.target.dataset.sent, 3000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  if (!live) return;

  const nodes = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  // Makes `old` like `fresh` and keeps every element that is still there, with its focus and its selection.
  function become(old, fresh) {
    for (const { name } of [...(old.attributes || [])]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes || []) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    let here = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const kept = next.id
        ? [...old.children].find((child) => child.id === next.id)
        : here && here.nodeName === next.nodeName && !here.id && here;
      if (!kept) {
        old.insertBefore(next, here);
      } else {
        if (kept === here) here = here.nextSibling;
        else old.insertBefore(kept, here);
        if (kept.nodeType === Node.ELEMENT_NODE) become(kept, next);
        else if (kept.data !== next.data) kept.data = next.data;
      }
    }
    while (here) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
  }

  function show(holder, html) {
    const focused = document.activeElement;
    const wasInside = focused && holder.contains(focused);
    const fresh = document.createElement(holder.nodeName);
    for (const { name, value } of holder.attributes) fresh.setAttribute(name, value);
    fresh.append(nodes(html));
    become(holder, fresh);
    if (wasInside && document.activeElement !== focused) {
      (focused.isConnected ? focused : byId("heading")).focus({ preventScroll: true });
    }
  }

  // ---- the connection

  let source = null, retry = 0, delay = FIRST_DELAY, heardAt = 0, rest = 0;
  const on = {};

  function open() {
    clearTimeout(retry);
    if (source) source.close();
    heardAt = Date.now();
    const after = live.dataset.live === "conversation" ? `?after=${lastSeq}` : "";
    source = new EventSource(live.dataset.url + after);
    for (const name of Object.keys(on)) {
      source.addEventListener(name, (event) => {
        heardAt = Date.now();
        delay = FIRST_DELAY;
        notice.textContent = "";
        on[name](event.data);
      });
    }
    source.onerror = lost;
  }

  function shut() {
    clearTimeout(retry);
    if (source) source.close();
    source = null;
  }

  function lost() {
    shut();
    notice.textContent = notice.dataset.lost;
    retry = setTimeout(open, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY);
  }

  setInterval(() => {
    if (source && Date.now() - heardAt > SILENCE) lost();
  }, 5000);
  window.addEventListener("online", open);
  window.addEventListener("pagehide", shut);
  window.addEventListener("pageshow", () => source || open());
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (!document.hidden) source || open();
    else if (live.dataset.live === "conversation") rest = setTimeout(shut, REST);
  });

  on["beat"] = () => {};
  on["signed-out"] = () => {
    shut();
    // Nothing of a conversation stays on a screen that nobody is signed in at; what was being typed does.
    for (const id of ["desk", "log", "state"]) if (byId(id)) byId(id).replaceChildren();
    lastSeq = 0;
    const link = document.createElement("a");
    Object.assign(link, { href: notice.dataset.signInUrl, target: "_blank", textContent: notice.dataset.signIn });
    notice.replaceChildren(`${notice.dataset.signedOut} `, link);
  };

  // ---- the list

  let known = waitingRows();

  function waitingRows() {
    return new Map([...document.querySelectorAll("[data-announce]")].map((row) => [row.id, row.dataset.announce]));
  }

  on["list"] = (html) => {
    show(live, html);
    document.title = byId("desk").dataset.title;
    const now = waitingRows();
    const fresh = [...now].filter(([id]) => !known.has(id)).map(([, words]) => words);
    if (fresh.length) byId("announcer").textContent = fresh.join(" ");
    known = now;
  };

  // ---- a conversation

  const log = byId("log"), form = byId("reply");
  let lastSeq = log ? Number(log.lastElementChild?.dataset.seq || 0) : 0;

  const scroller = () => (log.scrollHeight > log.clientHeight + 1 ? log : document.scrollingElement);
  const isAtBottom = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 24;

  function place(html, isMine = false) {
    const box = scroller(), follows = isMine || (box === log && isAtBottom(box));
    for (const message of [...nodes(html).children]) {
      if (byId(message.id)) continue;
      const seq = Number(message.dataset.seq);
      log.insertBefore(message, [...log.children].find((other) => Number(other.dataset.seq) > seq) || null);
    }
    if (follows || box !== scroller()) log.scrollTop = log.scrollHeight;
  }

  on["messages"] = (html) => {
    place(html);
    lastSeq = Number(nodes(html).lastElementChild.dataset.seq);
  };

  on["panel"] = (html) => {
    show(byId("panel"), html);
    const isMine = byId("state").dataset.speaks === "me";
    // A text that was begun stays in sight, whoever speaks now; the server says why it can't leave.
    form.hidden = !isMine && !form.elements.text.value.trim();
  };

  on["waiting"] = (data) => {
    const { title, waiting } = JSON.parse(data);
    document.title = title;
    byId("to-list").textContent = waiting;
  };

  on["gone"] = () => {
    shut();
    log.replaceChildren();
    notice.textContent = notice.dataset.gone;
  };

  if (form) {
    const text = form.elements.text, error = byId("reply-error"), send = byId("send");
    let isSending = false;

    async function post(again) {
      const body = new URLSearchParams(new FormData(form));
      const response = await fetch(form.action, {
        method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(20000),
      });
      const answer = await response.json();
      const isStale = response.status === 403 && answer.csrf && answer.csrf !== form.elements.csrf.value;
      if (answer.csrf) form.elements.csrf.value = answer.csrf;
      if (answer.reply_id) form.elements.reply_id.value = answer.reply_id;
      return isStale && again ? post(false) : answer;
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (isSending) return;
      isSending = true;
      send.setAttribute("aria-disabled", "true");
      const sent = text.value;
      let words;
      try {
        const answer = await post(true);
        words = answer.error;
        if (answer.messages) {
          place(answer.messages, true);
          if (text.value === sent) text.value = "";
          source || open();
        }
      } catch {
        words = form.dataset.failed;
      }
      error.textContent = words || "";
      error.hidden = !words;
      isSending = false;
      send.removeAttribute("aria-disabled");
      text.focus();
    });

    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    window.addEventListener("beforeunload", (event) => {
      if (text.value.trim() && !form.hidden) event.preventDefault();
    });
    if (scroller() === log) log.scrollTop = log.scrollHeight;
  }

  open();
})();
