// One message as a bubble, with everything that can hang on it.

import { icon, make, unseen } from "/phone/static/dom.js";
import { format, outsideLink, plain } from "/phone/static/formatting.js";
import { state } from "/phone/static/state.js";
import { t } from "/phone/static/texts.js";
import { clock } from "/phone/static/time.js";

const MOST_BUTTONS = 3; // more of them hide behind "see all"

// `acts` are the functions to call: tap(message, id), open(message), reply(message), show(id).
export function bubbleRow(message, { acts, isFirst }) {
  const side = message.from_person ? "out" : "in";
  const writer = message.from_person ? t("you") : state.business.name;
  const bubble = make(
    "div",
    { class: `bubble ${message.media ? message.media.kind : ""}` },
    unseen(`${writer}:`),
    message.quote && quote(message.quote, acts),
    message.media && media(message.media),
    message.header && make("p", { class: "header" }, message.header),
    ...format(message.text),
    message.footer && make("p", { class: "footer" }, message.footer),
  );
  endOf(bubble).append(meta(message));
  if (message.reaction) bubble.append(reaction(message.reaction));
  const line = make("div", { class: "line" }, bubble, !message.from_person && replyButton(message, acts));
  return make("li", { class: `row ${side} ${isFirst ? "first" : ""}` }, line, buttons(message, acts));
}

function replyButton(message, acts) {
  const onclick = () => acts.reply(message);
  return make("button", { class: "round reply", type: "button", "aria-label": t("reply"), onclick }, icon("reply"));
}

// Time and ticks stand behind the last word if there is room, as on a phone.
function endOf(bubble) {
  const last = bubble.lastElementChild;
  return last.matches(".words, .footer") ? last : bubble;
}

function meta({ at, from_person: isOwn, ticks }) {
  const marks = isOwn ? [icon(ticks), unseen(t(ticks))] : [];
  return make("span", { class: "meta" }, make("time", {}, clock(at)), ...marks);
}

function reaction(emoji) {
  return make("span", { class: "reaction", role: "img", "aria-label": t("reaction", { emoji }) }, emoji);
}

function quote({ id, from_person: isOwn, text, media: kind }, acts) {
  const name = isOwn ? t("you") : state.business.name;
  const words = make("span", { class: "quoted-words" }, kind && icon(kind), plain(text) || (kind && t(kind)));
  const attributes = { class: "quote", type: "button", title: t("to_quote"), onclick: () => acts.show(id) };
  return make("button", attributes, make("strong", {}, name), words);
}

function media(file) {
  if (file.link) return card(file, t("media_elsewhere", { host: new URL(file.link).host }), file.link);
  if (!file.url) return card(file, t("media_gone"));
  if (file.kind === "image" || file.kind === "sticker") return picture(file);
  if (file.kind === "video" || file.kind === "audio") return player(file);
  return card(file, [typeOf(file), size(file.size)].filter(Boolean).join(" · "), file.url);
}

function player({ kind, url }) {
  return make(kind, { class: "media", src: url, controls: true, preload: "metadata", "aria-label": t(kind) });
}

function picture({ kind, url }) {
  const image = make("img", { class: "media", src: url, alt: t(kind) });
  const label = t("open_media", { kind: t(kind) });
  return make("a", { href: url, target: "_blank", rel: "noopener", "aria-label": label }, image);
}

function card(file, about, href = null) {
  const title = make("strong", {}, file.filename || t(file.kind));
  const words = make("span", { class: "card-words" }, title, make("span", {}, about));
  const where = href ? { href, target: "_blank", rel: "noopener noreferrer" } : {};
  return make(href ? "a" : "div", { class: "card", ...where }, icon(file.kind), words);
}

function typeOf({ filename, mime_type: type }) {
  const ending = filename.includes(".") ? filename.split(".").at(-1) : type.split("/").at(-1);
  return ending.length <= 4 ? ending.toUpperCase() : "";
}

function size(bytes) {
  if (!bytes) return "";
  const [value, unit] = bytes < 1e6 ? [Math.ceil(bytes / 1e3), "kilobyte"] : [bytes / 1e6, "megabyte"];
  const style = { style: "unit", unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(value);
}

function buttons(message, acts) {
  const { buttons: all, menu } = message;
  if (menu) return choices(openSheet(menu.button, () => acts.open(message)));
  if (!all.length) return null;
  const shown = all.length > MOST_BUTTONS ? all.slice(0, MOST_BUTTONS - 1) : all;
  const rest = all.length > shown.length && openSheet(t("all_options"), () => acts.open(message));
  return choices(...shown.map((button) => choice(button, message, acts)), rest);
}

function choices(...children) {
  return make("div", { class: "choices" }, ...children);
}

function openSheet(title, onclick) {
  return make("button", { type: "button", "aria-haspopup": "dialog", onclick }, icon("menu"), title);
}

// A button to tap: an answer for the business, or something that happens on the phone alone.
export function choice(button, message, acts) {
  const { kind, title, value } = button;
  if (kind === "url") return outsideLink(value, {}, icon("link"), title);
  if (kind === "phone") return make("a", { href: `tel:${value}` }, icon("call"), title);
  if (kind === "copy") return copyButton(title, value);
  const isTapped = message.tapped === button.id;
  const onclick = () => acts.tap(message, button.id);
  const children = [icon(isTapped ? "sent" : "reply"), title, isTapped && unseen(t("tapped"))];
  return make("button", { type: "button", disabled: message.tapped !== null, onclick }, ...children);
}

function copyButton(title, value) {
  const button = make("button", { type: "button" }, icon("copy"), title);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value);
    button.replaceChildren(icon("sent"), t("copied"));
  });
  return button;
}
