/* What a person writes is on her device within a second, encrypted, and leaves it exactly once. */
(function (win, doc) {
  "use strict";
  const nav = win.navigator, root = doc.getElementById("device");
  if (!root || !nav.serviceWorker || !nav.locks || !win.indexedDB || !(win.crypto && win.crypto.subtle)) return;
  const IDLE = 15 * 60e3, FRESH = 15 * 60e3, KEEP = 72 * 3600e3, DAY = 24 * 3600e3, TICK = 30e3;
  const words = JSON.parse(root.dataset.words || "{}"), shell = "shell" in root.dataset;
  const news = new BroadcastChannel("device"), subtle = win.crypto.subtle;
  const enc = new TextEncoder(), dec = new TextDecoder();
  let tag = root.dataset.tag, scope = root.dataset.scope;
  let csrf = JSON.parse(doc.body.getAttribute("hx-headers"))["X-CSRFToken"];
  let held = null, used = Date.now(), out = false, reach = nav.onLine;
  const say = (name, ...more) => more.reduce((text, one) => text.replace("%s", one), words[name] || name);

  /* The store ------------------------------------------------------------------------------------------- */
  let base;
  function store() {
    base = base || new Promise((yes, no) => {
      const asked = indexedDB.open("msl-crm", 1);
      asked.onupgradeneeded = () => {
        for (const name of ["items", "data", "meta"]) asked.result.createObjectStore(name, { keyPath: "id" });
      };
      asked.onsuccess = () => yes(asked.result);
      asked.onerror = () => no(asked.error);
    });
    return base;
  }
  async function within(name, mode, work) {
    // Strict: written when it says so, also if the device dies in the next instant.
    const change = (await store()).transaction(name, mode, { durability: "strict" });
    return new Promise((yes, no) => {
      const asked = work(change.objectStore(name));
      change.oncomplete = () => yes(asked && asked.result);
      change.onabort = change.onerror = () => no(change.error);
    });
  }
  const get = (name, id) => within(name, "readonly", (rows) => rows.get(id));
  const all = (name) => within(name, "readonly", (rows) => rows.getAll());
  const put = (name, row) => within(name, "readwrite", (rows) => rows.put(row));
  const drop = (name, id) => within(name, "readwrite", (rows) => rows.delete(id));
  // One transaction, so that of two tabs the second sees what the first has done.
  const change = (id, how) => within("items", "readwrite", (rows) => {
    const asked = rows.get(id);
    asked.onsuccess = () => { const row = how(asked.result); if (row) rows.put(row); };
  });

  /* The key --------------------------------------------------------------------------------------------- */
  const newIv = () => win.crypto.getRandomValues(new Uint8Array(12));
  const imported = (raw, uses) => subtle.importKey("raw", raw, "AES-GCM", false, uses || ["encrypt", "decrypt"]);
  const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const how = (iv, id) => ({ name: "AES-GCM", iv, additionalData: enc.encode(id) });
  async function lock(key, id, bytes) { const iv = newIv(); return { iv, ct: await subtle.encrypt(how(iv, id), key, bytes) }; }
  const unlock = (key, id, box) => subtle.decrypt(how(box.iv, id), key, box.ct);
  async function seal(key, id, value) {
    const text = JSON.stringify(value);
    // Rounded up, so that the length says little.
    return lock(key, id, enc.encode(text.padEnd(Math.ceil(text.length / 512) * 512)));
  }
  async function open(key, row) {
    const own = row.dk ? await imported(await unlock(key, "draft", row.dk)) : key;
    return JSON.parse(dec.decode(await unlock(own, row.id, row)));
  }

  async function tell(message) {
    const found = await nav.serviceWorker.getRegistration();
    if (!found || !found.active) return null;
    return new Promise((yes) => {
      const way = new MessageChannel(), late = setTimeout(yes, 1000, null);
      way.port1.onmessage = (event) => { clearTimeout(late); yes(event.data); };
      found.active.postMessage(message, [way.port2]);
    });
  }
  const idle = () => Math.abs(Date.now() - used) > IDLE;
  function hold(key) { held = key && { tag, key, used }; return tell({ keep: held }); }
  function rest() {
    if (!held || !idle()) return;
    held = null;
    tell({}); // the worker looks at its own clock: somebody may work in another tab
    doc.dispatchEvent(new Event("device:locked"));
  }
  function touch() {
    rest();
    if (held && Date.now() - held.used > TICK) { held.used = Date.now(); tell({ used: true }); }
    used = Date.now();
  }
  /* Ask the server who is signed in. Its answer brings the key; nobody signed in drops it. */
  async function meet() {
    let answer, said;
    try {
      answer = await fetch("/device/key/", { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(10e3) });
      reach = true;
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 404) {
        out = true;
        hold(null);
        doc.dispatchEvent(new Event("device:locked"));
        await drop("meta", "pin");
        return null;
      }
      said = await answer.json();
      if (!said.secret) return null;
    } catch { reach = false; return null; }
    [out, csrf] = [false, said["X-CSRFToken"]];
    if (said.tag !== tag || said.scope !== scope) { [tag, scope] = [said.tag, said.scope]; await settle(); }
    hold(await imported(fromBase64(said.secret)));
    return said;
  }
  async function key() {
    if (!tag || tag === "-" || idle()) return null;
    if (!held) {
      const kept = await tell({});
      if (kept && kept.tag === tag && Math.abs(Date.now() - kept.used) < IDLE) held = kept;
    }
    if (!held && !shell) await meet();
    return held && held.key;
  }
  /* What is not this person's, or no longer, goes; the ciphertext of what others wrote stays. */
  async function settle() {
    const now = Date.now();
    for (const row of await all("data")) {
      const old = now - row.at > KEEP || row.at - now > DAY;
      const foreign = tag && (row.id !== tag || row.scope !== scope);
      if (old || foreign) await drop("data", row.id);
    }
    for (const row of await all("items")) if (row.state === "sent" && now - row.at > DAY) await drop("items", row.id);
    if (shell) return;
    const [pin, last] = [await get("meta", "pin"), await get("meta", "last")];
    if (tag && pin && (pin.tag !== tag || !last || last.scope !== scope)) await drop("meta", "pin");
    if (tag) await put("meta", { id: "last", tag, scope });
    const kept = await tell({});
    if (kept && kept.tag !== tag) await tell({ keep: null });
  }
  async function forget() {
    await hold(null);
    for (const row of await all("data")) await drop("data", row.id);
    for (const id of ["pin", "last"]) await drop("meta", id);
    news.postMessage("forget");
  }

  /* Sending --------------------------------------------------------------------------------------------- */
  const mine = async () => (await all("items")).filter((row) => row.tag === tag).sort((a, b) => a.at - b.at);
  const moving = (row) => row.state === "waiting" || row.state === "sending";
  const into = (id, state) => change(id, (row) => row && moving(row) && { ...row, state }).then(changed);
  function changed() { news.postMessage("changed"); return show(); }

  /* One attempt. Gives the receipt or the refusal; null when neither came, and then it is tried again. */
  async function send(row, patience, page) {
    const opened = await key();
    row = await get("items", row.id);
    if (!opened || !row || !moving(row)) return null;
    let draft, answer, said;
    try { draft = await open(opened, row); } catch { return null; }
    await into(row.id, "sending");
    try {
      answer = await fetch(`/device/visits/${page || ""}`, {
        method: "POST", body: draft.body, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(patience),
        headers: {
          "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": row.id, "X-CSRFToken": csrf,
          "X-Sent-At": new Date().toISOString(),
        },
      });
      reach = true;
      if (answer.type === "opaqueredirect" || answer.status === 403) await meet();
      else said = await answer.json();
    } catch (fault) { if (fault.name !== "SyntaxError") reach = false; }
    // Forgotten only for a receipt of this very text; whoever else answers on the way is not believed.
    if (!said || said.ref !== row.id) { await into(row.id, "waiting"); return null; }
    if (said.id && said.hash === draft.hash) {
      const kept = await seal(opened, row.id, { title: draft.title, url: said.url });
      await put("items", { id: row.id, tag, state: "sent", at: Date.now(), ...kept });
      await within("data", "readwrite", (rows) => {
        const asked = rows.get(tag);
        asked.onsuccess = () => { if (asked.result) rows.put({ ...asked.result, stale: true }); };
      });
    } else if (said.reasons) {
      const kept = await seal(opened, row.id, { ...draft, reasons: said.reasons });
      await put("items", { ...row, state: "needs", dk: null, ...kept });
    } else {
      await into(row.id, "waiting");
      return null;
    }
    await changed();
    return said;
  }
  async function flush() {
    if (!tag || tag === "-" || (out && !shell)) return;
    await nav.locks.request("outbox", { ifAvailable: true }, async (lone) => {
      const rows = lone ? (await mine()).filter(moving) : [];
      if (!rows.length) return;
      // Nobody else sends now: what says so was interrupted.
      for (const row of rows) if (row.state === "sending") await into(row.id, "waiting");
      if (shell && !(held && csrf) && !(await meet())) return;
      let lost = 0;
      for (const row of rows) {
        await send(row, 20e3);
        lost = reach ? 0 : lost + 1;
        if (lost > 2 || out) break;
      }
    });
    await show();
  }

  /* What she may need without network ------------------------------------------------------------------- */
  async function look() {
    const opened = !shell && !out && await key();
    if (!opened) return;
    await nav.locks.request("look-up", { ifAvailable: true }, async (lone) => {
      const kept = lone && await get("data", tag);
      if (!lone || (kept && !kept.stale && kept.scope === scope && Math.abs(Date.now() - kept.at) < FRESH)) return;
      const answer = await fetch("/device/data/", { redirect: "manual", cache: "no-store" });
      const text = answer.ok ? await answer.text() : "";
      if (!text || text.length > 5e6) return;
      const said = JSON.parse(text);
      if (said.tag !== tag) return;
      await put("data", { id: tag, scope: said.scope, at: Date.now(), ...await seal(opened, tag, said) });
    }).catch(() => { /* the network went; what was kept before still holds */ });
  }

  /* The state, on every page ---------------------------------------------------------------------------- */
  let unkept = false;
  async function show() {
    const rows = tag && tag !== "-" ? await mine() : [];
    const count = (state) => rows.filter((row) => row.state === state).length;
    const waiting = count("waiting") + count("sending");
    const [tone, text] =
      unkept ? ["red", say("unkept")]
      : count("needs") ? ["red", say("needs", count("needs"))]
      : waiting && out ? ["amber", say("signin", waiting)]
      : count("sending") ? ["blue", say("sending", waiting)]
      : !reach || !nav.onLine ? ["amber", waiting ? say("offline", waiting) : say("nothing")]
      : waiting ? ["amber", say("waiting", waiting)]
      : count("draft") ? ["slate", say("draft")]
      : ["green", say("saved")];
    for (const chip of doc.querySelectorAll("[data-sync]")) {
      chip.hidden = !tag || tag === "-";
      chip.className = `x-tag x-sync x-${tone}`;
      if (chip.textContent !== text) chip.textContent = text;
    }
    doc.dispatchEvent(new Event("device:changed"));
    return { rows, waiting, unsent: rows.length - count("sent") };
  }

  /* A visit being written ------------------------------------------------------------------------------- */
  const sha = async (text) =>
    [...new Uint8Array(await subtle.digest("SHA-256", enc.encode(text)))].map((n) => n.toString(16).padStart(2, "0")).join("");
  function fill(form, pairs) {
    const rest = pairs.slice();
    for (const field of form.elements) {
      if (!field.name || /^(submit|hidden|fieldset)/.test(field.type)) continue;
      const at = rest.findIndex(([name, value]) => name === field.name && (!/^(checkbox|radio)$/.test(field.type) || value === field.value));
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = at >= 0;
      else if (at >= 0) field.value = rest[at][1];
      if (at >= 0) rest.splice(at, 1);
    }
    for (const [name, value] of rest) {
      if ([...form.elements].some((field) => field.name === name && field.type === "hidden")) continue;
      form.append(Object.assign(doc.createElement("input"), { type: "hidden", name, value }));
    }
  }
  function address(pairs) {
    const named = pairs.filter(([name, value]) => value && ["kind", "kol", "plan", "added"].includes(name));
    return `/interactions/new/?${new URLSearchParams(named)}`;
  }
  /* The line says what the fields say, whoever filled them. */
  function tellWhen(form) {
    const line = form.querySelector("[data-said-when]"), { on, at, minutes } = form.elements;
    const start = line && new Date(`${on.value}T${at.value}Z`);
    if (!line || Number.isNaN(start.getTime())) return;
    const said = (moment, how) => moment.toLocaleString(doc.documentElement.lang, { timeZone: "UTC", ...how });
    const clock = (moment) => said(moment, { hour: "2-digit", minute: "2-digit", hour12: false });
    const end = new Date(start.getTime() + (Number(minutes && minutes.value) || 30) * 60e3);
    line.textContent = `${said(start, { weekday: "long", day: "numeric", month: "long" })}, ${clock(start)}–${clock(end)}`;
  }
  async function watch(form) {
    let dk, box, id, made, timer, last = Promise.resolve();
    // A key of this draft alone: when hers goes after an idle quarter of an hour, what she goes on to write is kept.
    async function ready() {
      const mother = box ? null : await key();
      if (!mother) return !!box;
      const raw = win.crypto.getRandomValues(new Uint8Array(32));
      [dk, box] = [await imported(raw, ["encrypt"]), await lock(mother, "draft", raw)];
      raw.fill(0);
      return true;
    }
    async function write(state, answer) {
      if (!(await ready())) { unkept = true; await show(); return false; }
      const pairs = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !/^(csrfmiddlewaretoken|side_effect|device_)/.test(name));
      if (answer) pairs.push(["side_effect", answer]);
      pairs.push(["device_made_at", made], ["device_saved_at", new Date().toISOString()], ["device_zone", Intl.DateTimeFormat().resolvedOptions().timeZone]);
      const body = new URLSearchParams(pairs).toString();
      const sealed = await seal(dk, id, { title: form.dataset.about || doc.title, pairs, body, hash: await sha(body) });
      let taken = false;
      await change(id, (there) => {
        taken = there && !["draft", "needs"].includes(there.state);
        return taken ? null : { id, tag, state, at: there ? there.at : Date.now(), dk: box, ...sealed };
      });
      // Saved from another tab meanwhile: what is written here is an entry of its own.
      if (taken) { id = made = null; begin(); return write(state, answer); }
      unkept = false;
      await changed();
      return true;
    }
    function keep() {
      clearTimeout(timer);
      timer = null;
      last = last.then(() => write("draft")).catch(() => { unkept = true; return show(); });
    }
    function begin() {
      if (!id) {
        id = win.crypto.randomUUID();
        form.elements.client_ref.value = id;
      }
      made = made || new Date().toISOString();
      timer = timer || setTimeout(keep, 300);
    }
    form.addEventListener("input", begin);
    form.addEventListener("change", (event) => { begin(); if (/^(on|at|minutes)$/.test(event.target.name)) tellWhen(form); });
    if (shell) tellWhen(form);
    doc.addEventListener("visibilitychange", () => { if (timer && doc.hidden) keep(); });

    form.addEventListener("submit", async (event) => {
      const button = event.submitter;
      if (!button || button.name !== "side_effect" || "native" in form.dataset) return;
      event.preventDefault();
      const page = `?page=1${button.hasAttribute("formaction") ? "&another=1" : ""}`;
      const native = () => {
        if (button.hasAttribute("formaction")) form.action = button.formAction;
        form.append(Object.assign(doc.createElement("input"), { type: "hidden", name: "side_effect", value: button.value }));
        form.dataset.native = "";
        form.submit();
      };
      if (form.getAttribute("aria-busy")) return;
      form.setAttribute("aria-busy", "true");
      try {
        if (!reach || !nav.onLine || shell) {
          const wrong = lacking(form, button.value);
          if (wrong) return complain(form, wrong);
        }
        begin();
        clearTimeout(timer);
        timer = null;
        await last;
        if (!(await write("waiting", button.value))) return shell ? complain(form, say("unkept")) : native();
        const said = shell ? null : await nav.locks.request("outbox", { signal: AbortSignal.timeout(5e3) }, () => send({ id }, 8e3, page)).catch(() => null);
        if (said && said.id) return win.location.assign(said.url);
        if (said) {
          await change(id, (there) => ({ ...there, state: "draft" }));
          return native();
        }
        win.location.assign("/#kept");
      } catch { if (!shell) native(); } finally { form.removeAttribute("aria-busy"); }
    });

    // What was begun before: by its address, by the link of the page "On this device", or sent back by the server.
    if (!(await ready())) return;
    const opened = await key();
    const wanted = new URLSearchParams(win.location.hash.slice(1)).get("draft") || form.elements.client_ref.value;
    for (const there of (await mine()).sort((a, b) => (b.id === wanted) - (a.id === wanted) || b.at - a.at)) {
      if (!["draft", "needs"].includes(there.state)) continue;
      const draft = await open(opened, there).catch(() => null);
      if (!draft || (there.id !== wanted && address(draft.pairs) !== address([...new FormData(form)]))) continue;
      const again = form.elements.client_ref.value === there.id;
      [id, made] = [there.id, (draft.pairs.find(([name]) => name === "device_made_at") || [])[1]];
      form.elements.client_ref.value = id;
      if (again) break;
      // What is wrong may stand in a part that is folded.
      if (draft.reasons) for (const part of form.querySelectorAll("details")) part.open = true;
      fill(form, draft.pairs.filter(([name]) => !/^(device_|side_effect)/.test(name)));
      tellWhen(form);
      const note = doc.createElement("p"), afresh = doc.createElement("button");
      note.className = "x-notice x-blue";
      note.append((draft.reasons || [say("back")]).join(" "), " ");
      Object.assign(afresh, { type: "button", className: "btn btn-quiet btn-sm x-end", textContent: say("afresh") });
      afresh.addEventListener("click", async () => { await drop("items", id); await changed(); win.location.reload(); });
      note.append(afresh);
      form.prepend(note);
      break;
    }
  }
  /* Without network the device asks for what no visit can lack; the server asks again. */
  function lacking(form, answer) {
    const chips = form.querySelectorAll(".x-block input[name$='-chips']:checked");
    if (!form.elements.on.value || !form.elements.at.value) return say("when");
    if (!chips.length) return say("topic");
    for (const chip of chips) {
      const asked = [...form.elements].filter((one) => one.name === chip.name.replace("-chips", "-basis"));
      if (asked.length && !asked.some((one) => one.checked)) return say("basis");
    }
    const told = form.elements["se-what_happened"];
    return answer === "yes" && told && !told.value.trim() ? say("effect") : "";
  }
  function complain(form, text) {
    let note = form.querySelector("[data-lacks]");
    if (!note) form.prepend(note = Object.assign(doc.createElement("p"), { className: "x-notice x-red", tabIndex: -1 }));
    note.dataset.lacks = "";
    note.setAttribute("role", "alert");
    note.textContent = text;
    note.focus();
    const effect = form.querySelector("[data-addon=side_effect]");
    if (text === say("effect") && effect) effect.checked = true;
  }
  function toast(text) {
    const place = doc.getElementById("toasts"), said = doc.createElement("div");
    said.className = "x-toast";
    said.textContent = text;
    place.append(said);
    setTimeout(() => said.remove(), 10e3);
  }

  /* Signing out: what was read goes; what was not sent is asked about. ---------------------------------- */
  async function leaving(form) {
    const choice = form.querySelector("[data-unsent]"), said = form.querySelector("[data-said]");
    if (choice && tag && tag !== "-") choice.hidden = !(await show()).unsent;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const way = new FormData(form).get("unsent");
      if (choice && !choice.hidden && way === "send") {
        await flush();
        if ((await show()).waiting) { said.textContent = say("send_failed"); return; }
      }
      if (choice && !choice.hidden && way === "discard") {
        if (form.elements.typed.value.trim().toLowerCase() !== say("discard")) { form.elements.typed.focus(); return; }
        for (const row of await mine()) await drop("items", row.id);
      }
      for (const row of await mine()) if (row.state === "sent") await drop("items", row.id);
      await forget().catch(() => {});
      form.submit();
    });
  }

  /* ----------------------------------------------------------------------------------------------------- */
  const began = (async () => {
    nav.serviceWorker.register("/sw.js").catch(() => {});
    const last = await get("meta", "last");
    if (shell && last) ({ tag, scope } = last);
    else if (!shell) await caches.open("language").then((one) => one.put("/language", new Response(doc.documentElement.lang)));
    await settle();
    const waits = doc.querySelector("[data-waits]");
    if (waits && last) {
      const count = (await all("items")).filter((row) => row.tag === last.tag && moving(row)).length;
      waits.hidden = !count;
      waits.textContent = say("waits", count);
    }
    if (!tag || tag === "-") return;
    await key();
    await show();
    if (win.location.hash === "#kept") { toast(say("kept")); win.history.replaceState(null, "", win.location.pathname); }
  })();
  win.device = { root, say, words, get, all, put, drop, lock, unlock, seal, open, imported, fromBase64, key, hold, meet, forget, mine, moving, flush, show, watch, address, changed, toast, tag: () => tag, reach: () => reach, began };
  began.then(async () => {
    const form = doc.querySelector("form#visit"), leave = doc.querySelector("form[data-leave]");
    if (leave) await leaving(leave);
    if (!tag || tag === "-") return;
    if (form && !form.elements.version && form.elements.client_ref) await watch(form);
    await flush();
    await look();
    if (shell) await meet().then((said) => said && flush());
  }).catch(() => {});
  const tick = () => { rest(); return began.then(settle).then(flush).then(look).catch(() => {}); };
  setInterval(tick, TICK);
  win.addEventListener("online", () => { reach = true; tick(); });
  win.addEventListener("offline", () => { reach = false; show(); });
  doc.addEventListener("visibilitychange", () => { if (!doc.hidden) tick(); });
  win.addEventListener("pagehide", () => { if (held && nav.serviceWorker.controller) nav.serviceWorker.controller.postMessage({ keep: { ...held, used } }); });
  for (const sign of ["pointerdown", "keydown", "input"]) win.addEventListener(sign, touch, { passive: true });
  news.onmessage = (event) => {
    if (event.data === "forget") { held = null; tag = ""; doc.dispatchEvent(new Event("device:locked")); }
    else show().catch(() => {});
  };
})(window, document);
