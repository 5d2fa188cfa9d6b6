"""What executors see: their items, the reminder, the card of a draft."""

from collections.abc import Sequence
from datetime import date, timedelta

from models.assignments import DONE, OWED, AssignmentState, Children, ReportState
from plans.answers.short import Short
from plans.control import ControlKind
from services.items import ItemView
from services.quotas import Quota, UsedUp
from services.reports import DraftView, OnReview
from services.revising import Revised, Revision
from services.several import near
from views.actions import PAGE, Action, button, column, page_of, pager
from views.appeals import appeal_buttons, other_button
from views.figures import asked, number, target
from views.quiet import not_now_button
from views.screen import Button, Keyboard, Screen
from views.words import count, day, form, item, moment, month_name, pieces, said, short, whole

SOON = 7  # days that count as «this week»
LATE = "\n\n<i>Пришло позже, чем должно было: бот какое-то время был недоступен.</i>"

LABEL = 45  # characters of an item's name on a button
PROOF = "текст в одну-две строки, фото или документ."


def when(found: ItemView) -> str:
    """Say the date of an item and how far it is, and what it was before it was moved."""
    moved = f", перенесён с {day(found.due_before)}" if found.due_before is not None else ""
    return _how_far(found) + moved


def _how_far(found: ItemView) -> str:
    today = found.due - timedelta(days=found.days_left)
    said_day = day(found.due, today=today)
    if found.days_left > 1:
        return f"до {said_day}, {form(found.days_left, 'left')} {count(found.days_left, 'day')}"
    if found.days_left == 1:
        return f"до {said_day} — завтра"
    if found.days_left == 0:
        return "срок сегодня"
    return f"срок был {said_day}, {form(found.days_left, 'gone')} {count(-found.days_left, 'day')}"


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
    confirms = f"Что подтвердит: {said(found.expected_result, 200) if found.expected_result else PROOF}"
    if found.target is None:
        return confirms
    return f"{confirms}\n📊 Цель: {target(found.target)}. Напишите, сколько из скольких."


def asks_briefly(found: ItemView) -> str:
    """Say what is expected of an item in the line under it; empty where any text, photo or file will do."""
    if found.checkpoint is ControlKind.QUESTION:
        return "Срок в плане не назван: ответьте, было ли это в прошедшем квартале."
    if found.checkpoint is ControlKind.INTERIM:
        return "Работа идёт весь период: что сделано за квартал?"
    confirms = said(found.expected_result) if found.expected_result else ""
    parts = [f"Подтвердит: {confirms}"] if confirms else []
    if found.target is not None:
        if number(found.target.value) not in confirms:
            parts.append(f"Цель: {target(found.target)}")
        parts.append("Напишите, сколько из скольких")
    return " ".join(part if part.endswith(("…", ".")) else f"{part}." for part in parts)


def summary_lines(items: list[ItemView]) -> str:
    """Sum up what somebody owes, in a few lines."""
    owed = [found for found in items if found.state in OWED]
    if not owed:
        return "Открытых пунктов сейчас нет."
    late = [found for found in owed if found.days_left < 0]
    week = [found for found in owed if 0 <= found.days_left <= SOON]
    parts = [f"В ближайшие 7 дней: {count(len(week), 'row')}."]
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


def answer_buttons(items: Sequence[ItemView], *, with_place: bool = False) -> Keyboard:
    """Give a button for each item that can be answered."""
    return column(
        *(
            button(f"Отчитаться: {label(found, with_place=with_place)}", Action.ANSWER, found.assignment_id)
            for found in items
            if found.state in OWED
        )
    )


def label(found: ItemView, *, with_place: bool = False) -> str:
    """Name an item on a button, in plain text."""
    number = f"п. {found.number.rstrip('.')}" if found.number else ""
    place = f"{found.organisation}:" if with_place else ""
    return short(f"{place} {number} {found.title}", LABEL)


def reminder(items: Sequence[ItemView], *, drafts: Sequence[DraftView] = (), late: bool = False) -> Screen:
    """Remind of what is due and of drafts left alone: one message for everything a person owes today.

    A ``late`` one says so.
    """
    said_late = LATE if late else ""
    if not items:
        return _unsent(drafts, said_late)
    if len(items) == 1 and not drafts:
        return _single(items[0], said_late)
    return _several(items, drafts, said_late)


def _several(items: Sequence[ItemView], drafts: Sequence[DraftView], said_late: str) -> Screen:
    with_place = len({found.organisation for found in items}) > 1
    text = [f"<b>Напоминание: {count(len(items), 'row')}</b>", ""]
    for found in items[:PAGE]:
        asked_for = asks_briefly(found)
        text += [line(found, with_place=with_place), *([f"<i>{asked_for}</i>"] if asked_for else []), ""]
    if len(items) > PAGE:
        text += [f"…и ещё {len(items) - PAGE}: /plan", ""]
    text += ["Нажмите пункт, чтобы отчитаться, или ответьте на это сообщение, начав с номера пункта."]
    if any(found.days_left < 0 for found in items):
        text.append("Если что-то уже сделано, достаточно одного фото или строки текста.")
    if drafts:
        text += ["", *(_draft_line(card) for card in drafts)]
    return Screen(
        "\n".join(text) + said_late,
        answer_buttons(items[:PAGE], with_place=with_place)
        + column(*(_open_draft(card) for card in drafts))
        + column(not_now_button()),
    )


def _unsent(drafts: Sequence[DraftView], said_late: str) -> Screen:
    """Ask next morning about drafts that were not sent, with no other demand."""
    text = ["<b>Вы не закончили отчёт</b>", "", *(_draft_line(card) for card in drafts)]
    return Screen("\n".join(text) + said_late, column(*(_open_draft(card) for card in drafts)))


def _draft_line(card: DraftView) -> str:
    held = pieces(card.held, card.text)
    if card.item is None:
        return f"📝 Сохранено, но не выбран пункт: {held}."
    return f"📝 Не отправлено: {item(card.item.number)} {said(card.item.title)} ({held})."


def _open_draft(card: DraftView) -> Button:
    name = label(card.item) if card.item is not None else "выбрать пункт"
    return button(f"Черновик: {name}"[:60], Action.DRAFT, card.report_id)


def _single(found: ItemView, said_late: str) -> Screen:
    title = "Срок прошёл" if found.days_left < 0 else "Напоминание"
    return Screen(
        f"<b>{title}: {item(found.number)}</b>\n{said(found.title, 400)}\n\n"
        f"🗓 {when(found).capitalize()}\n{asks(found)}\n\n"
        f"Ответьте на это сообщение текстом, фото или файлом — это и будет отчёт.{said_late}",
        (
            (button("Отчитаться", Action.ANSWER, found.assignment_id), other_button(found)),
            (not_now_button(),),
        ),
    )


def begun(found: ItemView) -> Screen:
    """Invite to send the report on one item."""
    return Screen(
        f"<b>{item(found.number)}</b> {said(found.title, 300)}\n{asks(found)}\n\n"
        "Пришлите текст, фото или документы — можно несколькими сообщениями.",
        column(other_button(found)),
    )


def draft(card: DraftView) -> Screen:
    """Acknowledge what has been received, once, and ask for the one thing that is missing."""
    held = pieces(card.held, card.text)
    if card.state is ReportState.SUBMITTED and card.item:
        return Screen(f"Добавлено к отправленному отчёту по {item(card.item.number)}. Теперь в нём: {held}.")
    if card.item is None:
        return _which(card, held)
    where = _where(card)
    if card.rival is not None:
        return _rival(card, card.rival, held)
    if card.empty:
        return Screen(f"{where}\n\nПришлите текст, фото или документ.")
    text = [f"Принял: {where}"]
    if card.held:
        text.append(f"{held[0].upper()}{held[1:]}.")
    if card.text:
        text.append(f"<blockquote>{whole(card.text, 300)}</blockquote>")
    if card.figure is not None:
        text.append(asked(card.figure))
    if card.short is Short.DELETE:
        text.append(DELETING)
    return Screen("\n".join([*text, "", _ask(card)]), _draft_buttons(card))


def folded() -> Screen:
    """Say in the place of a card that a later one holds everything."""
    return Screen("Дополнено: всё вместе — в сообщении ниже. ⬇️")


def _where(card: DraftView) -> str:
    assert card.item is not None  # asked where the item is known
    place = f"{said(card.item.organisation, 40)}, " if card.with_place else ""
    return f"{place}<b>{item(card.item.number)}</b> {said(card.item.title)}"


def _ask(card: DraftView) -> str:
    if card.figure is not None and (card.figure.waits_for_base or card.figure.trouble is not None):
        return "Или отправьте на проверку как есть."
    if card.only_spoken:
        return "Добавьте, пожалуйста, одну строку текста: что сделано. Запись тоже останется в отчёте."
    return "Отправить на проверку?"


def _draft_buttons(card: DraftView) -> Keyboard:
    send = "Отправить без текста" if card.only_spoken else "Отправить на проверку"
    return column(
        button(send, Action.SUBMIT, card.report_id),
        *appeal_buttons(card),
        button("Это другой пункт", Action.REBIND, card.report_id),
        button("Удалить черновик", Action.DROP, card.report_id),
    )


def _rival(card: DraftView, rival: OnReview, held: str) -> Screen:
    """Offer to add what a second person of the organisation sent to the report that came first."""
    return Screen(
        f"По пункту {_where(card)} уже отправлен отчёт: {said(rival.author, 80)}, "
        f"{moment(rival.submitted_at, rival.time_zone)}.\n\n"
        f"Сохранил от вас: {held}. Дополнить тот отчёт?",
        rival_buttons(card.report_id),
    )


def rival_buttons(report_id: int) -> Keyboard:
    """Give what can be done with a draft about an item that is on review already."""
    return column(
        button("Дополнить отчёт", Action.SUPPLEMENT, report_id),
        button("Это другой пункт", Action.REBIND, report_id),
        button("Удалить черновик", Action.DROP, report_id),
    )


def _which(card: DraftView, held: str) -> Screen:
    with_place = len({found.organisation for found in card.candidates}) > 1
    choices = [
        button(
            f"{mark(found)} {label(found, with_place=with_place)}",
            Action.BIND,
            card.report_id,
            found.assignment_id,
        )
        for found in card.candidates[:PAGE]
    ]
    if card.short is Short.ALL and len(near(card.candidates)) > 1:
        choices.append(button("По всем этим пунктам", Action.BIND_ALL, card.report_id))
    choices.append(button("Удалить черновик", Action.DROP, card.report_id))
    more = f"\nПоказаны ближайшие {PAGE} из {len(card.candidates)}." if len(card.candidates) > PAGE else ""
    return Screen(f"Сохранил: {held}. К какому пункту это относится?{more}", column(*choices))


def all_of_them(card: DraftView) -> Screen:
    """Ask whether a draft is meant for each of the nearest open items."""
    meant = near(card.candidates)[:PAGE]
    listed_ = [f"• <b>{item(found.number)}</b> {said(found.title)}" for found in meant]
    return Screen(
        f"Отправить на проверку по {count(len(listed_), 'to_row')}?\n"
        + "\n".join(listed_)
        + f"\n\nВ каждом отчёте будет: <i>{said(card.text, 200)}</i>. Где нужны фото, документ или цифры, "
        "проверяющий может вернуть отчёт.",
        column(
            button("Да, отправить по всем", Action.ALL_SURE, card.report_id),
            button("Нет, выбрать один", Action.REBIND, card.report_id),
        ),
    )


def all_sent(cards: Sequence[DraftView]) -> Screen:
    """Say that reports about several items went to review."""
    sent = ", ".join(item(card.item.number) for card in cards if card.item)
    return Screen(f"✅ Отправлено на проверку: {count(len(cards), 'report')} ({sent}). Ответ придёт сюда.")


def submitted(card: DraftView) -> Screen:
    """Say that the report went to review; ask once about children where somebody can be seen.

    With somebody's first report comes what editing and deleting do.
    """
    held = pieces(card.held, card.text)
    where = f"{item(card.item.number)} {said(card.item.title)}" if card.item else ""
    text = f"✅ Отправлено на проверку: <b>{where}</b>\nВ отчёте: {held}. Ответ придёт сюда."
    if card.first:
        text += f"\n<i>{CHANGING}</i>"
    if card.children is not None:
        return Screen(f"{text}\n\n{CHILDREN[card.children]}")
    if not card.pictured:
        return Screen(text)
    return Screen(
        f"{text}\n\n👶 Есть ли на снимках дети?",
        column(
            *(
                button(words, Action.CHILDREN, card.report_id, place)
                for place, words in enumerate(CHILDREN_BUTTONS)
            )
        ),
    )


CHANGING = (
    "Исправите своё сообщение — проверяющий увидит обе версии. Удаление сообщений в чате отчёт не отменяет."
)
DELETING = (
    "🗑 Отправленный отчёт не удаляется: попросите координатора вернуть его. "
    "Неотправленный черновик удалит кнопка ниже."
)
CHILDREN_BUTTONS = ("Детей нет", "Есть, согласия собраны", "Есть, согласий нет")
CHILDREN = {
    Children.NONE: "👶 Записал: детей на снимках нет.",
    Children.CONSENTED: "👶 Записал: согласия собраны.",
    Children.WITHHELD: "👶 Записал: согласий нет. Снимки увидит только проверяющий, в выгрузках их не будет.",
}


def supplemented(card: DraftView) -> Screen:
    """Say that what was sent joined a colleague's report."""
    where = f"{item(card.item.number)} {said(card.item.title)}" if card.item else ""
    return Screen(f"✅ Дополнил отчёт: <b>{where}</b>\nТеперь в нём: {pieces(card.held, card.text)}.")


def dropped() -> Screen:
    """Say that a draft was put aside."""
    return Screen("Черновик удалён. Пункты, по которым ждём отчёт: /plan")


REVISED = {
    Revision.SENT: (
        "✏️ Исправление получено. Отчёт уже на проверке: это версия {version}, проверяющий увидит обе."
    ),
    Revision.STANDS: (
        "✏️ Отчёт уже принят, принятая версия остаётся. Проверяющему сказано о вашем исправлении."
    ),
    Revision.SET_ASIDE: (
        "✏️ Это сообщение больше не относится к отчёту. Если нужно что-то добавить, пришлите новым сообщением."
    ),
}


def revised(found: Revised) -> Screen | None:
    """Say what became of an edited message; a draft says it by its own card."""
    words = REVISED.get(found.revision)
    return Screen(words.format(version=found.version)) if words is not None else None


USED_UP = {
    Quota.WORDS: "В этом отчёте уже {most} сообщений. Отправьте его на проверку, а остальное начните новым.",
    Quota.REPORT: "В этом отчёте уже {most} фото и файлов: больше в один отчёт не войдёт.",
    Quota.PERSON: "За сутки от вас уже {most} фото и файлов: больше за день бот не примет.",
    Quota.ORGANISATION: "За сутки от вашей организации уже {most} фото и файлов, больше за день не принять.",
}


def used_up(found: UsedUp) -> Screen:
    """Say that no more is taken; what came before is kept."""
    return Screen(
        f"{USED_UP[found.quota].format(most=found.most)} Что пришло раньше, сохранено; это сообщение — нет. "
        "Можно прислать ссылку на альбом или архив одним текстом."
    )


def monthly(items: Sequence[ItemView], month: date, page: int) -> Screen:
    """Show the plan of one month: what is done, what is next."""
    months = sorted({found.due.replace(day=1) for found in items})
    if not months:
        return Screen("Для вас в планах пока ничего нет.")
    shown = min(max(month.replace(day=1), months[0]), months[-1])
    of_month = [found for found in items if found.due.replace(day=1) == shown]
    done = sum(found.state in DONE for found in of_month)
    with_place = len({found.organisation for found in items}) > 1
    text = [
        f"<b>Мои пункты: {month_name(shown)}</b>",
        f"Сделано {done} из {len(of_month)}." if of_month else "В этом месяце сроков нет.",
        "",
        *(planned_line(found, with_place=with_place) for found in page_of(of_month, page)),
    ]
    ahead = [found for found in items if found.state in OWED and found.due.replace(day=1) > shown]
    if ahead:
        text += ["", f"Дальше: {day(ahead[0].due)}, {item(ahead[0].number)} {said(ahead[0].title)}."]
    return Screen(
        "\n".join(text),
        answer_buttons(page_of(of_month, page), with_place=with_place)
        + pager(Action.MONTH, (_number(shown),), page, len(of_month))
        + _beside(months, shown)
        + column(button("Все открытые списком", Action.ITEMS, 0)),
    )


def planned_line(found: ItemView, *, with_place: bool) -> str:
    """Say an item of the plan in one line, a done one as well."""
    if found.state not in DONE:
        return line(found, with_place=with_place)
    place = f"{said(found.organisation, 40)}: " if with_place else ""
    return f"✅ {place}<b>{item(found.number)}</b> {said(found.title)} — {day(found.due)}, сделано"


def _beside(months: Sequence[date], shown: date) -> Keyboard:
    before = [month for month in months if month < shown]
    after = [month for month in months if month > shown]
    row = [
        *(button(f"‹ {month_name(month)}", Action.MONTH, _number(month), 0) for month in before[-1:]),
        *(button(f"{month_name(month)} ›", Action.MONTH, _number(month), 0) for month in after[:1]),
    ]
    return (tuple(row),) if row else ()


def _number(month: date) -> int:
    return month.year * 100 + month.month


def today(items: Sequence[ItemView]) -> Screen:
    """Say what is overdue or due this week, and nothing else."""
    near = [found for found in items if found.state in OWED and found.days_left <= SOON]
    with_place = len({found.organisation for found in items}) > 1
    if not near:
        return Screen(
            f"В ближайшие 7 дней сроков нет. {summary_lines(list(items))}",
            column(button("Мои пункты", Action.ITEMS, 0)),
        )
    text = ["<b>На сегодня</b>", "", *(line(found, with_place=with_place) for found in near[:PAGE])]
    if len(near) > PAGE:
        text.append(f"…и ещё {len(near) - PAGE}: /plan")
    return Screen("\n".join(text), answer_buttons(near[:PAGE], with_place=with_place))
