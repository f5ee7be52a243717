// Times as a phone shows them, by the simulator's clock, which may be shifted.

import { currentLanguage, t } from "/phone/static/texts.js";

const DAY = 24 * 60 * 60 * 1000; // milliseconds
let skew = 0; // milliseconds that the simulator is ahead of this computer

export function setClock(simulatorNow) {
  skew = simulatorNow * 1000 - Date.now();
}

export function now() {
  return new Date(Date.now() + skew);
}

function shown(date, options) {
  return new Intl.DateTimeFormat(currentLanguage(), options).format(date);
}

export function clock(seconds) {
  return shown(new Date(seconds * 1000), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function longDate(date) {
  return shown(date, { weekday: "long", day: "numeric", month: "long" });
}

function daysAgo(date) {
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(now()) - midnight(date)) / DAY);
}

// "Today", "Yesterday", a weekday of the last week, or a date.
export function day(seconds) {
  const date = new Date(seconds * 1000);
  const ago = daysAgo(date);
  if (ago === 0) return t("today");
  if (ago === 1) return t("yesterday");
  if (ago > 1 && ago < 7) return shown(date, { weekday: "long" });
  return shown(date, { day: "2-digit", month: "2-digit", year: "numeric" });
}

export function clockOrDay(seconds) {
  return daysAgo(new Date(seconds * 1000)) === 0 ? clock(seconds) : day(seconds);
}
