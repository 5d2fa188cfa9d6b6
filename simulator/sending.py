"""What the bot sends: contents checked, limited and worded as the real server does."""

from copy import deepcopy
from typing import Any

from simulator import html
from simulator.contents import FOLDERS, Kind, Media, held
from simulator.errors import ApiError, bad_request
from simulator.files import TYPES
from simulator.world import Chat, Message, World

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_DATA = 64
MOST_BUTTONS = 100
MOST_PHOTO = 10 * 1024 * 1024
MOST_UPLOAD = 50 * 1024 * 1024

Params = dict[str, Any]


def text_of(params: Params) -> dict[str, Any]:
    """Give the text and entities of a message, limits counted after parsing, in code points."""
    text, entities = html.parse(str(params.get("text") or ""), params.get("parse_mode"))
    text = text.strip()
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MOST_TEXT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def caption_of(params: Params) -> dict[str, Any]:
    """Give the caption and its entities."""
    text, entities = html.parse(str(params.get("caption") or ""), params.get("parse_mode"))
    if len(text) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def markup_of(params: Params) -> dict[str, Any]:
    """Check the reply markup; only inline keyboards stay with the message."""
    markup = params.get("reply_markup")
    if not isinstance(markup, dict):
        return {}
    if "inline_keyboard" not in markup:
        return {"force_reply": True} if markup.get("force_reply") else {}
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        if not button.get("text"):
            raise bad_request("inline keyboard button text must be non-empty")
        data = button.get("callback_data")
        if (
            data is None
            and not button.get("url")
            and not button.get("web_app")
            and not button.get("copy_text")
        ):
            raise bad_request("Text buttons are unallowed in the inline keyboard")
        if data is not None and not 1 <= len(str(data).encode()) <= MOST_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    return {"reply_markup": markup} if buttons else {}


def reply_of(world: World, chat: Chat, params: Params) -> dict[str, Any]:
    """Give what a message replies to. Raises ApiError where it is gone."""
    wanted = params.get("reply_parameters") or {}
    message_id = wanted.get("message_id") or params.get("reply_to_message_id")
    if not message_id:
        return {}
    quoted = world.quoted(chat, message_id)
    if quoted is not None:
        return {"reply_to_message": quoted}
    allowed = wanted.get("allow_sending_without_reply") or params.get("allow_sending_without_reply")
    if allowed:
        return {}
    raise bad_request("message to be replied not found")


def media_of(world: World, kind: str, given: Any, uploads: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """Give the file of a message, sent by file_id or uploaded; a photo is no file and a file no photo."""
    if isinstance(given, str) and given.startswith("attach://"):
        given = uploads.get(given.removeprefix("attach://"))
    if isinstance(given, tuple):
        return _uploaded(world, Kind(kind), *given)
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    kept = world.files.find(str(given))
    wanted = "Photo" if kind == Kind.PHOTO else TYPES[FOLDERS[Kind(kind)]]
    if kept.type == "Thumbnail" or (kept.type == "Photo") != (kind == Kind.PHOTO):
        raise bad_request(f"can't use file of type {kept.type} as {wanted}")
    return deepcopy(kept.content)


def _uploaded(world: World, kind: Kind, name: str, data: bytes) -> dict[str, Any]:
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > MOST_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind is Kind.PHOTO and len(data) > MOST_PHOTO:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {MOST_PHOTO} bytes"
        )
    return held(world.files, Media(kind, data, name))


def same(message: Message, content: dict[str, Any]) -> bool:
    """Tell whether an edit changes nothing."""
    keys = ("text", "entities", "caption", "caption_entities", "reply_markup")
    return all(message.get(key) == content.get(key) for key in keys if key in message or key in content)
