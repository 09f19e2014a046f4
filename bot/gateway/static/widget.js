/* <passerelle-chat>: the conversation with Passerelle, on our own page or on another site's.
   One script tag is enough (docs/embedding.md); it speaks docs/widget-protocol.md.
   No library, no build step, no third party. What comes from the network is only ever set as text. */
(() => {
"use strict";
if (customElements.get("passerelle-chat")) return;

const AUTHORS = { person: "you", assistant: "assistant", staff: "staff", system: "notice" };
const SET_LANGUAGE = "/set_language";
const EMERGENCY = "911";
const LIMIT = 2000;
const HOME = document.currentScript ? new URL(".", document.currentScript.src).href : location.origin;
// Québec's short numbers, and North American ones as our answers write them: 1 800 363-9010, 514 555-0123.
const PHONE = /((?:\b1[ \u00a0-])?\b\d{3}[ \u00a0-]\d{3}-\d{4}\b|\b(?:911|988|811|211)\b(?![ \u00a0]?[$%]|[,.-]\d))/;

// A site may refuse its storage (private window, policy): memory then serves for the page's life.
const memory = {};
function recall(key) {
  try {
    return JSON.parse(localStorage.getItem("passerelle." + key)) ?? memory[key];
  } catch {
    return memory[key];
  }
}
function keep(key, value) {
  memory[key] = value;
  try {
    localStorage.setItem("passerelle." + key, JSON.stringify(value));
  } catch { /* memory has it */ }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // absent outside https
  const random = () => crypto.getRandomValues(new Uint8Array(1))[0];
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (random() & (15 >> (c / 4)))).toString(16));
}

// Partly left to chance: a thousand widgets must not come back in the same second.
const backoff = (attempt) => Math.min(30000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);

/* The line to the server: hello, resume, acknowledgements. Knows nothing of the screen. */
class Line {
  constructor(url, greeting, hear) {
    Object.assign(this, { url, greeting, hear, seen: new Set(), last: 0, attempts: 0 });
    this.token = recall("token") || null;
    this.pending = recall("pending") || []; // sent again, same id, until the server has them
  }

  start() {
    addEventListener("online", this);
    document.addEventListener("visibilitychange", this);
    this.connect();
  }

  stop() {
    removeEventListener("online", this);
    document.removeEventListener("visibilitychange", this);
    this.drop();
  }

  handleEvent(event) {
    if (document.hidden) this.hiddenAt = Date.now();
    // The network changed, or the telephone slept: a socket may be dead without knowing it.
    else if (event.type === "online" || !this.ready || Date.now() - this.hiddenAt > 60000) this.connect();
  }

  connect() {
    this.drop();
    const socket = (this.socket = new WebSocket(this.url));
    socket.onopen = () => this.transmit({ type: "hello", token: this.token, after: this.last, ...this.greeting() });
    socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    socket.onclose = () => this.lost();
    this.expect(true);
  }

  drop() {
    clearTimeout(this.retry);
    this.expect(false);
    this.ready = false;
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }

  lost() {
    if (this.ready && Date.now() - this.welcomedAt > 10000) this.attempts = 0;
    this.drop();
    this.retry = setTimeout(() => this.connect(), backoff(this.attempts++));
    this.hear({ type: "lost" });
  }

  // The server owes a welcome or an ack: a mobile network can swallow either without closing anything.
  expect(owed) {
    clearTimeout(this.deadline);
    if (owed) this.deadline = setTimeout(() => this.lost(), 10000 + 5000 * Math.min(this.attempts, 6));
  }

  transmit(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  send(item) {
    this.pending.push(item);
    keep("pending", [...(recall("pending") || []), item]);
    if (!this.ready) return;
    this.transmit(item);
    this.expect(true);
  }

  settle(id) {
    const others = (items) => (items || []).filter((item) => item.id !== id);
    const item = this.pending.find((item) => item.id === id);
    if (!item) return;
    this.pending = others(this.pending);
    keep("pending", others(recall("pending")));
    this.expect(this.pending.length);
    return item;
  }

  receive(frame) {
    if (frame.type === "welcome") {
      if (this.token && this.token !== frame.token) {
        // Erased, or too old: the server has begun a new conversation.
        this.last = 0;
        this.seen.clear();
        this.hear({ type: "forgotten" });
      }
      this.token = frame.token;
      keep("token", frame.token);
      this.ready = true;
      this.welcomedAt = Date.now();
      this.pending.forEach((item) => this.transmit(item));
      this.expect(this.pending.length);
      return this.hear(frame);
    }
    if (frame.type === "message") {
      if (this.seen.has(frame.seq)) return;
      this.seen.add(frame.seq);
      this.last = Math.max(this.last, frame.seq);
    }
    this.hear({ ...frame, item: this.settle(frame.id) });
  }
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}

function button(attributes, act, ...children) {
  const element = make("button", { type: "button", ...attributes }, ...children);
  element.onclick = act;
  return element;
}

function list(name, items) {
  return make("ul", { class: name }, ...items.map((item) => make("li", {}, item)));
}

function bridge() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS(space, "path"))
    .setAttribute("d", "M2 17h20M3 17C5 6 19 6 21 17M7.5 17v-6M12 17V9M16.5 17v-6");
  return svg;
}

// Telephone numbers can be called; **bold** is bold; line breaks are kept by the style sheet. Nothing else is markup.
function calls(text) {
  return text.split(PHONE).map((part, i) => {
    if (i % 2 === 0) return part;
    const digits = part.replace(/\D/g, "");
    return make("a", { href: "tel:" + (digits.length > 3 ? "+1" + digits.slice(-10) : digits) }, part);
  });
}
function rich(text) {
  return text.split(/\*\*([^*\n]+)\*\*/).flatMap((part, i) => (i % 2 ? make("strong", {}, ...calls(part)) : calls(part)));
}

function safe(url, base) {
  try {
    const { protocol, href } = new URL(url, base);
    return ["http:", "https:", "tel:"].includes(protocol) ? href : null;
  } catch {
    return null;
  }
}

class PasserelleChat extends HTMLElement {
  async connectedCallback() {
    if (this.started) return this.line.start(); // moved within its page
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" });
    this.server = new URL((this.getAttribute("server") || HOME).replace(/\/?$/, "/"), location.href);
    this.inPage = this.getAttribute("mode") === "page";
    this.atHome = this.inPage && this.server.origin === location.origin;
    this.mine = new Map(); // what the person said from this page, by id

    for (let attempt = 0; !this.words; attempt++) {
      try {
        await this.dress();
      } catch {
        await new Promise((done) => setTimeout(done, backoff(attempt)));
      }
    }
    const wishes = [this.getAttribute("language"), recall("language"), document.documentElement.lang, navigator.language];
    this.language = wishes.map((wish) => this.known(wish)).find(Boolean) || Object.keys(this.words)[0];
    // A language link of our own page is a choice, for a conversation already begun too.
    this.asked = this.atHome && this.known(new URLSearchParams(location.search).get("lang"));
    this.build();
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || null;
    this.line = new Line(new URL("chat/ws", this.server).href.replace("http", "ws"),
      () => ({ language: this.language, timezone }), (frame) => this["hear_" + frame.type]?.(frame));
    this.line.pending.forEach((item) => this.showMine(item));
    // On another site our server hears nothing before the person opens the panel, or comes back to a conversation.
    if (this.isConnected && (this.inPage || this.line.token)) this.startLine();
  }

  disconnectedCallback() {
    if (this.started) this.line.stop();
  }

  async dress() {
    const get = async (path) => {
      const response = await fetch(new URL(path, this.server), { credentials: "omit" });
      if (!response.ok) throw new Error(path);
      return response.text();
    };
    const [words, ...styles] = await Promise.all(["chat/words", "static/tokens.css", "static/widget.css"].map(get));
    this.shadowRoot.adoptedStyleSheets = styles.map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    this.words = JSON.parse(words);
  }

  startLine() {
    if (this.started) return;
    this.started = true;
    this.catchingUp = Boolean(this.line.token);
    if (this.catchingUp) this.log.setAttribute("aria-live", "off"); // yesterday's messages are not news
    this.line.start();
  }

  build() {
    const danger = make("a", { class: "danger", href: "tel:" + EMERGENCY, "data-word": "emergency" });
    danger.values = { number: EMERGENCY };
    this.languages = make("div", { class: "languages", role: "group", "data-label": "languages" },
      ...Object.entries(this.words).map(([code, { language: { name } }]) =>
        button({ lang: code, title: name, "aria-label": name }, () => this.pick(code), code.toUpperCase())));
    const name = make("h2", {}, "Passerelle ", make("small", { "data-word": "automated" }));
    const header = make("header", {}, bridge(), name, this.languages, danger);

    this.banner = make("p", { class: "banner", role: "status" });
    this.log = make("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "data-label": "log" },
      make("p", { class: "empty", "data-word": "empty" }));
    // A telephone's keyboard takes half of the screen: the end of the conversation must stay in sight.
    new ResizeObserver(() => {
      const { scrollHeight, scrollTop, clientHeight } = this.log;
      if (scrollHeight - scrollTop - this.height < 40) this.log.scrollTop = scrollHeight;
      this.height = clientHeight;
    }).observe(this.log);
    this.typing = make("p", { class: "typing", hidden: "" }, make("i", {}), make("i", {}), make("i", {}), make("span", {}));
    this.connection = make("p", { class: "connection", role: "status" });

    this.input = make("textarea", { id: "text", rows: "1", enterkeyhint: "send", "aria-describedby": "count" });
    this.input.oninput = () => this.measure();
    this.input.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
    };
    this.count = make("p", { id: "count", class: "count", role: "status" });
    const form = make("form", {}, make("label", { for: "text", class: "spoken", "data-word": "message" }), this.input,
      make("button", { class: "send", "data-word": "send" }), this.count);
    form.onsubmit = (event) => this.submit(event);

    this.panel = make(this.inPage ? "section" : "dialog", { class: "panel", "data-label": "panel", tabindex: "-1" },
      header, this.banner, this.log, this.typing, this.connection, form);
    this.root = make("div", { class: "root" }, this.panel);
    if (!this.inPage) {
      this.launcher = button({ class: "launcher", "aria-haspopup": "dialog" }, () => this.open(),
        bridge(), make("span", { "data-word": "open" }));
      this.root.append(this.launcher);
      name.after(button({ class: "close", "data-label": "close" }, () => this.panel.close(), "×"));
      this.panel.onclose = () => {
        this.launcher.hidden = false;
        this.launcher.focus();
      };
      this.panel.onkeydown = (event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        this.panel.close();
      };
    }
    this.shadowRoot.append(this.root);
    this.translate();
  }

  open() {
    // Over the whole of a small screen the page behind must not be reachable; beside it, it must.
    this.panel[matchMedia("(max-width: 30em)").matches ? "showModal" : "show"]();
    this.launcher.hidden = true;
    this.startLine();
    this.markRead();
    // A telephone's keyboard would hide half of the conversation: there the panel itself takes the focus.
    (matchMedia("(pointer: coarse)").matches ? this.panel : this.input).focus();
    this.reveal(this.log.lastElementChild);
  }

  markRead() {
    this.relabel(this.launcher.lastChild, "open");
    keep("read", Math.max(this.line.last, recall("read") || 0));
  }

  // Every text of ours carries the name of its words, so that changing language is one pass over the screen.
  translate() {
    const all = (selector, act) => this.root.querySelectorAll(selector).forEach(act);
    this.root.lang = this.language;
    this.root.dir = this.words[this.language].language.direction;
    all("[data-word]", (element) => this.relabel(element, element.dataset.word, element.values));
    all("[data-label]", (element) => element.setAttribute("aria-label", this.say(element.dataset.label)));
    all(".languages button", (element) => element.setAttribute("aria-pressed", element.lang === this.language));
    all("time", (element) => (element.textContent = this.hour(element.dateTime)));
    this.input.placeholder = this.say("placeholder");
  }

  say(word, values = {}) {
    return this.words[this.language][word].replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
  }

  relabel(element, word, values) {
    const text = word ? this.say(word, values) : "";
    if (word) element.dataset.word = word;
    else delete element.dataset.word;
    element.values = values;
    if (element.textContent !== text) element.textContent = text; // set again, it would be read aloud again
  }

  // The code when the server has words in that language ("es-CO" is "es").
  known(language) {
    const code = (language || "").toLowerCase().split(/[-_]/)[0];
    return Object.keys(this.words).includes(code) ? code : null;
  }

  // The interface follows the conversation; so does our own page's address, and a reload keeps the language.
  speak(language) {
    if (!this.known(language) || language === this.language) return;
    this.language = language;
    keep("language", language);
    if (this.atHome) history.replaceState(null, "", "?lang=" + language);
    this.translate();
  }

  hour(at) {
    const date = new Date(at);
    const day = date.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
    return date.toLocaleString(this.words[this.language].language.locale, { ...day, hour: "numeric", minute: "2-digit" });
  }

  // The end of the conversation, but never past the beginning of what is new.
  reveal(element) {
    this.log.scrollTop = (this.turn || element).offsetTop - 8;
  }

  showTyping(on) {
    clearTimeout(this.typingEnds);
    this.typing.hidden = !on;
    if (!on) return;
    this.relabel(this.typing.lastChild, this.handledBy === "staff" ? "staff_writes" : "writes");
    this.typingEnds = setTimeout(() => this.showTyping(false), 30000);
  }

  show(frame, sending) {
    const from = AUTHORS[frame.from] ? frame.from : "system";
    const text = frame.text || "";
    const author = make("span", {});
    const organisation = this.organisation;
    this.relabel(author, from === "staff" && organisation ? "staff_of" : AUTHORS[from], { organisation });
    const at = frame.at || new Date().toISOString();
    const said = make("div", { lang: this.known(frame.language) || this.language });
    if (text) said.append(make("p", { class: "text", dir: "auto" }, ...(from === "person" ? [text] : rich(text))));
    const links = [...(frame.links || []), ...(frame.files || [])].map((link) => this.link(link));
    if (links.length) said.append(list("links", links));

    const element = make("div", { class: "message " + from },
      make("p", { class: "by" }, author, " ", make("time", { datetime: at }, this.hour(at))), said);
    element.words = text;
    // What the server has not acknowledged stays last.
    this.log.insertBefore(element, sending ? null : this.log.querySelector(".sending"));

    // Whoever asks something else on the way may still choose.
    if (from === "person" && this.titles?.includes(text)) this.closeChoices(true, text);
    if (frame.choices?.length) {
      this.closeChoices(true);
      this.titles = frame.choices.map((choice) => choice.title);
      said.append((this.choices = list("choices", frame.choices.map((choice) => this.choice(choice)))));
    }
    return element;
  }

  link({ title, name, url }) {
    const href = safe(url, this.server);
    if (!href) return title || name;
    const link = make("a", { href, dir: "auto" }, title || name);
    if (name) link.download = name;
    else if (!href.startsWith("tel:")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      link.append(" ", make("span", { class: "spoken", "data-word": "new_tab" }, this.say("new_tab")));
    }
    return link;
  }

  choice({ title, payload }) {
    return button({ dir: "auto" }, (event) => {
      if (!event.currentTarget.hasAttribute("aria-disabled")) this.choose(payload, title);
    }, title);
  }

  // Closed choices stay readable and keep the focus they may have: aria-disabled, not disabled.
  closeChoices(closed, title) {
    const mark = (element, name, on) => (on ? element.setAttribute(name, "true") : element.removeAttribute(name));
    for (const element of this.choices?.querySelectorAll("button") || []) {
      mark(element, "aria-disabled", closed);
      mark(element, "aria-pressed", closed && element.textContent === title);
      element.tabIndex = closed ? -1 : 0;
    }
  }

  measure() {
    const left = LIMIT - [...this.input.value].length;
    // By fifties: it is read aloud at each change.
    const word = left < 0 ? "too_long" : left < 200 && "left";
    this.relabel(this.count, word, { limit: LIMIT, count: 50 * Math.ceil((left + 1) / 50) });
    this.input.setAttribute("aria-invalid", left < 0);
    return left >= 0;
  }

  submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || !this.measure()) return this.input.focus();
    this.input.value = "";
    this.measure();
    this.post({ type: "message", id: newId(), text });
  }

  choose(payload, title) {
    const [, language] = /^\/set_language\{"language": ?"(\w+)"\}$/.exec(payload) || [];
    if (language) {
      this.picked = true;
      this.speak(language);
    }
    this.post({ type: "choose", id: newId(), payload, title });
  }

  pick(language) {
    if (language !== this.language) this.choose(SET_LANGUAGE + JSON.stringify({ language }), this.words[language].language.name);
  }

  post(item) {
    this.turn = this.showMine(item); // stays in view while it is answered
    this.reveal(this.turn);
    this.line.send(item);
  }

  showMine(item) {
    const element = this.show({ from: "person", text: item.title || item.text }, true);
    element.classList.add("sending");
    element.append(make("p", { class: "status", "aria-live": "off", "data-word": "sending" }, this.say("sending")));
    this.mine.set(item.id, element);
    return element;
  }

  isSent(element) {
    if (!element?.classList.contains("sending")) return;
    element.classList.remove("sending");
    this.sent?.remove(); // said once, under the last one
    this.sent = element.lastChild;
    this.relabel(this.sent, "sent");
  }

  // What the server says: one method for each type of frame.

  hear_lost() {
    this.showTyping(false);
    // A second later: most losses are over by then, and would worry for nothing.
    clearTimeout(this.later);
    this.later = setTimeout(() => this.relabel(this.connection, "connecting"), 1000);
  }

  hear_forgotten() {
    this.log.querySelectorAll(".message:not(.sending)").forEach((element) => element.remove());
    this.choices = null;
    keep("read", 0);
  }

  hear_welcome(frame) {
    clearTimeout(this.later);
    this.relabel(this.connection);
    setTimeout(() => {
      this.catchingUp = false;
      this.log.setAttribute("aria-live", "polite");
    }, 1500);
    this.hear_state({ organisation: this.organisation, ...frame });
    const asked = this.asked;
    this.asked = null;
    if (this.line.pending.some((item) => item.payload?.startsWith(SET_LANGUAGE))) return;
    this.speak(frame.language);
    if (asked) this.pick(asked);
  }

  hear_ack({ id }) {
    this.isSent(this.mine.get(id));
  }

  hear_typing() {
    this.showTyping(true);
  }

  hear_turn_end() {
    this.turn = null;
    this.showTyping(false);
  }

  hear_message(frame) {
    const fromPerson = frame.from === "person";
    if (fromPerson && this.mine.has(frame.id)) return this.isSent(this.mine.get(frame.id));
    if (!fromPerson) this.showTyping(false);
    // The assistant answers in the language the person writes: so do the words around it.
    if (frame.from === "assistant" && !this.picked && !this.catchingUp) this.speak(frame.language);
    // Whoever has scrolled back to read is left in peace.
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    const element = this.show(frame);
    if (scrollHeight - scrollTop < 2 * clientHeight) this.reveal(element);
    if (this.inPage) return;
    if (this.panel.open) this.markRead();
    else if (!fromPerson && frame.seq > (recall("read") || 0)) this.relabel(this.launcher.lastChild, "unread");
  }

  hear_state({ handled_by, organisation }) {
    this.handledBy = handled_by;
    this.organisation = organisation;
    const word = { waiting: "waiting", staff: "staff_answers" }[handled_by];
    this.banner.className = "banner " + handled_by;
    this.relabel(this.banner, word && word + (organisation ? "_of" : ""), { organisation });
  }

  hear_error({ item, text }) {
    this.showTyping(false);
    if (item) {
      this.mine.get(item.id).remove();
      this.turn = null;
      if (item.type === "choose") this.closeChoices(false);
      else this.input.value = [item.text, this.input.value].filter(Boolean).join("\n");
      this.measure();
    }
    const last = this.log.lastElementChild;
    if (last.matches(".error") && last.words === text) return;
    const element = this.show({ from: "system", text });
    element.classList.add("error");
    this.reveal(element);
  }
}

customElements.define("passerelle-chat", PasserelleChat);

function begin() {
  if (!document.querySelector("passerelle-chat")) document.body.append(document.createElement("passerelle-chat"));
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
})();
