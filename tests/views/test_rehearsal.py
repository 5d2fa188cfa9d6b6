"""The rehearsal in words: every message is on one of the pages, and no page is too long for Telegram."""

from datetime import date

import pytest

from services.rehearsal import Digests, Message, Part, Rehearsal, RehearsedItem, Unheard
from views.rehearsal import rehearsal
from views.screen import Screen

TODAY = date(2026, 10, 12)
MOST = 4096


def item(number: str | None, roadmap: int = 1, order: str | None = "77-о") -> RehearsedItem:
    return RehearsedItem(1, number, "Анализ <работ>", date(2026, 11, 30), ("d-1",), roadmap, order, "План")


def message(day: int, person: int, *items: RehearsedItem, reachable: bool = True) -> Message:
    part = Part(person, f"СОШ № {person}", ("директор",), items)
    return Message(date(2026, 11, day), person, f"Анна Директорова {person}", reachable, (part,))


def found(*messages: Message, today: date = TODAY, before: bool = True, silent: int = 0) -> Rehearsal:
    return Rehearsal(
        month=date(2026, 11, 1),
        today=today,
        messages=messages,
        unheard=tuple(Unheard(f"СОШ № {one}", 3) for one in range(silent)),
        digests=Digests((date(2026, 11, 2), date(2026, 11, 9)), ("Пётр Сводкин",)),
        plans=len({one.roadmap_id for each in messages for part in each.parts for one in part.items}),
        before_approval=before,
    )


def data(screen: Screen) -> dict[str, str]:
    return {button.text: button.data for row in screen.keyboard for button in row}


def test_a_month_is_said_day_by_day_with_its_condition() -> None:
    screen = rehearsal(
        found(message(5, 1, item("1.1."), item("2.3.")), message(6, 2, item(None)), silent=1), 7, 0
    )
    assert screen.text.splitlines() == [
        "<b>Репетиция: ноябрь 2026</b>",
        "Если план утвердить сейчас и никто не отчитается раньше, уйдёт 2 сообщения 2 людям.",
        "",
        "<b>5 ноября, четверг</b>",
        "• Анна Директорова 1 (СОШ № 1, директор): п. 1.1, п. 2.3",
        "",
        "<b>6 ноября, пятница</b>",
        "• Анна Директорова 2 (СОШ № 2, директор): «Анализ &lt;работ&gt;»",
        "",
        "📊 Еженедельная сводка (2, 9 числа): Пётр Сводкин.",
        "",
        "🔕 Некому напомнить: СОШ № 0 (3 сообщения). Пригласите людей: /invite.",
    ]
    assert data(screen) == {
        "‹": "rehearsal:7:202610:0",
        "ноябрь 2026": "rehearsal:7:202611:0",
        "›": "rehearsal:7:202612:0",
        "« К плану": "order:7",
    }


def test_within_the_month_it_counts_from_today_and_an_empty_one_says_so() -> None:
    after = rehearsal(found(message(20, 1, item("1.1.")), today=date(2026, 11, 12), before=False), 0, 0)
    assert "Если никто не отчитается раньше, с сегодняшнего дня уйдёт 1 сообщение 1 человеку." in after.text
    assert data(after)["« К планам"] == "orders"
    assert "никому ничего не уйдёт" in rehearsal(found(), 7, 0).text


def test_rows_of_several_plans_are_told_apart_and_who_blocked_the_bot_is_marked() -> None:
    screen = rehearsal(
        found(message(5, 1, item("1."), item("2."), item("1.", 2, "80"), reachable=False)), 0, 0
    )
    assert "п. 1, п. 2 (приказ № 77-о), п. 1 (приказ № 80)" in screen.text
    assert "не доставляется" in screen.text


@pytest.mark.parametrize("items", [1, 40, 400])
def test_a_long_month_is_turned_page_by_page_and_loses_no_message(items: int) -> None:
    rows = tuple(item(f"{number}.") for number in range(items))
    whole = found(*(message(day, person, *rows) for day in (5, 6, 9) for person in range(1, 26)), silent=200)
    texts = [rehearsal(whole, 7, page).text for page in range(200)]
    assert all(len(text) <= MOST for text in texts)
    pages = list(dict.fromkeys(texts))
    shown = [line for text in pages for line in text.splitlines() if line.startswith("• ")]
    assert len(shown) == 75
    assert all("<b>" in text.split("\n• ")[0].splitlines()[-1] for text in pages)  # a day over every line
    assert rehearsal(whole, 7, 999).text == pages[-1]
    assert all(len(button) <= 64 for button in data(rehearsal(whole, 7, 0)).values())
