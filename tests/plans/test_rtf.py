"""Rich text as Word, WordPad and LibreOffice write it: letters, tables, what is not said, garbage."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from plans.formats.rtf import read
from plans.grid import Cell, TableBlock
from plans.plan import TooLarge, Unreadable
from plans.plan_json import plan_to_json
from plans.read import read_plan
from tests.plans.portable import OFFICE, converted
from tests.plans.test_child import child
from tests.plans.test_golden import GOLDEN, INVENTED, SHARED, differing, heads_differing
from tests.plans.word import word_of

FILES = Path(__file__).parent / "files"
ORDERS = Path(__file__).parent / "orders"
FONTS = (
    rb"{\fonttbl{\f0\froman\fcharset204 Times New Roman;}{\f1\fnil\fcharset0 Calibri;}"
    rb"{\f2\fcharset238 Arial CE;}}"
)
PARTS = ("document", "duties", "amends")
MEGABYTE = 1024 * 1024
SECONDS = 2.0  # a megabyte of twenty, at twice the pace that the child's twenty seconds need

office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: `make office` installs it")
real = pytest.mark.skipif(not GOLDEN, reason="the five orders are not beside this repository")


def _rtf(body: bytes | str, header: bytes = rb"\ansi\ansicpg1251\deff0") -> bytes:
    return (
        rb"{\rtf1" + header + FONTS + b"\r\n" + (body if isinstance(body, bytes) else _escaped(body)) + b"}"
    )


def _escaped(text: str) -> bytes:
    return b"".join(b"\\'%02x" % code if code > 127 else bytes([code]) for code in text.encode("cp1251"))


def _blocks(body: bytes | str) -> list[Any]:
    return [
        [tuple(cell.text for cell in row) for row in block.rows]
        if isinstance(block, TableBlock)
        else block.text
        for block in read(_rtf(body)).blocks
    ]


def _cells(body: bytes | str) -> tuple[tuple[Cell, ...], ...]:
    (table,) = read(_rtf(body)).blocks
    assert isinstance(table, TableBlock)
    return table.rows


def _plan(data: bytes) -> dict[str, Any]:
    return plan_to_json(read_plan(data, "приказ.rtf"))


def _expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def saved_as_rtf() -> dict[str, bytes]:
    texts = {golden.stem: SHARED / "seeds" / f"{golden.stem}.txt" for golden in GOLDEN}
    texts |= {golden.stem: golden.with_suffix(".txt") for golden in INVENTED}
    documents = {name: word_of(path.read_text("utf-8")) for name, path in texts.items()}
    return converted(documents, ".docx", ".rtf")


@office
@real
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])
def test_no_field_of_an_order_saved_as_rtf_differs(golden: Path, saved_as_rtf: dict[str, bytes]) -> None:
    found, expected = _plan(saved_as_rtf[golden.stem]), _expected(golden)
    assert differing(found, expected) == []
    assert heads_differing(found, expected) == {}


@office
@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_an_invented_order_saved_as_rtf_is_read_whole(golden: Path, saved_as_rtf: dict[str, bytes]) -> None:
    found, expected = _plan(saved_as_rtf[golden.stem]), _expected(golden)
    assert differing(found, expected) == []
    assert [found[part] for part in PARTS] == [expected[part] for part in PARTS]


@pytest.mark.parametrize("name", ["approved_by_a_stamp", "numbering_begins_anew"])
def test_a_kept_rtf_is_read_as_people_read_it(name: str) -> None:
    assert _plan((FILES / f"{name}.rtf").read_bytes()) == _expected(ORDERS / f"{name}.json")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (rb"\'cf\'eb\'e0\'ed", "План"),
        (rb"\f1 \'cf\'eb\'e0\'ed", "План"),  # a Western font in a Russian file
        (rb"{\f2 \'b9} \'b9", "ą №"),  # a font of Central Europe, and the letters around it
        (rb"\u1055\'cf\u1083\'eb\u1072?\u1085 \par", "План"),
        (rb"\uc0\u1055\u1083\u1072\u1085", "План"),
        (rb"\uc2\u1055\'d0\'9f{\uc1\u1083?\u1072?}\u1085ab.", "План."),
        (rb"{\u1055?}{\u1083?\u1072?}\u1085{?}", "План?"),  # a brace ends what stands for a letter
        (rb"\u-10179?\u-8704?", "😀"),
        (rb"\u8470?\~5\u8470\~6", "№ 5№6"),
        ("План".encode("cp1251"), "План"),  # bytes as they are, as old programs wrote them
        (b"\\'cf\\'eb\r\n\\'e0\\'ed", "План"),
        (rb"2022\endash 2023\emdash\'e3\'ee\'e4", "2022–2023—год"),
        (rb"\'f1\'e0\-\'e4 \'ca\'e0\'ec\'e0\_1", "сад Кама-1"),
        (rb"\'ab\'ca\'bb\ldblquote a\rdblquote\bullet  b \{c\} \\d", "«К»“a”• b {c} \\d"),
        (rb"a\line b\tab c", "a\nb c"),
        (rb"{\upr{\'3f\'3f}{\*\ud{\u1055?\u1083?}}}", "Пл"),
    ],
)
def test_letters_come_by_code_page_by_number_and_by_name(said: bytes, meant: str) -> None:
    assert _blocks(said) == [meant]


def test_the_code_page_of_the_file_counts_where_the_font_names_none() -> None:
    assert read(_rtf(rb"\f7 \'8f\'ab\'a0\'ad", rb"\ansi\ansicpg866")).texts[0].text == "План"
    assert read(rb"{\rtf1\ansi \'cf\'eb\'e0\'ed}").texts[0].text == "План"
    assert read(rb"{\rtf1\ansi\ansicpg65001 \'d0\'9f\'d0\'bb}").texts[0].text == "Пл"


@pytest.mark.parametrize(
    "unsaid",
    [
        rb"{\info{\title Other}{\author Someone}}",
        rb"{\header\pard Page 1\par}{\footerl\pard 2\par}",
        rb"{\stylesheet{\s1 heading 1;}{\*\cs10 \additive Default;}}{\colortbl;\red0\green0\blue0;}",
        rb"{\*\generator Writer;}{\*\unknown{\deep text}}",
        rb"{\pict\pngblip 89504e47}{\*\shppict{\pict\wmetafile8 0100}}{\nonshppict{\pict 00}}",
        b"{\\pict\\bin8 }}{{\\\\}a}",
        rb"{\footnote\pard A note.\par}{\annotation remark}{\xe index}",
        rb"{\deleted gone}\deleted gone\deleted0{\v secret}{\v0}",
        rb"{\field{\*\fldinst PAGE}{\fldrslt}}{\field{\fldinst HYPERLINK}{\fldrslt}}",
    ],
)
def test_what_is_not_printed_in_the_text_is_not_said(unsaid: bytes) -> None:
    assert _blocks(rb"before " + unsaid + rb"after\par") == ["before after"]


def test_fields_insertions_and_numbers_of_lists_are_printed_text() -> None:
    body = (
        rb"\pard{\listtext\pard\plain\f0 1.\tab}\f0 {\field{\*\fldinst DATE}{\fldrslt 05.09.2022}}\par"
        rb"{\pntext\f0 2.\tab}{\*\pn\pnlvlbody\pndec{\pntxta .}}{\revised new}\par"
    )
    assert _blocks(body) == ["1. 05.09.2022", "2. new"]


def test_a_text_box_is_said_before_the_paragraph_it_hangs_on_and_once() -> None:
    body = (
        rb"\pard Head{\shp{\*\shpinst\shpleft0{\sp{\sn shapeType}{\sv 202}}"
        rb"{\shptxt \pard Approve\par Head of office\par}}"
        rb"{\shprslt{\*\do\dptxbx{\dptxbxtext\pard Approve\par}}}}ing\par"
        rb"{\*\do\dobxpage{\dptxbx{\dptxbxtext\pard Old box\par}}}Next\par"
    )
    assert _blocks(body) == ["Approve", "Head of office", "Heading", "Old box", "Next"]


def test_paragraphs_of_a_cell_are_one_text_and_an_empty_line_parts_two_tables() -> None:
    row = rb"\trowd\cellx1000\cellx2000\pard\intbl a\par b\line c\cell d\cell\row"
    assert _blocks(rb"above\par" + row + row + rb"\pard\par" + row + rb"\pard below\par") == [
        "above",
        [("a b c", "d"), ("a b c", "d")],
        [("a b c", "d")],
        "below",
    ]


def test_signs_within_a_cell_part_no_cells() -> None:
    assert _blocks(rb"\trowd\cellx1000\cellx2000\pard\intbl a|b\tab c\cell d\cell\row") == [[("a|b c", "d")]]


def test_a_row_may_be_defined_after_its_cells_and_end_with_the_file() -> None:
    assert _blocks(rb"\pard\intbl a\cell b\cell{\trowd\cellx1000\cellx2000\row}c\cell d\cell") == [
        [("a", "b"), ("c", "d")]
    ]


def test_merged_cells_are_beside_and_below() -> None:
    body = (
        rb"\trowd\clmgf\cellx1000\clmrg\cellx2000\clvmgf\cellx3000\pard\intbl Head\cell\cell May\cell\row"
        rb"\trowd\cellx1000\cellx2000\clvmrg\cellx3000\pard\intbl a\cell b\cell\cell\row"
    )
    beside, below = Cell(beside=True), Cell(below=True)
    assert _cells(body) == ((Cell("Head"), beside, Cell("May")), (Cell("a"), Cell("b"), below))


def test_a_cell_as_wide_as_two_others_stretches_over_them() -> None:
    body = (
        rb"\trowd\trleft-108\cellx500\cellx2000\cellx3000\pard\intbl 1\cell a\cell b\cell\row"
        rb"\trowd\trleft-108\cellx3012\pard\intbl Section\cell\row"
        rb"\trowd\trleft-100\cellx512\cellx2000\cellx3010\pard\intbl 2\cell c\cell d\cell\row"
        rb"\trowd\trleft500\cellx2000\cellx3000\pard\intbl e\cell f\cell\row"
    )
    beside = Cell(beside=True)
    assert _cells(body) == (
        (Cell("1"), Cell("a"), Cell("b")),
        (Cell("Section"), beside, beside),
        (Cell("2"), Cell("c"), Cell("d")),
        (beside, Cell("e"), Cell("f")),
    )


def test_a_table_within_a_cell_is_the_text_of_the_cell() -> None:
    body = (
        rb"\trowd\cellx1000\cellx2000\pard\intbl a\par"
        rb"\pard\intbl\itap2 in\nestcell side\nestcell"
        rb"{\*\nesttableprops\trowd\cellx300\cellx600\nestrow}{\nonesttables\par}"
        rb"\pard\intbl\itap1 z\cell d\cell\row"
    )
    assert _blocks(body) == [[("a in side z", "d")]]


def test_a_file_that_was_cut_off_is_damaged() -> None:
    whole = (FILES / "approved_by_a_stamp.rtf").read_bytes()
    with pytest.raises(Unreadable):
        read(whole[: len(whole) // 2])
    assert read(whole + b"\0\0 {more}").blocks == read(whole).blocks


@pytest.mark.parametrize(
    "data", [b"", b"rtf", b"{\\rtf1", b"{\\rtf1 {\\fonttbl", b"{\\rtf1\\bin99999999999 }"]
)
def test_what_is_no_rtf_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


@pytest.mark.parametrize(
    "garbage",
    [
        *(b"{", b"{}", b"\\", b"\\'cf", b"\\b1 ", b"\\u1055?", b"\\cell ", b"\\trowd\\cellx9 a\\cell\\row "),
        *(
            b"{\\pict ",
            b"{\\pict x}",
            b"x\\par ",
            b"{\\shptxt a}",
            b"\\f1\\fcharset204 ",
            b"{\\*\\x{\\fonttbl}",
        ),
    ],
)
def test_a_megabyte_of_garbage_takes_its_time_and_no_more(garbage: bytes) -> None:
    data = _rtf(garbage * (MEGABYTE // len(garbage)))
    begun = time.process_time()
    with suppress(TooLarge, Unreadable):
        read(data)
    assert time.process_time() - begun < SECONDS


def test_the_limited_child_refuses_a_bomb_and_reads_an_order() -> None:
    bomb = _rtf(b"{\\b1 x\\par" * (20 * MEGABYTE // 10))
    assert child(bomb, "a.rtf")["error"]["kind"] == "TooLarge"
    assert len(child((FILES / "approved_by_a_stamp.rtf").read_bytes(), "a.rtf")["plan"]["rows"]) == 5


def test_columns_without_end_are_cut_and_sides_without_end_are_not_compared() -> None:
    wide = (
        b"\\trowd"
        + b"".join(b"\\cellx%d" % (place * 100) for place in range(500))
        + b"x\\cell " * 500
        + b"\\row"
    )
    assert len(_cells(wide)[0]) == 60
    steps = b"".join(b"\\trowd\\cellx%d x\\cell\\row " % (place * 100) for place in range(5000))
    assert {len(row) for row in _cells(steps)} == {1}
