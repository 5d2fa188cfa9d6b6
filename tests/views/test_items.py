"""The reminder of one item and of several: what confirms each, and its target."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.assignments import AssignmentState
from plans.control import ControlKind
from plans.plan import Comparison, Target
from services.items import ItemView
from views import items
from views.screen import visible

TODAY = date(2026, 11, 2)
WANTED = "Цель: не менее 60 % педагогов. Напишите, сколько из скольких."
SHARE = Target(Comparison.AT_LEAST, 60.0, "%", "педагогов")


def item(number: int, **changed: Any) -> ItemView:
    facts: dict[str, Any] = {
        "assignment_id": number,
        "number": f"1.{number}",
        "title": "Курсы по оцениванию",
        "organisation": "СОШ № 1",
        "due": TODAY + timedelta(days=number),
        "days_left": number,
        "state": AssignmentState.AWAITED,
        "checkpoint": ControlKind.FINAL,
        "expected_result": "Справка о прохождении курсов",
    }
    return ItemView(**facts | changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Подтвердит: Справка о прохождении курсов."),
        (
            {"target": SHARE},
            f"Подтвердит: Справка о прохождении курсов. {WANTED}",
        ),
        (
            {"expected_result": "Не менее 60% педагогов прошли курсы.", "target": SHARE},
            "Подтвердит: Не менее 60% педагогов прошли курсы. Напишите, сколько из скольких.",
        ),
        (
            {"expected_result": None, "target": SHARE},
            WANTED,
        ),
        ({"checkpoint": ControlKind.INTERIM}, "Работа идёт весь период: что сделано за квартал?"),
        (
            {"checkpoint": ControlKind.QUESTION},
            "Срок в плане не назван: ответьте, было ли это в прошедшем квартале.",
        ),
    ],
)
def test_each_item_of_a_bundle_says_what_confirms_it_and_its_target(
    changed: dict[str, Any], said: str
) -> None:
    text = visible(items.reminder([item(1, **changed), item(2)]).text).split("\n")
    (place,) = (at for at, line in enumerate(text) if "п. 1.1 " in line)
    assert text[place + 1] == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (31, "до 3 декабря, остался 31 день"),
        (3, "до 5 ноября, осталось 3 дня"),
        (1, "до 3 ноября — завтра"),
        (0, "срок сегодня"),
        (-1, "срок был 1 ноября, прошёл 1 день"),
        (-5, "срок был 28 октября, прошло 5 дней"),
    ],
)
def test_how_far_a_date_is_agrees_with_its_number(days: int, said: str) -> None:
    assert items.when(item(1, due=TODAY + timedelta(days=days), days_left=days)) == said


def test_an_item_whose_row_names_no_result_has_no_line_of_its_own_in_a_bundle() -> None:
    text = visible(items.reminder([item(1, expected_result=None), item(2)]).text).split("\n")
    assert [line[:8] for line in text[2:6]] == ["🟡 п. 1.1", "", "🟡 п. 1.2", "Подтверд"]
