// Bản nháp trên điện thoại: a form with data-draft="NAME" is kept as it is typed, comes back when its page is opened
// again, and is sent later when there is no network. One field "draft" (a random id) lets the server see a form that
// comes twice. Kept per user; passwords, PINs and files are never kept.
(() => {
  "use strict";
  const user = document.body.dataset.user;
  if (!user) return;
  const HERE = `loa.draft.${user}.`;
  const OUTBOX = `loa.outbox.${user}`;
  const SECRET = new Set(["password", "hidden", "file", "submit", "button"]);
  const AGAIN_MS = 10000; // a gateway that is started again says nothing: it is asked
  const words = () => document.getElementById("words").dataset;
  const read = (key, otherwise) => { try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; } };
  const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full: typing goes on */ } };
  const fields = (form) => [...form.elements].filter((each) => each.name && !SECRET.has(each.type) && !("nodraft" in each.dataset));

  const tell = (form, text, undo) => {
    let note = form.querySelector(".draft-note");
    if (!note) {
      note = document.createElement("p");
      note.className = "hint draft-note";
      note.setAttribute("role", "status");
      form.prepend(note);
    }
    note.textContent = text;
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button is-quiet";
    button.textContent = words().discard;
    button.addEventListener("click", undo);
    note.append(" ", button);
  };
  const take = (form) => {
    const kept = {};
    for (const each of fields(form)) {
      if (each.type === "radio" || each.type === "checkbox") { (kept[each.name] ??= []); if (each.checked) kept[each.name].push(each.value); } else kept[each.name] = each.value;
    }
    return kept;
  };
  const put = (form, kept) => {
    for (const each of fields(form)) {
      if (!(each.name in kept)) continue;
      if (each.type === "radio" || each.type === "checkbox") each.checked = kept[each.name].includes(each.value);
      else each.value = kept[each.name];
    }
    form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  };
  const id = (form) => {
    let field = form.elements.namedItem("draft");
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "draft" });
      form.append(field);
    }
    if (!field.value) field.value = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
    return field;
  };

  const recall = (name) => {
    const waiting = read(OUTBOX, []);
    const others = waiting.filter((each) => each.id !== name);
    if (others.length < waiting.length) write(OUTBOX, others);
    return others.length < waiting.length;
  };

  const watch = (form) => {
    if (form.dataset.watched) return;
    form.dataset.watched = "1";
    const key = HERE + form.dataset.draft;
    const first = JSON.stringify(take(form));
    const kept = read(key, null);
    if (kept && JSON.stringify(kept.fields) !== first) {
      put(form, kept.fields);
      id(form).value = kept.id;
      tell(form, words().restored, () => { localStorage.removeItem(key); location.reload(); });
    }
    id(form);
    let timer = 0;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      delete form.dataset.done;
      if (recall(id(form).value)) form.dataset.recalled = "1"; // half of a sentence is not sent by itself
      delete form.dataset.queued;
      timer = setTimeout(() => {
        if (form.dataset.done) return;
        write(key, { id: id(form).value, at: Date.now(), fields: take(form) });
        if (!form.dataset.queued) tell(form, form.dataset.recalled ? words().recalled : words().kept); // sent the moment it was typed: it says already what becomes of it
      }, 400);
    });
    addEventListener("pagehide", () => { if (timer && JSON.stringify(take(form)) !== first && !form.dataset.done) write(key, { id: id(form).value, at: Date.now(), fields: take(form) }); });
  };
  const all = () => document.querySelectorAll("form[data-draft]").forEach(watch);

  const queue = (form) => {
    const body = [...new FormData(form)].filter(([name, value]) => name !== "csrf" && typeof value === "string");
    recall(id(form).value);
    write(OUTBOX, [...read(OUTBOX, []), { id: id(form).value, draft: form.dataset.draft, action: form.getAttribute("action"), body, fields: take(form), at: Date.now() }]);
    delete form.dataset.recalled;
    form.dataset.queued = "1";
    tell(form, words().queued);
  };
  const done = (form) => { form.dataset.done = "1"; recall(id(form).value); localStorage.removeItem(HERE + form.dataset.draft); };

  addEventListener("htmx:sendError", (event) => { const form = event.target.closest("form[data-draft]"); if (form) queue(form); });
  addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig.elt.closest && event.detail.requestConfig.elt.closest("form[data-draft]");
    if (form && event.detail.xhr.status < 400) done(form);
  });

  const asSent = (fields, each) => !each.fields || JSON.stringify(fields) === JSON.stringify(each.fields);
  const send = async (each) => {
    const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRF-Token"];
    let answer;
    try {
      answer = await fetch(each.action, { method: "POST", redirect: "follow", body: new URLSearchParams(each.body), headers: { "X-CSRF-Token": token, accept: "text/html" } });
    } catch { return false; } // still no network: it stays
    if (answer.status >= 500 || answer.status === 429 || new URL(answer.url).pathname === "/sign-in") return false; // not now
    recall(each.id);
    const note = Object.assign(document.createElement("p"), { className: answer.ok ? "note is-good" : "note is-bad", textContent: answer.ok ? words().sent : words().refused });
    note.setAttribute("role", "status");
    document.getElementById("main").prepend(note);
    if (!answer.ok) return true; // the draft stays, to be mended
    const key = HERE + each.draft;
    if (asSent(read(key, {}).fields, each)) localStorage.removeItem(key); // what was written on meanwhile stays
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (form.dataset.draft === each.draft && id(form).value === each.id && asSent(take(form), each)) { done(form); form.reset(); id(form).value = ""; id(form); form.querySelector(".draft-note")?.remove(); }
    }
    return true;
  };
  let flushing = false;
  const flush = async () => {
    if (flushing || !navigator.onLine) return;
    flushing = true;
    try {
      for (const each of read(OUTBOX, [])) if (!await send(each)) break;
    } finally { flushing = false; }
  };
  addEventListener("online", flush);
  addEventListener("htmx:afterSettle", all);
  setInterval(flush, AGAIN_MS);
  all();
  flush();
})();
