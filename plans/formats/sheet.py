"""Spreadsheets (xlsx, xls, ods): every sheet that is shown, in the order of the workbook."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from plans.formats import sheet_xls, sheet_xlsx
from plans.formats.archive import entries_of
from plans.formats.sheet_blocks import blocks_of
from plans.formats.sheet_cells import Outline, Sheet, laid
from plans.formats.sheet_ods import sheets_of
from plans.formats.sheet_values import shown
from plans.grid import Block, Grid
from plans.plan import Protected, TooLarge, Unreadable

ZIP = b"PK"
MOST_SHEETS = 200
PANIC = "PanicException"  # of the library's Rust, on a damaged file; no module gives the class
DAMAGED = (
    *(CalamineError, etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error),
    *(KeyError, ValueError, IndexError, NotImplementedError, OSError, EOFError, RuntimeError),
)


def read(data: bytes) -> Grid:
    """Read a workbook; formulas give the values they had when it was saved.

    Raises Unreadable, Protected, TooLarge.
    """
    try:
        return Grid(tuple(_blocks(data)))
    except PasswordError:
        raise Protected from None
    except DAMAGED:
        raise Unreadable from None
    except BaseException as failed:
        if type(failed).__name__ == PANIC:
            raise Unreadable from None
        raise


def _blocks(data: bytes) -> Iterator[Block]:
    for number, sheet in enumerate(_sheets(data)):
        if number >= MOST_SHEETS:
            raise TooLarge
        yield from blocks_of(laid(sheet))


def _sheets(data: bytes) -> Iterator[Sheet]:
    if not data.startswith(ZIP):
        return _calamine(data, sheet_xls.outlines_of(data))
    if "xl/workbook.xml" in entries_of(data):
        return _calamine(data, sheet_xlsx.outlines_of(data))
    return sheets_of(data)


def _calamine(data: bytes, outlines: list[Outline]) -> Iterator[Sheet]:
    """Yield the visible sheets. Their sizes are known by now: the library makes room for every place."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for place, about in enumerate(workbook.sheets_metadata):
        outline = outlines[place]
        if about.visible is SheetVisibleEnum.Visible:
            found = workbook.get_sheet_by_index(place)
            texts = [
                [shown(value, outline.formats.get((row, column), "")) for column, value in enumerate(values)]
                for row, values in enumerate(found.to_python(skip_empty_area=False))
            ]
            yield Sheet(texts, found.merged_cell_ranges or (), outline)
