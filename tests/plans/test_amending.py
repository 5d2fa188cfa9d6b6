"""An amending order applied to the rows in force: replaced, dropped, added, matched by likeness."""

import datetime as dt

import pytest

from plans.amending import next_edition
from plans.deadline import Window
from plans.matching import match_rows
from plans.plan import Change, ChangeOp, Row


def row(
    number: str | None, title: str, *, section: str | None = None, who: str = "ОО", when: str = "май"
) -> Row:
    deadlines = (Window(dt.date(2026, 5, 1), dt.date(2026, 5, 31)),) if when else ()
    return Row(number, section, title, when, deadlines, (who,) if who else (), who, None, ())


BEFORE = (row("1.", "Семинар"), row("2.", "Анализ работ"), row("3.", "Консультации"))
REPLACE, DROP, ADD = ChangeOp.REPLACE, ChangeOp.DROP, ChangeOp.ADD


def shown(*changes: Change, order: tuple[Row, ...] = ()) -> list[tuple[str, int | None]]:
    return [(one.row.title, one.before) for one in next_edition(BEFORE, order, changes).rows]


def test_a_replaced_row_stays_in_its_place_a_dropped_one_goes_and_an_added_one_comes_in_order() -> None:
    order = (row("2", "Анализ контрольных"), row("2.1", "Сверка"))
    changes = (Change(REPLACE, "2"), Change(DROP, "1"), Change(ADD, "2.1"))
    assert shown(*changes, order=order) == [("Анализ контрольных", 1), ("Сверка", None), ("Консультации", 2)]


def test_a_row_is_put_after_the_one_the_order_names() -> None:
    assert [title for title, _ in shown(Change(ADD, "4", after="1"), order=(row("4", "Новый"),))] == [
        *("Семинар", "Новый", "Анализ работ", "Консультации"),
    ]


def test_what_the_new_wording_does_not_say_stays_as_it_was() -> None:
    made = next_edition(BEFORE, (row("2", "Анализ", who="", when=""),), (Change(REPLACE, "2"),)).rows[1].row
    assert (made.responsible_text, made.deadline_text, made.deadlines) == ("ОО", "май", BEFORE[1].deadlines)


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (Change(REPLACE, "7"), (row("7", "Нет такого"),)),
        (Change(DROP, "9"), ()),
        (Change(ADD, "5", after="9"), (row("5", "Новый"),)),
        (Change(ADD, "5"), ()),
    ],
)
def test_a_change_that_finds_no_row_is_told_and_changes_nothing(
    change: Change, order: tuple[Row, ...]
) -> None:
    made = next_edition(BEFORE, order, (change,))
    assert made.unplaced == (change,)
    assert [one.row for one in made.rows] == list(BEFORE)


def test_a_row_of_which_only_words_change_is_left_to_a_person() -> None:
    made = next_edition(BEFORE, (), (Change(REPLACE, "2"),))
    assert (made.unplaced, made.unworded) == ((), (Change(REPLACE, "2"),))
    assert [one.row for one in made.rows] == list(BEFORE)


def test_where_numbers_repeat_the_section_tells_which_row_is_meant() -> None:
    before = (row("1", "Семинар", section="А"), row("1", "Анализ", section="Б"))
    order = (row("1", "Анализ работ", section="Б"),)
    assert next_edition(before, order, (Change(REPLACE, "1"),)).rows[1].row.title == "Анализ работ"
    assert next_edition(before, (), (Change(DROP, "1"),)).unplaced == (Change(DROP, "1"),)


def test_in_a_whole_new_edition_rows_are_known_by_their_words_though_numbers_shift() -> None:
    order = (row("1", "Анализ работ"), row("2", "Консультации"), row("3", "Новый конкурс"))
    assert [one.before for one in next_edition(BEFORE, order, ()).rows] == [1, 2, None]


def test_a_reworded_row_of_the_same_number_is_the_same_row_and_a_stranger_is_not() -> None:
    before = [row("1", "Проведение семинара для заместителей директоров")]
    assert match_rows(before, [row("1", "Проведение семинаров для директоров и заместителей")]) == [0]
    assert match_rows(before, [row("1", "Закупка оборудования")]) == [None]
    assert match_rows(before, [row("5", "Проведение семинара для заместителей директоров школ")]) == [0]


def test_no_row_is_two_rows_at_once() -> None:
    twins = [row("1", "Анализ работ"), row("2", "Анализ работ")]
    assert match_rows(BEFORE[1:2], twins) in ([0, None], [None, 0])
