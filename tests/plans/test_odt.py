"""Orders as OpenDocument texts: saved by LibreOffice, made by hand, damaged."""

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from plans.formats import read_grid
from plans.formats.stretched import MOST_COLUMNS
from plans.grid import Cell, TableBlock, TextBlock
from plans.plan import PlanError, Protected, TooLarge, Unreadable
from plans.read import read_plan
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
from tests.plans.word import with_part

NAMES = "".join(
    f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        *(
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
        ),
        *(("svg", "svg-compatible"), ("manifest", "manifest")),
    )
)
MIMETYPE = "application/vnd.oasis.opendocument.text"
LISTS = (
    '<text:list-style style:name="L">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="."'
    ' text:display-levels="2"/>'
    '<text:list-level-style-number text:level="3" style:num-format="а" style:num-suffix=")"/>'
    "</text:list-style>"
    '<text:list-style style:name="R"><text:list-level-style-number text:level="1" style:num-format="I"'
    ' text:start-value="3"/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>'
    '<style:style style:name="Пункт" style:family="paragraph" style:list-style-name="R"/>'
)


ITEM = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
GOING_ON = '<text:list text:style-name="L" text:continue-numbering="true">'
INNER = f"<text:list>{ITEM.format('школам', '')}{ITEM.format('отделу', '')}</text:list>"
INNER = f"<text:list>{ITEM.format('Поручить:', INNER)}{ITEM.format('Разместить', '')}</text:list>"
COUNTED = (
    f"<table:table-cell>{GOING_ON}<text:list-item><text:p/></text:list-item></text:list></table:table-cell>"
)
# Points of an order with points inside, a line between them, and a table whose numbers are items too.
LISTED = (
    f'<text:list text:style-name="L">{ITEM.format("Утвердить", INNER)}</text:list><text:p>Срок: май</text:p>'
    f"{GOING_ON}{ITEM.format('Контроль', '')}</text:list>"
    f'<text:list text:style-name="B">{ITEM.format("памятка", "")}</text:list>'
    '<text:list><text:list-item><text:p text:style-name="Пункт">Кадры</text:p></text:list-item></text:list>'
    f"<table:table><table:table-column/><table:table-column/>"
    f"<table:table-row>{COUNTED}<table:table-cell><text:p>Урок</text:p></table:table-cell></table:table-row>"
    f"<table:table-row>{COUNTED}<table:table-cell><text:p>Семинар</text:p></table:table-cell></table:table-row>"
    "</table:table>"
)


def content(body: str, mimetype: str = "") -> bytes:
    """Make the content of a text; with a mimetype, a whole flat document."""
    root = "document" if mimetype else "document-content"
    said = f' office:mimetype="{mimetype}"' if mimetype else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root}{NAMES}{said}>'
        f"<office:automatic-styles>{LISTS}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:{root}>"
    ).encode()


def odt_of(body: str, manifest: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("mimetype", MIMETYPE)
        made.writestr("content.xml", content(body))
        made.writestr("META-INF/manifest.xml", f"<manifest:manifest{NAMES}>{manifest}</manifest:manifest>")
    return packed.getvalue()


def _read(body: str) -> list[Any]:
    """Give the blocks of a text: a paragraph, or the texts of a table's cells."""
    blocks = read_grid(odt_of(body), "приказ.odt").blocks
    return [block.text if isinstance(block, TextBlock) else _texts(block) for block in blocks]


def _texts(block: TableBlock) -> list[list[str]]:
    return [[cell.text for cell in row] for row in block.rows]


def _table(*rows: str) -> str:
    return (
        f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"
    )


def _cell(text: str = "", **spans: int) -> str:
    said = "".join(f' table:number-{name.replace("_", "-")}="{value}"' for name, value in spans.items())
    return f"<table:table-cell{said}><text:p>{text}</text:p></table:table-cell>"


COVERED = "<table:covered-table-cell/>"


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    return saved_orders(".odt")


@office
@real
@each_form
@each_real
def test_no_field_of_an_order_saved_by_libreoffice_differs(
    golden: Path, form: str, documents: dict[str, bytes]
) -> None:
    found = plan_of(documents[f"{golden.stem}-{form}"], "приказ.odt")
    assert differing(found, expected(golden)) == []
    assert heads_differing(found, expected(golden)) == {}


@office
@each_form
@each_invented
def test_an_invented_order_saved_by_libreoffice_is_read_whole(
    golden: Path, form: str, documents: dict[str, bytes]
) -> None:
    assert plan_of(documents[f"{golden.stem}-{form}"], "приказ.odt") == expected(golden)


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_text_is_read_as_people_read_it(name: str) -> None:
    assert plan_of((FILES / f"{name}.odt").read_bytes(), "приказ.odt") == expected(ORDERS / f"{name}.json")


def test_merged_cells_are_beside_and_below() -> None:
    body = _table(
        _cell("I", columns_spanned=3) + COVERED * 2,
        _cell("1") + _cell("май", rows_spanned=2) + _cell("а"),
        _cell("2") + COVERED + _cell("б"),
    )
    (found,) = read_grid(odt_of(body), "приказ.odt").blocks
    assert isinstance(found, TableBlock)
    assert found.rows == (
        (Cell("I"), Cell(beside=True), Cell(beside=True)),
        (Cell("1"), Cell("май"), Cell("а")),
        (Cell("2"), Cell(below=True), Cell("б")),
    )


def test_cells_and_rows_written_once_for_many_are_bounded() -> None:
    (row,) = _read(_table(_cell("а", columns_repeated=1_000_000)))[0]
    assert row == ["а"] * MOST_COLUMNS
    empty = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    assert len(_read(f"<table:table>{empty}</table:table>")[0]) == 1
    full = empty.replace("<table:table-cell/>", _cell("а"))
    with pytest.raises(TooLarge):
        _read(f"<table:table>{full}{full}</table:table>")


def test_rows_of_headings_are_rows() -> None:
    row = f"<table:table-row>{_cell('№')}</table:table-row>"
    body = f"<table:table><table:table-header-rows>{row}</table:table-header-rows>{row}</table:table>"
    assert _read(body) == [[["№"], ["№"]]]


def test_numbers_of_lists_are_read_as_they_are_printed() -> None:
    assert _read(LISTED) == [
        *("1. Утвердить", "1.1. Поручить:", "а) школам", "б) отделу", "1.2. Разместить", "Срок: май"),
        *("2. Контроль", "памятка", "III Кадры"),
        [["3.", "Урок"], ["4.", "Семинар"]],
    ]


def test_a_stamp_in_a_frame_is_read_where_it_stands() -> None:
    inside = "<text:p>УТВЕРЖДАЮ</text:p><text:p>01.02.2023</text:p>"
    box = f"<draw:text-box>{inside}</draw:text-box><svg:desc>картинка</svg:desc>"
    frame = f"<draw:frame>{box}</draw:frame>"
    shape = f"<draw:g><draw:custom-shape>{inside}</draw:custom-shape></draw:g>"
    assert _read(f"<text:p>{frame}ПРИКАЗ</text:p>") == ["УТВЕРЖДАЮ", "01.02.2023", "ПРИКАЗ"]
    assert _read(f"{shape}<text:p>ПРИКАЗ</text:p>") == ["УТВЕРЖДАЮ", "01.02.2023", "ПРИКАЗ"]
    picture = "<draw:frame><draw:image/></draw:frame>"
    assert _read(f"<text:p>При{picture}каз</text:p>") == ["Приказ"]


def test_deleted_words_notes_and_remarks_are_left_out() -> None:
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>старое</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    note = "<text:note><text:note-citation>1</text:note-citation><text:p>сноска</text:p></text:note>"
    remark = "<office:annotation><text:p>спросить</text:p></office:annotation>"
    assert _read(f"{deleted}<text:p>до <text:change/>мая{note}{remark} 2023</text:p>") == ["до мая 2023"]


def test_signs_between_words_are_read() -> None:
    body = 'от<text:s text:c="3"/>мая\n   2023<text:tab/>№ 5<text:line-break/><text:span>О</text:span>'
    assert _read(f"<text:p>{body}</text:p>") == ["от   мая 2023 № 5\nО"]


def test_a_table_in_a_cell_is_its_text_and_a_table_around_a_longer_one_is_none() -> None:
    inner = _table(_cell("школы") + _cell("№ 1"))
    around = f"<table:table-cell><text:p>до</text:p>{inner}</table:table-cell>"
    assert _read(_table(around + _cell("май"))) == [[["до школы № 1", "май"]]]
    longer = _table(_cell("1"), _cell("2"))
    frame = _table(f"<table:table-cell><text:p>План</text:p>{longer}</table:table-cell>")
    assert _read(frame) == ["План", [["1"], ["2"]]]


def test_a_document_in_one_file_is_read() -> None:
    flat = content("<text:p>Приказ</text:p>", MIMETYPE)
    assert read_grid(flat, "приказ.fodt").everything == "Приказ"


def test_a_text_with_a_password_is_protected() -> None:
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    with pytest.raises(Protected):
        read_grid(odt_of("<text:p>x</text:p>", entry), "приказ.odt")


def test_entities_are_not_expanded_and_no_file_is_opened() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE d [<!ENTITY l0 "ха"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
    xml = content("<text:p>Приказ &l9; &f;</text:p>").replace(b"?><office", f"?>{doctype}<office".encode())
    try:
        text = read_grid(with_part(odt_of(""), "content.xml", xml), "приказ.odt").everything
    except Unreadable:
        text = ""
    assert text in {"", "Приказ"}


@pytest.mark.parametrize(
    "body",
    [
        "<text:section>" * 5000 + "</text:section>" * 5000,
        "<text:p>" + "<text:span>" * 5000 + "x" + "</text:span>" * 5000 + "</text:p>",
        "<table:table>" * 100,
    ],
)
def test_a_text_without_bottom_is_refused(body: str) -> None:
    with pytest.raises((Unreadable, TooLarge)):
        _read(body)


def test_a_text_damaged_anywhere_is_read_or_refused() -> None:
    dice = random.Random(7)
    whole = (FILES / f"{KEPT[0]}.odt").read_bytes()
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            read_plan(bytes(damaged), "приказ.odt")
        except PlanError:
            continue


def test_a_child_reads_a_text_within_its_limits() -> None:
    heading = "".join(map(_cell, ("№", "Мероприятие", "Срок", "Ответственные")))
    row = "".join(map(_cell, ("Семинар", "май 2023", "Школы")))
    rows = [heading, *(_cell(str(number)) + row for number in range(1, 2001))]
    found = child(odt_of(f"<text:p>План на 2023 год</text:p>{_table(*rows)}"), "приказ.odt")
    assert len(found["plan"]["rows"]) == 2000
