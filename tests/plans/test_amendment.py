from datetime import date

import pytest

from plans.amendment import read_amendment
from plans.grid import Grid, TextBlock
from plans.plan import Change, ChangeOp, Document, NotAnOrder, Plan
from plans.read import read_plan

ABOUT = (
    "О внесении изменений в приказ отдела образования от 10.09.2025 № 140 «Об утверждении плана на 2026 год»"
)


def grid_of(*paragraphs: str) -> Grid:
    return Grid(tuple(TextBlock(paragraph) for paragraph in paragraphs))


def test_an_amending_order_says_which_order_it_changes_and_how() -> None:
    found = read_amendment(
        grid_of(
            "О внесении изменений\nв приказ Управления образования\nот 10.09.2024 № 140 «О плане «Успех»»",
            "1. Пункты плана: пункт 3.2 изложить в новой редакции;",
            "строку 4 читать в следующей редакции;",
            "после пункта 5 дополнить пунктом 5.1;",
            "исключить пункт 7; пункт 8 признать утратившим силу.",
        )
    )
    assert found is not None
    assert found.document == Document("О плане «Успех»", "Управление образования", "140", date(2024, 9, 10))
    assert found.changes == (
        Change(ChangeOp.REPLACE, "3.2"),
        Change(ChangeOp.REPLACE, "4"),
        Change(ChangeOp.ADD, "5.1", "5"),
        Change(ChangeOp.DROP, "7"),
        Change(ChangeOp.DROP, "8"),
    )


def test_an_order_that_approves_a_plan_amends_nothing() -> None:
    assert read_amendment(grid_of("ПРИКАЗ", "Об утверждении плана", "1. Утвердить план.")) is None


def changes_of(point: str) -> list[tuple[str, str, str | None]]:
    found = read_amendment(grid_of(ABOUT, point))
    assert found is not None
    return [(change.op.value, change.number, change.after) for change in found.changes]


@pytest.mark.parametrize(
    ("point", "changes"),
    [
        ("Пункты 4, 7 и 9 исключить.", [("drop", "4", None), ("drop", "7", None), ("drop", "9", None)]),
        ("строки № 3, № 4 исключить", [("drop", "3", None), ("drop", "4", None)]),
        ("Признать утратившими силу пункты 7 и 10.2.", [("drop", "7", None), ("drop", "10.2", None)]),
        ("пункты 3–5 признать утратившими силу", [("drop", one, None) for one in ("3", "4", "5")]),
        ("в пункте 5 слова «май» заменить словами «июнь»", [("replace", "5", None)]),
        (
            "в графе «Срок исполнения» пункта 5 слова «до 1 мая» заменить словами «до 1 июня»",
            [("replace", "5", None)],
        ),
        ("в строке 6 слова «и родители» исключить", [("replace", "6", None)]),
        ("пункт 5 дополнить словами «и школы»", [("replace", "5", None)]),
        ("Изложить пункты 1.2 и 3 в новой редакции.", [("replace", "1.2", None), ("replace", "3", None)]),
        ("Перенести срок исполнения пункта 3 на 1 июня 2026 года.", [("replace", "3", None)]),
        ("дополнить пунктом 12 следующего содержания:", [("add", "12", None)]),
        ("Дополнить пунктом 2.6 после пункта 2.5.", [("add", "2.6", "2.5")]),
        ("дополнить план пунктами 8.1 и 8.2 после пункта 8", [("add", "8.1", "8"), ("add", "8.2", "8.1")]),
        ("Пункт 3 исключить, пункт 4 изложить в редакции:", [("drop", "3", None), ("replace", "4", None)]),
        ("Пункт 3 приказа изложить в следующей редакции: «3. Контроль …»", []),
        ("Приложение изложить в новой редакции (прилагается).", []),
        ("Пункт 4 изложить в редакции: «4. Пункт 9 исключить»", [("replace", "4", None)]),
    ],
)
def test_every_form_of_a_change_is_understood(point: str, changes: list[tuple[str, str, str | None]]) -> None:
    assert changes_of(point) == changes


@pytest.mark.parametrize(
    "about",
    [
        "О внесении изменений в приказ отдела школ от 10 сентября 2025 года № 14/1 «О плане «Успех»»",
        "О внесении изменений в план, утверждённый приказом отдела школ от 10.09.25 №14/1 «О плане «Успех»",
        "О внесении изменений в приказ отдела школ № 14/1 от 10.09.2025 г. «О плане «Успех»»",
    ],
)
def test_the_amended_order_is_named_in_any_usual_form(about: str) -> None:
    found = read_amendment(grid_of(about))
    assert found is not None
    assert found.document == Document("О плане «Успех»", "Отдел школ", "14/1", date(2025, 9, 10))


def amended_by(*points: str) -> Plan:
    text = "\n".join(["ПРИКАЗ", "", "от 03.02.2026 № 15", "", ABOUT, "", "1. Внести изменения:", *points])
    return read_plan(text.encode(), "приказ.txt")


@pytest.mark.parametrize(
    "points",
    [
        ["1.1. Пункт 3 изложить в следующей редакции:", "«3. Урок | апрель 2026 года | Школы | Справка»."],
        ["1.1. Пункт 3 изложить в редакции: «3. Урок | апрель 2026 года | Школы | Справка»."],
        ["1.1. Пункт 3 изложить в следующей редакции:", "«3.\tУрок\tШколы\tапрель 2026 года\tСправка»;"],
        [
            "1.1. Пункт 3 изложить в следующей редакции:",
            "«3. Урок. Срок: апрель 2026 года. Ответственный: Школы. Результат: Справка»",
        ],
        [
            "1.1. Пункт 3 изложить в следующей редакции:",
            "№\tМероприятие\tСрок\tОтветственные\tРезультат",
            "3.\tУрок\tапрель 2026 года\tШколы\tСправка",
        ],
    ],
)
def test_a_new_wording_inside_the_order_is_a_row_of_the_plan(points: list[str]) -> None:
    plan = amended_by(*points, "1.2. Пункт 7 исключить.")
    (row,) = plan.rows
    assert (row.number, row.title, row.deadline_text) == ("3.", "Урок", "апрель 2026 года")
    assert (row.responsible, row.expected_result) == (("Школы",), "Справка")
    assert plan.duties == ()


def test_words_changed_inside_a_row_leave_the_row_to_the_order_that_is_amended() -> None:
    plan = amended_by("1.1. В пункте 5 слова «май» заменить словами «июнь».")
    assert plan.rows == ()
    assert plan.amends is not None
    assert plan.amends.changes == (Change(ChangeOp.REPLACE, "5"),)


def test_an_amending_order_that_changes_no_row_is_no_plan() -> None:
    with pytest.raises(NotAnOrder):
        amended_by("1.1. Пункт 2 приказа изложить в новой редакции.")


@pytest.mark.parametrize(
    ("named", "title"),
    [
        (
            "План мероприятий («дорожную карту») по помощи школам на 2026 год",
            "План мероприятий («дорожная карта») по помощи школам на 2026 год",
        ),
        ("муниципальную программу «Шаг вперёд»", "Муниципальная программа «Шаг вперёд»"),
        ("дорожную карту поддержки школ", "Дорожная карта поддержки школ"),
    ],
)
def test_the_title_of_what_is_changed_may_stand_before_its_order(named: str, title: str) -> None:
    found = read_amendment(
        grid_of(
            "О внесении изменений",
            f"1. Внести в {named}, утверждённый приказом отдела школ от 04.09.2025 № 187-о, изменения:",
            "1.1. Пункт 9 исключить.",
        )
    )
    assert found is not None
    assert (found.document.title, found.document.number) == (title, "187-о")


def test_rows_of_one_change_after_another_are_of_no_section() -> None:
    heading = "№\tМероприятие\tСрок\tОтветственные"
    text = (
        f"{ABOUT}\n\n1. Пункт 4 изложить в редакции:\n\n{heading}\n4\tСеминар\tмай\tОО\n\n"
        f"2. Дополнить пунктом 5:\n\n{heading}\n5\tСбор\tиюнь\tОО\n"
    )
    assert [row.section for row in read_plan(text.encode(), "приказ.txt").rows] == [None, None]
