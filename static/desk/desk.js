// The keyboard of the desk. Every page works without this file.
"use strict";

// Single keys press what names them: `n` the link to a new message, `/` the search of a list,
// `?` the overview of all of them. Ctrl+Enter presses the main button of a form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    document.querySelector("button[data-shortcut=submit]")?.click();
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

// What was typed is kept in the browser (autosave.js) until a page shows that it was taken in.
{
  const sent = sessionStorage.getItem("sent");
  if (sent && !document.querySelector("form[data-autosave], body.login")) {
    localStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
}
