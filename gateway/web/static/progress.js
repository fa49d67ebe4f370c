// Vạch đang tải: shown when anything takes longer than a blink, whether htmx asks or the browser leaves the page; after a
// second it says in words what is being waited for (a form's data-wait). A form under way is not sent twice by a second
// tap; what silences always is.
(() => {
  "use strict";
  const WAIT_MS = 300;
  const WORDS_MS = 1000;
  const ONCE_MS = 15000; // so long a second tap is taken for the first one's
  const ALWAYS = /^\/(silence|board)\b/;
  let busy = 0;
  let timers = [];
  const bar = () => document.getElementById("progress");
  const said = () => document.getElementById("working");
  const begin = (form) => {
    busy += 1;
    for (const each of timers) clearTimeout(each);
    timers = [
      setTimeout(() => { if (bar()) bar().hidden = false; }, WAIT_MS),
      setTimeout(() => { if (form && said()) { said().hidden = false; said().textContent = form?.dataset?.wait || said().dataset.wait; } }, WORDS_MS), // not for what nobody asked for
    ];
  };
  const end = () => {
    busy = Math.max(0, busy - 1);
    if (busy) return;
    for (const each of timers) clearTimeout(each);
    if (bar()) bar().hidden = true;
    if (said()) { said().hidden = true; said().textContent = ""; }
  };
  const free = () => { for (const each of document.querySelectorAll("form[data-under-way]")) { delete each.dataset.underWay; each.removeAttribute("aria-busy"); } };
  addEventListener("htmx:beforeRequest", (event) => begin(event.detail.elt.matches("form") && event.detail.elt));
  addEventListener("htmx:afterRequest", end);
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.target === "_blank") return;
    if (form.dataset.underWay) { event.preventDefault(); return; }
    if (form.method === "post" && !ALWAYS.test(form.getAttribute("action"))) {
      form.dataset.underWay = "1";
      form.setAttribute("aria-busy", "true");
      setTimeout(free, ONCE_MS);
    }
    begin(form);
  });
  addEventListener("beforeunload", () => { if (!busy) begin(null); });
  addEventListener("pageshow", () => { busy = 0; end(); free(); });
})();
