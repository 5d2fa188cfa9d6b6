"""Workbooks (xlsx, xls, ods): cells at the end of the world, rows without end, sizes that lie."""

import struct
from collections.abc import Iterable
from pathlib import Path

from tests.plans.hostile.case import ORDER, READ, Hostile, hostile
from tests.plans.hostile.odts import LINK, NS
from tests.plans.hostile.ole import biting
from tests.plans.hostile.words import LAUGHS, PASSWD, entities
from tests.plans.hostile.zips import packed, parts_of, stuffed
from tests.plans.workbooks import workbook_of

FILES = Path(__file__).parents[1] / "files"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "xl/sharedStrings.xml"
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
ROWS = [line.split("\t") for line in ORDER.splitlines()]


def clean() -> dict[str, bytes]:
    return parts_of(workbook_of(ORDER))


def rows_of(texts: Iterable[Iterable[str]]) -> str:
    return "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row)
        + "</row>"
        for number, row in enumerate(texts, start=1)
    )


def sheet(more: str = "", *, before: str = "", after: str = "", doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows_of(ROWS)}{more}'
        f"</sheetData>{after}</worksheet>"
    ).encode()


def book(more: str = "", *, before: str = "", after: str = "", doctype: str = "") -> bytes:
    """Pack an order with something hostile in its sheet: rows after the plan, or around the rows."""
    return stuffed(clean() | {SHEET: sheet(more, before=before, after=after, doctype=doctype)})


def cell(place: str, value: str = "1") -> str:
    digits = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{digits}"><c r="{place}"><v>{value}</v></c></row>'


def tall(count: int) -> bytes:
    return book("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(10, count)))


def shared(letters: int, times: int) -> bytes:
    """Say one long text in many cells."""
    texts = f'<sst xmlns="{MAIN}"><si><t>{"а" * letters}</t></si></sst>'.encode()
    row = "<row>" + '<c t="s"><v>0</v></c>' * 4 + "</row>"
    return stuffed(clean() | {SHEET: sheet(row * times), SHARED: texts})


def many_sheets(count: int) -> bytes:
    parts = clean()
    book_xml, relations = parts[BOOK].decode(), parts[RELATIONS].decode()
    entry = '<sheet name="л{0}" sheetId="{0}" r:id="rId1"/>'
    more = "".join(entry.format(n) for n in range(2, count))
    return packed(
        parts
        | {BOOK: book_xml.replace("</sheets>", f"{more}</sheets>").encode(), RELATIONS: relations.encode()}
    )


def twins() -> bytes:
    """Carry a harmless sheet and, under nearly its name, one with a cell at the end of the world."""
    return packed(clean() | {"xl/worksheets/Sheet1.xml": sheet(cell("XFD1048576"))})


def lying_length() -> bytes:
    data = packed(clean() | {SHEET: sheet(cell("A9", "1" * 60_000_000))})
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    return data[: at + 24] + struct.pack("<I", 3000) + data[at + 28 :]


def ods(rows: str, doctype: str = "", sheets: int = 1) -> bytes:
    plan = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in row)
        + "</table:table-row>"
        for row in ROWS
    )
    body = f'<table:table table:name="a">{plan}{rows}</table:table>' + "<table:table/>" * (sheets - 1)
    content = (
        f'<?xml version="1.0"?>{doctype}<office:document-content {NS} {LINK}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return stuffed({"mimetype": kind, "content.xml": content.encode()})


def repeated(columns: int, rows: int, text: str = "x") -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}"><text:p>{text}</text:p></table:table-cell></table:table-row>'
    )


def patched(name: str, kind: int, place: int, form: str, *values: int) -> bytes:
    """Change a record of an xls: the first one of a kind, from a place of its content on."""
    made = bytearray((FILES / name).read_bytes())
    at = 512
    while True:
        at = made.index(struct.pack("<H", kind), at)
        (length,) = struct.unpack_from("<H", made, at + 2)
        if place + struct.calcsize(form) <= length < 64:
            struct.pack_into(form, made, at + 4 + place, *values)
            return bytes(made)
        at += 2


XLS = "values.xls"
PLAN_XLS = "approved_by_a_stamp.xls"

CASES: tuple[Hostile, ...] = (
    hostile("F2: one cell at XFD1048576", "п.xlsx", lambda: book(cell("XFD1048576")), "TooLarge"),
    hostile("F2: a million rows", "п.xlsx", lambda: tall(1_000_000), "TooLarge"),
    hostile("F2: a cell at ZZZ9999999", "п.xlsx", lambda: book(cell("ZZZ9999999")), "TooLarge"),
    hostile(
        "a milliard rows further down",
        "п.xlsx",
        lambda: book('<row r="1000000000"><c><v>1</v></c></row>'),
        "TooLarge",
    ),
    hostile(
        "a cell that says another row than its row",
        "п.xlsx",
        lambda: book('<row r="9"><c r="xfd1048576"><v>1</v></c></row>'),
        "TooLarge",
    ),
    hostile("sizes that lie", "п.xlsx", lambda: book(before='<dimension ref="A1:XFD1048576"/>'), READ),
    hostile(
        "cells merged over the world",
        "п.xlsx",
        lambda: book(after='<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
        READ,
        "TooLarge",
    ),
    hostile(
        "100,000 merged places",
        "п.xlsx",
        lambda: book(after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 100_000 + "</mergeCells>"),
        "TooLarge",
    ),
    hostile("a text of 2 MB in 4,000 cells", "п.xlsx", lambda: shared(1_000_000, 1000), "TooLarge"),
    hostile("10,000 sheets", "п.xlsx", lambda: many_sheets(10_000), "TooLarge"),
    hostile("two sheets of nearly one name", "п.xlsx", twins, "Unreadable"),
    hostile("60 MB said to be 3,000 bytes", "п.xlsx", lying_length, "Unreadable"),
    hostile(
        "columns hidden to the end of the world",
        "п.xlsx",
        lambda: book(before="<cols>" + '<col min="20" max="1000000000" hidden="1"/>' * 2000 + "</cols>"),
        READ,
    ),
    hostile(
        "F3: XXE of a file in xlsx",
        "п.xlsx",
        lambda: book('<row><c t="inlineStr"><is><t>&f;</t></is></c></row>', doctype=entities(PASSWD)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: billion laughs in xlsx",
        "п.xlsx",
        lambda: book('<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>', doctype=entities(LAUGHS)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: billion laughs in the shared texts",
        "п.xlsx",
        lambda: packed(
            clean()
            | {SHARED: f'{entities(LAUGHS)}<sst xmlns="{MAIN}"><si><t a="&l9;">&l9;</t></si></sst>'.encode()}
        ),
        "Unreadable",
    ),
    hostile(
        "rows 100,000 deep", "п.xlsx", lambda: book("<row>" * 100_000 + "</row>" * 100_000), "Unreadable"
    ),
    hostile(
        "formulas that run programs",
        "п.xlsx",
        lambda: book(
            '<row r="9"><c r="F9" t="str"><f>cmd|\'/c calc\'!A0</f><v>0</v></c></row>',
            after='<hyperlinks><hyperlink ref="A1" location="http://127.0.0.1:9"/></hyperlinks>',
        ),
        READ,
    ),
    hostile(
        "a link to another workbook",
        "п.xlsx",
        lambda: packed(
            clean()
            | {
                "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
                "xl/externalLinks/_rels/externalLink1.xml.rels": b"<Relationships/>",
            }
        ),
        READ,
    ),
    hostile(
        "F7: macros in xlsx", "п.xlsx", lambda: packed(clean() | {"xl/vbaProject.bin": b"x"}), "WrongFormat"
    ),
    hostile("F2: 16,384 x 1,048,576 in an ods", "п.ods", lambda: ods(repeated(16384, 1048576)), "TooLarge"),
    hostile(
        "a long text in 900,000 places", "п.ods", lambda: ods(repeated(9, 20_000, "а" * 100_000)), "TooLarge"
    ),
    hostile(
        "10^30 rows of nothing, then one",
        "п.ods",
        lambda: ods(f'<table:table-row table:number-rows-repeated="{10**30}"/>' + repeated(1, 1)),
        "TooLarge",
    ),
    hostile(
        "F3: XXE of a file in ods",
        "п.ods",
        lambda: ods(
            "<table:table-row><table:table-cell><text:p>&f;</text:p></table:table-cell></table:table-row>",
            entities(PASSWD),
        ),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: billion laughs in ods",
        "п.ods",
        lambda: ods(
            "<table:table-row><table:table-cell><text:p>&l9;</text:p></table:table-cell></table:table-row>",
            entities(LAUGHS),
        ),
        READ,
        "Unreadable",
    ),
    hostile("100,000 sheets in an ods", "п.ods", lambda: ods("", sheets=100_000), "TooLarge"),
    hostile(
        "xls that says it is endless",
        "п.xls",
        lambda: patched(XLS, 0x0200, 0, "<IIHH", 0, 0xFFFFFFFF, 0, 0xFFFF),
        "TooLarge",
        "Unreadable",
    ),
    hostile(
        "xls with a chain that bites its tail",
        "п.xls",
        lambda: biting((FILES / XLS).read_bytes()),
        "Unreadable",
        "NotAnOrder",
    ),
    hostile(
        "xls cut in half", "п.xls", lambda: (FILES / PLAN_XLS).read_bytes()[:6000], "Unreadable", "NotAnOrder"
    ),
)
