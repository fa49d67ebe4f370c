// Vạch đang tải: shown when anything takes longer than a blink, whether htmx asks or the browser leaves the page.
(() => {
  "use strict";
  const WAIT_MS = 300;
  let busy = 0;
  let timer = 0;
  const bar = () => document.getElementById("progress");
  const begin = () => {
    busy += 1;
    clearTimeout(timer);
    timer = setTimeout(() => { if (bar()) bar().hidden = false; }, WAIT_MS);
  };
  const end = () => {
    busy = Math.max(0, busy - 1);
    if (busy) return;
    clearTimeout(timer);
    if (bar()) bar().hidden = true;
  };
  addEventListener("htmx:beforeRequest", begin);
  addEventListener("htmx:afterRequest", end);
  addEventListener("submit", (event) => { if (!event.defaultPrevented) begin(); });
  addEventListener("beforeunload", begin);
  addEventListener("pageshow", () => { busy = 0; end(); });
})();
