"""Numbers that OpenDocument programs print before the items of lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from plans.formats.list_numbers import in_form

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
LEVELS = 10
LONGEST = 100  # letters around a number


@dataclass(frozen=True)
class Level:
    """One level of a list: its first number, its form, how many levels are printed, what stands around."""

    start: int
    form: str
    shown: int
    before: str
    after: str


@dataclass
class Numbering:
    """The styles of lists of a document, and how far each list has been counted."""

    styles: Mapping[str, Mapping[int, Level]]
    of_paragraphs: Mapping[str, str]  # style of paragraphs → style of lists
    _by_id: dict[str, list[int]] = field(default_factory=dict)
    _by_style: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, roots: Iterable[etree._Element]) -> "Numbering":
        """Read the styles of a document's parts."""
        styles: dict[str, Mapping[int, Level]] = {}
        paragraphs: dict[str, str] = {}
        for root in roots:
            for style in root.iter(f"{TEXT}list-style"):
                levels = style.iterchildren(f"{TEXT}list-level-style-number")
                styles[style.get(f"{STYLE}name", "")] = {_int(one, "level", 1): _level(one) for one in levels}
            for style in root.iter(f"{STYLE}style"):
                if named := style.get(f"{STYLE}list-style-name"):
                    paragraphs[style.get(f"{STYLE}name", "")] = named
        return cls(styles, paragraphs)

    def opened(self, element: etree._Element) -> "List":
        """Begin a list, or go on with the one before it."""
        style = element.get(f"{TEXT}style-name") or self._style_inside(element)
        named = element.get(f"{TEXT}continue-list")
        known = self._by_id.get(named) if named else None
        if known is None and element.get(f"{TEXT}continue-numbering") == "true":
            known = self._by_style.get(style)
        counted = known if known is not None else [0] * LEVELS
        self._by_style[style] = self._by_id[element.get(XML_ID, "")] = counted
        return List(self.styles.get(style, {}), counted)

    def _style_inside(self, element: etree._Element) -> str:
        paragraph = next(element.iter(f"{TEXT}p", f"{TEXT}h"), None)
        return "" if paragraph is None else self.of_paragraphs.get(paragraph.get(f"{TEXT}style-name", ""), "")


@dataclass(frozen=True)
class List:
    """A list that is being printed; ``depth`` counts from 1."""

    levels: Mapping[int, Level]
    counted: list[int]
    depth: int = 1

    def deeper(self) -> "List":
        """Give the list inside an item of this one."""
        return List(self.levels, self.counted, min(self.depth + 1, LEVELS))

    def next(self, item: etree._Element) -> str:
        """Give the number that is printed before the next item; "" in a list of bullets."""
        level = self.levels.get(self.depth)
        place = self.depth - 1
        start = _int(item, "start-value", -1)
        if start >= 0:
            self.counted[place] = start
        elif self.counted[place] or level is None:
            self.counted[place] += 1
        else:
            self.counted[place] = level.start
        self.counted[place + 1 :] = [0] * (LEVELS - place - 1)
        if level is None or not level.form:
            return ""
        return f"{level.before}{'.'.join(self._shown(level))}{level.after}"

    def _shown(self, level: Level) -> Iterable[str]:
        for depth in range(max(1, self.depth - level.shown + 1), self.depth + 1):
            one = self.levels.get(depth)
            if one is not None and one.form:
                yield in_form(self.counted[depth - 1] or one.start, one.form)


def _level(element: etree._Element) -> Level:
    return Level(
        _int(element, "start-value", 1),
        element.get(f"{STYLE}num-format", ""),
        _int(element, "display-levels", 1),
        element.get(f"{STYLE}num-prefix", "")[:LONGEST],
        element.get(f"{STYLE}num-suffix", "")[:LONGEST],
    )


def _int(element: etree._Element, name: str, default: int) -> int:
    value = element.get(f"{TEXT}{name}", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < LEVELS else default
