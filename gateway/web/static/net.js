// Mạng: says when there is none, and lets the service worker keep today's programme for then.
(() => {
  "use strict";
  const show = () => { const bar = document.getElementById("offline"); if (bar) bar.hidden = navigator.onLine; };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
  const user = document.body.dataset.user;
  if (!("serviceWorker" in navigator)) return; // plain HTTP by address: the pages work, they are only not kept
  navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then((ready) => {
    if (ready.active) ready.active.postMessage(user ? "keep-today" : "forget");
  }).catch(() => undefined); // no worker: everything works but the offline copy
})();
