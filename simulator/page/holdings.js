// What a message holds besides words: photos, files, voices, places.

import { element } from "./element.js";

const UNITS = ["Б", "КБ", "МБ", "ГБ"];
const NAMES = {
  photo: "Фото", video: "Видео", video_note: "Видеосообщение", animation: "GIF", audio: "Аудио",
  voice: "Голосовое сообщение", document: "Файл", sticker: "Стикер", venue: "Место", location: "Место",
  contact: "Контакт", poll: "Опрос", dice: "Кубик", story: "История",
};

const at = (file) => `/sim/file/${file.file_id}`;
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function size(bytes) {
  let left = bytes ?? 0;
  let unit = 0;
  while (left >= 1024 && unit < UNITS.length - 1) { left /= 1024; unit += 1; }
  return `${left.toLocaleString("ru-RU", { maximumFractionDigits: unit && left < 10 ? 1 : 0 })} ${UNITS[unit]}`;
}

// The words by which a message is quoted.
export function title(message) {
  const words = message.text ?? message.caption;
  if (words) return words;
  if (message.document && !message.animation) return message.document.file_name ?? NAMES.document;
  const kind = Object.keys(NAMES).find((name) => message[name]);
  return NAMES[kind] ?? "Сообщение";
}

function image(file, alt) {
  const node = element("img");
  node.src = at(file);
  node.alt = alt;
  node.width = file.width;
  node.height = file.height;
  return node;
}

function photo(message) {
  const node = element("a", "frame", image(message.photo.at(-1), "Фото"));
  node.href = at(message.photo.at(-1));
  node.target = "_blank";
  return node;
}

function film(message) {
  const file = message.video ?? message.animation ?? message.video_note;
  const node = element("div", message.video_note ? "frame film round" : "frame film",
    file.thumbnail ? image(file.thumbnail, "") : null,
    element("b", "", "▶"),
    element("span", "", message.animation ? "GIF" : clock(file.duration)));
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", `${title({ ...message, caption: undefined })}, ${clock(file.duration)}`);
  return node;
}

// Photos and videos of a bubble, together.
export function pictures(group) {
  const shown = group.filter((one) => one.photo || one.video || one.animation || one.video_note);
  if (!shown.length) return null;
  const node = element("div", shown.length > 1 ? "photos many" : "photos", ...shown.map((one) => (one.photo ? photo(one) : film(one))));
  node.style.setProperty("--columns", shown.length === 2 || shown.length === 4 ? 2 : 3);
  return node;
}

function paper(file, icon, name, detail) {
  const node = element("a", "document",
    file.thumbnail ? image(file.thumbnail, "") : element("span", "icon", icon),
    element("span", "about", element("b", "", name), element("small", "", detail)));
  node.href = at(file);
  node.download = file.file_name ?? "";
  return node;
}

function voice(message) {
  const node = element("div", "voice", element("b", "", "▶"), element("span", "waves"), element("small", "", clock(message.voice.duration)));
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", `Голосовое сообщение, ${clock(message.voice.duration)}`);
  return node;
}

function poll({ question, options, total_voter_count: votes }) {
  return element("div", "poll", element("b", "", question),
    element("small", "", votes ? `Опрос, голосов: ${votes}` : "Опрос, голосов нет"),
    ...options.map((option) => element("span", "", "○ ", option.text)));
}

// What is neither a photo nor a video.
export function thing(message) {
  if (message.document && !message.animation) {
    return paper(message.document, "📄", message.document.file_name ?? "Файл", size(message.document.file_size));
  }
  if (message.audio) {
    return paper(message.audio, "🎵", message.audio.file_name ?? "Аудио", clock(message.audio.duration));
  }
  if (message.voice) return voice(message);
  if (message.sticker) return element("div", "sticker", message.sticker.emoji ?? "🖼");
  if (message.dice) return element("div", "sticker", message.dice.emoji, element("small", "", message.dice.value));
  if (message.venue) return element("div", "line", `📍 ${message.venue.title}, ${message.venue.address}`);
  if (message.location) return element("div", "line", `📍 ${message.location.latitude}, ${message.location.longitude}`);
  if (message.contact) return element("div", "line", `👤 ${message.contact.first_name}, ${message.contact.phone_number}`);
  if (message.poll) return poll(message.poll);
  if (message.story) return element("div", "line", `◎ История: ${message.story.chat.title ?? ""}`);
  return null;
}

export function source({ forward_origin: origin }) {
  if (!origin) return null;
  const from = origin.chat?.title ?? origin.sender_chat?.title ?? origin.sender_user?.first_name ?? origin.sender_user_name;
  return element("div", "source", `Переслано${from ? `: ${from}` : ""}`);
}
