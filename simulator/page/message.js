// A message as DOM nodes. What people typed only ever becomes text nodes.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", text_link: "span",
};
const TIME = new Intl.DateTimeFormat("ru-RU", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Moscow" });
const DAY = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "short", timeZone: "Europe/Moscow" });

export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null));
  return node;
}

// Entities are sorted, outer before inner; offsets are UTF-16 units, as strings count here.
function formatted(text, entities, start = 0, end = text.length) {
  const nodes = [];
  let at = start;
  let place = 0;
  while (place < entities.length) {
    const entity = entities[place];
    const until = Math.min(entity.offset + entity.length, end);
    const inner = [];
    let next = place + 1;
    while (next < entities.length && entities[next].offset < until) inner.push(entities[next++]);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    nodes.push(element(TAGS[entity.type] ?? "span", "", ...formatted(text, inner, entity.offset, until)));
    at = until;
    place = next;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function photo(message) {
  const image = element("img");
  image.src = `/sim/file/${message.photo.at(-1).file_id}`;
  image.alt = "Фото";
  image.loading = "lazy";
  return image;
}

function quote(message) {
  const quoted = message.reply_to_message;
  if (!quoted) return null;
  return element("div", "quote", quoted.text ?? quoted.caption ?? "Фото");
}

function keyboard(message, onPress) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return element("div", "buttons", ...rows.map((row) => element("div", "", ...row.map((button) => {
    const node = element("button", "", button.text);
    node.type = "button";
    node.dataset.testid = "button";
    node.addEventListener("click", () => {
      node.disabled = true;
      onPress(message, button.callback_data).finally(() => { node.disabled = false; });
    });
    return node;
  }))));
}

function what(message) {
  if (message.document) return element("div", "document", "📄 ", message.document.file_name ?? "Файл");
  if (message.sticker) return element("div", "document", message.sticker.emoji ?? "Стикер");
  if (message.voice) return element("div", "document", "🎤 Голосовое сообщение");
  return null;
}

// An album arrives as several messages; they are shown as one bubble.
export function bubble(group, own, { onPress, onReply }) {
  const first = group[0];
  const worded = group.find((message) => message.text ?? message.caption) ?? first;
  const text = worded.text ?? worded.caption ?? "";
  const entities = worded.entities ?? worded.caption_entities ?? [];
  const photos = group.filter((message) => message.photo);
  const moment = new Date(first.date * 1000);
  const reply = element("button", "", "ответить");
  reply.type = "button";
  reply.addEventListener("click", () => onReply(first, text || "Фото"));
  const meta = element("div", "meta", reply,
    first.edit_date ? element("span", "", "изменено") : null,
    element("time", "", `${DAY.format(moment)}, ${TIME.format(moment)}`));
  const node = element("div", own ? "message own" : "message",
    element("div", "bubble",
      quote(first),
      photos.length ? element("div", "photos", ...photos.map(photo)) : null,
      ...group.map(what),
      text ? element("div", "text", ...formatted(text, entities.filter((entity) => entity.type !== "bot_command"))) : null,
      meta),
    keyboard(first, onPress));
  node.dataset.testid = "message";
  return node;
}

export function grouped(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}
