// Where a message is written: words, photos, files, a voice; as an answer to another, or instead of an own one.

import * as api from "./api.js";
import { title } from "./holdings.js";

const SHORT = 60; // signs of a quoted message

export class Composer {
  // `guard` takes the promise of a call and tells the owner of the phone when it fails.
  constructor(form, person, guard) {
    this.form = form;
    this.person = person;
    this.guard = guard;
    this.about = null;
    this.input = form.querySelector("textarea");
    form.addEventListener("submit", (event) => this.submit(event));
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.querySelector(".voice").addEventListener("click", () => this.voice());
    form.querySelector(".subject button").addEventListener("click", () => this.forget());
    const attach = form.querySelector(".attach");
    for (const picker of attach.querySelectorAll("input")) {
      picker.addEventListener("change", () => { attach.open = false; this.attach(picker); });
    }
    document.addEventListener("click", (event) => { if (!attach.contains(event.target)) attach.open = false; });
  }

  reply(message) {
    this.concern("reply", message, `Ответ на: ${title(message).slice(0, SHORT)}`);
  }

  edit(message) {
    this.concern("edit", message, `Изменить: ${title(message).slice(0, SHORT)}`);
    this.input.value = message.text ?? message.caption ?? "";
  }

  concern(act, message, words) {
    if (this.about?.act === "edit") this.input.value = "";
    this.about = { act, message };
    const bar = this.form.querySelector(".subject");
    bar.hidden = false;
    bar.firstElementChild.textContent = words;
    this.form.classList.toggle("editing", act === "edit");
    this.form.classList.toggle("wordy", act === "edit" && Boolean(message.text));
    this.input.focus();
  }

  // A subject is over when its message is sent, dropped, or gone from the chat.
  forget() {
    if (this.about?.act === "edit") this.input.value = "";
    this.about = null;
    this.form.querySelector(".subject").hidden = true;
    this.form.classList.remove("editing", "wordy");
  }

  missing(numbers) {
    if (this.about && !numbers.has(this.about.message.message_id)) this.forget();
  }

  take() {
    const words = this.input.value.trim();
    const { act, message } = this.about ?? {};
    this.forget();
    this.input.value = "";
    return {
      words,
      replyTo: act === "reply" ? message.message_id : undefined,
      edited: act === "edit" ? message : undefined,
    };
  }

  async submit(event) {
    event.preventDefault();
    if (!this.input.value.trim() && !(this.about?.act === "edit" && !this.about.message.text)) return;
    const { words, replyTo, edited } = this.take();
    if (!edited) await this.guard(api.send(this.person, words, replyTo));
    else if (words !== (edited.text ?? edited.caption ?? "")) await this.guard(api.edit(this.person, edited.message_id, words));
  }

  async voice() {
    const { replyTo } = this.take();
    await this.guard(api.voice(this.person, replyTo));
  }

  async attach(picker) {
    if (!picker.files.length) return;
    const files = [...picker.files];
    const { words, replyTo, edited } = this.take();
    picker.value = "";
    await this.guard(api.upload(this.person, files, {
      caption: edited ? undefined : words,
      replyTo,
      asFile: picker.dataset.as === "file",
      edit: edited?.message_id,
    }));
  }
}
