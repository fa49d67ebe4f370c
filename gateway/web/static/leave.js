// Đăng xuất: whoever leaves on purpose leaves nothing of theirs on the phone: neither today's programme nor what was
// written or recorded and not sent. What would be lost is asked about first.
(() => {
  "use strict";
  const me = document.body.dataset.user;
  if (!me) return;
  const PATIENCE_MS = 2000; // a browser that cannot open its store keeps nobody in
  const mine = () => Object.keys(localStorage).filter((key) => key.startsWith(`loa.draft.${me}.`));
  const waiting = () => { try { return JSON.parse(localStorage.getItem(`loa.outbox.${me}`)) || []; } catch { return []; } };
  const asked = (request) => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
  const soon = (work, otherwise) => Promise.race([work.catch(() => otherwise), new Promise((ok) => setTimeout(ok, PATIENCE_MS, otherwise))]);

  const takes = async () => {
    if (!window.indexedDB) return null;
    if (indexedDB.databases && !(await indexedDB.databases()).some((each) => each.name === "loa-takes")) return null;
    const request = indexedDB.open("loa-takes");
    request.onupgradeneeded = () => request.transaction.abort(); // an older browser does not list them: there was none
    return asked(request).catch(() => null);
  };
  const recorded = async () => {
    const base = await takes();
    const found = base ? await asked(base.transaction("takes").objectStore("takes").getAll()) : [];
    base?.close();
    return found.filter((each) => each.user === me && each.size).length;
  };
  const forget = async () => {
    for (const key of [...mine(), `loa.outbox.${me}`]) localStorage.removeItem(key);
    if (window.caches) await caches.delete("today");
    const base = await takes();
    if (!base) return;
    const work = base.transaction(["takes", "pieces"], "readwrite");
    const [kept, pieces] = [work.objectStore("takes"), work.objectStore("pieces")];
    for (const each of await asked(kept.getAll())) {
      if (each.user !== me) continue;
      kept.delete(each.id);
      pieces.delete(IDBKeyRange.bound([each.id], [each.id, []]));
    }
    await new Promise((ok, no) => { work.oncomplete = ok; work.onabort = no; });
    base.close();
  };
  const sure = (n) => new Promise((ok) => {
    const dialog = document.getElementById("leave-dialog");
    document.getElementById("leave-what").textContent = dialog.dataset.what.replace("{n}", n);
    dialog.returnValue = "stay";
    dialog.addEventListener("close", () => ok(dialog.returnValue === "go"), { once: true });
    dialog.showModal();
  });
  addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/sign-out") return;
    event.preventDefault();
    const unsent = new Set([...mine(), ...waiting().map((each) => `loa.draft.${me}.${each.draft}`)]).size + await soon(recorded(), 0);
    if (unsent && !(await sure(unsent))) return;
    await soon(forget());
    form.submit();
  }, true);
})();
