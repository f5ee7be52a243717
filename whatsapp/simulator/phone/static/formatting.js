// Chat formatting: *bold*, _italic_, ~strike~, `code`, ```mono```, quotes, lists and links.

import { make } from "/phone/static/dom.js";

const MONO = /```([^]+?)```/;
const TAGS = { "*": "strong", _: "em", "~": "s" };

// A mark counts only at the edge of a word, with something other than a blank inside.
const INLINE = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}*_~])(?<mark>[*_~])(?=\S)(?<marked>.*?\S)\k<mark>(?![\p{L}\p{N}])`,
    "`(?<code>[^`]+)`",
    String.raw`(?<link>(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}'’“”*_~])`,
  ].join("|"),
  "u",
);

const LINES = {
  quote: /^> (?<rest>.*)$/,
  bullet: /^[-*] (?<rest>.+)$/,
  number: /^(?<number>\d{1,3})\. (?<rest>.+)$/,
};

// The nodes for a text; the last one may take further content behind its last word.
export function format(text) {
  const nodes = [];
  const parts = text.split(MONO);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    // The line breaks around a mono block are those of the block itself.
    const text = part.replace(index ? /^\n/ : "", "").replace(isLast ? "" : /\n$/, "");
    if (index % 2) nodes.push(make("pre", {}, text));
    else if (text.trim()) nodes.push(...blocks(text));
  }
  return nodes;
}

// The text without its marks, for the list and for quotes.
export function plain(text) {
  const holder = make("div", {}, ...format(text));
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function blocks(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const [kind, match] = kindOf(line);
    if (groups.at(-1)?.kind !== kind) groups.push({ kind, lines: [] });
    groups.at(-1).lines.push(match ?? { groups: { rest: line } });
  }
  return groups.map(block);
}

function kindOf(line) {
  for (const [kind, pattern] of Object.entries(LINES)) {
    const match = line.match(pattern);
    if (match) return [kind, match];
  }
  return ["plain", null];
}

function block({ kind, lines }) {
  const texts = lines.map((line) => line.groups.rest);
  if (kind === "bullet" || kind === "number") {
    const items = texts.map((text) => make("li", {}, ...inline(text)));
    const [tag, attributes] = kind === "bullet" ? ["ul", {}] : ["ol", { start: lines[0].groups.number }];
    return make(tag, attributes, ...items);
  }
  // An empty line at the end needs its own break, or the browser swallows it.
  const text = texts.join("\n") + (texts.at(-1) === "" ? "\n" : "");
  return make(kind === "quote" ? "blockquote" : "div", { class: "words" }, ...inline(text));
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let match = rest.match(INLINE); match; match = rest.match(INLINE)) {
    nodes.push(rest.slice(0, match.index), inlineNode(match.groups));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, rest].filter((node) => node !== "");
}

function inlineNode({ mark, marked, code, link }) {
  if (mark) return make(TAGS[mark], {}, ...inline(marked));
  if (code) return make("code", {}, code);
  const href = link.startsWith("www.") ? `https://${link}` : link;
  return outsideLink(href, {}, link);
}

// A link that leaves the page; anything but the web is not linked.
export function outsideLink(href, attributes, ...children) {
  const safe = /^https?:\/\//.test(href);
  const where = safe ? { href, target: "_blank", rel: "noopener noreferrer" } : {};
  return make("a", { ...attributes, ...where }, ...children);
}
