"""Where forwarded messages come from."""

from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """The four kinds of an origin: a person, one who hides, a group's own voice, a channel."""

    USER = "user"
    HIDDEN_USER = "hidden_user"
    CHAT = "chat"
    CHANNEL = "channel"


STRANGER = {"id": 5_000_001, "is_bot": False, "first_name": "Зинаида"}
GROUP = {"id": -1_001_900_000_001, "type": "supergroup", "title": "Педагоги Заозёрья"}
CHANNEL = {
    "id": -1_001_900_000_002,
    "type": "channel",
    "title": "Новости Заозёрья",
    "username": "zaozerye_news",
}
POST = 31  # the number of the forwarded post in the channel


def forwarded(
    origin: Origin, date: int, *, named: bool = True, user: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give ``forward_origin`` and the older fields the real server still sends beside it.

    ``date`` is that of the first sending, in Unix time. Without ``named`` a hidden user has no name, which a
    strict client cannot parse.
    """
    shown: dict[str, Any] = {"type": origin.value, "date": date}
    older: dict[str, Any] = {"forward_date": date}
    match origin:
        case Origin.USER:
            shown["sender_user"] = older["forward_from"] = dict(user or STRANGER)
        case Origin.HIDDEN_USER if named:
            shown["sender_user_name"] = older["forward_sender_name"] = "Кто-то"
        case Origin.CHAT:
            shown["sender_chat"] = older["forward_from_chat"] = dict(GROUP)
        case Origin.CHANNEL:
            shown |= {"chat": dict(CHANNEL), "message_id": POST}
            older |= {"forward_from_chat": dict(CHANNEL), "forward_from_message_id": POST}
        case _:
            pass
    return {"forward_origin": shown, **older}
