// The form in which an editor gives somebody a phone.

import { byId } from "/phone/static/dom.js";
import { addPerson } from "/phone/static/server.js";
import { freeNumber } from "/phone/static/state.js";
import { sentence } from "/phone/static/texts.js";

const form = byId("new-person");
const opener = byId("add-person");
const problem = byId("new-person-problem");

export function openForm({ focus = true } = {}) {
  if (form.hidden) form.elements.phone.value = freeNumber();
  form.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  if (focus) form.elements.name.focus();
}

function closeForm() {
  form.reset();
  form.hidden = true;
  problem.textContent = "";
  opener.setAttribute("aria-expanded", "false");
}

function complain(reason) {
  const field = reason.startsWith("phone") ? "phone" : "name";
  problem.textContent = sentence({ reason });
  for (const name of ["name", "phone"]) form.elements[name].toggleAttribute("aria-invalid", name === field);
  form.elements[field].focus();
}

async function submit(event, onAdded) {
  event.preventDefault();
  const { name, phone } = Object.fromEntries(new FormData(form));
  if (!name.trim()) return complain("name");
  try {
    const person = await addPerson({ name, phone, by_hand: true });
    closeForm();
    onAdded(person);
  } catch (error) {
    complain(error.reason);
  }
}

export function startForm({ onAdded }) {
  form.addEventListener("submit", (event) => submit(event, onAdded));
  opener.addEventListener("click", () => (form.hidden ? openForm() : closeForm()));
  byId("cancel-person").addEventListener("click", () => {
    closeForm();
    opener.focus();
  });
}
