import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from plans.plan import PlanError, TooLarge, Unreadable, WrongFormat
from plans.schools import read_school_lines, read_schools, short_name
from tests.plans.word import with_part, word_of


def sheet(*rows: Sequence[object]) -> bytes:
    packed = io.BytesIO()
    workbook = xlsxwriter.Workbook(packed, {"in_memory": True})
    page = workbook.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    workbook.close()
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("МБОУ «Средняя общеобразовательная школа № 3»", "СОШ № 3"),
        ("МБОУ СОШ № 1", "СОШ № 1"),
        ("МБОУ «Озёрская СОШ»", "Озёрская СОШ"),
        ('МКОУ "Лесная основная общеобразовательная школа"', "Лесная ООШ"),
        ("МАОУ Гимназия №2", "Гимназия № 2"),
        (
            "Муниципальное бюджетное общеобразовательное учреждение «Начальная общеобразовательная школа»",
            "НОШ",
        ),
        ("Школа № 7", "Школа № 7"),
    ],
)
def test_a_school_gets_the_short_name_people_use(name: str, short: str) -> None:
    assert short_name(name) == short


def test_lines_are_schools_without_numbering_headings_and_repetitions() -> None:
    found = read_school_lines("Список школ\n1. МБОУ СОШ № 1\n2) МБОУ СОШ № 2;\n\n- мбоу сош № 1\n12345\n")
    assert [line.name for line in found] == ["МБОУ СОШ № 1", "МБОУ СОШ № 2"]


def test_columns_of_a_sheet_are_known_by_their_headings() -> None:
    data = sheet(
        ("№ п/п", "Адрес", "Краткое наименование", "Наименование организации"),
        (1, "г. Сосновый, улица Очень-Очень Длинная, дом 5, корпус 6", "", "МБОУ СОШ № 1"),
        (2, "г. Сосновый", "Лицей", "МАОУ «Сосновый лицей»"),
    )
    assert [(line.name, line.short_name) for line in read_schools(data, "школы.xlsx")] == [
        ("МБОУ СОШ № 1", "СОШ № 1"),
        ("МАОУ «Сосновый лицей»", "Лицей"),
    ]


def test_a_sheet_without_headings_is_read_by_what_speaks_of_schools() -> None:
    data = sheet(
        (1, "МБОУ СОШ № 1", "директор Первая А.А., тел. 8-000-000-00-00, школа большая"), (2, "МБОУ СОШ № 2")
    )
    assert [line.name for line in read_schools(data, "школы.xlsx")] == ["МБОУ СОШ № 1", "МБОУ СОШ № 2"]


@pytest.mark.parametrize("data", ["МБОУ СОШ № 1\n".encode("cp1251"), word_of("МБОУ СОШ № 1")])
def test_a_list_may_be_a_text_or_a_word_document(data: bytes) -> None:
    assert [line.name for line in read_schools(data, "школы")] == ["МБОУ СОШ № 1"]


def far_out() -> bytes:
    packed = io.BytesIO()
    workbook = xlsxwriter.Workbook(packed, {"in_memory": True})
    workbook.add_worksheet().write(1_048_575, 16_383, "x")
    workbook.close()
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (far_out(), TooLarge),
        (with_part(sheet(("Школа",)), "xl/bomb.xml", b"\0" * 60_000_000), TooLarge),
        (sheet(("Школа",))[:-100], Unreadable),
        (with_part(sheet(("Школа",)), "xl/workbook.xml", b"<broken"), Unreadable),
        (b"", Unreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Unreadable),
        (b"%PDF-1.4", WrongFormat),
        ("\n".join(f"МБОУ СОШ № {n}" for n in range(2100)).encode(), TooLarge),
    ],
)
def test_a_file_that_is_no_list_of_schools_is_refused(data: bytes, error: type[PlanError]) -> None:
    with pytest.raises(error):
        read_schools(data, "школы.xlsx")
