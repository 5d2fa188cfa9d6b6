"""Orders as spreadsheets: laid out in several fashions, saved by other programs, hostile."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from plans.formats.sheet import read
from plans.formats.sheet_values import shown
from plans.grid import Cell, TableBlock
from plans.plan import PlanError, Protected, TooLarge, Unreadable
from plans.plan_json import plan_to_json
from plans.read import read_plan
from tests.plans.portable import OFFICE, converted
from tests.plans.test_child import child
from tests.plans.test_golden import GOLDEN, INVENTED, SHARED, differing, heads_differing
from tests.plans.word import with_part
from tests.plans.workbooks import FASHIONS, workbook, workbook_of

FILES = Path(__file__).parent / "files"
ORDERS = Path(__file__).parent / "orders"
SUFFIXES = (".xlsx", ".xls", ".ods")
PARTS = ("document", "duties", "amends")
HEADINGS = ("№", "Мероприятие", "Срок", "Ответственные")
ROW = (1, "Семинар", "май 2023", "Школы")
TEXTS = ("1", "Семинар", "май 2023", "Школы")

office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: `make office` installs it")
real = pytest.mark.skipif(not GOLDEN, reason="the five orders are not beside this repository")
each_suffix = pytest.mark.parametrize("suffix", SUFFIXES)
each_fashion = pytest.mark.parametrize("fashion", FASHIONS)


def _plan(data: bytes, suffix: str = ".xlsx") -> dict[str, Any]:
    return plan_to_json(read_plan(data, f"приказ{suffix}"))


def _expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _blocks(data: bytes) -> list[Any]:
    return [
        [tuple(cell.text for cell in row) for row in block.rows]
        if isinstance(block, TableBlock)
        else block.text
        for block in read(data).blocks
    ]


def _deadlines(*values: Any) -> list[str]:
    rows = [(number, "Семинар", value, "Школы") for number, value in enumerate(values, start=1)]
    (table,) = _blocks(workbook(HEADINGS, *rows))
    return [row[2] for row in table[1:]]


def _numbers(*values: Any) -> list[str]:
    rows = [(value, "Семинар", "май", "Школы") for value in values]
    (table,) = _blocks(workbook(HEADINGS, *rows))
    return [row[0] for row in table[1:]]


def _made(write: Callable[[Any, Any], None]) -> bytes:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    write(book, book.add_worksheet())
    book.close()
    return packed.getvalue()


def _refused(data: bytes) -> type[PlanError]:
    with pytest.raises(PlanError) as refused:
        read(data)
    return refused.type


@pytest.fixture(scope="module")
def books() -> dict[tuple[str, str, str], bytes]:
    texts = {golden.stem: SHARED / "seeds" / f"{golden.stem}.txt" for golden in GOLDEN}
    texts |= {golden.stem: golden.with_suffix(".txt") for golden in INVENTED}
    made = {
        (name, fashion): workbook_of(path.read_text("utf-8"), fashion)
        for (name, path), fashion in product(texts.items(), FASHIONS)
    }
    named = {"-".join(key): book for key, book in made.items()}
    found = {(*key, ".xlsx"): book for key, book in made.items()}
    for suffix in (".xls", ".ods") if OFFICE else ():
        other = converted(named, ".xlsx", suffix)
        found |= {(*key, suffix): other["-".join(key)] for key in made}
    return found


@office
@real
@each_suffix
@each_fashion
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])
def test_no_field_of_an_order_in_a_spreadsheet_differs(
    golden: Path, fashion: str, suffix: str, books: dict[tuple[str, str, str], bytes]
) -> None:
    found, expected = _plan(books[golden.stem, fashion, suffix], suffix), _expected(golden)
    assert differing(found, expected) == []
    assert heads_differing(found, expected) == {}


@office
@each_suffix
@each_fashion
@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_an_invented_order_in_a_spreadsheet_is_read_whole(
    golden: Path, fashion: str, suffix: str, books: dict[tuple[str, str, str], bytes]
) -> None:
    found, expected = _plan(books[golden.stem, fashion, suffix], suffix), _expected(golden)
    assert differing(found, expected) == []
    assert [found[part] for part in PARTS] == [expected[part] for part in PARTS]


@each_suffix
@pytest.mark.parametrize("name", ["approved_by_a_stamp", "numbering_begins_anew"])
def test_a_kept_workbook_is_read_as_people_read_it(name: str, suffix: str) -> None:
    assert _plan((FILES / f"{name}{suffix}").read_bytes(), suffix) == _expected(ORDERS / f"{name}.json")


@each_suffix
def test_dates_months_per_cents_and_merged_cells_are_alike_in_each_format(suffix: str) -> None:
    head, table = read((FILES / f"values{suffix}").read_bytes()).blocks
    below = Cell(below=True)
    assert head == read(workbook(["План работы"])).blocks[0]
    assert isinstance(table, TableBlock)
    assert table.rows == (
        (Cell("№"), Cell("Мероприятие"), Cell("Срок"), Cell("Доля")),
        (Cell("1.9"), Cell("Первая строка вторая строка"), Cell("15.09.2026"), Cell("60%")),
        (Cell("1.10"), Cell("Семинар"), Cell("сентябрь 2026"), Cell("5")),
        (Cell("2"), Cell("Совещание"), Cell("май"), Cell("0,5")),
        (Cell("3"), Cell("Встреча"), below, Cell("7")),
    )


def test_a_date_in_the_column_of_dates_is_understood_as_one() -> None:
    book = workbook(["План на 2026 год"], [], HEADINGS, (1, "Семинар", dt.date(2026, 9, 15), "Школы"))
    (row,) = _plan(book)["rows"]
    assert row["deadline_text"] == "15.09.2026"
    assert [(one["kind"], one["end"]) for one in row["deadline"]] == [("window", "2026-09-15")]


def test_values_are_shown_as_the_sheet_shows_them() -> None:
    values = (2023, 2023.5, dt.datetime(2026, 9, 15, 10, 30), bool("да"))
    assert _deadlines(*values) == ["2023", "2023,5", "15.09.2026 10:30", "ИСТИНА"]


@pytest.mark.parametrize(
    ("value", "code", "meant"),
    [
        (5.0, "", "5"),
        (0.6, "0%", "60%"),
        (0.125, "0.0%", "12,5%"),
        (1.1, "0.00", "1,10"),
        (2.5, "General", "2,5"),
        (0.1 + 0.2, "", "0,3"),
        (1e15, "", "1000000000000000"),
        (12.6, "#,##0", "13"),
        (12.5, '0.0" часа"', "12,5"),
        (7, '"№ "0', "7"),
        (dt.date(2026, 9, 1), "mmm\\-yy", "сентябрь 2026"),
        (dt.date(2026, 9, 1), "[$-419]mmmm\\ yyyy;@", "сентябрь 2026"),
        (dt.date(2026, 1, 1), "yyyy", "2026"),
        (dt.date(2026, 9, 1), "dd/mmm", "01.09.2026"),
        (dt.date(2026, 9, 1), "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "01.09.2026"),
        (dt.datetime(2026, 9, 1, 9, 5), "dd.mm.yyyy h:mm", "01.09.2026 09:05"),
        (dt.time(14, 30), "h:mm", "14:30"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        (False, "", "ЛОЖЬ"),
    ],
)
def test_a_number_format_shows_a_value(value: Any, code: str, meant: str) -> None:
    assert shown(value, code) == meant


def test_numbers_that_a_spreadsheet_took_for_dates_and_fractions_are_given_back() -> None:
    assert _numbers(1.1, 1.2, "1.3.", dt.date(2026, 4, 1)) == ["1.1", "1.2", "1.3.", "1.4"]
    assert _numbers("1.8", 1.9, 1.1, 1.11, "1.19", 1.2, 2.1) == [
        "1.8",
        "1.9",
        "1.10",
        "1.11",
        "1.19",
        "1.20",
        "2.1",
    ]
    assert _numbers(dt.date(2001, 2, 1), dt.date(2002, 2, 1)) == ["1.2.1", "1.2.2"]


def test_the_value_of_a_formula_is_the_one_that_was_saved_and_an_error_says_nothing() -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, (1, "Семинар"))
        sheet.write_formula(1, 2, '="май "&2023', None, "май 2023")
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")

    assert _blocks(_made(write)) == [[HEADINGS, ("1", "Семинар", "май 2023", "")]]


def test_lines_above_a_table_and_under_it_are_no_rows() -> None:
    blocks = _blocks(
        workbook(
            ["Приложение к приказу\nот 05.09.2022 № 12"],
            ["План на 2023 год"],
            HEADINGS,
            ROW,
            ["Начальник отдела", None, None, "А.А. Первый"],
            ["Исполнитель: Второва Б.Б."],
        )
    )
    assert blocks == [
        *("Приложение к приказу\nот 05.09.2022 № 12", "План на 2023 год", [HEADINGS, TEXTS]),
        *("Начальник отдела", "Исполнитель: Второва Б.Б.", "А.А. Первый"),
    ]


@pytest.mark.parametrize(
    "signature",
    [
        ["Начальник отдела", None, None, "А.А. Первый"],
        [None, "Начальник отдела", "________", "А.А. Первый"],
        [None, "Заведующий", "(подпись)", "Первый А. А."],
        [None, "Начальник отдела", None, "Первый"],
    ],
)
def test_a_signature_under_a_table_is_no_row_of_it(signature: list[str | None]) -> None:
    rows = _plan(workbook(["План на 2023 год"], [], HEADINGS, ROW, [], signature, ["М.П."]))["rows"]
    assert [(row["title"], row["responsible_text"]) for row in rows] == [("Семинар", "Школы")]


def test_a_section_between_two_empty_rows_stays_in_the_table() -> None:
    headings, row = HEADINGS[1:], ROW[1:]
    book = workbook(["План на 2023 год"], [], headings, row, [], ["Работа с учителями"], [], row, row)
    assert [row["section"] for row in _plan(book)["rows"]] == [
        None,
        "Работа с учителями",
        "Работа с учителями",
    ]
    numbered = workbook(
        ["План на 2023 год"], [], HEADINGS, ROW, [], ["Работа с учителями"], [], (2, *ROW[1:])
    )
    assert [row["section"] for row in _plan(numbered)["rows"]] == [None, "Работа с учителями"]


def test_a_row_cut_by_a_page_number_goes_on_under_it() -> None:
    rest = (None, "для учителей", None, "округа")
    book = workbook(
        ["План на 2023 год"], [], HEADINGS, (1, "Семинар", "май", "Школы"), [], ["- 2 -"], [], rest
    )
    (row,) = _plan(book)["rows"]
    assert (row["title"], row["responsible_text"]) == ("Семинар для учителей", "Школы округа")


def test_a_table_begins_where_it_begins_and_empty_columns_are_left_out() -> None:
    blank = (None, None)
    rows = [(*blank, *row[:2], None, *row[2:]) for row in (HEADINGS, ROW)]
    assert _blocks(workbook([], ["План"], [], *rows)) == ["План", [HEADINGS, TEXTS]]


def test_a_head_of_merged_cells_and_two_stamps_side_by_side() -> None:
    book = workbook(
        ["СОГЛАСОВАНО", None, "УТВЕРЖДАЮ"],
        ["Председатель совета", None, "Заведующий отделом"],
        [],
        ["от", dt.date(2022, 9, 5), "№", 12],
        [],
        ["План на 2023 год"],
        HEADINGS,
        ROW,
        merged=["A6:D6", "A1:B1", "C1:D1"],
    )
    assert _blocks(book) == [
        *("СОГЛАСОВАНО", "Председатель совета", "УТВЕРЖДАЮ", "Заведующий отделом"),
        *("от 05.09.2022", "№ 12", "План на 2023 год", [HEADINGS, TEXTS]),
    ]


def test_cells_merged_down_and_across_are_marked() -> None:
    book = workbook(
        HEADINGS,
        ("Раздел 1",),
        (1, "Семинар", "май", "Школы"),
        (2, "Совет"),
        merged=["A2:D2", "C3:C4", "D3:D4"],
    )
    (table,) = read(book).blocks
    assert isinstance(table, TableBlock)
    beside, below = Cell(beside=True), Cell(below=True)
    assert table.rows[1] == (Cell("Раздел 1"), beside, beside, beside)
    assert table.rows[3] == (Cell("2"), Cell("Совет"), below, below)


def test_headings_in_two_rows_belong_to_the_table() -> None:
    book = workbook(
        ["План на 2023 год"],
        ("№ п/п", "Мероприятие", "Сроки", None, "Ответственные"),
        (None, None, "начало", "окончание"),
        (1, "Семинар", dt.date(2023, 5, 1), dt.date(2023, 5, 20), "Школы"),
        merged=["C2:D2"],
    )
    (row,) = _plan(book)["rows"]
    assert row["deadline_text"] == "01.05.2023 – 20.05.2023"


def test_every_sheet_that_is_shown_is_read_in_its_order() -> None:
    def write(book: Any, first: Any) -> None:
        first.write("A1", "Приказ")
        book.add_worksheet("Справочник").write("A1", "Тайна")
        book.worksheets()[1].hide()
        book.add_worksheet("Пустой")
        book.add_chartsheet("График")
        plan = book.add_worksheet("План")
        plan.write_row(0, 0, HEADINGS)
        plan.write_row(1, 0, ROW)

    assert _blocks(_made(write)) == ["Приказ", [HEADINGS, TEXTS]]


def test_rows_and_columns_hidden_by_hand_are_left_out_and_filtered_ones_kept() -> None:
    def write(book: Any, sheet: Any) -> None:
        for place, row in enumerate((HEADINGS, ROW, (2, "Совет", "июнь", "Отдел"))):
            sheet.write_row(place, 0, (*row[:1], "код", *row[1:]))
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_row(2, None, None, {"hidden": True})

    def filtered(book: Any, sheet: Any) -> None:
        write(book, sheet)
        sheet.autofilter(0, 0, 2, 4)
        sheet.filter_column(3, "x == май*")

    assert _blocks(_made(write)) == [[HEADINGS, TEXTS]]
    assert len(_blocks(_made(filtered))[0]) == 3


def test_two_plans_on_one_sheet_keep_their_headings() -> None:
    other = ("Срок", "Мероприятие", "Исполнители")
    book = workbook(
        ["План на 2023 год"],
        [],
        HEADINGS,
        ROW,
        [],
        ["Приложение 2"],
        ["Второй план"],
        other,
        ("июнь", "Совет", "Отдел"),
    )
    assert [row["title"] for row in _plan(book)["rows"]] == ["Семинар", "Совет"]
    assert [block for block in _blocks(book) if isinstance(block, str)] == [
        *("План на 2023 год", "Приложение 2", "Второй план"),
    ]


def test_a_cell_far_out_and_a_million_rows_are_refused_before_room_is_made_for_them() -> None:
    def far(_: Any, sheet: Any) -> None:
        sheet.write("A1", "x")
        sheet.write("XFD1048576", "y")

    assert _refused(_made(far)) is TooLarge
    assert child(_made(far), "a.xlsx")["error"]["kind"] == "TooLarge"
    cells = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, 200_000))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    tall = with_part(workbook(ROW), "xl/worksheets/sheet1.xml", sheet + cells + b"</sheetData></worksheet>")
    assert _refused(tall) is TooLarge


@pytest.mark.parametrize(
    ("rows", "columns", "before"), [(1048576, 1, 0), (1, 16384, 0), (1, 1, 1048575), (1000, 1000, 1000)]
)
def test_repeated_places_of_an_ods_are_counted_before_they_are_made(
    rows: int, columns: int, before: int
) -> None:
    empty = b'<table:table-row table:number-rows-repeated="%d"><table:table-cell/></table:table-row>' % before
    cell = (
        b'<table:table-cell table:number-columns-repeated="%d"><text:p>a</text:p></table:table-cell>'
        % columns
    )
    filled = b'<table:table-row table:number-rows-repeated="%d">%s</table:table-row>' % (rows, cell)
    book = _ods((empty if before else b"") + filled)
    assert _refused(book) is TooLarge
    assert child(book, "a.ods")["error"]["kind"] == "TooLarge"


def _ods(rows: bytes) -> bytes:
    packed = io.BytesIO()
    name = b"urn:oasis:names:tc:opendocument:xmlns:%s:1.0"
    content = (
        b'<office:document-content xmlns:office="%s" xmlns:table="%s" xmlns:text="%s"><office:body>'
        b"<office:spreadsheet><table:table>%s</table:table></office:spreadsheet></office:body>"
        b"</office:document-content>"
    ) % (name % b"office", name % b"table", name % b"text", rows)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
    return packed.getvalue()


def test_a_long_text_said_in_every_cell_is_refused_before_it_is_multiplied() -> None:
    def write(_: Any, sheet: Any) -> None:
        for row in range(1000):
            sheet.write(row, 0, "а" * 30_000)

    assert _refused(_made(write)) is TooLarge


def test_empty_rows_to_the_end_of_a_sheet_are_no_rows() -> None:
    cell = b"<table:table-cell><text:p>%s</text:p></table:table-cell>"
    row = b"<table:table-row>" + b"".join(cell % word.encode() for word in HEADINGS) + b"</table:table-row>"
    empty = b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    assert _blocks(_ods(row + row + empty)) == [[HEADINGS, HEADINGS]]


def test_a_far_cell_of_an_old_workbook_is_refused_too() -> None:
    book = bytearray((FILES / "values.xls").read_bytes())
    text = next(at for at in range(512, len(book)) if book[at : at + 4] == b"\xfd\x00\x0a\x00")
    book[text + 4 : text + 8] = b"\xff\xff\xff\x00"
    assert _refused(bytes(book)) is TooLarge


def test_a_workbook_with_a_password_is_protected() -> None:
    book = bytearray((FILES / "values.xls").read_bytes())
    codepage = next(at for at in range(512, len(book)) if book[at : at + 4] == b"\x42\x00\x02\x00")
    book[codepage : codepage + 2] = b"\x2f\x00"
    assert _refused(bytes(book)) is Protected
    manifest = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    assert _refused(with_part(_ods(b""), "META-INF/manifest.xml", manifest)) is Protected


@each_suffix
def test_a_damaged_workbook_is_refused_and_never_crashes(suffix: str) -> None:
    whole = (FILES / f"values{suffix}").read_bytes()
    damaged = [whole[: len(whole) * part // 16] for part in range(1, 16)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 97)]
    for data in damaged:
        try:
            read(data)
        except PlanError:
            continue


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"", b"x" * 600]
)
def test_what_is_no_workbook_is_unreadable(data: bytes) -> None:
    assert _refused(data) is Unreadable


def test_entities_are_neither_fetched_nor_multiplied(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("тайна")
    sheet = (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>a&x;b</t></is></c></row></sheetData></worksheet>'
    )
    book = with_part(workbook(ROW), "xl/worksheets/sheet1.xml", sheet.encode())
    with suppress(Unreadable):
        assert "тайна" not in read(book).everything
