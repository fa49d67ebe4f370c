// Người phục vụ ngoại tuyến: keeps today's programme and what it is shown with, and shows it when the gateway cannot be
// reached. Nothing else is kept: what changes must come from the gateway.
"use strict";
const KNOWN = {{ known|safe }};
const SHELL = `shell-${KNOWN.version}`;
const TODAY = "today";
const PAGE = "/offline/today";

let left = 0; // how often somebody left: a copy asked for before that is not kept after it
const keepToday = async () => {
  const before = left;
  const answer = await fetch(PAGE, { headers: { accept: "text/html" } });
  if (answer.ok && !answer.redirected && before === left) await (await caches.open(TODAY)).put(PAGE, answer);
};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(KNOWN.shell)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== SHELL && name !== TODAY) await caches.delete(name);
    await self.clients.claim();
  })());
});
self.addEventListener("message", (event) => {
  if (event.data === "keep-today") event.waitUntil(keepToday().catch(() => undefined)); // no network now: the copy stays
  if (event.data === "forget") { left += 1; event.waitUntil(caches.delete(TODAY)); }
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(PAGE)) || Response.error()));
    return;
  }
  if (KNOWN.shell.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
