// Việc đang xảy ra: follows the gateway's events while the page is looked at, and tells htmx as "loa:KIND" on <body>,
// many of one kind within a moment as one. A hidden page does not follow: a browser has few connections to one place.
(() => {
  "use strict";
  const body = document.body;
  if (!("live" in body.dataset) || !window.EventSource) return;
  const KINDS = ["cluster", "play_began", "play_ended", "command", "alarm_raised", "alarm_cleared", "alarm_seen", "plans", "readiness", "content", "silence", "emergency", "link", "camera_alert"];
  const GATHER_MS = 400;
  const waiting = new Set();
  let source = null;
  let last = body.dataset.live;  // what happened since the page was made, while it travelled, is news too
  let timer = 0;

  const tell = () => {
    timer = 0;
    const kinds = waiting.has("missed") ? KINDS : [...waiting];
    waiting.clear();
    for (const kind of kinds) body.dispatchEvent(new CustomEvent(`loa:${kind}`));
  };
  const hear = (event) => {
    if (event.lastEventId) last = event.lastEventId;
    waiting.add(event.type);
    timer ||= setTimeout(tell, GATHER_MS);
  };
  const close = () => { if (source) source.close(); source = null; };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/api/v1/events${last ? `?after=${last}` : ""}`);
    for (const kind of [...KINDS, "missed"]) source.addEventListener(kind, hear);
    source.addEventListener("signed_out", () => { close(); location.reload(); });
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();

  // More waits than a moment ago: say so, once, wherever this person is.
  let known = null;
  addEventListener("htmx:afterSettle", () => {
    const badge = document.querySelector("[data-waiting]");
    const notice = document.getElementById("notice");
    if (!badge || !notice) return;
    const now = Number(badge.dataset.waiting);
    if (known !== null && now > known) notice.hidden = false;
    if (!now) notice.hidden = true;
    known = now;
  });
})();
