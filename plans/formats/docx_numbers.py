"""Numbers that Word prints by itself: the «№ п/п» column of many orders is a list without any text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from lxml import etree

from plans.formats.list_numbers import in_form

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PROPERTIES = f"{W}pPr"
PLACE = re.compile(r"%(\d)")
FORMS = {
    "decimal": "1",
    "upperRoman": "I",
    "lowerRoman": "i",
    "upperLetter": "A",
    "lowerLetter": "a",
    "russianUpper": "А",
    "russianLower": "а",
}
TWO_FIGURES = "decimalZero"
BULLET = "bullet"
SILENT = frozenset((BULLET, "none"))  # «none» may print words all the same
LEVELS = 9
DEEPEST = 20  # styles that are based on one another
MOST_FIGURES = 6
LONGEST = 100  # letters of a number with what stands around it


@dataclass(frozen=True)
class Level:
    """One level of a list: its first number, its form («decimal»), its text («%1.%2.»), its style.

    ``restart`` says which levels above make it begin anew: all (None), none (0), those above a level.
    """

    start: int
    form: str
    text: str
    style: str = ""
    restart: int | None = None
    legal: bool = False  # Roman numbers of the levels above are printed as figures

    def begins_anew(self, above: int) -> bool:
        """Tell whether an item of a level above makes this one begin anew."""
        return self.restart is None or above < self.restart


@dataclass(frozen=True)
class List:
    """A list: which abstract one it is, its own levels, and where it begins anew."""

    abstract: str
    levels: Mapping[int, Level]
    starts: Mapping[int, int]


@dataclass
class Numbering:
    """The lists of a document, and how far each has been counted."""

    lists: Mapping[str, List] = field(default_factory=dict)
    styles: Mapping[str, etree._Element] = field(default_factory=dict)  # of paragraphs
    _counted: dict[str, list[int | None]] = field(default_factory=dict)  # by abstract list
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, numbering: etree._Element, styles: etree._Element | None) -> Self:
        """Read the lists of a document, and the styles of paragraphs that may be items of them."""
        named = styles.iterchildren(f"{W}style") if styles is not None else ()
        return cls(dict(_lists(numbering)), {_attribute(style, "styleId"): style for style in named})

    def next(self, paragraph: etree._Element) -> str:
        """Give the number that Word prints before a paragraph; "" before one that is no item."""
        properties = paragraph.find(PROPERTIES) if self.lists else None
        if properties is None:
            return ""
        name, place = self._place(properties)
        item = self.lists.get(name)
        level = item.levels.get(place) if item is not None else None
        if item is None or level is None:
            return ""
        counted = self._count(name, item, place)
        if level.form == BULLET:
            return ""
        return PLACE.sub(lambda found: _printed(item, counted, int(found[1]) - 1, level), level.text)

    def _place(self, properties: etree._Element) -> tuple[str, int]:
        """Find the list of a paragraph and the level in it: its own ones, or those of its style."""
        own = properties.find(f"{W}numPr")
        name = _value(own.find(f"{W}numId")) if own is not None else ""
        at = own.find(f"{W}ilvl") if own is not None else None
        if name:
            return name, _depth(at)
        style = _value(properties.find(f"{W}pStyle"))
        for _ in range(DEEPEST):
            element = self.styles.get(style)
            if element is None:
                break
            found = element.find(f"{W}pPr/{W}numPr")
            if found is not None and (name := _value(found.find(f"{W}numId"))):
                at = at if at is not None else found.find(f"{W}ilvl")
                return name, self._level_of_style(name, style) if at is None else _depth(at)
            style = _value(element.find(f"{W}basedOn"))
        return "", 0

    def _level_of_style(self, name: str, style: str) -> int:
        levels = self.lists[name].levels if name in self.lists else {}
        return next((place for place, level in levels.items() if level.style == style), 0)

    def _count(self, name: str, item: List, place: int) -> list[int | None]:
        counted = self._counted.setdefault(item.abstract, [None] * LEVELS)
        if name not in self._seen:
            self._seen.add(name)
            for at, start in item.starts.items():
                counted[at] = start - 1
        before = counted[place]
        counted[place] = item.levels[place].start if before is None else before + 1
        for at in range(place + 1, LEVELS):
            if at not in item.levels or item.levels[at].begins_anew(place):
                counted[at] = None
        return counted


def _depth(element: etree._Element | None) -> int:
    return min(_int(element, "val"), LEVELS - 1)


def _printed(item: List, counted: list[int | None], place: int, level: Level) -> str:
    shown = item.levels.get(place)
    if shown is None or not 0 <= place < LEVELS or shown.form in SILENT:
        return ""
    number = counted[place]
    value = shown.start if number is None else number
    if shown.form == TWO_FIGURES:
        return f"{value:02d}"
    return str(value) if level.legal else in_form(value, FORMS.get(shown.form, "1"))


def _lists(root: etree._Element) -> Iterator[tuple[str, List]]:
    abstracts = {_attribute(one, "abstractNumId"): one for one in root.iterchildren(f"{W}abstractNum")}
    of_style = {_value(one.find(f"{W}styleLink")): name for name, one in abstracts.items()}
    levels = {name: dict(_levels(one)) for name, one in abstracts.items()}
    for one in root.iterchildren(f"{W}num"):
        abstract = _value(one.find(f"{W}abstractNumId"))
        if abstract not in abstracts:
            continue
        linked = _value(abstracts[abstract].find(f"{W}numStyleLink"))
        abstract = of_style.get(linked, abstract) if linked else abstract
        overrides = {_int(each, "ilvl"): each for each in one.iterchildren(f"{W}lvlOverride")}
        own = {at: level for each in overrides.values() for at, level in _levels(each)}
        starts = {at: each.find(f"{W}startOverride") for at, each in overrides.items() if at < LEVELS}
        begins = {at: _int(start, "val") for at, start in starts.items() if start is not None}
        yield _attribute(one, "numId"), List(abstract, levels[abstract] | own, begins)


def _levels(parent: etree._Element) -> Iterator[tuple[int, Level]]:
    for element in parent.iterchildren(f"{W}lvl"):
        start, restart = element.find(f"{W}start"), element.find(f"{W}lvlRestart")
        legal = element.find(f"{W}isLgl")
        place = _int(element, "ilvl")
        if place < LEVELS:
            yield (
                place,
                Level(
                    _int(start, "val") if start is not None else 1,
                    _value(element.find(f"{W}numFmt")) or "decimal",
                    _value(element.find(f"{W}lvlText"))[:LONGEST],
                    _value(element.find(f"{W}pStyle")),
                    _int(restart, "val") if restart is not None else None,
                    legal is not None and _value(legal) not in {"0", "false"},
                ),
            )


def _attribute(element: etree._Element | None, name: str) -> str:
    return str(element.get(f"{W}{name}") or "") if element is not None else ""


def _value(element: etree._Element | None) -> str:
    return _attribute(element, "val")


def _int(element: etree._Element | None, name: str) -> int:
    value = _attribute(element, name)
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST_FIGURES else 0
