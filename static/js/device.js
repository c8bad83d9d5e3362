/* The page "On this device", and what opens without network: drawn from the encrypted store. */
(function (win, doc) {
  "use strict";
  const device = win.device, main = doc.getElementById("main"), nav = win.navigator;
  if (!device) return;
  const words = JSON.parse(device.root.dataset.more), shell = "shell" in device.root.dataset;
  const say = (name, more) => (words[name] || name).replace("%s", more);
  const copyOf = (id) => doc.getElementById(id).content.cloneNode(true);
  let zone;
  const clock = (at) => new Date(at).toLocaleString(doc.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
  const PIN = 600000, TRIES = 5, DAY = 24 * 3600e3;

  /* The PIN --------------------------------------------------------------------------------------------- */
  async function stretched(pin, salt) {
    const raw = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: PIN };
    return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }
  async function setPin(pin) {
    const said = await device.meet();
    if (!said) return "pin_online";
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const box = await device.lock(await stretched(pin, salt), said.tag, device.fromBase64(said.secret));
    await device.put("meta", { id: "pin", tag: said.tag, salt, tries: 0, ...box });
    return "pin_set";
  }
  async function usePin(pin) {
    const kept = await device.get("meta", "pin");
    if (!kept || kept.tag !== device.tag()) return false;
    // Counted before the try, so that closing the page does not save one.
    await (kept.tries + 1 >= TRIES ? device.drop("meta", "pin") : device.put("meta", { ...kept, tries: kept.tries + 1 }));
    try {
      const raw = await device.unlock(await stretched(pin, kept.salt), kept.tag, kept);
      device.hold(await device.imported(raw));
    } catch { return false; }
    await device.put("meta", { ...kept, tries: 0 });
    return true;
  }

  /* On this device -------------------------------------------------------------------------------------- */
  async function fillPage(page) {
    const key = await device.key(), rows = await device.mine();
    const part = (name) => page.querySelector(`[data-${name}]`);
    const kinds = { needs: ["needs"], waiting: ["waiting", "sending"], draft: ["draft"], sent: ["sent"] };
    const drawn = {};
    for (const [list, states] of Object.entries(kinds)) {
      drawn[list] = [];
      for (const row of rows.filter((one) => states.includes(one.state))) {
        drawn[list].push(await oneRow(page, row, key && await device.open(key, row).catch(() => null)));
      }
      if (!drawn[list].length) drawn[list].push(Object.assign(doc.createElement("li"), { className: "x-muted", textContent: device.say("none") }));
    }
    for (const list of Object.keys(kinds)) page.querySelector(`[data-list=${list}]`).replaceChildren(...drawn[list]);
    const space = await nav.storage.estimate(), lasting = await nav.storage.persisted();
    part("used").textContent = say("used", say("bytes", Math.ceil(space.usage / 1024)));
    part("persisted").textContent = say(lasting ? "persisted" : "passing");
    part("ask").hidden = lasting;
    const installed = win.matchMedia("(display-mode: standalone)").matches;
    if (installed) part("installed").textContent = say("installed");
    const iphone = /iP(hone|ad)/.test(nav.userAgent) && !installed;
    part("iphone").hidden = !iphone;
    const oldest = Math.min(...rows.filter((row) => row.state !== "sent").map((row) => row.at));
    const days = Math.floor((Date.now() - oldest) / DAY);
    part("days").textContent = iphone && days > 2 ? say("days", Math.max(0, 7 - days)) : "";
  }
  async function oneRow(page, row, draft) {
    const item = page.querySelector("template[data-row]").content.cloneNode(true).firstElementChild;
    const [title, state, reason, go] = ["b", "small", ".x-error", "a"].map((part) => item.querySelector(part));
    item.dataset.item = row.id;
    title.textContent = draft ? draft.title : say("locked");
    state.textContent = `${say(row.state === "sent" ? "sent" : "aged", clock(row.at))}, ${say("bytes", (row.ct.byteLength / 1024).toFixed(1))}`;
    if (draft && draft.reasons) { reason.hidden = false; reason.textContent = draft.reasons.join(" "); }
    if (draft && row.state === "sent") { go.hidden = false; go.href = draft.url; go.textContent = say("show"); }
    if (draft && /draft|needs/.test(row.state)) { go.hidden = false; go.href = `${device.address(draft.pairs)}#draft=${row.id}`; }
    for (const button of item.querySelectorAll("button")) button.hidden = !draft || row.state === "sent";
    return item;
  }
  function wirePage(page) {
    const told = page.querySelector("[data-said]");
    page.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-do]"), item = event.target.closest("[data-item]");
      if (!button) return;
      const row = item && await device.get("items", item.dataset.item);
      switch (button.dataset.do) {
        case "send": await device.flush(); break;
        case "persist": await nav.storage.persist(); break;
        case "remove":
          for (const one of await device.all("data")) await device.drop("data", one.id);
          told.textContent = say("removed");
          break;
        case "copy": {
          const draft = await device.open(await device.key(), row);
          const text = draft.pairs.filter(([name, value]) => value && !/(_ref|^device_|^kol|^plan|^kind|-chips|-basis)/.test(name)).map(([, value]) => value);
          await nav.clipboard.writeText([draft.title, ...text].join("\n"));
          told.textContent = say("copied");
          break;
        }
        case "discard":
          if ("sure" in button.dataset) { await device.drop("items", row.id); told.textContent = device.say("gone"); await device.changed(); break; }
          button.dataset.sure = "";
          button.textContent = say("sure");
          return;
      }
      await fillPage(page);
    });
    page.querySelector("[data-pin]").addEventListener("submit", async (event) => {
      event.preventDefault();
      const { pin, again } = event.target.elements;
      const fine = /^\d{6,}$/.test(pin.value) && pin.value === again.value;
      told.textContent = say(fine ? await setPin(pin.value) : "pin_short");
      event.target.reset();
    });
    doc.addEventListener("device:changed", () => { if (page.isConnected) draw(page); });
  }
  let drawing = Promise.resolve();
  const draw = (page) => (drawing = drawing.then(() => fillPage(page)).catch(() => {}));

  /* Without network ------------------------------------------------------------------------------------- */
  async function stored() {
    const key = await device.key(), row = key && await device.get("data", device.tag());
    return row ? device.open(key, row).then((data) => ({ ...data, at: row.at })).catch(() => null) : null;
  }
  async function route() {
    const here = win.location, query = new URLSearchParams(here.search);
    if (here.pathname === "/device/") {
      main.replaceChildren(copyOf("device-page"));
      const page = main.querySelector("[data-device-page]");
      wirePage(page);
      return draw(page);
    }
    if (!(await device.key())) return locked();
    const data = await stored() || { pages: {}, people: [] };
    zone = data.zone;
    const asked = here.pathname === "/interactions/new/" ? here.pathname + (query.get("plan") ? `?plan=${query.get("plan")}` : "") : here.pathname;
    if (here.pathname === "/kols/" || (asked === "/interactions/new/" && !query.get("kol"))) people(data.people);
    else if (asked === "/interactions/new/") visit(data, query.get("kol"));
    else main.innerHTML = data.pages[asked.replace(/brief\/$/, "")] || "";
    if (!main.childElementCount) {
      const sorry = Object.assign(doc.createElement("h1"), { textContent: say("absent") });
      main.replaceChildren(sorry);
    }
    const frame = copyOf("device-frame");
    frame.querySelector("[data-as-of]").textContent = say("as_of", data.at ? clock(data.at) : "?");
    main.prepend(frame);
    const form = main.querySelector("form#visit"), title = main.querySelector("h1");
    if (title && here.pathname !== "/") doc.title = say("title");
    // Both answers stay within reach: the way out is the cross, as on the page itself.
    doc.body.classList.toggle("x-has-actions", Boolean(form));
    doc.querySelector("[data-close]").hidden = !form;
    if (form) doc.querySelector(".x-topbar-title").textContent = title.textContent;
    // Anything else that writes needs the server.
    for (const other of main.querySelectorAll("form")) if (other !== form) other.hidden = true;
    if (form) await device.watch(form);
    return null;
  }
  function people(rows) {
    main.replaceChildren(copyOf("device-people"));
    const list = main.querySelector("[data-people]"), find = main.querySelector("[data-find]");
    const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const fill = () => list.replaceChildren(...rows.filter(([, name, text]) => fold(`${name} ${text}`).includes(fold(find.value))).slice(0, 100).map(([id, name, text]) => {
      const row = copyOf("device-person").firstElementChild;
      row.querySelector("b").textContent = name;
      row.querySelector("small").textContent = text;
      row.querySelector("a").href = `/interactions/new/?kol=${id}`;
      return row;
    }));
    find.addEventListener("input", fill);
    fill();
  }
  /* The form for anybody of hers: with whom and when are written in here. */
  function visit(data, kol) {
    const who = data.people.find(([id]) => id === kol);
    if (!who || !data.form) return;
    main.innerHTML = data.form;
    const form = main.querySelector("form#visit"), title = main.querySelector("h1");
    form.dataset.about = who[1];
    title.textContent = `${title.textContent}: ${who[1]}`;
    form.append(Object.assign(doc.createElement("input"), { type: "hidden", name: "kol", value: kol }));
    const start = new Date(Date.now() - 30 * 60e3);
    const said = start.toLocaleString("sv-SE", { timeZone: data.zone }).split(" ");
    [form.elements.on.value, form.elements.at.value] = [said[0], said[1].slice(0, 5)];
  }
  async function locked() {
    main.replaceChildren(copyOf("device-locked"));
    const form = main.querySelector("[data-unlock]"), pin = await device.get("meta", "pin");
    form.hidden = !pin || pin.tag !== device.tag();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await usePin(form.elements.pin.value)) { await device.show(); route(); return; }
      main.querySelector("[data-said]").textContent = say("pin_wrong");
      form.hidden = !(await device.get("meta", "pin"));
      form.reset();
    });
  }

  device.began.then(async () => {
    if (!shell) {
      const page = main.querySelector("[data-device-page]");
      wirePage(page);
      return draw(page);
    }
    doc.addEventListener("device:locked", () => { if (win.location.pathname !== "/device/") locked(); });
    win.addEventListener("online", () => {
      if (!main.querySelector("form#visit, [data-device-page]")) win.location.reload();
      else doc.title = doc.querySelector(".x-topbar-title").textContent = main.querySelector("h1").textContent;
    });
    return route();
  });
})(window, document);
