/* What HTML and htmx cannot do alone: toasts that leave, the selection bar, focus after a swap, three keys. */
(function (doc) {
  "use strict";
  doc.documentElement.classList.add("x-js");
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
    const button = event.target.closest("[data-dismiss],[data-select-all],[data-clear],[data-show],[data-print]");
    if (!button) {
      for (const open of doc.querySelectorAll(".x-filter[open], .x-tabbar details[open]")) {
        if (!open.contains(event.target)) open.open = false;
      }
      return;
    }
    if (button.matches("[data-dismiss]")) button.closest("[data-toast]").remove();
    if (button.matches("[data-print]")) print();
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
    if (event.ctrlKey && event.key === "k") {
      const search = doc.querySelector('[data-key="search"]');
      if (search) { event.preventDefault(); search.click(); }
    }
  });

  doc.addEventListener("htmx:beforeRequest", (event) => event.detail.target.setAttribute("aria-busy", "true"));
  doc.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
  doc.addEventListener("htmx:afterSwap", (event) => {
    prepare(event.detail.target.isConnected ? event.detail.target : doc.body);
    const marked = doc.querySelector("[data-focus]");
    if (marked) { marked.removeAttribute("data-focus"); marked.focus(); }
  });
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
