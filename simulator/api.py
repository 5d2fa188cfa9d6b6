"""The Bot API's methods as a table: a name and what it does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator import sending
from simulator.contents import Kind
from simulator.errors import ApiError, bad_request
from simulator.files import MOST_DOWNLOAD
from simulator.sending import Params
from simulator.world import Chat, Message, World

Uploads = dict[str, tuple[str, bytes]]
Method = Callable[[World, Params, Uploads], Any]

ALBUM = range(2, 11)
ALBUM_KINDS = frozenset({"photo", "video", "document", "audio"})
ANSWER_WITHIN = timedelta(seconds=150)
DELETE_WITHIN = timedelta(hours=48)


def call(world: World, method: str, params: Params, uploads: Uploads) -> Any:
    """Execute a method. Raises ApiError in the server's words."""
    known = METHODS.get(method.lower())
    if known is None:
        raise ApiError(404, "Not Found: method not found")
    world.flood.check_block()
    return known(world, params, uploads)


def _flood(world: World, chat: Chat, messages: int = 1) -> None:
    if world.flood_limits:
        world.flood.check(chat.info["id"], messages)


def _put(world: World, chat: Chat, params: Params, content: dict[str, Any]) -> Message:
    _flood(world, chat)
    reply = sending.reply_of(world, chat, params)
    return world.put(chat, world.bot, {**content, **reply})


def get_me(world: World, _params: Params, _uploads: Uploads) -> Any:
    """Say who the bot is."""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def send_message(world: World, params: Params, _uploads: Uploads) -> Any:
    """Send a text."""
    chat = world.reachable_chat(params.get("chat_id"))
    return _put(world, chat, params, {**sending.text_of(params), **sending.markup_of(params)})


def _send_media(kind: str) -> Method:
    def send(world: World, params: Params, uploads: Uploads) -> Any:
        chat = world.reachable_chat(params.get("chat_id"))
        given = uploads.get(kind) or params.get(kind)
        content = {
            **sending.media_of(world, kind, given, uploads),
            **sending.caption_of(params),
            **sending.markup_of(params),
        }
        return _put(world, chat, params, content)

    return send


def send_media_group(world: World, params: Params, uploads: Uploads) -> Any:
    """Send an album: two to ten, documents and music each among themselves, no keyboard."""
    chat = world.reachable_chat(params.get("chat_id"))
    media = params.get("media")
    if not isinstance(media, list) or len(media) not in ALBUM:
        raise bad_request("wrong number of media in the album")
    contents = [_piece(world, one, uploads) for one in media]
    kinds = {one["type"] for one in media}
    for alone in ("document", "audio"):
        if len(kinds) > 1 and alone in kinds:
            raise bad_request(f"{alone} can't be mixed with other media types")
    _flood(world, chat, len(media))
    reply = sending.reply_of(world, chat, params)
    album = world.album_id()
    return [world.put(chat, world.bot, {"media_group_id": album, **content, **reply}) for content in contents]


def _piece(world: World, media: dict[str, Any], uploads: Uploads) -> dict[str, Any]:
    if media.get("type") not in ALBUM_KINDS:
        raise bad_request("can't parse InputMedia: type must be one of photo, video, document, audio")
    given = str(media.get("media") or "")
    if not given or (given.startswith("attach://") and given.removeprefix("attach://") not in uploads):
        raise bad_request("can't parse InputMedia: media not found")
    return {
        **sending.media_of(world, media["type"], given, uploads),
        **sending.caption_of(media),
    }


def _edited(world: World, params: Params) -> tuple[Chat, Message]:
    chat = world.reachable_chat(params.get("chat_id"))
    found = world.message(chat, params.get("message_id") or 0)
    if found is None:
        raise bad_request("message to edit not found")
    if found["from"]["id"] != world.bot["id"]:
        raise bad_request("message can't be edited")
    return chat, found


def _change(world: World, chat: Chat, found: Message, content: dict[str, Any]) -> Message:
    if sending.same(found, {"reply_markup": None, **content} if "reply_markup" in found else content):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message"
        )
    _flood(world, chat)
    for key in ("reply_markup", "entities", "caption_entities"):
        found.pop(key, None)
    found.update(content)
    found["edit_date"] = int(world.clock.now().timestamp())
    world.show(chat, found)
    return found


def edit_message_text(world: World, params: Params, _uploads: Uploads) -> Any:
    """Change the text of a message; without a keyboard the old one goes."""
    chat, found = _edited(world, params)
    if "text" not in found:
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, found, {**sending.text_of(params), **sending.markup_of(params)})


def edit_message_caption(world: World, params: Params, _uploads: Uploads) -> Any:
    """Change the caption of a message."""
    chat, found = _edited(world, params)
    return _change(world, chat, found, {**sending.caption_of(params), **sending.markup_of(params)})


def edit_message_reply_markup(world: World, params: Params, _uploads: Uploads) -> Any:
    """Change only the keyboard of a message."""
    chat, found = _edited(world, params)
    shown = ("text", "entities", "caption", "caption_entities")
    kept: dict[str, Any] = {key: found[key] for key in shown if key in found}
    return _change(world, chat, found, {**kept, **sending.markup_of(params)})


def delete_message(world: World, params: Params, _uploads: Uploads) -> Any:
    """Delete a message, within 48 hours."""
    chat = world.reachable_chat(params.get("chat_id"))
    found = world.message(chat, params.get("message_id") or 0)
    if found is None:
        raise bad_request("message to delete not found")
    if world.clock.now().timestamp() - found["date"] > DELETE_WITHIN.total_seconds():
        raise bad_request("message can't be deleted for everyone")
    world.remove(chat, found)
    return True


def answer_callback_query(world: World, params: Params, _uploads: Uploads) -> Any:
    """Answer a press: once, and soon."""
    callback_id = str(params.get("callback_query_id"))
    at, user_id, answered = world.callbacks.get(callback_id, (world.clock.now(), 0, True))
    if answered or world.clock.now() - at > ANSWER_WITHIN:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    world.callbacks[callback_id] = (at, user_id, True)
    if params.get("text"):
        world.popups.setdefault(user_id, []).append(str(params["text"]))
        world.beat()
    return True


def send_chat_action(world: World, params: Params, _uploads: Uploads) -> Any:
    """Show «печатает»."""
    world.reachable_chat(params.get("chat_id"))
    return True


def set_message_reaction(world: World, params: Params, _uploads: Uploads) -> Any:
    """Put a reaction on a message."""
    chat = world.reachable_chat(params.get("chat_id"))
    found = world.message(chat, params.get("message_id") or 0)
    if found is None:
        raise bad_request("message to react not found")
    world.reactions[chat.info["id"], found["message_id"]] = params.get("reaction") or []
    found["reaction"] = params.get("reaction") or []
    world.beat()
    return True


def get_file(world: World, params: Params, _uploads: Uploads) -> Any:
    """Prepare a download; more than 20 MB is refused."""
    kept = world.files.find(str(params.get("file_id")))
    if kept.size > MOST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": kept.file_id,
        "file_unique_id": kept.unique_id,
        "file_size": kept.size,
        "file_path": kept.path,
    }


def get_chat(world: World, params: Params, _uploads: Uploads) -> Any:
    """Say what a chat is."""
    chat = world.chats.get(int(params.get("chat_id") or 0))
    if chat is None:
        raise bad_request("chat not found")
    return {**chat.info, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {}}


def _scope(params: Params) -> str:
    scope = params.get("scope") or {"type": "default"}
    parts = [scope.get("type", "default"), str(scope.get("chat_id", "")), params.get("language_code") or ""]
    return ":".join(parts)


def set_my_commands(world: World, params: Params, _uploads: Uploads) -> Any:
    """Set the command menu of a scope."""
    world.commands[_scope(params)] = list(params.get("commands") or [])
    world.beat()
    return True


def get_my_commands(world: World, params: Params, _uploads: Uploads) -> Any:
    """Give the command menu of a scope."""
    return world.commands.get(_scope(params), [])


def delete_my_commands(world: World, params: Params, _uploads: Uploads) -> Any:
    """Forget the command menu of a scope."""
    world.commands.pop(_scope(params), None)
    return True


def delete_webhook(world: World, params: Params, _uploads: Uploads) -> Any:
    """Go back to polling."""
    world.webhook = None
    if params.get("drop_pending_updates"):
        world.queue.clear()
    return True


def get_webhook_info(world: World, _params: Params, _uploads: Uploads) -> Any:
    """Say where updates are sent."""
    return {
        "url": (world.webhook or {}).get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(world.queue),
        **({"max_connections": world.webhook["max_connections"]} if world.webhook else {}),
    }


def nothing(_world: World, _params: Params, _uploads: Uploads) -> Any:
    """Accept what has no effect here."""
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    **{f"send{kind.replace('_', '')}": _send_media(kind) for kind in Kind},
    "sendmediagroup": send_media_group,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "setmessagereaction": set_message_reaction,
    "getfile": get_file,
    "getchat": get_chat,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "pinchatmessage": nothing,
    "setmydescription": nothing,
    "setmyshortdescription": nothing,
    "setchatmenubutton": nothing,
    "logout": nothing,
    "close": nothing,
}
