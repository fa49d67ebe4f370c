// What a keyboard can reach on a page, and how what it has reached looks.
(() => {
  const FIELDS = "a[href], button, summary, input:not([type=hidden]), select, textarea";
  const chosen = (each) => document.querySelector(`input[name="${each.name}"]:checked`) ?? each;
  const reachable = (each) =>
    each.checkVisibility() && !each.disabled && each.tabIndex >= 0 && each.getBoundingClientRect().width >= 1
    && !each.closest("dialog:not([open])");

  window.markTheReachable = () => {
    const groups = new Set();
    let n = 0;
    for (const each of [...document.querySelectorAll(FIELDS)].filter(reachable)) {
      if (each.type === "radio") {
        if (groups.has(each.name)) continue; // one stop for all of a group
        groups.add(each.name);
      }
      (each.type === "radio" ? chosen(each) : each).dataset.n = n++;
    }
    return n;
  };

  const ring = (each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
  };
  window.theFocused = () => {
    const on = document.activeElement;
    if (on === document.body) return null;
    const shown = ["radio", "checkbox"].includes(on.type) ? on.closest("label") ?? on : on;
    const box = shown.getBoundingClientRect();
    const points = [0.5, 0.1, 0.9].flatMap((x) => [0.5, 0.1, 0.9].map((y) => [box.left + x * box.width, box.top + y * box.height]));
    const seen = points.some(([x, y]) => shown.contains(document.elementFromPoint(x, y)));
    return { n: on.dataset.n ?? "", what: on.outerHTML.slice(0, 160), seen, ring: ring(on) || ring(shown) };
  };
})();
