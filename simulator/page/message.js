// A message, or an album of several, as one bubble.

import { button, element, link } from "./element.js";
import { pictures, source, thing, title } from "./holdings.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const EDITABLE = ["text", "photo", "video", "animation", "audio", "voice", "document"];
const TIME = new Intl.DateTimeFormat("ru-RU", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Moscow" });
const DAY = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "short", timeZone: "Europe/Moscow" });

function marked(entity, words, children) {
  if (entity.type === "text_link") return link(entity.url, "", ...children);
  if (entity.type === "url") return link(/^https?:/i.test(words) ? words : `https://${words}`, "", ...children);
  return element(TAGS[entity.type] ?? "span", "", ...children);
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
    nodes.push(marked(entity, text.slice(entity.offset, until), formatted(text, inner, entity.offset, until)));
    at = until;
    place = next;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function quote(message, bot) {
  const quoted = message.reply_to_message;
  if (!quoted) return null;
  const whose = quoted.from?.id === bot.id ? bot.first_name : "Вы";
  return element("div", "quote", element("b", "", whose), element("span", "", title(quoted)));
}

function key(message, shown, onPress) {
  if (shown.url) return link(shown.url, "", shown.text);
  const node = button("", shown.text, () => {
    if (!shown.callback_data) return;
    node.disabled = true;
    onPress(message, shown.callback_data).finally(() => { node.disabled = false; });
  });
  node.dataset.testid = "button";
  return node;
}

function keyboard(message, onPress) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return element("div", "buttons", ...rows.map((row) => element("div", "", ...row.map((one) => key(message, one, onPress)))));
}

// What the owner of the phone can do with a message; opened by «⋯» under it.
function actions(group, worded, own, { onReply, onEdit, onDelete }) {
  const done = (act) => () => { node.toggle(false); act(); };
  const editable = own && !worded.forward_origin && EDITABLE.some((kind) => worded[kind]);
  const node = element("div", "actions",
    button("", "Ответить", done(() => onReply(worded))),
    editable ? button("", "Изменить", done(() => onEdit(worded))) : null,
    button("", "Удалить", done(() => onDelete(group))));
  node.hidden = true;
  node.toggle = (open) => {
    node.hidden = !open;
    node.more.setAttribute("aria-expanded", open);
    if (open) node.scrollIntoView({ block: "nearest" });
  };
  return node;
}

function foot(message, opened) {
  const moment = new Date(message.date * 1000);
  const more = button("more", "⋯", () => opened.toggle(opened.hidden));
  opened.more = more;
  more.setAttribute("aria-label", "Действия с сообщением");
  more.setAttribute("aria-expanded", "false");
  return element("div", "meta", more,
    message.edit_date ? element("span", "", "изменено") : null,
    element("time", "", `${DAY.format(moment)}, ${TIME.format(moment)}`));
}

// An album arrives as several messages; they are shown as one bubble.
export function bubble(group, bot, handlers) {
  const first = group[0];
  const own = first.from.id !== bot.id;
  const worded = group.find((message) => message.text ?? message.caption) ?? first;
  const text = worded.text ?? worded.caption ?? "";
  const entities = worded.entities ?? worded.caption_entities ?? [];
  const menu = actions(group, worded, own, handlers);
  const node = element("div", own ? "message own" : "message",
    element("div", "bubble",
      source(first),
      quote(first, bot),
      pictures(group),
      ...group.map(thing),
      text ? element("div", "text", ...formatted(text, entities)) : null,
      foot(group.find((message) => message.edit_date) ?? first, menu)),
    menu,
    keyboard(first, handlers.onPress));
  node.dataset.testid = "message";
  return node;
}

// Albums sent at once come mixed, each of their messages is shown with its own.
export function grouped(messages) {
  const groups = [];
  const albums = new Map();
  for (const message of messages) {
    const album = albums.get(message.media_group_id);
    if (message.media_group_id && album) { album.push(message); continue; }
    const group = [message];
    groups.push(group);
    if (message.media_group_id) albums.set(message.media_group_id, group);
  }
  return groups;
}
