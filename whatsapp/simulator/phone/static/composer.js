// The line at the bottom of the chat. Every person keeps a draft of their own.

import { byId } from "/phone/static/dom.js";
import { plain } from "/phone/static/formatting.js";
import { say, sendFile } from "/phone/static/server.js";
import { chosen } from "/phone/static/state.js";
import { sentence, t } from "/phone/static/texts.js";

const form = byId("composer");
const words = byId("words");
const picker = byId("file");
const problem = byId("composer-problem");
const drafts = new Map();

function draft() {
  const id = chosen()?.id;
  if (!drafts.has(id)) drafts.set(id, { text: "", file: null, replyTo: null });
  return drafts.get(id);
}

// Show the draft of the person whose phone this is now.
export function drawComposer() {
  const person = chosen();
  const { text, file, replyTo } = draft();
  if (words.value !== text) words.value = text;
  byId("chip").hidden = !file && !replyTo;
  byId("chip-text").textContent = file ? file.name : t("reply_to", { text: quotable(replyTo) });
  byId("offline").hidden = person.reachable;
  byId("writing").hidden = !person.reachable;
}

export function clearProblem() {
  problem.textContent = "";
}

export function complain(error) {
  problem.textContent = sentence(error);
}

export function replyTo(message) {
  Object.assign(draft(), { replyTo: message, file: null });
  drawComposer();
  words.focus();
}

export function focusComposer() {
  if (window.matchMedia("(pointer: fine)").matches) words.focus({ preventScroll: true });
}

function quotable(message) {
  return message ? plain(message.text).slice(0, 80) || t(message.media?.kind ?? "message") : "";
}

function attach() {
  const [file] = picker.files;
  picker.value = "";
  if (!file) return;
  Object.assign(draft(), { file, replyTo: null });
  drawComposer();
  words.focus();
}

async function submit(event) {
  event?.preventDefault();
  const person = chosen();
  const { text, file, replyTo: quoted } = draft();
  if (!file && !text.trim()) return;
  drafts.delete(person.id);
  clearProblem();
  drawComposer();
  try {
    await (file ? sendFile(person, file, text.trim()) : say(person, text, quoted?.id ?? null));
  } catch (error) {
    drafts.set(person.id, { text, file, replyTo: quoted });
    if (chosen() === person) drawComposer();
    complain(error);
  }
}

export function startComposer() {
  form.addEventListener("submit", submit);
  picker.addEventListener("change", attach);
  words.addEventListener("input", () => (draft().text = words.value));
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  byId("drop-chip").addEventListener("click", () => {
    Object.assign(draft(), { file: null, replyTo: null });
    drawComposer();
    words.focus();
  });
}
