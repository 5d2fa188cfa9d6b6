// One phone: a person's chat with the bot, drawn anew only where it has changed.

import * as api from "./api.js";
import { bubble, element, grouped } from "./message.js";

const NEAR_BOTTOM = 60; // pixels within which a chat follows what is new
const TOAST = 4000; // milliseconds

export class Phone {
  constructor(id, index, role) {
    this.id = id;
    this.replyTo = null;
    this.drawn = new Map();
    this.popups = null;
    this.node = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.node.dataset.testid = `phone-${index}`;
    this.find(".who small").textContent = role;
    this.chat = this.find(".chat");
    this.input = this.find("input[type=text]");
    this.find("form").addEventListener("submit", (event) => this.submit(event));
    this.find(".attach input").addEventListener("change", (event) => this.attach(event.target));
    this.find(".replying button").addEventListener("click", () => this.reply(null));
    this.find(".commands").addEventListener("click", () => this.toggleMenu());
    this.find(".block").addEventListener("click", () => this.guard(api.block(this.id, !this.blocked)));
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  update(person, bot) {
    this.blocked = person.blocked;
    this.find(".who strong").textContent = person.name;
    this.find(".face").textContent = person.name.slice(0, 1);
    const block = this.find(".block");
    block.textContent = person.blocked ? "разблокировать бота" : "заблокировать";
    block.setAttribute("aria-pressed", person.blocked);
    this.drawCommands(person.commands);
    this.drawChat(person.messages, bot);
    this.drawPopups(person.popups);
  }

  drawChat(messages, bot) {
    const follow = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < NEAR_BOTTOM;
    const before = this.drawn;
    this.drawn = new Map();
    let changed = false;
    for (const group of grouped(messages)) {
      const key = group[0].message_id;
      const print = JSON.stringify(group);
      const known = before.get(key);
      const node = known?.print === print ? known.node : bubble(group, group[0].from.id !== bot.id, {
        onPress: (message, data) => this.guard(api.press(this.id, message.message_id, data)),
        onReply: (message, text) => this.reply(message, text),
      });
      if (known?.node === node) before.delete(key);
      else if (known) { known.node.replaceWith(node); before.delete(key); changed = true; }
      else { this.chat.append(node); changed = true; }
      this.drawn.set(key, { node, print });
    }
    for (const gone of before.values()) gone.node.remove();
    const last = messages.at(-1);
    if (last?.force_reply && last.message_id !== this.asked) { this.asked = last.message_id; this.input.focus(); }
    if (changed && follow) this.chat.scrollTop = this.chat.scrollHeight;
  }

  drawPopups(popups) {
    if (this.popups !== null && popups.length > this.popups) this.toast(popups.at(-1));
    this.popups = popups.length;
  }

  drawCommands(commands) {
    const print = JSON.stringify(commands);
    if (print === this.commands) return;
    this.commands = print;
    this.find(".commands").hidden = !commands.length;
    this.find(".menu").replaceChildren(...commands.map(({ command, description }) => {
      const node = element("button", "", element("b", "", `/${command}`), description);
      node.type = "button";
      node.addEventListener("click", () => { this.toggleMenu(); this.guard(api.send(this.id, `/${command}`)); });
      return node;
    }));
  }

  toggleMenu() {
    const menu = this.find(".menu");
    menu.hidden = !menu.hidden;
  }

  toast(text) {
    const node = this.find(".toast");
    node.textContent = text;
    node.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { node.hidden = true; }, TOAST);
  }

  reply(message, text = "") {
    this.replyTo = message?.message_id ?? null;
    const bar = this.find(".replying");
    bar.hidden = !message;
    bar.firstElementChild.textContent = `Ответ на: ${text.slice(0, 60)}`;
    if (message) this.input.focus();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    const replyTo = this.replyTo ?? undefined;
    this.reply(null);
    await this.guard(api.send(this.id, text, replyTo));
  }

  async attach(picker) {
    if (!picker.files.length) return;
    const caption = this.input.value.trim();
    this.input.value = "";
    const replyTo = this.replyTo ?? undefined;
    this.reply(null);
    await this.guard(api.upload(this.id, [...picker.files], caption, replyTo));
    picker.value = "";
  }

  async guard(promise) {
    try {
      await promise;
    } catch (error) {
      this.toast(`Не получилось: ${error.message}`);
    }
  }
}
