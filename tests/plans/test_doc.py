"""Orders as documents of Word 97-2003: saved by LibreOffice, locked, with macros, damaged."""

import random
import struct
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from plans.formats import read_grid
from plans.formats.doc import read
from plans.grid import Cell, Grid, TableBlock, TextBlock
from plans.plan import PlanError, Protected, Unreadable, WrongFormat
from plans.read import read_plan
from tests.plans.portable import converted
from tests.plans.saved_orders import (
    FILES,
    KEPT,
    ORDERS,
    each_form,
    each_invented,
    each_real,
    expected,
    office,
    plan_of,
    real,
    saved_orders,
)
from tests.plans.test_child import child
from tests.plans.test_golden import differing, heads_differing
from tests.plans.test_odt import LISTED, MIMETYPE, content
from tests.plans.word import saved

WHOLE = (FILES / f"{KEPT[0]}.doc").read_bytes()
WIDE = (FILES / "wide_table_with_counted_rows.doc").read_bytes()
W = nsdecls("w")
SECTOR = 512


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    return saved_orders(".doc")


@pytest.fixture(scope="module")
def particular() -> Grid:
    """A document with what orders have besides plain tables: stamps, fields, merged cells, revisions."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Колонтитул"
    field = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>{said}'
        for kind, said in (
            ("begin", "<w:r><w:instrText> DATE </w:instrText></w:r>"),
            ("separate", "<w:r><w:t>01.02.2023</w:t></w:r>"),
            ("end", ""),
        )
    )
    box = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" type="#_x0000_t202"'
        ' style="position:absolute;width:200pt;height:80pt"><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>УТВЕРЖДАЮ</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    said = 'w:id="1" w:author="x" w:date="2023-01-01T00:00:00Z"'
    gone = f"<w:del {said}><w:r><w:delText>июля</w:delText></w:r></w:del>"
    new = f"<w:ins {said}><w:r><w:t>мая</w:t></w:r></w:ins>"
    for xml in (box, field, gone + new):
        document.element.body.insert(-1, parse_xml(f"<w:p {W}>{xml}</w:p>"))
    table = document.add_table(rows=3, cols=3)
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            cell.text = "абв"[place]
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Раздел"
    table.cell(1, 1).merge(table.cell(2, 1)).text = "май\n2023"
    return read(converted({"приказ": saved(document)}, ".docx", ".doc")["приказ"])


@office
@real
@each_form
@each_real
def test_no_field_of_an_order_saved_for_old_word_differs(
    golden: Path, form: str, documents: dict[str, bytes]
) -> None:
    found = plan_of(documents[f"{golden.stem}-{form}"], "приказ.doc")
    assert differing(found, expected(golden)) == []
    assert heads_differing(found, expected(golden)) == {}


@office
@each_form
@each_invented
def test_an_invented_order_saved_for_old_word_is_read_whole(
    golden: Path, form: str, documents: dict[str, bytes]
) -> None:
    assert plan_of(documents[f"{golden.stem}-{form}"], "приказ.doc") == expected(golden)


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_document_is_read_as_people_read_it(name: str) -> None:
    assert plan_of((FILES / f"{name}.doc").read_bytes(), "приказ.doc") == expected(ORDERS / f"{name}.json")


@office
def test_words_are_read_as_they_are_printed(particular: Grid) -> None:
    texts = [block.joined for block in particular.texts]
    assert "УТВЕРЖДАЮ" in texts
    assert "мая" in texts
    assert not any("DATE" in text or "Колонтитул" in text or "июля" in text for text in texts)


@office
def test_merged_cells_are_beside_and_below(particular: Grid) -> None:
    (table,) = [block for block in particular.blocks if isinstance(block, TableBlock)]
    assert table.rows == (
        (Cell("Раздел"), Cell(beside=True), Cell(beside=True)),
        (Cell("а"), Cell("май 2023"), Cell("в")),
        (Cell("а"), Cell(below=True), Cell("в")),
    )


@office
def test_numbers_that_word_prints_by_itself_are_read() -> None:
    document = converted({"приказ": content(LISTED, MIMETYPE)}, ".fodt", ".doc")["приказ"]
    blocks = read(document).blocks
    assert [" ".join(block.joined.split()) for block in blocks if isinstance(block, TextBlock)] == [
        *("1. Утвердить", "1.1. Поручить:", "1) школам", "2) отделу", "1.2. Разместить", "Срок: май"),
        *("2. Контроль", "памятка", "Кадры"),  # a list that only a style names is lost on the way here
    ]
    (table,) = [block for block in blocks if isinstance(block, TableBlock)]
    assert [[cell.text for cell in row] for row in table.rows] == [["3.", "Урок"], ["4.", "Семинар"]]


def test_a_wide_table_is_one_whose_cells_are_merged_and_whose_rows_are_counted() -> None:
    """LibreOffice keeps the ends of such rows in another stream; between two tables is an empty line."""
    first, second = [block for block in read(WIDE).blocks if isinstance(block, TableBlock)]
    assert [[cell.text for cell in row] for row in second.rows] == [list("абвгдежзи")] * 2
    texts = [[cell.text for cell in row] for row in first.rows]
    assert texts[:2] == [["№", *"бвг", "д", "", *"жзи"], ["Раздел", *[""] * 8]]
    assert texts[2:] == [
        [f"{number}.", *"бв", "май" if number == 1 else "", *"дежзи"] for number in (1, 2, 3)
    ]
    assert [[cell.below for cell in row].count(True) for row in first.rows] == [0, 0, 0, 1, 1]
    assert [[cell.beside for cell in row].count(True) for row in first.rows] == [1, 8, 0, 0, 0]


def test_a_document_with_a_password_is_protected() -> None:
    locked = bytearray(WHOLE)
    locked[WHOLE.index(b"\xec\xa5") + 11] |= 1
    with pytest.raises(Protected):
        read_grid(bytes(locked), "приказ.doc")


def test_a_document_with_macros_is_refused_and_a_clean_one_is_read() -> None:
    named = "Data".encode("utf-16-le"), "\x01CompObj".encode("utf-16-le")
    place = max(WHOLE.rfind(name) for name in named)
    macros = "Macros".encode("utf-16-le")
    entry = macros.ljust(64, b"\0") + struct.pack("<H", len(macros) + 2)
    with_macros = WHOLE[:place] + entry + WHOLE[place + len(entry) :]
    with pytest.raises(WrongFormat) as refused:
        read_grid(with_macros, "приказ.doc")
    assert refused.value.suffix == ".docm"
    assert read_grid(WHOLE, "приказ.doc").blocks


@pytest.mark.parametrize("kept", [0, 600, 5000, len(WHOLE) // 2])
def test_a_document_cut_short_is_refused_or_read(kept: int) -> None:
    with pytest.raises(PlanError):
        read_plan(WHOLE[: SECTOR + kept], "приказ.doc")


def test_a_document_without_its_text_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(WHOLE[:SECTOR])


def test_a_document_damaged_anywhere_is_read_or_refused() -> None:
    dice = random.Random(3)
    for _ in range(150):
        damaged = bytearray(WHOLE)
        for _ in range(dice.randint(1, 40)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            read_plan(bytes(damaged), "приказ.doc")
        except PlanError:
            continue


def test_a_child_reads_a_document_within_its_limits() -> None:
    found = child(WHOLE, "приказ.doc")["plan"]
    assert found["rows"] == expected(ORDERS / f"{KEPT[0]}.json")["rows"]
