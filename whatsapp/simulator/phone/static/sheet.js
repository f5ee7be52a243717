// The sheet that slides up inside the phone: a message's menu, or all of its buttons.

import { choice } from "/phone/static/bubble.js";
import { byId, icon, make } from "/phone/static/dom.js";
import { t } from "/phone/static/texts.js";

const sheet = byId("sheet");
const shade = byId("shade");
let comesFrom = null; // what had the focus before

export function openSheet(message, acts) {
  const attributes = { class: "round", type: "button", "aria-label": t("close"), onclick: closeSheet };
  const close = make("button", attributes, icon("close"));
  const title = make("h3", { id: "sheet-title" }, message.menu?.button ?? t("options"));
  const content = message.menu ? menuForm(message, acts) : allButtons(message, acts);
  sheet.replaceChildren(make("div", { class: "sheet-head" }, title, close), content);
  comesFrom = document.activeElement;
  show(true);
  sheet.querySelector("input, .choices button:enabled, .choices a, button").focus();
}

export function closeSheet() {
  if (sheet.hidden) return;
  show(false);
  comesFrom?.focus({ preventScroll: true });
}

// While it is open nothing else on the page can be reached.
function show(isOpen) {
  sheet.hidden = shade.hidden = !isOpen;
  for (const node of sheet.parentElement.children) node.inert = isOpen && node !== sheet && node !== shade;
  for (const node of document.querySelectorAll(".people, .top, .settings")) node.inert = isOpen;
}

function allButtons(message, acts) {
  const tap = (...tapped) => {
    closeSheet();
    return acts.tap(...tapped);
  };
  const all = message.buttons.map((button) => choice(button, message, { ...acts, tap }));
  return make("div", { class: "choices" }, ...all);
}

function menuForm(message, acts) {
  const send = make("button", { class: "main", type: "submit", disabled: true }, t("send"));
  const form = make("form", { class: "menu" }, ...message.menu.sections.map(section), send);
  form.addEventListener("change", () => (send.disabled = false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    closeSheet();
    acts.tap(message, new FormData(form).get("row"));
  });
  return form;
}

function section({ title, rows }) {
  return make("fieldset", {}, title && make("legend", {}, title), ...rows.map(menuRow));
}

function menuRow({ id, title, description }) {
  const about = description && make("span", {}, description);
  const words = make("span", { class: "row-words" }, make("strong", {}, title), about);
  return make("label", {}, words, make("input", { type: "radio", name: "row", value: id }));
}

// Tab stays inside, Escape and a click beside it close it.
function keys(event) {
  if (event.key === "Escape") closeSheet();
  if (event.key !== "Tab") return;
  const stops = [...sheet.querySelectorAll("button:enabled, a[href], input")];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

export function startSheet() {
  sheet.addEventListener("keydown", keys);
  shade.addEventListener("click", closeSheet);
}
