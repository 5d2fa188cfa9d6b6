"""What an xlsx workbook says of its sheets beside their values, streamed: sizes, hidden rows, formats."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from lxml import etree

from plans.formats.sheet_cells import Extent, Outline, Place
from plans.formats.sheet_values import BUILT_IN
from plans.plan import Unreadable

REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,9})", re.IGNORECASE)
SHARED = "xl/sharedstrings.xml"  # names are compared in small letters
MOST_DIGITS = 7
RELATION = re.compile(r"\{[^}]*relationships\}id")
FILLED = ("v", "is", "f")
NUMBERS = ("n", "d")  # types of cells that have a number format
TRUE = ("1", "true")


def outlines_of(data: bytes) -> list[Outline]:
    """Give the outline of every sheet, in the order of the workbook. Raises TooLarge, Unreadable."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if packed.testzip() is not None:
            raise Unreadable
        names = {name.casefold(): name for name in packed.namelist()}
        formats, lengths = _formats(packed, names), _lengths(packed, names)
        made = []
        for part in _parts(packed, names):
            with packed.open(part) as sheet:
                made.append(_outline(sheet, formats, lengths))
        return made


def _parts(packed: zipfile.ZipFile, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of the sheets, as the workbook orders them."""
    targets = {
        one.get("Id", ""): one.get("Target", "")
        for one in _parsed(packed, names["xl/_rels/workbook.xml.rels"]).iter("{*}Relationship")
    }
    for sheet in _parsed(packed, names["xl/workbook.xml"]).iter("{*}sheet"):
        said = next((str(value) for key, value in sheet.attrib.items() if RELATION.fullmatch(str(key))), "")
        target = posixpath.normpath(posixpath.join("/xl", targets.get(said, "")))
        part = names.get(target.lstrip("/").casefold())
        if part is None:
            raise Unreadable
        yield part


def _parsed(packed: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(packed.read(name), parser)


def _formats(packed: zipfile.ZipFile, names: Mapping[str, str]) -> list[str]:
    """List the number format of each style of cells."""
    if "xl/styles.xml" not in names:
        return []
    styles = _parsed(packed, names["xl/styles.xml"])
    known = BUILT_IN | {
        _number(one.get("numFmtId")): one.get("formatCode", "") for one in styles.iter("{*}numFmt")
    }
    return [known.get(_number(one.get("numFmtId")), "") for one in styles.iterfind("{*}cellXfs/{*}xf")]


def _lengths(packed: zipfile.ZipFile, names: Mapping[str, str]) -> list[int]:
    """List the lengths of the texts that cells share."""
    if SHARED not in names:
        return []
    made = []
    with packed.open(names[SHARED]) as texts:
        for _, text in etree.iterparse(
            texts, tag="{*}si", resolve_entities=False, no_network=True, load_dtd=False
        ):
            made.append(sum(map(len, text.itertext())))
            _forget(text)
    return made


def _outline(sheet: IO[bytes], formats: Sequence[str], lengths: Sequence[int]) -> Outline:
    """Stream one sheet. What a filter hides is part of the plan; what a hand hides is not."""
    rows: set[int] = set()
    columns: set[int] = set()
    found: dict[Place, str] = {}
    extent, last, filtered = Extent(), -1, False
    tags = ("{*}sheetPr", "{*}col", "{*}c", "{*}row")
    here = -1
    walk = etree.iterparse(
        sheet, events=("end", "start"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
    )
    for event, element in walk:
        name = etree.QName(element).localname
        if event == "start":
            if name == "row":
                last, here = _row(element.get("r"), last + 2) - 1, -1
            continue
        if name == "c":
            last, here = _place(element.get("r"), (last, here + 1))
            if _is_filled(element):
                extent.add(last, here, _length(element, lengths))
                if code := _format(element, formats):
                    found[last, here] = code
        elif name == "sheetPr":
            filtered = element.get("filterMode") in TRUE
        elif element.get("hidden") in TRUE:
            columns.update(_columns(element) if name == "col" else ())
            rows.update({last} if name == "row" else ())
        _forget(element)
    return Outline(frozenset() if filtered else frozenset(rows), frozenset(columns), found)


def _is_filled(cell: etree._Element) -> bool:
    return any(etree.QName(child).localname in FILLED for child in cell.iterchildren(tag=etree.Element))


def _format(cell: etree._Element, formats: Sequence[str]) -> str:
    style = _number(cell.get("s"))
    return formats[style] if cell.get("t", "n") in NUMBERS and style < len(formats) else ""


def _length(cell: etree._Element, lengths: Sequence[int]) -> int:
    shared = _number(cell.findtext("{*}v"), len(lengths)) if cell.get("t") == "s" else len(lengths)
    return lengths[shared] if shared < len(lengths) else 0


def _columns(element: etree._Element) -> range:
    first, last = _number(element.get("min"), 1), _number(element.get("max"), 1)
    return range(max(0, first - 1), min(last, 1 << 14))


def _forget(element: etree._Element) -> None:
    """Give back the memory of what has been read."""
    element.clear()
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]


def _number(value: str | None, otherwise: int = 0) -> int:
    return int(value) if value and value.isdecimal() and len(value) <= MOST_DIGITS else otherwise


def _row(value: str | None, otherwise: int) -> int:
    """Read the number of a row, however far down it says it is: the library makes room for it."""
    return int(value) if value and value.isdecimal() else otherwise


def _place(reference: str | None, otherwise: Place) -> Place:
    """Read where a cell says it stands, whatever its row says. Raises Unreadable."""
    if reference is None:
        return otherwise
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise Unreadable
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1
