// The keyboard of the desk. Every page works without this file.
"use strict";

// Single keys press what names them: `n` the link to a new message, `/` the search of a list,
// `?` the overview of all of them. Ctrl+Enter presses the main button of the form one is in, and
// none where it has none; outside every form that of the page, if there is exactly one.
function mainButton(at) {
  const form = at.form ?? at.closest("form");
  if (!form && at.closest("details, dialog, [popover]")) return null;
  const marked = [...document.querySelectorAll("button[data-shortcut=submit]")];
  const found = marked.filter((one) => (form ? one.form === form : one.matches(".primary")));
  return found.length === 1 ? found[0] : null;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    mainButton(event.target)?.click();
    return;
  }
  const isTyping = event.target.closest("input, textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("#searchbar, input[type=search]")?.focus();
  } else if (/^[a-z?]$/.test(event.key)) {
    document.querySelector(`[data-shortcut="${event.key}"]`)?.click();
  }
});

// WhatsApp allows no line break in a value, so Enter leads to the next field.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (!field.matches("textarea[data-one-line]")) return;
  event.preventDefault();
  const fields = [...field.form.elements].filter((one) => one.type !== "hidden" && one.tabIndex >= 0);
  fields[fields.indexOf(field) + 1]?.focus();
});

// A file is taken in by a request of its own; it must not ask for a preview besides.
document.addEventListener(
  "input",
  (event) => {
    if (event.target.type === "file") event.stopPropagation();
  },
  true,
);

// A choice of day or time means “at a certain time”.
document.addEventListener("input", (event) => {
  if (!event.target.matches("input[name=day], input[name=time]")) return;
  const later = event.target.form.querySelector("input[name=when][value=later]");
  if (later) later.checked = true;
});

// Whoever has pressed a button is on the way to its answer: what refreshes itself while the
// server is busy must not load the old page again.
{
  let isLeaving = false;
  document.addEventListener("submit", (event) => {
    isLeaving = !event.defaultPrevented;
  });
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (isLeaving) event.preventDefault();
  });
}

// Whoever is signed out gets the sign-in for an answer: it belongs on a page of its own.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (/\/login\/(\?|$)/.test(event.detail.pathInfo.responsePath ?? "")) event.preventDefault();
});

// What was typed is kept in the browser until a message of the desk names the form that was taken
// in (pages.taken_in): no other page tells, least of all one that came instead of an answer.
for (const said of document.querySelectorAll(".messagelist [class^='unsaved:']")) {
  localStorage.removeItem(said.classList[0]);
  sessionStorage.removeItem(said.classList[0]);
}

// A message is kept by autosave.js. Any other long text is kept as long as its tab is open and
// nobody signs out, and stands in its field again, unless what the desk has there has changed.
for (const form of document.querySelectorAll("form[data-kept]")) {
  const place = `unsaved:${new URL(form.getAttribute("action") ?? "", location).pathname}`;
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");
  const fields = () => [...form.elements].filter((one) => one.matches("textarea, input[type=text]"));
  const lost = fields().filter((one) => {
    const [was, typed] = kept[one.name] ?? [];
    return typed !== undefined && was === one.defaultValue && typed !== one.value;
  });
  for (const field of lost) field.value = kept[field.name][1];
  if (lost.length) {
    const part = form.closest("details");
    if (part) part.open = true;
    window.addEventListener("load", () => form.dispatchEvent(new Event("input", { bubbles: true })));
  }
  // A refused text is shown again by the desk: it is still a change to what stood there before.
  const before = (one) => {
    const [was, typed] = kept[one.name] ?? [];
    return typed === one.defaultValue ? was : one.defaultValue;
  };
  form.addEventListener("input", () => {
    const typed = fields().map((one) => [one.name, [before(one), one.value]]);
    sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(typed)));
  });
}
document.getElementById("logout-form")?.addEventListener("submit", () => sessionStorage.clear());
