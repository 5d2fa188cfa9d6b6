"""Orders as PDF whose tables are not ruled: rows and columns told by where words stand."""

import io
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from plans.formats.pdf import read
from plans.grid import TableBlock
from plans.plan import NotAnOrder, PlanError
from plans.plan_json import plan_to_json
from plans.read import read_plan
from tests.plans.portable import OFFICE, drawn, paged, printed, table, words
from tests.plans.test_child import child
from tests.plans.test_golden import GOLDEN, INVENTED, SHARED, differing, heads_differing
from tests.plans.word import saved

FILES = Path(__file__).parent / "files"
ORDERS = Path(__file__).parent / "orders"
FORMS = ("portrait", "landscape")
COLUMNS = (50, 90, 300, 400)
HEADINGS = ("№", "Мероприятие", "Срок", "Ответственные")
TITLE = "План на 2023 год"

office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: `make office` installs it")
real = pytest.mark.skipif(not GOLDEN, reason="the five orders are not beside this repository")
each_form = pytest.mark.parametrize("form", FORMS)

Row = tuple[str, ...]


def _plan(data: bytes) -> dict[str, Any]:
    return plan_to_json(read_plan(data, "приказ.pdf"))


def _expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _without_lines(text: str, form: str) -> bytes:
    """Make a Word document of an order whose tables have no lines."""
    document = Document(io.BytesIO(paged(text, form)))
    for one in document.tables:
        one.style = "Normal Table"
    return saved(document)


@pytest.fixture(scope="module")
def prints() -> dict[str, bytes]:
    texts = {golden.stem: SHARED / "seeds" / f"{golden.stem}.txt" for golden in GOLDEN}
    texts |= {golden.stem: golden.with_suffix(".txt") for golden in INVENTED}
    return printed(
        {
            f"{name}-{form}": _without_lines(path.read_text("utf-8"), form)
            for (name, path), form in product(texts.items(), FORMS)
        }
    )


def _rows(
    top: float, rows: Sequence[Row], *, columns: tuple[float, ...] = COLUMNS, room: float = 8
) -> tuple[bytes, float]:
    """Write rows without lines, ``room`` between them; give them, and where they end."""
    made = b""
    for row in rows:
        for left, text in zip(columns, row, strict=True):
            made += words(left, top, text) if text else b""
        top += 12 * max(text.count("\n") + 1 for text in row) + room
    return made, top


def _drawn(rows: Sequence[Row], *, columns: tuple[float, ...] = COLUMNS, room: float = 8) -> bytes:
    content, _ = _rows(130, rows, columns=columns, room=room)
    return drawn(words(50, 90, TITLE) + content)


def _read(data: bytes) -> list[tuple[str | None, str, str, str]]:
    return [
        (row.number, row.title, row.deadline_text, row.responsible_text)
        for row in read_plan(data, "приказ.pdf").rows
    ]


def _refused(data: bytes) -> type[PlanError]:
    with pytest.raises(PlanError) as refused:
        read_plan(data, "приказ.pdf")
    return refused.type


def _tables(data: bytes) -> list[TableBlock]:
    return [block for block in read(data).blocks if isinstance(block, TableBlock)]


@office
@real
@each_form
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])
def test_no_field_of_an_order_printed_without_lines_differs(
    golden: Path, form: str, prints: dict[str, bytes]
) -> None:
    found, expected = _plan(prints[f"{golden.stem}-{form}"]), _expected(golden)
    assert differing(found, expected) == []
    assert heads_differing(found, expected) == {}


@office
@each_form
@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_no_field_of_an_invented_order_printed_without_lines_differs(
    golden: Path, form: str, prints: dict[str, bytes]
) -> None:
    assert differing(_plan(prints[f"{golden.stem}-{form}"]), _expected(golden)) == []


@pytest.mark.parametrize(
    "name", ["until_2028_with_numbers_of_two_levels", "long_plan_without_numbers", "numbering_begins_anew"]
)
def test_a_kept_print_without_lines_is_read_as_people_read_it(name: str) -> None:
    found = _plan((FILES / f"{name}_without_lines.pdf").read_bytes())
    assert differing(found, _expected(ORDERS / f"{name}.json")) == []


def test_a_number_begins_a_row_though_no_room_is_left_between_rows() -> None:
    rows = [
        HEADINGS,
        ("1", "Семинар учителей\nматематики района", "май 2023", "Школы"),
        ("2", "Конкурс", "июнь\n2023 года", "Школы,\nметодисты"),
        ("3", "Диктант", "июль 2023", "Школы"),
    ]
    assert _read(_drawn(rows, room=0)) == [
        ("1", "Семинар учителей математики района", "май 2023", "Школы"),
        ("2", "Конкурс", "июнь 2023 года", "Школы, методисты"),
        ("3", "Диктант", "июль 2023", "Школы"),
    ]


@pytest.mark.parametrize("room", [0, 8])
def test_without_numbers_a_row_begins_where_its_columns_begin_anew(room: float) -> None:
    rows = [
        HEADINGS[1:],
        ("Семинар учителей\nматематики района", "май 2023", "Школы"),
        ("Конкурс", "июнь 2023", "Школы,\nметодисты"),
        ("Диктант", "июль 2023", "Школы"),
        ("Собрание родителей\nвыпускников", "до 5 августа", "Школы"),
    ]
    assert _read(_drawn(rows, columns=COLUMNS[1:], room=room)) == [
        (None, "Семинар учителей математики района", "май 2023", "Школы"),
        (None, "Конкурс", "июнь 2023", "Школы, методисты"),
        (None, "Диктант", "июль 2023", "Школы"),
        (None, "Собрание родителей выпускников", "до 5 августа", "Школы"),
    ]


def test_cells_that_stand_in_the_middle_of_their_row_are_of_this_row() -> None:
    content, end = _rows(130, [HEADINGS])
    for number in "123":
        content += words(50, end + 12, number) + words(
            90, end, "Проведение семинара\nдля учителей\nшкол района"
        )
        content += words(300, end + 12, "май 2023") + words(400, end + 6, "Школы,\nметодисты")
        end += 56
    title = "Проведение семинара для учителей школ района"
    assert _read(drawn(words(50, 90, TITLE) + content)) == [
        (number, title, "май 2023", "Школы, методисты") for number in "123"
    ]


def test_a_line_over_the_columns_is_a_section_of_as_many_lines_as_it_has() -> None:
    rows, middle = _rows(130, [HEADINGS, ("1", "Семинар", "май 2023", "Школы")])
    section = "Раздел II. Работа с родителями и общественностью района,\nв том числе с опекунами"
    more, _ = _rows(middle + 32, [("2", "Собрание", "июнь 2023", "Школы")])
    plan = read_plan(drawn(words(50, 90, TITLE) + rows + words(50, middle, section) + more), "приказ.pdf")
    assert [(row.number, row.section) for row in plan.rows] == [
        ("1", None),
        ("2", " ".join(section.split())),
    ]


def test_what_follows_the_table_is_none_of_its_rows() -> None:
    rows, end = _rows(
        130, [HEADINGS, ("1", "Семинар", "май 2023", "Школы"), ("2", "Совет", "май 2023", "ОО")]
    )
    after = words(50, end + 30, "Начальник управления образования") + words(400, end + 30, "Н.П. Озёрная")
    grid = read(drawn(words(50, 90, TITLE) + rows + after))
    assert [block.text for block in grid.texts] == [TITLE, "Начальник управления образования", "Н.П. Озёрная"]
    assert [len(block.rows) for block in grid.blocks if isinstance(block, TableBlock)] == [3]


def test_headings_of_two_rows_name_four_columns() -> None:
    columns = (50.0, 90.0, 260.0, 340.0, 430.0)
    heading, end = _rows(130, [("№", "Мероприятие", "Срок", "", "Ответственные")], columns=columns)
    second, end = _rows(end, [("", "", "начало", "окончание", "")], columns=columns)
    rows, _ = _rows(end, [("1", "Семинар", "01.03.2023", "05.03.2023", "Школы")] * 2, columns=columns)
    plan = read_plan(drawn(words(50, 90, TITLE) + heading + second + rows), "приказ.pdf")
    assert [row.deadline_text for row in plan.rows] == ["01.03.2023 – 05.03.2023"] * 2


def test_a_row_goes_on_under_the_headings_of_the_next_page() -> None:
    first, _ = _rows(
        700, [HEADINGS, ("1", "Семинар", "май 2023", "Школы"), ("2", "Конкурс для", "июнь", "Школы")]
    )
    second, _ = _rows(130, [HEADINGS, ("", "учителей", "2023", "района"), ("3", "Диктант", "май 2023", "ОО")])
    assert _read(drawn(words(50, 90, TITLE) + first, second)) == [
        ("1", "Семинар", "май 2023", "Школы"),
        ("2", "Конкурс для учителей", "июнь 2023", "Школы района"),
        ("3", "Диктант", "май 2023", "ОО"),
    ]


def test_columns_without_dates_are_no_plan() -> None:
    rows = [HEADINGS, ("1", "Лесникова", "Школа № 1", "Зал"), ("2", "Ветрова", "Школа № 2", "Класс")]
    assert _tables(_drawn(rows)) == []
    assert _refused(_drawn(rows)) is NotAnOrder


def test_rows_in_the_middle_of_their_height_are_parted_by_their_numbers_alone() -> None:
    content, end = _rows(130, [HEADINGS])
    title = "Проведение семинара\nдля учителей\nшкол района"
    for number in "1234":
        content += words(50, end + 12, number) + words(90, end, title)
        content += words(300, end + 12, "май 2023") + words(400, end + 6, "Школы,\nметодисты")
        end += 36
    assert _read(drawn(words(50, 90, TITLE) + content)) == [
        (number, " ".join(title.split()), "май 2023", "Школы, методисты") for number in "1234"
    ]


def test_rows_whose_beginnings_cannot_be_told_are_not_invented() -> None:
    content, end = _rows(130, [HEADINGS[1:]], columns=COLUMNS[1:])
    for _ in range(4):
        content += words(90, end, "Проведение семинара\nдля учителей\nшкол района")
        content += words(300, end + 12, "май 2023") + words(400, end + 6, "Школы,\nметодисты")
        end += 36
    assert _refused(drawn(words(50, 90, TITLE) + content)) is NotAnOrder


def test_a_ruled_plan_gets_no_second_table_of_the_words_around_it() -> None:
    ruled, end = table(130, [HEADINGS, ("1", "Семинар", "май 2023", "Школы")])
    beside, _ = _rows(end + 40, [HEADINGS, ("1", "Конкурс", "май 2023", "Школы")])
    assert len(_tables(drawn(words(50, 90, TITLE) + ruled + beside))) == 1


def test_a_letter_in_two_columns_has_no_table() -> None:
    left = "Отдел образования\nадминистрации района\n12.03.2023 № 45\nО сроках мероприятий"
    right = "Директорам школ\nЗаместителям директоров\nпо учебной работе"
    body = "Просим до 5 мая сообщить о мероприятиях, которые школы проведут в районе."
    page = words(50, 100, left) + words(350, 100, right) + words(50, 200, body)
    assert _tables(drawn(page)) == []


def test_two_thousand_rows_without_lines_are_read_within_the_limits() -> None:
    row = ("Проведение семинара для учителей\nначальных классов школ района", "май 2023", "Отдел образования")
    pages = [
        _rows(40, [HEADINGS, *((str(20 * page + number), *row) for number in range(1, 21))])[0]
        for page in range(100)
    ]
    pages[0] = words(50, 25, TITLE) + pages[0]
    assert len(child(drawn(*pages), "приказ.pdf")["plan"]["rows"]) == 2000
