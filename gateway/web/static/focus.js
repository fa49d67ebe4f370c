// Tiêu điểm: whoever works by keyboard or screen reader stays where they were when a part of the page comes anew, and is
// taken to what happened when the whole page does. A part in which somebody is typing does not come anew meanwhile.
(() => {
  "use strict";
  const FIELDS = "input:not([type=hidden]), textarea, select";
  const name = (each) => each.id ? `#${each.id}` : `${each.tagName} ${each.getAttribute("href") || each.getAttribute("name") || ""} ${each.closest("form")?.getAttribute("action") || ""} ${each.textContent.trim()}`;
  const can = (part) => [...part.querySelectorAll("a[href], button, summary, input, select, textarea, audio, [tabindex]")];
  const folds = (part) => [...part.querySelectorAll("details")];
  const fold = (each) => each.id || each.querySelector("summary")?.textContent;
  const last = new WeakMap(); // what each part was last sent: the same again changes nothing
  const plain = (html) => html.replace(/name="csrf" value="[^"]*"/g, "");
  const news = (part) => [...part.querySelectorAll("[data-news]")].map((each) => ({ key: each.dataset.news || each.innerText, text: each.innerText }));
  const tell = (part, known) => { // one quiet voice for all parts, and only what is new: a part itself is read whole each time
    const said = news(part).filter((each) => !known.has(each.key)).map((each) => each.text.replace(/\s+/g, " ").trim());
    if (said.length) document.getElementById("news").textContent = said.join(". ");
  };
  const held = (part) => { // what had the focus in the part, and which folds stood open
    const on = document.activeElement;
    const inside = on && on !== part && part.contains(on);
    return { known: new Set(news(part).map((each) => each.key)), on: inside ? name(on) : "", href: inside ? on.getAttribute("href") : null, open: folds(part).filter((each) => each.open).map(fold) };
  };
  const back = (part, was) => {
    for (const each of folds(part)) if (was.open.includes(fold(each))) each.open = true;
    if (!was.on || part.contains(document.activeElement)) return;
    const same = can(part).find((each) => name(each) === was.on) ?? (was.href && can(part).find((each) => each.getAttribute("href") === was.href)); // its words may have changed
    if (same) same.focus({ preventScroll: true });
  };
  let before = null; // of the part that is about to come anew
  let aside = null; // of one that comes with it

  const typing = (part) => {
    const on = document.activeElement;
    if (on && part.contains(on) && on.matches(FIELDS)) return true;
    if (part.querySelector("details.confirm[open]")) return true;
    return [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((each) => each.value !== each.defaultValue);
  };
  const whole = (detail) => detail.target === document.body || detail.boosted || Boolean(detail.requestConfig?.boosted);
  const wanted = (detail) => Boolean(detail.requestConfig?.triggeringEvent?.isTrusted); // by a tap, not by time or by news

  addEventListener("htmx:beforeSwap", (event) => {
    const { target } = event.detail;
    if (whole(event.detail) || !target) { before = null; return; }
    if (!wanted(event.detail) && typing(target)) { event.detail.shouldSwap = false; return; }
    const sent = plain(event.detail.serverResponse ?? "");
    if (!wanted(event.detail) && last.get(target) === sent) { event.detail.shouldSwap = false; return; }
    last.set(target, sent);
    before = held(target);
  });
  // a part elsewhere on the page that came with the answer
  addEventListener("htmx:oobBeforeSwap", (event) => { aside = held(event.detail.target); });
  addEventListener("htmx:oobAfterSwap", (event) => { if (aside) back(event.detail.target, aside); aside = null; });
  addEventListener("htmx:afterSettle", (event) => {
    if (whole(event.detail)) { arrive(true); return; }
    if (!before) return;
    const part = document.getElementById(event.detail.target?.id) ?? event.detail.target;
    if (part) {
      tell(part, before.known);
      back(part, before);
    }
    before = null;
  });

  // A page that came anew: to what is wrong first, or to its beginning.
  const arrive = (anew) => {
    const main = document.getElementById("main");
    const wrong = main?.querySelector("[aria-invalid=true]");
    const alert = main?.querySelector("[role=alert]:not([hidden])");
    if (wrong) wrong.focus();
    else if (main?.querySelector("[autofocus]")) return;
    else if (alert) { alert.tabIndex = -1; alert.focus(); }
    else if (anew && !main?.contains(document.activeElement)) main?.focus({ preventScroll: true });
  };
  arrive(false);
})();
