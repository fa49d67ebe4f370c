// Nghe và ghi: plays sentences one by one where they stand, and records a voice into the form's own file field. Without
// this script the sentence is a link to its sound, and the recording a file somebody chooses.
(() => {
  "use strict";
  const sound = new Audio();
  let on = null; // the link that sounds
  let rest = []; // links still to come
  const failed = (is) => { const note = document.getElementById("play-failed"); if (note) note.hidden = !is; };

  const quiet = () => {
    if (on) on.classList.remove("is-on", "is-loading");
    on = null;
    sound.pause();
  };
  const whole = () => document.querySelector("[data-play-all]");
  const label = () => {
    const button = whole();
    if (!button) return;
    const words = button.querySelector("span");
    button.dataset.start ??= words.textContent;
    words.textContent = on ? button.dataset.stop : button.dataset.start;
  };
  // a voice is heard as the form stands, before it is saved
  const secondOf = (form) => { const pick = form.elements.second_voice; return pick.value === "none" ? "" : pick.value || (form.elements.voice.value ? "" : pick.dataset.usual); };
  const address = (link) => {
    const form = link.dataset.sample && link.closest("form");
    if (!form) return link.getAttribute("href");
    const typed = new FormData(form);
    const line = String(typed.get("text") || "").split("\n").find((each) => each.trim()) || "";
    const voice = link.dataset.sample === "voice" ? typed.get("voice") : secondOf(form);
    const asked = new URLSearchParams({ text: line.trim().slice(0, 200), voice, speed: typed.get("speed") || "1.0" });
    return `${link.getAttribute("href").split("?")[0]}?${asked}`;
  };
  const samples = () => { for (const link of document.querySelectorAll('[data-sample="second_voice"]')) link.hidden = !secondOf(link.closest("form")); };
  const play = (link) => {
    quiet();
    failed(false);
    on = link;
    link.classList.add("is-on", "is-loading");
    sound.src = address(link);
    sound.play().catch((error) => { if (error.name !== "AbortError" && on === link) { rest = []; quiet(); failed(true); label(); } });
    label();
  };
  sound.addEventListener("playing", () => { if (on) on.classList.remove("is-loading"); });
  sound.addEventListener("ended", () => { quiet(); const next = rest.shift(); if (next) { next.scrollIntoView({ block: "center" }); play(next); } else label(); });

  addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target && target.closest("[data-play]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const again = on === link;
      rest = [];
      if (again) { quiet(); label(); } else play(link);
      return;
    }
    if (target && target.closest("[data-play-all]")) {
      if (on) { rest = []; quiet(); label(); return; }
      rest = [...document.querySelectorAll("[data-play]")];
      const first = rest.shift();
      if (first) play(first);
    }
  });

  addEventListener("change", (event) => { if (event.target instanceof HTMLSelectElement && event.target.closest("#voices")) { quiet(); samples(); } });

  const ready = () => {
    samples();
    if (on && !document.contains(on)) { rest = []; quiet(); }
    const button = whole();
    if (button) button.hidden = document.querySelectorAll("[data-play]").length < 2;
    for (const box of document.querySelectorAll("[data-recorder]")) recorder(box);
  };

  // -- ghi âm
  const recorder = (box) => {
    if (box.dataset.ready || !window.MediaRecorder || !navigator.mediaDevices || !window.DataTransfer) return;
    box.dataset.ready = "1";
    const part = (name) => box.querySelector(`[data-${name}]`);
    const file = box.querySelector("input[type=file]");
    const tell = (kind, detail) => box.dispatchEvent(new CustomEvent(`take:${kind}`, { bubbles: true, detail })); // takes.js keeps it
    part("live").hidden = false;
    let take = null;
    let timer = 0;
    const again = part("start").querySelector("span");
    const first = again.textContent;
    const use = (made) => {
      const sent = new DataTransfer();
      sent.items.add(made);
      file.files = sent.files;
      part("take").src = URL.createObjectURL(made);
      part("take").hidden = false;
      part("ready").hidden = false;
      again.textContent = box.dataset.again;
    };
    box.addEventListener("take:back", (event) => use(event.detail));
    box.addEventListener("take:gone", () => { file.value = ""; part("take").hidden = true; part("ready").hidden = true; again.textContent = first; });
    const show = (recording) => { part("start").hidden = recording; part("end").hidden = !recording; part("clock").hidden = !recording; };
    part("start").addEventListener("click", async () => {
      part("denied").hidden = true;
      let stream;
      try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { part("denied").hidden = false; return; }
      const pieces = [];
      take = new MediaRecorder(stream);
      take.addEventListener("dataavailable", (event) => { if (event.data.size) { pieces.push(event.data); tell("piece", event.data); } });
      take.addEventListener("stop", () => {
        for (const track of stream.getTracks()) track.stop();
        clearInterval(timer);
        show(false);
        const kind = take.mimeType.split(";")[0] || "audio/webm";
        use(new File(pieces, `ghi-am.${kind.includes("mp4") ? "m4a" : "webm"}`, { type: kind }));
        tell("end");
      });
      take.start(1000);
      tell("begin", take.mimeType.split(";")[0] || "audio/webm");
      const began = performance.now();
      const tick = () => { const s = Math.floor((performance.now() - began) / 1000); part("clock").textContent = `${box.dataset.on} ${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`; };
      tick();
      timer = setInterval(tick, 1000);
      show(true);
    });
    part("end").addEventListener("click", () => { if (take && take.state !== "inactive") take.stop(); });
    addEventListener("pagehide", () => { if (take && take.state !== "inactive") take.stop(); });
  };

  addEventListener("htmx:afterSettle", ready);
  addEventListener("pagehide", quiet);
  ready();
})();
