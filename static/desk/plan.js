// Moving in the plan by dragging or by Shift and an arrow. Both fill in the small form that
// every scheduled entry has; without this file the form is what moves it.
"use strict";

const HOUR = 1;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }; // days
let dragged = null;

function move(entry, { day, hour }) {
  const form = document.getElementById(entry.dataset.form);
  const { day: dayField, time: timeField } = form.elements;
  if (day) dayField.value = day;
  if (hour !== undefined) {
    timeField.value = `${String(hour).padStart(2, "0")}:${timeField.value.slice(3, 5)}`;
  }
  form.requestSubmit();
}

const placeOf = (event) => event.target.closest?.("[data-day]");

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".plan-entry[draggable]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
});
document.addEventListener("dragover", (event) => {
  if (!dragged || !placeOf(event)) return;
  event.preventDefault();
  document.querySelectorAll(".is-over").forEach((one) => one.classList.remove("is-over"));
  placeOf(event).classList.add("is-over");
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".is-over").forEach((one) => one.classList.remove("is-over"));
  dragged = null;
});
document.addEventListener("drop", (event) => {
  const place = placeOf(event);
  if (!dragged || !place) return;
  event.preventDefault();
  move(dragged, { day: place.dataset.day, hour: place.dataset.hour });
  dragged = null;
});

// In a week up and down mean an hour, elsewhere a week.
document.addEventListener("keydown", (event) => {
  const entry = event.target.closest?.(".plan-entry[draggable]");
  if (!entry || !event.shiftKey || !(event.key in STEPS) || event.target.matches("input")) return;
  event.preventDefault();
  const { day, time } = document.getElementById(entry.dataset.form).elements;
  const step = STEPS[event.key];
  if (Math.abs(step) > 1 && document.querySelector(".plan-week")) {
    const hour = Number(time.value.slice(0, 2)) + Math.sign(step) * HOUR;
    if (hour >= 0 && hour < 24) move(entry, { hour });
    return;
  }
  const to = new Date(`${day.value}T12:00:00Z`);
  to.setUTCDate(to.getUTCDate() + step);
  move(entry, { day: to.toISOString().slice(0, 10) });
});

// Whoever has moved something goes on from there.
document.addEventListener("htmx:afterSettle", () => {
  const moved = document.getElementById("plan")?.dataset.moved;
  if (moved) document.getElementById(moved)?.focus();
});
