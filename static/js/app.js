/* What HTML and htmx cannot do alone: toasts that leave, the selection bar, focus after a swap, keys. */
(function (doc) {
  "use strict";
  const TOAST_MS = 10000;
  const live = doc.getElementById("live");

  function say(text) { if (live) { live.textContent = ""; live.textContent = text; } }

  function keep(toast) {
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), TOAST_MS); };
    const stop = () => clearTimeout(timer);
    for (const on of ["mouseenter", "focusin"]) toast.addEventListener(on, stop);
    for (const off of ["mouseleave", "focusout"]) toast.addEventListener(off, start);
    start();
  }

  function select(form) {
    const bar = doc.querySelector(`[data-selection="${form.id}"]`);
    if (!bar) return;
    const boxes = [...form.querySelectorAll("input[type=checkbox][data-select]")];
    const count = boxes.filter((box) => box.checked).length;
    bar.dataset.count = count;
    for (const place of bar.querySelectorAll("[data-selected]")) place.textContent = count;
  }

  function prepare(root) {
    for (const toast of root.querySelectorAll("[data-toast]:not([data-kept])")) { toast.dataset.kept = ""; keep(toast); }
    for (const form of root.querySelectorAll("form[data-selects]")) select(form);
    if (root.matches && root.matches("form[data-selects]")) select(root);
  }

  doc.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && event.target.matches("[data-select]")) select(form);
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  // A page may have stood open for hours: what it says of its printing is when it is printed.
  addEventListener("beforeprint", () => {
    const words = new Intl.DateTimeFormat(doc.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    for (const time of doc.querySelectorAll("[data-printed-at]")) time.textContent = words.format(new Date());
  });

  doc.addEventListener("click", (event) => {
    const search = event.target.closest('[data-key="search"]');
    if (search && doc.getElementById("palette") && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); palette(); }
    if (event.target.closest("[data-close]") || event.target.matches("dialog.x-palette")) event.target.closest("dialog").close();
    const button = event.target.closest("[data-dismiss],[data-select-all],[data-clear],[data-show],[data-print],[data-keys]");
    if (!button) {
      for (const open of doc.querySelectorAll(".x-filter[open], .x-tabbar details[open]")) {
        if (!open.contains(event.target)) open.open = false;
      }
      return;
    }
    if (button.matches("[data-dismiss]")) button.closest("[data-toast]").remove();
    if (button.matches("[data-print]")) print();
    if (button.matches("[data-keys]")) show();
    if (button.matches("[data-show]")) {
      const field = doc.getElementById(button.dataset.show);
      field.type = field.type === "password" ? "text" : "password";
      button.setAttribute("aria-pressed", String(field.type === "text"));
    }
    if (button.matches("[data-select-all],[data-clear]")) {
      const form = doc.getElementById(button.dataset.selectAll || button.dataset.clear);
      const within = button.closest("[data-within]") || form;
      const boxes = [...within.querySelectorAll("input[type=checkbox][data-select]")];
      const all = button.matches("[data-select-all]") && !boxes.every((box) => box.checked);
      const reach = button.matches("[data-clear]") ? form.querySelectorAll("input[data-select]") : boxes;
      for (const box of reach) box.checked = all;
      select(form);
    }
  });

  doc.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const open of doc.querySelectorAll(".x-filter[open], .x-tabbar details[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
    const typing = event.target.closest("input,textarea,select,[contenteditable]");
    if (event.ctrlKey && event.key === "Enter" && typing && typing.form) {
      const main = typing.form.querySelector("[data-main]");
      if (main) { event.preventDefault(); typing.form.requestSubmit(main); }
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || doc.querySelector("dialog[open]")) return;
    if (doc.body.dataset.shortcuts !== "on" || (typing && !typing.matches("[type=checkbox],[type=radio]"))) return;
    if (single(event.key)) event.preventDefault();
  });

  /* The palette comes when somebody first reaches for it; what it knows of people stays in this page's memory. */
  let coming;
  function fetchPalette() {
    coming = coming || new Promise((done) => {
      const script = doc.createElement("script");
      script.src = doc.body.dataset.palette;
      script.onload = done;
      doc.head.append(script);
    });
    return coming;
  }
  function palette() {
    const dialog = doc.getElementById("palette");
    if (!dialog) return;
    if (!dialog.open) { dialog.querySelector("input").value = ""; dialog.showModal(); }
    fetchPalette().then(() => doc.dispatchEvent(new Event("crm:palette")));
  }
  for (const link of doc.querySelectorAll('[data-key="search"]')) {
    link.setAttribute("aria-haspopup", "dialog");
    for (const near of ["pointerenter", "focus"]) link.addEventListener(near, fetchPalette);
  }

  /* Single keys: never while somebody types, and not at all for those who switched them off. */
  let going = 0;
  function single(pressed) {
    const key = pressed.toLowerCase();
    if (Date.now() - going < 1500) {
      going = 0;
      const link = doc.querySelector(`.x-side [data-go="${key}"]`);
      if (link) { link.click(); return true; }
    }
    if (key === "g") { going = Date.now(); return true; }
    if (key === "/") { palette(); return true; }
    if (key === "?") { show(); return true; }
    const row = doc.activeElement.closest(ROWS);
    const place = key === "x" ? row && row.querySelector("[data-select]") : /^[a-z]$/.test(key) && doc.querySelector(`[data-key="${key}"]`);
    if (place) place.click();
    else if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
    return Boolean(place);
  }
  const ROWS = "main :is(.x-rows > li, tbody > tr, .x-hcard, .x-queue li, .x-tl > li, ol.x-stack > li)";
  function step(by) {
    const stops = [...doc.querySelectorAll(ROWS)].map((row) => row.querySelector("a, summary, button, input:not([type=hidden])"))
      .filter((stop) => stop && stop.getClientRects().length);
    const row = doc.activeElement.closest(ROWS);
    const here = stops.findIndex((stop) => row && row.contains(stop));
    const next = stops[here < 0 ? (by > 0 ? 0 : stops.length - 1) : here + by];
    if (next) next.focus();
    return stops.length > 0;
  }
  function show() { const keys = doc.getElementById("keys"); if (keys) keys.showModal(); }

  /* Where focus stood in what a swap takes away, it goes to the start of what comes; it never falls to the body. */
  let place = {};
  doc.addEventListener("htmx:beforeRequest", (event) => {
    const target = event.detail.target;
    target.setAttribute("aria-busy", "true");
    place = { had: target.contains(doc.activeElement), before: target.previousElementSibling, parent: target.parentElement };
  });
  doc.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
  doc.addEventListener("htmx:afterSwap", (event) => {
    prepare(event.detail.target.isConnected ? event.detail.target : doc.body);
    const marked = doc.querySelector("[data-focus]");
    if (marked) { marked.removeAttribute("data-focus"); marked.focus(); }
    else if (place.had && doc.activeElement === doc.body) arrive(place.before ? place.before.nextElementSibling : place.parent.firstElementChild);
    const said = event.detail.requestConfig && event.detail.requestConfig.elt.dataset.said;
    if (said) say(said);
  });
  function arrive(fresh) {
    const first = "h1, h2, h3, a[href], button, summary";
    const stop = fresh && (fresh.matches(first) ? fresh : fresh.querySelector(first));
    if (!stop) return;
    if (!stop.matches("a, button, summary")) stop.tabIndex = -1;
    stop.focus();
  }
  function failed(event) {
    if (event.detail.elt && event.detail.elt.matches("[data-quiet]")) return;
    const words = doc.body.dataset.failed;
    const toast = doc.createElement("div");
    toast.className = "x-toast x-toast-error";
    toast.dataset.toast = "";
    toast.textContent = words;
    doc.getElementById("toasts").append(toast);
    prepare(doc.body);
    say(words);
  }
  doc.addEventListener("htmx:responseError", failed);
  doc.addEventListener("htmx:sendError", failed);

  const summary = doc.querySelector("[data-summary]");
  if (summary) summary.focus();
  prepare(doc.body);
})(document);
