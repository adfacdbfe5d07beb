// The search box: docs/search-box.md. It makes no HTML and no inline styles, so that a strict CSP holds.
{
  const WORDS = {
    en: {
      search: "Search",
      recent: "Recent searches",
      forget: "Forget them",
      tags: "Narrow by tag",
      results: { one: "{n} result", other: "{n} results" },
      all: "All results",
      meant: "Did you mean",
      none: "No results for “{q}”",
      help: "Check the spelling, or try other words.",
      offline: "You are offline",
      online: "The search goes on once there is a connection.",
      busy: "Many searches at once",
      wait: { one: "Trying again in {n} second.", other: "Trying again in {n} seconds." },
      error: "The search does not answer",
      retry: "Try again",
      page: "Open the results page",
      close: "Close",
    },
    de: {
      search: "Suchen",
      recent: "Letzte Suchen",
      forget: "Vergessen",
      tags: "Nach Schlagwort eingrenzen",
      results: { other: "{n} Treffer" },
      all: "Alle Treffer",
      meant: "Meinten Sie",
      none: "Keine Treffer für „{q}“",
      help: "Vielleicht helfen andere Wörter.",
      offline: "Sie sind offline",
      online: "Mit der Verbindung geht auch die Suche weiter.",
      busy: "Gerade wird viel gesucht",
      wait: { one: "Neuer Versuch in {n} Sekunde.", other: "Neuer Versuch in {n} Sekunden." },
      error: "Die Suche antwortet nicht",
      retry: "Noch einmal versuchen",
      page: "Zur Ergebnisseite",
      close: "Schließen",
    },
  };

  const STYLE = `
:host {
  --post-search-paper: light-dark(#fff, #1b1e1d);
  --post-search-ink: light-dark(#1d1c1a, #e9e7e2);
  --post-search-accent: light-dark(#1f5f53, #8fd0bf);
  --post-search-mark: light-dark(#fbe9ae, #5b4b19);
  --post-search-radius: .5rem;
  display: block; position: relative; overflow-wrap: anywhere;
  font-size: max(16px, 1rem); font-weight: 400; line-height: 1.5; letter-spacing: 0; text-align: start;
  text-transform: none; white-space: normal;
}
:host([hidden]), [hidden] { display: none !important; }
* {
  --paper: var(--post-search-paper); --ink: var(--post-search-ink); --accent: var(--post-search-accent);
  --quiet: color-mix(in srgb, var(--ink) 70%, var(--paper)); --edge: color-mix(in srgb, var(--ink) 50%, var(--paper));
  --line: color-mix(in srgb, var(--ink) 12%, var(--paper)); --wash: color-mix(in srgb, var(--accent) 12%, var(--paper));
  box-sizing: border-box; margin: 0; border: 0 solid var(--line); padding: 0; background: none; font: inherit;
  color: inherit;
}
svg { width: 1.25rem; flex: none; fill: none; stroke: var(--quiet); stroke-width: 1.5; stroke-linecap: round; }
button, .option { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); }
.field, .button { display: flex; align-items: center; gap: .75rem; width: 100%; min-height: 2.75rem; padding: 0 .75rem;
  border: 1px solid var(--edge); border-radius: var(--post-search-radius); background: var(--paper);
  color: var(--ink); }
.button span { flex: 1; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; text-align: start; }
.button:hover, .field:focus-within { border-color: var(--accent); }
input { flex: 1; min-width: 0; min-height: 2.75rem; appearance: none; }
input:focus { outline: 0; }
::-webkit-search-cancel-button { filter: grayscale(1); }
kbd { padding: 0 .5rem; border-width: 1px; border-radius: .25rem; }
input:not(:placeholder-shown) ~ kbd { display: none; }
.panel, .modal { display: flex; flex-direction: column; min-height: 0; color: var(--ink); }
.inline .panel { position: absolute; z-index: 99; margin-top: .5rem; width: max(100%, min(36rem, 100vw - 2rem));
  max-height: 70vh; }
dialog, .inline .panel { border-width: 1px; border-radius: var(--post-search-radius); background: var(--paper);
  box-shadow: 0 1rem 3rem -1rem #0008; overflow: hidden; }
dialog { width: 100vw; max-width: 42rem; max-height: 80vh; margin: 10vh auto; }
dialog[open] { display: grid; }
dialog::backdrop { background: #0008; }
.modal .field { border-width: 0 0 1px; border-radius: 0; padding: .25rem 1rem; font-size: 1.125rem; }
.close { min-height: 2.75rem; }
.chips { display: flex; flex: none; gap: .5rem; padding: .5rem .75rem; overflow-x: auto; scrollbar-width: none;
  border-bottom-width: 1px; }
.chip { flex: none; padding: .25rem .75rem; border-width: 1px; border-radius: 2rem; }
[aria-pressed=true], [aria-pressed=true] * { background: var(--accent); color: var(--paper); }
.list { padding: .5rem; overflow-y: auto; overscroll-behavior: contain; }
[aria-busy=true] .list { opacity: .5; }
.group + .group { border-top-width: 1px; margin-top: .25rem; padding-top: .25rem; }
.option { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; align-items: baseline; padding: .5rem .75rem;
  border-radius: var(--post-search-radius); text-decoration: none; }
.option:hover, [aria-selected=true] { background: var(--wash); }
[aria-selected=true], .inline .field:focus-within { box-shadow: inset 0 0 0 1.5px var(--accent); }
.title { font-weight: 600; }
.section { margin-inline-start: .75rem; padding: .25rem .75rem; }
.section .title { font-weight: 500; }
.section .title::before { content: "# " / ""; color: var(--accent); }
.snippet { grid-column: 1 / 3; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; }
.snippet, .aside, .chip, .head, .close, kbd { font-size: .875rem; }
.snippet, .aside, .head, .close, kbd, .help, .button span, ::placeholder { color: var(--quiet); }
mark { background: var(--post-search-mark); color: var(--ink); }
.head { display: flex; justify-content: space-between; padding: .5rem 1.25rem 0; }
.action { display: inline-block; color: var(--accent); text-decoration: underline; }
.note { padding: 2rem; text-align: center; }
.note svg { width: 2rem; }
.note .action { margin: .5rem .75rem 0; }
.loading { height: 8rem; margin: 1rem; background: linear-gradient(var(--line) .75rem, #0000 0) 0 0 / 45% 4rem repeat-y,
  linear-gradient(#0000 1.5rem, var(--line) 0 2.25rem, #0000 0) 0 0 / 100% 4rem; }
.status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (hover: none) { kbd { display: none; } }
@media (max-width: 40rem) {
  dialog { height: 100dvh; max-height: none; margin: 0; border: 0; border-radius: 0;
    padding-top: env(safe-area-inset-top); }
  .option, .chip, .action { min-height: 2.75rem; }
}
@media (prefers-reduced-motion: no-preference) { dialog, .loading { animation: in .2s; } }
@keyframes in { from { opacity: 0; } }
@media (forced-colors: active) {
  [aria-selected=true], .field:focus-within, [aria-pressed=true] { outline: 2px solid Highlight; }
  mark { background: Mark; color: MarkText; }
}
`;

  const MEMORY = new Map(); // The last answers, by their address.
  const NARROW = matchMedia("(max-width: 40rem)");
  const APPLE = /mac|ip(hone|ad)/i.test(navigator.platform);

  // "b.title" is a <b> of the class and the part `title`.
  const make = (what, attributes, ...inside) => {
    const [tag, part] = what.split(".");
    const element = document.createElement(tag);
    if (part) element.className = element.part = part;
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...inside.filter((child) => child));
    return element;
  };

  const lens = () => {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 20 20");
    path.setAttribute("d", "M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zm4-1.5L17 17");
    svg.append(path);
    return svg;
  };

  const runs = (parts) => parts.map(({ text, marked }) => (marked ? make("mark.mark", {}, text) : text));
  const plain = (parts) => parts?.map(({ text }) => text).join("");

  class PostSearch extends HTMLElement {
    static words = WORDS;
    #gone; #form; #page; #api; #store; #name; #hint; #keys; #words; #locale;
    #box; #input; #panel; #list; #status; #dialog;
    #tags = []; #shown; #active = null; #offline; #asking; #timers = [];

    connectedCallback() {
      const { signal } = (this.#gone = new AbortController());
      const upgrade = () => this.#upgrade(signal);
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", upgrade, { signal });
      else upgrade();
    }

    disconnectedCallback() {
      this.#gone.abort();
      this.#stop();
    }

    // From here on the plain form is not drawn.
    async #upgrade(signal) {
      const form = (this.#form = this.querySelector("form"));
      const old = form?.querySelector("input:not([type=hidden])");
      if (!old) return;
      await this.#learn();
      if (signal.aborted) return;
      this.#page = new URL(form.action);
      this.#api = new URL(this.getAttribute("src") ?? new URL("api/v1/search", this.#page), document.baseURI);
      this.#store = `post-search:${this.#api}`;
      this.#name = old.ariaLabel || old.labels[0]?.textContent.trim() || this.#say("search");
      this.#hint = old.placeholder || this.#name;
      this.#keys = this.getAttribute("shortcuts") !== "off";
      const typing = old === document.activeElement;
      if (!this.shadowRoot) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      }
      this.#build(old.value);
      if (typing && (old.value || !this.#dialog)) this.#enter();
      NARROW.addEventListener("change", () => this.#build(this.#input.value), { signal });
      document.addEventListener("keydown", (event) => this.#shortcut(event), { signal });
      addEventListener("online", () => this.#offline && this.#search(), { signal });
    }

    async #learn() {
      const own = this.getAttribute("strings");
      this.#locale = this.closest("[lang]")?.lang || navigator.language;
      try {
        this.#words = { ...WORDS.en, ...WORDS[new Intl.Locale(this.#locale).language] };
        if (own) Object.assign(this.#words, await (await fetch(own)).json());
      } catch {
        this.#words ??= WORDS.en;
        if (!own) this.#locale = "en";
      }
    }

    #say(key, values = {}) {
      const text = this.#words[key];
      const form = text.other ? text[new Intl.PluralRules(this.#locale).select(values.n)] ?? text.other : text;
      return form.replace(/{(\w)}/g, (_, name) => values[name].toLocaleString(this.#locale));
    }

    #build(value) {
      this.#stop();
      this.#shown = "";
      const modal = this.getAttribute("mode") === "dialog" || NARROW.matches;
      const hint = this.#keys && make("kbd.key", { "aria-hidden": true }, APPLE ? "⌘K" : "Ctrl K");
      this.#input = make("input.input", {
        type: "search", name: "q", placeholder: this.#hint, role: "combobox", "aria-label": this.#name,
        "aria-controls": "list", "aria-autocomplete": "list", "aria-expanded": false,
        autocomplete: "off", autocapitalize: "none", spellcheck: false, enterkeyhint: "search", maxlength: 2048,
      });
      this.#input.value = value;
      this.#list = make("div.list", { role: "listbox", id: "list", "aria-label": this.#name });
      this.#panel = make("div.panel");
      this.#status = make("p.status", { role: "status" });
      const close = this.#button("close", this.#say("close"), () => this.#leave());
      this.#box = make(
        `form.${modal ? "modal" : "inline"}`, { role: "search", action: this.#page, "aria-label": this.#name },
        make("div.field", {}, lens(), this.#input, modal ? close : hint),
        this.#panel, this.#status,
        ...[...this.#form.querySelectorAll("[type=hidden]")].map((field) => field.cloneNode()),
      );
      this.#dialog = modal && make("dialog.dialog", { "aria-label": this.#name }, this.#box);
      this.shadowRoot.replaceChildren(this.#dialog || this.#box);
      if (modal) {
        const hinted = make("span", {}, this.#hint);
        this.shadowRoot.prepend(
          this.#button("button", lens(), () => this.#enter(), { "aria-haspopup": "dialog" }, hinted, hint),
        );
        this.#dialog.onclick = ({ target }) => target !== this.#dialog || this.#leave();
      }
      this.#input.oninput = (event) => event.isComposing || this.#ask();
      this.#input.addEventListener("compositionend", () => this.#ask());
      this.#input.onfocus = () => this.#ask(0);
      this.#input.onclick = () => this.#unfold();
      this.#box.onkeydown = (event) => event.isComposing || this.#key(event);
      this.#panel.onmousedown = (event) => event.button || event.preventDefault();
      this.#list.onclick = (event) => this.#follow(event);
      this.#box.onformdata = ({ formData }) => this.#tags.forEach((tag) => formData.append("tag", tag));
      this.#box.onsubmit = () => this.#recent(this.#question);
      this.#box.addEventListener("focusout", ({ relatedTarget }) => this.#box.contains(relatedTarget) || this.#fold());
      this.#ask();
    }

    // Coming and going.

    #shortcut(event) {
      const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
      const [at] = event.composedPath();
      const called = ctrlKey || metaKey ? key.toLowerCase() === "k" && !shiftKey
        : key === "/" && !at.isContentEditable && !at.matches?.("input, textarea, select");
      if (!called || altKey || event.defaultPrevented || !this.#keys) return;
      event.preventDefault();
      if (this.#dialog.open) this.#leave();
      else this.#enter();
    }

    #enter() {
      if (this.#dialog && !this.#dialog.open) this.#dialog.showModal();
      this.#input.focus();
      this.#input.select();
    }

    #leave() {
      this.#stop();
      if (this.#dialog) this.#dialog.close();
      else this.#fold();
    }

    #unfold() {
      const { x } = this.getBoundingClientRect();
      this.#panel.hidden = !this.#panel.firstChild;
      this.#panel.style.left = `${Math.max(8, Math.min(x, innerWidth - this.#panel.offsetWidth - 24)) - x}px`;
      this.#input.ariaExpanded = !this.#panel.hidden && this.#list.isConnected;
    }

    #fold() {
      this.#choose();
      if (this.#dialog) return;
      this.#panel.hidden = true;
      this.#input.ariaExpanded = false;
    }

    #key(event) {
      const { key, ctrlKey, metaKey, shiftKey } = event;
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step) {
        this.#input.focus();
        this.#unfold();
        const places = [null, ...this.#panel.querySelectorAll(".option")];
        this.#choose(places.at((places.indexOf(this.#active) + step) % places.length));
      } else if (key === "Enter" && this.#active && event.target === this.#input) {
        const how = { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey };
        this.#active.dispatchEvent(new MouseEvent("click", how));
      } else if (key !== "Escape") return;
      else if (!this.#dialog && !this.#panel.hidden) this.#fold();
      else if (this.#input.value) this.#put("");
      else this.#leave();
      event.preventDefault();
    }

    #choose(option = null) {
      if (this.#active) this.#active.ariaSelected = false;
      this.#active = option;
      this.#input.setAttribute("aria-activedescendant", option?.id ?? "");
      if (!option) return;
      option.ariaSelected = true;
      option.scrollIntoView({ block: "nearest" });
    }

    #follow(event) {
      const option = event.target.closest(".option");
      if (!option) return;
      if (option.question) this.#put(option.question);
      else {
        if (!this.#tell("select", option.told)) event.preventDefault();
        this.#recent(this.#question);
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) this.#leave();
      }
    }

    #tell(name, more) {
      const detail = { query: this.#question, tags: this.#tags, ...more };
      const how = { bubbles: true, cancelable: true, composed: true, detail };
      return this.dispatchEvent(new CustomEvent(`post-search:${name}`, how));
    }

    // Asking.

    get #question() {
      return this.#input.value.trim();
    }

    #put(question) {
      this.#input.value = question;
      this.#input.focus();
      this.#ask(0);
    }

    #stop() {
      this.#timers.splice(0).forEach(clearTimeout);
      this.#asking?.abort();
      this.#panel?.removeAttribute("aria-busy");
    }

    #after(wait, what) {
      this.#timers.push(setTimeout(what, wait));
    }

    #address(base) {
      const address = new URL(base);
      const fields = new URLSearchParams(new FormData(this.#box));
      fields.set("q", this.#question);
      if (base === this.#api) fields.set("per_page", this.getAttribute("limit") ?? 6);
      address.search = fields;
      return address.href;
    }

    #ask(pause = 120) {
      this.#stop();
      this.#choose();
      this.#offline = false;
      if (!this.#question) this.#idle();
      else if (MEMORY.has(this.#address(this.#api))) this.#results();
      else this.#after(pause, () => this.#search());
    }

    async #search() {
      this.#stop();
      const address = this.#address(this.#api);
      const { signal } = (this.#asking = new AbortController());
      this.#after(300, () => this.#slow());
      try {
        const response = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(10000)]) });
        if (!response.ok) throw response;
        const answer = await response.json();
        if (signal.aborted) return;
        if (MEMORY.size > 20) MEMORY.clear();
        MEMORY.set(address, answer);
        this.#results();
      } catch (trouble) {
        if (!signal.aborted) this.#failed(trouble);
      }
    }

    // What is shown.

    #show(status, ...parts) {
      this.#stop();
      this.#choose();
      const at = this.shadowRoot.activeElement;
      this.#panel.replaceChildren(...parts.filter((part) => part));
      if (at) this.#unfold();
      else this.#fold();
      if (at && !at.isConnected) {
        const chips = [...this.#panel.querySelectorAll(".chip")];
        (chips.find(({ dataset }) => dataset.tag === at.dataset.tag) ?? this.#input).focus();
      }
      this.#after(500, () => (this.#status.textContent = status));
    }

    #slow() {
      this.#panel.ariaBusy = true;
      if (this.#shown) return;
      this.#panel.replaceChildren(make("div.loading"));
      this.#unfold();
    }

    #note(title, help, ...actions) {
      const said = make("p.title", { dir: "auto" }, title);
      return make("div.note", {}, lens(), said, make("p.help", {}, help), ...actions);
    }

    #button(part, label, onclick, more, ...inside) {
      return Object.assign(make(`button.${part}`, { type: "button", ...more }, label, ...inside), { onclick });
    }

    #idle() {
      this.#tags = [];
      this.#shown = "";
      const title = this.#say("recent");
      const options = this.#recent().map((question) => this.#again(question));
      if (!options.length) return this.#show("");
      const forget = this.#button("action", this.#say("forget"), () => {
        localStorage.removeItem(this.#store);
        this.#put("");
      });
      this.#show("", make("div.head", {}, title, forget), this.#fill(this.#group(title, ...options)));
    }

    #failed({ status = 0, headers }) {
      this.#shown = "";
      this.#tell("error", { status });
      const off = (this.#offline = !status && !navigator.onLine);
      let n = (status === 429 || status === 503) && (parseInt(headers.get("Retry-After")) || 5);
      const title = this.#say(off ? "offline" : status === 429 ? "busy" : "error");
      const retry = this.#button("action", this.#say("retry"), () => this.#put(this.#input.value));
      const page = make("a.action", { href: this.#address(this.#page) }, this.#say("page"));
      const note = this.#note(title, off && this.#say("online"), !off && !n && retry, !off && page);
      const tick = () => {
        note.querySelector(".help").textContent = this.#say("wait", { n });
        this.#after(1000, () => (--n > 0 ? tick() : this.#search()));
      };
      this.#show(title, note);
      if (n) tick();
    }

    #results() {
      const address = this.#address(this.#api);
      if (address === this.#shown) return this.#unfold();
      this.#shown = address;
      const { results, total, did_you_mean: meant, facets } = MEMORY.get(address);
      const groups = results.map((hit, at) => this.#hit(hit, at + 1));
      if (meant) groups.unshift(this.#group(this.#say("meant"), this.#again(meant, `${this.#say("meant")} `)));
      if (total > results.length) {
        const title = this.#say("all");
        const count = make("span.aside", {}, total.toLocaleString(this.#locale));
        const told = { title, position: 0 };
        groups.push(this.#group(title, this.#entry("all", this.#address(this.#page), [{ text: title }], told, count)));
      }
      const title = total ? this.#say("results", { n: total }) : this.#say("none", { q: this.#question });
      // What all have narrows nothing.
      const fixed = new FormData(this.#form).getAll("tag");
      const chips = (facets.tags ?? [])
        .filter(({ value, count, selected }) => (selected || (count && count < total)) && !fixed.includes(value))
        .slice(0, 12).map((tag) => this.#chip(tag));
      this.#show(
        title,
        chips.length && make("div.chips", { role: "group", "aria-label": this.#say("tags") }, ...chips),
        !total && this.#note(title, this.#say("help")),
        groups.length && this.#fill(...groups),
      );
      this.#list.scrollTop = 0;
      if (this.hasAttribute("autoselect")) this.#choose(this.#list.querySelector(".option"));
      this.#tell("query", { total });
    }

    #chip({ value, count, selected }) {
      const toggle = () => {
        chip.ariaPressed = chip.ariaPressed !== "true";
        this.#tags = [...this.#panel.querySelectorAll("[aria-pressed=true]")].map(({ dataset }) => dataset.tag);
        this.#ask(0);
      };
      const chip = this.#button("chip", make("bdi", {}, value), toggle, { "aria-pressed": selected, "data-tag": value },
        " ", make("span.aside", {}, count.toLocaleString(this.#locale)));
      return chip;
    }

    #hit({ title, title_marks, url, date, description, snippet, section, sections }, position) {
      const below = sections?.length ? sections : section ? [section] : [];
      const passage = snippet.length ? snippet : [{ text: description }];
      const twice = below.some((other) => plain(other.snippet) === plain(passage));
      const day = date && make("time.aside", { datetime: date },
        new Date(date).toLocaleDateString(this.#locale, { dateStyle: "medium", timeZone: "UTC" }));
      return this.#group(
        title,
        this.#entry("post", url, title_marks ?? [{ text: title }], { title, position }, day, !twice && passage),
        ...below.map(({ heading, url, snippet }) =>
          this.#entry("section", url, [{ text: heading }], { title, position, section: heading }, null, snippet)),
      );
    }

    #entry(kind, url, title, told, aside, passage) {
      const { protocol, href } = new URL(url, this.#api);
      const safe = /^https?:/.test(protocol) ? href : this.#address(this.#page);
      const snippet = passage && plain(passage) && make("span.snippet", { dir: "auto" }, ...runs(passage));
      const name = make("b.title", { dir: "auto" }, ...runs(title));
      const entry = this.#option("a", kind, { href: safe }, name, aside, snippet);
      entry.told = { url: safe, ...told };
      return entry;
    }

    // An option that asks instead of leading away.
    #again(question, before) {
      const name = make("span", {}, before, make("b.title", { dir: "auto" }, question));
      return Object.assign(this.#option("div", "again", {}, name), { question });
    }

    #option(tag, kind, more, ...inside) {
      const role = { role: "option", tabindex: -1, "aria-selected": false };
      return make(`${tag}.option ${kind}`, { ...role, ...more }, ...inside);
    }

    #group(name, ...options) {
      return make("div.group", { role: "group", "aria-label": name }, ...options);
    }

    #fill(...groups) {
      this.#list.replaceChildren(...groups);
      this.#list.querySelectorAll(".option").forEach((option, at) => (option.id = `option-${at}`));
      return this.#list;
    }

    // On this device alone. Storage may be forbidden.
    #recent(question) {
      try {
        if (this.getAttribute("recents") === "off") return [];
        const known = JSON.parse(localStorage[this.#store] ?? "[]");
        const others = known.filter((other) => other !== question);
        if (question) localStorage[this.#store] = JSON.stringify([question, ...others].slice(0, 5));
        return known;
      } catch {
        return [];
      }
    }
  }

  // Older browsers keep the plain form.
  if (CSS.supports("color: light-dark(#000, #fff)") && AbortSignal.any && !customElements.get("post-search")) {
    customElements.define("post-search", PostSearch);
  }
}
