"""Reading an order of 40 and of 2,000 rows, against python-docx touching every cell."""

import io
from collections.abc import Iterator

from docx import Document

from benchmarks.measure import Measure, best
from plans.read import read_plan

HEADINGS = ("№ п/п", "Мероприятие", "Срок исполнения", "Ответственные", "Ожидаемый результат")


def order(rows: int) -> bytes:
    """Make a Word order of so many rows."""
    document = Document()
    document.add_paragraph("План мероприятий («дорожная карта») на 2026 год")
    table = document.add_table(rows + 1, len(HEADINGS))
    cells = table._cells  # noqa: SLF001 - one walk instead of a quadratic one
    for place, heading in enumerate(HEADINGS):
        cells[place].text = heading
    for number in range(1, rows + 1):
        texts = (
            f"{number}.",
            f"Мероприятие номер {number} о деле {number * 7}",
            "октябрь 2026 года",
            "ОО",
            "Приказ",
        )
        for place, text in enumerate(texts):
            cells[number * len(HEADINGS) + place].text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def touch_every_cell(data: bytes) -> int:
    """Do what the usual way does: open and read every cell, row by row."""
    table = Document(io.BytesIO(data)).tables[0]
    return sum(len(cell.text) for row in table.rows for cell in row.cells)


def measures() -> Iterator[Measure]:
    """Measure a small and a large order."""
    for rows, times in ((40, 5), (2000, 1)):
        data = order(rows)
        ours = best(lambda data=data: read_plan(data, "order.docx"), times)  # type: ignore[misc]
        floor = best(lambda data=data: touch_every_cell(data), times)  # type: ignore[misc]
        yield Measure(f"reading a docx of {rows} rows", ours, floor)
