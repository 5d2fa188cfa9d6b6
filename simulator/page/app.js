// The page: phones side by side, the clock, and the column of Bot API calls.

import * as api from "./api.js";
import { element } from "./element.js";
import { Phone } from "./phone.js";

const ROLES = ["директор школы", "координатор", "сотрудник муниципалитета"];
const PAUSE = 1500; // milliseconds before another try when the server is away
const NARROW = matchMedia("(max-width: 820px)");
const [CLOCK, SHORT_CLOCK] = ["long", "short"].map((length) => new Intl.DateTimeFormat("ru-RU", {
  weekday: length, day: "numeric", month: length, year: "numeric", hour: "2-digit", minute: "2-digit",
  timeZone: "Europe/Moscow",
}));

const desk = document.querySelector(".desk");
const tabs = document.querySelector(".tabs");
const phones = new Map();
const calls = element("section", "calls", element("h2", "", "Вызовы Bot API"), element("ol"));
calls.id = "calls";
calls.dataset.testid = "calls";

function show(id) {
  for (const [other, { phone, tab }] of phones) {
    phone.node.classList.toggle("shown", other === id);
    tab.setAttribute("aria-selected", other === id);
    if (other !== id) continue;
    tab.classList.remove("fresh");
    phone.reveal();
  }
}

function add(person, index) {
  const phone = new Phone(person.id, index, ROLES[index] ?? "");
  const tab = element("button", "", (ROLES[index] ?? person.name).split(" ")[0]);
  tab.type = "button";
  tab.setAttribute("role", "tab");
  tab.addEventListener("click", () => show(person.id));
  tabs.append(tab);
  desk.insertBefore(phone.node, calls.parentNode === desk ? calls : null);
  phones.set(person.id, { phone, tab });
  if (phones.size === 1) show(person.id);
}

function drawCalls(list) {
  const column = calls.querySelector("ol");
  const follow = column.scrollHeight - column.scrollTop - column.clientHeight < 60;
  column.replaceChildren(...list.map((call) => element("li", call.error ? "failed" : "",
    element("b", "", call.method),
    call.updates ? ` ← ${call.updates}` : (call.chat_id ? ` → ${call.chat_id}` : ""),
    element("span", "", call.error ?? call.text))));
  if (follow) column.scrollTop = column.scrollHeight;
}

function draw(state) {
  const clock = NARROW.matches ? SHORT_CLOCK : CLOCK;
  document.querySelector(".clock").textContent = clock.format(new Date(state.clock));
  const people = new Map(state.people.map((person) => [person.id, person]));
  state.phones.forEach((id, index) => {
    const person = people.get(id);
    if (!person) return;
    const known = phones.has(id);
    if (!known) add(person, index);
    const { phone, tab } = phones.get(id);
    const news = phone.update(person, state.bot);
    if (known && news && !phone.node.classList.contains("shown")) tab.classList.add("fresh");
  });
  drawCalls(state.calls);
}

async function follow() {
  let since = -1;
  for (;;) {
    try {
      const state = await api.state(since);
      since = state.version;
      draw(state);
    } catch {
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }
}

for (const button of document.querySelectorAll(".steps button")) {
  button.addEventListener("click", async () => {
    const all = document.querySelectorAll(".steps button");
    for (const one of all) one.disabled = true;
    try {
      await api.advance(Number(button.dataset.seconds));
    } finally {
      for (const one of all) one.disabled = false;
    }
  });
}

function toggles(button, node) {
  button.addEventListener("click", () => {
    node.hidden = !node.hidden;
    button.setAttribute("aria-expanded", !node.hidden);
  });
}

desk.append(calls);
toggles(document.getElementById("show-hint"), document.getElementById("hint"));
toggles(document.getElementById("show-calls"), calls);
follow();
