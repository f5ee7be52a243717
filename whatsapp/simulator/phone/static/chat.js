// The phone's screen: the chat of the chosen person with the business.

import { bubbleRow } from "/phone/static/bubble.js";
import { clearProblem, complain, drawComposer, replyTo } from "/phone/static/composer.js";
import { byId, make, reconcile } from "/phone/static/dom.js";
import { plain } from "/phone/static/formatting.js";
import { loadChat, markRead, say, tap } from "/phone/static/server.js";
import { closeSheet, openSheet } from "/phone/static/sheet.js";
import { chosen, phoneNumber, state } from "/phone/static/state.js";
import { currentLanguage, t } from "/phone/static/texts.js";
import { clock, day, longDate, now } from "/phone/static/time.js";

const log = byId("log");
const NEAR = 60; // pixels from the end within which the view follows new messages
const announced = new Set(); // ids of messages that need not be read out any more
let messages = [];
let shownId = null;
let isLoaded = false;
let asked = 0; // how often; only the latest answer counts
let follows = true;

const acts = {
  tap: (message, button) => attempt(() => tap(chosen(), message.id, button)),
  open: (message) => openSheet(message, acts),
  reply: replyTo,
  show: (id) => jumpTo(id),
};

async function attempt(action) {
  clearProblem();
  try {
    await action();
  } catch (error) {
    complain(error);
  }
}

// Show the chosen person's phone, or a locked one if nobody is chosen.
export function drawPhone() {
  const person = chosen();
  byId("home").hidden = person !== null;
  byId("chat").hidden = person === null;
  byId("flight-sign").hidden = person?.reachable ?? true;
  byId("signal-sign").hidden = !(person?.reachable ?? true);
  byId("home-hint").textContent = t(state.people.size ? "choose" : "choose_first");
  byId("business-name").textContent = state.business.name;
  byId("business-phone").textContent = phoneNumber(state.business.phone);
  byId("business-avatar").textContent = initials(state.business.name);
  const whose = person ? t("phone_of", { name: person.name }) : t("phone");
  document.querySelector(".device").setAttribute("aria-label", whose);
  byId("whose").textContent = person?.name ?? "";
  drawClock();
  if (!person) return;
  if (shownId !== person.id) start(person);
  drawComposer();
  drawMessages();
}

function initials(name) {
  return name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
}

function start(person) {
  closeSheet();
  clearProblem();
  shownId = person.id;
  messages = [];
  isLoaded = false;
  announced.clear();
  follows = true;
  byId("start").hidden = true;
}

// Fetch the chat again; whoever looks at it has read it.
export async function refreshChat() {
  const person = chosen();
  if (!person) return;
  asked += 1;
  const turn = asked;
  const answer = await loadChat(person).catch((error) => complain(error));
  if (!answer || turn !== asked || chosen()?.id !== person.id) return;
  messages = answer.messages;
  announce({ quietly: !isLoaded });
  isLoaded = true;
  drawMessages();
  await readAll();
}

export async function readAll() {
  const person = chosen();
  if (person?.unread && person.reachable && document.visibilityState === "visible") {
    await markRead(person).catch((error) => complain(error));
  }
}

function announce({ quietly }) {
  const fresh = messages.filter((message) => !message.from_person && !announced.has(message.id));
  for (const { id } of messages) announced.add(id);
  if (quietly || !fresh.length) return;
  const name = state.business.name;
  byId("news").textContent = fresh.map(({ text }) => t("says", { name, text: plain(text) })).join(" ");
}

function drawMessages() {
  reconcile(byId("messages"), entries());
  byId("start").hidden = messages.length > 0 || !isLoaded || !chosen().reachable;
  if (follows) log.scrollTop = log.scrollHeight;
}

function entries() {
  const found = [];
  let lastDay = null;
  for (const [index, message] of messages.entries()) {
    const today = day(message.at);
    const isFirst = today !== lastDay || messages[index - 1].from_person !== message.from_person;
    if (today !== lastDay) found.push({ key: `day ${today}`, content: today, draw: () => dayRow(today) });
    const content = JSON.stringify([message, isFirst, currentLanguage()]);
    found.push({ key: message.id, content, draw: () => bubbleRow(message, { acts, isFirst }) });
    lastDay = today;
  }
  return found;
}

function dayRow(text) {
  return make("li", { class: "day" }, make("span", {}, text));
}

function jumpTo(id) {
  const row = [...byId("messages").children].find((node) => node.dataset.key === id);
  row?.scrollIntoView({ block: "center" });
  row?.classList.add("found");
  setTimeout(() => row?.classList.remove("found"), 1500);
}

function toTheEnd() {
  follows = true;
  log.scrollTop = log.scrollHeight;
}

export function drawClock() {
  const time = clock(now() / 1000);
  byId("clock").textContent = byId("big-clock").textContent = time;
  byId("big-date").textContent = longDate(now());
}

export function startChat() {
  log.addEventListener("scroll", () => {
    follows = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    byId("newest").hidden = follows;
  });
  // Pictures need their room only once they are loaded, and a long draft takes some of it.
  const resized = new ResizeObserver(() => follows && toTheEnd());
  for (const node of [log, byId("messages")]) resized.observe(node);
  byId("newest").addEventListener("click", toTheEnd);
  byId("say-start").addEventListener("click", () => attempt(() => say(chosen(), "START", null)));
  document.addEventListener("visibilitychange", readAll);
  setInterval(drawClock, 1000);
}
