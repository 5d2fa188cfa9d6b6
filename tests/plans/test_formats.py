"""Files that are broken, hostile, or something else than they say."""

import io
import random
import struct
import zipfile
from collections.abc import Sequence

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.formats import kind_of, read_grid
from plans.formats.txt import decode
from plans.grid import TableBlock
from plans.plan import NotAnOrder, PlanError, Protected, TooLarge, Unreadable, WrongFormat
from plans.read import read_plan
from tests.plans.word import saved, with_part, word_of

ORDER = "Приказ\n\nПлан на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\n1\tСеминар\tмай\tОО\n"
WORD = word_of(ORDER)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NOBODY = b"\xff" * 4
W = nsdecls("w")


def zip_of(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def ole_of(*names: str, embedded: Sequence[str] = (), head: bytes = b"") -> bytes:
    """Make an OLE container with streams at its root, each beginning with ``head``; others are deeper."""
    entries = [_entry("Root Entry", 5, child=1)]
    entries += [_entry(name, 2, right=number + 2) for number, name in enumerate(names)]
    if embedded:
        entries.append(_entry("Embedded", 1, child=len(names) + 2))
        entries += [_entry(name, 2, right=len(entries) + n + 1) for n, name in enumerate(embedded)]
    last = {len(names) + bool(embedded), len(entries) - 1}
    entries = [
        entry if n not in last else entry[:72] + NOBODY + entry[76:] for n, entry in enumerate(entries)
    ]
    directory = b"".join(entries).ljust(2048, b"\0")
    chain = struct.pack("<128I", 0xFFFFFFFD, 2, 3, 4, 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFF] * 122)
    header = OLE + b"\0" * 22 + struct.pack("<H", 9) + b"\0" * 12 + struct.pack("<II", 1, 1)
    header = header.ljust(68, b"\0") + struct.pack("<II", 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + chain + directory + head.ljust(512, b"\0")


def _entry(name: str, kind: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    wide = name.encode("utf-16-le")
    made = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1)
    made += struct.pack("<III", 0xFFFFFFFF, right, child)
    return made.ljust(116, b"\0") + struct.pack("<I", 5) + b"\0" * 8


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
        (OLE + b"\0" * 500 + "WordDocument".encode("utf-16-le"), Unreadable),
        (b"%PDF-1.7 ...", Unreadable),
        (b"\x89PNG\r\n", WrongFormat),
        (b"\xff\xd8\xff\xe0", WrongFormat),
        (b"MZ\x90", WrongFormat),
        (b"<!DOCTYPE html><table>", NotAnOrder),
        (zip_of(**{"content.xml": b"<x/>"}), Unreadable),
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
    ("data", "kind"),
    [
        (ole_of("WordDocument", "ObjectPool"), ".doc"),
        (ole_of("ObjectPool", "Book"), ".xls"),
        (zip_of(mimetype=b"application/vnd.oasis.opendocument.text", content=b""), ".odt"),
        (zip_of(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".ods"),
        (b"\xef\xbb\xbf<HTML>", ".html"),
        ("\ufeff<html>".encode("utf-16-le"), ".html"),
        (b'<?xml version="1.0"?>\n<!-- saved -->\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML">', ".html"),
        (b"<style>td {border: none}</style><table>", ".html"),
        (b'<?xml version="1.0"?><office:document office:mimetype="x.opendocument.text">', ".fodt"),
        (b"From: <saved>\r\nSubject: x\r\n y\r\nMIME-Version: 1.0\r\n", ".mht"),
        (b"Mime type: none", ".txt"),
    ],
)
def test_what_a_file_holds_says_how_it_is_read_under_any_name(data: bytes, kind: str) -> None:
    assert kind_of(data, "приказ.pdf") == kind


def test_what_is_embedded_in_a_container_does_not_say_what_it_is() -> None:
    assert kind_of(ole_of("WordDocument", embedded=("Workbook", "Macros")), "приказ.doc") == ".doc"


@pytest.mark.parametrize(
    "data",
    [
        ole_of("EncryptedPackage", "EncryptionInfo"),
        ole_of("WordDocument", head=b"\xec\xa5" + b"\0" * 9 + b"\x01"),
        zip_of(
            mimetype=b"application/vnd.oasis.opendocument.text",
            **{"META-INF__manifest.xml": b"<manifest:encryption-data/>"},
        ),
    ],
)
def test_a_file_that_asks_for_a_password_is_protected(data: bytes) -> None:
    with pytest.raises(Protected):
        kind_of(data, "приказ.doc")


@pytest.mark.parametrize("place", [30, 44, 48, 68, 76, 512 + 66, 512 + 76, 1024, 1024 + 64, 1024 + 68])
def test_a_container_damaged_or_running_in_circles_is_named_or_refused(place: int) -> None:
    for value in (0, 1, 2, 0x7FFFFFFF, 0xFFFFFFFF):
        damaged = bytearray(ole_of("WordDocument", "1Table", "Data"))
        damaged[place : place + 4] = value.to_bytes(4, "little")
        try:
            assert kind_of(bytes(damaged), "приказ.doc") in {".doc", ".ole"}
        except PlanError:
            continue


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (with_part(WORD, "word/vbaProject.bin", b"macro"), ".docm"),
        (zip_of(**{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"macro"}), ".xlsm"),
        (zip_of(**{"xl__workbook.bin": b"x"}), ".xlsb"),
        (zip_of(**{"ppt__presentation.xml": b"<x/>"}), ".pptx"),
        (zip_of(mimetype=b"application/vnd.oasis.opendocument.presentation"), ".odp"),
        (zip_of(mimetype=b"application/epub+zip"), ".epub"),
        (zip_of(**{"Index__Document.iwa": b"x"}), ".pages"),
        (zip_of(**{"readme.txt": b"x"}), ".zip"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>', ".xml"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ".svg"),
        (ole_of("WordDocument", "Macros"), ".docm"),
        (ole_of("Workbook", "_VBA_PROJECT_CUR"), ".xlsm"),
        (ole_of("PowerPoint Document", embedded=("Workbook",)), ".ppt"),
        (ole_of("__properties_version1.0"), ".msg"),
        (ole_of("Something"), ".ole"),
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
