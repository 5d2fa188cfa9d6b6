"""What executors see: their items, the reminder, the card of a draft."""

from datetime import timedelta

from models.assignments import OWED, AssignmentState, ReportState
from plans.control import ControlKind
from services.items import ItemView
from services.reports import DraftView
from views.actions import PAGE, Action, button, column, page_of, pager
from views.screen import Keyboard, Screen
from views.words import count, day, item, pieces, said, whole

SOON = 7  # days that count as «this week»
LATE = "\n\n<i>Пришло позже, чем должно было: бот какое-то время был недоступен.</i>"


def when(found: ItemView) -> str:
    """Say the date of an item and how far it is."""
    today = found.due - timedelta(days=found.days_left)
    said_day = day(found.due, today=today)
    if found.days_left > 1:
        return f"до {said_day}, осталось {count(found.days_left, 'day')}"
    if found.days_left == 1:
        return f"до {said_day} — завтра"
    if found.days_left == 0:
        return "срок сегодня"
    return f"срок был {said_day}, прошло {count(-found.days_left, 'day')}"


def mark(found: ItemView) -> str:
    """Give the sign of an item's state."""
    if found.state is AssignmentState.ON_REVIEW:
        return "👀"
    if found.state is AssignmentState.RETURNED:
        return "↩️"
    return "🔴" if found.days_left < 0 else ("🟡" if found.days_left <= SOON else "⚪️")


def line(found: ItemView, *, with_place: bool = False) -> str:
    """Say an item in one line."""
    place = f"{said(found.organisation, 40)}: " if with_place else ""
    suffix = ", на проверке" if found.state is AssignmentState.ON_REVIEW else ""
    if found.state is AssignmentState.RETURNED:
        suffix = ", возвращён"
    return f"{mark(found)} {place}<b>{item(found.number)}</b> {said(found.title)} — {when(found)}{suffix}"


def asks(found: ItemView) -> str:
    """Say what is expected of an item."""
    if found.checkpoint is ControlKind.QUESTION:
        return (
            "Срок в плане не назван. Было ли это в прошедшем квартале? Ответьте «да» с парой слов или «нет»."
        )
    if found.checkpoint is ControlKind.INTERIM:
        return "Работа идёт весь период: коротко напишите, что сделано за квартал."
    if found.expected_result:
        return f"Что подтвердит: {said(found.expected_result, 200)}"
    return "Что подтвердит: текст в одну-две строки, фото или документ."


def summary_lines(items: list[ItemView]) -> str:
    """Sum up what somebody owes, in a few lines."""
    owed = [found for found in items if found.state in OWED]
    if not owed:
        return "Открытых пунктов сейчас нет."
    late = [found for found in owed if found.days_left < 0]
    week = [found for found in owed if 0 <= found.days_left <= SOON]
    parts = [f"На этой неделе: {count(len(week), 'row')}."]
    if late:
        parts.append(f"Просрочено: {count(len(late), 'row')}.")
    parts.append(f"Всего впереди: {count(len(owed), 'date')}.")
    return " ".join(parts)


def listed(items: list[ItemView], page: int) -> Screen:
    """List what somebody owes, page by page; each item can be answered."""
    places = {found.organisation for found in items}
    shown = page_of(items, page)
    text = [f"<b>Мои пункты</b>\n{summary_lines(items)}", ""]
    text += [line(found, with_place=len(places) > 1) for found in shown]
    return Screen("\n".join(text), answer_buttons(shown) + pager(Action.ITEMS, (), page, len(items)))


def answer_buttons(items: list[ItemView]) -> Keyboard:
    """Give a button for each item that can be answered."""
    return column(
        *(
            button(f"Отчитаться: {label(found)}", Action.ANSWER, found.assignment_id)
            for found in items
            if found.state in OWED
        )
    )


def label(found: ItemView) -> str:
    """Name an item on a button, in plain text."""
    number = f"п. {found.number.rstrip('.')}" if found.number else ""
    words = " ".join(found.title.split())
    return f"{number} {words}".strip()[:45]


def reminder(items: list[ItemView], *, late: bool = False) -> Screen:
    """Remind of what is due: one message for everything a person owes today; a ``late`` one says so."""
    said_late = LATE if late else ""
    if len(items) == 1:
        return _single(items[0], said_late)
    overdue = any(found.days_left < 0 for found in items)
    places = {found.organisation for found in items}
    text = [f"<b>Напоминание: {count(len(items), 'row')}</b>", ""]
    text += [line(found, with_place=len(places) > 1) for found in items[:PAGE]]
    if len(items) > PAGE:
        text.append(f"…и ещё {len(items) - PAGE}: /plan")
    text += ["", "Нажмите пункт, чтобы отчитаться, или ответьте на это сообщение, начав с номера пункта."]
    if overdue:
        text.append("Если что-то уже сделано, достаточно одного фото или строки текста.")
    return Screen("\n".join(text) + said_late, answer_buttons(items[:PAGE]))


def _single(found: ItemView, said_late: str) -> Screen:
    title = "Срок прошёл" if found.days_left < 0 else "Напоминание"
    return Screen(
        f"<b>{title}: {item(found.number)}</b>\n{said(found.title, 400)}\n\n"
        f"🗓 {when(found).capitalize()}\n{asks(found)}\n\n"
        f"Ответьте на это сообщение текстом, фото или файлом — это и будет отчёт.{said_late}",
        column(button("Отчитаться", Action.ANSWER, found.assignment_id)),
    )


def begun(found: ItemView) -> Screen:
    """Invite to send the report on one item."""
    return Screen(
        f"<b>{item(found.number)}</b> {said(found.title, 300)}\n{asks(found)}\n\n"
        "Пришлите текст, фото или документы — можно несколькими сообщениями.",
        placeholder="Текст отчёта или фото",
    )


def draft(card: DraftView) -> Screen:
    """Acknowledge what has been received, once, and ask for the one thing that is missing."""
    held = pieces(card.photos, card.files, card.text)
    if card.state is ReportState.SUBMITTED and card.item:
        return Screen(f"Добавлено к отправленному отчёту по {item(card.item.number)}. Теперь в нём: {held}.")
    if card.item is None:
        return _which(card, held)
    where = f"<b>{item(card.item.number)}</b> {said(card.item.title)}"
    if not (card.text or card.photos or card.files):
        return Screen(f"{where}\n\nПришлите текст, фото или документ.")
    quoted = f"\n<blockquote>{whole(card.text, 300)}</blockquote>" if card.text else ""
    return Screen(
        f"Принял: {where}\n{held[0].upper()}{held[1:]}.{quoted}\n\nОтправить на проверку?",
        column(
            button("Отправить на проверку", Action.SUBMIT, card.report_id),
            button("Это другой пункт", Action.REBIND, card.report_id),
            button("Удалить черновик", Action.DROP, card.report_id),
        ),
    )


def _which(card: DraftView, held: str) -> Screen:
    choices = [
        button(f"{mark(found)} {label(found)}", Action.BIND, card.report_id, found.assignment_id)
        for found in card.candidates[:PAGE]
    ]
    choices.append(button("Удалить черновик", Action.DROP, card.report_id))
    return Screen(
        f"Сохранил: {held}. К какому пункту это относится?",
        column(*choices),
    )


def submitted(card: DraftView) -> Screen:
    """Say that the report went to review."""
    held = pieces(card.photos, card.files, card.text)
    where = f"{item(card.item.number)} {said(card.item.title)}" if card.item else ""
    return Screen(f"✅ Отправлено на проверку: <b>{where}</b>\nВ отчёте: {held}. Ответ придёт сюда.")


def dropped() -> Screen:
    """Say that a draft was put aside."""
    return Screen("Черновик удалён. Пункты, по которым ждём отчёт: /plan")


def nothing_owed() -> str:
    """Say that there is nothing to answer."""
    return "Открытых пунктов у вас сейчас нет, поэтому сообщение не к чему приложить."
