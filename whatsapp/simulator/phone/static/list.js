// The list of people: newest first, searchable, to be walked through with the arrow keys.

import { avatar, byId, icon, make, reconcile, unseen } from "/phone/static/dom.js";
import { plain } from "/phone/static/formatting.js";
import { state } from "/phone/static/state.js";
import { counted, currentLanguage, t } from "/phone/static/texts.js";
import { clockOrDay } from "/phone/static/time.js";

const list = byId("people");
const search = byId("search");

export function drawList() {
  const found = [...state.people.values()].filter(matches()).sort(newestFirst);
  const nobody = state.people.size === 0;
  reconcile(list, found.map(entry));
  letTabReachOne();
  byId("people-count").textContent = state.people.size || "";
  byId("nobody").hidden = !nobody;
  byId("list").hidden = byId("search-label").hidden = nobody;
  byId("no-match").hidden = nobody || found.length > 0;
  byId("no-match").textContent = t("no_match", { words: search.value.trim() });
}

// The words typed, each in the name; or digits, anywhere in the number.
function matches() {
  const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const digits = search.value.replace(/[\s()/+-]/g, "").replace(/^00?/, "");
  const isNumber = /^\d+$/.test(digits);
  return ({ name, phone }) =>
    words.every((word) => name.toLocaleLowerCase().includes(word)) || (isNumber && phone.includes(digits));
}

function newestFirst(one, other) {
  return (other.last?.at ?? 0) - (one.last?.at ?? 0) || one.name.localeCompare(other.name, currentLanguage());
}

function entry(person) {
  const isChosen = person.id === state.chosenId;
  const when = person.last ? clockOrDay(person.last.at) : "";
  const content = JSON.stringify([person, isChosen, when, currentLanguage()]);
  return { key: person.id, content, draw: () => row(person, when, isChosen) };
}

function row(person, when, isChosen) {
  const unread = person.unread
    ? make("span", { class: "unread" }, unseen(counted("unread", person.unread)), shortCount(person.unread))
    : null;
  return make(
    "li",
    {},
    make(
      "a",
      { href: `#${person.id}`, tabindex: "-1", "aria-current": isChosen && "page" },
      avatar(person),
      make("span", { class: "name" }, person.name),
      make("span", { class: "when" }, when),
      make("span", { class: "last" }, ...preview(person)),
      make("span", { class: "signs" }, !person.reachable && icon("flight"), unread),
    ),
  );
}

function shortCount(count) {
  return make("span", { "aria-hidden": "true" }, count > 99 ? "99+" : String(count));
}

function preview({ last }) {
  if (!last) return [t("no_messages")];
  const ticks = last.from_person ? [icon(last.ticks), unseen(t(last.ticks))] : [];
  const kind = last.media ? [icon(last.media)] : [];
  return [...ticks, ...kind, plain(last.text) || t(last.media)];
}

// One stop for the tab key; the arrows lead on from there.
function letTabReachOne() {
  const links = [...list.querySelectorAll("a")];
  const current = links.find((link) => link.matches("[aria-current], :focus")) ?? links[0];
  for (const link of links) link.tabIndex = link === current ? 0 : -1;
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity };

function walk(event) {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...list.querySelectorAll("a")];
  const here = links.indexOf(document.activeElement);
  const there = Math.min(Math.max(here + step, 0), links.length - 1);
  event.preventDefault();
  if (here === 0 && step === -1) search.focus();
  else links[there]?.focus();
}

export function focusList(personId) {
  const links = [...list.querySelectorAll("a")];
  (links.find((link) => link.hash === `#${personId}`) ?? links[0])?.focus();
}

export function startList() {
  list.addEventListener("keydown", walk);
  search.addEventListener("input", drawList);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") walk(event);
    if (event.key === "Enter") list.querySelector("a")?.click();
  });
}
