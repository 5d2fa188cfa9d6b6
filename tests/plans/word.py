"""Word documents made in a test, out of orders written as text."""

import io
import zipfile
from itertools import groupby

from docx import Document
from docx.document import Document as WordDocument


def word_of(text: str) -> bytes:
    """Make a Word document of an order: a paragraph for each line, a table for each run of tabbed lines.

    A row with one filled first cell (a section) becomes one merged cell, as Word users make it.
    """
    document = Document()
    for kind, group in groupby(text.splitlines(), key=lambda line: "\t" in line):
        lines = list(group)
        if kind:
            _add_table(document, [line.split("\t") for line in lines])
        else:
            for line in lines:
                document.add_paragraph(line)
    return saved(document)


def _add_table(document: WordDocument, rows: list[list[str]]) -> None:
    width = max(len(row) for row in rows)
    table = document.add_table(rows=0, cols=width)
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            cell.text = text
        if row[0] and not any(row[1:]):
            cells[0].merge(cells[-1])
    document.add_paragraph("")


def saved(document: WordDocument) -> bytes:
    """Give the bytes of a document."""
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Put a part into a packed document, in place of the one of that name if there is one."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return made.getvalue()
