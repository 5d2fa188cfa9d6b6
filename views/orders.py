"""The approver's screens: preview, doubts, rows, parties, past dates, approval."""

from datetime import date
from typing import Any

from models.organisations import Organisation, OrganisationKind
from models.roadmaps import Activity, Duty, PastChoice, PastDate
from services.approval import Approved, Doubt, DoubtKind
from services.drafts import DraftHead
from services.parties import PartyView
from views.actions import Action, button, column, page_of, pager
from views.deadlines import understood
from views.screen import Button, Keyboard, Screen
from views.words import count, day, item, said

DUTIES = (Duty.EACH, Duty.ANY, Duty.LEAD)
DUTY_WORDS = {
    Duty.EACH: "должен каждый",
    Duty.ANY: "достаточно любого",
    Duty.LEAD: "отвечает названный первым",
}
CHOICES = (PastChoice.DONE, PastChoice.REPORT, PastChoice.SILENT)
FOUNDED = (OrganisationKind.OFFICE, OrganisationKind.INSTITUTE, OrganisationKind.GROUP)
FOUNDED_WORDS = {
    OrganisationKind.OFFICE: "отдел",
    OrganisationKind.INSTITUTE: "учреждение",
    OrganisationKind.GROUP: "рабочая группа",
}
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
}
DOUBT_WORDS = {
    DoubtKind.UNKNOWN_DEADLINE: "срок не понят",
    DoubtKind.ANCHOR: "нужна дата события",
    DoubtKind.PERIOD: "не назван период плана",
}


def reading(file_name: str) -> Screen:
    """Say that a file has arrived and is being read."""
    return Screen(f"Получил «{said(file_name, 80)}», читаю. Обычно это занимает до минуты.")


def preview(head: DraftHead, doubts: tuple[Doubt, ...], parties: list[PartyView]) -> Screen:
    """Show the head of a draft, what is doubtful first, and where to go on."""
    lines = [f"<b>{said(head.title, 300)}</b>"]
    if head.issuer:
        signed = f" от {day(date.fromisoformat(head.dated))}" if head.dated else ""
        number = f" № {said(head.number, 40)}" if head.number else ""
        lines.append(f"{said(head.issuer, 150)}{signed}{number}")
    if head.period:
        start, end = (day(date.fromisoformat(one)) for one in head.period)
        lines.append(f"Период: {start} — {end}")
    lines += ["", f"Прочитано: {count(head.rows, 'row')}. Часовой пояс: {said(head.time_zone)}."]
    lines += _doubt_lines(doubts)
    lines += ["", "Кого имеет в виду приказ:"]
    lines += [f"• {party_line(party)}" for party in parties[:10]]
    return Screen("\n".join(lines), _preview_buttons(head, doubts))


def _doubt_lines(doubts: tuple[Doubt, ...]) -> list[str]:
    if not doubts:
        return ["", "✅ Вопросов не осталось, план можно утвердить."]
    lines = ["", "<b>До утверждения нужно ответить:</b>"]
    for doubt in doubts[:6]:
        if doubt.kind is DoubtKind.PARTY:
            lines.append(f"❓ кто такие «{party_name(doubt.text)}»")
        elif doubt.kind is DoubtKind.PAST:
            lines.append(f"❓ {count(int(doubt.text), 'passed')} до утверждения: что с ними делать")
        else:
            lines.append(f"❓ {item(doubt.number)}: {DOUBT_WORDS[doubt.kind]} — «{said(doubt.text, 80)}»")
    if len(doubts) > len(doubts[:6]):
        lines.append(f"…и ещё {count(len(doubts) - 6, 'question')}")
    return lines


def _preview_buttons(head: DraftHead, doubts: tuple[Doubt, ...]) -> Keyboard:
    rows = [_doubt_button(doubt) for doubt in doubts if doubt.kind not in (DoubtKind.PARTY, DoubtKind.PAST)]
    edition = head.edition_id
    choices = [*rows[:4], button("Исполнители", Action.PARTIES, edition)]
    if any(doubt.kind is DoubtKind.PAST for doubt in doubts):
        choices.append(button("Прошедшие сроки", Action.PAST, edition, 0))
    if head.shared_rows:
        choices.append(button("Если исполнителей несколько", Action.DUTIES, edition))
    choices.append(button(f"Пункты: {head.rows}", Action.ROWS, edition, 0))
    if head.remarks:
        choices.append(button(f"Замечания: {len(head.remarks)}", Action.REMARKS, edition, 0))
    if not doubts:
        choices.append(button("✅ Утвердить", Action.APPROVE, edition))
    choices.append(button("Отложить: не утверждать", Action.DISCARD, edition))
    return column(*choices)


def _doubt_button(doubt: Doubt) -> Button:
    number = (doubt.number or "?").rstrip(".")
    if doubt.kind is DoubtKind.ANCHOR:
        return button(f"п. {number}: указать дату события", Action.FIX_ANCHOR, doubt.subject_id)
    return button(f"п. {number}: исправить срок", Action.ROW, doubt.subject_id)


def party_name(name: str) -> str:
    """Name a party; the one of rows without executor has no words of its own."""
    return said(name, 80) if name else "исполнитель не указан"


def party_line(party: PartyView) -> str:
    """Say whom a party means."""
    if party.all_schools:
        meaning = "все школы"
    elif party.members:
        meaning = ", ".join(said(name, 40) for name in party.members[:4])
        meaning += f" и ещё {len(party.members) - 4}" if len(party.members) > 4 else ""  # noqa: PLR2004
    else:
        meaning = "❓ не указано"
    return f"«{party_name(party.name)}» — {meaning}"


def parties(edition_id: int, listed: list[PartyView]) -> Screen:
    """List the parties; each opens."""
    lines = ["<b>Исполнители в приказе</b>", "Нажмите, чтобы указать, кто это.", ""]
    lines += [f"• {party_line(party)} ({count(party.rows, 'row')})" for party in listed]
    buttons = [
        button(
            f"{'✓' if party.named else '❓'} {party.name or 'исполнитель не указан'}"[:60],
            Action.PARTY,
            party.party_id,
            0,
        )
        for party in listed[:40]
    ]
    return Screen("\n".join(lines)[:4000], column(*buttons, button("« К плану", Action.ORDER, edition_id)))


def party(edition_id: int, view: PartyView, places: list[Organisation], schools: int, page: int) -> Screen:
    """Ask whom a party means: every school, organisations of the list, or a new one of this name."""
    buttons = [
        button(f"{'✓ ' if view.all_schools else ''}Все школы: {schools}", Action.PARTY_ALL, view.party_id)
    ]
    buttons += [
        button(
            f"{'✓ ' if place.id in view.member_ids else ''}{place.short_name}"[:60],
            Action.PARTY_MEMBER,
            view.party_id,
            place.id,
        )
        for place in page_of(places, page)
    ]
    if view.name and not view.named:
        buttons += [
            button(f"Новая организация: {FOUNDED_WORDS[kind]}", Action.PARTY_FOUND, view.party_id, index)
            for index, kind in enumerate(FOUNDED)
        ]
    return Screen(
        f"<b>«{party_name(view.name)}»</b> — {count(view.rows, 'row')}.\n\nКого имеет в виду приказ? "
        f"Можно отметить несколько организаций.\nСейчас: {party_line(view)}",
        column(*buttons)
        + pager(Action.PARTY, (view.party_id,), page, len(places))
        + column(button("« К исполнителям", Action.PARTIES, edition_id)),
    )


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


def rows(edition_id: int, activities: list[Activity], page: int) -> Screen:
    """List the rows of a draft, each with its date as understood."""
    shown = page_of(activities, page)
    lines = ["<b>Пункты плана</b>", ""]
    for activity in shown:
        lines.append(f"<b>{item(activity.number)}</b> {said(activity.title)}")
        lines.append(f"    «{said(activity.deadline_text, 60)}» → {understood(activity.deadlines)}")
    buttons = [
        button(f"п. {(activity.number or '?').rstrip('.')}", Action.ROW, activity.id) for activity in shown
    ]
    half = len(buttons) // 2
    return Screen(
        "\n".join(lines),
        (
            *(row for row in (tuple(buttons[:half]), tuple(buttons[half:])) if row),
            *pager(Action.ROWS, (edition_id,), page, len(activities)),
            (button("« К плану", Action.ORDER, edition_id),),
        ),
    )


def row(activity: Activity, dates: list[date], *, shared: bool) -> Screen:
    """Show one row: what is printed, what was understood, and what can be changed."""
    lines = [
        f"<b>{item(activity.number)}</b> {said(activity.title, 600)}",
        "",
        f"В приказе: «{said(activity.deadline_text, 200)}»",
        f"Понято: {understood(activity.deadlines)}",
        "Контрольные сроки: "
        + (", ".join(day(one) for one in dates[:8]) or "—")
        + (f" и ещё {len(dates) - 8}" if len(dates) > 8 else ""),  # noqa: PLR2004
        f"Исполнители: «{said(activity.responsible_text, 200)}»",
    ]
    if activity.expected_result:
        lines.append(f"Результат: «{said(activity.expected_result, 300)}»")
    buttons = [button("Исправить срок", Action.FIX_DEADLINE, activity.id)]
    if any(deadline["kind"] == "relative" for deadline in activity.deadlines):
        buttons.append(button("Указать дату события", Action.FIX_ANCHOR, activity.id))
    buttons.append(button("Без даты: спрашивать раз в квартал", Action.NO_DEADLINE, activity.id))
    if shared:
        lines.append(f"Несколько исполнителей: {DUTY_WORDS[activity.duty]}")
        buttons += [
            button(DUTY_WORDS[duty].capitalize(), Action.DUTY_ROW, activity.id, index)
            for index, duty in enumerate(DUTIES)
            if duty is not activity.duty
        ]
    buttons.append(button("« К плану", Action.ORDER, activity.edition_id))
    return Screen("\n".join(lines), column(*buttons))


def ask_deadline(activity: Activity) -> Screen:
    """Ask for the date of a row in words."""
    return Screen(
        f"{item(activity.number)}: напишите срок, как в приказе. Например: «до 15 сентября 2026 года», "
        "«ежеквартально до 5 числа», «сентябрь — декабрь 2026».",
        placeholder="до 15 сентября 2026 года",
    )


def ask_anchor(activity: Activity) -> Screen:
    """Ask for the day of the event a date counts from."""
    anchor = next((one["anchor"] for one in activity.deadlines if one["kind"] == "relative"), "событие")
    return Screen(
        f"{item(activity.number)}: когда произошло или произойдёт событие «{said(anchor, 120)}»? "
        "Напишите дату, например: 25.09.2026.",
        placeholder="25.09.2026",
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


def drafts(heads: list[DraftHead]) -> Screen:
    """List the plans in preparation."""
    if not heads:
        return Screen("Приказов в подготовке нет. Чтобы начать, пришлите приказ файлом docx или txt.")
    return Screen(
        "<b>Приказы в подготовке</b>",
        column(*(button(head.title[:60], Action.ORDER, head.edition_id) for head in heads[:20])),
    )
