"""What the server finds in plain text: links, addresses, commands, mentions."""

import re
from collections.abc import Sequence
from typing import Any

from simulator.html import utf16

Entity = dict[str, Any]

ZONES = "ru|su|рф|com|org|net|edu|gov|info|me|io|online|site|школа"
REST = r"[^\s<>«»]"
BARE = rf"(?<![\w@./-])(?:[\w-]+\.)+(?:{ZONES})\b"
PATTERNS = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("url", re.compile(rf"https?://{REST}+|{BARE}(?:[/?#]{REST}*)?", re.IGNORECASE)),
    ("bot_command", re.compile(r"(?<![\w/<>.])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?\b")),
    ("mention", re.compile(r"(?<![\w@/.])@[A-Za-z]\w{2,31}\b", re.ASCII)),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d_]\w*")),
    ("phone_number", re.compile(r"(?<!\w)\+\d[\d ()-]{8,16}\d\b")),
)
TAIL = ".,:;!?)»\"'"
LINKS = frozenset({"url", "text_link"})


def entities_of(text: str, given: Sequence[Entity] = ()) -> list[Entity]:
    """Give the entities of a text in order, in UTF-16 units: those given and those found between them."""
    found = [dict(one) for one in given]
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            words = match.group().rstrip(TAIL) if kind == "url" else match.group()
            entity = {"type": kind, "offset": utf16(text[: match.start()]), "length": utf16(words)}
            if not any(_overlap(entity, other) for other in found):
                found.append(entity)
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))


def _overlap(one: Entity, other: Entity) -> bool:
    """Tell whether a found entity touches another; inside bold and the like it may stand."""
    if other["type"] in {"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"}:
        return False
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def text_fields(
    text: str, entities: Sequence[Entity] = (), link_preview_options: Entity | None = None
) -> dict[str, Any]:
    """Give the fields of a text; a link without a preview says so, as from the real server."""
    found = entities_of(text, entities)
    linked = any(one["type"] in LINKS for one in found)
    preview = link_preview_options or ({"is_disabled": True} if linked else None)
    return {
        "text": text,
        **({"entities": found} if found else {}),
        **({"link_preview_options": preview} if preview else {}),
    }


def caption_fields(caption: str | None, entities: Sequence[Entity] = ()) -> dict[str, Any]:
    """Give the fields of a caption; nothing where there is none."""
    if not caption:
        return {}
    found = entities_of(caption, entities)
    return {"caption": caption, **({"caption_entities": found} if found else {})}
