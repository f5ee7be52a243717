// What the page knows: the business, everybody with a phone, and whose phone is shown.

export const state = {
  business: { name: "", phone: "" },
  people: new Map(),
  chosenId: null,
};

export function chosen() {
  return state.people.get(state.chosenId) ?? null;
}

// "+49 171 3920001": the country code and the network stand apart, as far as we know them.
export function phoneNumber(digits) {
  const parts = digits.match(/^(49)(1\d\d|\d{2})(\d+)$/);
  return parts ? `+${parts[1]} ${parts[2]} ${parts[3]}` : `+${digits}`;
}

// Another person for the form: a mobile number that the Bundesnetzagentur keeps for films.
export function freeNumber() {
  const taken = new Set([...state.people.values()].map((person) => person.phone));
  for (let last = 1; last < 100; last += 1) {
    const digits = `491713920${String(last).padStart(3, "0")}`;
    if (!taken.has(digits)) return phoneNumber(digits);
  }
  return "";
}
