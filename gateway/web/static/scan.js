// Quét mã trên hộp: where the phone reads QR codes itself (BarcodeDetector) and the page is reached over HTTPS, look
// through its camera and go where the label leads. Nothing is kept or sent: only the code's last part is used.
(() => {
  "use strict";
  const box = document.getElementById("scanner");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const [video, status, button] = [box.querySelector("video"), box.querySelector("p"), box.querySelector("button")];
  const EVERY_MS = 250;
  let stream = null;
  box.hidden = false;

  const stop = () => {
    for (const track of stream ? stream.getTracks() : []) track.stop();
    stream = null;
    video.hidden = true;
    button.hidden = false;
  };
  const code = (text) => {
    const last = text.trim().split("/").pop().toLowerCase();
    return /^[a-z0-9-]{1,48}$/.test(last) ? last : "";
  };
  const look = async (detector) => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    const known = found.map((each) => code(each.rawValue)).find(Boolean);
    if (known) {
      stop();
      location.assign(`/t/${known}`);
      return;
    }
    setTimeout(look, EVERY_MS, detector);
  };
  button.addEventListener("click", async () => {
    status.textContent = box.dataset.starting;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      status.textContent = box.dataset.refused;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    button.hidden = true;
    await video.play();
    status.textContent = box.dataset.looking;
    look(new BarcodeDetector({ formats: ["qr_code"] }));
  });
  addEventListener("pagehide", stop);
})();
