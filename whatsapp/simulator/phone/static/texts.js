// Every word of the page, in German and in English, and the choice between them.

const de = {
  about: "Übungstelefone. Nichts von hier erreicht ein echtes Handy.",
  language: "Sprache",
  people: "Telefone",
  add_person: "Neue Person",
  name: "Name",
  number: "Handynummer",
  add: "Anlegen",
  cancel: "Abbrechen",
  search: "Name oder Nummer suchen",
  no_match: "Niemand gefunden, der zu „{words}“ passt.",
  nobody_title: "Noch ist niemand da",
  nobody_text:
    "Leg oben eine Person mit Namen und Handynummer an. Dann schreib von ihrem Telefon START, so meldet sie sich an.",
  phone: "Telefon",
  phone_of: "Telefon von {name}",
  choose: "Wähl links ein Telefon aus, um mitzulesen und zu antworten.",
  choose_first: "Leg links die erste Person an. Hier erscheint dann ihr Telefon.",
  back: "Zurück zur Liste",
  messages: "Chatverlauf",
  newest: "Zur neuesten Nachricht",
  start_text: "Noch keine Nachrichten. Mit START meldet sich diese Person an.",
  start_button: "START senden",
  message: "Nachricht",
  send: "Senden",
  attach: "Datei anhängen",
  discard: "Verwerfen",
  reply: "Auf diese Nachricht antworten",
  reply_to: "Antwort auf: {text}",
  close: "Schließen",
  you: "Du",
  today: "Heute",
  yesterday: "Gestern",
  unread_one: "1 ungelesene Nachricht",
  unread_other: "{n} ungelesene Nachrichten",
  no_messages: "Noch keine Nachrichten",
  sent: "gesendet",
  delivered: "zugestellt",
  read: "gelesen",
  image: "Foto",
  video: "Video",
  audio: "Audio",
  document: "Dokument",
  sticker: "Sticker",
  media_gone: "Nicht mehr verfügbar",
  media_elsewhere: "Liegt im Web: {host}",
  open_media: "{kind} öffnen",
  tapped: "ausgewählt",
  copied: "Kopiert",
  all_options: "Alle Optionen",
  options: "Optionen",
  to_quote: "Zur zitierten Nachricht",
  reaction: "Reaktion: {emoji}",
  says: "{name}: {text}",
  settings: "Einstellungen",
  flight_mode: "Flugmodus",
  flight_mode_help: "Nichts kommt an, nichts geht raus. Neue Nachrichten gelten als nicht zustellbar.",
  flight_mode_on: "Flugmodus: Dieses Telefon empfängt und sendet nichts.",
  read_receipts: "Lesebestätigungen",
  read_receipts_help: "Wer schreibt, erfährt, dass gelesen wurde.",
  hides_phone: "Nummer verbergen",
  hides_phone_help: "Statt der Nummer wird nur ein Benutzername übermittelt.",
  by_hand: "Von Hand bedienen",
  by_hand_help: "Gelesen wird nur, was du hier öffnest. Sonst liest die Person ab und zu von selbst.",
  marketing_stopped: "Werbung stoppen",
  marketing_stopped_help: "Vorlagen der Kategorie Marketing kommen nicht mehr an.",
  lost: "Keine Verbindung zum Simulator. Wir versuchen es weiter …",
  error_offline: "Das hat nicht geklappt: Der Simulator antwortet nicht.",
  error_other: "Das hat nicht geklappt. Bitte versuch es noch einmal.",
  error_flight_mode: "Das Telefon ist im Flugmodus.",
  error_no_person: "Diese Person gibt es nicht mehr.",
  error_no_button: "Diesen Knopf gibt es nicht mehr.",
  error_name: "Bitte gib einen Namen ein.",
  error_phone: "Bitte gib eine Handynummer ein, zum Beispiel +49 171 3920001.",
  error_phone_taken: "Diese Nummer gehört schon jemandem.",
  error_file_refused:
    "Diese Datei geht nicht. Erlaubt sind JPEG und PNG bis 5 MB, MP4 und Audio bis 16 MB, PDF, Office und Text bis 100 MB.",
};

const en = {
  about: "Practice phones. Nothing here ever reaches a real one.",
  language: "Language",
  people: "Phones",
  add_person: "New person",
  name: "Name",
  number: "Mobile number",
  add: "Add",
  cancel: "Cancel",
  search: "Search name or number",
  no_match: "Nobody matches “{words}”.",
  nobody_title: "Nobody here yet",
  nobody_text:
    "Add a person above, with a name and a mobile number. Then type START on their phone to subscribe them.",
  phone: "Phone",
  phone_of: "{name}’s phone",
  choose: "Choose a phone on the left to read along and reply.",
  choose_first: "Add the first person on the left. Their phone will appear here.",
  back: "Back to the list",
  messages: "Chat",
  newest: "To the newest message",
  start_text: "No messages yet. START subscribes this person.",
  start_button: "Send START",
  message: "Message",
  send: "Send",
  attach: "Attach a file",
  discard: "Discard",
  reply: "Reply to this message",
  reply_to: "Reply to: {text}",
  close: "Close",
  you: "You",
  today: "Today",
  yesterday: "Yesterday",
  unread_one: "1 unread message",
  unread_other: "{n} unread messages",
  no_messages: "No messages yet",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  image: "Photo",
  video: "Video",
  audio: "Audio",
  document: "Document",
  sticker: "Sticker",
  media_gone: "No longer available",
  media_elsewhere: "On the web: {host}",
  open_media: "Open {kind}",
  tapped: "chosen",
  copied: "Copied",
  all_options: "See all options",
  options: "Options",
  to_quote: "To the quoted message",
  reaction: "Reaction: {emoji}",
  says: "{name}: {text}",
  settings: "Settings",
  flight_mode: "Flight mode",
  flight_mode_help: "Nothing gets in, nothing gets out. New messages count as undeliverable.",
  flight_mode_on: "Flight mode: this phone neither receives nor sends.",
  read_receipts: "Read receipts",
  read_receipts_help: "Whoever writes is told that it was read.",
  hides_phone: "Hide number",
  hides_phone_help: "Only a username is passed on, not the number.",
  by_hand: "Act by hand",
  by_hand_help: "Only what you open here is read. Otherwise the person reads now and then unaided.",
  marketing_stopped: "Stop marketing",
  marketing_stopped_help: "Templates of the marketing category no longer arrive.",
  lost: "No connection to the simulator. We keep trying …",
  error_offline: "That did not work: the simulator does not answer.",
  error_other: "That did not work. Please try again.",
  error_flight_mode: "The phone is in flight mode.",
  error_no_person: "This person is no longer there.",
  error_no_button: "This button is no longer there.",
  error_name: "Please enter a name.",
  error_phone: "Please enter a mobile number, for example +49 171 3920001.",
  error_phone_taken: "This number already belongs to somebody.",
  error_file_refused:
    "This file cannot be sent. Allowed are JPEG and PNG up to 5 MB, MP4 and audio up to 16 MB, PDF, Office and text up to 100 MB.",
};

const LANGUAGES = { de, en };
const KEPT = "simulator-language";
let language = pick([localStorage.getItem(KEPT), ...navigator.languages]);

function pick(wanted) {
  const codes = wanted.filter(Boolean).map((code) => code.slice(0, 2).toLowerCase());
  return codes.find((code) => code in LANGUAGES) ?? "en";
}

export function currentLanguage() {
  return language;
}

export function chooseLanguage(code) {
  language = pick([code]);
  localStorage.setItem(KEPT, language);
}

// The text of a key, with its {gaps} filled.
export function t(key, gaps = {}) {
  const text = LANGUAGES[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, gap) => gaps[gap] ?? "");
}

export function counted(key, n) {
  const form = new Intl.PluralRules(language).select(n) === "one" ? "one" : "other";
  return t(`${key}_${form}`, { n });
}

// What the server or the network refused, as a sentence.
export function sentence(error) {
  const key = `error_${error.reason}`;
  return t(key in de ? key : "error_other");
}

// Write the words into the parts of the page that never change otherwise.
export function translatePage() {
  document.documentElement.lang = language;
  each("text", (node, text) => (node.textContent = text));
  each("label", (node, text) => node.setAttribute("aria-label", text));
  each("placeholder", (node, text) => (node.placeholder = text));
  for (const node of document.querySelectorAll("[data-language]")) {
    node.setAttribute("aria-pressed", String(node.dataset.language === language));
  }
}

function each(place, write) {
  for (const node of document.querySelectorAll(`[data-${place}]`)) write(node, t(node.dataset[place]));
}
