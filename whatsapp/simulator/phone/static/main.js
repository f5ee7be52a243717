// The phone page: wires its parts together and keeps them up to date.

import { drawPhone, readAll, refreshChat, startChat } from "/phone/static/chat.js";
import { focusComposer, startComposer } from "/phone/static/composer.js";
import { byId, drawIcons } from "/phone/static/dom.js";
import { drawList, focusList, startList } from "/phone/static/list.js";
import { openForm, startForm } from "/phone/static/newcomer.js";
import { listen, loadPeople } from "/phone/static/server.js";
import { drawSettings, startSettings } from "/phone/static/settings.js";
import { startSheet } from "/phone/static/sheet.js";
import { chosen, state } from "/phone/static/state.js";
import { chooseLanguage, t, translatePage } from "/phone/static/texts.js";
import { setClock } from "/phone/static/time.js";

function draw() {
  const unread = [...state.people.values()].reduce((sum, person) => sum + person.unread, 0);
  document.title = unread ? `(${unread}) Simulator` : "Simulator";
  document.body.classList.toggle("is-chatting", chosen() !== null);
  byId("lost").textContent = t("lost");
  drawList();
  drawPhone();
  drawSettings();
}

let isStale = true; // we may have missed something

async function reload() {
  isStale = false;
  const { business, now, people } = await loadPeople();
  setClock(now);
  Object.assign(state, { business, people: new Map(people.map((person) => [person.id, person])) });
  byId("lost").hidden = true;
  if (!people.length) openForm({ focus: false });
  draw();
  await refreshChat();
}

function showLost() {
  isStale = true;
  byId("lost").textContent = t("lost");
  byId("lost").hidden = false;
}

function takeNews({ now, count, people }) {
  setClock(now);
  for (const person of people) state.people.set(person.id, person);
  if (isStale || count !== state.people.size) return reload().catch(showLost);
  if (!people.length) return null;
  draw();
  return people.some((person) => person.id === state.chosenId) ? refreshChat() : readAll();
}

// The address says whose phone is shown, so that the browser's own back button works.
function follow() {
  const before = state.chosenId;
  readAddress();
  draw();
  if (!chosen()) return focusList(before);
  focusComposer();
  return refreshChat();
}

function readAddress() {
  state.chosenId = decodeURIComponent(location.hash.slice(1)) || null;
}

function start() {
  drawIcons();
  translatePage();
  startList();
  startForm({ onAdded: add });
  startChat();
  startComposer();
  startSettings();
  startSheet();
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      chooseLanguage(button.dataset.language);
      translatePage();
      draw();
    });
  }
  window.addEventListener("hashchange", follow);
  readAddress();
  listen({ onLost: showLost, onNews: takeNews });
}

function add(person) {
  state.people.set(person.id, person);
  location.hash = person.id;
}

start();
