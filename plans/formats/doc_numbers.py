"""Numbers that Word 97-2003 prints by itself before the items of lists, as [MS-DOC] keeps them."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plans.formats.doc_paragraphs import LISTS, OVERRIDES, Paragraph, Streams, paragraphs_of
from plans.formats.list_numbers import in_form
from plans.plan import Unreadable

LEVELS = 9
FORMS = {0: "1", 1: "I", 2: "i", 3: "A", 4: "a", 58: "а", 59: "А"}
LIST_SIZE, OVERRIDE_SIZE, LEVEL_SIZE = 28, 16, 28
SIMPLE_PLACE = 26
STARTS, FORMATTED = 0x10, 0x20  # flags of an override of a level


@dataclass(frozen=True)
class Level:
    """A level of a list: its first number, its form ("" of a bullet), its text, in which 0-8 are levels."""

    start: int
    form: str
    text: str


@dataclass
class Lists:
    """The lists of a document, and how far each has been counted."""

    levels: Mapping[int, list[Level]]  # by the id of the list
    named: list[tuple[int, dict[int, int]]]  # by number: the id, and where levels begin anew
    _counted: dict[int, list[int | None]] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, streams: Streams) -> "Lists":
        """Read the lists. Raises struct.error, IndexError."""
        return cls(dict(_lists(*streams.rest(LISTS))), list(_named(streams.rest(OVERRIDES)[0])))

    def next(self, paragraph: Paragraph) -> str:
        """Give the number that is printed before a paragraph; "" before one that is no item."""
        if not 0 < paragraph.list_id <= len(self.named):
            return ""
        key, restarts = self.named[paragraph.list_id - 1]
        levels = self.levels.get(key, [])
        place = min(paragraph.level, LEVELS - 1)
        if place >= len(levels) or not levels[place].form:
            return ""
        counted = self._counted.setdefault(key, [None] * LEVELS)
        if paragraph.list_id not in self._seen:
            self._seen.add(paragraph.list_id)
            for at, start in restarts.items():
                counted[at] = start - 1
        before = counted[place]
        counted[place] = levels[place].start if before is None else before + 1
        counted[place + 1 :] = [None] * (LEVELS - place - 1)
        return "".join(_printed(char, levels, counted) for char in levels[place].text)


def _printed(char: str, levels: list[Level], counted: list[int | None]) -> str:
    place = ord(char)
    if place >= len(levels):
        return char if place >= LEVELS else ""
    number = counted[place]
    return in_form(levels[place].start if number is None else number, levels[place].form or "1")


def numbered_paragraphs(data: bytes) -> list[tuple[Paragraph, str]]:
    """List the paragraphs of a document with their numbers; nothing of one whose lists cannot be read."""
    try:
        streams = Streams.of(data)
        lists = Lists.of(streams)
        return [(paragraph, lists.next(paragraph)) for paragraph in paragraphs_of(streams)]
    except (struct.error, IndexError, KeyError, Unreadable):
        return []


def _lists(data: bytes, length: int) -> Iterator[tuple[int, list[Level]]]:
    number = int.from_bytes(data[:2], "little") if length else 0
    at = length
    for one in range(number):
        place = 2 + LIST_SIZE * one
        (key,) = struct.unpack_from("<i", data, place)
        levels: list[Level] = []
        for _ in range(1 if data[place + SIMPLE_PLACE] & 1 else LEVELS):
            level, size = _level(data, at)
            levels.append(level)
            at += size
        yield key, levels


def _level(data: bytes, at: int) -> tuple[Level, int]:
    """Read a level, and how many bytes it takes."""
    start, form = struct.unpack_from("<iB", data, at)
    size = LEVEL_SIZE + data[at + 24] + data[at + 25]
    (letters,) = struct.unpack_from("<H", data, at + size)
    text = data[at + size + 2 : at + size + 2 + 2 * letters].decode("utf-16-le", "replace")
    return Level(start, FORMS.get(form, ""), text), size + 2 + 2 * letters


def _named(data: bytes) -> Iterator[tuple[int, dict[int, int]]]:
    number = min(int.from_bytes(data[:4], "little"), len(data) // OVERRIDE_SIZE)
    at = 4 + OVERRIDE_SIZE * number
    for one in range(number):
        place = 4 + OVERRIDE_SIZE * one
        (key,) = struct.unpack_from("<i", data, place)
        at += 4
        restarts: dict[int, int] = {}
        for _ in range(data[place + 12]):
            start, flags = struct.unpack_from("<iI", data, at)
            at += 8
            if flags & FORMATTED:
                level, size = _level(data, at)
                start, at = level.start, at + size
            if flags & STARTS and flags & 0xF < LEVELS:
                restarts[flags & 0xF] = start
        yield key, restarts
