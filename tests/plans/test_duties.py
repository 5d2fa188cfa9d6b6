from plans.duties import Duty, read_duties
from plans.grid import TextBlock


def duties_of(*paragraphs: str) -> list[Duty]:
    return read_duties([TextBlock(paragraph) for paragraph in paragraphs])


def test_a_point_with_a_date_is_a_duty_of_whom_the_order_speaks_to() -> None:
    found = duties_of(
        "2. Руководителям школ:\n2.1. Назначить координаторов.\nСрок: до 01.09.2023\n2.2. Без даты."
    )
    assert found == [Duty("2.1", "Назначить координаторов.", "до 01.09.2023", "Руководителям школ")]


def test_a_date_and_an_executor_in_the_line_of_the_point_are_found() -> None:
    (duty,) = duties_of(
        "3. Провести семинар. Срок исполнения: май 2023 года.", "Ответственный: методист Первая А.А."
    )
    assert (duty.text, duty.date, duty.responsible) == (
        "Провести семинар.",
        "май 2023 года",
        "методист Первая А.А.",
    )


def test_a_date_put_one_point_too_low_by_a_page_break_is_given_back() -> None:
    found = duties_of(
        "2.1 Выполнить план.\n2.2 Организовать работу школ",
        "Срок: в течение года",
        "и учителей.",
        "Срок: постоянно",
    )
    assert [(duty.number, duty.text, duty.date) for duty in found] == [
        ("2.1", "Выполнить план.", "в течение года"),
        ("2.2", "Организовать работу школ и учителей.", "постоянно"),
    ]


def test_an_order_without_dates_in_its_points_has_no_duties() -> None:
    assert duties_of("1. Утвердить план.", "2. Контроль оставляю за собой.") == []


def test_the_full_stop_of_a_year_is_part_of_the_date() -> None:
    (duty,) = duties_of("4. Разработать планы. Срок: до 20.09.2026 г.")
    assert duty.date == "до 20.09.2026 г."


def test_a_person_named_above_the_points_is_told_by_name() -> None:
    (duty,) = duties_of("3. Директору МКУ «Центр» Первой А.А.:", "3.1. Сдать отчёт. Срок: май 2027 года")
    assert duty.responsible == "Директору МКУ «Центр» Первой А.А."
