import pytest

from plans.plan import Plan
from plans.read import read_plan

HEAD = "ПРИКАЗ\n\n10.01.2023 № 1\n\nПлан мероприятий на {years}\n\n№\tМероприятие\tСрок\tОтветственные\n"


def plan_with(*rows: str, years: str = "2023 год", before: str = "") -> Plan:
    text = before + HEAD.format(years=years) + "\n".join(row.replace("|", "\t") for row in rows)
    return read_plan(text.encode(), "приказ.txt")


def said(plan: Plan) -> list[tuple[str | None, str]]:
    return [(remark.row, remark.code.value) for remark in plan.remarks]


def test_a_sound_plan_gets_no_remarks() -> None:
    assert said(plan_with("1|Семинар|май 2023|Отдел", "2|Урок|весь период|ОО")) == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1|Семинар|до 9 января 2023 года|Отдел", "before_order"),
        ("1|Семинар|май 2024|Отдел", "outside_period"),
        ("1|Семинар|14.03.2023 – 18.03.2023|Отдел", "odd_week"),
        ("1|Семинар|с 10.06.2023 по 01.06.2023|Отдел", "inverted"),
        ("1|Семинар||Отдел", "no_deadline"),
        ("1|Семинар|май|", "no_executor"),
        ("1|Семинар|когда зацветёт сирень|Отдел", "unknown_deadline"),
    ],
)
def test_a_row_gets_the_remark_it_deserves(row: str, code: str) -> None:
    assert said(plan_with(row)) == [("1", code)]


@pytest.mark.parametrize("dates", ["13.03.2023 – 17.03.2023", "14.03.2023 – 17.03.2023", "март 2023"])
def test_a_week_of_working_days_is_not_odd(dates: str) -> None:
    assert said(plan_with(f"1|Семинар|{dates}|Отдел")) == []


def test_a_year_of_the_period_without_any_date_is_noticed() -> None:
    plan = plan_with("1|Семинар|май 2023|Отдел", "2|Урок|весь период|ОО", years="2023-2024 годы")
    assert [(remark.code.value, dict(remark.facts)) for remark in plan.remarks] == [
        ("empty_year", {"year": 2024})
    ]


def test_annexes_named_but_missing_are_noticed() -> None:
    named = "1. Утвердить план (приложение № 1) и состав (приложение № 2).\n\nПриложение № 1\n\n"
    plan = plan_with("1|Семинар|май|Отдел", before=named)
    assert [(remark.code.value, dict(remark.facts)) for remark in plan.remarks] == [
        ("missing_annex", {"annex": 2})
    ]


def test_two_rows_alike_in_wording_are_noticed() -> None:
    plan = plan_with(
        "1|Проведение семинаров для заместителей директоров по итогам года|май|Отдел",
        "2|Проведение семинаров по итогам учебного года для заместителей директоров|май|Отдел",
        "3|Посещение семинаров для заместителей директоров по итогам года|май|Отдел",
        "4|Проведение семинаров для заместителей директоров по итогам года|июнь|Отдел",
    )
    assert said(plan) == [("2", "near_duplicate")]


def test_the_same_words_in_another_order_are_noticed_whatever_the_date() -> None:
    plan = plan_with(
        "1|Проведение семинаров по анализу рисков для директоров|май|Отдел",
        "2|Проведение для директоров семинаров по анализу рисков|декабрь|Отдел",
        "3|Проведение семинаров по анализу рисков для директоров|июль|Отдел",
    )
    assert said(plan) == [("2", "near_duplicate")]


def test_the_same_words_in_another_order_are_noticed_where_an_executor_is_the_same() -> None:
    plan = plan_with(
        "1|Проведение семинаров по анализу рисков для директоров|май|Отдел образования, ОО",
        "2|Проведение для директоров семинаров по анализу рисков|май|отдел образования",
        "3|Для директоров проведение семинаров по анализу рисков|май|Школы",
    )
    assert said(plan) == [("2", "near_duplicate")]


def test_an_executor_spelled_unlike_what_the_order_abbreviates_is_noticed() -> None:
    plan = plan_with(
        "1|Семинар|май|Управление образования (далее – УО)",
        "2|Урок|июнь|УО",
        "3|Сбор|июль|Управление образование",
    )
    assert said(plan) == [("3", "abbreviation")]


def test_a_table_without_a_column_of_executors_gets_one_remark() -> None:
    text = "План на 2023 год\n\n№\tМероприятие\tСрок\n1\tСеминар\tмай\n2\tУрок\tиюнь\n"
    assert said(read_plan(text.encode(), "план.txt")) == [(None, "no_executor")]


def test_a_number_given_twice_is_noticed_but_not_in_two_sections() -> None:
    twice = plan_with("1|Семинар|май|Отдел", "1|Урок|июнь|ОО")
    assert said(twice) == [("1", "repeated_number")]
    anew = plan_with("Кадры|||", "1|Семинар|май|Отдел", "Уроки|||", "1|Урок|июнь|ОО")
    assert said(anew) == []


def test_an_abbreviation_that_nothing_defines_is_noticed() -> None:
    plan = plan_with("1|Семинар|май|ЦМПР", "2|Урок|июнь|ОО")
    assert [(remark.code.value, remark.facts["short"]) for remark in plan.remarks] == [
        ("abbreviation", "ЦМПР")
    ]


def test_an_executor_spelled_one_letter_unlike_the_others_is_noticed() -> None:
    plan = plan_with(
        "1|Семинар|май|Отдел образование", "2|Урок|июнь|Отдел образования", "3|Сбор|июль|Отдел образования"
    )
    assert said(plan) == [("1", "abbreviation")]


def test_schools_that_differ_by_their_numbers_are_no_misprints() -> None:
    plan = plan_with("1|Семинар|май|МБОУ СОШ № 1", "2|Урок|июнь|МБОУ СОШ № 2", "3|Сбор|июль|МБОУ СОШ № 2")
    assert said(plan) == []


def test_a_row_like_many_earlier_ones_gets_one_remark() -> None:
    alike = [f"{n}|Проведение семинаров для заместителей директоров|май|Отдел" for n in range(1, 5)]
    assert said(plan_with(*alike)) == [(str(n), "near_duplicate") for n in range(2, 5)]
