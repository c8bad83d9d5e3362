/* Keeps the shell of the product, and nothing with people in it. The server writes SHELL in front. */
"use strict";
const NAME = `shell-${SHELL.version}`, IDLE = 15 * 60e3, PATIENCE = 6e3;
// What the device can show by itself; elsewhere a slow answer is waited for.
const HERE = /^\/($|interactions\/($|new\/)|kols\/|calendar\/|device\/$)/;
// The key of the person who works here now. It is in memory alone and goes with this worker.
let held = null;

addEventListener("install", (event) => event.waitUntil((async () => {
  const shell = await caches.open(NAME);
  await shell.addAll(SHELL.urls.map((url) => new Request(url, { cache: "reload", credentials: "omit" })));
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== NAME) await caches.delete(name);
  await clients.claim();
})()));

addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (request.method === "GET" && SHELL.urls.includes(url.pathname)) event.respondWith(file(request, url));
});

async function file(request, url) {
  return (await caches.match(url.pathname, { ignoreVary: true })) || fetch(request);
}

async function page(request, url) {
  const asked = [fetch(request)];
  if (request.method === "GET" && HERE.test(url.pathname)) {
    asked.push(new Promise((_, no) => setTimeout(no, PATIENCE, new Error("slow"))));
  }
  try {
    const answer = await Promise.race(asked);
    // Between two versions the proxy answers for a server that is not there.
    if (![502, 503, 504].includes(answer.status)) return answer;
  } catch { /* no network */ }
  const said = await (await caches.open("language")).match("/language");
  const language = said ? await said.text() : SHELL.languages[0];
  return (await caches.match(`/offline/${language}/`, { ignoreVary: true })) || Response.error();
}

// A page leaves the key here for the page that follows it.
addEventListener("message", (event) => {
  const said = event.data;
  if ("keep" in said) held = said.keep;
  else if (held && Math.abs(Date.now() - held.used) > IDLE) held = null;
  else if (held && said.used) held.used = Date.now();
  if (event.ports[0]) event.ports[0].postMessage(held);
});
