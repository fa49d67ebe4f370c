// Giữ để xác nhận: a button with data-hold="MS" acts only when it is held so long; keys count, and whoever's aid only
// "clicks" (a screen reader) is asked to press once more. Also opens dialogs for links with data-dialog.
(() => {
  "use strict";
  const AGAIN_MS = 6000;
  let held = null;
  const words = () => document.getElementById("words").dataset;

  const release = () => {
    if (!held) return;
    clearTimeout(held.timer);
    held.button.classList.remove("is-held");
    held = null;
  };
  const press = (button) => {
    if (held) return;
    const ms = Number(button.dataset.hold);
    button.style.setProperty("--hold", `${ms}ms`);
    button.classList.add("is-held");
    held = { button, timer: setTimeout(() => { release(); act(button); }, ms) };
  };
  const act = (button) => {
    if (navigator.vibrate) navigator.vibrate(60);
    button.form.requestSubmit(button);
  };
  const of = (event) => event.target instanceof Element ? event.target.closest("[data-hold]") : null;

  addEventListener("pointerdown", (event) => { const button = of(event); if (button && event.button === 0) press(button); });
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, release);
  addEventListener("pointermove", (event) => { if (held && of(event) !== held.button) release(); });
  addEventListener("contextmenu", (event) => { if (of(event)) event.preventDefault(); });
  addEventListener("keydown", (event) => {
    const button = of(event);
    if (!button || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    if (!event.repeat) press(button);
  });
  addEventListener("keyup", (event) => { if (of(event)) { event.preventDefault(); release(); } });
  addEventListener("click", (event) => {
    const button = of(event);
    if (!button) return;
    event.preventDefault();
    if (event.detail !== 0 || event.pointerType) return; // a short tap, or the finger lifted after the form was sent
    const label = button.querySelector("span") || button;
    if (button.dataset.again) { act(button); return; }
    button.dataset.again = label.textContent;
    label.textContent = words().again;
    setTimeout(() => { label.textContent = button.dataset.again; delete button.dataset.again; }, AGAIN_MS);
  });
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-dialog]") : null;
    const dialog = link && document.getElementById(link.dataset.dialog);
    if (!dialog || !dialog.showModal || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    dialog.showModal();
  });
})();
