import pytest

from plans.grid import Cell, Grid
from plans.headings import Role, role_of
from plans.months_across import with_dates_in_words
from plans.plan import NotAnOrder, TooLarge
from plans.table import read_rows
from tests.plans.tables import BELOW, HEADINGS, rows_of, table, titles

ROW = ("1", "Семинар", "май", "Отдел", "Справка")


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("№ п/п", Role.NUMBER),
        ("№", Role.NUMBER),
        ("п/п", Role.NUMBER),
        ("Период реализации отдельного действия", Role.DEADLINE),
        ("Сроки исполнения", Role.DEADLINE),
        ("Cрок", Role.DEADLINE),  # the first letter is Latin
        ("Дата проведения", Role.DEADLINE),
        ("Отвественные исполнители", Role.RESPONSIBLE),
        ("Ответственный за проведение мероприятия", Role.RESPONSIBLE),
        ("Исполнитель", Role.RESPONSIBLE),
        ("Прогнозируемый результат (количественные характеристики)", Role.RESULT),
        ("Показатели результативности", Role.RESULT),
        ("Итоговый документ", Role.RESULT),
        ("Наименование мероприятия (краткое содержание)", Role.TITLE),
        ("Мероприятие (содержание деятельности)", Role.TITLE),
        ("Содержание работы", Role.TITLE),
        ("Комплекс мер", Role.TITLE),
        ("Когда", Role.DEADLINE),
        ("Сро ки", Role.DEADLINE),  # cut by a narrow column
        ("Соисполнители", Role.RESPONSIBLE),
        ("Ответственное лицо", Role.RESPONSIBLE),
        ("ФИО ответственного, должность", Role.RESPONSIBLE),
        ("Ответст венные", Role.RESPONSIBLE),
        ("Ожидаемый эффект", Role.RESULT),
        ("Вид документа", Role.RESULT),
        ("Форма завершения", Role.RESULT),
        ("Подтверждающий документ", Role.RESULT),
        ("№ пункта", Role.NUMBER),
        ("Что делаем", Role.TITLE),
        ("Кто", Role.RESPONSIBLE),
        ("Что получим в итоге", Role.RESULT),
        ("Форма проведения", None),
        ("Целевая аудитория", None),
        ("Место проведения мероприятия", None),
        ("Участники", None),
        ("Отметка о выполнении", None),
        ("Корректировка", None),
        ("", None),
    ],
)
def test_a_column_is_known_by_the_meaning_of_its_heading(heading: str, role: Role | None) -> None:
    assert role_of(heading) is role


def test_columns_are_mapped_by_heading_in_any_order() -> None:
    (row,) = rows_of(
        table(("Результат", "Ответственные", "Сроки", "№", "Действия"), ("Справка", "ОО", "май", "7", "Урок"))
    )
    assert row.cells == {
        Role.RESULT: "Справка",
        Role.RESPONSIBLE: "ОО",
        Role.DEADLINE: "май",
        Role.NUMBER: "7",
        Role.TITLE: "Урок",
    }


def test_the_activity_is_in_the_column_that_says_so_best() -> None:
    (row,) = rows_of(
        table(("№", "Направление", "Мероприятие", "Срок"), ("1", "Кадры", "Обучение учителей", "май"))
    )
    assert row.cells[Role.TITLE] == "Обучение учителей"
    assert row.notes == {"Направление": "Кадры"}


def test_an_activity_under_an_unknown_heading_is_found_beside_the_known_ones() -> None:
    (row,) = rows_of(table(("№", "Что сделать", "Когда, срок", "Ответственные"), ("1", "Урок", "май", "ОО")))
    assert row.cells[Role.TITLE] == "Урок"


def test_columns_of_another_kind_are_kept_by_their_headings() -> None:
    (row,) = rows_of(
        table(("№", "Мероприятие", "Сумма, тыс. руб.", "Срок", "Место"), ("1", "Урок", "10", "май", "зал"))
    )
    assert row.notes == {"Сумма, тыс. руб.": "10", "Место": "зал"}


def test_a_heading_of_two_lines_is_one_heading() -> None:
    (row,) = rows_of(
        table(
            ("№", "Наименование", "Срок", "Ответст-", "Ожидаемый"),
            ("п/п", "мероприятия", "исполнения", "венные", "результат"),
            ROW,
        )
    )
    assert row.cells[Role.RESPONSIBLE] == "Отдел"
    assert row.cells[Role.RESULT] == "Справка"


def test_two_columns_of_dates_are_one_range() -> None:
    (row,) = rows_of(
        table(
            ("№", "Мероприятие", "Дата начала", "Дата окончания"), ("1", "Урок", "01.09.2025", "05.09.2025")
        )
    )
    assert row.cells[Role.DEADLINE] == "01.09.2025 – 05.09.2025"


@pytest.mark.parametrize(
    "numbers", [("1", "2", "3", "4", "5"), ("1", "2", "3", "4", ""), ("1.", "2.", "3.", "", "")]
)
def test_a_row_that_numbers_the_columns_is_no_activity(numbers: tuple[str, ...]) -> None:
    assert titles(rows_of(table(HEADINGS, numbers, ROW))) == ["Семинар"]


def test_headings_and_their_numbers_repeated_on_each_page_are_passed_over() -> None:
    numbers = ("1", "2", "3", "4", "5")
    second = ("2", "Урок", "июнь", "ОО", "")
    found = rows_of(
        table(HEADINGS, numbers, ("Кадры", "", "", "", ""), ROW), table(HEADINGS, numbers, second)
    )
    assert titles(found) == ["Семинар", "Урок"]
    assert [row.section for row in found] == ["Кадры", "Кадры"]


@pytest.mark.parametrize(
    "section",
    [
        ("I направление – Управление", "", "", "", ""),
        ("", "Раздел 1. Управление", "", "", ""),
        ("1", "Управление", "", "", ""),
        ("I.", "Управление", "", "", ""),
        ("Управление", "Управление", "Управление", "Управление", "Управление"),
        (Cell("Управление"), Cell(beside=True), Cell(beside=True), Cell(beside=True), Cell(beside=True)),
    ],
)
def test_a_row_that_holds_only_a_heading_opens_a_section(section: tuple[str | Cell, ...]) -> None:
    found = rows_of(table(HEADINGS, section, ("1.1", "Семинар", "май", "Отдел", "")))
    assert len(found) == 1
    assert "Управление" in (found[0].section or "")


def test_a_numbered_row_without_a_date_is_an_activity_and_no_section() -> None:
    found = rows_of(table(HEADINGS, ("1", "Семинар", "", "", ""), ("2", "Урок", "май", "ОО", "")))
    assert titles(found) == ["Семинар", "Урок"]


def test_a_line_of_text_between_two_parts_of_a_table_is_a_section() -> None:
    found = rows_of(table(HEADINGS, ROW), "2. Качество", table(("2.1", "Урок", "июнь", "ОО", "")))
    assert [row.section for row in found] == [None, "2. Качество"]


def test_a_row_cut_by_a_page_break_in_three_columns_is_made_whole() -> None:
    (row,) = rows_of(
        table(HEADINGS, ("6.", "Утверждение списка", "сентябрь", "Отдел образования", "Приказ")),
        "- 3 -",
        table(("", "школ района", "2020 года", "МКУ «Центр»", "")),
    )
    assert row.cells[Role.TITLE] == "Утверждение списка школ района"
    assert row.cells[Role.DEADLINE] == "сентябрь 2020 года"
    assert row.cells[Role.RESPONSIBLE] == "Отдел образования МКУ «Центр»"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("Конкурс для школь-", "ников округа", "Конкурс для школьников округа"),
        ("Отбор школьников, награждение школь", "ников", "Отбор школьников, награждение школьников"),
        (
            "План научно-методический, научно-",
            "методический отчёт",
            "План научно-методический, научно-методический отчёт",
        ),
        ("Совет школы", "и родителей", "Совет школы и родителей"),
        ("Выпуск учебно-", "методических пособий", "Выпуск учебно-методических пособий"),
        ("Подбор техноло-", "гических карт", "Подбор технологических карт"),
        ("Анализ дефицитов,", "ГИА и ВПР", "Анализ дефицитов, ГИА и ВПР"),
    ],
)
def test_a_title_cut_by_a_page_break_is_healed(before: str, after: str, whole: str) -> None:
    (row,) = rows_of(table(HEADINGS, ("1", before, "май", "ОО", "")), table(("", after, "", "", "")))
    assert row.cells[Role.TITLE] == whole


@pytest.mark.parametrize(
    ("printed", "whole"),
    [
        ("Сентябр ь", "Сентябрь"),
        ("Сентябр ьдекабр ь", "Сентябрь декабрь"),
        ("Сентябр ь- декабр ь 2023", "Сентябрь- декабрь 2023"),
        ("ежемесяч но", "ежемесячно"),
        ("май – июнь 2021 г.", "май – июнь 2021 г."),
        ("по плану Минпросвещения", "по плану Минпросвещения"),
    ],
)
def test_words_of_a_date_cut_by_a_narrow_column_are_healed(printed: str, whole: str) -> None:
    (row,) = rows_of(table(HEADINGS, ("1", "Урок", printed, "ОО", "")))
    assert row.cells[Role.DEADLINE] == whole


def test_a_date_merged_over_two_rows_is_the_date_of_both() -> None:
    first, second = rows_of(table(HEADINGS, ROW, ("2", "Урок", BELOW, BELOW, "Отчёт")))
    assert second.cells[Role.DEADLINE] == first.cells[Role.DEADLINE]
    assert second.cells[Role.RESPONSIBLE] == "Отдел"
    assert second.cells[Role.RESULT] == "Отчёт"


def test_an_activity_merged_over_two_rows_is_one_with_both_dates() -> None:
    (row,) = rows_of(table(HEADINGS, ROW, (BELOW, BELOW, "октябрь", "ОО", "")))
    assert row.cells[Role.DEADLINE] == "май октябрь"


def test_rows_without_numbers_are_told_by_their_titles() -> None:
    found = rows_of(
        table(
            ("Мероприятие", "Срок", "Ответственные"),
            ("Семинар для учителей", "май", "ОО"),
            ("начальных классов", "", ""),
            ("Урок", "июнь", "ОО"),
        )
    )
    assert titles(found) == ["Семинар для учителей начальных классов", "Урок"]


@pytest.mark.parametrize(
    ("heading", "row", "kept", "noted"),
    [
        (("Соисполнители", "Ответственный исполнитель"), ("ОО", "Отдел"), {Role.RESPONSIBLE: "Отдел"}, "ОО"),
        (
            ("Вид документа", "Планируемый результат"),
            ("Приказ", "Обучено 20"),
            {Role.RESULT: "Обучено 20"},
            "Приказ",
        ),
        (("Месяц", "Срок"), ("май", "до 5 мая"), {Role.DEADLINE: "до 5 мая"}, "май"),
    ],
)
def test_of_two_columns_of_one_kind_the_one_that_says_so_best_is_taken(
    heading: tuple[str, str], row: tuple[str, str], kept: dict[Role, str], noted: str
) -> None:
    whole = ("Мероприятие", *heading) if Role.DEADLINE in kept else ("Мероприятие", "Срок", *heading)
    cells = ("Урок", *row) if Role.DEADLINE in kept else ("Урок", "июнь", *row)
    (found,) = rows_of(table(whole, cells))
    assert found.cells.items() >= kept.items()
    assert list(found.notes.values()) == [noted]


def test_numbers_under_an_empty_heading_are_numbers() -> None:
    first, second = rows_of(table(("", *HEADINGS[1:]), ROW, ("2", "Урок", "июнь", "ОО", "")))
    assert (first.cells[Role.NUMBER], second.cells[Role.NUMBER]) == ("1", "2")


def test_numbers_printed_before_the_activities_are_numbers() -> None:
    found = rows_of(table(HEADINGS[1:4], ("1. Семинар", "май", "ОО"), ("2. Урок", "июнь", "ОО")))
    assert [(row.cells[Role.NUMBER], row.cells[Role.TITLE]) for row in found] == [
        ("1.", "Семинар"),
        ("2.", "Урок"),
    ]


def test_a_heading_over_two_columns_is_told_by_the_line_under_it() -> None:
    heading = ("№", "Мероприятие", "Реализация", Cell(beside=True), "Результат")
    (row,) = rows_of(table(heading, ("", "", "Срок", "Ответственный", ""), ROW))
    assert (row.cells[Role.DEADLINE], row.cells[Role.RESPONSIBLE]) == ("май", "Отдел")


def test_a_title_over_the_headings_is_no_heading() -> None:
    (row,) = rows_of(table(("План мероприятий", "", "", "", ""), HEADINGS, ROW))
    assert (row.cells[Role.NUMBER], row.cells[Role.TITLE]) == ("1", "Семинар")


def test_a_row_goes_on_under_the_headings_of_the_next_page() -> None:
    found = rows_of(
        table(HEADINGS, ("1", "Проверка школ", "сентябр", "Отдел", "Справка о")),
        "- 2 -",
        table(HEADINGS, ("", "", "ь 2026 года", "образования", "школах"), ("2", "Урок", "июнь", "ОО", "")),
    )
    assert [row.cells[Role.DEADLINE] for row in found] == ["сентябрь 2026 года", "июнь"]
    assert found[0].cells[Role.RESPONSIBLE] == "Отдел образования"


def test_a_section_between_parts_of_a_table_without_numbers_is_told_by_the_date_under_it() -> None:
    heading = ("Срок", "Мероприятие", "Ответственные")
    found = rows_of(
        table(heading),
        "Направление 1. Кадры",
        table(("май", "Семинар", "Отдел")),
        "Направление 2. Уроки",
        table(("до 1 июня", "Урок", "ОО")),
    )
    assert [row.section for row in found] == ["Направление 1. Кадры", "Направление 2. Уроки"]


def test_a_section_of_two_lines_is_one_where_the_numbers_go_on() -> None:
    second = ("2", "Урок", "июнь", "ОО", "")
    found = rows_of(table(HEADINGS, ROW), "2. Работа с родителями", "и учениками", table(second))
    assert found[1].section == "2. Работа с родителями и учениками"


def test_a_second_date_under_the_first_is_a_row_of_its_own() -> None:
    found = rows_of(
        table(HEADINGS, ("1", "Семинары:", "май", "Отдел", ""), ("", "- второй", "июль", "ОО", ""))
    )
    assert [row.cells[Role.DEADLINE] for row in found] == ["май", "июль"]


def test_a_numbered_section_at_the_foot_of_a_page_is_known_by_the_number_on_the_next() -> None:
    second = ("2.1", "Урок", "июнь", "ОО", "")
    found = rows_of(table(HEADINGS, ROW, ("2.", "Уроки", "", "", "")), table(HEADINGS, second))
    assert [(row.section, row.cells[Role.TITLE]) for row in found] == [
        (None, "Семинар"),
        ("2. Уроки", "Урок"),
    ]


def test_a_row_without_a_number_goes_on_with_the_rest_of_its_date() -> None:
    heading = ("Срок", "Мероприятие", "Ответственные")
    found = rows_of(
        table(heading, ("в течение учебного", "Индивидуальные", "ОО")),
        table(heading, ("года", "консультации", ""), ("май", "Урок", "ОО")),
    )
    assert [row.cells[Role.DEADLINE] for row in found] == ["в течение учебного года", "май"]


def test_signs_for_the_same_as_above_stand_for_it() -> None:
    _, second = rows_of(table(HEADINGS, ROW, ("2", "Урок", "-//-", "-//-", "")))
    assert (second.cells[Role.DEADLINE], second.cells[Role.RESPONSIBLE]) == ("май", "Отдел")


@pytest.mark.parametrize(
    ("said", "heading"),
    [
        ("График посещения школ", ("№", "Школа", "Дата", "Ответственный")),
        ("Список школ", ("№", "Наименование", "Срок аккредитации", "Адрес")),
    ],
)
def test_the_table_of_another_annex_is_no_plan(said: str, heading: tuple[str, ...]) -> None:
    other = table(heading, ("1", "СОШ № 1", "май", "Первая А.А."))
    assert titles(rows_of(table(HEADINGS, ROW), "Приложение № 2", said, other)) == ["Семинар"]


def test_a_second_plan_with_other_columns_follows_the_first_one() -> None:
    other = table(("Ответственный", "№", "Дата", "Содержание работы"), ("ОО", "1", "июнь", "Урок"))
    found = rows_of(table(HEADINGS, ROW), "Приложение № 2", "План работы школ", other)
    assert titles(found) == ["Семинар", "Урок"]
    assert found[1].section == "План работы школ"


def test_numbers_that_repeat_are_kept_as_printed() -> None:
    found = rows_of(table(HEADINGS, ROW, ("1", "Урок", "июнь", "ОО", "")))
    assert [row.cells[Role.NUMBER] for row in found] == ["1", "1"]


def test_other_tables_of_the_file_are_not_part_of_the_plan() -> None:
    people = table(("Фамилия", "Должность"), ("Первая А.А.", "методист"))
    schools = table(("№", "Школа"), ("1", "СОШ № 1"))
    found = rows_of(people, table(HEADINGS, ROW), "Приложение № 2", "Список школ", schools)
    assert titles(found) == ["Семинар"]


def test_a_file_without_such_a_table_is_not_an_order() -> None:
    with pytest.raises(NotAnOrder):
        rows_of("Приказ", table(("Фамилия", "Должность"), ("Первая А.А.", "методист")))


def test_more_rows_than_any_plan_has_are_refused() -> None:
    with pytest.raises(TooLarge):
        rows_of(table(HEADINGS, *((str(n), "Урок", "май", "ОО", "") for n in range(6000))))


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_row_that_says_it_is_a_section_is_one_in_whatever_column_it_stands(place: int) -> None:
    section = tuple("Раздел 2. Кадры" if place == one else "" for one in range(len(HEADINGS)))
    found = rows_of(table(HEADINGS, ROW, section, ("2", "Урок", "июнь", "ОО", "")))
    assert [row.section for row in found] == [None, "Раздел 2. Кадры"]
    assert found[0].cells[Role.DEADLINE] == "май"


def test_words_that_are_no_date_alone_under_dates_are_a_section() -> None:
    section = ("", "", "Работа с кадрами", "", "")
    found = rows_of(table(HEADINGS, ROW, section, ("2", "Урок", "июнь", "ОО", "")))
    assert [row.section for row in found] == [None, "Работа с кадрами"]


def test_a_second_date_alone_in_its_row_belongs_to_the_row_above() -> None:
    (row,) = rows_of(table(HEADINGS, ROW, ("", "", "Сентябрь", "", "")))
    assert row.cells[Role.DEADLINE] == "май Сентябрь"


@pytest.mark.parametrize(
    "section", ["II. Методические меры", "Раздел 2. Методические меры", "2. Методический этап"]
)
def test_a_section_is_known_over_the_words_that_explain_it(section: str) -> None:
    explained = "Мероприятия раздела проводятся на базе площадок. График размещается на сайте."
    found = rows_of(table(HEADINGS, ROW), section, explained, table(HEADINGS, ROW))
    assert [row.section for row in found] == [None, section]


def test_sentences_between_two_tables_are_no_section() -> None:
    found = rows_of(table(HEADINGS, ROW), "Сроки уточняются.", "Отчёты сдаются.", table(HEADINGS, ROW))
    assert [row.section for row in found] == [None, None]


def test_the_tasks_listed_above_a_plan_are_no_sections() -> None:
    found = rows_of("Задача 1. Найти риски", "Задача 2. Учить педагогов", table(HEADINGS, ROW))
    assert found[0].section is None


def test_the_mark_that_a_table_goes_on_is_no_section() -> None:
    found = rows_of(
        "Раздел 1. Кадры", table(HEADINGS, ROW), "Продолжение таблицы", table(HEADINGS, ("2", *ROW[1:]))
    )
    assert [row.section for row in found] == ["Раздел 1. Кадры"] * 2


def test_the_end_of_a_range_has_a_column_of_its_own_under_merged_dates() -> None:
    (row,) = rows_of(
        table(
            ("№", "Мероприятие", "Сроки", "", "Ответственные"),
            ("", "", "Начало", "Окончание", ""),
            ("1", "Урок", "01.09.2025", "05.09.2025", "ОО"),
        )
    )
    assert row.cells[Role.DEADLINE] == "01.09.2025 – 05.09.2025"


def test_a_mark_under_a_month_is_a_date_in_that_month() -> None:
    plan = table(
        ("№", "Мероприятие", "Сроки", "", "", "", "Ответственный"),
        ("", "", "сент.", "окт.", "нояб.", "дек.", ""),
        ("1", "Урок", "+", "", "X", "", "Отдел"),
        ("2", "Сбор", "", "✓", Cell(beside=True), "", "ОО"),
        ("3", "Слёт", "", "", "", "25", "ОО"),
        ("4", "Форум", "", "", "", "по плану", "ОО"),
    )
    found = read_rows(with_dates_in_words(Grid((plan,))))
    assert [row.cells[Role.DEADLINE] for row in found] == [
        *("сентябрь, ноябрь", "октябрь, ноябрь", "25 декабря", "по плану")
    ]
    assert [row.cells[Role.RESPONSIBLE] for row in found] == ["Отдел", "ОО", "ОО", "ОО"]


def test_months_beside_a_column_of_dates_are_no_dates() -> None:
    plan = table(
        ("№", "Мероприятие", "Срок", "I", "II", "III", "IV"), ("1", "Урок", "май", "10", "20", "30", "40")
    )
    grid = Grid((plan,))
    assert with_dates_in_words(grid) == grid
