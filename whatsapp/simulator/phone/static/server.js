// Talking to the simulator. A refusal is an Error with the `reason` that the server gave.

const API = "/phone/api";
const PAUSE = 2000; // milliseconds until the next attempt to listen

async function call(method, path, { json, body, type } = {}) {
  const headers = { "Content-Type": json ? "application/json" : type };
  const content = json ? JSON.stringify(json) : body;
  let response;
  try {
    response = await fetch(API + path, method === "GET" ? {} : { method, headers, body: content });
  } catch {
    throw refusal("offline");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw refusal(answer.error ?? "other", answer.detail);
  return answer;
}

// `wrong_value` names the field in front of its detail, and the page has a sentence for each.
function refusal(reason, detail = "") {
  const field = reason === "wrong_value" ? detail.split(":")[0] : reason;
  return Object.assign(new Error(field), { reason: field });
}

const of = (person, rest = "") => `/people/${encodeURIComponent(person.id)}${rest}`;

export const loadPeople = () => call("GET", "/people");
export const loadChat = (person) => call("GET", of(person));
export const addPerson = (fields) => call("POST", "/people", { json: fields });
export const changePerson = (person, fields) => call("PATCH", of(person), { json: fields });
export const markRead = (person) => call("POST", of(person, "/read"), { json: {} });

export function say(person, text, replyTo) {
  return call("POST", of(person, "/say"), { json: { text, reply_to: replyTo } });
}

export function tap(person, message, button) {
  return call("POST", of(person, "/tap"), { json: { message, button } });
}

export function sendFile(person, file, caption) {
  const about = new URLSearchParams({ filename: file.name, caption });
  const type = file.type || "application/octet-stream";
  return call("POST", of(person, `/files?${about}`), { body: file, type });
}

// Listen for news; the browser reconnects by itself unless the server answers with an error.
export function listen({ onLost, onNews }) {
  const source = new EventSource(`${API}/events`);
  source.addEventListener("news", (event) => onNews(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    onLost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen({ onLost, onNews }), PAUSE);
  });
}
