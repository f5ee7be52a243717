// A small picker of emoji for the fields of a message: its button stands in the field, Ctrl and
// the full stop open it from there. Without this file the fields have none.

// What the newsroom of a utility needs: the sign, its name and other words for it in German, and
// in English.
const LIST = `
📰 Zeitung, Presse, Presseschau | newspaper, press, news
🗞️ gerollte Zeitung, Presse, Nachrichten | rolled newspaper, press
📣 Megafon, Ansage, Aufruf | megaphone, announcement
📢 Lautsprecher, Durchsage | loudspeaker, announcement
🎙️ Mikrofon, Interview, Podcast | microphone, interview, podcast
📻 Radio, Rundfunk | radio
📺 Fernsehen, Fernseher, Beitrag | television, tv
🎬 Film, Video, Klappe | film, video, clapper
📷 Kamera, Foto, Bild | camera, photo, picture
🖼️ Bild, Rahmen, Galerie | picture, frame
📱 Handy, Telefon, App | mobile phone, app
💻 Laptop, Rechner, Computer, Intranet | laptop, computer, intranet
📧 E-Mail, Post, Nachricht | email, mail
📞 Telefon, Anruf, Hotline | telephone, call, hotline
💬 Sprechblase, Gespräch, Dialog | speech bubble, chat
🔗 Link, Kette, Verweis | link, chain
📎 Büroklammer, Anhang | paper clip, attachment
📝 Notiz, Formular, Bewerbung | memo, form, application
📄 Dokument, Seite, Papier | document, page, paper
📌 Reißzwecke, Pinnwand, Aushang | pin, notice board
🗳️ Wahl, Urne, Betriebsrat, Abstimmung | ballot box, vote, works council
🚋 Straßenbahn, Tram, Bahn, Linie | tram, streetcar
🚊 Stadtbahn, Straßenbahn, Tram | light rail, tram
🚌 Bus, Linie, Nahverkehr | bus, transit
🚍 Bus von vorn, Nahverkehr | oncoming bus
🚏 Haltestelle, Bus, Fahrplan | bus stop, timetable
🚆 Zug, Bahn, Regionalbahn | train, railway
🛤️ Gleise, Schienen, Gleisbau | tracks, rails
🚦 Ampel, Verkehr | traffic light
🚗 Auto, Pkw, Verkehr | car
🚚 Lastwagen, Lkw, Lieferung | truck, lorry, delivery
🚛 Sattelzug, Müllwagen, Lkw | articulated lorry
🚲 Fahrrad, Rad, Radweg | bicycle, bike
🅿️ Parkplatz, Parken, Parkhaus | parking, car park
🗺️ Karte, Plan, Umleitung | map, diversion
📍 Ort, Stecknadel, Treffpunkt | place, location, meeting point
🧭 Kompass, Richtung | compass, direction
⚡ Strom, Blitz, Energie, Spannung | electricity, lightning, energy
🔌 Stecker, Strom, Anschluss | plug, electricity
🔋 Akku, Batterie, Speicher | battery, storage
💡 Licht, Lampe, Idee, Tipp | light, bulb, idea, tip
☀️ Sonne, Solar, Wetter, heiter | sun, solar, weather
🌞 Sonne mit Gesicht, Sommer | sun with face, summer
🌬️ Wind, Windkraft, Sturm | wind, wind power
🔥 Feuer, Wärme, Fernwärme, Gas, heiß | fire, heat, district heating, gas
🌡️ Thermometer, Temperatur, Heizung | thermometer, temperature, heating
♨️ Wärme, Therme, heiße Quelle | heat, hot springs
🏭 Kraftwerk, Fabrik, Industrie | power station, factory
🏗️ Baustelle, Kran, Bau | construction site, crane
🚧 Baustelle, Sperrung, Absperrung | roadworks, closed, barrier
👷 Bauarbeiter, Bau, Montage | construction worker
🔧 Schraubenschlüssel, Reparatur, Wartung | wrench, repair, maintenance
🛠️ Werkzeug, Werkstatt, Reparatur | tools, workshop, repair
⚙️ Zahnrad, Technik, Betrieb | gear, technology
🔩 Schraube, Montage | nut and bolt
🦺 Warnweste, Arbeitsschutz, Sicherheit | safety vest, safety at work
⛑️ Helm, Erste Hilfe, Arbeitsschutz | helmet, first aid
🧯 Feuerlöscher, Brandschutz | fire extinguisher
💧 Wasser, Tropfen, Trinkwasser | water, drop, drinking water
🚰 Trinkwasser, Wasserhahn, Leitung | tap water, drinking water
🚿 Dusche, Wasser | shower, water
🌊 Welle, Hochwasser, Bad | wave, flood
🏊 Schwimmen, Freibad, Schwimmbad | swimming, pool
🗑️ Mülleimer, Abfall, Müll | waste basket, rubbish
♻️ Recycling, Wertstoff, Kreislauf | recycling, reuse
🧹 Besen, Stadtreinigung, Kehren | broom, street cleaning
🌱 Pflanze, Klima, Nachhaltigkeit, Umwelt | seedling, climate, environment
🌳 Baum, Park, Natur | tree, park, nature
🌍 Erde, Klima, Welt | earth, climate, world
❄️ Schnee, Winter, Frost, Winterdienst | snow, winter, frost
🌧️ Regen, Wolke, Wetter | rain, cloud, weather
⛈️ Gewitter, Unwetter, Sturm | thunderstorm, storm
🌈 Regenbogen, Vielfalt | rainbow, diversity
🏠 Haus, Wohnen, Mieter | house, home, tenants
🏢 Bürogebäude, Verwaltung, Zentrale | office building, headquarters
🏙️ Stadt, Skyline | city
🏛️ Rathaus, Stadtrat, Politik | town hall, council, politics
🏫 Schule, Ausbildung | school
👥 Menschen, Team, Belegschaft | people, team, staff
👋 Winken, Hallo, Willkommen, Abschied | wave, hello, welcome, goodbye
🤝 Händedruck, Vertrag, Partner | handshake, contract, partner
👏 Applaus, Klatschen, Lob | applause, clapping, praise
👍 Daumen hoch, gut, einverstanden | thumbs up, good
🙏 Danke, Bitte, gefaltete Hände | thank you, please
💪 Kraft, Muskel, stark | strength, muscle, strong
🙂 Lächeln, freundlich | smile, friendly
😀 Lachen, froh, fröhlich | grin, happy
😉 Zwinkern, Scherz | wink
🤔 Nachdenken, Frage, Rätsel | thinking, question, riddle
😴 Schlafen, müde, Nachtschicht | sleeping, tired, night shift
🎓 Abschluss, Ausbildung, Studium | graduation, training, studies
💼 Aktentasche, Stelle, Beruf, Job | briefcase, job, work
🩺 Gesundheit, Betriebsarzt, Vorsorge | health, doctor
💉 Impfung, Spritze | vaccination, syringe
❤️ Herz, Liebe, Dank | heart, love
💚 grünes Herz, Umwelt | green heart, environment
🎉 Feier, Konfetti, Jubiläum, Glückwunsch | party, celebration, anniversary
🎂 Geburtstag, Torte, Jubiläum | birthday, cake
🎁 Geschenk, Preis, Gewinn | gift, prize
🏆 Pokal, Sieg, Preis, Auszeichnung | trophy, award
🥇 Goldmedaille, Erster, Sieg | gold medal, first
🎟️ Eintrittskarte, Ticket, Verlosung | admission ticket, raffle
🎫 Ticket, Fahrkarte, Jobticket | ticket, fare
🎄 Weihnachten, Tannenbaum, Advent | Christmas, tree
🐣 Ostern, Küken | Easter, chick
🎵 Musik, Note, Konzert | music, note, concert
⚽ Fußball, Sport | football, soccer, sport
🏃 Laufen, Lauf, Sport | running, race, sport
☕ Kaffee, Pause, Frühstück | coffee, break
🍽️ Essen, Kantine, Mahlzeit, Teller | meal, canteen, plate
🌭 Bratwurst, Wurst, Grill | sausage, hot dog, barbecue
📅 Kalender, Termin, Datum | calendar, date, appointment
🗓️ Wandkalender, Termin, Woche | spiral calendar, week
⏰ Wecker, Uhrzeit, Frist | alarm clock, time, deadline
🕕 sechs Uhr, Uhr, Zeit, früh | six o'clock, time, early
⏳ Sanduhr, Frist, warten | hourglass, deadline, wait
💶 Euro, Geld, Tarif, Lohn | euro, money, pay
📈 Kurve steigt, Anstieg, Bilanz | chart rising, increase
📉 Kurve fällt, Rückgang | chart falling, decrease
📊 Balken, Statistik, Umfrage | bar chart, statistics, survey
⚠️ Warnung, Achtung, Vorsicht | warning, attention
🚨 Blaulicht, Alarm, Eilmeldung, Notfall | siren, alarm, urgent, emergency
🔴 roter Punkt, live, Störung | red dot, live, outage
🟢 grüner Punkt, frei, läuft | green dot, free, running
✅ Häkchen, erledigt, fertig, ja | check mark, done, yes
❌ Kreuz, nein, fällt aus, falsch | cross, no, cancelled
❓ Fragezeichen, Frage | question mark
❗ Ausrufezeichen, wichtig | exclamation mark, important
ℹ️ Info, Hinweis, Auskunft | information, notice
🆕 neu, Neues | new
🔒 Schloss, Datenschutz, zu | lock, data protection, closed
🔍 Lupe, Suche | magnifying glass, search
🔔 Glocke, Erinnerung | bell, reminder
⭐ Stern, Favorit | star, favourite
➡️ Pfeil, weiter, rechts | arrow, next, right
👉 Finger, hier, Hinweis | pointing finger, here
👇 Finger nach unten, unten | pointing down, below
`;

const COLUMNS = 8;
const isGerman = document.documentElement.lang.startsWith("de");
const EMOJI = LIST.trim().split("\n").map((line) => {
  const sign = line.slice(0, line.indexOf(" "));
  const [german, english] = line.slice(sign.length + 1).split(" | ");
  const name = (isGerman ? german : english).split(",")[0];
  const words = `${german}, ${english}`.toLocaleLowerCase();
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: sign, title: name, tabIndex: -1 });
  button.setAttribute("aria-label", name);
  return { button, words, terms: words.split(/[^\p{L}\p{N}]+/u) };
});

const picker = document.getElementById("emoji");
const search = picker.querySelector("input");
const grid = picker.querySelector(".emoji-grid");
const found = picker.querySelector("[role=status]");
const buttons = () => [...grid.children];
const visited = new WeakSet(); // fields in which somebody has put the caret
let field = null; // into which it goes

// Whole words first, then beginnings, then the rest: "Rad" means the bicycle, not the radio.
const NOWHERE = 3;
function rank({ words, terms }, wanted) {
  if (wanted.every((word) => terms.includes(word))) return 0;
  if (wanted.every((word) => terms.some((term) => term.startsWith(word)))) return 1;
  return wanted.every((word) => words.includes(word)) ? 2 : NOWHERE;
}

function look() {
  const wanted = search.value.trim().toLocaleLowerCase().split(/\s+/);
  const ranked = EMOJI.map((one) => ({ button: one.button, rank: rank(one, wanted) }));
  ranked.sort((a, b) => a.rank - b.rank);
  for (const { button, rank } of ranked) button.hidden = rank === NOWHERE;
  grid.append(...ranked.map(({ button }) => button));
  const n = shown().length;
  found.textContent = n || !search.value ? "" : found.dataset.none;
  stopAt(shown()[0]);
}

const shown = () => buttons().filter((button) => !button.hidden);

// One of them is a stop of the Tab key; arrows lead on from there.
function stopAt(button) {
  for (const one of buttons()) one.tabIndex = one === button ? 0 : -1;
}

visited.add(document.activeElement); // on which the page was opened
document.addEventListener("focusin", (event) => visited.add(event.target));

function open(at) {
  field = at;
  if (!visited.has(at)) at.setSelectionRange(at.value.length, at.value.length);
  search.value = "";
  look();
  picker.showPopover();
  const box = at.closest(".with-emoji").getBoundingClientRect();
  const left = Math.max(8, Math.min(box.right, innerWidth - 8) - picker.offsetWidth);
  const isRoomBelow = box.bottom + picker.offsetHeight + 8 <= innerHeight;
  const top = isRoomBelow ? box.bottom + 4 : Math.max(8, box.top - picker.offsetHeight - 4);
  picker.style.setProperty("left", `${left + scrollX}px`);
  picker.style.setProperty("top", `${top + scrollY}px`);
  grid.scrollTop = 0;
  search.focus({ preventScroll: true });
}

function leave() {
  picker.hidePopover();
  field.focus();
}

// As if it were typed: at the caret, and the browser can undo it.
function insert(sign) {
  leave();
  document.execCommand("insertText", false, sign);
}

grid.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) insert(button.textContent);
});
search.addEventListener("input", look);
// Whoever closes it is back in the field, unless they went elsewhere by that.
picker.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && document.activeElement.matches("body, .emoji-open")) field.focus();
});

picker.addEventListener("keydown", (event) => {
  event.stopPropagation(); // the single keys of the desk are not meant here
  if (event.key === "Escape") {
    event.preventDefault(); // a field for searching would only empty itself
    leave();
    return;
  }
  const all = shown();
  const at = all.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (at < 0) {
    if (event.key === "ArrowDown") all[0]?.focus();
    else if (event.key === "Enter" && all.length) insert(all[0].textContent);
    else return;
  } else if (step) {
    const next = at + step;
    if (next < 0) search.focus();
    else all[Math.min(next, all.length - 1)].focus();
  } else if (/^(Home|End)$/.test(event.key)) all.at(event.key === "Home" ? 0 : -1).focus();
  else if (event.key.length === 1 && event.key !== " ") {
    search.focus(); // typing goes on searching
    return;
  } else return;
  event.preventDefault();
});
grid.addEventListener("focusin", (event) => stopAt(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "." || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const at = event.target.closest(".with-emoji")?.querySelector("textarea");
  if (!at) return;
  event.preventDefault();
  open(at);
});

// Its button; Tab passes by, for the keyboard has Ctrl and the full stop.
function dress(within) {
  for (const place of within.querySelectorAll(".with-emoji:not(:has(.emoji-open))")) {
    const at = place.querySelector("textarea");
    const label = at.labels?.[0]?.textContent.trim() ?? at.getAttribute("aria-label");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "emoji-open", textContent: "🙂", tabIndex: -1 });
    button.setAttribute("aria-label", `${picker.dataset.open}: ${label}`);
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-keyshortcuts", "Control+.");
    button.title = `${picker.dataset.open} (${picker.dataset.keys})`;
    button.addEventListener("click", () => open(at));
    place.append(button);
  }
}
dress(document);
document.addEventListener("htmx:load", (event) => dress(event.target));
