// Keeps the part of a page that is marked with `data-live` as new as its server. Without this script the page
// says the same; one has to open it again.
"use strict";
(() => {
  const state = document.querySelector("[data-live-state]");
  const live = () => document.querySelector("[data-live]");
  if (!live() || !("EventSource" in window)) return;

  const say = (on) => {
    const text = on ? state.dataset.on : state.dataset.off;
    state.hidden = false;
    if (state.textContent !== text) state.textContent = text;
  };

  const typing = () => {
    const at = document.activeElement;
    return live().contains(at) && at.matches("input, textarea, select");
  };

  // What tells an element of the old part from the others: focus and open details go to its like in the new.
  const marks = (element) => {
    const by = (name) => element.getAttribute(name) && `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
    return element.id ? `#${CSS.escape(element.id)}` : by("href") || by("aria-label");
  };

  const take = (html) => {
    const old = live();
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
    if (!fresh) return false;
    if (typing() || fresh.innerHTML === old.innerHTML) return true;
    const held = old.contains(document.activeElement) && marks(document.activeElement);
    const open = [...old.querySelectorAll("details[open]")].map(marks).filter(Boolean);
    const scrolled = [...old.querySelectorAll("[tabindex]")].map((box) => [marks(box), box.scrollLeft, box.scrollTop]);
    old.replaceWith(document.adoptNode(fresh));
    for (const mark of open) fresh.querySelector(mark)?.setAttribute("open", "");
    for (const [mark, left, top] of scrolled) {
      const box = mark && fresh.querySelector(mark);
      if (box) [box.scrollLeft, box.scrollTop] = [left, top];
    }
    if (held) fresh.querySelector(held)?.focus({ preventScroll: true });
    return true;
  };

  let asking = false;
  let again = false;
  const refresh = async () => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      say(answer.ok && take(await answer.text()));
    } catch {
      say(false);
    }
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  };

  let seen = null;
  const source = new EventSource(live().dataset.live);
  source.addEventListener("open", () => say(true));
  source.addEventListener("error", () => say(false));
  source.addEventListener("rooms", (event) => {
    if (event.data !== seen) refresh();
    seen = event.data;
  });
})();
