// Vùng phát và giờ phát: the map shows what is ticked on the list and ticks it; "take that hour" fills in the hour. Also
// puts back what was taken off a paper. The list and the fields work without.
(() => {
  "use strict";
  const tell = (form) => form.dispatchEvent(new Event("change", { bubbles: true }));
  const field = (form, name, value) => [...form.elements].find((each) => each.name === name && each.value === value);

  const draw = (form) => {
    const map = form.querySelector("[data-map]");
    if (!map) return;
    const zones = new Set([...form.querySelectorAll("[name=zone]:checked")].map((each) => each.value));
    const clusters = new Set([...form.querySelectorAll("[name=cluster]:checked")].map((each) => each.value));
    for (const patch of map.querySelectorAll("[data-zone]")) patch.classList.toggle("is-chosen", zones.has(patch.dataset.zone));
    for (const dot of map.querySelectorAll("[data-cluster]")) dot.classList.toggle("is-chosen", zones.has(dot.dataset.in) || clusters.has(dot.dataset.cluster));
  };
  const all = () => {
    for (const map of document.querySelectorAll("[data-map]")) draw(map.closest("form"));
    for (const button of document.querySelectorAll("[data-put-back]")) if (!button.disabled) button.hidden = false;
  };

  const pick = (button) => {
    const form = button.closest("form");
    const [day, at] = button.dataset.pick.split("T");
    const offered = field(form, "slot", button.dataset.pick);
    if (offered) offered.checked = true;
    else {
      field(form, "slot", "other").checked = true;
      form.elements.namedItem("day").value = day;
      form.elements.namedItem("at").value = at;
    }
    tell(form);
  };
  const putBack = (button) => {
    const text = document.getElementById("f-text");
    const lines = text.value.split("\n");
    const piece = button.closest("li").querySelector(".removed-text").textContent;
    lines.splice(Math.min(Number(button.dataset.putBack), lines.length), 0, piece);
    text.value = lines.join("\n");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    button.disabled = true;
    button.querySelector("span").textContent = button.dataset.done;
    for (const other of document.querySelectorAll("[data-put-back]")) if (!other.disabled && Number(other.dataset.putBack) >= Number(button.dataset.putBack)) other.dataset.putBack = Number(other.dataset.putBack) + 1;
  };

  addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const patch = target.closest("[data-map] [data-zone]");
    if (patch) {
      const form = patch.closest("form");
      const box = field(form, "zone", patch.dataset.zone);
      if (box) { box.checked = !box.checked; tell(form); }
      return;
    }
    const button = target.closest("[data-pick]");
    if (button) pick(button);
    const back = target.closest("[data-put-back]");
    if (back) putBack(back);
  });
  addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (form) draw(form);
  });
  addEventListener("htmx:afterSettle", all);
  all();
})();
