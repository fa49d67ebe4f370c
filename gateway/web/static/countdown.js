// Đếm ngược by the gateway's clock, not the phone's: data-until is epoch ms, <body data-now> is when the page was made.
(() => {
  "use strict";
  let ahead = Number(document.body.dataset.now) - Date.now();
  const say = (key, n) => document.getElementById("words").dataset[key].replace("{n}", n);
  const span = (seconds) => {
    const parts = [];
    for (const [key, size] of [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]]) {
      const many = Math.floor(seconds / size);
      seconds -= many * size;
      if (many) parts.push(say(key, many));
    }
    return parts.slice(0, 2).join(" ") || say("seconds", 0);
  };
  const tick = () => {
    const words = document.getElementById("words").dataset;
    for (const each of document.querySelectorAll("[data-until]")) {
      const left = Math.floor((Number(each.dataset.until) - Date.now() - ahead) / 1000);
      const text = left > 0 ? words.left.replace("{much}", span(left)) : words.now;
      if (each.textContent !== text) each.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);
  addEventListener("htmx:afterSwap", tick);
})();
