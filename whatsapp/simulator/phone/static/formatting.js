// Chat formatting: *bold*, _italic_, ~strike~, `code`, ```mono```, quotes, lists and links.

import { make } from "/phone/static/dom.js";

const TAGS = { "*": "strong", _: "em", "~": "s", "`": "code", "```": "code" };

// A line ends at a line break, unless that stands inside ```.
const LINE = /(?:```[^]+?```|[^\n])+\n?|\n/g;

// A mark counts only at the edge of a word, with something other than a blank inside.
const INLINE = new RegExp(
  [
    "(?<fence>```)(?<block>[^]+?)```",
    String.raw`(?<![\p{L}\p{N}*_~\x60])(?<mark>[*_~\x60])(?<inner>\S(?:[^\n]*?\S)?)\k<mark>(?![\p{L}\p{N}*_~\x60])`,
    String.raw`(?<link>(?:https?://|\bwww\.)[^\s<>"]*[^\s<>".,;:!?)\]}'’“”*_~\x60])`,
  ].join("|"),
  "gu",
);

const BEGINNINGS = {
  quote: /^> /,
  bullet: /^[-*] (?=\S)/,
  number: /^(?<number>\d{1,3})\. (?=\S)/,
};

// The nodes for a text; the last one may take further content behind its last word.
export function format(text) {
  return text.trim() ? blocks(text) : [];
}

// The text without its marks, for the list and for quotes.
export function plain(text) {
  const holder = make("div", {}, ...format(text));
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function blocks(text) {
  const groups = [];
  for (const [whole] of text.matchAll(LINE)) {
    const line = whole.replace(/\n$/, "");
    const [kind, beginning] = beginningOf(line);
    if (groups.at(-1)?.kind !== kind) groups.push({ kind, number: beginning?.groups?.number, lines: [] });
    groups.at(-1).lines.push(line.slice(beginning?.[0].length ?? 0));
  }
  return groups.map(block);
}

function beginningOf(line) {
  for (const [kind, pattern] of Object.entries(BEGINNINGS)) {
    const match = line.match(pattern);
    if (match) return [kind, match];
  }
  return ["plain", null];
}

function block({ kind, number, lines }) {
  if (kind === "bullet" || kind === "number") {
    const items = lines.map((line) => make("li", {}, ...inline(line)));
    return kind === "bullet" ? make("ul", {}, ...items) : make("ol", { start: number }, ...items);
  }
  const nodes = lines.flatMap((line, index) => [...(index ? ["\n"] : []), ...inline(line)]);
  // An empty line at the end needs its own break, or the browser swallows it.
  if (lines.at(-1) === "") nodes.push("\n");
  return make(kind === "quote" ? "blockquote" : "div", { class: "words" }, ...nodes);
}

// No mark works inside itself, so no nesting is deep.
function inline(text, within = "") {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(at, match.index), inlineNode(match[0], match.groups, within));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

function inlineNode(whole, { fence, block, mark, inner, link }, within) {
  if (link) return outsideLink(link.startsWith("www.") ? `https://${link}` : link, {}, link);
  const sign = fence ?? mark;
  if (within.includes(sign)) return whole;
  const isCode = sign.startsWith("`");
  return make(TAGS[sign], {}, ...(isCode ? [block ?? inner] : inline(inner, within + sign)));
}

// A link that leaves the page; anything but the web is not linked.
export function outsideLink(href, attributes, ...children) {
  const safe = /^https?:\/\//.test(href);
  const where = safe ? { href, target: "_blank", rel: "noopener noreferrer" } : {};
  return make("a", { ...attributes, ...where }, ...children);
}
