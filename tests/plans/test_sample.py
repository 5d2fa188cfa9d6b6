"""The order of the demo, on any day it may be shown."""

from datetime import date, timedelta

import pytest

from plans.deadline import Undated, Unknown, Window
from plans.plan import Plan
from plans.read import read_plan
from plans.sample import sample_order

DAYS = [date(2025, 1, 1) + timedelta(days=days) for days in range(0, 4 * 365, 37)]
EDGES = [date(2025, 2, 28), date(2027, 1, 31), date(2028, 2, 29), date(2028, 12, 31)]


def shown_on(day: date) -> Plan:
    return read_plan(sample_order(day).encode(), "order.txt")


@pytest.mark.parametrize("day", DAYS + EDGES)
def test_every_row_is_understood_on_any_day(day: date) -> None:
    plan = shown_on(day)
    assert len(plan.rows) == 24
    assert len({row.section for row in plan.rows}) == 4
    assert all(row.deadlines and row.responsible for row in plan.rows)
    assert not [one for row in plan.rows for one in row.deadlines if isinstance(one, Unknown)]
    assert plan.remarks == ()


def test_some_dates_are_past_some_are_near_and_some_are_none() -> None:
    today = date(2026, 9, 7)
    found = [one for row in shown_on(today).rows for one in row.deadlines]
    ends = [one.end for one in found if isinstance(one, Window)]
    assert any(end < today for end in ends)
    assert sum(today <= end <= today + timedelta(days=14) for end in ends) >= 3
    assert any(isinstance(one, Undated) for one in found)


def test_the_head_is_that_of_a_real_order() -> None:
    head = shown_on(date(2026, 9, 7)).document
    assert head.issuer == "Отдел образования администрации Заречного муниципального округа"
    assert (head.number, head.date) == ("214-о", date(2026, 8, 3))
    assert head.region_timezone == "Europe/Moscow"
