// One phone: a person's chat with the bot, drawn anew only where it has changed.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { button, element } from "./element.js";
import { bubble, grouped } from "./message.js";

const NEAR_BOTTOM = 60; // pixels within which a chat follows what is new
const TOAST = 4000; // milliseconds

export class Phone {
  constructor(id, index, role) {
    this.id = id;
    this.drawn = new Map();
    this.popups = null;
    this.node = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.node.dataset.testid = `phone-${index}`;
    this.find(".who small").textContent = role;
    this.chat = this.find(".chat");
    this.composer = new Composer(this.find("form"), id, (promise) => this.guard(promise));
    this.find(".commands").addEventListener("click", () => this.toggleMenu());
    this.find(".block").addEventListener("click", () => this.guard(api.block(this.id, !this.blocked)));
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  // Tells whether something in the chat is new or has changed.
  update(person, bot) {
    this.blocked = person.blocked;
    this.find(".who strong").textContent = person.name;
    this.find(".face").textContent = person.name.slice(0, 1);
    const block = this.find(".block");
    block.textContent = person.blocked ? "разблокировать бота" : "заблокировать";
    block.setAttribute("aria-pressed", person.blocked);
    this.drawCommands(person.commands);
    this.drawPopups(person.popups);
    return this.drawChat(person.messages, bot);
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
      const fresh = known?.print !== print;
      this.drawn.set(key, { print, node: fresh ? bubble(group, bot, this.handlers()) : known.node });
      if (!fresh) before.delete(key);
      changed ||= fresh;
    }
    for (const gone of before.values()) gone.node.remove();
    let place = this.chat.firstChild;
    for (const { node } of this.drawn.values()) {
      if (node === place) place = place.nextSibling;
      else this.chat.insertBefore(node, place);
    }
    this.composer.missing(new Set(messages.map((message) => message.message_id)));
    const last = messages.at(-1);
    if (last?.force_reply && last.message_id !== this.asked) { this.asked = last.message_id; this.composer.input.focus(); }
    if (changed && follow) this.chat.scrollTop = this.chat.scrollHeight;
    return changed;
  }

  // A chat that was not on the screen could not follow what was new.
  reveal() {
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  handlers() {
    return {
      onPress: (message, data) => this.guard(api.press(this.id, message.message_id, data)),
      onReply: (message) => this.composer.reply(message),
      onEdit: (message) => this.composer.edit(message),
      onDelete: (group) => this.guard(api.remove(this.id, group.map((message) => message.message_id))),
    };
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
      const node = button("", element("b", "", `/${command}`), () => {
        this.toggleMenu();
        this.guard(api.send(this.id, `/${command}`));
      });
      node.append(description);
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

  async guard(promise) {
    try {
      await promise;
    } catch (error) {
      this.toast(`Не получилось: ${error.message}`);
    }
  }
}
