"""What an order changes in a plan: for the approver row by row, for executors «было → стало»."""

from collections.abc import Sequence
from datetime import date

from models.assignments import AssignmentState, ChangeKind
from models.roadmaps import Activity, Edition, EditionState, Roadmap
from services.amendments import Difference, DifferenceKind
from services.history import ChangeView, Past
from views.actions import Action, button, column, page_of, pager
from views.rows import CHANGED_WORDS
from views.screen import Screen
from views.words import count, day, item, said

MARKS = {DifferenceKind.ADDED: "➕", DifferenceKind.CHANGED: "✏️", DifferenceKind.DROPPED: "➖"}
KINDS = {
    DifferenceKind.ADDED: "новый пункт",
    DifferenceKind.CHANGED: "изменён",
    DifferenceKind.DROPPED: "исключён",
}
STATES = {
    AssignmentState.AWAITED: "ждём отчёт",
    AssignmentState.ON_REVIEW: "на проверке",
    AssignmentState.RETURNED: "возвращено",
    AssignmentState.ACCEPTED: "принято",
    AssignmentState.COVERED: "выполнено другим исполнителем",
    AssignmentState.DONE_BEFORE: "выполнено до утверждения",
    AssignmentState.NOT_ASKED: "не спрашиваем",
    AssignmentState.WITHDRAWN: "снято",
}
MOST = 15  # changes one letter speaks of
FULL = 3500  # characters of them: a Telegram message holds 4096
QUOTED = (120, 60, 20)  # characters of what was and what is, in order of preference


def order(number: str | None, dated: date | None) -> str:
    """Name an order: «приказ № 12 от 3 ноября 2026»."""
    return (
        "приказ"
        + (f" № {said(number, 40)}" if number else "")
        + (f" от {day(dated)}" if dated is not None else "")
    )


def counted(found: Sequence[Difference]) -> str:
    """Say how many rows an order adds, changes and drops: «+1, изменено 2, исключено 1»."""
    of_kind = {kind: sum(one.kind is kind for one in found) for kind in DifferenceKind}
    parts = [
        f"новых: {of_kind[DifferenceKind.ADDED]}",
        f"изменено: {of_kind[DifferenceKind.CHANGED]}",
        f"исключено: {of_kind[DifferenceKind.DROPPED]}",
    ]
    return ", ".join(parts)


def differences(edition: Edition, found: Sequence[Difference], page: int) -> Screen:
    """List row by row what an order changes; each row of a draft opens."""
    preparing = edition.state is EditionState.DRAFT
    shown = page_of(found, page)
    lines = [f"<b>Что меняет приказ</b> — {counted(found)}", "", *_page_of_differences(shown)]
    buttons = [
        button(f"{MARKS[one.kind]} {item(one.after.number)}", Action.MATCH, one.after.id)
        for one in shown
        if preparing and one.after is not None
    ]
    half = (len(buttons) + 1) // 2
    return Screen(
        "\n".join(lines) if found else "Приказ ничего не меняет: все пункты остались как были.",
        (
            *(row for row in (tuple(buttons[:half]), tuple(buttons[half:])) if row),
            *pager(Action.CHANGES, (edition.id,), page, len(found)),
            (
                button("« К плану", Action.ORDER, edition.id)
                if preparing
                else button("« К плану", Action.PLAN, edition.roadmap_id),
            ),
        ),
    )


def _page_of_differences(shown: Sequence[Difference]) -> list[str]:
    """Say the differences of a page, quoted as fully as one message can hold."""
    lines: list[str] = []
    for limit in QUOTED:
        lines = [line for one in shown for line in _difference(one, limit)]
        if sum(map(len, lines)) <= FULL:
            break
    return lines


def _difference(one: Difference, limit: int) -> list[str]:
    row = one.after or one.before
    assert row is not None  # a difference has at least one side
    lines = [f"{MARKS[one.kind]} <b>{item(row.number)}</b> {said(row.title)} — {KINDS[one.kind]}"]
    if one.before is not None and one.after is not None:
        lines += [
            f"    {CHANGED_WORDS[field]}: «{said(getattr(one.before, field) or '—', limit)}» → "
            f"«{said(getattr(one.after, field) or '—', limit)}»"
            for field in one.fields
        ]
    return lines


def match(row: Activity, before: Activity | None, dropped: Sequence[Activity]) -> Screen:
    """Ask which row of the edition before a row is."""
    lines = [f"<b>{item(row.number)}</b> {said(row.title, 300)}", ""]
    buttons = [button("Открыть и исправить", Action.ROW, row.id)]
    if before is not None:
        lines.append(f"Бот считает, что раньше это был {item(before.number)} «{said(before.title, 300)}».")
        lines.append("Отчёты и сроки прежнего пункта перейдут к нему.")
        buttons.append(button("Нет, это новый пункт", Action.LINK, row.id, 0))
    else:
        lines.append("Бот считает, что такого пункта раньше не было.")
        buttons += [
            button(f"Это бывший {item(one.number)} {said(one.title, 30)}"[:60], Action.LINK, row.id, one.id)
            for one in dropped[:8]
        ]
    buttons.append(button("« К изменениям", Action.CHANGES, row.edition_id, 0))
    return Screen("\n".join(lines), column(*buttons))


def bases(edition_id: int, candidates: Sequence[Roadmap]) -> Screen:
    """Ask which plan an order changes."""
    lines = ["Какой план меняет этот приказ?"]
    if not candidates:
        lines.append("\nУтверждённых планов ещё нет: его можно вести как отдельный план.")
    return Screen(
        "\n".join(lines),
        column(
            *(button(one.title[:60], Action.REBASE, edition_id, one.id) for one in candidates[:20]),
            button("Никакой: это отдельный план", Action.SEPARATE, edition_id),
            button("« К плану", Action.ORDER, edition_id),
        ),
    )


def changes(title: str, edition: Edition, found: Sequence[ChangeView]) -> Screen:
    """Tell an executor what an order has changed for them: «было → стало»."""
    lines = [
        f"📄 <b>План изменён: {order(edition.number, edition.dated)}</b>",
        f"«{said(title, 150)}»",
        "",
    ]
    many = len({view.organisation_id for view in found}) > 1
    told, room = _told_once(found), FULL
    for place, view in enumerate(told):
        change = _change(view, f" ({said(view.organisation, 40)})" if many else "")
        room -= sum(map(len, change))
        if place == MOST or room < 0:
            lines.append(f"…и ещё {count(len(told) - place, 'change')}")
            break
        lines += change
    lines += ["", "Уже принятые отчёты остаются в силе. Ваши пункты: /plan"]
    return Screen("\n".join(lines), column(button("Мои пункты", Action.ITEMS, 0)))


def _told_once(found: Sequence[ChangeView]) -> list[ChangeView]:
    return list(dict.fromkeys(found))


def _change(view: ChangeView, place: str) -> list[str]:
    name = f"<b>{item(view.number)}</b>{place} {said(view.title)}"
    if view.kind is ChangeKind.WITHDRAWN:
        return [f"➖ {name} — исключён (срок был {day(view.due)}). Отчитываться не нужно."]
    if view.kind is ChangeKind.ADDED:
        return [f"➕ {name} — новый, срок: {day(view.due)}."]
    lines = [f"✏️ {name}"]
    if view.due_before is not None and view.due_before != view.due:
        lines.append(f"    срок: было {day(view.due_before)} → стало <b>{day(view.due)}</b>")
    if view.title_before is not None and view.title_before != view.title:
        lines.append(f"    было: «{said(view.title_before, 200)}»")
    elif view.title_before is not None:
        lines.append("    изменён ожидаемый результат")
    return lines


def ask_day(roadmap: Roadmap) -> Screen:
    """Ask as of which day a plan is to be shown."""
    return Screen(
        f"«{said(roadmap.title, 150)}»: на какой день показать план? Напишите дату, например: 01.10.2026.",
        placeholder="01.10.2026",
    )


def as_of(roadmap: Roadmap, on: date, found: Sequence[Past], page: int) -> Screen:
    """Show what a plan asked at the end of a day, and where each assignment stood then."""
    lines = [f"<b>План на {day(on)}</b>", f"«{said(roadmap.title, 150)}»", ""]
    if not found:
        lines.append("В этот день план ещё не был утверждён.")
    else:
        lines.append(f"{count(len(found), 'assignment').capitalize()}:")
    lines += [
        f"• {item(one.number)} {said(one.title, 60)} — {said(one.organisation, 40)}, "
        f"срок {day(one.due)}: {STATES[one.state]}"
        for one in page_of(found, page)
    ]
    number = on.toordinal()
    return Screen(
        "\n".join(lines),
        pager(Action.AS_OF_PAGE, (roadmap.id, number), page, len(found))
        + column(button("« К планам", Action.ORDERS)),
    )
