"""A draft's rows for its approver: what is printed, what was understood, and what can be corrected."""

from collections.abc import Mapping
from datetime import date

from models.roadmaps import Activity, Duty
from plans.correction import Field
from views.actions import Action, button, column, page_of, pager
from views.deadlines import understood
from views.screen import Keyboard, Screen
from views.words import day, item, said, whole

DUTIES = (Duty.EACH, Duty.ANY, Duty.LEAD)
DUTY_WORDS = {
    Duty.EACH: "должен каждый",
    Duty.ANY: "достаточно любого",
    Duty.LEAD: "отвечает названный первым",
}
FIELDS = (Field.DEADLINE, Field.EXECUTORS, Field.TITLE, Field.RESULT)
FIELD_WORDS = {
    Field.DEADLINE: "срок",
    Field.EXECUTORS: "исполнитель",
    Field.TITLE: "название",
    Field.RESULT: "результат",
}
MOST_DATES = 8
ASK = {
    Field.DEADLINE: (
        "напишите срок, как в приказе: «до 15 октября 2026», «ежеквартально до 5 числа», «май 2027».",
        "до 15 сентября 2026 года",
    ),
    Field.EXECUTORS: (
        "напишите исполнителей через запятую, как их называет приказ. Например: «Отдел образования, ОО».",
        "Отдел образования, ОО",
    ),
    Field.TITLE: ("напишите мероприятие целиком.", "Мероприятие"),
    Field.RESULT: ("напишите ожидаемый результат целиком.", "Не менее 60 % педагогов"),
}
HINT = "Исправить можно кнопкой или словами: «срок: …», «исполнитель: …», «название: …», «результат: …»."


def rows(edition_id: int, activities: list[Activity], doubtful: Mapping[int, str], page: int) -> Screen:
    """List the rows of a draft, each with its date as understood; those with a doubt come first."""
    ordered = sorted(activities, key=lambda activity: activity.id not in doubtful)
    shown = page_of(ordered, page)
    lines = ["<b>Пункты плана</b>", ""]
    for activity in shown:
        lines.append(f"<b>{item(activity.number)}</b> {said(activity.title)}")
        lines.append(f"    «{said(activity.deadline_text, 60)}» → {understood(activity.deadlines)}")
        lines.append(f"    Кто: {said(activity.responsible_text, 60) or '❓ не указан'}")
        if activity.id in doubtful:
            lines.append(f"    ❓ {said(doubtful[activity.id], 80)}")
    buttons = [
        button(f"{'❓ ' if one.id in doubtful else ''}п. {_short(one)}", Action.ROW, one.id) for one in shown
    ]
    half = (len(buttons) + 1) // 2
    return Screen(
        "\n".join(lines),
        (
            *(row for row in (tuple(buttons[:half]), tuple(buttons[half:])) if row),
            *pager(Action.ROWS, (edition_id,), page, len(activities)),
            (button("« К плану", Action.ORDER, edition_id),),
        ),
    )


def _short(activity: Activity) -> str:
    return (activity.number or "?").rstrip(".")


def row(activity: Activity, dates: list[date], *, shared: bool, before: Activity | None = None) -> Screen:
    """Show one row: what is printed, what was understood, and what can be changed.

    ``before`` is the same row in the edition that an amending order changes.
    """
    lines = [
        f"<b>{item(activity.number)}</b> {whole(activity.title, 600)}",
        *_printed(activity, "number", 40),
        *_printed(activity, "title", 600),
        "",
        f"Срок: «{said(activity.deadline_text, 200)}»",
        *_printed(activity, "deadline_text", 200),
        f"Понято: {understood(activity.deadlines)}",
        f"Контрольные сроки: {_dates(dates)}",
        f"Исполнители: «{said(activity.responsible_text, 200)}»",
        *_printed(activity, "responsible_text", 200),
    ]
    if activity.expected_result:
        lines.append(f"Результат: «{said(activity.expected_result, 300)}»")
        lines += _printed(activity, "expected_result", 300)
    if shared:
        lines.append(f"Несколько исполнителей: {DUTY_WORDS[activity.duty]}")
    lines += _changes(before, activity) if before is not None else []
    return Screen("\n".join((*lines, "", HINT)), _row_buttons(activity, shared=shared))


def _dates(dates: list[date]) -> str:
    shown = ", ".join(day(one) for one in dates[:MOST_DATES]) or "—"
    return shown + (f" и ещё {len(dates) - MOST_DATES}" if len(dates) > MOST_DATES else "")


def _printed(activity: Activity, field: str, limit: int) -> list[str]:
    """Say what the order prints where the approver corrected it."""
    if field not in (activity.printed or {}):
        return []
    words = (activity.printed or {})[field]
    return [f"    ✏️ исправлено; в приказе: «{said(words, limit)}»" if words else "    ✏️ в приказе не указано"]


def _changes(before: Activity, now: Activity) -> list[str]:
    lines = [
        f"• {words}: было «{said(getattr(before, field) or '—', 200)}»"
        for field, words in CHANGED_WORDS.items()
        if getattr(before, field) != getattr(now, field)
    ]
    return ["", "<b>Этим приказом изменено:</b>", *lines] if lines else []


CHANGED_WORDS = {
    "number": "номер",
    "title": "название",
    "deadline_text": "срок",
    "responsible_text": "исполнитель",
    "expected_result": "результат",
}


def _row_buttons(activity: Activity, *, shared: bool) -> Keyboard:
    fixes = [
        button(f"Исправить {FIELD_WORDS[field]}", Action.FIX, activity.id, index)
        for index, field in enumerate(FIELDS)
    ]
    buttons = []
    if any(deadline["kind"] == "relative" for deadline in activity.deadlines):
        buttons.append(button("Указать дату события", Action.FIX_ANCHOR, activity.id))
    buttons.append(button("Без даты: спрашивать раз в квартал", Action.NO_DEADLINE, activity.id))
    if shared:
        buttons += [
            button(DUTY_WORDS[duty].capitalize(), Action.DUTY_ROW, activity.id, index)
            for index, duty in enumerate(DUTIES)
            if duty is not activity.duty
        ]
    buttons.append(button("« К пунктам", Action.ROWS, activity.edition_id, 0))
    buttons.append(button("« К плану", Action.ORDER, activity.edition_id))
    return (tuple(fixes[:2]), tuple(fixes[2:]), *column(*buttons))


def ask(activity: Activity, field: Field) -> Screen:
    """Ask for the new text of a field."""
    words, placeholder = ASK[field]
    return Screen(f"{item(activity.number)}: {words}", placeholder=placeholder)


def ask_anchor(activity: Activity) -> Screen:
    """Ask for the day of the event a date counts from."""
    anchor = next((one["anchor"] for one in activity.deadlines if one["kind"] == "relative"), "событие")
    return Screen(
        f"{item(activity.number)}: когда произошло или произойдёт событие «{said(anchor, 120)}»? "
        "Напишите дату, например: 25.09.2026.",
        placeholder="25.09.2026",
    )
