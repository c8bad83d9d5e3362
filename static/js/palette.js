/* Search and commands over one's own experts, kept in this page's memory only, and over what the server finds. */
(function (doc) {
  "use strict";
  const dialog = doc.getElementById("palette");
  if (!dialog) return;
  const words = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[role=status]");
  const say = dialog.dataset;
  const sprite = dialog.querySelector("use").getAttribute("href").split("#")[0];
  const TITLES = /^(prof|dr|pd|priv|doz|dipl|mag|univ|med|habil|h|c)$/;
  const MOST = { recent: 6, people: 8, towns: 3, products: 5, places: 14, commands: 8 };
  let index, asking, hits = {}, asked = "", person = null, active = -1, timer;

  /* "Müller", "Mueller" and "muller" are one word; so are ß and ss. */
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/ß/g, "ss").replace(/[øœ]/g, "o").replace(/æ/g, "a").replace(/ł/g, "l").replace(/([aou])e/g, "$1");
  const split = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const bare = (parts) => { const left = parts.filter((part) => !TITLES.test(part)); return left.length ? left : parts; };

  function within(part, word) {
    if (word.startsWith(part)) return 4;
    if (word.includes(part)) return 2;
    if (part.length < 3 || part[0] !== word[0]) return 0;
    let at = 0;
    for (const letter of word) if (letter === part[at]) at += 1;
    return at === part.length ? 1 : 0;
  }
  function rate(parts, item) {
    item.folded = item.folded || split(item.text + " " + (item.note || ""));
    let sum = 0;
    for (const part of parts) {
      const best = Math.max(0, ...item.folded.map((word) => within(part, word)));
      if (!best) return 0;
      sum += best;
    }
    return sum;
  }

  const of = (kind, icon, rows) => (rows || []).map(([text, note, url, id]) => ({ kind, icon, text, note, url, id }));
  const glyph = (element) => element.querySelector("use").getAttribute("href").split("#")[1];
  const places = [...doc.querySelectorAll(".x-side .x-nav a")].map((link) => ({
    kind: "places", icon: glyph(link), text: link.querySelector("span").textContent, url: link.getAttribute("href"),
    hint: link.dataset.go ? "G " + link.dataset.go.toUpperCase() : "",
  }));
  const commands = [...dialog.querySelectorAll("[data-commands-list] :is(a, button)")].map((element) => ({
    kind: "commands", icon: glyph(element), text: element.textContent.trim(), url: element.getAttribute("href"),
    hint: element.dataset.hint, press: element,
  }));

  const everybody = (doc.querySelector('.x-side [data-go="k"]') || {}).href;

  function load() {
    asking = asking || fetch(say.index, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({}))
      .then((found) => {
        const towns = new Map();
        for (const [, place] of found.people || []) {
          const town = (place || "").split(",").pop().trim();
          if (town) towns.set(town, (towns.get(town) || 0) + 1);
        }
        index = {
          recent: of("recent", "history", found.recent), people: of("people", "user", found.people),
          products: of("products", "flask", found.products),
          towns: (everybody ? [...towns] : []).map(([town, count]) => ({
            kind: "places", icon: "map-pin", text: say.towns + " " + town, note: String(count),
            url: everybody + "?q=" + encodeURIComponent(town), folded: split(town),
          })),
        };
        if (dialog.open) draw();
      });
  }

  function actions(one) {
    const open = { kind: "people", icon: "user", text: say.open, note: one.text, url: one.url };
    const log = { kind: "commands", icon: "plus", text: say.logWord, note: one.text, url: say.log + "?kol=" + one.id };
    return say.log && one.id ? [open, log] : [open];
  }

  function choose() {
    if (person) return actions(person);
    const parts = bare(split(words.value)), own = index || {};
    if (!parts.length) return [...(own.recent || []), ...places, ...commands];
    const best = (name, items) => items.map((item) => [rate(parts, item), item]).filter(([points]) => points)
      .sort((a, b) => b[0] - a[0]).slice(0, MOST[name]).map(([, item]) => item);
    const people = best("people", own.people || []), products = best("products", own.products || []);
    const add = (mine, name, icon) => {
      const known = new Set(mine.map((item) => item.url));
      return mine.concat(asked === words.value ? of(name, icon, hits[name]).filter((item) => !known.has(item.url)) : []);
    };
    const found = add(people, "people", "user");
    const visits = say.log ? found.slice(0, 2).filter((item) => item.id).map((item) => ({
      kind: "commands", icon: "plus", text: say.logWord + " " + say.with + " " + item.text, url: say.log + "?kol=" + item.id,
    })) : [];
    /* Whoever types a command by its name means it, whatever people's letters it happens to hit. */
    const typed = fold(words.value.trim()), named = typed.length > 3 ? commands.filter((item) => fold(item.text).startsWith(typed)) : [];
    return [...named, ...found.slice(0, MOST.people), ...add(products, "products", "flask").slice(0, MOST.products),
      ...best("towns", own.towns || []), ...best("places", places), ...best("commands", commands.filter((item) => !named.includes(item))), ...visits];
  }

  let shown = [];
  function make(tag, name, text) {
    const element = doc.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }
  function option(item, at) {
    const row = make("div", "x-palette-row");
    row.id = "palette-" + at;
    row.setAttribute("role", "option");
    const svg = doc.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "x-icon");
    svg.setAttribute("aria-hidden", "true");
    svg.append(doc.createElementNS("http://www.w3.org/2000/svg", "use"));
    svg.firstChild.setAttribute("href", sprite + "#" + item.icon);
    const text = make("span", "x-row-main");
    text.append(make("b", "", item.text));
    if (item.note) text.append(make("small", "", item.note));
    row.append(svg, text);
    if (item.hint) row.append(make("kbd", "", item.hint));
    return row;
  }
  function draw() {
    shown = choose();
    list.replaceChildren();
    let group, kind;
    shown.forEach((item, at) => {
      if (item.kind !== kind) {
        kind = item.kind;
        group = make("div");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", say[kind]);
        const title = make("div", "x-nav-title", say[kind]);
        title.setAttribute("aria-hidden", "true");
        group.append(title);
        list.append(group);
      }
      group.append(option(item, at));
    });
    if (!shown.length) list.append(make("p", "x-empty", say.none));
    status.textContent = words.value ? (shown.length ? shown.length + " " + say.found : say.none) : "";
    mark(words.value || person ? 0 : -1);
  }
  function mark(at) {
    active = shown.length ? Math.max(-1, Math.min(at, shown.length - 1)) : -1;
    for (const row of list.querySelectorAll("[role=option]")) row.setAttribute("aria-selected", String(row.id === "palette-" + active));
    const row = doc.getElementById("palette-" + active);
    if (row) { words.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
    else words.removeAttribute("aria-activedescendant");
  }

  function go(item, aside) {
    if (item.url && aside) { window.open(item.url, "_blank", "noopener"); return; }
    dialog.close();
    if (item.url) location.assign(item.url);
    else item.press.click();
  }
  function ask() {
    clearTimeout(timer);
    const query = words.value.trim();
    if (query.length < 2) return;
    timer = setTimeout(() => {
      fetch(say.hits + "?q=" + encodeURIComponent(query), { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : {}))
        .then((found) => { if (words.value.trim() === query && !person) { hits = found; asked = words.value; const at = active; draw(); mark(at); } })
        .catch(() => {});
    }, 120);
  }
  function open() {
    person = null;
    load();
    draw();
    ask();
    words.focus();
  }

  words.addEventListener("input", () => { person = null; draw(); ask(); });
  words.addEventListener("keydown", (event) => {
    const item = shown[active];
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active - 1);
    else if (event.key === "Enter" && item) go(item, event.ctrlKey || event.metaKey);
    else if (event.key === "Tab" && !event.shiftKey && !person && item && item.id) { person = item; draw(); }
    else if (event.key === "Escape" && person) { person = null; draw(); }
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) go(shown[Number(row.id.split("-")[1])], event.ctrlKey || event.metaKey);
  });
  doc.addEventListener("crm:palette", open);
  load();
})(document);
