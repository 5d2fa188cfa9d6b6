"""HTML parse mode: tags out, entities in, errors as the real server words them."""

import re
from html.parser import HTMLParser
from typing import Any

from simulator.errors import bad_request

ENTITIES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "tg-time": "date_time",
}
TAG = re.compile(r"</?([a-zA-Z][\w-]*)[^<>]*>")


def utf16(text: str) -> int:
    """Count UTF-16 units: what entity offsets are counted in."""
    return len(text.encode("utf-16-le")) // 2


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, dict[str, Any]]] = []
        self.entities: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ENTITIES:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        extra: dict[str, Any] = {}
        given = dict(attrs)
        if tag == "a":
            extra["url"] = given.get("href") or ""
        if tag == "blockquote" and "expandable" in given:
            extra["type"] = "expandable_blockquote"
        self.open.append((tag, self.length, extra))

    def handle_endtag(self, tag: str) -> None:
        if not self.open:
            raise bad_request("can't parse entities: Unexpected end tag at byte offset 0")
        opened, start, extra = self.open.pop()
        if opened != tag:
            raise bad_request(
                "can't parse entities: Unmatched end tag at byte offset 0, "
                f'expected "</{opened}>", found "</{tag}>"'
            )
        entity = {"type": ENTITIES[tag], "offset": start, "length": self.length - start, **extra}
        if entity["length"]:
            self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
        self.length += utf16(data)


def parse(text: str, mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """Give the plain text and its entities. Raises ApiError for what the real server cannot parse."""
    if not mode:
        return text, []
    if mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    for found in re.finditer(r"<(?!/?[a-zA-Z])", text):
        raise bad_request(f'can\'t parse entities: Unsupported start tag "" at byte offset {found.start()}')
    if text.count("<") != len(TAG.findall(text)):
        raise bad_request("can't parse entities: Unclosed start tag at byte offset 0")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1][0]}\""
        )
    reader.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(reader.parts), reader.entities
