// What htmx cannot do here: say aloud that the server was not reached, close menus, follow
// single-key shortcuts, drag in the calendar. Nothing on any page depends on this file.
"use strict";

const trouble = document.getElementById("trouble");
const show = (visible) => { if (trouble) trouble.hidden = !visible; };
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => show(true));
}
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) show(false); });

// A menu closes with Escape, and when something else is touched.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details:is(.user-menu, .nav-more)[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details:is(.user-menu, .nav-more)[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

// A link, button or field with data-key="j" answers to that key while no field is being typed in.
// Shortcuts can be switched off (WCAG 2.1.4); the choice stays in this browser.
const STORE = "jspm-keys-off";
const toggle = document.getElementById("keys-on");
if (toggle) {
  toggle.closest("[hidden]")?.removeAttribute("hidden");
  toggle.checked = localStorage.getItem(STORE) === null;
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(STORE);
    else localStorage.setItem(STORE, "1");
  });
}

// In a list, j and k walk along the links marked data-row.
const walk = (event) => {
  const step = { j: 1, k: -1 }[event.key];
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!step || !rows.length) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
};

const typing = (element) => element.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (toggle && !toggle.checked) return;
  if (typing(event.target)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(:disabled)`);
  if (!target) return walk(event);
  event.preventDefault();
  target.focus();
  if (target.matches("a, button, input[type=radio]")) target.click();
});

// In the calendar a planned post can be dragged to another day: the same time, another date.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-move]") ?? null;
});
document.addEventListener("dragover", (event) => {
  if (dragged && event.target.closest?.("[data-day]")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const day = event.target.closest?.("[data-day]");
  const form = document.getElementById("move");
  if (!dragged || !day || !form || day.contains(dragged)) return;
  event.preventDefault();
  form.action = dragged.dataset.move;
  form.elements.at.value = `${day.dataset.day}T${dragged.dataset.time}`;
  form.submit();
});
