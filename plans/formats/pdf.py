"""PDF with a text layer: words and ruled lines of its pages → paragraphs and tables."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pypdfium2 import PdfDocument, PdfiumError
from pypdfium2.raw import FPDF_ERR_PASSWORD

from plans.formats.pdf_breaks import Habits, Printed, joined_lines, parts_words, whole_words
from plans.formats.pdf_headings import reads_as_headings
from plans.formats.pdf_lines import (
    Line,
    Setting,
    blank_of,
    goes_on,
    had_no_room,
    in_reading_order,
    paragraphs_of,
    segments_of,
    step_of,
)
from plans.formats.pdf_page import Page, Word, read_page
from plans.formats.pdf_ruling import SAME_SIDE, Ruling, read_rulings
from plans.formats.pdf_tables import (
    Printing,
    blocks_of,
    follows,
    padding_of,
    printed,
    printed_lines,
    restored,
)
from plans.formats.pdf_unruled import understood
from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.healing import FIRST_WORD, vocabulary
from plans.plan import Protected, Scan, TooLarge, Unreadable
from plans.table import is_plan

MOST_PAGES = 300
MOST_WORDS = 300_000
EDGE = 0.12  # share of a page's height where running heads and page numbers stand
FEWEST = 3  # pages that a running head is on
TRUST = 0.8  # share of full lines that end with a blank, in a file that prints such blanks
PADDING = 6.0  # points between the side of a table and its words
CLOSE = 1.6  # heights of a letter: lines of one text are no further apart
PIECES = 0.55  # heights of a letter: wider room than that of blanks
PAGE_NUMBER = re.compile(
    r"[-–—\s]*(стр\.?|страница|лист)?\s*\d{1,3}(\s*(из|/)\s*\d{1,3})?[-–—\s]*", re.IGNORECASE
)
WESTERN = re.compile(r"[À-ÿ]")
WORD_LETTER = re.compile(r"[^\W\d_]")
MOSTLY = 0.6  # share of Western letters in a file of an old font
HYPHENED = re.compile(r"([^\W\d_]+)-$")


def read(data: bytes) -> Grid:
    """Read a PDF. Raises Scan without a text, Protected, TooLarge, Unreadable."""
    pages = _in_russian(_pages(data))
    if not any(page.words for page in pages):
        raise Scan
    rulings = _tables([read_rulings(page) for page in pages])
    if not any(rulings) and any(page.pictured for page in pages):
        raise Scan
    sheets = _sheets(pages, rulings)
    grid = Grid(tuple(_blocks(sheets)))
    if any(isinstance(block, TableBlock) and is_plan(block) for block in grid.blocks):
        return grid
    unruled = understood(_pieces(sheet, ruled) for sheet, ruled in zip(sheets, rulings, strict=True))
    if not any(unruled):
        return grid
    both = [sorted([*one, *other], key=_place) for one, other in zip(rulings, unruled, strict=True)]
    return Grid(tuple(_blocks(_sheets(pages, both))))


def _sheets(pages: Sequence[Page], rulings: Sequence[Sequence[Ruling]]) -> list["Sheet"]:
    sheets = [_sheet(page, number, rulings[number]) for number, page in enumerate(pages)]
    return _without_running_heads(sheets)


def _place(ruling: Ruling) -> tuple[float, float]:
    return ruling.ys[0], ruling.xs[0]


def _pieces(sheet: "Sheet", rulings: Sequence[Ruling]) -> Iterator[list[Line]]:
    """Yield the lines of a page outside its tables, running heads left out, parted at narrow room.

    A number that stands right over or under other lines is no number of a page, headings of columns are
    no running heads.
    """
    kept = [row[0].box for row in sheet.rows]
    outside = [word for word in sheet.page.words if _innermost(word, rulings) is None]
    rows = segments_of(outside, PIECES)
    for place, row in enumerate(rows):
        middle = (row[0].box.top + row[0].box.bottom) / 2
        beside = [rows[near][0] for near in (place - 1, place + 1) if 0 <= near < len(rows)]
        close = any(abs(one.box.bottom - row[0].box.bottom) < CLOSE * one.box.height for one in beside)
        inside = (close and row[0].text.isdecimal()) or reads_as_headings(row)
        if inside or any(box.top <= middle <= box.bottom for box in kept):
            yield row


def _in_russian(pages: list[Page]) -> list[Page]:
    """Read the letters of old fonts, which print Russian ones and call them Western («Ïðèêàç»)."""
    texts = [word.text for page in pages for word in page.words]
    western = sum(len(WESTERN.findall(text)) for text in texts)
    if western <= MOSTLY * sum(len(WORD_LETTER.findall(text)) for text in texts):
        return pages
    return [replace(page, words=tuple(_russian(word) for word in page.words)) for page in pages]


def _russian(word: Word) -> Word:
    return word._replace(text=word.text.encode("cp1252", "replace").decode("cp1251", "replace"))


def _tables(pages: Sequence[Sequence[Ruling]]) -> list[list[Ruling]]:
    """Leave out frames around words, but not parts of tables whose cells are merged from side to side."""
    tables = [ruling for page in pages for ruling in page if not ruling.is_frame]
    sides = {(round(ruling.xs[0] / SAME_SIDE), round(ruling.xs[-1] / SAME_SIDE)): ruling for ruling in tables}
    return [
        [one for one in page if not one.is_frame or any(map(one.has_sides_of, sides.values()))]
        for page in pages
    ]


def _pages(data: bytes) -> list[Page]:
    try:
        with PdfDocument(data) as document:
            return list(_read(document))
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise Protected from None
        raise Unreadable from None


def _read(document: PdfDocument) -> Iterator[Page]:
    if len(document) > MOST_PAGES:
        raise TooLarge
    words = 0
    for number in range(len(document)):
        page = document[number]
        found = read_page(page)
        page.close()
        words += len(found.words)
        if words > MOST_WORDS:
            raise TooLarge
        yield found


@dataclass(frozen=True)
class Sheet:
    """A page that has been looked at: its tables, and the rows of text around them from the top."""

    page: Page
    tables: tuple[Printing, ...]
    rows: tuple[tuple[Line, ...], ...]


def _sheet(page: Page, number: int, rulings: Sequence[Ruling]) -> Sheet:
    inside: list[list[Word]] = [[] for _ in rulings]
    outside: list[Word] = []
    for word in page.words:
        place = _innermost(word, rulings)
        (outside if place is None else inside[place]).append(word)
    tables = (printed(ruling, words, number) for ruling, words in zip(rulings, inside, strict=True))
    rows = tuple(tuple(row) for row in segments_of(outside))
    return Sheet(page, tuple(table for table in tables if not table.is_empty), rows)


def _innermost(word: Word, rulings: Sequence[Ruling]) -> int | None:
    """Give the number of the smallest table around a word."""
    x, y = (word.box.left + word.box.right) / 2, (word.box.top + word.box.bottom) / 2
    around = [
        place
        for place, ruling in enumerate(rulings)
        if ruling.box.left <= x <= ruling.box.right and ruling.box.top <= y <= ruling.box.bottom
    ]
    return min(around, key=lambda place: rulings[place].box.width * rulings[place].box.height, default=None)


def _without_running_heads(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Leave out page numbers, and what stands at the same edge of most pages."""
    seen = Counter(
        key
        for sheet in sheets
        for key in {_key(row, sheet.page) for row in sheet.rows if _at_edge(row, sheet.page)}
    )
    often = {key for key, count in seen.items() if count >= max(FEWEST, len(sheets) / 2)}

    def runs(row: tuple[Line, ...], sheet: Sheet) -> bool:
        if not _at_edge(row, sheet.page):
            return False
        return _key(row, sheet.page) in often or all(PAGE_NUMBER.fullmatch(line.text) for line in row)

    return [replace(sheet, rows=tuple(row for row in sheet.rows if not runs(row, sheet))) for sheet in sheets]


def _key(row: Sequence[Line], page: Page) -> tuple[str, bool]:
    text = re.sub(r"\d+", "#", " ".join(line.text for line in row))
    return text, row[0].box.top < page.height / 2


def _at_edge(row: Sequence[Line], page: Page) -> bool:
    return row[0].box.bottom < EDGE * page.height or row[0].box.top > (1 - EDGE) * page.height


@dataclass(frozen=True)
class Paragraph:
    """Lines that go on one another."""

    lines: tuple[Line, ...]

    @property
    def printed(self) -> list[Printed]:
        """The lines, with what their ends tell."""
        return [Printed(line.text, spaced=line.spaced) for line in self.lines]


Part = Paragraph | Printing
Group = Paragraph | list[Printing]  # tables that go on from page to page are one group


def _blocks(sheets: Sequence[Sheet]) -> Iterator[Block]:
    """Yield the paragraphs and tables of all pages in order."""
    margins = _margins(sheets)
    setting = _setting(sheets, margins)
    parts: list[Part] = []
    for sheet in sheets:
        margin = margins[_width(sheet)]
        page = list(_parts(sheet, margin, setting))
        _append(parts, page, margin, setting)
    groups = [part if isinstance(part, Paragraph) else restored(part) for part in _grouped(parts)]
    habits = _habits(groups, setting)
    for group in groups:
        if isinstance(group, Paragraph):
            yield TextBlock(joined_lines(group.printed, habits))
        else:
            yield from blocks_of(group, setting, habits)


def _habits(groups: Sequence[Group], setting: Setting) -> Habits:
    runs = [run for group in groups for run in _runs(group, setting)]
    known = vocabulary("\n".join(whole_words(run, blanks=setting.trusted) for run in runs))
    hyphened = [
        (HYPHENED.search(one.text), FIRST_WORD.match(two.text)) for run in runs for one, two in pairwise(run)
    ]
    hyphens = parts_words(known, ((one[1], two[0]) for one, two in hyphened if one and two))
    return Habits(known, blanks=setting.trusted, hyphens=hyphens)


def _runs(group: Group, setting: Setting) -> Iterator[Sequence[Printed]]:
    """Yield the lines that stand under one another: of a paragraph, of each cell."""
    if isinstance(group, Paragraph):
        yield group.printed
        return
    for part in group:
        yield from (printed_lines(part, region, lines, setting) for region, lines in part.cells)


def _width(sheet: Sheet) -> int:
    return round(sheet.page.width)


def _margins(sheets: Sequence[Sheet]) -> dict[int, float]:
    """Give for each width of a page where its lines end at most."""
    found: dict[int, float] = {}
    for sheet in sheets:
        rights = [line.box.right for row in sheet.rows for line in row]
        sides = [table.ruling.box.right - PADDING for table in sheet.tables]
        found[_width(sheet)] = max(*rights, *sides, found.get(_width(sheet), 0.0), 0.0)
    return found


def _setting(sheets: Sequence[Sheet], margins: Mapping[int, float]) -> Setting:
    setting = Setting(
        blank_of(word for sheet in sheets for word in sheet.page.words),
        padding_of(table for sheet in sheets for table in sheet.tables),
    )
    full = [line for sheet in sheets for line in _full_lines(sheet, margins[_width(sheet)], setting)]
    spaced = sum(line.spaced for line in full)
    step = step_of((_single_lines(sheet), margins[_width(sheet)]) for sheet in sheets)
    return replace(setting, trusted=len(full) >= FEWEST and spaced >= TRUST * len(full), step=step)


def _single_lines(sheet: Sheet) -> list[Line]:
    """Give the lines of a page that stand alone, from the top."""
    return [row[0] for row in sheet.rows if len(row) == 1]


def _full_lines(sheet: Sheet, margin: float, setting: Setting) -> Iterator[Line]:
    """Yield the lines after which the first word of the next one had no room, and a blank had."""
    runs: list[tuple[Sequence[Line], float]] = [(_single_lines(sheet), margin)]
    for table in sheet.tables:
        for region, lines in table.cells:
            runs.append((lines, table.edge(region, setting)))
    for run, edge in runs:
        for before, line in pairwise(run):
            if setting.is_roomy(before, edge) and had_no_room(before, line, edge) and not before.alone:
                yield before


def _parts(sheet: Sheet, margin: float, setting: Setting) -> Iterator[Part]:
    """Yield the paragraphs and tables of a page, from the top."""
    rows = list(sheet.rows)
    for table in sheet.tables:
        above = [row for row in rows if row[0].box.top < table.ruling.box.top]
        rows = [row for row in rows if row[0].box.top >= table.ruling.box.top]
        yield from _paragraphs(above, margin, setting)
        yield table
    yield from _paragraphs(rows, margin, setting)


def _paragraphs(rows: Sequence[Sequence[Line]], margin: float, setting: Setting) -> Iterator[Paragraph]:
    for lines in paragraphs_of(in_reading_order(rows), margin, setting):
        yield Paragraph(tuple(lines))


def _append(parts: list[Part], page: Sequence[Part], margin: float, setting: Setting) -> None:
    """Add the parts of a page; its first lines may go on with the last paragraph of the one before."""
    last, first = parts[-1] if parts else None, page[0] if page else None
    if (
        isinstance(last, Paragraph)
        and isinstance(first, Paragraph)
        and goes_on(last.lines, first.lines[0], margin, setting)
    ):
        parts[-1] = Paragraph((*last.lines, *first.lines))
        page = page[1:]
    parts.extend(page)


def _grouped(parts: Iterable[Part]) -> Iterator[Group]:
    """Put together the tables that go on from page to page."""
    tables: list[Printing] = []
    for part in parts:
        if isinstance(part, Printing) and tables and follows(tables[-1], part):
            tables.append(part)
            continue
        if tables:
            yield tables
            tables = []
        if isinstance(part, Printing):
            tables = [part]
        else:
            yield part
    if tables:
        yield tables
