// Nghe ghép: a button with data-pieces="[[sha256, from ms, for ms], …]" plays stretches of files one after the other, as
// a pole joins them; a stretch with no file is a pause. data-failed are the words when this phone cannot play them.
(() => {
  "use strict";
  let playing = null;
  const stop = () => { playing?.close(); playing = null; };
  const play = async (button) => {
    const context = (playing = new AudioContext());
    const pieces = JSON.parse(button.dataset.pieces);
    const files = new Map();
    for (const name of new Set(pieces.map(([file]) => file).filter(Boolean))) {
      const answer = await fetch(`/api/v1/audio/${name}/file`);
      if (!answer.ok) throw new Error(String(answer.status));
      files.set(name, await context.decodeAudioData(await answer.arrayBuffer()));
    }
    if (playing !== context) return;
    let at = context.currentTime + 0.05;
    for (const [file, fromMs, forMs] of pieces) {
      if (file) {
        const source = new AudioBufferSourceNode(context, { buffer: files.get(file) });
        source.connect(context.destination);
        source.start(at, fromMs / 1000, forMs / 1000);
      }
      at += forMs / 1000;
    }
    button.dataset.seconds = (at - context.currentTime).toFixed(1);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-pieces]");
    if (!button) return;
    stop();
    const said = document.getElementById(button.getAttribute("aria-describedby"));
    play(button).catch(() => { stop(); said.textContent = button.dataset.failed; });
  });
  addEventListener("pagehide", stop);
})();
