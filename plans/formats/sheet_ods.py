"""OpenDocument spreadsheets, streamed: they keep every value as it is shown."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from plans.formats.sheet_cells import Extent, Outline, Place, Sheet
from plans.formats.sheet_values import shown
from plans.plan import Protected

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
WALKED = (f"{TABLE}table", f"{TABLE}table-column", f"{TABLE}table-row", f"{STYLE}style")
UNSAID = (f"{OFFICE}annotation", f"{TEXT}note", f"{TABLE}detective")
SIGNS = {f"{TEXT}s": " ", f"{TEXT}tab": " ", f"{TEXT}line-break": "\n"}
MANIFEST = "META-INF/manifest.xml"
COLLAPSED = "collapse"  # hidden by a hand; what a filter hides is part of the plan
NUMBERS = ("float", "percentage")
POINT = re.compile(r"-?\d+\.\d+\s*%?")  # of a program that was not set to Russian
MOST_REPEATED = 1 << 20


@dataclass
class Draft:
    """A sheet while it is read."""

    texts: list[list[str]] = field(default_factory=list)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    extent: Extent = field(default_factory=Extent)
    rows: int = 0
    columns: int = 0

    def take_column(self, element: etree._Element) -> None:
        """Take the declaration of a column, or of several alike."""
        again = _count(element, "number-columns-repeated")
        if element.get(f"{TABLE}visibility") == COLLAPSED:
            self.hidden_columns.update(range(self.columns, min(self.columns + again, 1 << 14)))
        self.columns += again

    def take_row(self, element: etree._Element) -> None:
        """Take a row, or several alike. Raises TooLarge."""
        again = _count(element, "number-rows-repeated")
        texts = self._cells(element)
        if texts:
            for _ in range(again):
                self._add(texts)
            if element.get(f"{TABLE}visibility") == COLLAPSED:
                self.hidden_rows.update(range(self.rows, self.rows + again))
        self.rows += again

    def _add(self, texts: list[str]) -> None:
        for place, text in enumerate(texts):
            if text:
                self.extent.add(max(self.rows, len(self.texts)), place, len(text))
        self.texts.extend([] for _ in range(self.rows - len(self.texts)))
        self.texts.append(texts)

    def _cells(self, row: etree._Element) -> list[str]:
        """Give the texts of a row without the empty ones after the last, and note what is merged."""
        made: list[str] = []
        place = 0
        for cell in row.iterchildren(*CELLS):
            again = _count(cell, "number-columns-repeated")
            text = _shown(cell) if cell.tag == CELLS[0] else ""
            if text:
                self.extent.add(self.rows, place + again - 1)
                made.extend([""] * (place - len(made)) + [text] * again)
            wide, tall = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
            if text and (wide > 1 or tall > 1):
                self.merged.append(((self.rows, place), (self.rows + tall - 1, place + wide - 1)))
            place += again
        return made

    @property
    def sheet(self) -> Sheet:
        """The sheet as it has been read."""
        return Sheet(
            self.texts, self.merged, Outline(frozenset(self.hidden_rows), frozenset(self.hidden_columns))
        )


def sheets_of(data: bytes) -> Iterator[Sheet]:
    """Yield the sheets that are not hidden. Raises TooLarge, Protected."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if MANIFEST in packed.namelist() and b"encryption-data" in packed.read(MANIFEST):
            raise Protected
        with packed.open("content.xml") as content:
            walk = etree.iterparse(
                content,
                events=("start", "end"),
                tag=WALKED,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                remove_comments=True,
                remove_pis=True,
            )
            yield from _sheets(walk)


def _sheets(walk: Iterator[tuple[str, etree._Element]]) -> Iterator[Sheet]:
    hidden: set[str] = set()
    drafts: list[Draft] = []  # a table within a table is a part of the outer sheet's subtables
    for event, element in walk:
        if event == "start":
            if element.tag == f"{TABLE}table":
                drafts.append(Draft())
            continue
        if element.tag == f"{STYLE}style":
            properties = element.find(f"{STYLE}table-properties")
            if properties is not None and properties.get(f"{TABLE}display") == "false":
                hidden.add(element.get(f"{STYLE}name", ""))
        elif element.tag == f"{TABLE}table":
            done = drafts.pop()
            if not drafts and element.get(f"{TABLE}style-name") not in hidden:
                yield done.sheet
        elif drafts and element.tag == f"{TABLE}table-column":
            drafts[-1].take_column(element)
        elif drafts:
            drafts[-1].take_row(element)
            element.clear()


def _shown(cell: etree._Element) -> str:
    if cell.get(f"{CALC}value-type") == "error":
        return ""
    text = "\n".join(_words(one) for one in cell.iterchildren(f"{TEXT}p", f"{TEXT}h"))
    kind = cell.get(f"{OFFICE}value-type")
    if kind in NUMBERS and POINT.fullmatch(text):
        return text.replace(".", ",")
    if kind != "date":
        return text if text.strip() else ""
    try:
        day = dt.datetime.fromisoformat(cell.get(f"{OFFICE}date-value", ""))
    except ValueError:
        return text
    return shown(day, _code(text, day))


def _code(text: str, day: dt.datetime) -> str:
    """Tell from a date as it is shown which of day, month and year its format has."""
    figures = re.findall(r"\d+", text)
    if figures not in ([f"{day:%Y}"], [f"{day:%y}"]):
        return ""
    return "mmmm yyyy" if re.search(r"[^\W\d_]{3}", text) else "yyyy"


def _words(paragraph: etree._Element) -> str:
    parts = [paragraph.text or ""]
    for child in paragraph.iterchildren():
        if child.tag not in UNSAID:
            parts.append(SIGNS[child.tag] if child.tag in SIGNS else _words(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _count(element: etree._Element, name: str) -> int:
    value = element.get(f"{TABLE}{name}", "")
    return max(1, min(int(value), MOST_REPEATED)) if value.isascii() and value.isdecimal() else 1
