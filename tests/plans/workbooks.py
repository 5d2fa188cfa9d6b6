"""Workbooks made in a test, out of orders written as text."""

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol

FASHIONS = ("plain", "head_across", "from_column_b", "merged_down")
FEWEST = 3  # cells of a row that is no section


def workbook_of(text: str, fashion: str = "plain") -> bytes:
    """Make a workbook of an order: a row for each line, and its tables split at the tabs.

    ``plain`` begins each line in column A; ``head_across`` merges the lines of text and the sections over
    the columns of the table; ``from_column_b`` leaves the first column and the first rows empty;
    ``merged_down`` rules the table and merges equal dates, executors and results of neighbouring rows.
    """
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet("Лист1")
    ruled = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    left, top = (1, 2) if fashion == "from_column_b" else (0, 0)
    lines = [line.split("\t") for line in text.splitlines()]
    width = max(map(len, lines))
    down = _merged_down(lines) if fashion == "merged_down" else {}
    for number, cells in enumerate(lines):
        row = top + number
        alone = not any(cell.strip() for cell in cells[1:])
        if fashion in {"head_across", "merged_down"} and alone and cells[0].strip() and width > 1:
            sheet.merge_range(row, left, row, left + width - 1, cells[0], ruled)
            continue
        for place, cell in enumerate(cells):
            value = int(cell) if cell.isdecimal() else cell
            if (number, place) not in down:
                sheet.write(row, left + place, value, ruled if len(cells) > 1 else None)
            elif (high := down[number, place]) > 1:
                sheet.merge_range(row, left + place, row + high - 1, left + place, value, ruled)
    book.close()
    return packed.getvalue()


def _merged_down(lines: Sequence[Sequence[str]]) -> dict[tuple[int, int], int]:
    """Tell how many rows each repeated cell is merged over; 0 for those under the first one.

    The rest of a row that was cut off by a page, with nothing in its first column, is merged with none.
    """
    down: dict[tuple[int, int], int] = {}
    for place in range(2, max(map(len, lines))):
        texts = [line[place] if len(line) > place and line[0].strip() else "" for line in lines]
        for said, group in groupby(enumerate(texts), key=lambda one: one[1]):
            numbers = [number for number, _ in group]
            if said.strip() and len(numbers) > 1:
                down |= {(number, place): 0 for number in numbers}
                down[numbers[0], place] = len(numbers)
    return down


def workbook(*rows: Sequence[Any], merged: Sequence[str] = (), name: str = "Лист1") -> bytes:
    """Make a workbook of one sheet; merged ranges («A1:D1») keep the value of their first cell."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True, "default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(number, place, value)
    for one in merged:
        sheet.merge_range(one, "")
        row, column = xl_cell_to_rowcol(one.partition(":")[0])
        sheet.write(row, column, rows[row][column])
    book.close()
    return packed.getvalue()
