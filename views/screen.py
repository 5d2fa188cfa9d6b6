"""What the bot says, before it is a call: screens, edits and pop-ups."""

from dataclasses import dataclass
from typing import Any

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

Payload = dict[str, Any]


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


def message(screen: Screen, chat_id: int, *, reply_to: int | None = None) -> Payload:
    """Word a screen as one sendMessage call."""
    call: Payload = {
        "method": "sendMessage",
        "chat_id": chat_id,
        "text": screen.text,
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
