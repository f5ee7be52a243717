// Building the page out of nodes. No text ever becomes markup.

const SVG = "http://www.w3.org/2000/svg";

// Outlines on a 24 by 24 grid, drawn for this page.
const OUTLINES = {
  add: "M12 5v14M5 12h14",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
  back: "M19 12H5M11 6l-6 6l6 6",
  down: "M6 9l6 6l6-6",
  close: "M6 6l12 12M18 6L6 18",
  clip: "M20 11l-8.2 8.2a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.1a1.7 1.7 0 0 1-2.4-2.4L14.6 7",
  send: "M4 12L4.6 4.5L21 12L4.6 19.5ZM4 12h9",
  sliders: "M4 7h8M16 7h4M14 4.5v5M4 17h4M12 17h8M10 14.5v5",
  reply: "M9 7L4 12l5 5M4 12h9a7 7 0 0 1 7 6",
  menu: "M4 7h2M9 7h11M4 12h2M9 12h11M4 17h2M9 17h11",
  link: "M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9",
  call: "M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1",
  copy: "M9 9h11v11H9ZM5 15H4V4h11v1",
  image: "M4 5h16v14H4ZM4 16l5-5l4 4l3-3l4 4M15 9h.01",
  video: "M4 6h11v12H4ZM15 10l5-3v10l-5-3",
  audio: "M8 18V6l11-2v12M8 18a2.5 2.5 0 1 1-5 0a2.5 2.5 0 0 1 5 0M19 16a2.5 2.5 0 1 1-5 0a2.5 2.5 0 0 1 5 0",
  document: "M6 3h8l5 5v13H6ZM14 3v5h5M9 13h7M9 17h5",
  sticker: "M5 5h14v9l-5 5H5ZM14 19v-5h5",
  person: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4.5 20a7.5 7.5 0 0 1 15 0",
  flight: "M12 3v7l8 5v2l-8-2.5V19l2.5 2h-5L12 19v-4.5L4 17v-2l8-5",
  signal: "M4 20v-3M9 20v-7M14 20V9M19 20V4",
  battery: "M3 8h15v8H3ZM21 11v2M5.5 10.5h8v3h-8Z",
  sent: "M6 12.5l4 4L18 7.5",
  delivered: "M2 12.5l4 4l8-9M11 15.5l1 1l8-9",
};
OUTLINES.read = OUTLINES.delivered;

export function byId(id) {
  return document.getElementById(id);
}

// A new element; attributes that start with "on" are listeners, false and null are left out.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", OUTLINES[name]);
  svg.append(path);
  return svg;
}

export function unseen(text) {
  return make("span", { class: "unseen" }, text);
}

export function drawIcons() {
  for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
}

// Make a list show these entries ({key, content, draw}), touching only what is new or different.
export function reconcile(list, entries) {
  const focused = list.contains(document.activeElement) && document.activeElement.closest("[data-key]")?.dataset.key;
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  let cursor = list.firstElementChild;
  for (const { key, content, draw } of entries) {
    let node = known.get(key);
    known.delete(key);
    if (node?.dataset.content !== content) {
      const fresh = draw();
      Object.assign(fresh.dataset, { key, content });
      if (cursor && cursor === node) cursor = fresh;
      node?.replaceWith(fresh);
      node = fresh;
    }
    if (node === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(node, cursor);
  }
  for (const node of known.values()) node.remove();
  if (focused && !list.contains(document.activeElement)) refocus(list, focused);
}

// Moving a node takes the focus from it, and replacing it even more so.
function refocus(list, key) {
  const node = [...list.children].find((child) => child.dataset.key === key);
  node?.querySelector("a[href], button:enabled")?.focus({ preventScroll: true });
}

const TONES = 8; // as many as the stylesheet has

export function avatar(person) {
  const words = person.name.match(/\p{L}[\p{L}\p{M}'’-]*/gu) ?? [];
  const initials = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => word?.[0] ?? "").join("");
  const tone = Number.parseInt(person.id, 10) % TONES || 0;
  const face = initials.toUpperCase() || icon("person");
  return make("span", { class: `avatar tone-${tone}`, "aria-hidden": "true" }, face);
}
