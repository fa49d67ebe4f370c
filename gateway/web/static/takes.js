// Ghi âm giữ trên điện thoại: what is recorded is kept piece by piece as it is made (IndexedDB), so that neither a closed
// page nor a lost network loses it, and is sent when there is a network. Each take has a random name that goes with it:
// the gateway takes it in once, however often it comes. Kept per user, so much and not more, until sent or deleted.
(() => {
  "use strict";
  const me = document.body.dataset.user;
  if (!me || !window.indexedDB) return;
  const MOST_ONE = 60e6;
  const MOST_ALL = 200e6;
  const STATES = ["kept", "queued", "sending", "refused"];
  const words = () => document.getElementById("words")?.dataset ?? {};
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");

  // -- kept
  let base = null;
  const opened = () => (base ??= new Promise((ok, no) => {
    const asked = indexedDB.open("loa-takes", 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("takes", { keyPath: "id" }); asked.result.createObjectStore("pieces", { keyPath: ["take", "n"] }); };
    asked.onsuccess = () => ok(asked.result);
    asked.onerror = () => { base = null; no(asked.error); };
  }));
  const run = async (mode, work) => {
    const changes = (await opened()).transaction(["takes", "pieces"], mode);
    return new Promise((ok, no) => {
      const asked = work(changes.objectStore("takes"), changes.objectStore("pieces"));
      changes.oncomplete = () => ok(asked && asked.result);
      changes.onabort = () => no(changes.error);
    });
  };
  const of = (id) => IDBKeyRange.bound([id], [id, []]);
  const all = async () => (await run("readonly", (takes) => takes.getAll())).filter((each) => each.user === me).sort((a, b) => a.at - b.at);
  const change = (id, what) => run("readwrite", (takes) => { const asked = takes.get(id); asked.onsuccess = () => { if (asked.result) takes.put({ ...asked.result, ...what }); }; });
  const forget = (id) => run("readwrite", (takes, pieces) => { takes.delete(id); pieces.delete(of(id)); });
  const file = async (take) => {
    const pieces = await run("readonly", (_, kept) => kept.getAll(of(take.id)));
    return new File(pieces.map((each) => each.blob), take.name, { type: take.type });
  };
  const size = async () => (await all()).reduce((sum, each) => sum + each.size, 0);
  let tail = Promise.resolve(); // one thing after the other: a piece never comes after its end
  const next = (work) => { const done = tail.then(work); tail = done.catch(() => undefined); return done; };
  const never = () => undefined; // a browser that keeps nothing: the form works as ever

  // -- the form that makes one
  const forms = () => document.querySelectorAll("form[data-kept]");
  const fields = (form) => [...new FormData(form)].filter(([name, value]) => name !== "csrf" && typeof value === "string");
  const about = (form) => ({ action: form.getAttribute("action"), label: form.elements.title?.value.trim() || form.dataset.kept, fields: fields(form) });
  const say = (form, text) => { const note = form.querySelector("[data-take-note]"); if (note) { note.textContent = text ?? ""; note.hidden = !text; } };
  const name = (form, id) => { form.elements.take.value = id; return id; };
  let live = null; // what is being recorded now: { id, form, n, size, lost }
  const made = new Set(); // on this page, just now: they stand in its form
  const busy = new Set(); // on their way by the form itself, or by flush

  const lock = (id) => `loa-take-${id}`; // held while it is recorded, and gone with its page however that ends
  const recording = async () => new Set(((await navigator.locks?.query())?.held ?? []).map((each) => each.name));

  const begin = (form, kind) => {
    const before = form.elements.take.value;
    live = { id: name(form, random()), before, form, n: 0, size: 0, lost: false };
    const { id } = live;
    const over = new Promise((end) => { live.end = end; });
    navigator.locks?.request(lock(id), () => over).catch(never);
    made.add(id);
    const take = { id, user: me, page: location.pathname, at: Date.now(), size: 0, state: "kept", type: kind, name: `ghi-am.${kind.includes("mp4") ? "m4a" : "webm"}`, ...about(form) };
    next(() => run("readwrite", (takes) => takes.put(take))).catch(() => full(form, id));
  };
  const full = async (form, id) => {
    if (live && live.id === id) live.lost = true;
    say(form, words().takesFull);
    await forget(id).catch(() => undefined);
  };
  const piece = (blob) => {
    const { id, form } = live;
    const now = live;
    if (now.lost) return;
    const n = now.n++;
    now.size += blob.size;
    const so_far = now.size;
    next(async () => {
      if (now.lost) return;
      if (so_far > MOST_ONE || (n % 30 === 0 && await size() + blob.size > MOST_ALL)) { await full(form, id); return; }
      await run("readwrite", (takes, pieces) => { // whoever left meanwhile, in another tab, leaves no piece
        const asked = takes.get(id);
        asked.onsuccess = () => { if (asked.result) { pieces.put({ take: id, n, blob }); takes.put({ ...asked.result, size: so_far }); } };
      });
    }).catch(() => full(form, id));
  };
  const whole = async (form, sent) => { // a file that somebody chose: kept when it is sent
    const id = form.elements.take.value;
    if (sent.size > MOST_ONE || await size() + sent.size > MOST_ALL) throw new Error("full");
    const take = { id, user: me, page: location.pathname, at: Date.now(), size: sent.size, state: "queued", type: sent.type, name: sent.name, ...about(form) };
    await run("readwrite", (takes, pieces) => { takes.put(take); pieces.put({ take: id, n: 0, blob: sent }); });
  };
  addEventListener("take:begin", (event) => { const form = event.target.querySelector("form[data-kept]"); if (form) begin(form, event.detail); });
  addEventListener("take:piece", (event) => { if (live) piece(event.detail); });
  addEventListener("take:end", () => {
    const { before } = live;
    live.end();
    live = null;
    next(async () => { // recorded again: what it replaces goes, unless it is on its way
      if ((await all()).some((each) => each.id === before && each.state !== "queued")) await forget(before);
      await draw();
    }).catch(never);
  });
  addEventListener("change", (event) => {
    const form = event.target instanceof Element && event.target.closest("form[data-kept]");
    if (form && event.target.type === "file") name(form, random());
    else if (form) next(() => change(form.elements.take.value, about(form))).catch(never);
  });

  const ours = (event) => { const form = event.detail.requestConfig?.elt ?? event.target; return form.matches?.("form[data-kept]") ? form : null; };
  const bar = (form, percent) => {
    const shown = form.querySelector("[data-take-sent]");
    if (!shown) return;
    shown.hidden = percent === null;
    shown.value = percent ?? 0;
    if (percent !== null) say(form, words().takesUploading.replace("{n}", percent));
  };
  addEventListener("htmx:beforeRequest", (event) => {
    const form = ours(event);
    if (!form) return;
    const id = form.elements.take.value;
    const chosen = form.elements.file.files[0];
    const what = about(form);
    busy.add(id);
    next(async () => {
      if ((await all()).some((each) => each.id === id)) await change(id, { ...what, state: "queued" });
      else if (chosen) await whole(form, chosen);
    }).catch(() => say(form, words().takesFull));
  });
  addEventListener("htmx:xhr:progress", (event) => { const form = ours(event); if (form && event.detail.lengthComputable && event.detail.total > 200_000) bar(form, Math.round(100 * event.detail.loaded / event.detail.total)); });
  addEventListener("htmx:sendError", (event) => {
    const form = ours(event);
    if (!form) return;
    busy.delete(form.elements.take.value);
    bar(form, null);
    next(async () => { if ((await all()).some((each) => each.id === form.elements.take.value)) say(form, words().takesHeld); await draw(); }).catch(never);
  });
  const later = (status, url) => status >= 500 || status === 429 || new URL(url, location.href).pathname === "/sign-in";
  const why = (html) => {
    const parts = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[role=alert] strong, [role=alert] p, [role=alert] span, .field .wrong span");
    return [...parts].filter((each) => !each.closest("[hidden]")).map((each) => each.textContent.replace(/\s+/g, " ").trim().replace(/\.$/, "")).filter(Boolean).join(". ");
  };
  addEventListener("htmx:beforeSwap", (event) => {
    const form = ours(event);
    if (!form) return;
    const id = form.elements.take.value;
    const { xhr } = event.detail;
    busy.delete(id);
    if (later(xhr.status, xhr.responseURL)) return;
    next(() => (xhr.status < 400 ? forget(id) : change(id, { state: "refused", why: why(xhr.responseText) }))).then(draw).catch(never);
  });

  // -- sent later
  let flushing = false;
  const send = async (take) => {
    const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRF-Token"];
    if (!token) return false; // the copy for when there is no network
    busy.add(take.id);
    await draw();
    try {
      const body = new FormData();
      for (const [field, value] of take.fields) if (field !== "take") body.append(field, value);
      body.append("take", take.id);
      body.append("file", await file(take));
      const answer = await fetch(take.action, { method: "POST", body, headers: { "X-CSRF-Token": token, accept: "text/html" } });
      if (later(answer.status, answer.url)) return false;
      if (!answer.ok) { await change(take.id, { state: "refused", why: why(await answer.text()) }); return true; }
      await forget(take.id);
      const note = Object.assign(document.createElement("p"), { className: "note is-good", textContent: words().takesSent });
      note.setAttribute("role", "status");
      document.getElementById("main").prepend(note);
      for (const form of forms()) if (form.elements.take.value === take.id) { form.reset(); name(form, random()); say(form, ""); form.dispatchEvent(new CustomEvent("take:gone", { bubbles: true })); }
      return true;
    } catch {
      return false; // still no network: it stays
    } finally {
      busy.delete(take.id);
      await draw();
    }
  };
  const flush = async () => {
    if (flushing || !navigator.onLine) return;
    flushing = true;
    try {
      for (const each of await all()) if (each.state === "queued" && !busy.has(each.id) && !(await send(each))) break;
    } finally { flushing = false; }
  };

  // -- shown
  const row = (list, take) => {
    const item = document.importNode(list.parentElement.querySelector("template").content, true).firstElementChild;
    item.dataset.id = take.id;
    const sound = item.querySelector("[data-sound]");
    file(take).then((made) => { sound.src = URL.createObjectURL(made); }, () => { sound.hidden = true; });
    item.querySelector("[data-open]").setAttribute("href", take.page);
    item.querySelector("[data-send]").addEventListener("click", async () => {
      await change(take.id, { state: "queued", why: "" });
      await draw();
      await flush();
    });
    item.querySelector("[data-delete]").addEventListener("click", async () => {
      await forget(take.id);
      for (const form of forms()) if (form.elements.take.value === take.id) { name(form, random()); form.dispatchEvent(new CustomEvent("take:gone", { bubbles: true })); }
      await draw();
      document.getElementById("main").focus();
    });
    list.append(item);
    return item;
  };
  const draw = async () => {
    const on = await recording();
    const there = (await all()).filter((each) => each.size && !on.has(lock(each.id)) && !(each.state === "kept" && made.has(each.id)));
    const banner = document.getElementById("takes-banner");
    if (banner) {
      banner.hidden = !there.length;
      banner.querySelector("strong").textContent = words().takesBanner.replace("{n}", there.length);
    }
    const section = document.querySelector("[data-takes]");
    if (!section) return;
    section.hidden = !there.length;
    const list = section.querySelector("[data-list]");
    for (const item of [...list.children]) if (!there.some((each) => each.id === item.dataset.id)) { URL.revokeObjectURL(item.querySelector("[data-sound]").src); item.remove(); }
    for (const take of there) {
      const item = [...list.children].find((each) => each.dataset.id === take.id) ?? row(list, take);
      const state = busy.has(take.id) ? "sending" : take.state;
      for (const each of STATES) item.querySelector(`[data-state="${each}"]`).hidden = each !== state;
      item.querySelector("[data-title]").textContent = take.label;
      item.querySelector("[data-about]").textContent = section.dataset.about.replace("{size}", Math.max(0.1, take.size / 1e6).toFixed(1)).replace("{at}", new Date(take.at).toLocaleString(document.documentElement.lang));
      item.querySelector("[data-why]").textContent = take.why || "";
      item.querySelector("[data-why]").hidden = state !== "refused" || !take.why;
      item.querySelector("[data-open]").hidden = take.page === location.pathname || state === "queued" || state === "sending";
      item.querySelector("[data-send]").hidden = state === "sending" || state === "kept" || !navigator.onLine;
    }
  };
  const ready = async () => {
    for (const form of forms()) {
      if (form.elements.take.value) continue;
      const on = await recording();
      const mine = (await all()).filter((each) => !on.has(lock(each.id)) && each.action === form.getAttribute("action") && each.state !== "queued" && each.size && !busy.has(each.id)).pop();
      name(form, mine ? mine.id : random());
      if (!mine) continue;
      form.dispatchEvent(new CustomEvent("take:back", { bubbles: true, detail: await file(mine) }));
      for (const [field, value] of mine.fields) { const there = form.elements[field]; if (there && !["hidden", "file", "checkbox"].includes(there.type) && !there.value) there.value = value; }
      say(form, words().takesBack);
    }
    await draw();
  };
  addEventListener("online", () => { flush().then(draw).catch(never); });
  addEventListener("offline", () => { draw().catch(never); });
  addEventListener("htmx:afterSettle", () => { made.clear(); next(ready).catch(never); });
  next(ready).then(flush).catch(never);
})();
