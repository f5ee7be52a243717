// The keyboard of the desk. Every page works without this file.
"use strict";

// `n` starts a new message, Ctrl+Enter presses the main button of a form.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key === "n" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    document.querySelector("a[data-shortcut=n]")?.click();
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    document.querySelector("button[data-shortcut=submit]")?.click();
  }
});

// WhatsApp allows no line break in a value, so Enter leads to the next field.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (!field.matches("textarea[data-one-line]")) return;
  event.preventDefault();
  const fields = [...field.form.elements].filter((one) => one.type !== "hidden");
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
