// Keeps what is typed into the form of a message: at once in this browser, every few seconds at
// the server. Whatever ends (the browser, the session, the server), the form offers it again.

const form = document.querySelector("form[data-autosave]");
const line = document.getElementById("autosave");
const others = document.getElementById("others");
const offer = document.getElementById("unsaved-offer");
const place = `unsaved:${location.pathname}`; // as pages.taken_in names it
const REST = 3000; // milliseconds between two requests
const AGAIN = 10000; // milliseconds until the next try without a connection
const NOT_KEPT = ["csrfmiddlewaretoken", "upload", "slot", "corrects", "broadcast"]; // of this form alone
let timer = null;
let asking = null;

// What the form has several times (the keys of a press review's lines, in order) is joined.
function typed() {
  const fields = {};
  for (const [name, text] of new FormData(form)) {
    if (typeof text !== "string" || NOT_KEPT.includes(name)) continue;
    fields[name] = name in fields ? `${fields[name]} ${text}` : text;
  }
  return fields;
}

function differs(fields) {
  const now = typed();
  const names = new Set([...Object.keys(fields), ...Object.keys(now)]);
  names.delete("revision");
  return [...names].some((name) => (fields[name] ?? "") !== (now[name] ?? ""));
}

function keepHere() {
  try {
    localStorage.setItem(place, JSON.stringify({ at: Date.now(), fields: typed() }));
  } catch {
    // No room, or not allowed: the server keeps it all the same.
  }
}

function keptHere() {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

async function post(extra) {
  const body = new FormData(form);
  body.delete("upload");
  for (const name of extra) body.set(name, "1");
  asking = new AbortController();
  const options = { method: "POST", body, redirect: "manual", signal: asking.signal };
  const answer = await fetch(form.dataset.autosave, options);
  if (answer.ok) return answer.json();
  const isSignedOut = answer.type === "opaqueredirect" || answer.status === 403;
  return { said: isSignedOut ? form.dataset.signedOut : form.dataset.offline, isLost: true };
}

async function send() {
  timer = null;
  let news;
  try {
    news = await post([]);
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
    news = { said: form.dataset.offline, isLost: true };
  }
  line.textContent = news.said;
  line.classList.toggle("is-lost", Boolean(news.isLost));
  others.textContent = news.others ?? "";
  if (news.isLost) timer ??= setTimeout(send, AGAIN);
}

function restore(fields) {
  for (const field of form.elements) {
    if (NOT_KEPT.includes(field.name)) continue;
    if (field.type === "checkbox") field.checked = field.name in fields;
    else if (!(field.name in fields) || field.type === "submit") continue;
    else if (field.type === "radio") field.checked = field.value === fields[field.name];
    else field.value = fields[field.name];
  }
  form.dispatchEvent(new CustomEvent("unsaved:restore", { detail: fields }));
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function showOffer(kept) {
  const at = new Date(kept.at);
  const isToday = at.toDateString() === new Date().toDateString();
  const shape = { hour: "2-digit", minute: "2-digit" };
  const day = isToday ? {} : { day: "numeric", month: "long" };
  const time = at.toLocaleString(document.documentElement.lang, { ...day, ...shape });
  const words = document.getElementById("unsaved-words");
  words.textContent = words.dataset.words.replace("…", time);
  offer.hidden = false;
  document.getElementById("unsaved-restore").addEventListener("click", () => {
    restore(kept.fields);
    offer.hidden = true;
    form.querySelector("textarea")?.focus();
  });
  document.getElementById("unsaved-discard").addEventListener("click", () => {
    localStorage.removeItem(place);
    offer.hidden = true;
    post(["discard"]).catch(() => {});
    form.querySelector("textarea")?.focus();
  });
}

for (const happens of ["input", "change"]) {
  form.addEventListener(happens, () => {
    keepHere();
    timer ??= setTimeout(send, REST);
  });
}

// Kept until the desk says that it was taken in (desk.js): nobody knows whether it arrives.
form.addEventListener("submit", () => {
  keepHere();
  clearTimeout(timer);
  asking?.abort();
});

const atServer = JSON.parse(document.getElementById("unsaved").textContent);
const [newest] = [keptHere(), atServer].filter(Boolean).sort((a, b) => b.at - a.at);
if (newest && differs(newest.fields)) showOffer(newest);
