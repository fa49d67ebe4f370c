// Sao chép: a button with data-copy="#id" puts the text of that element on the clipboard, and says so.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue; // plain HTTP in the office: the text can be marked by hand
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = document.querySelector(button.dataset.copy).innerText.trim();
      const words = button.querySelector("span");
      try {
        await navigator.clipboard.writeText(said);
        const before = words.textContent;
        words.textContent = button.dataset.copied;
        setTimeout(() => { words.textContent = before; }, 2500);
      } catch {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(button.dataset.copy));
        getSelection().removeAllRanges();
        getSelection().addRange(range);
      }
    });
  }
})();
