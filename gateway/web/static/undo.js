// Hoàn tác: a form with data-undo="SECONDS" is sent only after so long, with a bar to take it back meanwhile. Leaving
// the page sends it at once: what was tapped happens, unless it was taken back.
(() => {
  "use strict";
  const sent = new WeakSet();
  let waiting = null;
  const words = () => document.getElementById("words").dataset;

  const settle = () => {
    clearInterval(waiting.timer);
    waiting.bar.remove();
    const form = waiting.form;
    waiting = null;
    return form;
  };
  const go = () => {
    const form = settle();
    sent.add(form);
    if (!form.isConnected) { form.hidden = true; document.body.append(form); } // the part it stood in came anew meanwhile
    form.requestSubmit();
  };
  const ask = (form) => {
    let left = Number(form.dataset.undo);
    const bar = document.createElement("div");
    bar.className = "undo-bar";
    bar.setAttribute("role", "status");
    const text = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = words().undo;
    const show = () => { text.textContent = words().undoWaiting.replace("{seconds}", left); };
    show();
    bar.append(text, button);
    document.body.append(bar);
    button.focus();
    button.addEventListener("click", () => { settle().querySelector("button")?.focus(); });
    const timer = setInterval(() => { left -= 1; if (left > 0) show(); else go(); }, 1000);
    waiting = { form, bar, timer };
  };
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset || !form.dataset.undo || sent.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (waiting) go(); else ask(form);
  }, true);
  const leave = () => {
    if (!waiting) return;
    const form = settle();
    navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  };
  // At the tap already: a page on its way out may be cut off before it has sent anything.
  addEventListener("click", (event) => {
    if (waiting && event.target instanceof Element && event.target.closest("a[href]")) leave();
  }, true);
  addEventListener("pagehide", leave);
})();
