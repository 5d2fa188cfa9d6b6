"""What the bot says, before it is a call: screens, edits and pop-ups."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from aiogram import html
from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

Payload = dict[str, Any]

MOST_TEXT = 4096  # characters of a message, counted without its markup
GOES_ON = "\n…"
TAG = re.compile(r"<(/?)[a-zA-Z][^<>]*>")


@dataclass(frozen=True)
class Button:
    """An inline button; ``data`` is a key and integer ids, at most 64 bytes, and lives for ever."""

    text: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Screen:
    """A message of its own: HTML text, buttons, or a field that waits for a reply."""

    text: str
    keyboard: Keyboard = ()
    placeholder: str | None = None


@dataclass(frozen=True)
class Edit:
    """The pressed message says this from now on; ``popup`` is shown over it."""

    screen: Screen
    popup: str | None = None


@dataclass(frozen=True)
class Popup:
    """A short plain sentence over the pressed message, at most 200 characters."""

    text: str


Answer = Screen | Edit | Popup | None


def markup(screen: Screen) -> Payload | None:
    """Give the reply markup of a screen as the Bot API takes it."""
    if screen.placeholder is not None:
        field = ForceReply(force_reply=True, input_field_placeholder=screen.placeholder[:64])
        return field.model_dump(exclude_none=True)
    if not screen.keyboard:
        return None
    rows = [
        [InlineKeyboardButton(text=button.text, callback_data=button.data) for button in row]
        for row in screen.keyboard
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows).model_dump(exclude_none=True)


def visible(text: str) -> str:
    """Give what a reader sees of a text in HTML: Telegram counts these characters."""
    return unescape(TAG.sub("", text))


def fit(text: str, most: int = MOST_TEXT) -> str:
    """Cut a text in HTML to what a message holds: whole lines, no tag left open, «…» where it goes on."""
    if len(visible(text)) <= most:
        return text
    lines, kept, length, still_open = text.split("\n"), 0, -1, 0
    for place, line in enumerate(lines, start=1):
        length += len(visible(line)) + 1
        if length > most - len(GOES_ON):
            break
        still_open += sum(-1 if tag[1] else 1 for tag in TAG.finditer(line))
        kept = kept if still_open else place
    if not visible("\n".join(lines[:kept])).strip():  # one endless line: its words, without markup
        return html.quote(visible(text)[: most - 1].rstrip() + "…")
    return "\n".join(lines[:kept]).rstrip() + GOES_ON


def message(screen: Screen, chat_id: int, *, reply_to: int | None = None) -> Payload:
    """Word a screen as one sendMessage call."""
    call: Payload = {
        "method": "sendMessage",
        "chat_id": chat_id,
        "text": fit(screen.text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if reply_to is not None:
        call["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if (buttons := markup(screen)) is not None:
        call["reply_markup"] = buttons
    return call


def edit(screen: Screen, chat_id: int, message_id: int) -> Payload:
    """Word a screen as one editMessageText call."""
    return message(screen, chat_id) | {"method": "editMessageText", "message_id": message_id}
