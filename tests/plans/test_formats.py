"""Files that are broken, hostile, or something else than they say."""

import io
import random
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.format_txt import decode
from plans.formats import read_grid
from plans.grid import TableBlock
from plans.plan import PlanError, Protected, TooLarge, Unreadable, WrongFormat
from plans.read import read_plan
from tests.plans.word import saved, with_part, word_of

ORDER = "Приказ\n\nПлан на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\n1\tСеминар\tмай\tОО\n"
WORD = word_of(ORDER)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
W = nsdecls("w")


def zip_of(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def body_of(xml: str) -> bytes:
    """Make a Word document whose body is this XML."""
    document = Document()
    document.element.body.insert(0, parse_xml(f"<w:sdt {W}><w:sdtContent>{xml}</w:sdtContent></w:sdt>"))
    return saved(document)


def table_of(data: bytes) -> list[list[str]]:
    (table,) = [block for block in read_grid(data, "приказ.docx").blocks if isinstance(block, TableBlock)]
    return [[cell.text for cell in row] for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_a_text_is_read_in_whatever_encoding_it_comes(encoding: str) -> None:
    assert len(read_plan(ORDER.encode(encoding), "приказ.txt").rows) == 1


def test_lines_end_as_they_end_on_windows_and_old_macs() -> None:
    assert len(read_plan(ORDER.replace("\n", "\r\n").encode(), "приказ.txt").rows) == 1
    assert len(read_plan(ORDER.replace("\n", "\r").encode(), "приказ.txt").rows) == 1


@pytest.mark.parametrize(
    "name", ["приказ.docx", "приказ.txt", "приказ", "../../приказ.DOC", "\u202excod.txt"]
)
def test_what_a_file_is_does_not_hang_on_its_name(name: str) -> None:
    assert len(read_plan(WORD, name).rows) == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Unreadable),
        (b" \n\t ", Unreadable),
        (b"\xff\xfe\x00", Unreadable),
        (bytes(range(256)) * 20, Unreadable),
        (b"PK\x03\x04broken", Unreadable),
        (WORD[:-200], Unreadable),
        (WORD[: len(WORD) // 2], Unreadable),
        (OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"), Protected),
        (OLE + b"\0" * 500 + "WordDocument".encode("utf-16-le"), WrongFormat),
        (b"%PDF-1.7 ...", WrongFormat),
        (b"{\\rtf1\\ansi", WrongFormat),
        (b"\x89PNG\r\n", WrongFormat),
        (b"\xff\xd8\xff\xe0", WrongFormat),
        (b"MZ\x90", WrongFormat),
        (b"<!DOCTYPE html><table>", WrongFormat),
        (zip_of(**{"xl__workbook.xml": b"<x/>"}), WrongFormat),
        (zip_of(**{"readme.txt": b"x"}), WrongFormat),
        (with_part(WORD, "word/vbaProject.bin", b"macro"), WrongFormat),
        (with_part(WORD, "word/document.xml", b"<broken"), Unreadable),
        (with_part(WORD, "word/document.xml", b"<html/>"), Unreadable),
        (with_part(WORD, "[Content_Types].xml", b"<Types/>"), Unreadable),
        (with_part(WORD, "word/bomb.xml", b"\0" * 60_000_000), TooLarge),
        (with_part(WORD, "word/bomb.xml", b"\0" * 20_000_000), TooLarge),
        (zip_of(**{f"{n}.xml": b"" for n in range(2100)}), TooLarge),
    ],
)
def test_a_file_that_is_no_order_is_refused_by_name(data: bytes, error: type[PlanError]) -> None:
    with pytest.raises(error):
        read_plan(data, "приказ.docx")


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (with_part(WORD, "word/vbaProject.bin", b"macro"), ".docm"),
        (zip_of(**{"xl__workbook.xml": b"<x/>"}), ".xlsx"),
        (zip_of(**{"content.xml": b"<x/>"}), ".odt"),
        (OLE + b"\0" * 600, ".doc"),
    ],
)
def test_a_format_we_do_not_read_is_named(data: bytes, suffix: str) -> None:
    with pytest.raises(WrongFormat) as refused:
        read_grid(data, "приказ.docx")
    assert refused.value.suffix == suffix


def test_a_zip_that_asks_for_a_password_is_protected() -> None:
    locked = bytearray(WORD)
    place = locked.rfind(b"PK\x01\x02")
    locked[place + 8] |= 1
    with pytest.raises(Protected):
        read_grid(bytes(locked), "приказ.docx")


def test_entities_of_xml_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = "<w:p><w:r><w:t>&l9;</w:t><w:t>&f;</w:t></w:r></w:p>"
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ха"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
        f"<w:document {W}><w:body>{text}</w:body></w:document>"
    )
    grid_or_refusal: str
    try:
        grid_or_refusal = read_grid(with_part(WORD, "word/document.xml", xml.encode()), "п.docx").everything
    except Unreadable:
        grid_or_refusal = ""
    assert "root" not in grid_or_refusal
    assert len(grid_or_refusal) < 100


def test_a_merged_cell_of_word_has_its_text_once() -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="3"/></w:tcPr><w:p><w:r><w:t>Кадры</w:t></w:r></w:p></w:tc>'
    assert table_of(body_of(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")) == [["Кадры", "", ""]]


def paragraph(*parts: str) -> str:
    return f"<w:p>{''.join(parts)}</w:p>"


def run(text: str, tag: str = "t") -> str:
    return f"<w:r><w:{tag}>{text}</w:{tag}></w:r>"


def test_paragraphs_of_a_cell_are_one_text_and_deleted_words_are_gone() -> None:
    gone = f"<w:del>{run('старый', 'delText')}</w:del><w:ins>{run('новый')}</w:ins>"
    moved = f"<w:moveFrom>{run('ушёл')}</w:moveFrom>"
    cell = paragraph(run("Семи"), run("нар")) + paragraph(gone) + paragraph(moved)
    assert table_of(body_of(f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>")) == [["Семинар новый"]]


def test_a_number_that_word_prints_by_itself_is_read() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=2)
    for row in table.rows:
        row.cells[0].paragraphs[0].style = "List Number"
        row.cells[1].text = "Урок"
    assert [row[0] for row in table_of(saved(document))] == ["1.", "2.", "3."]


def test_a_text_box_is_read_once_though_word_stores_it_twice() -> None:
    box = f"<w:txbxContent>{paragraph(run('УТВЕРЖДАЮ'))}{paragraph(run('01.02.2023'))}</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    choice = f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    twice = f"<w:r><mc:AlternateContent {mc}>{choice}</mc:AlternateContent></w:r>"
    grid = read_grid(body_of(paragraph(twice)), "приказ.docx")
    assert grid.everything == "УТВЕРЖДАЮ\n01.02.2023"


def test_a_text_that_is_indented_by_tabs_is_no_table() -> None:
    grid = read_grid(b"\tOne\n\tTwo\n", "a.txt")
    assert [block.text for block in grid.texts] == ["One\nTwo"]


def test_every_block_of_a_text_knows_its_line() -> None:
    assert [block.line for block in read_grid(ORDER.encode(), "a.txt").blocks] == [1, 3, 5]


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_plan(data, "приказ.txt")
    except PlanError:
        return


@settings(max_examples=100, deadline=None)
@given(
    words=st.lists(
        st.lists(
            st.sampled_from(["1", "2.", "Мероприятие", "Срок", "№", "", "май", "I", "-", "Отдел «"]),
            max_size=6,
        ),
        max_size=12,
    )
)
def test_any_table_is_read_or_refused(words: list[list[str]]) -> None:
    try:
        read_plan("\n".join("\t".join(row) for row in words).encode(), "приказ.txt")
    except PlanError:
        return


def test_a_word_document_damaged_anywhere_is_read_or_refused() -> None:
    dice = random.Random(5)
    for _ in range(120):
        damaged = bytearray(WORD)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            read_plan(bytes(damaged), "приказ.docx")
        except PlanError:
            continue


def test_bytes_that_are_no_text_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        decode(b"\x00\x01\x02\x03" * 50)
