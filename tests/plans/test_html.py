"""Orders as web pages: saved by office programs, given out by portals under other names, hostile."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.formats import read_grid
from plans.formats.stretched import MOST_COLUMNS
from plans.grid import Cell, TableBlock, TextBlock
from plans.plan import NotAnOrder, PlanError, TooLarge
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

ROW = "<tr><td>1</td><td>Семинар</td><td>май 2023</td><td>Школы</td></tr>"
HEADINGS = "<tr><th>№</th><th>Мероприятие</th><th>Срок</th><th>Ответственные</th></tr>"
PLAN = f"<p>План на 2023 год</p><table>{HEADINGS}{ROW}</table>"


def _read(page: str) -> list[Any]:
    """Give the blocks of a page: a text, or the texts of a table's cells."""
    blocks = read_grid(f"<html>{page}</html>".encode(), "приказ.html").blocks
    return [block.text if isinstance(block, TextBlock) else _texts(block) for block in blocks]


def _texts(block: TableBlock) -> list[list[str]]:
    return [[cell.text for cell in row] for row in block.rows]


def _rows(page: str) -> tuple[tuple[Cell, ...], ...]:
    (table,) = read_grid(f"<table>{page}</table>".encode(), "приказ.html").blocks
    assert isinstance(table, TableBlock)
    return table.rows


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return saved_orders(".html")


@office
@real
@each_form
@each_real
def test_no_field_of_an_order_saved_as_a_page_differs(
    golden: Path, form: str, pages: dict[str, bytes]
) -> None:
    found = plan_of(pages[f"{golden.stem}-{form}"], "приказ.html")
    assert differing(found, expected(golden)) == []
    assert heads_differing(found, expected(golden)) == {}


@office
@each_form
@each_invented
def test_an_invented_order_saved_as_a_page_is_read_whole(
    golden: Path, form: str, pages: dict[str, bytes]
) -> None:
    assert plan_of(pages[f"{golden.stem}-{form}"], "приказ.html") == expected(golden)


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_page_is_read_as_people_read_it(name: str) -> None:
    assert plan_of((FILES / f"{name}.html").read_bytes(), "приказ.html") == expected(ORDERS / f"{name}.json")


@pytest.mark.parametrize("name", ["выгрузка.xls", "приказ.doc", "приказ.txt", "страница"])
def test_a_page_under_another_name_is_a_page(name: str) -> None:
    assert [row["number"] for row in plan_of(PLAN.encode(), name)["rows"]] == ["1"]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=windows-1251>", "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"),
        ("", "cp1251"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("<meta charset=utf-8>", "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=unicode">', "utf-16"),
        ('<?xml version="1.0" encoding="windows-1251"?>', "cp1251"),
    ],
)
def test_a_page_is_read_in_whatever_encoding_it_is(head: str, encoding: str) -> None:
    page = f"{head}<html>{PLAN}</html>" if head.startswith("<?") else f"<html>{head}{PLAN}</html>"
    data = page.replace("№", "п/п").encode(encoding)
    assert [row["title"] for row in plan_of(data, "приказ.html")["rows"]] == ["Семинар"]


def test_a_letter_cut_in_half_does_not_spoil_the_page() -> None:
    page = f"<html><meta charset=utf-8>{PLAN}<p>{'слова ' * 100}</p></html>".encode()
    data = page.replace("Семинар".encode(), "Семинар".encode()[:-1])
    assert [row["title"] for row in plan_of(data, "приказ.html")["rows"]] == ["Семина\ufffd"]


def test_a_web_archive_gives_its_page() -> None:
    archive = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        b'Content-Type: text/html; charset="windows-1251"\r\nContent-Transfer-Encoding: quoted-printable\r\n'
        b"\r\n<html><p>=CF=F0=E8=EA=E0=E7</p></html>\r\n--x--"
    )
    assert read_grid(archive, "приказ.doc").everything == "Приказ"


def test_lines_end_where_they_are_seen_to_end() -> None:
    page = "<div>ПРИКАЗ<br>от 01.02.2023 №&nbsp;5<p>О\n плане</div>по <b>рай</b>ону<hr>конец"
    assert _read(page) == ["ПРИКАЗ\nот 01.02.2023 № 5", "О плане", "по району", "конец"]


def test_what_is_not_seen_is_not_read() -> None:
    page = (
        "<head><title>t</title><style>p {}</style></head><script>var x = '<p>1</p>'</script>"
        "<!-- comment --><p style='mso-hide:all'>скрыто</p><p hidden>скрыто</p>"
        "<del>было</del><ins>стало</ins>"
        "<p>се\u00adми&shy;нар<a style='mso-footnote-id:ftn1' href='#_ftn1'>[1]</a></p>"
        "<div style='mso-element:footnote-list'>сноска</div><div title='header'>колонтитул</div>"
    )
    assert _read(page) == ["стало", "семинар"]


def test_merged_cells_are_beside_and_below() -> None:
    rows = "<tr><td colspan=3>I</td></tr><tr><td>1<td rowspan=2>май<td>а</tr><tr><td>2<td>б</tr>"
    assert _rows(rows) == (
        (Cell("I"), Cell(beside=True), Cell(beside=True)),
        (Cell("1"), Cell("май"), Cell("а")),
        (Cell("2"), Cell(below=True), Cell("б")),
    )


def test_cells_without_end_are_bounded() -> None:
    (row, last) = _rows("<tr><td colspan=999999 rowspan=999999>а</td></tr><tr><td>б</td></tr>")
    assert (len(row), len(last)) == (1, 1)
    wide = "<td>а</td>" * 500
    assert len(_rows(f"<tr>{wide}</tr>")[0]) == MOST_COLUMNS


def test_a_side_moved_by_a_hair_does_not_move_the_cells() -> None:
    rows = "<tr><td>№<td colspan=2>Дело<td>Срок</tr><tr><td colspan=2>1<td>Урок<td>май</tr>"
    assert [[cell.text for cell in row] for row in _rows(rows)] == [
        ["№", "Дело", "Срок"],
        ["1", "Урок", "май"],
    ]


def test_a_table_that_only_holds_the_page_in_place_is_no_table() -> None:
    page = f"<table><tr><td><nav>Меню</nav>О школе</td><td><h1>План</h1><table>{HEADINGS}{ROW}</table>"
    assert _read(page) == [
        *("О школе", "План"),
        [["№", "Мероприятие", "Срок", "Ответственные"], ["1", "Семинар", "май 2023", "Школы"]],
    ]


def test_a_table_in_a_cell_is_the_text_of_the_cell() -> None:
    inner = "<table><tr><td>школы</td><td>№ 1</td></tr></table>"
    assert _read(f"<table><tr><td>1<td>{inner}</tr><tr><td>2<td>б</tr></table>") == [
        [["1", "школы № 1"], ["2", "б"]]
    ]


def test_numbers_that_a_browser_prints_are_read() -> None:
    page = "<ol><li><p>Утвердить<li>Назначить</ol><ol start=3 type=I><li>Контроль</ol><ul><li>школам</ul>"
    assert _read(page) == ["1. Утвердить", "2. Назначить", "III. Контроль", "школам"]
    assert _read("<table><tr><td><ol start=7><li></ol><td>Урок</tr></table>") == [[["7.", "Урок"]]]


def test_entities_and_addresses_of_a_page_lead_nowhere() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    page = (
        f'<!DOCTYPE html [<!ENTITY l0 "ха"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
        "<html><p>&l9;</p><p>&f;</p><iframe src='file:///etc/passwd'></iframe></html>"
    )
    text = read_grid(page.encode(), "п.html").everything
    assert "root" not in text
    assert len(text) < 2000


@pytest.mark.parametrize(
    ("page", "errors"),
    [
        ("<html><div>" + "<div>" * 100_000 + "x", (NotAnOrder, TooLarge)),
        ("<html>" + "<table><tr><td>" * 3000, (NotAnOrder, TooLarge)),
        ("<html><table>" + "<tr><td colspan=60>x</td></tr>" * 100_000, (NotAnOrder, TooLarge)),
        ("<html>", (NotAnOrder,)),
    ],
)
def test_a_page_without_end_is_refused_within_the_limits_of_the_child(
    page: str, errors: tuple[type[PlanError], ...]
) -> None:
    assert child(page.encode(), "приказ.html")["error"]["kind"] in {error.__name__ for error in errors}


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            [
                "<table>",
                "<tr>",
                "<td rowspan=3>",
                "<td colspan=2>",
                "</table>",
                "<ol><li>",
                "<br>",
                "срок",
                "<p",
            ]
        ),
        max_size=20,
    )
)
def test_any_page_is_read_or_refused(parts: list[str]) -> None:
    try:
        read_plan(f"<html>{''.join(parts)}".encode(), "п.html")
    except PlanError:
        return
