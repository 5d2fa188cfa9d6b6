"""Tables that have lost their lines: pasted into a chat, a cell a paragraph, a row a line."""

import pytest

from plans.plan import NotAnOrder, Plan, Row
from plans.read import read_plan

HEAD = "ПРИКАЗ\n\n12.01.2026 № 15\n\nПлан мероприятий на 2026 год\n\n"
TAIL = "\n\nПриложение № 2\n\nСостав рабочей группы\n\nПервая Анна Анатольевна, методист\n"
ROWS = (
    ("1.", "Семинар для учителей", "до 15 марта 2026 года", "Методический кабинет", "Справка"),
    (
        "2.",
        "Диагностика в 9 и 11 классах",
        "апрель – май 2026 г.",
        "Школы района, отдел образования",
        "Отчёт",
    ),
    ("3.", "Беседы с родителями", "в течение года", "Школы района", "100 % родителей"),
)
HEADINGS = ("№ п/п", "Мероприятие", "Срок исполнения", "Ответственные", "Ожидаемый результат")


def plan_of(text: str) -> Plan:
    return read_plan((HEAD + text + TAIL).encode(), "приказ.txt")


def cells_of(row: Row) -> tuple[str | None, ...]:
    return (row.number, row.title, row.deadline_text, row.responsible_text, row.expected_result)


def lines(sign: str) -> str:
    return "\n".join(sign.join(row) for row in (HEADINGS, *ROWS))


def aligned() -> str:
    widths = [max(len(row[place]) for row in (HEADINGS, *ROWS)) + 2 for place in range(len(HEADINGS))]
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEADINGS, *ROWS)
    )


def markdown() -> str:
    made = ["| " + " | ".join(row) + " |" for row in (HEADINGS, *ROWS)]
    return "\n".join([made[0], "|:--|---|:-:|---|---|", *made[1:]])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lines(" | "), id="bars"),
        pytest.param(markdown(), id="markdown"),
        pytest.param(lines("; "), id="semicolons"),
        pytest.param(aligned(), id="spaces"),
        pytest.param(lines("\n"), id="a cell a line"),
        pytest.param(lines("\n\n"), id="a cell a paragraph"),
        pytest.param(lines(" "), id="a row a line"),
        pytest.param(lines(" ").replace("\n", " "), id="all on one line"),
        pytest.param(lines(" ").replace("Диагностика в", "Диагностика в\n"), id="a row broken into lines"),
    ],
)
def test_a_table_is_read_whatever_became_of_its_lines(text: str) -> None:
    assert tuple(cells_of(row) for row in plan_of(text).rows) == ROWS


@pytest.mark.parametrize("sign", [" | ", "\n", " "])
def test_the_columns_may_stand_in_any_order(sign: str) -> None:
    order = (0, 3, 1, 2, 4)
    text = "\n".join(sign.join(row[place] for place in order) for row in (HEADINGS, *ROWS))
    assert tuple(cells_of(row) for row in plan_of(text).rows) == ROWS


def test_cells_of_several_lines_between_bars_are_made_whole() -> None:
    (first, second) = plan_of(
        """
+-----+----------------+-----------+--------------+
| №   | Мероприятие    | Срок      | Исполнители  |
+-----+----------------+-----------+--------------+
| 1   | Создание       | январь    | Отдел        |
|     | рабочей группы | 2026 года | образования  |
+-----+----------------+-----------+--------------+
| 2   | Семинар        | май       | Школы района |
+-----+----------------+-----------+--------------+
"""
    ).rows
    assert (first.title, first.deadline_text) == ("Создание рабочей группы", "январь 2026 года")
    assert first.responsible == ("Отдел образования",)
    assert second.title == "Семинар"


@pytest.mark.parametrize(
    "text",
    [
        "№ Мероприятие Срок Ответственные\n1. Кадры\n1.1. Семинар май Отдел\n2. Уроки\n2.1. Урок июнь Школы",
        "№ Мероприятие Срок Ответственные 1. Кадры 1.1. Семинар май Отдел 2. Уроки 2.1. Урок июнь Школы",
        "№\nМероприятие\nСрок\nОтветственные\n1.\nКадры\n1.1.\nСеминар\nмай\nОтдел\n2.\nУроки\n2.1.\nУрок\nиюнь\nОО",
        "№ | Действие | Срок | Кто\n1. Кадры\n1.1. | Семинар | май | ОО\n2. Уроки\n2.1. | Урок | июнь | ОО",
    ],
)
def test_sections_are_found_in_every_layout(text: str) -> None:
    found = [(row.section, row.number, row.title) for row in plan_of(text).rows]
    assert found == [("1. Кадры", "1.1.", "Семинар"), ("2. Уроки", "2.1.", "Урок")]


def test_a_list_with_labels_is_a_plan() -> None:
    plan = plan_of(
        "1. Семинар. Срок: май 2026 г. Ответственный: методист Первая А.А.\n"
        "2. Урок (срок – до 1 июня 2026 года; ответственные – школы района, отдел образования).\n"
        "3. Сбор\nСрок: июль 2026 года\nОтветственный: школы района\nРезультат: не менее 20 учителей\n"
    )
    assert [(row.number, row.title, row.deadline_text) for row in plan.rows] == [
        ("1.", "Семинар", "май 2026 г."),
        ("2.", "Урок", "до 1 июня 2026 года"),
        ("3.", "Сбор", "июль 2026 года"),
    ]
    assert plan.rows[1].responsible == ("школы района", "отдел образования")
    assert plan.rows[2].expected_result == "не менее 20 учителей"
    assert plan.duties == ()


def test_points_of_an_order_with_dates_and_executors_are_its_plan_where_it_has_no_other() -> None:
    points = "\n".join(f"{n}. Провести сбор. Срок: май 2026 года. Ответственный: школы." for n in (1, 2, 3))
    plan = read_plan(
        f"ПРИКАЗ\n\n12.01.2026 № 15\n\nО сборах\n\n{points}\n4. Контроль за мной.".encode(), "а.txt"
    )
    assert [row.number for row in plan.rows] == ["1.", "2.", "3."]


def test_two_dated_points_are_duties_and_no_plan() -> None:
    with pytest.raises(NotAnOrder):
        read_plan("ПРИКАЗ\n\n1. Утвердить.\n2. Провести. Срок: май.\n3. Сдать. Срок: июнь.".encode(), "а.txt")
