"""Numbers that Word prints by itself: the «№ п/п» column of many orders is a list without any text."""

import re
from dataclasses import dataclass, field
from typing import Self

from docx.document import Document
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PLACE = re.compile(r"%(\d)")
ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
LEVELS = 9


@dataclass(frozen=True)
class Level:
    """One level of a list: its first number, its form («decimal»), and its text («%1.%2.»)."""

    start: int
    form: str
    text: str


@dataclass
class Numbering:
    """The lists of a document, and how far each has been counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # by abstract list
    lists: dict[str, str] = field(default_factory=dict)  # list → abstract list
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    styles: dict[str, etree._Element] = field(default_factory=dict)  # style of paragraphs → its list
    _counted: dict[str, list[int | None]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: Document) -> Self:
        """Read the lists of a document; one without any numbers nothing."""
        made = cls()
        part = next((rel.target_part for rel in document.part.rels.values() if _is_numbering(rel)), None)
        if part is None:
            return made
        for style in document.styles.element.iterchildren(f"{W}style"):
            properties = style.find(f"{W}pPr/{W}numPr")
            if properties is not None:
                made.styles[_attribute(style, "styleId")] = properties
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        for abstract in root.iterchildren(f"{W}abstractNum"):
            levels = {_int(level, "ilvl"): _level(level) for level in abstract.iterchildren(f"{W}lvl")}
            made.levels[_attribute(abstract, "abstractNumId")] = levels
        for one in root.iterchildren(f"{W}num"):
            made.add_list(one)
        return made

    def add_list(self, element: etree._Element) -> None:
        """Take a list: which abstract one it is, and where it begins anew."""
        name = _attribute(element, "numId")
        self.lists[name] = _value(element.find(f"{W}abstractNumId"))
        for override in element.iterchildren(f"{W}lvlOverride"):
            start = override.find(f"{W}startOverride")
            if start is not None:
                self.restarts[name, _int(override, "ilvl")] = _int(start, "val")

    def next(self, paragraph: etree._Element) -> str:
        """Give the number that Word prints before a paragraph; "" before one that is no item."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        if properties is None:
            properties = self.styles.get(_value(paragraph.find(f"{W}pPr/{W}pStyle")))
        if properties is None:
            return ""
        name = _value(properties.find(f"{W}numId"))
        place = min(_int(properties.find(f"{W}ilvl"), "val"), LEVELS - 1)
        abstract = self.lists.get(name)
        level = self.levels.get(abstract or "", {}).get(place)
        if abstract is None or level is None or level.form in {"bullet", "none"}:
            return ""
        counted = self._count(name, abstract, place, level)
        return PLACE.sub(lambda found: self._printed(abstract, counted, int(found[1]) - 1), level.text)

    def _count(self, name: str, abstract: str, place: int, level: Level) -> list[int | None]:
        counted = self._counted.setdefault(abstract, [None] * LEVELS)
        if name not in self._seen:
            self._seen.add(name)
            for (restarted, at), start in self.restarts.items():
                if restarted == name and at < LEVELS:
                    counted[at] = start - 1
        before = counted[place]
        counted[place] = level.start if before is None else before + 1
        counted[place + 1 :] = [None] * (LEVELS - place - 1)
        return counted

    def _printed(self, abstract: str, counted: list[int | None], place: int) -> str:
        level = self.levels[abstract].get(place)
        number = counted[place] if 0 <= place < LEVELS else None
        if level is None:
            return ""
        value = level.start if number is None else number
        return _roman(value) if level.form == "upperRoman" else str(value)


def _is_numbering(relation: object) -> bool:
    return not getattr(relation, "is_external", True) and str(getattr(relation, "reltype", "")).endswith(
        "/numbering"
    )


def _level(element: etree._Element) -> Level:
    start = element.find(f"{W}start")
    return Level(
        _int(start, "val") if start is not None else 1,
        _value(element.find(f"{W}numFmt")) or "decimal",
        _value(element.find(f"{W}lvlText")),
    )


def _roman(value: int) -> str:
    parts: list[str] = []
    for number, sign in ROMAN:
        times, value = divmod(value, number)
        parts.append(sign * min(times, LEVELS))
    return "".join(parts)


def _attribute(element: etree._Element | None, name: str) -> str:
    return str(element.get(f"{W}{name}") or "") if element is not None else ""


def _value(element: etree._Element | None) -> str:
    return _attribute(element, "val")


def _int(element: etree._Element | None, name: str) -> int:
    value = _attribute(element, name)
    return int(value) if value.isdecimal() else 0
