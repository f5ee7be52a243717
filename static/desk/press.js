// The press-review desk: lines are moved by hand or by key, and what is pasted is taken over at
// once. Without this file every button sends the form, and the page comes back changed.
"use strict";

const lines = document.querySelector("#press-lines");
const said = document.querySelector("#press-said");
const undo = document.querySelector("#press-undo");
const pasted = document.querySelector("#id_pasted");
let dragged = null;
let dropped = null; // {line, next}: what was removed last, and what stood below it

// Keys do what these buttons do, so that Tab leads from line to line.
const skip = () => lines.querySelectorAll("button").forEach((button) => (button.tabIndex = -1));
new MutationObserver(skip).observe(lines, { childList: true });
skip();

const lineOf = (element) => element.closest?.(".press-line");
const changed = () => lines.dispatchEvent(new Event("input", { bubbles: true }));

function tell(line) {
  const all = lines.querySelectorAll(".press-line");
  const place = [...all].indexOf(line) + 1;
  said.textContent = lines.dataset.moved.replace("{n}", place).replace("{all}", all.length);
}

function move(line, up) {
  const focused = document.activeElement;
  if (up && line.previousElementSibling) line.previousElementSibling.before(line);
  if (!up && line.nextElementSibling) line.nextElementSibling.after(line);
  if (line.contains(focused)) focused.focus();
  tell(line);
  changed();
}

function drop(line) {
  const next = line.nextElementSibling;
  const neighbour = next ?? line.previousElementSibling;
  dropped = { line, next };
  line.remove();
  (neighbour?.querySelector("textarea") ?? pasted).focus();
  said.textContent = lines.dataset.dropped;
  undo.hidden = false;
  changed();
}

undo.addEventListener("click", () => {
  lines.insertBefore(dropped.line, dropped.next?.isConnected ? dropped.next : null);
  dropped.line.querySelector("textarea").focus();
  said.textContent = "";
  undo.hidden = true;
  changed();
});

lines.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=action]");
  if (!button) return;
  event.preventDefault();
  const act = button.value.split(" ")[0];
  if (act === "drop") drop(lineOf(button));
  else move(lineOf(button), act === "up");
});

// Alt with an arrow moves a line, Alt and Delete removes it; Enter leads to the next one.
lines.addEventListener("keydown", (event) => {
  const line = lineOf(event.target);
  if (!line || event.isComposing) return;
  const isEnter = event.key === "Enter" && event.target.matches("textarea") && !event.ctrlKey && !event.metaKey;
  if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) move(line, event.key === "ArrowUp");
  else if (event.altKey && event.key === "Delete") drop(line);
  else if (isEnter) line.nextElementSibling?.querySelector("textarea").focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
});

lines.addEventListener("dragstart", (event) => {
  dragged = lineOf(event.target);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector("textarea").value);
  event.dataTransfer.setDragImage(dragged, 0, 0);
  dragged.classList.add("press-dragged");
});
lines.addEventListener("dragover", (event) => {
  const over = lineOf(event.target);
  if (!dragged || !over) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});
lines.addEventListener("drop", (event) => event.preventDefault());
lines.addEventListener("dragend", () => {
  dragged.classList.remove("press-dragged");
  tell(dragged);
  dragged = null;
  changed();
});

// Lines that were kept (autosave.js) travel to the server and come back as they are shown.
document.querySelector("#press").addEventListener("unsaved:restore", ({ detail: kept }) => {
  const hidden = (name, value) => Object.assign(document.createElement("input"), { type: "hidden", name, value });
  const keys = (kept.key ?? "").split(" ").filter(Boolean);
  const parts = keys.flatMap((key) => [`text-${key}`, `link-${key}`, `paywall-${key}`]);
  const fields = parts.filter((name) => name in kept).map((name) => hidden(name, kept[name]));
  lines.replaceChildren(...keys.map((key) => hidden("key", key)), ...fields);
  lines.dispatchEvent(new Event("restored"));
});

// A list that is pasted into the empty field goes straight onto the list.
pasted.addEventListener("paste", () => {
  if (pasted.value === "") setTimeout(() => document.querySelector("#press-add").click());
});

// Whoever takes one headline after the other stays among them; whoever has pasted a list goes on
// in it.
let place = -1;
const takers = () => [...document.querySelectorAll("#press-items button")];
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("#press-items")) place = takers().indexOf(event.target);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { pathInfo, elt, successful } = event.detail;
  if (pathInfo.requestPath !== lines.getAttribute("hx-post") || elt.id === "preview") return;
  if (!successful) {
    const { signedOut, offline } = document.querySelector("#press").dataset;
    said.textContent = pathInfo.responsePath?.includes("/login/") ? signedOut : offline;
    return;
  }
  changed(); // to be kept, and shown again: an answer on its way may be older than this one
  if (event.target.id === "press-add") {
    pasted.value = "";
    said.textContent = "";
    undo.hidden = true;
    (lines.querySelector("textarea") ?? pasted).focus();
  } else if (place >= 0) {
    (takers()[Math.min(place, takers().length - 1)] ?? lines.querySelector("textarea")).focus();
    place = -1;
  }
});
