from datetime import date

from plans.amendment import read_amendment
from plans.grid import Grid, TextBlock
from plans.plan import Change, ChangeOp, Document


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
