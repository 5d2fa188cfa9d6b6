import io
import time
from collections.abc import Sequence

import pytest
import xlsxwriter

from plans.plan import PlanError, TooLarge, Unreadable, WrongFormat
from plans.school_words import heads_names, is_school, short_name
from plans.schools import read_school_lines, read_schools
from tests.plans.portable import converted, paged, printed
from tests.plans.saved_orders import office
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
    assert names(data) == ["МБОУ СОШ № 1"]


def names(data: bytes) -> list[str]:
    return [line.name for line in read_schools(data, "школы")]


LIST = """Список общеобразовательных организаций Заозёрного района
по состоянию на 01.09.2026

№\tНаименование организации\tАдрес\tДиректор\tТелефон
Городские школы
1.\tМБОУ «Средняя общеобразовательная школа № 1»\tг. Заозёрный, ул. Школьная, 5\tПервая Анна\t8-000-00-01
2.\tМАОУ «Лицей «Родник»\tг. Заозёрный, Лицейский пер., д. 7\tВторой Пётр Иванович\t8-000-00-02
Сельские школы
3.\tОзёрская основная\tс. Озёрное, ул. Гимназическая, 1\tТретья Мария, директор школы\t8-000-00-03
4.\tМБОУ «Средняя общеобразовательная школа № 1»\tтот же\tПервая Анна\t8-000-00-01
Итого: 3 школы

Начальник отдела образования\t\tИ.И. Главный
"""
LISTED = ["МБОУ «Средняя общеобразовательная школа № 1»", "МАОУ «Лицей «Родник»", "Озёрская основная"]


def test_a_list_in_a_table_gives_its_names_and_nothing_that_stands_beside_them() -> None:
    assert names(LIST.encode()) == names(word_of(LIST)) == LISTED


@office
def test_a_list_reads_the_same_in_every_format_it_may_be_saved_in() -> None:
    document = {"школы": word_of(LIST)}
    formats = {".odt": "", ".doc": "MS Word 97", ".rtf": "", ".html": "HTML (StarWriter)"}
    found = {
        suffix: names(converted(document, ".docx", suffix, writer)["школы"])
        for suffix, writer in formats.items()
    }
    assert found == dict.fromkeys(formats, LISTED)
    assert names(printed({"школы": paged(LIST, "landscape")})["школы"]) == LISTED
    book = {"школы": sheet(*(line.split("\t") for line in LIST.splitlines()))}
    for suffix in (".xls", ".ods"):
        assert names(converted(book, ".xlsx", suffix)["школы"]) == LISTED
    assert names(book["школы"]) == LISTED


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Наименование организации",
            "Наименование ОО",
            "Полное наименование по уставу",
            "Школа",
            "ОО",
            "ОУ",
        ),
        *("Образовательная организация", "Учреждение", "Название школы", "Общеобразовательное учреждение"),
    ],
)
def test_the_column_of_names_is_known_by_many_headings(heading: str) -> None:
    rows = [
        ("№", "Муниципалитет", "Директор школы", heading, "Количество классов"),
        ("1", "Заозёрный район", "Первая А.А.", "Озёрская", "11"),
        ("2", "Заозёрный район", "Вторая Б.Б.", "Лесная", "9"),
    ]
    text = "\n".join("\t".join(row) for row in rows)
    assert names(word_of(text)) == names(sheet(*rows)) == ["Озёрская", "Лесная"]


def test_a_table_without_headings_gives_the_cells_that_name_schools() -> None:
    text = (
        "1\tг. Сосновый, ул. Школьная, 5\tОзёрская школа\tдиректор школы Первая А.А.\n"
        "2\tг. Сосновый\tГимназия имени первых строителей\tВторая Анна Петровна\n"
    )
    assert names(word_of(text)) == ["Озёрская школа", "Гимназия имени первых строителей"]


def test_a_list_of_lines_gives_no_titles_addresses_signatures_or_totals() -> None:
    text = """Приложение к приказу от 01.09.2026 № 5
Перечень школ
1. МБОУ СОШ № 1, г. Заозёрный, ул. Школьная, 5, директор Первая А.А.
2. Озёрская основная
МКОУ ООШ с. Лесное (тел. 8-000-000-00-00)
Всего: 3 школы
Директор школы № 1 Первая А.А.
Начальник отдела образования И.И. Главный
"""
    assert names(text.encode()) == ["МБОУ СОШ № 1", "Озёрская основная", "МКОУ ООШ с. Лесное"]


def test_schools_that_differ_by_their_village_alone_stay_two() -> None:
    text = "МКОУ ООШ, с. Лесное, ул. Мира, 5\nМКОУ ООШ, с. Озёрное, ул. Мира, 7\n"
    assert names(text.encode()) == ["МКОУ ООШ, с. Лесное", "МКОУ ООШ, с. Озёрное"]


def test_lines_that_do_not_say_they_are_schools_are_taken_as_they_are() -> None:
    assert names("Озёрская\nЛесная\n".encode()) == ["Озёрская", "Лесная"]


def test_a_table_goes_on_without_its_headings() -> None:
    text = "№\tШкола\tАдрес\n1\tОзёрская\tул. Школьная\n\n2\tЛесная\tул. Лесная\n"
    assert names(word_of(text)) == ["Озёрская", "Лесная"]


def test_schools_of_every_visible_sheet_are_read() -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        for place, (name, hidden) in enumerate((("Город", False), ("Черновик", True), ("Село", False))):
            page = book.add_worksheet(name)
            page.write_column(0, 0, ("Школа", f"МБОУ СОШ № {place}"))
            if hidden:
                page.hide()
    assert names(packed.getvalue()) == ["МБОУ СОШ № 0", "МБОУ СОШ № 2"]


@pytest.mark.parametrize("piece", ["—", "ые ", "школы ", "г. а, ", " , ", "полное ", "и", "МБОУ ул. "])
def test_words_without_end_are_looked_at_quickly(piece: str) -> None:
    started = time.process_time()
    long, short = piece * 5000 + "ж", (piece * 100)[:79] + "ж"
    assert not is_school(long)
    assert heads_names(long) == heads_names(short) == 0
    assert names(long.encode()) != [long]
    assert time.process_time() - started < 2


PLAN = (
    "План мероприятий на 2026 год\n\n№\tМероприятие\tСрок\tОтветственные\n"
    "1\tСеминар для директоров школ\tмай\tМБОУ СОШ № 1\n2\tДень лицея\tиюнь\tШколы\n"
)


@pytest.mark.parametrize(
    "data", [PLAN.encode(), word_of(PLAN), sheet(*(x.split("\t") for x in PLAN.splitlines()))]
)
def test_the_rows_of_a_plan_are_no_schools(data: bytes) -> None:
    assert names(data) == []


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
        (b"%PDF-1.4", Unreadable),
        (b"\x89PNG\r\n", WrongFormat),
        ("\n".join(f"МБОУ СОШ № {n}" for n in range(2100)).encode(), TooLarge),
    ],
)
def test_a_file_that_is_no_list_of_schools_is_refused(data: bytes, error: type[PlanError]) -> None:
    with pytest.raises(error):
        read_schools(data, "школы.xlsx")
