// The drawer beside the phone: how the person behaves.

import { avatar, byId, make } from "/phone/static/dom.js";
import { changePerson } from "/phone/static/server.js";
import { chosen, phoneNumber } from "/phone/static/state.js";
import { sentence, t } from "/phone/static/texts.js";

const drawer = byId("settings");
const opener = byId("open-settings");
const problem = byId("settings-problem");

// name of the switch -> the person's field, and whether it means the opposite
const SWITCHES = [
  ["flight_mode", "reachable", true],
  ["read_receipts", "read_receipts", false],
  ["hides_phone", "hides_phone", false],
  ["by_hand", "by_hand", false],
  ["marketing_stopped", "marketing_stopped", false],
];

export function drawSettings() {
  const person = chosen();
  if (!person) return openSettings(false);
  const about = [phoneNumber(person.phone), person.username && `@${person.username}`].filter(Boolean).join(" · ");
  const words = make("div", {}, make("strong", {}, person.name), make("span", {}, about));
  byId("owner").replaceChildren(avatar(person), words);
  for (const [name, field, isOpposite] of SWITCHES) {
    const input = byId(`switch-${name}`);
    input.checked = person[field] !== isOpposite;
    input.parentElement.querySelector(".switch-name").textContent = t(name);
    byId(`help-${name}`).textContent = t(`${name}_help`);
  }
}

function openSettings(isOpen) {
  if (isOpen === !drawer.hidden) return;
  drawer.hidden = !isOpen;
  document.body.classList.toggle("has-settings", isOpen);
  opener.setAttribute("aria-expanded", String(isOpen));
}

function close() {
  openSettings(false);
  opener.focus();
}

async function turn(input, field, isOpposite) {
  problem.textContent = "";
  try {
    await changePerson(chosen(), { [field]: input.checked !== isOpposite });
  } catch (error) {
    input.checked = !input.checked;
    problem.textContent = sentence(error);
  }
}

function switchFor([name, field, isOpposite]) {
  const attributes = { id: `switch-${name}`, "aria-describedby": `help-${name}` };
  const input = make("input", { type: "checkbox", role: "switch", ...attributes });
  input.addEventListener("change", () => turn(input, field, isOpposite));
  const label = make("label", {}, make("span", { class: "switch-name" }), input);
  return make("div", { class: "switch" }, label, make("p", { id: `help-${name}` }));
}

export function startSettings() {
  byId("switches").append(...SWITCHES.map(switchFor));
  opener.addEventListener("click", () => {
    openSettings(drawer.hidden);
    if (!drawer.hidden) byId("close-settings").focus();
  });
  byId("close-settings").addEventListener("click", close);
  drawer.addEventListener("keydown", (event) => event.key === "Escape" && close());
}
