"""The approver's screens: preview, doubts, rows, parties, past dates, approval."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.assignments import ChangeKind
from models.roadmaps import PastChoice, PastDate
from services.approval import Approved, Doubt, DoubtKind
from services.drafts import DraftHead
from services.editing import Colleague, Touch, What
from services.preview import Preview
from views.actions import Action, button, column, page_of, pager
from views.changes import counted
from views.parties import party_line, party_name
from views.rows import DUTIES, DUTY_WORDS
from views.screen import Button, Keyboard, Screen
from views.words import count, day, item, moment, said

CHOICES = (PastChoice.DONE, PastChoice.REPORT, PastChoice.SILENT)
REMARK_WORDS = {
    "before_order": "срок закончился раньше, чем подписан приказ",
    "outside_period": "срок вне периода плана",
    "odd_week": "неделя начинается не с понедельника — возможно, год скопирован",
    "empty_year": "на год плана не приходится ни одного срока",
    "missing_annex": "приложение названо, но его нет в файле",
    "near_duplicate": "похож на другой пункт",
    "abbreviation": "сокращение не расшифровано или написано по-разному",
    "inverted": "начало срока позже конца",
    "no_deadline": "срок не указан",
    "no_executor": "исполнитель не указан",
    "unknown_deadline": "срок не понят",
    "repeated_number": "номер повторяется",
    "amends_unknown": "не найден план, который меняет приказ",
    "new_edition": "такой план уже утверждён",
    "unplaced_change": "приказ меняет пункт, которого бот не нашёл",
    "unworded_change": "приказ меняет в пункте отдельные слова",
}
TOUCH_WORDS = {
    What.DEADLINE: "срок",
    What.EXECUTORS: "исполнитель",
    What.TITLE: "название",
    What.RESULT: "результат",
    What.NUMBER: "номер",
    What.SECTION: "раздел",
    What.ANCHOR: "дата события",
    What.DUTY: "кто из исполнителей отчитывается",
    What.PARTY: "кого имеет в виду приказ",
    What.PAST: "прошедшие сроки",
    What.ROW: "добавлен пункт",
    What.BASE: "какой план меняет приказ",
    What.APPROVED: "план утверждён",
    What.DISCARDED: "план отложен",
}
DOUBT_WORDS = {
    DoubtKind.UNKNOWN_DEADLINE: "срок не понят",
    DoubtKind.ANCHOR: "нужна дата события",
    DoubtKind.PERIOD: "не назван период плана",
}


PASTED = "вставленный текст.txt"


def reading(file_name: str) -> Screen:
    """Say that a file has arrived and is being read."""
    return Screen(f"Получил «{said(file_name, 80)}», читаю. Обычно это занимает до минуты.")


def not_a_picture() -> Screen:
    """Say that a picture of an order is not read, and what to send."""
    return Screen(
        "Это снимок, а приказ бот читает только из файла с текстом. Пришлите файл Word, Excel или PDF, "
        "с которого приказ распечатали, или вставьте его текст в чат."
    )


def preview(found: Preview, colleagues: Sequence[Colleague] = ()) -> Screen:
    """Show the head of a draft, what is doubtful first, and where to go on."""
    head = found.head
    lines = [f"<b>{said(head.title, 300)}</b>"]
    if head.amended is not None:
        lines.insert(0, f"Изменения к плану, редакция {head.ordinal}")
    if head.issuer:
        signed = f" от {day(date.fromisoformat(head.dated))}" if head.dated else ""
        number = f" № {said(head.number, 40)}" if head.number else ""
        lines.append(f"{said(head.issuer, 150)}{signed}{number}")
    if head.period:
        start, end = (day(date.fromisoformat(one)) for one in head.period)
        lines.append(f"Период: {start} — {end}")
    if head.controller:
        lines.append(f"Контроль: {said(head.controller, 150)}")
    lines += ["", f"Прочитано: {count(head.rows, 'row')}. Часовой пояс: {said(head.time_zone)}."]
    if head.amended is not None:
        lines.append(f"Приказ меняет план: {counted(found.differences)}.")
    lines += _doubt_lines(found.doubts)
    lines += ["", "Кого имеет в виду приказ:"]
    lines += [f"• {party_line(party)}" for party in found.parties[:10]]
    if len(found.parties) > len(found.parties[:10]):
        lines.append(f"…и ещё {count(len(found.parties) - 10, 'executor')}")
    lines += _colleague_lines(colleagues, head.time_zone)
    return Screen("\n".join(lines), _preview_buttons(head, found.doubts))


def _colleague_lines(colleagues: Sequence[Colleague], zone: str) -> list[str]:
    """Say who else is at work on the draft, and what they changed last."""
    lines = [""] if colleagues else []
    for one in colleagues:
        last = ""
        if one.last is not None:
            last = f": {touch(one.last)} ({moment(one.last.at, zone)})"
        lines.append(f"👥 С планом работает ещё {said(one.name, 60)}{last}")
    return lines


def touch(made: Touch) -> str:
    """Say what of a draft somebody changed."""
    about = f"{item(made.number)}, " if made.number else ""
    return about + TOUCH_WORDS[made.what]


def shared(title: str, edition_id: int, made: Sequence[Touch]) -> Screen:
    """Tell whoever prepares the same draft what a colleague has changed."""
    lines = [f"👥 {said(made[0].by, 60)} тоже готовит план «{said(title, 150)}»:"]
    lines += [f"• {words}" for words in dict.fromkeys(touch(one) for one in made[-10:])]
    over = made[-1].what in (What.APPROVED, What.DISCARDED)
    return Screen("\n".join(lines), () if over else column(button("Открыть план", Action.ORDER, edition_id)))


def _doubt_lines(doubts: tuple[Doubt, ...]) -> list[str]:
    if not doubts:
        return ["", "✅ Вопросов не осталось, план можно утвердить."]
    lines = ["", "<b>До утверждения нужно ответить:</b>"]
    for doubt in doubts[:6]:
        if doubt.kind is DoubtKind.PARTY:
            lines.append(f"❓ кто такие «{party_name(doubt.text)}»")
        elif doubt.kind is DoubtKind.BASE:
            like = f": похож на «{said(doubt.text, 100)}»" if doubt.text else ""
            lines.append(f"❓ какой план меняет этот приказ, или это новый план{like}")
        elif doubt.kind is DoubtKind.CHANGE:
            lines.append(f"❓ приказ меняет {item(doubt.number)}, но такого пункта бот не нашёл")
        elif doubt.kind is DoubtKind.WORDING:
            lines.append(f"❓ приказ меняет в {item(doubt.number)} отдельные слова: исправьте пункт сами")
        elif doubt.kind is DoubtKind.PAST:
            lines.append(f"❓ {count(int(doubt.text), 'passed')} до утверждения: что с ними делать")
        else:
            lines.append(f"❓ {item(doubt.number)}: {DOUBT_WORDS[doubt.kind]} — «{said(doubt.text, 80)}»")
    if len(doubts) > len(doubts[:6]):
        lines.append(f"…и ещё {count(len(doubts) - 6, 'question')}")
    return lines


def _preview_buttons(head: DraftHead, doubts: tuple[Doubt, ...]) -> Keyboard:
    edition = head.edition_id
    elsewhere = (DoubtKind.PARTY, DoubtKind.PAST)
    rows = [_doubt_button(edition, doubt) for doubt in doubts if doubt.kind not in elsewhere]
    choices = [*rows[:4], button("Исполнители", Action.PARTIES, edition)]
    if any(doubt.kind is DoubtKind.PAST for doubt in doubts):
        choices.append(button("Прошедшие сроки", Action.PAST, edition, 0))
    if head.shared_rows:
        choices.append(button("Если исполнителей несколько", Action.DUTIES, edition))
    choices.append(button(f"Пункты: {head.rows}", Action.ROWS, edition, 0))
    if head.amended is not None:
        choices.append(button("Что меняет приказ", Action.CHANGES, edition, 0))
    if head.duties:
        choices.append(button(f"Поручения в тексте приказа: {head.duties}", Action.ORDER_DUTIES, edition))
    if head.remarks:
        choices.append(button(f"Замечания: {len(head.remarks)}", Action.REMARKS, edition, 0))
    if not doubts:
        choices.append(button("Репетиция: что и кому уйдёт", Action.REHEARSAL, edition, 0, 0))
        choices.append(button("✅ Утвердить", Action.APPROVE, edition))
    if head.has_source:
        choices.append(button("Исходный файл", Action.SOURCE, edition))
    choices.append(button("Отложить: не утверждать", Action.DISCARD, edition))
    return column(*choices)


def _doubt_button(edition: int, doubt: Doubt) -> Button:
    number = (doubt.number or "?").rstrip(".")
    if doubt.kind is DoubtKind.BASE:
        return button("Какой план меняет приказ", Action.BASES, edition)
    if doubt.kind is DoubtKind.WORDING:
        return button(f"п. {number}: изменение внесено", Action.REMARK_OK, edition, doubt.subject_id)
    if doubt.kind is DoubtKind.CHANGE:
        return button(f"п. {number}: оставить без изменений", Action.REMARK_OK, edition, doubt.subject_id)
    if doubt.kind is DoubtKind.ANCHOR:
        return button(f"п. {number}: указать дату события", Action.FIX_ANCHOR, doubt.subject_id)
    return button(f"п. {number}: исправить срок", Action.ROW, doubt.subject_id)


def duties(head: DraftHead) -> Screen:
    """Ask how several executors of a row share it."""
    return Screen(
        f"В приказе {count(head.shared_rows, 'row')} с несколькими исполнителями. Кто отчитывается?\n\n"
        "<b>Каждый</b> — отчёт нужен от каждой организации.\n"
        "<b>Любой</b> — достаточно одного отчёта на всех.\n"
        "<b>Первый</b> — отвечает тот, кто назван первым.\n\n"
        "Для отдельного пункта это можно изменить в списке пунктов.",
        column(
            *(
                button(DUTY_WORDS[duty].capitalize(), Action.DUTY_ALL, head.edition_id, index)
                for index, duty in enumerate(DUTIES)
            ),
            button("« К плану", Action.ORDER, head.edition_id),
        ),
    )


def remarks(edition_id: int, found: tuple[dict[str, Any], ...], page: int) -> Screen:
    """List what looks wrong in the order; nothing is changed by it."""
    lines = [f"<b>{count(len(found), 'remark').capitalize()} к приказу</b>", ""]
    for remark in page_of(found, page):
        about = item(remark["row"]) if remark["row"] else "План в целом"
        facts = ", ".join(said(str(value), 80) for value in remark["facts"].values())
        words = REMARK_WORDS.get(remark["code"], remark["code"])
        lines.append(f"• {about}: {words}" + (f" ({facts})" if facts else ""))
    lines += ["", "Бот ничего не меняет сам: как напечатано, так и останется."]
    return Screen(
        "\n".join(lines),
        pager(Action.REMARKS, (edition_id,), page, len(found))
        + column(button("« К плану", Action.ORDER, edition_id)),
    )


def past(edition_id: int, found: list[PastDate], report_by: date, page: int) -> Screen:
    """Ask what becomes of the control dates that have passed."""
    words = {
        PastChoice.DONE: "уже выполнено",
        PastChoice.REPORT: f"отчёт до {day(report_by)}",
        PastChoice.SILENT: "не спрашивать",
    }
    open_ones = sum(one.choice is None for one in found)
    lines = [
        f"<b>{count(len(found), 'passed').capitalize()} до утверждения</b>",
        f"Без решения: {open_ones}. Выберите для всех или нажмите пункт, чтобы решить отдельно.",
        "",
    ]
    shown = page_of(found, page)
    for one in shown:
        choice = f"<b>{words[one.choice]}</b>" if one.choice else "❓"
        lines.append(f"{item(one.activity.number)} {said(one.activity.title, 60)} — {day(one.due)}: {choice}")
    buttons = [
        button(f"Для всех: {words[choice]}", Action.PAST_ALL, edition_id, index)
        for index, choice in enumerate(CHOICES)
    ]
    buttons += [
        button(
            f"п. {(one.activity.number or '?').rstrip('.')}, {day(one.due)} → {words[_next(one.choice)]}"[
                :60
            ],
            Action.PAST_ONE,
            one.id,
            CHOICES.index(_next(one.choice)),
            page,
        )
        for one in shown
    ]
    return Screen(
        "\n".join(lines),
        column(*buttons)
        + pager(Action.PAST, (edition_id,), page, len(found))
        + column(button("« К плану", Action.ORDER, edition_id)),
    )


def _next(choice: PastChoice | None) -> PastChoice:
    if choice is None:
        return CHOICES[0]
    return CHOICES[(CHOICES.index(choice) + 1) % len(CHOICES)]


def confirm(head: DraftHead) -> Screen:
    """Ask once more before the ladder starts."""
    return Screen(
        f"Утвердить план «{said(head.title, 200)}»?\n\n{count(head.rows, 'row').capitalize()} станут "
        "поручениями, и исполнители начнут получать напоминания — каждый в свой срок, не чаще раза в день.",
        column(
            button("Да, утвердить", Action.APPROVE_SURE, head.edition_id),
            button("« К плану", Action.ORDER, head.edition_id),
        ),
    )


def approved(head: DraftHead, made: Approved) -> Screen:
    """Say what the approval made, and whom nobody can remind yet."""
    lines = [
        f"✅ План «{said(head.title, 200)}» утверждён.",
        (
            f"{count(made.rows, 'row').capitalize()} → {count(made.assignments, 'assignment')} "
            f"{count(made.organisations, 'to_organisations')}."
        ),
    ]
    if made.changes is not None:
        said_of = (
            (ChangeKind.ADDED, "новых"),
            (ChangeKind.MOVED, "перенесено"),
            (ChangeKind.WITHDRAWN, "снято"),
        )
        counts = ", ".join(f"{words}: {made.changes.get(kind, 0)}" for kind, words in said_of)
        lines.append(f"Этим приказом поручений {counts}; остальные без изменений. Каждому сказано своё.")
    if made.nobody_to_remind:
        names = ", ".join(said(name, 40) for name in made.nobody_to_remind[:12])
        lines.append(f"\n🔕 Некому напомнить: {names}. Пригласите людей: /invite.")
    else:
        lines.append("\nУ каждой организации есть кому напомнить.")
    return Screen(
        "\n".join(lines),
        column(button("Пригласить", Action.INVITES), button("Сводка", Action.STATUS)),
    )


def discarded() -> Screen:
    """Say that a draft was put aside."""
    return Screen("План отложен и никому не отправлен. Пришлите файл ещё раз, когда он понадобится.")
